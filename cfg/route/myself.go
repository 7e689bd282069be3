package route

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg"
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
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().String()
	}
	return strings.ToLower(host)
}

// is reports whether a host is this server. Port 0 is any. A socket on every
// address is taken to have those of the loopback only, since the machine of the
// server is not looked at.
func (s *self) is(host string, port uint16) bool {
	key := hostKey(host)
	for _, own := range s.names[key] {
		if own == 0 || port == 0 || own == port {
			return true
		}
	}
	if ip, err := netip.ParseAddr(key); err == nil && ip.IsLoopback() {
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

// uriIsMyself compares a URI of the message with myself, by its host and port.
func (c *compiler) uriIsMyself(op string, text func(*run) (string, bool)) condition {
	return func(r *run) truth {
		v, ok := text(r)
		r.readOperand("uri", v, ok)
		if !ok {
			return truthError
		}
		u, err := sipmsg.ParseURI(v)
		if err != nil {
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
