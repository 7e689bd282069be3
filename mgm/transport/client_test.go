package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

// peer is a TLS server of crypto/tls that counts its connections.
type peer struct {
	net.Listener
	conns chan net.Conn
}

// newPeer accepts connections that begin with what start does.
func newPeer(t testing.TB, start func(raw net.Conn) (net.Conn, error)) *peer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{l, make(chan net.Conn, 100)}
	var busy sync.WaitGroup
	busy.Go(func() {
		for {
			raw, err := l.Accept()
			if err != nil {
				return
			}
			raw.SetDeadline(time.Now().Add(long))
			busy.Go(func() {
				conn, err := start(raw)
				if err != nil {
					raw.Close()
					return
				}
				p.conns <- conn
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		busy.Wait()
		for len(p.conns) > 0 {
			(<-p.conns).Close()
		}
	})
	return p
}

// tlsPeer speaks TLS.
func tlsPeer(t testing.TB, config *tls.Config) *peer {
	t.Helper()
	return newPeer(t, func(raw net.Conn) (net.Conn, error) {
		conn := tls.Server(raw, config)
		return conn, conn.Handshake()
	})
}

func presenting(id *certtest.Identity) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{certificate(id)}}
}

func (p *peer) target() Target { return Target{Address: addrPort(p.Addr())} }

func newClient(t testing.TB, registry *mgm.Registry, handle Handler, o Options) *Client {
	t.Helper()
	if o.ConnectTimeout == 0 {
		o.ConnectTimeout = long
	}
	c := NewClient(registry, handle, o)
	t.Cleanup(c.Close)
	return c
}

func mustConnect(t testing.TB, c *Client, target Target) *Conn {
	t.Helper()
	conn, err := c.Dial(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestDialDomain chooses the client domain by name, address and default.
func TestDialDomain(t *testing.T) {
	w := newWorld(t)
	config := presenting(w.issue(t, "server"))
	config.ClientAuth = tls.RequireAnyClientCert
	p, other := tlsPeer(t, config), tlsPeer(t, config)
	w.add(t, domain.Client, "named", "", nil)
	w.add(t, domain.Client, "placed", p.Addr().String(), nil)
	registry := w.registry(t)
	for _, c := range []struct {
		peer         *peer
		domain, want string
		rule         mgm.ClientRule
	}{
		{p, "NAMED", "named client", mgm.ByName},
		{p, "", "placed client", mgm.ByAddress},
		{p, "unknown", "placed client", mgm.ByAddress},
		{other, "", "default client", mgm.ByDefault},
	} {
		client := newClient(t, registry, nil, Options{})
		target := c.peer.target()
		target.Domain = c.domain
		conn := mustConnect(t, client, target)
		far := (<-c.peer.conns).(*tls.Conn)
		if got := far.ConnectionState().PeerCertificates[0].Subject.CommonName; got != c.want || conn.Rule() != c.rule {
			t.Errorf("for the name %q the certificate is that of %q by %v, want %q by %v", c.domain, got, conn.Rule(), c.want, c.rule)
		}
		if s := conn.Session(); s.My.Subject.CommonName != c.want || s.Peer.Subject.CommonName != "server" || s.Verification.Code != verify.OK || s.Version != tls.VersionTLS13 {
			t.Errorf("session %+v", s)
		}
		if !conn.IsClient() || conn.Remote() != target.Address || conn.Local() != addrPort(far.RemoteAddr()) || conn.ScriptAddress() != conn.Local() {
			t.Errorf("from %v to %v", conn.Local(), conn.Remote())
		}
		far.Close()
	}
}

// TestReuse uses a connection again whatever the domain, until it is gone.
func TestReuse(t *testing.T) {
	w := newWorld(t)
	w.add(t, domain.Client, "named", "", nil)
	p := tlsPeer(t, presenting(w.issue(t, "server")))
	client := newClient(t, w.registry(t), nil, Options{})
	first := mustConnect(t, client, p.target())
	named := p.target()
	named.Domain = "named"
	if again := mustConnect(t, client, named); again != first || again.Domain().Name != "" {
		t.Error("the connection is not used again")
	}
	far := <-p.conns
	far.Close()
	if _, err := first.Read(make([]byte, 1)); err != io.EOF {
		t.Fatalf("reading a connection that ended gives %v", err)
	}
	third := mustConnect(t, client, named)
	if third == first || third.Domain().Name != "named" {
		t.Errorf("a connection that is gone is not replaced: domain %q", third.Domain().Name)
	}
	third.Close()
	if _, err := third.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("writing after Close gives %v", err)
	}
	if fourth := mustConnect(t, client, named); fourth == third {
		t.Error("a closed connection is used again")
	}
}

// TestDialTogether makes one connection for many who ask at once, of whom one
// gives up.
func TestDialTogether(t *testing.T) {
	w := newWorld(t)
	gate := make(chan bool)
	config := presenting(w.issue(t, "server"))
	p := newPeer(t, func(raw net.Conn) (net.Conn, error) {
		<-gate
		conn := tls.Server(raw, config)
		return conn, conn.Handshake()
	})
	client := newClient(t, w.registry(t), nil, Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	gaveUp := make(chan error)
	go func() {
		_, err := client.Dial(ctx, p.target())
		gaveUp <- err
	}()
	why := errors.New("the call is over")
	cancel(why)
	if err := <-gaveUp; !errors.Is(err, why) {
		t.Errorf("giving up gives %v", err)
	}
	const many = 20
	conns := make(chan *Conn, many)
	for range many {
		go func() {
			conn, err := client.Dial(t.Context(), p.target())
			if err != nil {
				t.Error(err)
			}
			conns <- conn
		}()
	}
	close(gate)
	first := <-conns
	for range many - 1 {
		if <-conns != first {
			t.Error("there are several connections")
		}
	}
	if got := len(p.conns); got > 1 {
		t.Errorf("the peer has %d connections", got)
	}
}

// TestReadLater has what came before anybody read, and deadlines of reading.
func TestReadLater(t *testing.T) {
	w := newWorld(t)
	p := tlsPeer(t, presenting(w.issue(t, "server")))
	client := newClient(t, w.registry(t), nil, Options{})
	conn := mustConnect(t, client, p.target())
	conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("reading gives %v", err)
	}
	conn.SetReadDeadline(time.Time{})
	far := <-p.conns
	const long = 10_000 // more than is read ahead
	text := strings.Repeat("SIP/2.0 200 OK", long)
	go func() {
		io.WriteString(far, text)
		far.Close()
	}()
	got, err := io.ReadAll(conn)
	if string(got) != text || err != nil {
		t.Errorf("%d bytes of %d are read, %v", len(got), len(text), err)
	}
}

// TestClientHandler reads what comes and keeps the connection no longer.
func TestClientHandler(t *testing.T) {
	w := newWorld(t)
	p := tlsPeer(t, presenting(w.issue(t, "server")))
	ended := make(chan error, 1)
	client := newClient(t, w.registry(t), func(_ context.Context, c *Conn) {
		buf := make([]byte, 2)
		io.ReadFull(c, buf)
		c.Write(buf)
		_, err := c.Read(buf)
		ended <- err
	}, Options{})
	mustConnect(t, client, p.target())
	if err := ask(<-p.conns, "ok"); err != nil {
		t.Error(err)
	}
	client.Close()
	if err := <-ended; !errors.Is(err, ErrStopped) {
		t.Errorf("reading ends with %v", err)
	}
	if _, err := client.Dial(t.Context(), p.target()); !errors.Is(err, ErrStopped) {
		t.Errorf("a closed client gives %v", err)
	}
}

// TestGoOn keeps a connection to a server that does not verify, for itself.
func TestGoOn(t *testing.T) {
	w := newWorld(t)
	p := tlsPeer(t, presenting(w.issue(t, "old server", expired())))
	client := newClient(t, w.registry(t), nil, Options{})
	_, err := client.Dial(t.Context(), p.target())
	refused := handshakeError(t, err)
	if s := refused.Session; refused.Step != StepCertificate || s == nil || s.Peer.Subject.CommonName != "old server" || s.Verification.Code != verify.Expired || s.My == nil {
		t.Errorf("error %+v", refused)
	}
	target := p.target()
	target.GoOn = true
	conn := mustConnect(t, client, target)
	if s := conn.Session(); s.Peer.Subject.CommonName != "old server" || s.Verification.Code != verify.Expired {
		t.Errorf("session %+v", s)
	}
	if e := conn.Unverified(); e == nil || e.Reason != refused.Reason {
		t.Errorf("unverified %v, want %v", e, refused)
	}
	if again := mustConnect(t, client, target); again == conn {
		t.Error("the connection is used again")
	}
	if _, err := client.Dial(t.Context(), p.target()); err == nil {
		t.Error("the connection is used again by one who wants it verified")
	}
}

// TestVerifyOff keeps the outcome of the verification that nobody asked for.
func TestVerifyOff(t *testing.T) {
	w := newWorld(t)
	noVerify(w.script.DefaultClient)
	p := tlsPeer(t, presenting(certtest.SelfSigned(t, "self", current())))
	conn := mustConnect(t, newClient(t, w.registry(t), nil, Options{}), p.target())
	if s := conn.Session(); s.Verification.Code != verify.SelfSigned || conn.Unverified() != nil {
		t.Errorf("session %+v, unverified %v", s, conn.Unverified())
	}
}

// TestServerName asks for a name.
func TestServerName(t *testing.T) {
	w := newWorld(t)
	p := tlsPeer(t, presenting(w.issue(t, "server")))
	for _, name := range []string{"", "biloxi.example"} {
		target := p.target()
		target.ServerName = name
		mustConnect(t, newClient(t, w.registry(t), nil, Options{}), target)
		if got := (<-p.conns).(*tls.Conn).ConnectionState().ServerName; got != name {
			t.Errorf("the server sees the name %q, want %q", got, name)
		}
	}
}

// TestClosedAtOnce tells of a server that closes a new connection as soon as its
// handshake is done, which is no error of TLS.
func TestClosedAtOnce(t *testing.T) {
	w := newWorld(t)
	config := presenting(w.issue(t, "server"))
	config.MaxVersion = tls.VersionTLS12
	p := newPeer(t, func(raw net.Conn) (net.Conn, error) {
		conn := tls.Server(raw, config)
		return conn, errors.Join(conn.Handshake(), conn.Close())
	})
	target := p.target()
	target.GoOn = true // so that it is given in any case
	conn := mustConnect(t, newClient(t, w.registry(t), nil, Options{}), target)
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Fatalf("got error %v, want the end", err)
	}
	conn.mu.Lock()
	conn.cause = io.EOF // as readAhead has it, if it is first
	conn.mu.Unlock()
	e := handshakeError(t, conn.closedAtOnce())
	if want := "the server closed the connection right after the handshake"; e.Step != StepOpen || e.Reason != want || e.Help == "" {
		t.Errorf("step %s, reason %s, help %q", e.Step, e.Reason, e.Help)
	}
}

// TestRefusedAfterwards tells of a server that refuses our certificate when we
// take the handshake for done.
func TestRefusedAfterwards(t *testing.T) {
	w := newWorld(t)
	config := presenting(w.issue(t, "server"))
	config.ClientAuth, config.ClientCAs, config.MinVersion = tls.RequireAndVerifyClientCert, x509.NewCertPool(), tls.VersionTLS13
	p := tlsPeer(t, config)
	target := p.target()
	target.GoOn = true // so that it is given in any case
	conn := mustConnect(t, newClient(t, w.registry(t), nil, Options{}), target)
	_, err := conn.Read(make([]byte, 1))
	e := handshakeError(t, err)
	if want := `the peer sent the alert "unknown ca": the peer does not trust the issuer of the certificate of the default client domain`; e.Step != StepOpen || e.Reason != want {
		t.Errorf("step %s, reason %s", e.Step, e.Reason)
	}
	target.GoOn = false
	if conn, err := newClient(t, w.registry(t), nil, Options{}).Dial(t.Context(), target); err == nil {
		_, err = conn.Read(make([]byte, 1))
		handshakeError(t, err)
	} else {
		handshakeError(t, err)
	}
}

// TestClientLimits bounds the connections and their idle time.
func TestClientLimits(t *testing.T) {
	w := newWorld(t)
	config := presenting(w.issue(t, "server"))
	p, other := tlsPeer(t, config), tlsPeer(t, config)
	client := newClient(t, w.registry(t), nil, Options{MaxConnections: 1, IdleTimeout: 10 * time.Millisecond})
	conn := mustConnect(t, client, p.target())
	if _, err := client.Dial(t.Context(), other.target()); err != nil && !errors.Is(err, ErrTooMany) {
		t.Errorf("error %v", err)
	}
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, ErrIdle) {
		t.Errorf("reading gives %v", err)
	}
	bounded := newClient(t, w.registry(t), nil, Options{MaxConnections: 1})
	mustConnect(t, bounded, p.target())
	if _, err := bounded.Dial(t.Context(), other.target()); !errors.Is(err, ErrTooMany) {
		t.Errorf("error %v", err)
	}
	mustConnect(t, bounded, p.target()) // the one that is there
}

// TestDialInterrupted ends the handshake of one who gives up, and all at Close.
func TestDialInterrupted(t *testing.T) {
	w := newWorld(t)
	started := make(chan bool, 2)
	p := newPeer(t, func(raw net.Conn) (net.Conn, error) {
		started <- true
		_, err := io.Copy(io.Discard, raw) // until the other side closes
		return nil, errors.Join(err, io.EOF)
	})
	registry := w.registry(t)
	for name, c := range map[string]struct {
		goOn bool
		end  func(client *Client, cancel func())
	}{
		"cancel": {true, func(_ *Client, cancel func()) { cancel() }},
		"close":  {false, func(client *Client, _ func()) { client.Close() }},
	} {
		client := newClient(t, registry, nil, Options{})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		target := p.target()
		target.GoOn = c.goOn
		done := make(chan error, 1)
		go func() {
			_, err := client.Dial(ctx, target)
			done <- err
		}()
		<-started
		c.end(client, cancel)
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestNoServer tells of a port where nobody listens.
func TestNoServer(t *testing.T) {
	w := newWorld(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	_, err = newClient(t, w.registry(t), nil, Options{}).Dial(t.Context(), Target{Address: addrPort(l.Addr())})
	if e := handshakeError(t, err); e.Step != StepConnect || !strings.Contains(e.Reason, "connection refused") {
		t.Errorf("step %s, reason %s", e.Step, e.Reason)
	}
	_, err = newClient(t, w.registry(t), nil, Options{ConnectTimeout: time.Nanosecond}).Dial(t.Context(), Target{Address: netip.MustParseAddrPort("192.0.2.1:9")})
	if e := handshakeError(t, err); e.Step != StepConnect || !strings.Contains(e.Reason, "no TCP connection within 1ns") {
		t.Errorf("step %s, reason %s", e.Step, e.Reason)
	}
}
