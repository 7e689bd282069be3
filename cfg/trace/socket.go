package trace

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg"
)

// Socket is where a request comes in. The zero value stands for the script's
// first TLS socket, or its first one if none is for TLS.
type Socket struct {
	Proto   string // lower case, such as "tls"
	Address netip.AddrPort
}

// ports are those of sockets without one.
var ports = map[string]uint16{"udp": 5060, "tcp": 5060, "sctp": 5060, "tls": 5061, "ws": 80, "wss": 443}

// UnmarshalText reads a socket such as tls:192.0.2.10:5061. The port may be
// missing.
func (s *Socket) UnmarshalText(text []byte) error {
	proto, rest, _ := strings.Cut(string(text), ":")
	proto = strings.ToLower(proto)
	port, known := ports[proto]
	if address, err := netip.ParseAddrPort(rest); known && err == nil {
		*s = Socket{proto, address}
		return nil
	}
	ip, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(rest, "["), "]"))
	if !known || err != nil {
		return fmt.Errorf("expected PROTOCOL:IP:PORT, such as tls:192.0.2.10:5061, found %q", text)
	}
	*s = Socket{proto, netip.AddrPortFrom(ip, port)}
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (s Socket) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func (s Socket) String() string { return s.Proto + ":" + s.Address.String() }

// hasTLS reports whether connections of the socket have a TLS domain.
func (s Socket) hasTLS() bool { return s.Proto == "tls" || s.Proto == "wss" }

// defaultSocket is the one of the script that stands for none. Notes say what is
// taken for granted.
func defaultSocket(config *cfg.Config) (s Socket, notes []string, err error) {
	if len(config.Listeners) == 0 {
		return s, nil, fmt.Errorf("%s has no listen statement: say on which socket the request comes in", config.Name)
	}
	l := config.Listeners[0]
	for _, other := range config.Listeners {
		if other.Proto == "tls" {
			l = other
			break
		}
	}
	if address, ok := l.Address(); ok {
		return Socket{l.Proto, address}, nil, nil
	}
	if l.Host == "*" {
		s = Socket{l.Proto, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), l.Port)}
		return s, []string{fmt.Sprintf("listen=%s:*:%d stands for every address of the machine, and 127.0.0.1 is taken", l.Proto, l.Port)}, nil
	}
	return s, nil, fmt.Errorf("%v: listen=%s:%s:%d: the address of %q is not looked up: say on which socket the request comes in",
		l.At.Start, l.Proto, l.Host, l.Port, l.Host)
}

// isListened reports whether the script may have the socket: names and interfaces
// may stand for any address.
func isListened(config *cfg.Config, s Socket) bool {
	for _, l := range config.Listeners {
		address, fixed := l.Address()
		if l.Proto == s.Proto && l.Port == s.Address.Port() && (!fixed || address == s.Address) {
			return true
		}
	}
	return false
}
