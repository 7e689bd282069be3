package commands

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"iter"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/certtest/certfiles"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/mi"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	clock   = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	started = clock.Add(-90 * time.Second)
)

// table is a Source that a test changes.
type table struct {
	rows []mgm.Row
	err  error
}

func (s *table) Rows(context.Context) iter.Seq2[mgm.Row, error] {
	return func(yield func(mgm.Row, error) bool) {
		for _, row := range s.rows {
			if !yield(row, nil) {
				return
			}
		}
		if s.err != nil {
			yield(mgm.Row{}, s.err)
		}
	}
}

// fixture is a server of one script domain of each kind, the two defaults and
// the rows of a table.
type fixture struct {
	Server
	table    *table
	commands *mi.Commands
	pair     certfiles.Pair // of every domain of the table
}

func newFixture(t testing.TB, withTable bool) *fixture {
	t.Helper()
	f := &fixture{table: &table{}}
	dir := t.TempDir()
	day := 24 * time.Hour
	certfiles.Valid(t, "sip.example.org", clock.Add(-day), clock.Add(10*day+time.Hour)).
		Write(t, dir+"/tls/cert.pem", dir+"/tls/ckey.pem")
	f.pair = certfiles.Valid(t, "db.example.org", clock.Add(-10*day), clock.Add(-day-day/2))
	f.table.rows = []mgm.Row{f.row(7, "dbsv", 2, "192.0.2.1:5062"), f.row(8, "dbcl", 1, "")}
	o := mgm.Options{
		Version: catalogue.Default, ConfigDir: dir + "/", Files: tlsctx.OS{},
		Now: func() time.Time { return clock },
	}
	if withTable {
		o.Source = f.table
	}
	registry, problems, err := mgm.NewRegistry(t.Context(), script(dir+"/"), o)
	if err != nil || registry == nil {
		t.Fatal(problems, err)
	}
	f.Server = Server{
		Registry: registry, Version: catalogue.Default, Build: "v1.2.3",
		Started: started, Now: func() time.Time { return clock },
		Reload:      registry.Reload,
		LastFailure: func() *Failure { return nil },
	}
	f.useCommands(t)
	return f
}

func (f *fixture) useCommands(t testing.TB) {
	t.Helper()
	var err error
	if f.commands, err = mi.NewCommands(All(f.Server)...); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) row(id int64, name string, kind int64, address string) mgm.Row {
	return mgm.Row{ID: id, Domain: name, Type: &kind, Address: address, Certificate: f.pair.Certificate, PrivateKey: f.pair.Key, VerifyCert: new(int64(0))}
}

func script(dir string) mgm.Script {
	at := func(line int) domain.Origin {
		start := diag.Position{File: "opensips.cfg", Line: line, Column: 9}
		return domain.InScript(diag.Span{Start: start, End: start})
	}
	server := domain.New(domain.Server, "sv1", dir)
	server.From, server.Address = at(3), netip.MustParseAddrPort("127.0.0.1:5061")
	server.Method = domain.Text{Value: "TLSv1_2", From: at(4)}
	client := domain.New(domain.Client, "sv1", dir)
	client.From = at(5)
	client.VerifyCert = domain.Flag{On: false, From: at(6)}
	defaultServer, defaultClient := domain.New(domain.Server, "", dir), domain.New(domain.Client, "", dir)
	defaultServer.Default, defaultClient.Default = true, true
	return mgm.Script{
		Domains:       []*domain.Definition{server, client},
		DefaultServer: defaultServer, DefaultClient: defaultClient,
	}
}

// rpc runs a command over JSON-RPC, with the JSON of its parameters if any, and
// gives the result or the error as JSON.
func (f *fixture) rpc(t testing.TB, method, params string) string {
	t.Helper()
	h, err := mi.NewHandler(f.commands, mi.HandlerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if params != "" {
		params = `,"params":` + params
	}
	answer := post(t, h, `{"jsonrpc":"2.0","id":1,"method":"`+method+`"`+params+`}`)
	for _, secret := range []string{f.pair.Secret(), "PRIVATE KEY"} {
		if strings.Contains(answer, secret) {
			t.Errorf("the answer to %s has a key: %s", method, answer)
		}
	}
	answer = strings.TrimPrefix(answer, `{"jsonrpc":"2.0",`)
	answer = strings.TrimPrefix(answer, `"result":`)
	return strings.TrimSuffix(answer, `,"id":1}`)
}

// post gives the body of the answer to a JSON-RPC request.
func post(t testing.TB, h http.Handler, body string) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://localhost/mi", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Errorf("status %d for %s", w.Code, body)
	}
	return w.Body.String()
}

func (f *fixture) decode(t testing.TB, method, params string, into any) {
	t.Helper()
	answer := f.rpc(t, method, params)
	if err := json.Unmarshal([]byte(answer), into); err != nil {
		t.Fatalf("%v in %s", err, answer)
	}
}

func TestAllAreListed(t *testing.T) {
	f := newFixture(t, true)
	var names []string
	f.decode(t, "which", "", &names)
	for _, name := range []string{"tls_list", "tls_reload", "tls_mgm:list", "tls_mgm:reload", "tls_show", "tls_status", "which", "help", "version", "uptime", "ps", "get_statistics"} {
		if !slices.Contains(names, name) {
			t.Errorf("which does not list %s", name)
		}
		var help map[string]string
		f.decode(t, "help", `["`+name+`"]`, &help)
		if help["Help"] == "" || help["Exported by"] == "" {
			t.Errorf("help %s: %v", name, help)
		}
	}
}

func TestSmallCommands(t *testing.T) {
	f := newFixture(t, true)
	if got := f.rpc(t, "version", ""); !strings.Contains(got, "tlsmgm (v1.2.3 (") || !strings.Contains(got, "OpenSIPS 2.3") {
		t.Errorf("version: %s", got)
	}
	if got := f.rpc(t, "uptime", ""); !strings.Contains(got, `"Up time":"90 [sec]"`) {
		t.Errorf("uptime: %s", got)
	}
	var processes struct {
		Processes []struct {
			PID  int
			Type string
		}
	}
	f.decode(t, "ps", "", &processes)
	if len(processes.Processes) != 1 || processes.Processes[0].PID != os.Getpid() {
		t.Errorf("ps: %v", processes)
	}
}

func TestList(t *testing.T) {
	f := newFixture(t, true)
	var list struct {
		Domains []map[string]any
	}
	f.decode(t, "tls_list", "", &list)
	var names []string
	for _, d := range list.Domains {
		names = append(names, d["type"].(string)+" "+d["name"].(string))
		if _, hasFile := d["CERT_FILE"]; hasFile == strings.HasPrefix(d["name"].(string), "db") {
			t.Errorf("only domains of the script show their files, this is %v", d)
		}
	}
	want := []string{
		"TLS_DOMAIN_CLI default", "TLS_DOMAIN_SRV default", "TLS_DOMAIN_CLI dbcl", "TLS_DOMAIN_CLI sv1",
		"TLS_DOMAIN_SRV dbsv", "TLS_DOMAIN_SRV sv1",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	server := list.Domains[5]
	if server["METHOD"] != "TLSv1_2" || !cmp.Equal(server["IP ADDRESS FILTERS"], []any{"127.0.0.1:5061"}) || server["REQ_CLI_CERT"] != true {
		t.Errorf("server domain sv1: %v", server)
	}
}

func TestReload(t *testing.T) {
	tests := []struct {
		name    string
		params  string
		change  func(f *fixture)
		want    string
		domains int // afterwards
	}{
		{"nothing changed", "", func(*fixture) {}, `"OK"`, 6},
		{"as the 4.0 clients send it", "{}", func(*fixture) {}, `"OK"`, 6},
		{
			"bad row", "", func(f *fixture) { f.table.rows[0].PrivateKey = []byte("garbage") },
			`"OK"`, 5,
		},
		{
			"report", `{"report":1}`,
			func(f *fixture) {
				f.table.rows[1].RequireCert = new(int64(1))
				f.table.rows[0].Type = nil
				f.table.rows = append(f.table.rows, f.row(9, "new", 2, "192.0.2.1:5063"))
			},
			`"added":["server new"],"changed":["client dbcl"],"removed":["server dbsv"],` +
				`"skipped":[{"id":7,"domain":"dbsv","column":"type","message":`, 6,
		},
		{
			"dry run", `{"dry_run":true}`, func(f *fixture) { f.table.rows = nil },
			`"removed":["client dbcl","server dbsv"],"skipped":[]`, 6,
		},
		{
			"strict", `{"strict":1}`, func(f *fixture) { f.table.rows[0].Address = "nowhere" },
			`"error":{"code":500,"message":"Failed to reload","data":"nothing is changed, as rows would be skipped: ` +
				`domain \"dbsv\" (id 7), column \"address\": `, 6,
		},
		{"strict and well", `{"strict":1}`, func(f *fixture) { f.table.rows = f.table.rows[:1] }, `"OK"`, 5},
		{
			"broken", "", func(f *fixture) { f.table.err = errors.New("connection lost") },
			`"error":{"code":500,"message":"Failed to reload"}`, 6,
		},
		{
			"broken, with a report", `{"report":1}`, func(f *fixture) { f.table.err = errors.New("connection lost") },
			`"error":{"code":500,"message":"Failed to reload","data":"load TLS domains from the database: connection lost"}`, 6,
		},
		{
			"by position", `[1]`, func(*fixture) {},
			`"error":{"code":-32602,"message":"Invalid params","data":"Too few or too many parameters"}`, 6,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, true)
			tt.change(f)
			if got := f.rpc(t, "tls_reload", tt.params); !strings.Contains(got, tt.want) {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if n := f.Registry.Domains().Len(); n != tt.domains {
				t.Errorf("%d domains afterwards, want %d", n, tt.domains)
			}
		})
	}
}

func TestReloadWithoutDatabase(t *testing.T) {
	f := newFixture(t, false)
	for _, params := range []string{"", `{"report":1}`} {
		if got := f.rpc(t, "tls_reload", params); got != `"error":{"code":500,"message":"DB url not set"}` {
			t.Errorf("tls_reload %s: %s", params, got)
		}
	}
}

func TestReasonNamesSomeRows(t *testing.T) {
	var rows []mgm.RowProblem
	for id := range int64(25) {
		rows = append(rows, mgm.RowProblem{ID: id, Domain: "d", Column: "type", Message: "m"})
	}
	got := reason(&mgm.SkippedError{Rows: rows})
	if !strings.Contains(got, "(id 19)") || strings.Contains(got, "(id 20)") || !strings.HasSuffix(got, "and 5 more") {
		t.Error(got)
	}
}

func TestShow(t *testing.T) {
	f := newFixture(t, true)
	type shown struct {
		Name, Type, Source, Origin, Address string
		Default                             bool
		Settings                            map[string]struct {
			Value  any
			Origin string
		}
		Certificate struct {
			Subject, Issuer, Serial, Key string
			SerialHex                    string `json:"serial_hex"`
			Names                        []string
			DaysLeft                     int    `json:"days_left"`
			NotAfter                     string `json:"not_after"`
			Fingerprint                  string `json:"sha256_fingerprint"`
		}
	}
	var answer struct{ Domains []shown }
	f.decode(t, "tls_show", `["sv1"]`, &answer)
	if len(answer.Domains) != 2 {
		t.Fatalf("%d domains are called sv1", len(answer.Domains))
	}
	client, server := answer.Domains[0], answer.Domains[1]
	if client.Type != "TLS_DOMAIN_CLI" || server.Type != "TLS_DOMAIN_SRV" || server.Source != "script" || server.Origin != "opensips.cfg:3:9" || server.Address != "127.0.0.1:5061" {
		t.Errorf("%+v", answer.Domains)
	}
	for _, tt := range []struct {
		d             shown
		param, origin string
		value         any
	}{
		{server, "tls_method", "opensips.cfg:4:9", "TLSv1_2"},
		{client, "tls_method", "default", "SSLv23"},
		{client, "verify_cert", "opensips.cfg:6:9", false},
		{server, "verify_cert", "default", true},
		{server, "ca_dir", "default", domain.DefaultCADir},
		{server, "ec_curve", "default", ""},
	} {
		if got := tt.d.Settings[tt.param]; got.Value != tt.value || got.Origin != tt.origin {
			t.Errorf("%s of the %s domain is %+v", tt.param, tt.d.Type, got)
		}
	}
	if c := server.Certificate; c.Subject != "CN=sip.example.org,O=certtest" || c.Serial != "2043453" || c.SerialHex != "1F2E3D" ||
		c.Key != "ECDSA P-256" || c.DaysLeft != 10 || c.NotAfter != "2026-12-03T13:00:00Z" || len(c.Fingerprint) != 95 ||
		!slices.Equal(c.Names, []string{"DNS:sip.example.org", "IP Address:127.0.0.1", "URI:sip:sip.example.org", "email:sip@sip.example.org"}) {
		t.Errorf("%+v", c)
	}

	f.decode(t, "tls_mgm:show", `{"name":"dbsv"}`, &answer)
	if d := answer.Domains[0]; len(answer.Domains) != 1 || d.Source != "database" || d.Origin != "row 7" || d.Settings["private_key"].Value != "blob" || d.Settings["private_key"].Origin != "row 7" || d.Certificate.DaysLeft != -2 {
		t.Errorf("%+v", d)
	}
	f.decode(t, "tls_show", `["default"]`, &answer)
	if len(answer.Domains) != 2 || !answer.Domains[0].Default {
		t.Errorf("%+v", answer.Domains)
	}
	if got := f.rpc(t, "tls_show", `["nosuch"]`); got != `"error":{"code":404,"message":"TLS domain not found"}` {
		t.Error(got)
	}
}

// TestShowContext shows what a domain with a chain, CAs, CRLs and ciphers makes
// of them.
func TestShowContext(t *testing.T) {
	f := newFixture(t, true)
	valid := certtest.Valid(clock.Add(-time.Hour), clock.Add(time.Hour))
	root := certtest.Root(t, "root", valid)
	middle := root.Authority(t, "middle", valid)
	leaf := middle.Issue(t, "leaf", valid)
	crls := t.TempDir()
	list := root.Revoke(t, certtest.RevocationList{Revoked: []*big.Int{big.NewInt(1)}, From: clock.Add(-time.Hour), To: clock.Add(time.Hour)})
	certfiles.Write(t, crls+"/root.pem", certtest.CRLPEM(list))
	row := f.row(9, "rich", 2, "192.0.2.9:5061")
	row.Certificate, row.PrivateKey, row.CAList = leaf.ChainPEM(), leaf.KeyPEM(t), root.PEM()
	row.Method, row.CipherList, row.CRLDir = "TLSv1_2", "ECDHE-ECDSA-AES256-GCM-SHA384", crls
	f.table.rows = []mgm.Row{row}
	f.rpc(t, "tls_reload", "")
	var answer struct {
		Domains []struct {
			Certificate struct{ Subject string }
			Chain       []struct{ Subject string }
			PrivateKey  string `json:"private_key"`
			CAs         int    `json:"trusted_cas"`
			CRLs        []struct {
				Issuer     string
				NextUpdate string `json:"next_update"`
				Revoked    int
			} `json:"revocation_lists"`
			Protocols struct{ Lowest, Highest string }
			Ciphers   []string
		}
	}
	f.decode(t, "tls_show", `["rich"]`, &answer)
	d := answer.Domains[0]
	if d.Certificate.Subject != "CN=leaf,O=certtest" || len(d.Chain) != 1 || d.Chain[0].Subject != "CN=middle,O=certtest" || d.PrivateKey != "ECDSA P-256" || d.CAs != 1 {
		t.Errorf("%+v", d)
	}
	if len(d.CRLs) != 1 || d.CRLs[0].Issuer != "CN=root,O=certtest" || d.CRLs[0].NextUpdate != "2026-11-23T13:00:00Z" || d.CRLs[0].Revoked != 1 {
		t.Errorf("%+v", d.CRLs)
	}
	if d.Protocols.Lowest != "TLSv1.2" || d.Protocols.Highest != "TLSv1.2" || !slices.Equal(d.Ciphers, []string{"ECDHE-ECDSA-AES256-GCM-SHA384"}) {
		t.Errorf("%+v, %q", d.Protocols, d.Ciphers)
	}
}

// TestShowUnreadCertificate has a certificate of which crypto/x509 could read a
// part only.
func TestShowUnreadCertificate(t *testing.T) {
	shown := string(showCertificate(&x509.Certificate{Raw: []byte("x")}, clock).AppendJSON(nil))
	if !strings.Contains(shown, `"serial":"0"`) || !strings.Contains(shown, `"key":"other"`) {
		t.Error(shown)
	}
}

// TestShowHasEverySetting fails when a parameter is added that tls_show leaves
// out.
func TestShowHasEverySetting(t *testing.T) {
	var shown []string
	for _, s := range settings {
		shown = append(shown, s.param)
	}
	if diff := cmp.Diff(domain.Settings(), shown); diff != "" {
		t.Errorf("(-settings +shown):\n%s", diff)
	}
}

func TestStatus(t *testing.T) {
	f := newFixture(t, true)
	f.table.rows[1].Certificate = []byte("garbage")
	f.rpc(t, "tls_reload", "")
	var status map[string]any
	f.decode(t, "tls_status", "", &status)
	for key, want := range map[string]any{
		"loaded_at": "2026-11-23T12:00:00Z", "last_reload": "2026-11-23T12:00:00Z",
		"server_domains": 3.0, "client_domains": 2.0, "db_domains": 1.0, "script_domains": 4.0,
		"reloads": 1.0, "failed_reloads": 0.0,
	} {
		if diff := cmp.Diff(want, status[key]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
	if warnings := status["warnings"].([]any); len(warnings) != 1 || warnings[0].(map[string]any)["column"] != "certificate" {
		t.Errorf("warnings: %v, want that the certificate of dbsv has expired", warnings)
	}
	skipped := status["skipped"].([]any)
	if row := skipped[0].(map[string]any); len(skipped) != 1 || row["id"] != 8.0 || row["domain"] != "dbcl" {
		t.Errorf("skipped: %v", skipped)
	}
	if _, failed := status["last_reload_failed"]; failed {
		t.Error("no reload failed")
	}

	f.LastFailure = func() *Failure { return &Failure{clock, errors.New("database is locked")} }
	f.useCommands(t)
	if got := f.rpc(t, "tls_status", ""); !strings.Contains(got, `"last_reload_failed":{"at":"2026-11-23T12:00:00Z","error":"database is locked"}`) {
		t.Error(got)
	}
}

func TestStatistics(t *testing.T) {
	f := newFixture(t, true)
	f.table.rows = append(f.table.rows, mgm.Row{ID: 9, Domain: "bad"})
	f.rpc(t, "tls_reload", "")
	f.table.err = errors.New("gone")
	f.rpc(t, "tls_reload", "")
	f.rpc(t, "nosuch", "")
	want := map[string]string{
		"core:timestamp":         "90",
		"tls_mgm:server_domains": "3", "tls_mgm:client_domains": "3",
		"tls_mgm:db_domains": "2", "tls_mgm:script_domains": "4",
		"tls_mgm:skipped_rows": "1", "tls_mgm:warned_rows": "2",
		"tls_mgm:reloads": "2", "tls_mgm:failed_reloads": "1",
		"tls_mgm:last_reload": "1795435200", "tls_mgm:last_reload_failed": "0",
		"tls_mgm:last_load": "1795435200", "tls_mgm:last_load_ms": "0",
		"tls_mgm:days_until_first_expiry": "-2", "tls_mgm:expired_certificates": "2",
		"tls_mgm:mi_requests": "3",
	}
	got := map[string]string{}
	f.decode(t, "get_statistics", `[["core:","tls_mgm:"]]`, &got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := f.rpc(t, "get_statistics", `[["tls_mgm:db_domains"]]`); got != `{"tls_mgm:db_domains":"2"}` {
		t.Error(got)
	}
}
