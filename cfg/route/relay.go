package route

import (
	"net/netip"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
)

// Relay is the decision where a request goes.
type Relay struct {
	At       Position `json:"at"`
	Function string   `json:"function"`
	// From says where the destination was found.
	From  RelaySource `json:"from"`
	URI   string      `json:"uri,omitempty"`   // that was looked at
	Proto string      `json:"proto"`           // lower case
	Why   string      `json:"why,omitempty"`   // why that protocol
	Host  string      `json:"host"`            // as it is written
	Port  uint16      `json:"port"`            // that of the protocol if none is written
	TLS   bool        `json:"tls"`             // whether a client domain is used
	AVP   string      `json:"avp,omitempty"`   // the value of the client_domain_avp, where TLS is set
	Error string      `json:"error,omitempty"` // why there is no destination
	// Client is the client domain, nil if there is none or none was looked for.
	Client *Client `json:"client,omitempty"`
	// IfTLS is the client domain if DNS records, which are not looked up, lead to
	// TLS; nil where they are not asked.
	IfTLS *Client `json:"if_tls,omitempty"`
	// Notes are what the decision leaves open.
	Notes []string `json:"notes,omitempty"`

	open bool // DNS says which protocol it is
}

// RelaySource is where a destination was found.
type RelaySource string

// The sources, in the order in which they are looked at.
const (
	FromArgument    RelaySource = "argument"
	FromDestination RelaySource = "$du"
	FromRequestURI  RelaySource = "$ru"
)

// Ports of protocols without one in the URI.
var protocolPorts = map[string]uint16{"tls": 5061, "ws": 80, "wss": 443}

// overTLS are the protocols that have a TLS connection.
var overTLS = map[string]bool{"tls": true, "wss": true}

// relay is t_relay and forward. Of two arguments, one is flags.
func relay(r *run, site *callSite, args []pv.Value) int {
	for _, a := range args {
		if text := textOf(a); isDestination(text) {
			return r.relayTo(site, text)
		}
	}
	return r.relayByURI(site)
}

// isDestination tells a destination from flags, which are a number in 2.x and words
// with hyphens in 3.x.
func isDestination(text string) bool {
	if strings.ContainsAny(text, ".:") {
		return true
	}
	_, isNumber := numberOf(pv.TextValue(text))
	return text != "" && !isNumber && !strings.ContainsAny(text, "-,")
}

func sendTo(r *run, site *callSite, args []pv.Value) int {
	return r.relayTo(site, textOf(arg(args, 0)))
}

// relayTo is a relay to proto:host:port, where protocol and port may be missing,
// or to a URI.
func (r *run) relayTo(site *callSite, text string) int {
	d := Relay{From: FromArgument, URI: text, Proto: "udp"}
	lowered := strings.ToLower(text)
	if strings.HasPrefix(lowered, "sip:") || strings.HasPrefix(lowered, "sips:") {
		return r.relayURI(site, d)
	}
	host, port := splitPort(text)
	if proto, rest, ok := strings.Cut(text, ":"); ok && isProtocol(proto) {
		d.Proto, d.Why = strings.ToLower(proto), "the argument names it"
		host, port = splitPort(rest)
	}
	d.Host = host
	return r.relayKnown(site, d, port)
}

var protocols = map[string]bool{"udp": true, "tcp": true, "tls": true, "sctp": true, "ws": true, "wss": true}

func isProtocol(text string) bool { return protocols[strings.ToLower(text)] }

// relayByURI is a relay to $du, or else to the request URI.
func (r *run) relayByURI(site *callSite) int {
	if uri := r.scope.Request.Destination; uri != "" {
		return r.relayURI(site, Relay{From: FromDestination, URI: uri})
	}
	return r.relayURI(site, Relay{From: FromRequestURI, URI: r.scope.CurrentURI()})
}

func (r *run) relayURI(site *callSite, d Relay) int {
	u, err := sipmsg.ParseURI(d.URI)
	if err != nil || u.Host == "" {
		d.Error = "the URI has no host"
		if err != nil {
			d.Error = err.Error()
		}
		return r.decide(site, d)
	}
	d.Host = u.Host
	if maddr, ok := u.Param("maddr"); ok && maddr != "" {
		d.Host = maddr
		d.Notes = append(d.Notes, "the host is that of the parameter maddr")
	}
	transport, given := u.Param("transport")
	secure := strings.EqualFold(u.Scheme, "sips")
	switch {
	case secure && (!given || strings.EqualFold(transport, "tcp")):
		d.Proto, d.Why = "tls", "the URI is a sips one"
	case given:
		d.Proto, d.Why = strings.ToLower(transport), "the URI has the parameter transport"
	default:
		d.Proto = "udp"
		if _, ok := address(d.Host); !ok && u.Port == "" {
			d.open = true
			d.Notes = append(d.Notes, "NAPTR and SRV records, which may name another protocol and port, are not looked up")
		}
	}
	return r.relayKnown(site, d, u.Port)
}

// relayKnown goes on where protocol and host are known.
func (r *run) relayKnown(site *callSite, d Relay, port string) int {
	switch {
	case d.Host == "":
		d.Error = "there is no host"
		return r.decide(site, d)
	case !isProtocol(d.Proto):
		d.Error = "unknown protocol " + quoted(d.Proto)
		return r.decide(site, d)
	}
	otherwise := protocolPorts[d.Proto]
	if otherwise == 0 {
		otherwise = sipPort
	}
	d.Port = portOr(port, otherwise)
	switch d.TLS = overTLS[d.Proto]; {
	case d.TLS:
		d.Client = r.client(&d, d.Port)
	case d.open:
		d.IfTLS = r.client(&d, protocolPorts["tls"])
	}
	return r.decide(site, d)
}

// client finds the client domain: by the name in the AVP, by the address of the
// destination, else the default one.
func (r *run) client(d *Relay, port uint16) *Client {
	if avp := r.program.clientAVP; avp != nil {
		d.AVP = textOf(r.get(avp))
	}
	destination := netip.AddrPort{}
	if ip, ok := address(d.Host); ok {
		destination = netip.AddrPortFrom(ip, port)
	} else {
		d.Notes = append(d.Notes, "the host name is not looked up, so that no domain is found by its address")
	}
	if r.env.Clients == nil {
		return nil
	}
	found, ok := r.env.Clients.FindClient(d.AVP, destination)
	if !ok {
		return nil
	}
	return &found
}

// decide records the decision. Its code is that of a relay that works, or of one
// without a destination.
func (r *run) decide(site *callSite, d Relay) int {
	d.At, d.Function = positionOf(site.at), site.name
	record(&r.result.Relays, d)
	if r.tracer != nil {
		r.trace(site.site, len(r.reads), Event{Kind: KindRelay, Relay: &d})
	}
	if d.Error != "" {
		r.warn(site.site, "%s: %s", site.name, d.Error)
		return codeFalse
	}
	return codeOK
}

// clientAVP compiles the variable that names the client domain.
func (c *compiler) clientAVP() {
	if name, ok := cfg.AVPOf(c.config.TLS.ClientDomainAVP); ok {
		at := c.config.File.Statements[0]
		c.program.clientAVP = c.compiledText(at, "$avp("+name+")")
	}
}
