package live

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/mgm/transport"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Machine is what names and interfaces of listen statements stand for. The zero
// value is the machine that the program runs on.
type Machine struct {
	// Lookup gives the addresses of a host name; nil asks the resolver.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	// Interface gives the addresses of a network interface, none if there is
	// none of that name; nil asks the system.
	Interface func(name string) ([]netip.Addr, error)
}

// Socket is one address of a listen statement.
type Socket struct {
	transport.Socket
	At diag.Span // of the listen statement
}

// String is the socket as scripts write it.
func (s Socket) String() string { return s.Proto + ":" + s.Script.String() }

// plain are the sockets without their statements.
func plain(sockets []Socket) []transport.Socket {
	all := make([]transport.Socket, len(sockets))
	for i := range sockets {
		all[i] = sockets[i].Socket
	}
	return all
}

// Sockets are the TLS sockets of the script and where to open them: for each
// listen statement of tls and wss one for each of its addresses (manual 1.8.1).
// An address that is there twice counts once, as for a server. All that cannot be
// opened is in the error, a [*SocketError] each.
func Sockets(ctx context.Context, config *cfg.Config, o Options) ([]Socket, error) {
	var list socketList
	for _, l := range config.Listeners {
		if l.Proto != "tls" && l.Proto != "wss" {
			continue
		}
		addresses, err := o.Machine.addresses(ctx, l.Host)
		if err != nil {
			list.problem(l, l.Host, netip.AddrPort{}, err)
		}
		for _, ip := range addresses {
			list.add(l, netip.AddrPortFrom(ip, l.Port), o)
		}
	}
	return list.sockets, errors.Join(list.problems...)
}

type socketList struct {
	sockets  []Socket
	problems []error
}

func (s *socketList) problem(l *cfg.Listener, host string, bind netip.AddrPort, err error) {
	listen := l.Proto + ":" + net.JoinHostPort(host, strconv.Itoa(int(l.Port)))
	s.problems = append(s.problems, &SocketError{At: l.At.Start, Listen: listen, Bind: bind, Err: err})
}

func (s *socketList) add(l *cfg.Listener, script netip.AddrPort, o Options) {
	bind, err := bound(script, o.Bindings, o.PortOffset)
	if err != nil {
		s.problem(l, script.Addr().String(), bind, err)
		return
	}
	i := slices.IndexFunc(s.sockets, func(other Socket) bool { return other.Bind == bind && bind.Port() != 0 })
	switch {
	case i < 0:
		s.sockets = append(s.sockets, Socket{transport.Socket{Proto: l.Proto, Script: script, Bind: bind, Advertised: advertised(l)}, l.At})
	case s.sockets[i].Script != script || s.sockets[i].Proto != l.Proto:
		s.problem(l, script.Addr().String(), bind, &takenError{s.sockets[i]})
	}
}

// takenError is a place where another socket of the script is to be opened.
type takenError struct{ by Socket }

func (e *takenError) Error() string {
	return fmt.Sprintf("%v is to be opened there (%v)", e.by, e.by.At.Start)
}

// IsTaken reports whether a socket is not opened because another one of the script
// is to be at the same place.
func IsTaken(err error) bool {
	_, ok := errors.AsType[*takenError](err)
	return ok
}

func advertised(l *cfg.Listener) string {
	if l.Advertised == "" {
		return ""
	}
	return net.JoinHostPort(l.Advertised, strconv.Itoa(int(l.AdvertisedPort)))
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
	return m.lookup(ctx, host)
}

// lookup gives the address of a name: the first one of IPv4, or of IPv6 if there
// is none, as a server takes it.
func (m Machine) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	ask := m.Lookup
	if ask == nil {
		ask = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	found, err := ask(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("look up the host: %w", err)
	}
	if len(found) == 0 {
		return nil, errors.New("the host has no address")
	}
	i := max(slices.IndexFunc(found, func(ip netip.Addr) bool { return ip.Unmap().Is4() }), 0)
	return []netip.Addr{found[i].Unmap()}, nil
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
