package live

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Binding says where to listen in place of an address of the script, beside a
// server that has it already or on a machine that does not have it.
type Binding struct {
	// From is the address of the script. One that is not valid stands for every
	// address, a port of 0 for every port.
	From netip.AddrPort
	// To takes its place; a port of 0 keeps the script's, with the offset.
	To netip.AddrPort
}

// ParseBinding reads FROM=TO, each IP:port or an IP alone; FROM may be * or
// *:port.
func ParseBinding(text string) (Binding, error) {
	from, to, ok := strings.Cut(text, "=")
	if !ok {
		return Binding{}, fmt.Errorf("expected FROM=TO, such as 192.0.2.10:5061=127.0.0.1:15061, found %q", text)
	}
	var b Binding
	var err error
	if b.From, err = parseFrom(from); err != nil {
		return Binding{}, err
	}
	b.To, err = parseAddress(to)
	return b, err
}

// UnmarshalText reads what [ParseBinding] reads.
func (b *Binding) UnmarshalText(text []byte) (err error) {
	*b, err = ParseBinding(string(text))
	return err
}

func parseFrom(text string) (netip.AddrPort, error) {
	host, port, hasPort := strings.Cut(text, ":")
	switch {
	case host != "*":
		return parseAddress(text)
	case !hasPort:
		return netip.AddrPort{}, nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return netip.AddrPort{}, fmt.Errorf("expected a port after %q, found %q", "*:", port)
	}
	return netip.AddrPortFrom(netip.Addr{}, uint16(n)), nil
}

func parseAddress(text string) (netip.AddrPort, error) {
	if a, err := netip.ParseAddrPort(text); err == nil {
		return a, nil
	}
	ip, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("expected IP:port or an IP, found %q", text)
	}
	return netip.AddrPortFrom(ip, 0), nil
}

// matches reports whether the binding is for an address of the script.
func (b Binding) matches(script netip.AddrPort) bool {
	from, ip := b.From.Addr().Unmap(), script.Addr().Unmap()
	every := from.IsValid() && from.IsUnspecified() && ip.IsUnspecified() // of either family
	return (!from.IsValid() || from == ip || every) && (b.From.Port() == 0 || b.From.Port() == script.Port())
}

// bound is where to listen for an address of the script: what the first binding
// for it says. An offset that leaves nothing of the port stands for any free one.
func bound(script netip.AddrPort, bindings []Binding, portOffset int) (netip.AddrPort, error) {
	bind := netip.AddrPortFrom(script.Addr(), 0)
	for _, b := range bindings {
		if b.matches(script) {
			bind = b.To
			break
		}
	}
	if bind.Port() != 0 {
		return bind, nil
	}
	port := int(script.Port()) + portOffset
	const last = 1<<16 - 1
	if port < 0 || port > last {
		return netip.AddrPort{}, fmt.Errorf("%d is no port: %d with an offset of %d", port, script.Port(), portOffset)
	}
	return netip.AddrPortFrom(bind.Addr(), uint16(port)), nil
}
