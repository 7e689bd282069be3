package cfg

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
)

// protocolPorts are the ports of sockets without one.
var protocolPorts = map[string]uint16{"tls": 5061, "ws": 80, "wss": 443, "bin": 5555, "smpp": 2775}

const sipPort = 5060

func portOf(proto string, port *parser.Port) uint16 {
	if port != nil {
		return uint16(port.Number) // as the server does: modulo 65536
	}
	if p, ok := protocolPorts[proto]; ok {
		return p
	}
	return sipPort
}

func hostText(h parser.Host) string {
	switch h := h.(type) {
	case *parser.IP:
		return h.Text
	case *parser.HostName:
		return h.Name
	case *parser.String:
		return h.Value()
	case *parser.AnyHost:
		return "*"
	}
	return ""
}

// protocol reports a protocol that the version does not know. Their names are
// compared without regard to case.
func (in *interpreter) protocol(name *parser.Ident) (proto string, known bool) {
	proto = strings.ToLower(name.Name)
	if slices.Contains(in.catalogue.Core().Protocols, proto) {
		return proto, true
	}
	versions := catalogue.History(catalogue.KindProtocol, "", proto)
	if !versions.IsEmpty() {
		in.report(ruleProtocol, name, "%s", in.otherVersion(fmt.Sprintf("protocol %q", proto), versions))
		return proto, false
	}
	f := in.report(ruleProtocol, name, "unknown protocol %q", name.Name)
	if near := catalogue.Nearest(proto, in.catalogue.Core().Protocols); near != "" {
		f.Help = fmt.Sprintf("did you mean %q", near)
	} else {
		f.Help = "a socket is written proto:host:port, with one of " + strings.Join(in.catalogue.Core().Protocols, ", ")
	}
	return proto, false
}

func (in *interpreter) socket(s *parser.Socket) (proto, host string, port uint16, ok bool) {
	proto, ok = in.protocol(s.Proto)
	in.host(s.Host)
	return proto, hostText(s.Host), portOf(proto, s.Port), ok
}

func (in *interpreter) listen(s *parser.Listen) {
	l := &Listener{At: in.span(s)}
	var ok bool
	l.Proto, l.Host, l.Port, ok = in.socket(s.Socket)
	if a := s.Advertised; a != nil {
		in.host(a.Host)
		l.Advertised = fmt.Sprintf("%s:%d", hostText(a.Host), portOf("", a.Port))
	}
	if s.Children != nil {
		l.Processes = int(s.Children.Int())
	}
	if !ok {
		return
	}
	in.Listeners = append(in.Listeners, l)
	if _, err := netip.ParseAddr(l.Host); err != nil && l.Host != "*" {
		in.report(ruleHostName, s.Socket.Host, "%q is taken for a host name or an interface and not looked up", l.Host).
			Help = "write the address to have it checked against the server domains"
	}
}

func (in *interpreter) alias(s *parser.Alias) {
	for _, name := range s.Names {
		a := &Alias{Host: hostText(name.Host), At: in.span(name)}
		if name.Proto != nil && name.Proto.Name != "any" {
			a.Proto, _ = in.protocol(name.Proto)
		}
		if name.Port != nil {
			a.Port = uint16(name.Port.Number)
		}
		in.host(name.Host)
		in.Aliases = append(in.Aliases, a)
	}
}

// protocolModules are the modules of the protocols that are not named after
// theirs.
var protocolModules = map[string]string{"hep_udp": "proto_hep", "hep_tcp": "proto_hep"}

func protocolModule(proto string) string {
	if m, ok := protocolModules[proto]; ok {
		return m
	}
	return "proto_" + proto
}

// transports checks that each listener has the module of its protocol, as 2.x
// does when all is read; 1.11 has the protocols in its core.
func (in *interpreter) transports() {
	if catalogue.History(catalogue.KindModule, "", "proto_udp").Since() > in.Version {
		return
	}
	switch loaded := slices.ContainsFunc(in.Modules, func(m *Module) bool { return strings.HasPrefix(m.Name, "proto_") }); {
	case !loaded && !in.failedTransport():
		in.report(ruleNoTransport, in.top(), "no transport protocol is loaded").
			Help = `load at least one protocol, such as loadmodule "proto_udp.so"`
	case len(in.Listeners) == 0 && !in.failed["listen"]:
		in.report(ruleNoTransport, in.top(), "no socket to listen on").
			Help = "add at least one, such as listen=udp:*:5060"
	}
	for _, s := range in.File.Statements {
		if listen, ok := s.(*parser.Listen); ok {
			in.protocolModule(listen.Socket)
		}
	}
}

// protocolModule reports a socket whose protocol no loaded module handles.
func (in *interpreter) protocolModule(s *parser.Socket) {
	proto := strings.ToLower(s.Proto.Name)
	module := protocolModule(proto)
	known := slices.Contains(in.catalogue.Core().Protocols, proto)
	if !known || in.Loaded(module) != nil || in.failed["module "+module] {
		return
	}
	in.report(ruleNoProtocolModule, s, "no module handles the protocol %q of this socket", proto).
		Help = fmt.Sprintf("add loadmodule \"%s.so\"", module)
}

func (in *interpreter) failedTransport() bool {
	for what := range in.failed {
		if strings.HasPrefix(what, "module proto_") {
			return true
		}
	}
	return false
}

// top is the start of the script, for what has no place.
func (in *interpreter) top() parser.Node {
	at := in.File.Sources.All()[0].Base()
	return &parser.Empty{Extent: parser.Extent{From: at, To: at}}
}
