package route

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
)

// self is what this server is called: its sockets, aliases and domains.
type self struct {
	names map[string][]uint16 // the ports of a name in lower case; 0 for any
	any   []uint16            // ports of the sockets on every address
}

func selfOf(c *cfg.Config, domains []string) self {
	s := self{names: map[string][]uint16{}}
	for _, l := range c.Listeners {
		if l.Host == "*" {
			s.any = append(s.any, l.Port)
		} else {
			s.add(l.Host, l.Port)
		}
		if l.Advertised != "" {
			s.add(l.Advertised, l.AdvertisedPort)
		}
	}
	for _, a := range c.Aliases {
		s.add(a.Host, a.Port)
	}
	for _, d := range domains {
		s.add(d, 0)
	}
	return s
}

func (s *self) add(host string, port uint16) {
	name := hostKey(host)
	s.names[name] = append(s.names[name], port)
}

// hostKey is a host as names are compared: addresses in their one form, names in
// lower case.
func hostKey(host string) string {
	if ip, ok := address(host); ok {
		return ip.String()
	}
	return strings.ToLower(host)
}

// address is a host that is an IP address, which may stand in brackets.
func address(host string) (netip.Addr, bool) {
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if !strings.Contains(host, ":") && (host == "" || host[0] < '0' || host[0] > '9') {
		return netip.Addr{}, false // which is what most hosts are, and fails late
	}
	ip, err := netip.ParseAddr(host)
	return ip.Unmap(), err == nil
}

// is reports whether a host is this server. Port 0 is any. A socket on every
// address is taken to have those of the loopback only, since the machine of the
// server is not looked at.
func (s *self) is(host string, port uint16) bool {
	for _, own := range s.names[hostKey(host)] {
		if own == 0 || port == 0 || own == port {
			return true
		}
	}
	if ip, ok := address(host); ok && ip.IsLoopback() {
		for _, own := range s.any {
			if port == 0 || own == port {
				return true
			}
		}
	}
	return false
}

// sipPort is the port of a URI without one.
const sipPort = 5060

// uris are the operands that are URIs, taken apart; nil for one that cannot be read.
var uris = map[string]func(*pv.Scope) *sipmsg.URI{
	"uri": (*pv.Scope).RequestURI, "from_uri": (*pv.Scope).FromURI, "to_uri": (*pv.Scope).ToURI,
}

// uriIsMyself compares a URI of the message with myself, by its host and port; nil
// for an operand that is no URI.
func uriIsMyself(op, name string, text func(*run) (string, bool)) condition {
	parsed := uris[name]
	if parsed == nil {
		return nil
	}
	return func(r *run) truth {
		if r.tracer != nil {
			v, ok := text(r)
			r.readOperand(name, v, ok)
		}
		u := parsed(r.scope)
		if u == nil {
			return truthError
		}
		return truthOf(r.program.self.is(u.Host, portOr(u.Port, sipPort)) == (op == "=="))
	}
}

// portOr is a port as it is written, or another if it is not.
func portOr(text string, otherwise uint16) uint16 {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		return otherwise
	}
	return uint16(n)
}
