package cfg_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// parse reads a script that must be accepted.
func parse(t *testing.T, version, script string) *cfg.Config {
	t.Helper()
	c := parseAny(t, version, script)
	if !c.Accepted() {
		t.Fatalf("got errors: %v", c.Diagnostics)
	}
	return c
}

func parseAny(t *testing.T, version, script string) *cfg.Config {
	t.Helper()
	c, err := cfg.Parse("test.cfg", script, cfg.Options{Version: parseVersion(t, version)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// lines turns spans into the lines where they begin, which is all that the
// tests here look at.
var lines = cmp.Options{
	cmp.Transformer("Line", func(s diag.Span) int { return s.Start.Line }),
	cmpopts.IgnoreUnexported(cfg.Listener{}, cfg.Module{}, cfg.Param{}),
}

func at(line int) diag.Span {
	return diag.Span{Start: diag.Position{Line: line}}
}

func TestListeners(t *testing.T) {
	c := parse(t, "2.4", usual+tls+`loadmodule "proto_wss.so" loadmodule "proto_hep.so"
listen=TLS:127.0.0.1:5062 as sip.example.com:5061 use_children 4 anycast
listen=tls:[::1]
listen=wss:eth0 as 1.2.3.4
listen=hep_udp:*
listen=udp:127.0.0.1:70000
modparam("proto_tls", "tls_port", 5099)
alias=tls:example.com:5061 any:example.net 10.0.0.1
`)
	want := []*cfg.Listener{
		{Proto: "udp", Host: "127.0.0.1", Port: 5060, At: at(1)},
		{Proto: "tls", Host: "127.0.0.1", Port: 5062, Advertised: "sip.example.com", AdvertisedPort: 5061, Processes: 4, Anycast: true, At: at(4)},
		{Proto: "tls", Host: "::1", Port: 5099, At: at(5)},
		{Proto: "wss", Host: "eth0", Port: 443, Advertised: "1.2.3.4", AdvertisedPort: 443, At: at(6)},
		{Proto: "hep_udp", Host: "*", Port: 5656, At: at(7)},
		{Proto: "udp", Host: "127.0.0.1", Port: 4464, At: at(8)},
	}
	if diff := cmp.Diff(want, c.Listeners, lines); diff != "" {
		t.Errorf("listeners (-want +got):\n%s", diff)
	}
	if got, ok := c.Listeners[2].Address(); !ok || got != netip.MustParseAddrPort("[::1]:5099") {
		t.Errorf("address of an IPv6 listener: got %v, %t", got, ok)
	}
	for _, i := range []int{3, 4} {
		if got, ok := c.Listeners[i].Address(); ok {
			t.Errorf("address of %q: got %v, want none", c.Listeners[i].Host, got)
		}
	}
	wantAliases := []*cfg.Alias{
		{Proto: "tls", Host: "example.com", Port: 5061, At: at(10)},
		{Host: "example.net", At: at(10)},
		{Host: "10.0.0.1", At: at(10)},
	}
	if diff := cmp.Diff(wantAliases, c.Aliases, lines); diff != "" {
		t.Errorf("aliases (-want +got):\n%s", diff)
	}
}

func TestGlobals(t *testing.T) {
	c := parse(t, "2.3", usual+`log_level=-1
children=0x10
log_level=3
server_header="Server: \"x\""
log_facility=LOG_LOCAL0
advertised_address=sip.example.com
`)
	want := []*cfg.Global{
		{"mpath", "/usr/lib/opensips/modules/", at(1)},
		{"log_level", "-1", at(2)},
		{"children", "16", at(3)},
		{"log_level", "3", at(4)},
		{"server_header", `Server: "x"`, at(5)},
		{"log_facility", "LOG_LOCAL0", at(6)},
		{"advertised_address", "sip.example.com", at(7)},
	}
	if diff := cmp.Diff(want, c.Globals, lines); diff != "" {
		t.Errorf("globals (-want +got):\n%s", diff)
	}
	if got := c.Global("log_level"); got == nil || got.Text != "3" {
		t.Errorf("the last log_level: got %v", got)
	}
	if got := c.Global("tos"); got != nil {
		t.Errorf("a global that is not set: got %v", got)
	}
}

func TestModulesAndParams(t *testing.T) {
	c := parse(t, "2.3", usual+`loadmodule "/opt/tm.so"
loadmodule "signaling.so" loadmodule "usrloc.so"
modparam("tm", "fr_timeout", 5)
modparam("usr(loc|xyz)", "db_mode", 0)
modparam("tm", "fr_timeout", 7)
modparam("usrloc", "nat_bflag", "NAT")
`)
	type module struct{ Name, Path string }
	var modules []module
	for _, m := range c.Modules {
		modules = append(modules, module{m.Name, m.Path})
	}
	wantModules := []module{{"proto_udp", "proto_udp.so"}, {"tm", "/opt/tm.so"}, {"signaling", "signaling.so"}, {"usrloc", "usrloc.so"}}
	if diff := cmp.Diff(wantModules, modules); diff != "" {
		t.Errorf("modules (-want +got):\n%s", diff)
	}
	want := []*cfg.Param{
		{Module: "tm", Name: "fr_timeout", Value: cfg.Value{Int: 5, IsInt: true}, At: at(4)},
		{Module: "usrloc", Name: "db_mode", Value: cfg.Value{IsInt: true}, At: at(5)},
		{Module: "tm", Name: "fr_timeout", Value: cfg.Value{Int: 7, IsInt: true}, At: at(6)},
		{Module: "usrloc", Name: "nat_bflag", Value: cfg.Value{Text: "NAT"}, At: at(7)},
	}
	if diff := cmp.Diff(want, c.Params, lines); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	if got := c.Param("tm", "fr_timeout"); got == nil || got.Value.String() != "7" {
		t.Errorf("the last fr_timeout: got %v", got)
	}
	if got := c.Param("usrloc", "nat_bflag"); got == nil || got.Value.String() != "NAT" {
		t.Errorf("nat_bflag: got %v", got)
	}
	if c.Loaded("tm") == nil || c.Loaded("sl") != nil || c.Param("tm", "wt_timer") != nil {
		t.Error("a module or parameter is found that is not there, or the other way round")
	}
}

// TestRefusedStatementsDoNothing sets each parameter well first and badly then.
func TestRefusedStatementsDoNothing(t *testing.T) {
	c := parseAny(t, "2.3", usual+tls+`modparam("tls_mgm", "tls_handshake_timeout", 200)
modparam("tls_mgm", "tls_handshake_timeout", "300")
modparam("tls_mgm", "tls_method", "TLSv1_2")
modparam("tls_mgm", "tls_method", "TLSv9")
modparam("tls_mgm", "server_domain", "d=127.0.0.1:5061")
modparam("tls_mgm", "server_domain", "d=127.0.0.2:5061")
modparam("tls_mgm", "server_domain", "e=nowhere:5061")
modparam("tls_mgm", "certificate", "[e]/e.pem")
loadmodule "tls_mgm.so"
loadmodule "no_such.so"
listen=nothing:127.0.0.1:5061
`)
	if got, _, _ := c.Diagnostics.Count(); got != 7 {
		t.Errorf("got %d errors, want 7: %v", got, c.Diagnostics)
	}
	if got := c.TLS.HandshakeTimeout.Value; got != 200 {
		t.Errorf("handshake timeout: got %d", got)
	}
	if got := c.TLS.DefaultServer.Method.Value; got != "TLSv1_2" {
		t.Errorf("method: got %q", got)
	}
	if len(c.TLS.Domains) != 1 || c.TLS.Domains[0].Address != netip.MustParseAddrPort("127.0.0.1:5061") {
		t.Errorf("domains: got %v", c.TLS.Domains)
	}
	if len(c.Modules) != 3 || len(c.Listeners) != 1 {
		t.Errorf("got %d modules and %d listeners, want 3 and 1", len(c.Modules), len(c.Listeners))
	}
	for _, p := range c.Params {
		if p.At.Start.Line == 4 || p.At.Start.Line == 6 || p.At.Start.Line >= 8 {
			t.Errorf("%s of line %d is set to %v", p.Name, p.At.Start.Line, p.Value)
		}
	}
}

const manyDomains = usual + tls + `modparam("tls_mgm", "certificate", "/default.pem")
modparam("tls_mgm", "server_domain", "s1=127.0.0.1:5061")
modparam("tls_mgm", "server_domain", "both=127.0.0.1:5062")
modparam("tls_mgm", "client_domain", "both")
modparam("tls_mgm", "client_domain", "c1=192.0.2.4:6677")
modparam("tls_mgm", "tls_method", "[s1]tlsv1_2")
modparam("tls_mgm", "certificate", " [s1]/s1.pem")
modparam("tls_mgm", "verify_cert", "[both]0")
modparam("tls_mgm", "require_cert", "[c1]1")
modparam("tls_mgm", "verify_cert", "0")
modparam("tls_mgm", "certificate", "[s1]/s1-new.pem")
`

func TestDomains(t *testing.T) {
	c := parse(t, "2.3", manyDomains)
	type row struct {
		Kind                 domain.Kind
		Name, Address        string
		Method, Certificate  string
		Verify, Require      bool
		From, CertificateSet int
	}
	rowOf := func(d *domain.Definition) row {
		r := row{
			Kind: d.Kind, Name: d.Name, Method: d.Method.Value, Certificate: d.Certificate.File,
			Verify: d.VerifyCert.On, Require: d.RequireCert.On,
			From: d.From.Span().Start.Line, CertificateSet: d.Certificate.From.Span().Start.Line,
		}
		if d.Address.IsValid() {
			r.Address = d.Address.String()
		}
		return r
	}
	var got []row
	for _, d := range append(c.TLS.Domains, c.TLS.DefaultServer, c.TLS.DefaultClient) {
		got = append(got, rowOf(d))
	}
	const builtIn = "/etc/opensips/tls/cert.pem"
	want := []row{
		{domain.Server, "s1", "127.0.0.1:5061", "tlsv1_2", "/s1-new.pem", true, true, 4, 13},
		{domain.Server, "both", "127.0.0.1:5062", "SSLv23", builtIn, false, true, 5, 0},
		{domain.Client, "both", "", "SSLv23", builtIn, true, false, 6, 0},
		{domain.Client, "c1", "192.0.2.4:6677", "SSLv23", builtIn, true, true, 7, 0},
		{domain.Server, "", "", "SSLv23", "/default.pem", false, true, 0, 3},
		{domain.Client, "", "", "SSLv23", "/default.pem", false, false, 0, 3},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("domains (-want +got):\n%s", diff)
	}
	if d := c.TLS.Domain(domain.Client, "both"); d == nil || d.Kind != domain.Client {
		t.Errorf("client domain both: got %v", d)
	}
	if d := c.TLS.Domain(domain.Server, "S1"); d != nil {
		t.Errorf("names are compared without regard to case: got %v", d)
	}
}

func TestDomainsInTheOrderOfTheServer(t *testing.T) {
	c := parse(t, "2.3", manyDomains)
	for kind, want := range map[domain.Kind][]string{domain.Server: {"both", "s1"}, domain.Client: {"c1", "both"}} {
		var got []string
		for _, d := range c.TLS.Ordered(kind) {
			got = append(got, d.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s domains (-want +got):\n%s", kind, diff)
		}
	}
}

// TestIPv6DomainOf23 defines a domain that a real 2.3 refuses, and whose meaning
// is clear.
func TestIPv6DomainOf23(t *testing.T) {
	c := parseAny(t, "2.3", usual+tls+`modparam("tls_mgm", "server_domain", "d=[::1]:5061")`)
	d := c.TLS.Domain(domain.Server, "d")
	if c.Accepted() || d == nil || d.Address != netip.MustParseAddrPort("[::1]:5061") {
		t.Errorf("got accepted %t, domain %v", c.Accepted(), d)
	}
}

func TestTLSSettings(t *testing.T) {
	type settings struct {
		AVP                   string
		Handshake, Send       int
		URL, Table, Version   string
		URLLine, VersionLine  int
		Columns               map[string]string
		Certificate, ServerCA string
	}
	for _, test := range []struct {
		name, version, script string
		refused               bool
		want                  settings
	}{
		{
			name: "defaults", version: "2.3", script: usual + tls,
			want: settings{Handshake: 100, Send: 100, Table: "tls_mgm", Version: "version", Certificate: "/cfg/tls/cert.pem", ServerCA: "/etc/pki/CA/"},
		},
		{
			name: "all set", version: "2.3", script: usual + tls + `modparam("tls_mgm", "client_domain_avp", "tls_cli_dom")
modparam("tls_mgm", "tls_handshake_timeout", 200)
modparam("tls_mgm", "tls_send_timeout", 0xff)
modparam("tls_mgm", "db_url", "mysql://a@b/c")
modparam("tls_mgm", "db_table", "domains")
db_version_table="versions"
modparam("tls_mgm", "domain_col", "name")
modparam("tls_mgm", "ciphers_list_col", "ciphers")
modparam("tls_mgm", "certificate", "/c.pem")
modparam("tls_mgm", "ca_dir", "/ca")
loadmodule "db_mysql.so"
`,
			want: settings{
				AVP: "tls_cli_dom", Handshake: 200, Send: 255, URL: "mysql://a@b/c", Table: "domains", Version: "versions", URLLine: 6, VersionLine: 8,
				Columns: map[string]string{"domain_col": "name", "ciphers_list_col": "ciphers"}, Certificate: "/c.pem", ServerCA: "/ca",
			},
		},
		{
			name: "as the manual spells it", version: "2.3", script: usual + tls + `modparam("proto_tls", "client_domain_avp", "tls_cli_dom")
modparam("tls_mgm", "cipher_list_col", "ciphers")
`, refused: true,
			want: settings{
				AVP: "tls_cli_dom", Handshake: 100, Send: 100, Table: "tls_mgm", Version: "version",
				Columns: map[string]string{"ciphers_list_col": "ciphers"}, Certificate: "/cfg/tls/cert.pem", ServerCA: "/etc/pki/CA/",
			},
		},
		{
			name: "the URL of the core", version: "2.3", script: usual + tls + "db_default_url=\"mysql://x/old\"\ndb_default_url=\"mysql://x/new\"\n",
			want: settings{Handshake: 100, Send: 100, URL: "mysql://x/new", URLLine: 4, Table: "tls_mgm", Version: "version", Certificate: "/cfg/tls/cert.pem", ServerCA: "/etc/pki/CA/"},
		},
		{
			name: "the module's own URL wins", version: "2.3", script: usual + tls + `modparam("tls_mgm", "db_url", "mysql://x/own") db_default_url="mysql://x/core"` + "\n",
			want: settings{Handshake: 100, Send: 100, URL: "mysql://x/own", URLLine: 3, Table: "tls_mgm", Version: "version", Certificate: "/cfg/tls/cert.pem", ServerCA: "/etc/pki/CA/"},
		},
		{
			name: "3.0", version: "3.0", script: usual + tls + `modparam("tls_mgm", "client_tls_domain_avp", "dom") modparam("tls_mgm", "tls_send_timeout", 7)` + "\n",
			want: settings{AVP: "dom", Handshake: 100, Send: 7, Table: "tls_mgm", Version: "version", Certificate: "/cfg/tls/cert.pem", ServerCA: "/etc/pki/CA/"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := cfg.Parse("test.cfg", test.script, cfg.Options{Version: parseVersion(t, test.version), ConfigDir: "/cfg/"})
			if err != nil {
				t.Fatal(err)
			}
			if c.Accepted() == test.refused {
				t.Errorf("got %v", c.Diagnostics)
			}
			tls := &c.TLS
			got := settings{
				AVP: tls.ClientDomainAVP.Value, Handshake: tls.HandshakeTimeout.Value, Send: tls.SendTimeout.Value,
				URL: tls.DB.URL.Value, Table: tls.DB.Table.Value, Version: tls.DB.VersionTable.Value,
				URLLine: tls.DB.URL.At.Start.Line, VersionLine: tls.DB.VersionTable.At.Start.Line,
				Certificate: tls.DefaultServer.Certificate.File, ServerCA: tls.DefaultServer.CADir.Value,
			}
			for name, column := range tls.DB.Columns {
				if got.Columns == nil {
					got.Columns = map[string]string{}
				}
				got.Columns[name] = column.Value
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSettingsOfOtherModules(t *testing.T) {
	set := func(v int) cfg.Setting[int] { return cfg.Setting[int]{Value: v} }
	type settings struct {
		HTTP     cfg.HTTP
		ProtoTLS cfg.ProtoTLS
		ProtoWSS cfg.ProtoWSS
		Drivers  cfg.Drivers
	}
	defaults := settings{
		HTTP:     cfg.HTTP{Port: set(8888), JSONRoot: cfg.Setting[string]{Value: "json"}, RPCRoot: cfg.Setting[string]{Value: "mi"}},
		ProtoTLS: cfg.ProtoTLS{Port: set(5061), MaxMsgChunks: set(4), CRLFPingPong: set(1)},
		ProtoWSS: cfg.ProtoWSS{Port: set(443), MaxMsgChunks: set(4), Resource: cfg.Setting[string]{Value: "/"}, HandshakeTimeout: set(100)},
		Drivers:  cfg.Drivers{MySQLTimeout: set(2), PostgresTimeout: set(5), SQLiteAllocLimit: set(10)},
	}
	values := cmp.Options{cmp.Transformer("Value", func(s cfg.Setting[int]) int { return s.Value }), cmp.Transformer("Text", func(s cfg.Setting[string]) string { return s.Value })}
	of := func(c *cfg.Config) settings { return settings{c.HTTP, c.ProtoTLS, c.ProtoWSS, c.Drivers} }
	if diff := cmp.Diff(defaults, of(parse(t, "2.3", usual)), values); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	c := parse(t, "2.4", usual+tls+`loadmodule "httpd.so" loadmodule "mi_json.so" loadmodule "mi_http.so" loadmodule "proto_wss.so"
loadmodule "db_mysql.so" loadmodule "db_postgres.so" loadmodule "db_sqlite.so"
modparam("httpd", "ip", "127.0.0.1") modparam("httpd", "port", 8080)
modparam("mi_json", "mi_json_root", "j") modparam("mi_http", "mi_http_root", "h")
modparam("proto_tls", "tls_port", 1) modparam("proto_tls", "tls_max_msg_chunks", 2) modparam("proto_tls", "tls_crlf_pingpong", 0)
modparam("proto_tls", "tls_crlf_drop", 3) modparam("proto_tls", "cert_check_on_conn_reusage", 4)
modparam("proto_wss", "wss_port", 5) modparam("proto_wss", "wss_max_msg_chunks", 6) modparam("proto_wss", "wss_resource", "/chat")
modparam("proto_wss", "wss_handshake_timeout", 7) modparam("proto_wss", "cert_check_on_conn_reusage", 8)
modparam("db_mysql", "timeout_interval", 9) modparam("db_mysql", "tls_client_domain", "db") modparam("db_postgres", "timeout", 10)
modparam("db_sqlite", "load_extension", "x.so") modparam("db_sqlite", "alloc_limit", 11)
`)
	text := func(v string) cfg.Setting[string] { return cfg.Setting[string]{Value: v} }
	want := settings{
		HTTP:     cfg.HTTP{IP: text("127.0.0.1"), Port: set(8080), JSONRoot: text("j"), RPCRoot: text("h")},
		ProtoTLS: cfg.ProtoTLS{Port: set(1), MaxMsgChunks: set(2), CRLFDrop: set(3), CertCheckOnReuse: set(4)},
		ProtoWSS: cfg.ProtoWSS{Port: set(5), MaxMsgChunks: set(6), Resource: text("/chat"), HandshakeTimeout: set(7), CertCheckOnReuse: set(8)},
		Drivers:  cfg.Drivers{MySQLTimeout: set(9), MySQLTLSClientDomain: text("db"), PostgresTimeout: set(10), SQLiteExtension: text("x.so"), SQLiteAllocLimit: set(11)},
	}
	if diff := cmp.Diff(want, of(c), values); diff != "" {
		t.Errorf("all set (-want +got):\n%s", diff)
	}
	if !c.HTTP.Port.IsSet() || c.HTTP.Port.At.Start.Line != 5 {
		t.Errorf("httpd's port is set at %v", c.HTTP.Port.At)
	}
}

func TestRoutes(t *testing.T) {
	c := parse(t, "2.3", usual+`route { exit; }
route[0x10] { exit; }
route["b c"] { exit; }
failure_route[f] { exit; }
startup_route { exit; }
timer_route[t, 30] { exit; }
event_route[E_X] { exit; }
`)
	type route struct {
		Kind, Name string
		Line       int
	}
	var got []route
	for _, r := range c.Routes {
		got = append(got, route{r.Kind, r.Name, r.At.Start.Line})
		if r.Node == nil || r.Node.Body == nil {
			t.Errorf("%s[%s] has no body", r.Kind, r.Name)
		}
	}
	want := []route{
		{"route", "", 2},
		{"route", "16", 3},
		{"route", "b c", 4},
		{"failure_route", "f", 5},
		{"startup_route", "", 6},
		{"timer_route", "t", 7},
		{"event_route", "E_X", 8},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
}

// TestIncludes reads a script of three files: what is wrong in one of them tells
// through which includes it was reached, and statements act in their order
// across files.
func TestIncludes(t *testing.T) {
	files := fstest.MapFS{
		"etc/main.cfg": {Data: []byte(usual + "include_file \"modules.cfg\"\nmodparam(\"tls_mgm\", \"certificate\", \"[d]/c\")\n")},
		"etc/modules.cfg": {Data: []byte(tls + "import_file \"domains.cfg\"\n" +
			"import_file \"missing.cfg\"\n")},
		"etc/domains.cfg": {Data: []byte("modparam(\"tls_mgm\", \"client_domain\", \"d\")\nmodparam(\"tls_mgm\", \"certificate\", \"[e]/c\")\n")},
	}
	c, err := cfg.Load("etc/main.cfg", cfg.Options{FS: files})
	if err != nil {
		t.Fatal(err)
	}
	checkSpans(t, c)
	var found []string
	for _, d := range c.Diagnostics {
		if d.Severity != diag.Error {
			continue
		}
		found = append(found, d.String())
		for _, r := range d.Related {
			found = append(found, "  "+r.Span.Start.String()+": "+r.Message)
		}
	}
	want := []string{
		`etc/domains.cfg:2:36: error: TLS domain "e" is not defined [undefined-domain]`,
		`  etc/modules.cfg:2:1: included from here`,
		`  etc/main.cfg:2:1: included from here`,
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if d := c.TLS.Domain(domain.Client, "d"); d == nil || d.From.Span().Start.File != "etc/domains.cfg" || d.Certificate.From.Span().Start.File != "etc/main.cfg" {
		t.Errorf("domain d: got %+v", d)
	}
}

func TestLoadErrors(t *testing.T) {
	if c, err := cfg.Load("missing.cfg", cfg.Options{FS: fstest.MapFS{}}); err == nil {
		t.Errorf("a missing script: got %v", c)
	}
	if c, err := cfg.Parse("x.cfg", "", cfg.Options{Version: 9 << 8}); err == nil {
		t.Errorf("an unknown version: got %v", c)
	}
	if c, err := cfg.Parse("x.cfg", usual, cfg.Options{}); err != nil || c.Version != catalogue.Default || c.Name != "x.cfg" {
		t.Errorf("no version: got %v, %v", c, err)
	}
}

// TestAdviceIsLimited: each unknown name is told about, the first ones with
// advice.
func TestAdviceIsLimited(t *testing.T) {
	const names, limit = 150, 100
	var script strings.Builder
	script.WriteString(usual + tls)
	for i := range names {
		fmt.Fprintf(&script, "modparam(\"tls_mgm\", \"certificate%02x\", \"/c\")\n", i)
	}
	script.WriteString("modparam(\"tls_mgm\", \"certificate00\", \"/c\")\n")
	c := parseAny(t, "2.3", script.String())
	if len(c.Diagnostics) != names+1 {
		t.Fatalf("got %d findings, want %d", len(c.Diagnostics), names+1)
	}
	for i, d := range c.Diagnostics {
		if want := fmt.Sprintf("module tls_mgm has no parameter \"certificate%02x\"", i%names); d.Message != want {
			t.Errorf("finding %d: got %q, want %q", i, d.Message, want)
		}
		if known := i < limit || i == names; known != (d.Help != "") {
			t.Errorf("finding %d: help %q", i, d.Help)
		}
	}
}

// TestNoSecrets: a password of a URL is in no finding, wherever the URL stands.
func TestNoSecrets(t *testing.T) {
	const url = "mysql://root:s3cr3t@word@localhost/opensips"
	for _, script := range []string{
		`modparam("tls_mgm", "tls_handshake_timeout", "` + url + `")`,
		`modparam("tls_mgm", "verify_cert", "` + url + `")`,
		`modparam("tls_mgm", "tls_method", "` + url + `")`,
		`modparam("tls_mgm", "server_domain", "` + url + `")`,
		`modparam("tls_mgm", "server_domain", "d=` + url + `")`,
		`modparam("tls_mgm", "certificate", "[` + url + `")`,
		`modparam("tls_mgm", "certificate", "[` + url + `]x")`,
		`modparam("tls_mgm", "certificate", "[` + url + `]")`,
		`modparam("tls_mgm", "` + url + `", "x")`,
		`modparam("` + url + `", "x", "x")`,
		`loadmodule "` + url + `"`,
		`loadmodule "` + url + `.so"`,
		`listen=udp:"` + url + `":5060`,
		`route { append_branch("x", "` + url + `"); }`,
		`route { script_trace(1, "$(` + url + `)", "me"); }`,
	} {
		for _, version := range []string{"2.3", "3.4"} {
			c := parseAny(t, version, usual+tls+script)
			if len(c.Diagnostics) == 0 && version == "2.3" {
				t.Errorf("nothing is found in %s", script)
			}
			for _, d := range c.Diagnostics {
				if strings.Contains(d.Message+d.Help, "s3cr3t") || strings.Contains(d.Message+d.Help, "@word") {
					t.Errorf("%s: %s; %s", script, d, d.Help)
				}
			}
		}
	}
}
