package mi

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// ServerConfig says where and how a Server listens. The zero value listens on
// 127.0.0.1:8888, the port of OpenSIPS' httpd module.
type ServerConfig struct {
	// Listen is host:port, or unix:PATH for a socket in the file system.
	Listen     string
	SocketMode fs.FileMode // of a unix socket; default 0600

	// AllowRemote lets the server listen on other than loopback addresses. It
	// then also needs the handler's token, or TLS that verifies clients.
	AllowRemote bool
	TLS         *tls.Config // default: plain HTTP

	ReadHeaderTimeout time.Duration // default 5 seconds
	ReadTimeout       time.Duration // of a whole request; default 30 seconds
	WriteTimeout      time.Duration // of an answer, the command's time not counted; default 30 seconds
	IdleTimeout       time.Duration // between two requests; default 2 minutes
	ShutdownTimeout   time.Duration // for requests that are under way; default 10 seconds
	MaxHeader         int           // bytes of a request's header; default 16 KiB
}

// Server serves a Handler on one address.
type Server struct {
	cfg     ServerConfig
	handler *Handler
}

// NewServer makes a server. It refuses a configuration that would let
// strangers in.
func NewServer(handler *Handler, cfg ServerConfig) (*Server, error) {
	cfg.Listen = cmp.Or(cfg.Listen, "127.0.0.1:8888")
	cfg.SocketMode = cmp.Or(cfg.SocketMode, 0o600)
	cfg.ReadHeaderTimeout = cmp.Or(cfg.ReadHeaderTimeout, 5*time.Second)
	cfg.ReadTimeout = cmp.Or(cfg.ReadTimeout, 30*time.Second)
	cfg.WriteTimeout = cmp.Or(cfg.WriteTimeout, 30*time.Second)
	cfg.IdleTimeout = cmp.Or(cfg.IdleTimeout, 2*time.Minute)
	cfg.ShutdownTimeout = cmp.Or(cfg.ShutdownTimeout, 10*time.Second)
	cfg.MaxHeader = cmp.Or(cfg.MaxHeader, 16<<10)
	s := &Server{cfg: cfg, handler: handler}
	if t := cfg.TLS; t != nil && t.ClientAuth >= tls.VerifyClientCertIfGiven && t.ClientCAs == nil {
		return nil, errors.New("client certificates of every public CA would do: ClientCAs is not set")
	}
	if path, ok := s.socketPath(); ok && path != "" {
		return s, nil
	}
	host, port, err := net.SplitHostPort(cfg.Listen)
	if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
		return nil, fmt.Errorf("listen on %q: expected HOST:PORT or unix:PATH, such as 127.0.0.1:8888", cfg.Listen)
	}
	if !isLoopbackName(host) {
		if err := s.checkRemote(); err != nil {
			return nil, fmt.Errorf("listen on %q: %w", cfg.Listen, err)
		}
	}
	return s, nil
}

// ErrRemote is the error of a configuration that strangers could reach.
var ErrRemote = errors.New("remote access")

var (
	errNotAllowed = fmt.Errorf("%w is not allowed", ErrRemote)
	errNoProof    = fmt.Errorf("%w needs a token or verified client certificates", ErrRemote)
)

// checkRemote says what keeps the server from listening to other machines.
func (s *Server) checkRemote() error {
	verifies := s.cfg.TLS != nil && s.cfg.TLS.ClientAuth == tls.RequireAndVerifyClientCert
	switch {
	case !s.cfg.AllowRemote:
		return fmt.Errorf("not a loopback address, and %w", errNotAllowed)
	case s.handler.cfg.Token == "" && !verifies:
		return errNoProof
	}
	return nil
}

func isLoopbackName(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

func (s *Server) socketPath() (path string, ok bool) {
	return strings.CutPrefix(s.cfg.Listen, "unix:")
}

// Listen opens the configured address.
func (s *Server) Listen(ctx context.Context) (net.Listener, error) {
	if path, ok := s.socketPath(); ok {
		return listenUnix(ctx, path, s.cfg.SocketMode)
	}
	network := "tcp"
	if at, err := netip.ParseAddrPort(s.cfg.Listen); err == nil && at.Addr().Is4() {
		network = "tcp4" // with "tcp" 0.0.0.0 is every address of IPv6 as well
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, network, s.cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", s.cfg.Listen, err)
	}
	return listener, nil
}

// Run listens and serves until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	listener, err := s.Listen(ctx)
	if err != nil {
		return err
	}
	return s.Serve(ctx, listener)
}

// Serve serves on a listener until ctx ends, then lets requests that are under
// way finish. It closes the listener. A listener made elsewhere, by systemd
// perhaps, must keep the same rules as Listen.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	if addr, ok := listener.Addr().(*net.TCPAddr); ok && !addr.IP.IsLoopback() {
		if err := s.checkRemote(); err != nil {
			return errors.Join(fmt.Errorf("serve on %q: %w", addr, err), listener.Close())
		}
		if s.cfg.TLS == nil {
			s.handler.cfg.Log.Warn("the token crosses the network in the clear", "address", addr.String())
		}
	}
	server := s.httpServer()
	served := make(chan error, 1)
	go func() {
		if s.cfg.TLS != nil {
			served <- server.ServeTLS(listener, "", "")
			return
		}
		served <- server.Serve(listener)
	}()
	select {
	case err := <-served:
		return fmt.Errorf("serve on %q: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.ShutdownTimeout)
	defer cancel()
	err := server.Shutdown(grace)
	if err != nil {
		err = errors.Join(fmt.Errorf("shut down %q: %w", listener.Addr(), err), server.Close())
	}
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

func (s *Server) httpServer() *http.Server {
	return &http.Server{
		Handler:           lateDeadline{s.handler, s.cfg.WriteTimeout},
		TLSConfig:         s.cfg.TLS,
		ReadHeaderTimeout: s.cfg.ReadHeaderTimeout,
		ReadTimeout:       s.cfg.ReadTimeout,
		WriteTimeout:      s.cfg.WriteTimeout,
		IdleTimeout:       s.cfg.IdleTimeout,
		MaxHeaderBytes:    s.cfg.MaxHeader,
		ErrorLog:          log.New(connectionLog{s.handler.cfg.Log}, "", 0),
	}
}

// lateDeadline starts the time to write an answer when its first byte is
// written: net/http starts it when the request has been read, and a reload of
// many domains may take longer than any client needs to read "OK".
type lateDeadline struct {
	handler http.Handler
	timeout time.Duration
}

func (l lateDeadline) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.handler.ServeHTTP(&lateWriter{ResponseWriter: w, timeout: l.timeout}, r)
}

type lateWriter struct {
	http.ResponseWriter
	timeout time.Duration
	begun   bool
}

// Unwrap is for http.ResponseController.
func (w *lateWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *lateWriter) WriteHeader(status int) {
	w.begin()
	w.ResponseWriter.WriteHeader(status)
}

func (w *lateWriter) Write(p []byte) (int, error) {
	w.begin()
	return w.ResponseWriter.Write(p)
}

func (w *lateWriter) begin() {
	if w.begun {
		return
	}
	w.begun = true
	// A writer without deadlines, as in tests, has none to move.
	_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(time.Now().Add(w.timeout))
}

// connectionLog takes what net/http has to say of connections. Clients that
// only look whether the port is open, as opensips-cli does, are not worth a
// line.
type connectionLog struct{ log *slog.Logger }

func (l connectionLog) Write(p []byte) (int, error) {
	line := bytes.TrimSpace(p)
	if !bytes.Contains(line, []byte("TLS handshake error")) || !bytes.HasSuffix(line, []byte("EOF")) {
		l.log.Warn("connection failed", "error", string(line))
	}
	return len(p), nil
}
