package mgm

import (
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
)

// ErrNoServerDomain is the error of a handshake for which there is no domain,
// not even the default one.
var ErrNoServerDomain = errors.New("no TLS server domain found")

// ServerTLS is the TLS configuration of a listening socket: each connection
// gets the server domain of the address that it came in on, as the domains are
// at that moment, and keeps it to its end (manual 1.3; 2.3.5, tls_init).
func (r *Registry) ServerTLS() *tls.Config {
	return &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		d := r.Domains().FindServer(localAddress(hello.Conn))
		if d == nil || d.Context == nil {
			return nil, ErrNoServerDomain
		}
		return d.Context.ServerConfig(), nil
	}}
}

// localAddress is the address and port that a connection came in on; invalid if
// it has none, as a pipe.
func localAddress(c net.Conn) netip.AddrPort {
	if c == nil {
		return netip.AddrPort{}
	}
	if tcp, ok := c.LocalAddr().(*net.TCPAddr); ok {
		return tcp.AddrPort()
	}
	return netip.AddrPort{}
}
