package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/dbsource"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/certtest/certfiles"
	"github.com/opensips-tools/tlsmgm/mgm/sqlstore"
	"github.com/opensips-tools/tlsmgm/mi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// site is a folder with a script, its certificates and an SQLite table.
type site struct {
	dir    string
	config *cfg.Config
	store  *sqlstore.Store

	sv1, db certfiles.Pair
	log     *logBuffer
}

// newSite writes a script with the two defaults, the server domain sv1 and the
// client domain cl1, and a table with the server domain db1. Further lines are
// for a test.
func newSite(t testing.TB, lines ...string) *site {
	t.Helper()
	return newSiteOn(t, "sqlite://@DIR@/tls.db", "db_sqlite.so", lines...)
}

// newSiteOn is newSite with another database.
func newSiteOn(t testing.TB, dbURL, module string, lines ...string) *site {
	t.Helper()
	s := &site{
		dir: t.TempDir(),
		sv1: certfiles.SelfSigned(t, "sv1.example.org"), db: certfiles.SelfSigned(t, "db.example.org"),
		log: &logBuffer{},
	}
	pair := certfiles.SelfSigned(t, "default.example.org")
	pair.Write(t, s.path("tls/cert.pem"), s.path("tls/ckey.pem"))
	pair.Write(t, s.path("cl1.pem"), s.path("cl1.key"))
	s.sv1.Write(t, s.path("sv1.pem"), s.path("sv1.key"))
	s.config = s.parse(t, strings.Join(append([]string{
		`auto_aliases=no`,
		`listen=tls:127.0.0.1:5061`,
		`mpath="/usr/lib/opensips/modules/"`,
		`loadmodule "sl.so"`,
		`loadmodule "proto_tls.so"`,
		`loadmodule "` + module + `"`,
		`loadmodule "httpd.so"`,
		`loadmodule "mi_json.so"`,
		`loadmodule "mi_http.so"`,
		`loadmodule "tls_mgm.so"`,
		`modparam("tls_mgm", "server_domain", "sv1=127.0.0.1:5061")`,
		`modparam("tls_mgm", "certificate", "[sv1]@DIR@/sv1.pem")`,
		`modparam("tls_mgm", "private_key", "[sv1]@DIR@/sv1.key")`,
		`modparam("tls_mgm", "client_domain", "cl1")`,
		`modparam("tls_mgm", "certificate", "[cl1]@DIR@/cl1.pem")`,
		`modparam("tls_mgm", "private_key", "[cl1]@DIR@/cl1.key")`,
		`modparam("tls_mgm", "db_url", "` + dbURL + `")`,
		`route { sl_send_reply("200", "OK"); exit; }`,
	}, lines...), "\n"))
	var err error
	if s.store, err = dbsource.Open(s.config); err != nil {
		t.Fatal(err)
	}
	if err := s.store.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.put(t, s.row("db1", "127.0.0.1:5062"))
	return s
}

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

func (s *site) parse(t testing.TB, text string) *cfg.Config {
	t.Helper()
	config, err := cfg.Parse("opensips.cfg", strings.ReplaceAll(text, "@DIR@", s.dir), cfg.Options{ConfigDir: s.dir + "/"})
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func (s *site) row(name, address string) mgm.Row {
	return mgm.Row{
		Domain: name, Type: new(int64(2)), Address: address,
		Certificate: s.db.Certificate, PrivateKey: s.db.Key, VerifyCert: new(int64(0)), RequireCert: new(int64(0)),
	}
}

func (s *site) put(t testing.TB, rows ...mgm.Row) {
	t.Helper()
	if _, err := s.store.Import(context.WithoutCancel(t.Context()), rows, sqlstore.ImportOptions{Replace: true}); err != nil {
		t.Fatal(err)
	}
}

// new makes the service of a site.
func (s *site) new(t testing.TB, o Options) (*Service, start.Result, error) {
	t.Helper()
	o.Log = slog.New(slog.NewJSONHandler(s.log, nil))
	o.Start.ConfigDir = s.dir + "/"
	o.Build = "v0"
	if o.Server.Listen == "" {
		o.Server.Listen = "127.0.0.1:0"
	}
	return New(t.Context(), s.config, o)
}

// run runs the service until the test ends, and gives its URL.
func (s *site) run(t testing.TB, o Options) (service *Service, url string) {
	t.Helper()
	service, result, err := s.new(t, o)
	if err != nil || service == nil {
		t.Fatal(result.Diagnostics, s.config.Diagnostics, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	urls, done := make(chan string, 1), make(chan error, 1)
	go func() { done <- service.Run(ctx, func(url string) { urls <- url }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	select {
	case url = <-urls:
	case err := <-done:
		done <- nil
		t.Fatal(err)
	}
	return service, url
}

// client calls a service.
func client(t testing.TB, url string) *mi.Client {
	t.Helper()
	c, err := mi.NewClient(mi.ClientConfig{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func call(t testing.TB, c *mi.Client, method string, params, into any) {
	t.Helper()
	answer, err := c.Call(context.WithoutCancel(t.Context()), method, params)
	if err != nil {
		t.Fatal(err)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(answer, into); err != nil {
		t.Fatalf("%v in %s", err, answer)
	}
}

// listed are the domains that tls_list has, as "SRV name".
func listed(t testing.TB, c *mi.Client) (names []string) {
	t.Helper()
	var list struct{ Domains []struct{ Name, Type string } }
	call(t, c, "tls_list", nil, &list)
	for _, d := range list.Domains {
		names = append(names, strings.TrimPrefix(d.Type, "TLS_DOMAIN_")+" "+d.Name)
	}
	return names
}

// eventually waits for something that happens in the background.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !is() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// logBuffer takes log lines and counts them.
type logBuffer struct {
	mu       sync.Mutex
	buf      bytes.Buffer
	discards bool
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.discards {
		return len(p), nil
	}
	return b.buf.Write(p)
}

// discard throws away what is written from now on.
func (b *logBuffer) discard() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.discards = true
}

// lines are those with that message.
func (b *logBuffer) lines(t testing.TB, message string) (found []map[string]any) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for line := range bytes.Lines(b.buf.Bytes()) {
		var fields map[string]any
		if err := json.Unmarshal(line, &fields); err != nil {
			t.Fatal(err)
		}
		if fields["msg"] == message {
			found = append(found, fields)
		}
	}
	return found
}

func (b *logBuffer) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

var hangup os.Signal = os.Interrupt // any will do: the service does not look which it is
