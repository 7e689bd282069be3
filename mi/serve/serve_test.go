package serve

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/certtest/certfiles"
	"github.com/opensips-tools/tlsmgm/mi"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

func TestServe(t *testing.T) {
	s := newSite(t)
	_, url := s.run(t, Options{})
	if !strings.HasPrefix(url, "http://127.0.0.1:") || !strings.HasSuffix(url, "/mi") || strings.Contains(url, ":0/") {
		t.Errorf("serves at %s", url)
	}
	c := client(t, url)
	want := []string{"CLI default", "SRV default", "CLI cl1", "SRV db1", "SRV sv1"}
	if diff := cmp.Diff(want, listed(t, c)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s.put(t, s.row("db2", "127.0.0.1:5063"))
	call(t, c, "tls_mgm:reload", nil, nil)
	want = slices.Insert(want, 3, "SRV db2")
	if diff := cmp.Diff(want, listed(t, c)); diff != "" {
		t.Errorf("after a reload (-want +got):\n%s", diff)
	}
	response, err := http.Get(strings.TrimSuffix(url, "/mi") + "/json/tls_list")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("the 2.x form has status %d", response.StatusCode)
	}
}

func TestRootsAndAddressOfTheScript(t *testing.T) {
	s := newSite(t,
		`modparam("httpd", "ip", "127.0.0.1")`,
		`modparam("httpd", "port", 18888)`,
		`modparam("mi_json", "mi_json_root", "tree")`,
		`modparam("mi_http", "mi_http_root", "manage")`,
	)
	if got := Address(s.config); got != "127.0.0.1:18888" {
		t.Errorf("address %s", got)
	}
	_, url := s.run(t, Options{})
	if !strings.HasSuffix(url, "/manage") {
		t.Errorf("serves at %s", url)
	}
	if names := listed(t, client(t, url)); len(names) != 5 {
		t.Errorf("lists %q", names)
	}
	response, err := http.Get(strings.TrimSuffix(url, "/manage") + "/tree/tls_list")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("the 2.x form has status %d", response.StatusCode)
	}
}

func TestAddress(t *testing.T) {
	tests := []struct {
		http cfg.HTTP
		want string
	}{
		{cfg.HTTP{}, "127.0.0.1:8888"},
		{cfg.HTTP{Port: cfg.Setting[int]{Value: 8080}}, "127.0.0.1:8080"},
		{cfg.HTTP{IP: cfg.Setting[string]{Value: "192.0.2.1"}}, "192.0.2.1:8888"},
		{cfg.HTTP{IP: cfg.Setting[string]{Value: "::1"}, Port: cfg.Setting[int]{Value: 1}}, "[::1]:1"},
	}
	for _, tt := range tests {
		if got := Address(&cfg.Config{HTTP: tt.http}); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

func TestUnixSocket(t *testing.T) {
	s := newSite(t)
	socket := "unix:" + s.path("mi.sock")
	_, url := s.run(t, Options{Server: mi.ServerConfig{Listen: socket}})
	if url != socket {
		t.Errorf("serves at %s", url)
	}
	if names := listed(t, client(t, url)); len(names) != 5 {
		t.Errorf("lists %q", names)
	}
}

func TestDoesNotStart(t *testing.T) {
	tests := []struct {
		name   string
		line   string
		damage func(t *testing.T, s *site)
		want   string
	}{
		{"what it cannot read", `modparam("tls_mgm", "verify_cert", 1)`, func(*testing.T, *site) {}, ""},
		{"a route that is not there", `route[a] { route(b); }`, func(*testing.T, *site) {}, "undefined-route"},
		{"a key of another certificate", "", func(t *testing.T, s *site) {
			certfiles.Write(t, s.path("sv1.key"), s.db.Key)
		}, "private-key-mismatch"},
		{"no database", "", func(t *testing.T, s *site) {
			if err := os.Remove(s.path("tls.db")); err != nil {
				t.Fatal(err)
			}
		}, "database"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, tt.line)
			tt.damage(t, s)
			service, result, err := s.new(t, Options{})
			if service != nil || err != nil || result.Verdict != start.Stops {
				t.Fatalf("service %v, verdict %s, error %v", service, result.Verdict, err)
			}
			if tt.want != "" && !slices.ContainsFunc(result.Diagnostics, func(d diag.Diagnostic) bool { return d.Rule == tt.want && d.Severity == diag.Error }) {
				t.Errorf("found %v, want an error of rule %s", result.Diagnostics, tt.want)
			}
		})
	}
}

func TestDoesNotServeStrangers(t *testing.T) {
	s := newSite(t)
	for _, o := range []Options{
		{Server: mi.ServerConfig{Listen: "0.0.0.0:0"}},
		{Server: mi.ServerConfig{Listen: "0.0.0.0:0", AllowRemote: true}},
	} {
		if _, _, err := s.new(t, o); err == nil {
			t.Errorf("%+v is served", o.Server)
		}
	}
	s = newSite(t, `modparam("mi_json", "mi_json_root", "mi")`)
	if _, _, err := s.new(t, Options{}); err == nil || !strings.Contains(err.Error(), "mi_json_root") {
		t.Errorf("two interfaces at one root: %v", err)
	}
}

func TestRowsAreSkippedInTheLog(t *testing.T) {
	s := newSite(t)
	bad := s.row("bad", "nowhere")
	s.put(t, bad)
	_, url := s.run(t, Options{})
	c := client(t, url)
	for _, skipped := range [][]map[string]any{s.log.lines(t, "row skipped")} {
		if len(skipped) != 1 || skipped[0]["domain"] != "bad" || skipped[0]["id"] != 2.0 || skipped[0]["column"] != "address" || skipped[0]["trigger"] != "start" {
			t.Errorf("at start: %v", skipped)
		}
	}
	s.put(t, s.row("db2", "127.0.0.1:5063"))
	changed := s.row("db1", "127.0.0.1:5099")
	s.put(t, changed)
	call(t, c, "tls_reload", nil, nil)
	for message, domain := range map[string]string{"domain added": "server db2", "domain changed": "server db1", "row skipped": "bad"} {
		lines := s.log.lines(t, message)
		last := lines[len(lines)-1]
		if last["domain"] != domain || last["trigger"] != "command" || last["request_id"] == "" {
			t.Errorf("%s: %v", message, lines)
		}
	}
	if len(s.log.lines(t, "domain removed")) != 0 {
		t.Error("nothing was removed")
	}
	for _, secret := range []string{s.db.Secret(), s.sv1.Secret(), "PRIVATE KEY"} {
		if strings.Contains(s.log.text(), secret) {
			t.Error("a key is in the log")
		}
	}
}

// TestSharedLoadIsLoggedOnce has many callers share few loads.
func TestSharedLoadIsLoggedOnce(t *testing.T) {
	s := newSite(t)
	service, url := s.run(t, Options{})
	c := client(t, url)
	var callers sync.WaitGroup
	for range 20 {
		callers.Go(func() { call(t, c, "tls_reload", nil, nil) })
	}
	callers.Wait()
	loads := service.reloader.registry.Stats().Reloads
	if logged := len(s.log.lines(t, "domains reloaded")); uint64(logged) != loads || logged > 20 {
		t.Errorf("%d loads, %d in the log", loads, logged)
	}
}

func TestFailedReload(t *testing.T) {
	s := newSite(t)
	_, url := s.run(t, Options{})
	c := client(t, url)
	if err := os.Rename(s.path("tls.db"), s.path("away.db")); err != nil {
		t.Fatal(err)
	}
	_, err := c.Call(t.Context(), "tls_reload", nil)
	e, ok := errors.AsType[*mi.Error](err)
	if !ok || e.Code != 500 || e.Message != "Failed to reload" || e.Data != "" {
		t.Errorf("error %v", err)
	}
	var status map[string]any
	call(t, c, "tls_status", nil, &status)
	if _, failed := status["last_reload_failed"]; !failed || status["failed_reloads"] != 1.0 {
		t.Errorf("status %v", status)
	}
	if lines := s.log.lines(t, "reload failed, the domains stay as they are"); len(lines) != 1 || !strings.Contains(lines[0]["error"].(string), "tls.db") {
		t.Errorf("log %v", lines)
	}
	if names := listed(t, c); len(names) != 5 {
		t.Errorf("lists %q", names)
	}
	if err := os.Rename(s.path("away.db"), s.path("tls.db")); err != nil {
		t.Fatal(err)
	}
	call(t, c, "tls_reload", nil, nil)
	status = nil
	call(t, c, "tls_status", nil, &status)
	if _, failed := status["last_reload_failed"]; failed {
		t.Errorf("status %v after a reload that went well", status)
	}
}

func fingerprint(t testing.TB, c *mi.Client, domain string) string {
	t.Helper()
	var shown struct {
		Domains []struct {
			Certificate struct {
				Fingerprint string `json:"sha256_fingerprint"`
			}
		}
	}
	call(t, c, "tls_show", []string{domain}, &shown)
	return strings.ToLower(strings.ReplaceAll(shown.Domains[0].Certificate.Fingerprint, ":", ""))
}

func TestHangupReadsFiles(t *testing.T) {
	s := newSite(t)
	hangups := make(chan os.Signal, 1)
	_, url := s.run(t, Options{Hangups: hangups})
	c := client(t, url)
	before := fingerprint(t, c, "sv1")
	certfiles.SelfSigned(t, "sv1.example.org").Write(t, s.path("sv1.pem"), s.path("sv1.key"))
	call(t, c, "tls_reload", nil, nil)
	if fingerprint(t, c, "sv1") != before {
		t.Error("tls_reload read the files of the script")
	}
	hangups <- hangup
	eventually(t, "the new certificate", func() bool { return fingerprint(t, c, "sv1") != before })

	now := fingerprint(t, c, "sv1")
	certfiles.Write(t, s.path("sv1.key"), s.db.Key)
	hangups <- hangup
	eventually(t, "the log of a failure", func() bool { return len(s.log.lines(t, "domain of the script cannot be used")) > 0 })
	line := s.log.lines(t, "domain of the script cannot be used")[0]
	if line["domain"] != "server sv1" || line["parameter"] != "private_key" || line["set_at"] != "opensips.cfg:13:36" || line["trigger"] != "signal" {
		t.Errorf("log %v", line)
	}
	if fingerprint(t, c, "sv1") != now {
		t.Error("the old domain is gone")
	}
}

func TestWatch(t *testing.T) {
	const interval = 10 * time.Millisecond
	replace := map[string]func(t *testing.T, s *site, pair certfiles.Pair){
		"renamed over": func(t *testing.T, s *site, pair certfiles.Pair) {
			pair.Write(t, s.path("sv1.pem"), s.path("sv1.key"))
		},
		"folder swapped by its link": func(t *testing.T, s *site, pair certfiles.Pair) {
			folder, err := os.MkdirTemp(s.dir, "..data")
			if err != nil {
				t.Fatal(err)
			}
			pair.Write(t, filepath.Join(folder, "sv1.pem"), filepath.Join(folder, "sv1.key"))
			if err := errors.Join(os.Symlink(folder, s.path("next")), os.Rename(s.path("next"), s.path("live"))); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, replace := range replace {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			if strings.Contains(name, "link") {
				if err := errors.Join(os.Mkdir(s.path("first"), 0o700), os.Rename(s.path("sv1.pem"), s.path("first/sv1.pem")), os.Rename(s.path("sv1.key"), s.path("first/sv1.key")),
					os.Symlink("first", s.path("live")), os.Symlink("live/sv1.pem", s.path("sv1.pem")), os.Symlink("live/sv1.key", s.path("sv1.key"))); err != nil {
					t.Fatal(err)
				}
			}
			_, url := s.run(t, Options{Watch: interval})
			c := client(t, url)
			before := fingerprint(t, c, "sv1")
			replace(t, s, certfiles.SelfSigned(t, "sv1.example.org"))
			eventually(t, "the new certificate", func() bool { return fingerprint(t, c, "sv1") != before })

			now := fingerprint(t, c, "sv1")
			bad := certfiles.SelfSigned(t, "sv1.example.org")
			bad.Key = []byte("garbage")
			replace(t, s, bad)
			eventually(t, "the log of a failure", func() bool { return len(s.log.lines(t, "reload failed, the domains stay as they are")) > 0 })
			if fingerprint(t, c, "sv1") != now {
				t.Error("the old domain is gone")
			}
			replace(t, s, certfiles.SelfSigned(t, "sv1.example.org"))
			eventually(t, "the certificate after", func() bool { return fingerprint(t, c, "sv1") != now })
		})
	}
}

// TestAfterChange has files reloaded while the database is down: that is tried
// again, unlike files that do not fit together.
func TestAfterChange(t *testing.T) {
	s := newSite(t)
	service, _ := s.run(t, Options{})
	certfiles.Write(t, s.path("sv1.key"), s.db.Key)
	if err := service.reloader.afterChange(t.Context()); err != nil {
		t.Errorf("files that do not fit ask for another try: %v", err)
	}
	s.sv1.Write(t, s.path("sv1.pem"), s.path("sv1.key"))
	if err := os.Remove(s.path("tls.db")); err != nil {
		t.Fatal(err)
	}
	if service.reloader.afterChange(t.Context()) == nil {
		t.Error("a database that is down asks for no other try")
	}
}

func TestCallerThatGivesUp(t *testing.T) {
	s := newSite(t)
	service, url := s.run(t, Options{})
	s.put(t, s.row("db2", "127.0.0.1:5063"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := service.reloader.reload(ctx, mgm.ReloadOptions{}, "test"); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	eventually(t, "the load in the log", func() bool { return len(s.log.lines(t, "domains reloaded")) == 1 })
	if names := listed(t, client(t, url)); !slices.Contains(names, "SRV db2") {
		t.Errorf("lists %q", names)
	}
}

func TestDryRunAndStrictAreLogged(t *testing.T) {
	s := newSite(t)
	_, url := s.run(t, Options{})
	c := client(t, url)
	s.put(t, s.row("bad", "nowhere"))
	call(t, c, "tls_reload", map[string]any{"dry_run": 1}, nil)
	if lines := s.log.lines(t, "reload tried"); len(lines) != 1 || lines[0]["skipped"] != 1.0 {
		t.Errorf("log %v", lines)
	}
	if _, err := c.Call(t.Context(), "tls_reload", map[string]any{"strict": 1}); err == nil {
		t.Error("a strict reload skipped a row")
	}
	if lines := s.log.lines(t, "row skipped"); len(lines) != 1 || lines[0]["domain"] != "bad" {
		t.Errorf("log %v", lines)
	}
}

func TestTLSFiles(t *testing.T) {
	dir := t.TempDir()
	server, ca, stranger := certfiles.SelfSigned(t, "localhost"), certfiles.SelfSigned(t, "client"), certfiles.SelfSigned(t, "stranger")
	files := TLSFiles{Certificate: dir + "/cert.pem", Key: dir + "/key.pem", ClientCA: dir + "/ca.pem"}
	server.Write(t, files.Certificate, files.Key)
	certfiles.Write(t, files.ClientCA, ca.Certificate)
	config, err := files.Config()
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t)
	_, url := s.run(t, Options{Server: mi.ServerConfig{TLS: config}})
	if !strings.HasPrefix(url, "https://") {
		t.Errorf("serves at %s", url)
	}
	get := func(pair certfiles.Pair, roots ...certfiles.Pair) error {
		clientPair, err := tls.X509KeyPair(pair.Certificate, pair.Key)
		if err != nil {
			t.Fatal(err)
		}
		pool := x509.NewCertPool()
		for _, root := range roots {
			pool.AppendCertsFromPEM(root.Certificate)
		}
		c, err := mi.NewClient(mi.ClientConfig{URL: url, TLS: &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{clientPair}}})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, err = c.Call(t.Context(), "version", nil)
		return err
	}
	if err := get(ca, server); err != nil {
		t.Errorf("a client with a certificate: %v", err)
	}
	if get(stranger, server) == nil {
		t.Error("a client with another certificate is served")
	}
	renewed := certfiles.SelfSigned(t, "localhost")
	certfiles.Write(t, files.Certificate, renewed.Certificate)
	if err := get(ca, server); err != nil {
		t.Errorf("half replaced, the old pair is in use: %v", err)
	}
	certfiles.Write(t, files.Key, renewed.Key)
	if err := get(ca, renewed); err != nil {
		t.Errorf("with the new pair: %v", err)
	}
}

func TestTLSFilesRefused(t *testing.T) {
	dir := t.TempDir()
	pair := certfiles.SelfSigned(t, "localhost")
	pair.Write(t, dir+"/cert.pem", dir+"/key.pem")
	for _, files := range []TLSFiles{
		{Certificate: dir + "/cert.pem"},
		{ClientCA: dir + "/cert.pem"},
		{Certificate: dir + "/cert.pem", Key: dir + "/none.pem"},
		{Certificate: dir + "/cert.pem", Key: dir + "/key.pem", ClientCA: dir + "/none.pem"},
		{Certificate: dir + "/cert.pem", Key: dir + "/key.pem", ClientCA: dir + "/key.pem"},
	} {
		if _, err := files.Config(); err == nil || strings.Contains(err.Error(), pair.Secret()) {
			t.Errorf("%+v: error %v", files, err)
		}
	}
	config, err := TLSFiles{Certificate: dir + "/cert.pem", Key: dir + "/key.pem", ClientCA: dir + "/cert.pem", CertificateOptional: true}.Config()
	if err != nil || config.ClientAuth != tls.VerifyClientCertIfGiven {
		t.Errorf("%v, error %v", config, err)
	}
}
