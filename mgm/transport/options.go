package transport

import (
	"log/slog"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

// The defaults of OpenSIPS's core for TCP.
const (
	DefaultMaxConnections = 2048                   // tcp_max_connections
	DefaultIdleTimeout    = 120 * time.Second      // tcp_connection_lifetime
	DefaultConnectTimeout = 100 * time.Millisecond // tcp_connect_timeout
)

// DefaultGrace is how long a server that ends lets its connections finish what
// they are about.
const DefaultGrace = time.Second

// Options are those of a [Server] and of a [Client]. The timeouts of handshakes
// and of sending are the registry's.
type Options struct {
	// HandshakeTimeout takes the place of the registry's, to look at a peer
	// that is too slow for it; 0 is the registry's.
	HandshakeTimeout time.Duration
	Log              *slog.Logger // nil for none
	// HandshakeTimeoutFrom and SendTimeoutFrom say where the script sets
	// tls_handshake_timeout and tls_send_timeout, for explanations.
	HandshakeTimeoutFrom, SendTimeoutFrom domain.Origin
	// MaxConnections bounds the connections, those in their handshake
	// included; 0 is DefaultMaxConnections.
	MaxConnections int
	// IdleTimeout ends a connection on which nothing was read or written for
	// that long; 0 is DefaultIdleTimeout, and less than 0 is never.
	IdleTimeout time.Duration
	// ConnectTimeout bounds TCP's part of an outgoing connection; 0 is
	// DefaultConnectTimeout.
	ConnectTimeout time.Duration
	// Grace is how long connections may go on writing when a server ends; 0 is
	// DefaultGrace, and less than 0 is not at all.
	Grace time.Duration
}

func (o *Options) handshakeTimeout(r *mgm.Registry) time.Duration {
	return orDefault(o.HandshakeTimeout, r.HandshakeTimeout())
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxConnections == 0 {
		o.MaxConnections = DefaultMaxConnections
	}
	o.IdleTimeout = orDefault(o.IdleTimeout, DefaultIdleTimeout)
	o.ConnectTimeout = orDefault(o.ConnectTimeout, DefaultConnectTimeout)
	o.Grace = orDefault(o.Grace, DefaultGrace)
	return o
}

func orDefault(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}
