package live

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
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

// current makes a certificate valid now.
func current() certtest.Option {
	return certtest.Valid(time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour))
}

// world is an authority, and the files of domains whose certificates it signed.
type world struct {
	root  *certtest.Identity
	files fstest.MapFS
}

// newWorld has the certificate of the default domains and those of named ones.
func newWorld(t testing.TB, domains ...string) *world {
	t.Helper()
	w := &world{root: certtest.Root(t, "root", current()), files: fstest.MapFS{"etc/pki/CA/none": {}}}
	w.put("ca.pem", w.root.PEM())
	w.present(t, "default", w.issue(t, "default.example"))
	for _, name := range domains {
		w.present(t, name, w.issue(t, name+".example"))
	}
	return w
}

func (w *world) put(name string, content []byte) {
	w.files[name] = &fstest.MapFile{Data: content, ModTime: time.Unix(int64(len(w.files)), 0)}
}

// present makes a certificate that of a domain.
func (w *world) present(t testing.TB, domain string, id *certtest.Identity) {
	t.Helper()
	w.put(domain+".pem", id.ChainPEM())
	w.put(domain+".key", id.KeyPEM(t))
}

// issue makes a certificate of the authority.
func (w *world) issue(t testing.TB, name string, options ...certtest.Option) *certtest.Identity {
	t.Helper()
	return w.root.Issue(t, name, append([]certtest.Option{current()}, options...)...)
}

// opening is how the scripts of tests begin: modules, a default domain that takes
// anybody, and timeouts that no test waits for.
const opening = `mpath="/usr/lib/opensips/modules/"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "signaling.so"
loadmodule "sipmsgops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "proto_tls.so"
loadmodule "proto_wss.so"
loadmodule "tls_mgm.so"
modparam("tls_mgm", "tls_handshake_timeout", 30000)
modparam("tls_mgm", "tls_send_timeout", 30000)
modparam("tls_mgm", "certificate", "/default.pem")
modparam("tls_mgm", "private_key", "/default.key")
modparam("tls_mgm", "ca_list", "/ca.pem")
modparam("tls_mgm", "verify_cert", "0")
modparam("tls_mgm", "require_cert", "0")
`

// domainLines define a server domain that takes anybody; with strict it verifies a
// certificate and requires one.
func domainLines(name, address string, strict bool) string {
	on := map[bool]string{true: "1", false: "0"}[strict]
	var b strings.Builder
	fmt.Fprintf(&b, "modparam(\"tls_mgm\", \"server_domain\", \"%s=%s\")\n", name, address)
	for _, p := range []struct{ name, value string }{
		{"certificate", "/" + name + ".pem"}, {"private_key", "/" + name + ".key"}, {"ca_list", "/ca.pem"}, {"verify_cert", on}, {"require_cert", on},
	} {
		fmt.Fprintf(&b, "modparam(\"tls_mgm\", %q, \"[%s]%s\")\n", p.name, name, p.value)
	}
	return b.String()
}

// answering is a script with a socket and a route that answers everything.
const answering = "listen=tls:192.0.2.1:5061\n" + opening + "route { sl_send_reply(\"200\", \"OK\"); }\n"

// config reads a script without any error.
func config(t testing.TB, text string) *cfg.Config {
	t.Helper()
	c, err := cfg.Parse("opensips.cfg", text, cfg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !c.Accepted() {
		t.Fatal(c.Diagnostics)
	}
	return c
}

func (w *world) registry(t testing.TB, c *cfg.Config) *mgm.Registry {
	t.Helper()
	r, problems, err := mgm.NewRegistry(t.Context(), start.Script(c), mgm.Options{Version: c.Version, ConfigDir: cfg.DefaultConfigDir, Files: tlsctx.FromFS(w.files)})
	if err != nil || r == nil {
		t.Fatalf("make a registry: %v, %+v", err, problems)
	}
	return r
}

// anywhere opens the sockets of a script on loopback, at any free port for the port
// 5061.
func anywhere(o Options) Options {
	o.Bindings, o.PortOffset = []Binding{{To: netip.MustParseAddrPort("127.0.0.1:0")}}, -5061
	return o
}

// running is a server that runs.
type running struct {
	*Server
	registry *mgm.Registry
	findings diag.List
	lines    *logLines
	stop     func() error // ends it and waits
}

func (r *running) address(i int) string { return r.Addresses()[i].String() }

// serve runs a script until the test ends.
func (w *world) serve(t testing.TB, script string, o Options) *running {
	t.Helper()
	c := config(t, script)
	r := &running{registry: w.registry(t, c)}
	if o.Log == nil {
		r.lines = &logLines{records: make(chan map[string]any, 1<<16)}
		o.Log = slog.New(slog.NewJSONHandler(r.lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	var err error
	if r.Server, r.findings, err = Listen(t.Context(), c, r.registry, anywhere(o)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Serve(ctx) }()
	r.stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("the server ends with %v", err)
		}
	})
	return r
}

// logLines are the lines of a log.
type logLines struct{ records chan map[string]any }

func (l *logLines) Write(line []byte) (int, error) {
	var fields map[string]any
	if err := json.Unmarshal(line, &fields); err != nil {
		return 0, err
	}
	l.records <- fields
	return len(line), nil
}

// next is the next line.
func (l *logLines) next(t testing.TB) map[string]any {
	t.Helper()
	select {
	case line := <-l.records:
		return line
	case <-time.After(long):
		t.Fatal("nothing is logged")
		return nil
	}
}

// until gives the messages of lines up to the one with a message, which is the
// line that comes as well.
func (l *logLines) until(t testing.TB, message string) (line map[string]any, before []string) {
	t.Helper()
	for {
		line := l.next(t)
		text, _ := line["msg"].(string)
		if text == message {
			return line, before
		}
		before = append(before, text)
	}
}

// want compares some fields of a line.
func want(t testing.TB, line map[string]any, fields map[string]any) {
	t.Helper()
	for key, value := range fields {
		if got := line[key]; got != value {
			t.Errorf("%s is %v (%T), want %v\n%v", key, got, got, value, line)
		}
	}
}

// peer is a client of a server.
type peer struct {
	*tls.Conn
	in *bufio.Reader
}

// dial makes a TLS connection; id is the client's certificate, nil for none.
func dial(t testing.TB, address string, id *certtest.Identity) *peer {
	t.Helper()
	p, err := tryDial(t, address, id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func tryDial(t testing.TB, address string, id *certtest.Identity) (*peer, error) {
	t.Helper()
	raw, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	raw.SetDeadline(time.Now().Add(long))
	t.Cleanup(func() { raw.Close() })
	config := &tls.Config{InsecureSkipVerify: true, DynamicRecordSizingDisabled: true}
	if id != nil {
		config.Certificates = []tls.Certificate{{Certificate: [][]byte{id.Raw}, PrivateKey: id.Key}}
	}
	conn := tls.Client(raw, config)
	return &peer{conn, bufio.NewReader(conn)}, conn.Handshake()
}

// request is a request as it is sent.
func request(method, uri, callID string, headers ...string) string {
	return fmt.Sprintf("%s %s SIP/2.0\r\nVia: SIP/2.0/TLS 198.51.100.1:5061;branch=z9hG4bK%s\r\n"+
		"From: <sip:alice@atlanta.example>;tag=1\r\nTo: <%s>\r\nCall-ID: %s\r\nCSeq: 1 %s\r\n%sContent-Length: 0\r\n\r\n",
		method, uri, callID, uri, callID, method, strings.Join(append(headers, ""), "\r\n"))
}

func (p *peer) send(t testing.TB, text string) {
	t.Helper()
	if _, err := io.WriteString(p, text); err != nil {
		t.Fatal(err)
	}
}

// reply reads a reply without a body.
func (p *peer) reply() (text string, err error) {
	var b bytes.Buffer
	for !bytes.HasSuffix(b.Bytes(), []byte("\r\n\r\n")) {
		line, err := p.in.ReadString('\n')
		b.WriteString(line)
		if err != nil {
			return b.String(), err
		}
	}
	return b.String(), nil
}

// ask sends a request and gives the first line of the reply.
func (p *peer) ask(t testing.TB, text string) string {
	t.Helper()
	p.send(t, text)
	reply, err := p.reply()
	if err != nil {
		t.Fatalf("%q and then %v", reply, err)
	}
	first, _, _ := strings.Cut(reply, "\r\n")
	return first
}

// ended wants the server to close the connection without a word.
func (p *peer) ended(t testing.TB) {
	t.Helper()
	if _, err := p.in.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("reading gives %v instead of the end", err)
	}
}
