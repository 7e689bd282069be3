package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/route"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/transport"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Options say where to listen and how routes run. What the script sets of its
// connections is not among them.
type Options struct {
	Bindings   []Binding
	PortOffset int // added to the ports of the script that no binding changes
	Machine    Machine

	Route route.Options
	// RunTime bounds the run of a route for one message; 0 is 1 s.
	RunTime time.Duration
	// Grace is how long connections may go on writing when the program ends; 0 is
	// that of [transport.Options].
	Grace time.Duration

	Log *slog.Logger     // nil for none
	Now func() time.Time // the clock of the script; nil is time.Now
}

const defaultRunTime = time.Second

// Server has the TLS sockets of a script open.
type Server struct {
	config   *cfg.Config
	registry *mgm.Registry
	program  *route.Program
	options  Options
	settings settings
	sockets  []Socket
	server   *transport.Server
	started  time.Time
	calm     *slog.Logger
	flush    func()
	messages atomic.Int64
}

// ErrNoSockets is the error of a script that listens on nothing with TLS.
var ErrNoSockets = errors.New("the script has no socket of tls or wss")

// Listen opens the TLS sockets of the script, all or none; those that cannot be
// opened are a [*SocketError] each, joined. The findings are what of the routes
// cannot be run as a server would.
func Listen(ctx context.Context, config *cfg.Config, registry *mgm.Registry, o Options) (*Server, diag.List, error) {
	o = o.withDefaults()
	s := &Server{config: config, registry: registry, options: o, settings: settingsOf(config), started: o.Now()}
	s.settings.grace = o.Grace
	s.calm, s.flush = newCalm(o.Log)
	program, findings := route.Compile(config, o.Route)
	s.program = program
	var err error
	s.sockets, err = Sockets(ctx, config, o)
	switch {
	case err != nil:
		return nil, findings, err
	case len(s.sockets) == 0:
		return nil, findings, ErrNoSockets
	}
	if s.server, err = transport.Listen(ctx, registry, plain(s.sockets), s.settings.transport(config, s.calm)); err != nil {
		return nil, findings, failedSocket(s.sockets, err)
	}
	s.settings.tellSignature(config, o.Log)
	return s, findings, nil
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.RunTime == 0 {
		o.RunTime = defaultRunTime
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Sockets are the sockets that are open.
func (s *Server) Sockets() []Socket { return s.sockets }

// Addresses are where the sockets are really open, in their order.
func (s *Server) Addresses() []net.Addr { return s.server.Addresses() }

// Close closes the sockets of a server that does not serve.
func (s *Server) Close() { s.server.Close() }

// Serve accepts connections until ctx ends, and then lets those end that are
// open. The error is that of a socket that accepts no more.
func (s *Server) Serve(ctx context.Context) error {
	defer s.flush()
	return s.server.Serve(ctx, s.serve)
}

// Describe names the sockets for people: as the script has them, and where they
// are open if that is somewhere else.
func (s *Server) Describe() []string {
	addresses := s.Addresses()
	lines := make([]string, len(s.sockets))
	for i, socket := range s.sockets {
		lines[i] = socket.String()
		if bound := addresses[i].String(); bound != socket.Script.String() {
			lines[i] += " at " + bound
		}
		if socket.Advertised != "" {
			lines[i] += " as " + socket.Advertised
		}
	}
	return lines
}

// SocketError is a socket that cannot be opened.
type SocketError struct {
	At     diag.Position  // of the listen statement
	Listen string         // what it says, such as tls:192.0.2.10:5061
	Bind   netip.AddrPort // where it was to be opened; not valid if that is not known
	Err    error
}

func (e *SocketError) Error() string {
	if !e.Bind.IsValid() {
		return fmt.Sprintf("%v: listen=%s: %v", e.At, e.Listen, e.Err)
	}
	return fmt.Sprintf("%v: listen=%s cannot be opened at %v: %v", e.At, e.Listen, e.Bind, e.Err)
}

// Unwrap is the cause, that of the system where it refused.
func (e *SocketError) Unwrap() error { return e.Err }

// failedSocket finds the socket that the system did not open.
func failedSocket(sockets []Socket, err error) error {
	op, ok := errors.AsType[*net.OpError](err)
	if !ok || op.Addr == nil {
		return fmt.Errorf("open the TLS sockets: %w", err)
	}
	for _, socket := range sockets {
		if socket.Bind.String() == op.Addr.String() {
			return &SocketError{At: socket.At.Start, Listen: socket.String(), Bind: socket.Bind, Err: errors.Unwrap(op)}
		}
	}
	return fmt.Errorf("open the TLS sockets: %w", err)
}
