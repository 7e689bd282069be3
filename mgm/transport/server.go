package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/variables"
)

// Handler serves a connection, which is closed when it returns. The context
// ends with the server or the client that the connection belongs to; so does
// reading.
type Handler func(ctx context.Context, c *Conn)

// Server accepts the connections of listening sockets.
type Server struct {
	registry  *mgm.Registry
	options   Options
	listeners []*listener

	mu    sync.Mutex
	conns map[*Conn]struct{} // those in their handshake included
	full  bool               // told already
	serve sync.WaitGroup
}

// Listen opens the sockets, all or none. Connections are accepted once
// [Server.Serve] runs; whoever does not call it calls [Server.Close].
func Listen(ctx context.Context, registry *mgm.Registry, sockets []Socket, o Options) (*Server, error) {
	s := newServer(registry, o)
	for _, socket := range sockets {
		l, err := listen(ctx, socket)
		if err != nil {
			s.Close()
			return nil, err
		}
		s.listeners = append(s.listeners, l)
	}
	return s, nil
}

func newServer(registry *mgm.Registry, o Options) *Server {
	return &Server{registry: registry, options: o.withDefaults(), conns: map[*Conn]struct{}{}}
}

// Addresses are those that the sockets are bound to, in the order of the
// sockets.
func (s *Server) Addresses() []net.Addr {
	all := make([]net.Addr, len(s.listeners))
	for i, l := range s.listeners {
		all[i] = l.Addr()
	}
	return all
}

// Close closes the listening sockets.
func (s *Server) Close() {
	for _, l := range s.listeners {
		_ = l.Close()
	}
}

// Serve accepts connections until the context ends, and has handle serve them,
// each in a goroutine of its own; nil reads and forgets what comes. At the end
// it closes the listening sockets and the handshakes at once, stops reading, and
// closes the connections that are left after [Options.Grace]; it returns when
// every handler has. The error is that of a socket that accepts no more.
func (s *Server) Serve(ctx context.Context, handle Handler) error {
	if handle == nil {
		handle = discard
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failures := make([]error, len(s.listeners))
	var accepting sync.WaitGroup
	for i, l := range s.listeners {
		accepting.Go(func() {
			if failures[i] = s.accept(ctx, l, handle); failures[i] != nil {
				cancel()
			}
		})
	}
	<-ctx.Done()
	s.Close()
	accepting.Wait()
	s.end()
	return errors.Join(failures...)
}

func discard(_ context.Context, c *Conn) {
	buf := make([]byte, 1<<10)
	for {
		if _, err := c.Read(buf); err != nil {
			return
		}
	}
}

// end stops the connections and waits for them.
func (s *Server) end() {
	for _, c := range s.all() {
		c.stop()
	}
	timer := time.AfterFunc(max(s.options.Grace, 0), func() {
		for _, c := range s.all() {
			_ = c.closeFor(ErrStopped)
		}
	})
	defer timer.Stop()
	s.serve.Wait()
}

func (s *Server) all() []*Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*Conn, 0, len(s.conns))
	for c := range s.conns {
		all = append(all, c)
	}
	return all
}

// accept accepts connections of a socket until it is closed.
func (s *Server) accept(ctx context.Context, l *listener, handle Handler) error {
	var pause backoff
	for {
		raw, err := l.Accept()
		if err == nil {
			pause = 0
			s.admit(ctx, l.socket, raw, handle)
			continue
		}
		switch ended := ctx.Err() != nil || errors.Is(err, net.ErrClosed); {
		case ended:
			return nil
		case !passes(err):
			return fmt.Errorf("accept connections of the socket %v: %w", l.socket.Script, err)
		default:
			s.options.Log.LogAttrs(ctx, slog.LevelWarn, "no connection can be accepted", slog.String("socket", l.socket.Script.String()),
				slog.String("error", err.Error()), slog.Duration("pause", pause.next()))
			pause.wait(ctx)
		}
	}
}

// passes reports whether accepting may work again by itself: the machine or the
// process has too much open, or the peer is gone already.
func passes(err error) bool {
	for _, e := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// backoff is a pause that doubles each time.
type backoff time.Duration

func (b *backoff) next() time.Duration {
	const first, longest = 5 * time.Millisecond, time.Second
	*b = min(max(2**b, backoff(first)), backoff(longest))
	return time.Duration(*b)
}

func (b *backoff) wait(ctx context.Context) {
	timer := time.NewTimer(time.Duration(*b))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// admit starts the goroutine of a connection, unless there are too many.
func (s *Server) admit(ctx context.Context, socket Socket, raw net.Conn, handle Handler) {
	c := s.newConn(socket, raw)
	if !s.add(ctx, c) {
		_ = raw.Close()
		return
	}
	s.serve.Go(func() {
		defer func() { _ = c.Close() }()
		if s.open(ctx, c) {
			handle(ctx, c)
		}
	})
}

// newConn chooses the domain, as OpenSIPS does when it has accepted.
func (s *Server) newConn(socket Socket, raw net.Conn) *Conn {
	local := addrPort(raw.LocalAddr())
	c := &Conn{
		socket: socket, script: socket.domainAddress(local), local: local, remote: addrPort(raw.RemoteAddr()),
		options: &s.options, handshakeTimeout: s.registry.HandshakeTimeout(), sendTimeout: s.registry.SendTimeout(),
		onClose: s.remove,
	}
	c.wire = &wire{Conn: raw, sendTimeout: c.sendTimeout, handshake: new(progress)}
	c.domain = s.registry.Domains().FindServer(c.script)
	return c
}

func (s *Server) add(ctx context.Context, c *Conn) bool {
	s.mu.Lock()
	full := len(s.conns) >= s.options.MaxConnections
	tell := full && !s.full
	if s.full = full; !full {
		s.conns[c] = struct{}{}
	}
	s.mu.Unlock()
	if tell {
		s.options.Log.LogAttrs(ctx, slog.LevelWarn, "connections are refused: there are as many as may be",
			slog.Int("connections", s.options.MaxConnections), slog.String("peer", c.remote.String()))
	}
	return !full
}

func (s *Server) remove(c *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// open makes the handshake and logs how it ended.
func (s *Server) open(ctx context.Context, c *Conn) bool {
	if c.domain == nil || c.domain.Context == nil {
		s.options.Log.LogAttrs(ctx, slog.LevelError, "connection closed", append(c.attrs(), slog.String("error", mgm.ErrNoServerDomain.Error()))...)
		return false
	}
	c.tls = tls.Server(c.wire, c.domain.Context.WitnessedServerConfig())
	c.input = c.tls
	err := c.handshake()
	if err != nil && c.closed() != nil {
		return false // the server ends
	}
	c.log(ctx, err)
	return err == nil
}

func (c *Conn) attrs() []slog.Attr {
	attrs := []slog.Attr{slog.String("peer", c.remote.String())}
	if c.script.IsValid() {
		attrs = append(attrs, slog.String("socket", c.script.String()))
	}
	if c.domain != nil {
		attrs = append(attrs, slog.String("domain", c.domain.DisplayName()))
	}
	return attrs
}

// log tells how a handshake ended, in one line.
func (c *Conn) log(ctx context.Context, err error) {
	log := c.options.Log
	failed, ok := errors.AsType[*HandshakeError](err)
	switch {
	case err == nil:
		if log.Enabled(ctx, slog.LevelDebug) {
			log.LogAttrs(ctx, slog.LevelDebug, "TLS connection open", append(c.attrs(), sessionAttrs(&c.session)...)...)
		}
	case !ok:
		log.LogAttrs(ctx, slog.LevelWarn, "TLS handshake failed", append(c.attrs(), slog.String("error", err.Error()))...)
	default:
		level := slog.LevelWarn
		if failed.silent {
			level = slog.LevelInfo
		}
		attrs := append(c.attrs(), slog.String("step", string(failed.Step)), slog.String("reason", failed.Reason))
		if failed.Help != "" {
			attrs = append(attrs, slog.String("help", failed.Help))
		}
		log.LogAttrs(ctx, level, "TLS handshake failed", attrs...)
	}
}

func sessionAttrs(s *variables.Session) []slog.Attr {
	attrs := []slog.Attr{
		slog.String("version", tls.VersionName(s.Version)), slog.String("suite", tls.CipherSuiteName(s.CipherSuite)),
	}
	if s.Peer != nil {
		attrs = append(attrs, slog.String("peer_subject", s.Peer.Subject.String()), slog.String("verification", s.Verification.Code.String()))
	}
	return attrs
}
