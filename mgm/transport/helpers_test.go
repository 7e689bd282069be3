package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

func TestMain(m *testing.M) {
	if holdConnections() {
		return
	}
	goleak.VerifyTestMain(m)
}

// long is a timeout that no test waits for.
const long = 30 * time.Second

// current makes a certificate valid now: openssl knows the real time only.
func current() certtest.Option {
	return certtest.Valid(time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour))
}

func expired() certtest.Option {
	return certtest.Valid(time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour))
}

// world is an authority and the files of the domains that it certifies.
type world struct {
	root   *certtest.Identity
	files  fstest.MapFS
	source mgm.Source
	script mgm.Script
	// version is that of the server; the zero value is the default.
	version catalogue.Version
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return newWorldOf(t, certtest.Root(t, "root", current()))
}

func newWorldOf(t testing.TB, root *certtest.Identity) *world {
	t.Helper()
	w := &world{root: root, files: fstest.MapFS{}, version: catalogue.Default}
	w.put("ca.pem", w.root.PEM())
	w.script.DefaultServer, w.script.DefaultClient = w.define(t, domain.Server, ""), w.define(t, domain.Client, "")
	w.script.DefaultServer.Default, w.script.DefaultClient.Default = true, true
	w.script.HandshakeTimeout, w.script.SendTimeout = long, long
	return w
}

func (w *world) put(name string, content []byte) {
	w.files[name] = &fstest.MapFile{Data: content, ModTime: time.Unix(int64(len(w.files)), 0)}
}

// issue makes a certificate of the authority.
func (w *world) issue(t testing.TB, name string, options ...certtest.Option) *certtest.Identity {
	t.Helper()
	return w.root.Issue(t, name, append([]certtest.Option{current()}, options...)...)
}

// define makes a domain with a certificate of the name "NAME server" or the
// like, "default server" for a default one.
func (w *world) define(t testing.TB, kind domain.Kind, name string) *domain.Definition {
	t.Helper()
	d := domain.New(kind, name, "")
	if name == "" {
		name = "default"
	}
	w.present(t, d, w.issue(t, name+" "+kind.String()))
	d.CAList = domain.Material{File: "ca.pem", From: at(30)}
	d.CADir = domain.Text{}
	return d
}

// add makes a domain of the script; change says what is set of it.
func (w *world) add(t testing.TB, kind domain.Kind, name, address string, change func(*domain.Definition)) *domain.Definition {
	t.Helper()
	d := w.define(t, kind, name)
	if address != "" {
		d.Address = netip.MustParseAddrPort(address)
	}
	if change != nil {
		change(d)
	}
	w.script.Domains = append(w.script.Domains, d)
	return d
}

// present gives a domain a certificate.
func (w *world) present(t testing.TB, d *domain.Definition, id *certtest.Identity) {
	t.Helper()
	name := d.Kind.String() + "-" + d.Name
	w.put(name+".pem", id.ChainPEM())
	w.put(name+".key", id.KeyPEM(t))
	d.Certificate, d.PrivateKey = domain.Material{File: name + ".pem", From: at(31)}, domain.Material{File: name + ".key", From: at(32)}
}

func (w *world) registry(t testing.TB) *mgm.Registry {
	t.Helper()
	r, problems, err := mgm.NewRegistry(t.Context(), w.script, mgm.Options{Version: w.version, Files: w.files, Source: w.source})
	if err != nil || r == nil {
		t.Fatalf("make a registry: %v, %+v", err, problems)
	}
	return r
}

func v34(t testing.TB) catalogue.Version {
	t.Helper()
	v, err := catalogue.ParseVersion("3.4")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// at is a position in the script.
func at(line int) domain.Origin {
	p := diag.Position{File: "opensips.cfg", Line: line, Column: 1}
	return domain.InScript(diag.Span{Start: p, End: p})
}

func on(line int) domain.Flag  { return domain.Flag{On: true, From: at(line)} }
func off(line int) domain.Flag { return domain.Flag{From: at(line)} }

// noVerify is a domain that lets everybody in.
func noVerify(d *domain.Definition) { d.VerifyCert, d.RequireCert = off(40), off(41) }

// running is a server that runs.
type running struct {
	*Server
	lines *logLines
	stop  func() error // ends it and waits
}

// address is the one of the first socket.
func (r *running) address() string { return r.Addresses()[0].String() }

func (r *running) addrPort() netip.AddrPort { return addrPort(r.Addresses()[0]) }

// serve runs a server with one socket for the address of the script, any port
// of this machine in fact.
func serve(t testing.TB, registry *mgm.Registry, o Options, handle Handler, scriptAddresses ...string) *running {
	t.Helper()
	var sockets []Socket
	for _, a := range scriptAddresses {
		sockets = append(sockets, Socket{Proto: "tls", Script: netip.MustParseAddrPort(a), Bind: netip.MustParseAddrPort("127.0.0.1:0")})
	}
	lines := newLogLines()
	o.Log = newLogger(lines)
	s, err := Listen(t.Context(), registry, sockets, o)
	if err != nil {
		t.Fatal(err)
	}
	return run(t, s, lines, handle)
}

func run(t testing.TB, s *Server, lines *logLines, handle Handler) *running {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, handle) }()
	stop := sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("the server ends with %v", err)
		}
	})
	return &running{s, lines, stop}
}

// echo gives back what comes.
func echo(_ context.Context, c *Conn) {
	buf := make([]byte, 1<<10)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		if _, err := c.Write(buf[:n]); err != nil {
			return
		}
	}
}

func newLogger(l *logLines) *slog.Logger { return slog.New(l) }

// logLines are the lines of a log.
type logLines struct {
	slog.Handler
	records chan map[string]string
}

func newLogLines() *logLines {
	const many = 4096
	return &logLines{slog.DiscardHandler, make(chan map[string]string, many)}
}

func (l *logLines) Enabled(context.Context, slog.Level) bool { return true }

func (l *logLines) Handle(_ context.Context, r slog.Record) error {
	line := map[string]string{"msg": r.Message, "level": r.Level.String()}
	r.Attrs(func(a slog.Attr) bool {
		line[a.Key] = a.Value.String()
		return true
	})
	l.records <- line
	return nil
}

// next is the next line.
func (l *logLines) next(t testing.TB) map[string]string {
	t.Helper()
	select {
	case line := <-l.records:
		return line
	case <-time.After(long):
		t.Fatal("nothing is logged")
		return nil
	}
}

// dial makes a TLS connection by means of crypto/tls alone.
func dial(t testing.TB, address string, config *tls.Config) (*tls.Conn, error) {
	t.Helper()
	raw, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	raw.SetDeadline(time.Now().Add(long))
	t.Cleanup(func() { raw.Close() })
	conn := tls.Client(raw, config)
	return conn, conn.Handshake()
}

func mustDial(t testing.TB, address string, config *tls.Config) *tls.Conn {
	t.Helper()
	conn, err := dial(t, address, config)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// trusting is a client that takes any certificate and gives the one of id.
func trusting(id *certtest.Identity) *tls.Config {
	config := &tls.Config{InsecureSkipVerify: true}
	if id != nil {
		config.Certificates = []tls.Certificate{certificate(id)}
	}
	return config
}

func certificate(id *certtest.Identity) tls.Certificate {
	c := tls.Certificate{PrivateKey: id.Key, Leaf: id.Certificate}
	for _, link := range id.Chain() {
		c.Certificate = append(c.Certificate, link.Raw)
	}
	return c
}

// ask sends a word and wants it back.
func ask(conn net.Conn, word string) error {
	if _, err := io.WriteString(conn, word); err != nil {
		return err
	}
	buf := make([]byte, len(word))
	if _, err := io.ReadFull(conn, buf); err != nil {
		return err
	}
	if string(buf) != word {
		return errors.New("answered " + string(buf))
	}
	return nil
}

func handshakeError(t testing.TB, err error) *HandshakeError {
	t.Helper()
	e, ok := errors.AsType[*HandshakeError](err)
	if !ok {
		t.Fatalf("error %v (%T) is no HandshakeError", err, err)
	}
	return e
}
