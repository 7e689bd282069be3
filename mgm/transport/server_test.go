package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"iter"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

// TestServe looks at a connection from both ends.
func TestServe(t *testing.T) {
	w := newWorld(t)
	w.add(t, domain.Server, "dom1", "192.0.2.1:5061", nil)
	seen := make(chan *Conn, 1)
	s := serve(t, w.registry(t), Options{}, func(ctx context.Context, c *Conn) {
		seen <- c
		echo(ctx, c)
	}, "192.0.2.1:5061")
	id := w.issue(t, "phone")
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		config := trusting(id)
		config.MaxVersion = version
		conn := mustDial(t, s.address(), config)
		if err := ask(conn, "OPTIONS"); err != nil {
			t.Fatal(err)
		}
		c := <-seen
		session := c.Session()
		state := conn.ConnectionState()
		if session.Version != version || session.CipherSuite != state.CipherSuite {
			t.Errorf("session %+v, the client has %+v", session, state)
		}
		if session.Peer == nil || !session.Peer.Equal(id.Certificate) || session.Verification.Code != verify.OK || len(session.Verification.Chain) != 2 {
			t.Errorf("peer %v, verification %v", session.Peer, session.Verification)
		}
		if !session.My.Equal(state.PeerCertificates[0]) || session.My.Subject.CommonName != "dom1 server" {
			t.Errorf("own certificate %v", session.My.Subject)
		}
		if c.Domain().Name != "dom1" || c.Socket().Proto != "tls" || c.ScriptAddress().String() != "192.0.2.1:5061" || c.IsClient() {
			t.Errorf("domain %q, socket %+v", c.Domain().Name, c.Socket())
		}
		if c.Local() != s.addrPort() || c.Remote() != addrPort(conn.LocalAddr()) || c.LocalAddr().String() != s.address() || c.RemoteAddr().String() != conn.LocalAddr().String() {
			t.Errorf("local %v, remote %v", c.Local(), c.Remote())
		}
		if line := s.lines.next(t); line["msg"] != "TLS connection open" || line["verification"] != "ok" || line["domain"] != "dom1" {
			t.Errorf("log %v", line)
		}
	}
}

// TestServerDomain has the socket choose the domain, by the script's address.
func TestServerDomain(t *testing.T) {
	w := newWorld(t)
	w.add(t, domain.Server, "dom1", "192.0.2.1:5061", noVerify)
	w.add(t, domain.Server, "dom2", "192.0.2.2:5061", noVerify)
	w.add(t, domain.Server, "local", "127.0.0.1:5071", noVerify)
	w.add(t, domain.Server, "any", "0.0.0.0:5081", noVerify)
	noVerify(w.script.DefaultServer)
	scripts := map[string]string{
		"192.0.2.1:5061": "dom1 server", "192.0.2.2:5061": "dom2 server", "192.0.2.3:5061": "default server",
		"0.0.0.0:5071": "local server", "[::]:5071": "local server", "0.0.0.0:5081": "any server", "0.0.0.0:5091": "default server",
	}
	var addresses []string
	for a := range scripts {
		addresses = append(addresses, a)
	}
	s := serve(t, w.registry(t), Options{}, nil, addresses...)
	for i, a := range addresses {
		conn := mustDial(t, s.Addresses()[i].String(), trusting(nil))
		if got := conn.ConnectionState().PeerCertificates[0].Subject.CommonName; got != scripts[a] {
			t.Errorf("on %s the certificate is that of %q, want %q", a, got, scripts[a])
		}
	}
}

// TestListen refuses a socket that is taken and closes the others.
func TestListen(t *testing.T) {
	w := newWorld(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	at := addrPort(taken.Addr())
	first := Socket{Script: netip.MustParseAddrPort("127.0.0.1:0")}
	_, err = Listen(t.Context(), w.registry(t), []Socket{first, {Script: at}}, Options{})
	if !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), at.String()) {
		t.Errorf("error %v", err)
	}
	for _, a := range []string{"[::]:0", "[::1]:0"} {
		s, err := Listen(t.Context(), w.registry(t), []Socket{{Script: netip.MustParseAddrPort(a)}}, Options{})
		if errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT) {
			t.Skip("no IPv6 here")
		}
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
	}
}

// rows is a table that can change.
type rows struct{ atomic.Pointer[[]mgm.Row] }

func (r *rows) Rows(context.Context) iter.Seq2[mgm.Row, error] {
	return func(yield func(mgm.Row, error) bool) {
		for _, row := range *r.Load() {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func (r *rows) set(t testing.TB, id *certtest.Identity) {
	t.Helper()
	no := int64(0)
	kind := int64(2)
	r.Store(&[]mgm.Row{{
		ID: 1, Domain: "dom1", Address: "192.0.2.1:5061", Type: &kind, VerifyCert: &no, RequireCert: &no,
		Certificate: id.PEM(), PrivateKey: id.KeyPEM(t),
	}})
}

// TestReload changes nothing for a connection that is open, and everything for
// new ones, also where they bring a ticket of the old domain.
func TestReload(t *testing.T) {
	w := newWorld(t)
	source := new(rows)
	before, after := w.issue(t, "before"), w.issue(t, "after")
	source.set(t, before)
	w.source = source
	registry := w.registry(t)
	seen := make(chan *Conn, 1)
	s := serve(t, registry, Options{}, func(ctx context.Context, c *Conn) {
		seen <- c
		echo(ctx, c)
	}, "192.0.2.1:5061")
	config := trusting(nil)
	config.ClientSessionCache, config.ServerName = tls.NewLRUClientSessionCache(1), "any"
	old := mustDial(t, s.address(), config)
	if err := ask(old, "one"); err != nil { // also takes the ticket
		t.Fatal(err)
	}
	oldEnd := <-seen
	source.set(t, after)
	if _, err := registry.Reload(t.Context(), mgm.ReloadOptions{}); err != nil {
		t.Fatal(err)
	}
	recent := mustDial(t, s.address(), config)
	for name, c := range map[string]struct {
		near *tls.Conn
		far  *Conn
		want *x509.Certificate
	}{"old": {old, oldEnd, before.Certificate}, "new": {recent, <-seen, after.Certificate}} {
		if err := ask(c.near, "two"); err != nil {
			t.Errorf("%s connection: %v", name, err)
		}
		if state := c.near.ConnectionState(); state.DidResume || !state.PeerCertificates[0].Equal(c.want) {
			t.Errorf("%s connection: resumed %t, certificate of %v", name, state.DidResume, state.PeerCertificates[0].Subject)
		}
		if !c.far.Domain().Context.Certificate().Equal(c.want) || !c.far.Session().My.Equal(c.want) {
			t.Errorf("%s connection: domain with the certificate of %v", name, c.far.Domain().Context.Certificate().Subject)
		}
	}
}

// TestResumption verifies the certificate of a resumed session anew.
func TestResumption(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			w := newWorld(t)
			seen := make(chan *Conn, 1)
			s := serve(t, w.registry(t), Options{}, func(ctx context.Context, c *Conn) {
				seen <- c
				echo(ctx, c)
			}, "192.0.2.1:5061", "192.0.2.9:5061")
			id := w.issue(t, "phone")
			config := trusting(id)
			config.ClientSessionCache, config.ServerName, config.MaxVersion = tls.NewLRUClientSessionCache(1), "any", version
			for i := range 3 {
				conn := mustDial(t, s.address(), config)
				if err := ask(conn, "x"); err != nil {
					t.Fatal(err)
				}
				if got := conn.ConnectionState().DidResume; got != (i > 0) {
					t.Errorf("connection %d resumed: %t", i, got)
				}
				if session := (<-seen).Session(); session.Peer == nil || session.Verification.Code != verify.OK || len(session.Verification.Chain) != 2 {
					t.Errorf("connection %d: session %+v", i, session)
				}
				conn.Close()
			}
		})
	}
}

// TestSlowReader ends a connection whose peer takes nothing.
func TestSlowReader(t *testing.T) {
	w := newWorld(t)
	noVerify(w.script.DefaultServer)
	w.script.SendTimeout = 20 * time.Millisecond
	result := make(chan error, 2)
	s := serve(t, w.registry(t), Options{SendTimeoutFrom: at(12)}, func(_ context.Context, c *Conn) {
		chunk := make([]byte, 1<<20)
		for {
			if _, err := c.Write(chunk); err != nil {
				result <- err
				_, err = c.Read(chunk)
				result <- err
				return
			}
		}
	}, "192.0.2.1:5061")
	conn := mustDial(t, s.address(), trusting(nil))
	err := <-result
	if !errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(err.Error(), "it did not take all within 20ms (tls_send_timeout, opensips.cfg:12)") {
		t.Errorf("writing gives %v", err)
	}
	if again := <-result; again != err {
		t.Errorf("reading gives %v", again)
	}
	conn.Close()
}

// TestDeadlines has a user's deadlines work, and not harm the connection.
func TestDeadlines(t *testing.T) {
	w := newWorld(t)
	noVerify(w.script.DefaultServer)
	result := make(chan error, 3)
	s := serve(t, w.registry(t), Options{}, func(ctx context.Context, c *Conn) {
		past := time.Unix(1, 0)
		c.SetDeadline(past)
		_, err := c.Read(make([]byte, 1))
		result <- err
		_, err = c.Write([]byte("x"))
		result <- err
		result <- c.SetDeadline(time.Time{})
		echo(ctx, c)
	}, "192.0.2.1:5061")
	conn := mustDial(t, s.address(), trusting(nil))
	for range 2 {
		if err := <-result; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	}
	if err := <-result; err != nil {
		t.Error(err)
	}
	if err := ask(conn, "INVITE"); err != nil {
		t.Error(err)
	}
}

// TestIdle closes a connection on which nothing happens.
func TestIdle(t *testing.T) {
	w := newWorld(t)
	noVerify(w.script.DefaultServer)
	result := make(chan error, 1)
	s := serve(t, w.registry(t), Options{IdleTimeout: 10 * time.Millisecond}, func(_ context.Context, c *Conn) {
		_, err := io.Copy(io.Discard, c)
		result <- err
	}, "192.0.2.1:5061")
	conn := mustDial(t, s.address(), trusting(nil))
	if err := <-result; !errors.Is(err, ErrIdle) {
		t.Errorf("reading gives %v", err)
	}
	if _, err := conn.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the client gets %v instead of a goodbye", err)
	}
}

// TestShutdown lets a handler write its answer, and waits for it.
func TestShutdown(t *testing.T) {
	w := newWorld(t)
	noVerify(w.script.DefaultServer)
	reading, result := make(chan bool), make(chan error, 2)
	s := serve(t, w.registry(t), Options{Grace: long}, func(ctx context.Context, c *Conn) {
		reading <- true
		_, err := c.Read(make([]byte, 1))
		result <- err
		<-ctx.Done()
		_, err = c.Write([]byte("bye"))
		result <- err
	}, "192.0.2.1:5061")
	conn := mustDial(t, s.address(), trusting(nil))
	<-reading
	silent, err := net.Dial("tcp", s.address())
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if err := s.stop(); err != nil {
		t.Errorf("serving ends with %v", err)
	}
	if err := <-result; !errors.Is(err, ErrStopped) {
		t.Errorf("reading gives %v", err)
	}
	if err := <-result; err != nil {
		t.Errorf("writing gives %v", err)
	}
	if got, err := io.ReadAll(conn); string(got) != "bye" || err != nil {
		t.Errorf("the client gets %q, %v", got, err)
	}
	if _, err := net.Dial("tcp", s.address()); err == nil {
		t.Error("the socket still listens")
	}
}

// TestShutdownIsBounded cuts a handler off that goes on writing.
func TestShutdownIsBounded(t *testing.T) {
	w := newWorld(t)
	noVerify(w.script.DefaultServer)
	writing, result := make(chan bool), make(chan error, 1)
	s := serve(t, w.registry(t), Options{Grace: -1}, func(_ context.Context, c *Conn) {
		writing <- true
		for {
			if _, err := c.Write(make([]byte, 1<<10)); err != nil {
				result <- err
				return
			}
		}
	}, "192.0.2.1:5061")
	mustDial(t, s.address(), trusting(nil)) // and does not read
	<-writing
	if err := s.stop(); err != nil {
		t.Errorf("serving ends with %v", err)
	}
	if err := <-result; !errors.Is(err, ErrStopped) {
		t.Errorf("writing gives %v", err)
	}
}

// TestTooMany refuses connections beyond the limit and tells so once.
func TestTooMany(t *testing.T) {
	w := newWorld(t)
	noVerify(w.script.DefaultServer)
	s := serve(t, w.registry(t), Options{MaxConnections: 1}, echo, "192.0.2.1:5061")
	first := mustDial(t, s.address(), trusting(nil))
	s.lines.next(t)
	for range 2 {
		if _, err := dial(t, s.address(), trusting(nil)); err == nil {
			t.Error("a connection beyond the limit is accepted")
		}
	}
	if line := s.lines.next(t); line["connections"] != "1" || line["level"] != "WARN" {
		t.Errorf("log %v", line)
	}
	if err := ask(first, "x"); err != nil {
		t.Error(err)
	}
	first.Close()
	for { // until the server has noticed
		if conn, err := dial(t, s.address(), trusting(nil)); err == nil {
			conn.Close()
			break
		}
	}
	if line := s.lines.next(t); line["msg"] != "TLS connection open" {
		t.Errorf("log %v", line)
	}
}

// scripted is a listener that gives one error after the other.
type scripted struct {
	net.Listener
	errs chan error
}

func (s *scripted) Accept() (net.Conn, error) { return nil, <-s.errs }
func (s *scripted) Close() error              { return nil }
func (s *scripted) Addr() net.Addr            { return &net.TCPAddr{} }

// TestAcceptErrors pauses where too much is open, longer and longer, and gives
// up at what does not pass.
func TestAcceptErrors(t *testing.T) {
	w := newWorld(t)
	registry := w.registry(t)
	synctest.Test(t, func(t *testing.T) {
		fake := &scripted{errs: make(chan error, 20)}
		for range 12 {
			fake.errs <- &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
		}
		fake.errs <- syscall.EINVAL
		lines := newLogLines()
		s := newServer(registry, Options{})
		s.options.Log = newLogger(lines)
		s.listeners = []*listener{{fake, Socket{Script: netip.MustParseAddrPort("192.0.2.1:5061")}}}
		started := time.Now()
		if err := s.Serve(t.Context(), nil); !errors.Is(err, syscall.EINVAL) || !strings.Contains(err.Error(), "192.0.2.1:5061") {
			t.Errorf("serving ends with %v", err)
		}
		for _, want := range []string{"5ms", "10ms", "20ms", "40ms", "80ms", "160ms", "320ms", "640ms", "1s", "1s", "1s", "1s"} {
			if line := lines.next(t); line["pause"] != want {
				t.Errorf("log %v, want a pause of %s", line, want)
			}
		}
		if took, want := time.Since(started), 5275*time.Millisecond; took != want { // of synctest's clock
			t.Errorf("paused for %v, want %v", took, want)
		}
	})
}
