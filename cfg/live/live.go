package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/route"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/transport"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Options say where to listen and how routes run.
type Options struct {
	Bindings   []Binding
	PortOffset int // added to the ports of the script that no binding changes
	Machine    Machine

	Route route.Options
	// RunTime bounds the run of a route for one message; 0 is 1 s.
	RunTime time.Duration

	Transport transport.Options // its log is Log, its origins are the script's
	ServerTag string            // of the Server header of replies; empty for "OpenSIPS"
	Log       *slog.Logger      // nil for none
	Now       func() time.Time  // nil is time.Now
}

const defaultRunTime = time.Second

// Server has the TLS sockets of a script open.
type Server struct {
	config   *cfg.Config
	registry *mgm.Registry
	program  *route.Program
	options  Options
	sockets  []transport.Socket
	server   *transport.Server
	messages atomic.Int64
}

// ErrNoSockets is the error of a script that listens on nothing with TLS.
var ErrNoSockets = errors.New("the script has no listen=tls: or listen=wss:")

// Listen opens the TLS sockets of the script, all or none. The findings are what
// of the routes cannot be run as a server would.
func Listen(ctx context.Context, config *cfg.Config, registry *mgm.Registry, o Options) (*Server, diag.List, error) {
	s := &Server{config: config, registry: registry, options: o.withDefaults(config)}
	var findings diag.List
	s.program, findings = route.Compile(config, o.Route)
	var err error
	s.sockets, err = Sockets(ctx, config, o.Bindings, o.PortOffset, o.Machine)
	switch {
	case err != nil:
		return nil, findings, err
	case len(s.sockets) == 0:
		return nil, findings, ErrNoSockets
	}
	s.server, err = transport.Listen(ctx, registry, s.sockets, s.options.Transport)
	if err != nil {
		return nil, findings, fmt.Errorf("open the TLS sockets: %w", err)
	}
	return s, findings, nil
}

func (o Options) withDefaults(config *cfg.Config) Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.RunTime == 0 {
		o.RunTime = defaultRunTime
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.ServerTag == "" {
		o.ServerTag = "OpenSIPS"
	}
	o.Transport.Log = o.Log
	o.Transport.HandshakeTimeoutFrom = origin(config.TLS.HandshakeTimeout)
	o.Transport.SendTimeoutFrom = origin(config.TLS.SendTimeout)
	return o
}

// Sockets are the sockets that are open.
func (s *Server) Sockets() []transport.Socket { return s.sockets }

// Addresses are where the sockets are really open, in their order.
func (s *Server) Addresses() []net.Addr { return s.server.Addresses() }

// Close closes the sockets of a server that does not serve.
func (s *Server) Close() { s.server.Close() }

// Serve accepts connections until ctx ends, and then lets those end that are
// open. The error is that of a socket that accepts no more.
func (s *Server) Serve(ctx context.Context) error {
	return s.server.Serve(ctx, s.connection)
}
