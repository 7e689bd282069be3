package transport

import (
	"context"
	"fmt"
	"net"
	"net/netip"
)

// Socket is a listening socket of the script: listen=tls:address:port, or wss.
type Socket struct {
	Proto string // "tls" or "wss"; only handed on
	// Script is the address of the script, by which the server domain is
	// chosen. An unspecified one stands for every local address.
	Script netip.AddrPort
	// Bind is where to listen, if that is not Script: it is so beside a
	// production server. An unspecified IPv6 address takes IPv4 as well.
	Bind       netip.AddrPort
	Advertised string // host:port after "as", only handed on
}

func (s Socket) bind() netip.AddrPort {
	if s.Bind.IsValid() {
		return s.Bind
	}
	return s.Script
}

// domainAddress is the script's address of a connection that came in on the
// local address: of a socket for every address, the one that it was made to.
func (s Socket) domainAddress(local netip.AddrPort) netip.AddrPort {
	if !s.Script.Addr().IsUnspecified() || !local.IsValid() {
		return s.Script
	}
	return netip.AddrPortFrom(local.Addr(), s.Script.Port())
}

// listener is a socket that listens.
type listener struct {
	net.Listener
	socket Socket
}

func listen(ctx context.Context, s Socket) (*listener, error) {
	at := s.bind()
	network := "tcp4"
	switch {
	case at.Addr() == netip.IPv6Unspecified():
		network = "tcp"
	case at.Addr().Is6():
		network = "tcp6"
	}
	l, err := new(net.ListenConfig).Listen(ctx, network, at.String())
	if err != nil {
		return nil, fmt.Errorf("listen on %v for the socket %v of the script: %w", at, s.Script, err)
	}
	return &listener{l, s}, nil
}

// addrPort is the address of a TCP socket; invalid for anything else.
func addrPort(a net.Addr) netip.AddrPort {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	at := tcp.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}
