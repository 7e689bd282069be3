package live

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/mgm/transport"
)

// Binding says where to listen in place of an address of the script, beside a
// server that has it already or on a machine that does not have it.
type Binding struct {
	// From is the address of the script; a port of 0 stands for every port.
	From netip.AddrPort
	// To takes its place; a port of 0 keeps the script's, with the offset.
	To netip.AddrPort
}

// ParseBinding reads FROM=TO, each IP:port or an IP alone.
func ParseBinding(text string) (Binding, error) {
	from, to, ok := strings.Cut(text, "=")
	if !ok {
		return Binding{}, fmt.Errorf("expected FROM=TO, such as 192.0.2.10:5061=127.0.0.1:15061, found %q", text)
	}
	var b Binding
	var err error
	if b.From, err = parseAddress(from); err != nil {
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

func parseAddress(text string) (netip.AddrPort, error) {
	if a, err := netip.ParseAddrPort(text); err == nil {
		return a, nil
	}
	ip, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("expected IP:port or an IP, found %q", text)
	}
	return netip.AddrPortFrom(ip, 0), nil
}

// matches reports whether the binding is for an address of the script.
func (b Binding) matches(script netip.AddrPort) bool {
	return b.From.Addr().Unmap() == script.Addr().Unmap() && (b.From.Port() == 0 || b.From.Port() == script.Port())
}

// Machine is what names and interfaces of listen statements stand for. The zero
// value is the machine that the program runs on.
type Machine struct {
	// Lookup gives the addresses of a host name; nil asks the resolver.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	// Interface gives the addresses of a network interface, none if there is
	// none of that name; nil asks the system.
	Interface func(name string) ([]netip.Addr, error)
}

// Sockets are the TLS sockets of the script and where to open them: for each
// listen statement of tls and wss one for each of its addresses (manual 1.8.1).
// All that cannot be opened is in the error.
func Sockets(ctx context.Context, config *cfg.Config, bindings []Binding, portOffset int, m Machine) ([]transport.Socket, error) {
	var sockets []transport.Socket
	var problems []error
	for _, l := range config.Listeners {
		if l.Proto != "tls" && l.Proto != "wss" {
			continue
		}
		addresses, err := m.addresses(ctx, l.Host)
		if err != nil {
			problems = append(problems, fmt.Errorf("%v: listen=%s:%s:%d: %w", l.At.Start, l.Proto, l.Host, l.Port, err))
			continue
		}
		for _, ip := range addresses {
			script := netip.AddrPortFrom(ip, l.Port)
			bind, err := bound(script, bindings, portOffset)
			if err != nil {
				problems = append(problems, fmt.Errorf("%v: listen=%s:%v: %w", l.At.Start, l.Proto, script, err))
				continue
			}
			sockets = append(sockets, transport.Socket{Proto: l.Proto, Script: script, Bind: bind, Advertised: advertised(l)})
		}
	}
	return sockets, errors.Join(problems...)
}

func advertised(l *cfg.Listener) string {
	if l.Advertised == "" {
		return ""
	}
	return net.JoinHostPort(l.Advertised, strconv.Itoa(int(l.AdvertisedPort)))
}

// bound is where to listen for an address of the script: what the first binding
// for it says.
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
	if port < 1 || port > last {
		return bind, fmt.Errorf("port %d with an offset of %d is none", script.Port(), portOffset)
	}
	return netip.AddrPortFrom(bind.Addr(), uint16(port)), nil
}

// addresses are those that a host of a listen statement stands for: itself, the
// addresses of an interface, or the first one of a name.
func (m Machine) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if host == "*" {
		return []netip.Addr{everyAddress()}, nil
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip}, nil
	}
	ofInterface, err := m.interfaceAddresses(host)
	if err != nil {
		return nil, fmt.Errorf("read the addresses of interface %q: %w", host, err)
	}
	if len(ofInterface) > 0 {
		return ofInterface, nil
	}
	lookup := m.Lookup
	if lookup == nil {
		lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	found, err := lookup(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("look up host %q: %w", host, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("host %q has no address", host)
	}
	return []netip.Addr{found[0].Unmap()}, nil
}

// everyAddress is the unspecified address of IPv6, which takes IPv4 as well, if
// the machine has IPv6.
func everyAddress() netip.Addr {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return netip.IPv4Unspecified()
	}
	for _, a := range all {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil && prefix.Addr().Is6() {
			return netip.IPv6Unspecified()
		}
	}
	return netip.IPv4Unspecified()
}

func (m Machine) interfaceAddresses(name string) ([]netip.Addr, error) {
	if m.Interface != nil {
		return m.Interface(name)
	}
	i, err := net.InterfaceByName(name)
	if err != nil {
		return nil, nil //nolint:nilerr // there is none of that name, so that it is a host
	}
	all, err := i.Addrs()
	if err != nil {
		return nil, err
	}
	var usable []netip.Addr
	for _, a := range all {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil && !prefix.Addr().IsLinkLocalUnicast() {
			usable = append(usable, prefix.Addr())
		}
	}
	return usable, nil
}
