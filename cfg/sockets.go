package cfg

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// builtinPorts are the ports of sockets without one, where it is not 5060 (as
// 2.4 has them).
var builtinPorts = map[string]uint16{
	"tls": 5061, "ws": 80, "wss": 443, "bin": 5555, "hep_udp": 5656, "hep_tcp": 5656, "smpp": 2775,
}

const sipPort = 5060

// defaultPort is the port of a socket without one: the parameter such as
// tls_port of its module, wherever the script sets it, or the built-in one.
func (in *interpreter) defaultPort(proto string) uint16 {
	module := protocolModule(proto)
	if p := in.Param(module, strings.TrimPrefix(module, "proto_")+"_port"); p != nil && p.Value.IsInt {
		return uint16(p.Value.Int)
	}
	if port, ok := builtinPorts[proto]; ok {
		return port
	}
	return sipPort
}

// resolvePorts fills in the ports that a listener leaves out.
func (in *interpreter) resolvePorts(l *Listener) {
	if !l.hasPort {
		l.Port = in.defaultPort(l.Proto)
	}
	if l.Advertised != "" && l.AdvertisedPort == 0 {
		l.AdvertisedPort = l.Port
	}
}

// portOf is a port as the server takes it: modulo 65536.
func portOf(p *parser.Port) uint16 {
	if p == nil {
		return 0
	}
	return uint16(p.Number)
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
	all := in.catalogue.Core().Protocols
	if slices.Contains(all, proto) {
		return proto, true
	}
	plain := "unknown protocol " + diag.Quote(name.Name)
	a := in.advice.about(topic{kind: catalogue.KindProtocol, name: proto}, plain, func(a advice) advice {
		if versions := catalogue.History(catalogue.KindProtocol, "", proto); !versions.IsEmpty() {
			a.message = otherVersion(fmt.Sprintf("protocol %q", proto), versions, in.Version)
			return a
		}
		if a = a.nearest(proto, "%q", all); a.help == "" {
			a.help = "a socket is written proto:host:port, with one of " + strings.Join(all, ", ")
		}
		return a
	})
	in.report(ruleProtocol, name, "%s", a.message).Help = a.help
	return proto, false
}

func (in *interpreter) listen(s *parser.Listen) {
	l := &Listener{Host: hostText(s.Socket.Host), Port: portOf(s.Socket.Port), Anycast: s.Anycast, At: in.span(s), hasPort: s.Socket.Port != nil}
	var known bool
	l.Proto, known = in.protocol(s.Socket.Proto)
	in.host(s.Socket.Host)
	if a := s.Advertised; a != nil {
		in.host(a.Host)
		l.Advertised, l.AdvertisedPort = hostText(a.Host), portOf(a.Port)
	}
	if s.Children != nil {
		l.Processes = int(s.Children.Int())
	}
	if !known {
		in.lost.sockets = true
		return
	}
	in.Listeners = append(in.Listeners, l)
	if _, isIP := s.Socket.Host.(*parser.IP); !isIP && l.Host != "*" {
		in.hostName(s.Socket.Host, l)
	}
}

// hostName notices a listener whose address only the server's machine knows.
func (in *interpreter) hostName(n parser.Node, l *Listener) {
	if _, isAddress := l.Address(); !isAddress {
		in.report(ruleHostName, n, "%s is taken for a host name or an interface and not looked up", diag.Quote(l.Host)).
			Help = "write the address to have it checked against the server domains"
	}
}

func (in *interpreter) alias(s *parser.Alias) {
	for _, name := range s.Names {
		a := &Alias{Host: hostText(name.Host), Port: portOf(name.Port), At: in.span(name)}
		if name.Proto != nil && name.Proto.Name != "any" {
			a.Proto, _ = in.protocol(name.Proto)
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
	if _, fromModules := in.catalogue.Module("proto_udp"); !fromModules {
		return
	}
	loaded := slices.ContainsFunc(in.Modules, func(m *Module) bool { return strings.HasPrefix(m.Name, "proto_") })
	switch {
	case in.lost.transport(), in.lost.sockets:
		// told already
	case !loaded:
		in.report(ruleNoTransport, in.top(), "no transport protocol is loaded").
			Help = `load at least one protocol, such as loadmodule "proto_udp.so"`
	case len(in.Listeners) == 0:
		in.report(ruleNoTransport, in.top(), "no socket to listen on").
			Help = "add at least one, such as " + in.socketKeyword() + "=udp:*:5060"
	}
	for _, s := range in.File.Statements {
		if listen, ok := s.(*parser.Listen); ok {
			in.protocolModule(listen.Socket)
		}
	}
}

func (in *interpreter) socketKeyword() string {
	if in.catalogue.Has(catalogue.SocketStatement) {
		return "socket"
	}
	return "listen"
}

// protocolModule reports a socket whose protocol no loaded module handles.
func (in *interpreter) protocolModule(s *parser.Socket) {
	proto := strings.ToLower(s.Proto.Name)
	module := protocolModule(proto)
	missing := cause{catalogue.KindModule, module}
	known := slices.Contains(in.catalogue.Core().Protocols, proto)
	if !known || in.Loaded(module) != nil || in.lost.modules[module] || in.met(missing) {
		return
	}
	in.report(ruleNoProtocolModule, s, "no module handles the protocol %q of this socket", proto).
		Help = fmt.Sprintf("add loadmodule \"%s.so\"", module)
	in.because(missing)
}

// top is the start of the script, for what has no place.
func (in *interpreter) top() parser.Node {
	at := in.File.Sources.All()[0].Base()
	return &parser.Empty{Extent: parser.Extent{From: at, To: at}}
}
