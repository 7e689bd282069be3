package lint_test

import (
	"crypto/x509"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/lint"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// lines are the findings as "line: message [rule]".
func lines(found []lint.Finding) []string {
	var all []string
	for _, f := range found {
		all = append(all, fmt.Sprintf("%d: %s [%s]", f.Span.Start.Line, f.Message, f.Rule))
	}
	return all
}

// only are the rules of the IDs.
func only(t testing.TB, ids ...string) (rules []*lint.Rule) {
	t.Helper()
	for _, id := range ids {
		r := lint.Lookup(id)
		if r == nil {
			t.Fatalf("no rule %s", id)
		}
		rules = append(rules, r)
	}
	return rules
}

// TestCases are what the examples of the rules do not show: other versions, other
// places, and what must not be found.
func TestCases(t *testing.T) {
	for _, c := range []struct {
		name    string
		rule    string
		example lint.Example
		want    []string // parts of the messages, in their order
	}{
		{
			"client domains on one address without an AVP", "TLS002",
			lint.Example{Script: `
modparam("tls_mgm", "client_domain", "a=192.0.2.20:5061")
modparam("tls_mgm", "client_domain", "b=192.0.2.20:5061")
`},
			[]string{`client domain "a" is never used: client domain "b"`},
		},
		{
			"client domains on one address that an AVP tells apart", "TLS002",
			lint.Example{Script: `
modparam("tls_mgm", "client_domain_avp", "x")
modparam("tls_mgm", "client_domain", "a=192.0.2.20:5061")
modparam("tls_mgm", "client_domain", "b=192.0.2.20:5061")
`},
			nil,
		},
		{
			"domains of one address that SIP domains tell apart", "TLS002",
			lint.Example{Version: v34, Script: `
modparam("tls_mgm", "server_domain", "a")
modparam("tls_mgm", "server_domain", "b")
modparam("tls_mgm", "server_domain", "c")
modparam("tls_mgm", "match_ip_address", "[a]192.0.2.10:5061")
modparam("tls_mgm", "match_ip_address", "[b]192.0.2.10:5061")
modparam("tls_mgm", "match_ip_address", "[c]192.0.2.10:5061")
modparam("tls_mgm", "match_sip_domain", "[a]a.example.com")
modparam("tls_mgm", "match_sip_domain", "[b]b.example.com, B2.example.com")
modparam("tls_mgm", "match_sip_domain", "[c]b2.example.com, A.example.com")
`},
			[]string{`server domain "a" is never used: server domain "c"`},
		},
		{
			"a socket on every address", "TLS003",
			lint.Example{Script: "listen=tls:*:5062\nmodparam(\"tls_mgm\", \"server_domain\", \"sip=192.0.2.10:5062\")\n"},
			nil,
		},
		{
			"a domain for every address", "TLS003",
			lint.Example{Script: "modparam(\"tls_mgm\", \"server_domain\", \"sip=0.0.0.0:5061\")\n"},
			nil,
		},
		{
			"a socket on a host name", "TLS003",
			lint.Example{Script: "listen=tls:sip.example.com:5062\nmodparam(\"tls_mgm\", \"server_domain\", \"sip=192.0.2.10:5062\")\n"},
			nil,
		},
		{
			"a port of the module", "TLS003",
			lint.Example{Script: "listen=tls:192.0.2.10\nmodparam(\"proto_tls\", \"tls_port\", 5999)\nmodparam(\"tls_mgm\", \"server_domain\", \"sip=192.0.2.10:5999\")\n"},
			nil,
		},
		{
			"a script with an error", "TLS003",
			lint.Example{Script: "nonsense=1\nmodparam(\"tls_mgm\", \"server_domain\", \"sip=192.0.2.10:5999\")\n"},
			nil,
		},
		{
			"other sockets get the default domain", "TLS004",
			lint.Example{Script: `
listen=tls:192.0.2.10:5061
listen=tls:192.0.2.11:5061
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "/tls/leaf.pem")
`},
			nil,
		},
		{
			"other sockets may have a domain of the table", "TLS004",
			lint.Example{Script: `
loadmodule "db_sqlite.so"
listen=tls:192.0.2.10:5061
listen=tls:192.0.2.11:5061
modparam("tls_mgm", "db_url", "sqlite:///x.db")
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
`},
			nil,
		},
		{
			"a name that is computed", "TLS005",
			lint.Example{Script: `
modparam("tls_mgm", "client_domain_avp", "$avp(dom)")
modparam("tls_mgm", "client_domain", "carrier")
route {
	$avp(dom) = $rd;
	t_relay();
}
`},
			nil,
		},
		{
			"a name that a module gives", "TLS005",
			lint.Example{Script: `
loadmodule "avpops.so"
loadmodule "db_sqlite.so"
modparam("avpops", "db_url", "sqlite:///x.db")
modparam("tls_mgm", "client_domain_avp", "dom")
modparam("tls_mgm", "client_domain", "carrier")
route {
	avp_db_query("select domain from peers", "$avp(dom)");
	$avp(dom) = "peer";
}
`},
			nil,
		},
		{
			"an AVP that only a function sets", "TLS007",
			lint.Example{Script: `
modparam("tls_mgm", "client_domain_avp", "dom")
route {
	pv_printf("$avp(dom)", "$rd");
	t_relay();
}
`},
			nil,
		},
		{
			"an AVP that is only logged", "TLS007",
			lint.Example{Script: `
modparam("tls_mgm", "client_domain_avp", "dom")
route {
	xlog("$avp(dom)\n");
}
`},
			[]string{"$avp(dom) is never assigned"},
		},
		{
			"an AVP of another purpose", "TLS008",
			lint.Example{Script: "modparam(\"tls_mgm\", \"client_domain\", \"carrier\")\nroute {\n\t$avp(kind) = \"carrier\";\n}\n"},
			nil,
		},
		{
			"names are compared without regard to case", "TLS006",
			lint.Example{Script: "modparam(\"tls_mgm\", \"client_domain_avp\", \"x\")\nmodparam(\"tls_mgm\", \"client_domain\", \"Carrier\")\nroute {\n\t$avp(x) = \"cARRIER\";\n\t$avp(x) = NULL;\n}\n"},
			nil,
		},
		{
			"the same value twice", "TLS009",
			lint.Example{Script: "modparam(\"tls_mgm\", \"verify_cert\", \"1\")\nmodparam(\"tls_mgm\", \"verify_cert\", \"1\")\nmodparam(\"proto_tls\", \"tls_port\", 5061)\nmodparam(\"proto_tls\", \"tls_port\", 5062)\n"},
			[]string{`tls_port is "5062", set further below, and not "5061"`},
		},
		{
			"one default domain is set up", "TLS010",
			lint.Example{Unopened: true, Script: `
loadmodule "db_sqlite.so"
modparam("tls_mgm", "db_url", "sqlite:///x.db")
`, Rows: []mgm.Row{{ID: 1, Domain: "default", Type: new(int64(2)), Certificate: []byte("/tls/leaf.pem"), PrivateKey: []byte("/tls/leaf.key")}}},
			[]string{"the default client domain is left"},
		},
		{
			"a default domain of the table", "TLS011",
			lint.Example{Script: `
loadmodule "db_sqlite.so"
modparam("tls_mgm", "db_url", "sqlite:///x.db")
modparam("tls_mgm", "certificate", "/tls/leaf.pem")
`, Rows: []mgm.Row{{ID: 7, Domain: "default", Type: new(int64(2)), Certificate: []byte("/tls/leaf.pem"), PrivateKey: []byte("/tls/leaf.key")}}},
			[]string{"default server domain is never used: the default server domain (row 7) takes its place"},
		},
		{
			"an authority that signed itself", "TLS109",
			lint.Example{Script: "modparam(\"tls_mgm\", \"certificate\", \"/tls/selfsigned.pem\")\nmodparam(\"tls_mgm\", \"private_key\", \"/tls/selfsigned.key\")\n"},
			[]string{"it signed itself"},
		},
		{
			"a wildcard is for a name of the server", "TLS114",
			lint.Example{Script: "alias=tls:sip.example.com:5061\nmodparam(\"tls_mgm\", \"certificate\", \"/tls/wildcard.pem\")\nmodparam(\"tls_mgm\", \"private_key\", \"/tls/wildcard.key\")\n"},
			nil,
		},
		{
			"an advertised name", "TLS114",
			lint.Example{Script: "listen=tls:192.0.2.10:5061 as 198.51.100.1:5061\nadvertised_address=\"gw.example.net\"\nmodparam(\"tls_mgm\", \"certificate\", \"/tls/leaf.pem\")\nmodparam(\"tls_mgm\", \"private_key\", \"/tls/leaf.key\")\n"},
			[]string{`it is for none of the names of this server, "gw.example.net"`},
		},
		{
			"a blob that MySQL has cut", "TLS202",
			lint.Example{
				Script: "loadmodule \"db_mysql.so\"\nmodparam(\"tls_mgm\", \"db_url\", \"mysql://u@h/d\")\n",
				Rows:   []mgm.Row{{ID: 3, Domain: "a", CAList: make([]byte, 65535)}},
			},
			[]string{"exactly 65535 bytes"},
		},
		{
			"a long blob where none is cut", "TLS202",
			lint.Example{
				Script: "loadmodule \"db_sqlite.so\"\nmodparam(\"tls_mgm\", \"db_url\", \"sqlite:///x.db\")\n",
				Rows:   []mgm.Row{{ID: 3, Domain: "a", CAList: make([]byte, 70000)}},
			},
			nil,
		},
		{
			"a range of versions", "TLS401",
			lint.Example{Version: v34, Script: "modparam(\"tls_mgm\", \"server_domain\", \"a\")\nmodparam(\"tls_mgm\", \"tls_method\", \"[a]TLSv1-TLSv1_3\")\n"},
			[]string{"TLS 1.0"},
		},
		{
			"open ranges", "TLS401",
			lint.Example{Version: v34, Script: "modparam(\"tls_mgm\", \"server_domain\", \"a\")\nmodparam(\"tls_mgm\", \"tls_method\", \"[a]-\")\nmodparam(\"tls_mgm\", \"tls_method\", \"[a]-TLSv1_2\")\n"},
			nil,
		},
		{
			"a certificate in place of the key", "TLS117",
			lint.Example{Script: "modparam(\"tls_mgm\", \"certificate\", \"/tls/leaf.pem\")\nmodparam(\"tls_mgm\", \"private_key\", \"/tls/leaf.pem\")\n"},
			nil,
		},
		{
			"a method that the server's start tells of", "TLS401",
			lint.Example{Version: v34, Script: "modparam(\"tls_mgm\", \"server_domain\", \"a\")\nmodparam(\"tls_mgm\", \"tls_method\", \"[a]TLSv1\")\n"},
			nil,
		},
		{
			"the same without files", "TLS401",
			lint.Example{Version: v34, Unopened: true, Script: "modparam(\"tls_mgm\", \"server_domain\", \"a\")\nmodparam(\"tls_mgm\", \"tls_method\", \"[a]TLSv1\")\n"},
			[]string{"TLS 1.0"},
		},
		{
			"a certificate that is required and not asked for", "TLS303",
			lint.Example{Script: "modparam(\"tls_mgm\", \"server_domain\", \"a=192.0.2.10:5061\")\nmodparam(\"tls_mgm\", \"verify_cert\", \"[a]0\")\nmodparam(\"tls_mgm\", \"require_cert\", \"[a]1\")\n"},
			nil,
		},
		{
			"a curve that the server's start refuses", "TLS454",
			lint.Example{Profile: "intermediate", Script: "modparam(\"tls_mgm\", \"server_domain\", \"a=192.0.2.10:5061\")\nmodparam(\"tls_mgm\", \"ec_curve\", \"[a]secp112r1\")\n"},
			nil,
		},
		{
			"definitions of 2.x whose settings are refused", "TLS002",
			lint.Example{Version: v34, Script: "modparam(\"tls_mgm\", \"server_domain\", \"a=192.0.2.10:5061\")\nmodparam(\"tls_mgm\", \"server_domain\", \"b=192.0.2.10:5062\")\nmodparam(\"tls_mgm\", \"verify_cert\", \"[b]0\")\n"},
			nil,
		},
		{
			"definitions of 2.x that are names", "TLS002",
			lint.Example{Version: v34, Script: "modparam(\"tls_mgm\", \"server_domain\", \"a=192.0.2.10:5061\")\nmodparam(\"tls_mgm\", \"server_domain\", \"b=192.0.2.10:5062\")\n"},
			[]string{`server domain "a=192.0.2.10:5061" is never used`},
		},
		{
			"the AVP of 2.x, which is refused", "TLS008",
			lint.Example{Version: v34, Script: "modparam(\"tls_mgm\", \"client_domain_avp\", \"tls_domain\")\nmodparam(\"tls_mgm\", \"client_domain\", \"carrier\")\nroute {\n\t$avp(tls_domain) = \"carrier\";\n\tt_relay();\n}\n"},
			nil,
		},
		{
			"names of ciphers that are gone", "TLS404",
			lint.Example{Script: "modparam(\"tls_mgm\", \"ciphers_list\", \"RC4-SHA:EXP-RC4-MD5:AES128-SHA:!DES-CBC-SHA\")\n"},
			[]string{"with RC4: RC4-SHA [", "with export ciphers: EXP-RC4-MD5 ["},
		},
		{
			"a server domain that verifies", "TLS502",
			lint.Example{Script: "modparam(\"tls_mgm\", \"verify_cert\", \"0\")\nmodparam(\"tls_mgm\", \"server_domain\", \"a=192.0.2.10:5061\")\nroute {\n\tif ($tls_peer_verified == 1) {\n\t\texit;\n\t}\n}\n"},
			nil,
		},
		{
			"fields of a peer that nobody asks", "TLS502",
			lint.Example{Script: "modparam(\"tls_mgm\", \"verify_cert\", \"0\")\nroute {\n\tif ($tls_peer_subject_cn == \"x\") {\n\t\txlog(\"$tls_peer_subject\\n\");\n\t}\n}\nonreply_route {\n\t$avp(x) = $tls_peer_subject_cn;\n}\n"},
			[]string{"$tls_peer_subject_cn is always empty"},
		},
		{
			"destinations", "TLS503",
			lint.Example{Script: "# whole\nlisten=udp:192.0.2.10:5060\nloadmodule \"/m/proto_udp.so\"\nloadmodule \"/m/sl.so\"\nloadmodule \"/m/tm.so\"\nroute {\n\t$du = \"sip:192.0.2.20:5061;transport=tls\";\n\t$ru = \"sip:x@192.0.2.20\";\n\t$du = \"sip:$rd;transport=tls\";\n\tforward(\"tls:192.0.2.20:5061\");\n}\n"},
			[]string{"the request goes to", "forward has no socket"},
		},
		{
			"a long timeout", "TLS505",
			lint.Example{Script: "modparam(\"tls_mgm\", \"tls_handshake_timeout\", 30000)\n"},
			[]string{"is long"},
		},
		{
			"no TLS socket at all", "TLS501",
			lint.Example{Script: "# whole\nlisten=udp:192.0.2.10:5060\nloadmodule \"/m/proto_udp.so\"\nloadmodule \"/m/tls_mgm.so\"\nroute {\n\tif ($tls_version != NULL) {\n\t\texit;\n\t}\n}\n"},
			[]string{"since the server has no TLS socket"},
		},
	} {
		t.Run(c.rule+" "+c.name, func(t *testing.T) {
			config := parseExample(t, c.example)
			found := lines(runExample(t, config, c.example, only(t, c.rule)...))
			if len(found) != len(c.want) {
				t.Fatalf("found %q, want %q (%v)", found, c.want, config.Diagnostics)
			}
			for i, want := range c.want {
				if !strings.Contains(found[i], want) {
					t.Errorf("found %q, want %q", found[i], want)
				}
			}
		})
	}
}

// TestUpsideDown has nothing said about an authority whose certificate was put
// before that of the domain: the server's start tells how to put it right.
func TestUpsideDown(t *testing.T) {
	example := func(key string) lint.Example {
		return lint.Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/upside-down.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/` + key + `")
modparam("tls_mgm", "ca_list", "[sip]/tls/other-ca.pem")
`}
	}
	rules := only(t, "TLS102", "TLS103", "TLS104", "TLS105", "TLS106", "TLS108", "TLS113", "TLS114")
	e := example("upside-down.key")
	if found := lines(runExample(t, parseExample(t, e), e, rules...)); len(found) != 0 {
		t.Errorf("found %q", found)
	}
	// With the key of the authority it is one that is presented.
	e = example("upside-down-ca.key")
	if found := lines(runExample(t, parseExample(t, e), e, rules...)); !strings.Contains(strings.Join(found, "\n"), "is not part of the chain") {
		t.Errorf("with the key of the authority: found %q", found)
	}
}

// TestCertificateOfBothDefaults is about a certificate that clients have because
// the server has it.
func TestCertificateOfBothDefaults(t *testing.T) {
	const both = `
modparam("tls_mgm", "certificate", "/tls/server-only.pem")
modparam("tls_mgm", "private_key", "/tls/server-only.key")
`
	for name, c := range map[string]struct {
		script string
		want   diag.Severity
	}{
		"nobody chose it": {both, diag.Notice},
		"a client domain has it too": {both + `
modparam("tls_mgm", "client_domain", "sip=192.0.2.20:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/server-only.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/server-only.key")
`, diag.Warning},
		"a server domain has it too": {both + `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/server-only.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/server-only.key")
`, diag.Notice},
	} {
		t.Run(name, func(t *testing.T) {
			e := lint.Example{Script: c.script}
			found := runExample(t, parseExample(t, e), e, only(t, "TLS107")...)
			if len(found) != 1 || found[0].Severity != c.want {
				t.Errorf("found %v, want one %s", found, c.want)
			}
		})
	}
}

// TestMergedDefaults tells once about a setting of both default domains.
func TestMergedDefaults(t *testing.T) {
	config := parseExample(t, lint.Example{Script: `
modparam("tls_mgm", "certificate", "/tls/leaf.pem")
modparam("tls_mgm", "private_key", "/tls/leaf.key")
modparam("tls_mgm", "crl_check_all", "1")
`})
	found := lines(runExample(t, config, lint.Example{Unopened: true}, only(t, "TLS301", "TLS310")...))
	want := []string{
		"10: default client and server domain: certificates of peers are to be verified, but neither ca_list nor ca_dir is set [TLS301]",
		"12: default client and server domain: crl_check_all has no effect without crl_dir: revocations are not looked at [TLS310]",
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestOptions holds what the options do.
func TestOptions(t *testing.T) {
	run := func(script string, change func(*lint.Options)) []string {
		o := lint.Options{Now: certtest.Now()}
		change(&o)
		config := parseExample(t, lint.Example{Script: script})
		var all []string
		for _, f := range lint.Run(lint.Input{Config: config, Files: tlsctx.FromFS(fixtureFiles(t))}, o) {
			all = append(all, fmt.Sprintf("%s %s", f.Severity, f.Rule))
		}
		return all
	}
	pair := func(name string) string {
		return fmt.Sprintf("\nmodparam(\"tls_mgm\", \"certificate\", \"/tls/%s.pem\")\nmodparam(\"tls_mgm\", \"private_key\", \"/tls/%[1]s.key\")\n", name)
	}
	expiring := func(o *lint.Options) { o.Rules = only(t, "TLS101") }
	if got := run(pair("expiring"), func(o *lint.Options) { expiring(o); o.Expiry = 9 * 24 * time.Hour }); got != nil {
		t.Errorf("with an expiry of 9 days: %q", got)
	}
	if got, want := run(pair("expiring"), func(o *lint.Options) {
		expiring(o)
		o.Severities = map[string]diag.Severity{"TLS101": diag.Error}
	}), []string{"error TLS101"}; !slices.Equal(got, want) {
		t.Errorf("with another severity: %q", got)
	}
	names := func(o *lint.Options) { o.Rules = only(t, "TLS114"); o.Names = []string{"Pbx.Example.NET"} }
	if got := run(pair("leaf"), names); len(got) != 1 {
		t.Errorf("with a name of the options: %q", got)
	}
	if got := run(pair("leaf"), func(o *lint.Options) { names(o); o.Names = append(o.Names, host) }); got != nil {
		t.Errorf("with the name of the certificate: %q", got)
	}
	if got := run(pair("address"), func(o *lint.Options) { names(o); o.Names = append(o.Names, "192.0.2.10") }); got != nil {
		t.Errorf("with the address of the certificate: %q", got)
	}
	files := fixtureFiles(t)
	if got := run(pair("incomplete"), func(o *lint.Options) { o.Rules = only(t, "TLS102") }); len(got) != 1 {
		t.Errorf("an incomplete chain: %q", got)
	}
	inter, err := tlsctx.NewLoader(tlsctx.Options{Files: tlsctx.FromFS(files), Now: certtest.Now}, nil).
		Inspect(parseExample(t, lint.Example{Script: pair("chain")}).TLS.DefaultServer)
	if inter == nil {
		t.Fatal(err)
	}
	// Whoever has its issuer as a root needs nothing else.
	if got := run(pair("leaf"), func(o *lint.Options) { o.Rules = only(t, "TLS102"); o.Roots = inter.Chain()[1:] }); got != nil {
		t.Errorf("with a root of the options: %q", got)
	}
	if got := run(pair("incomplete"), func(o *lint.Options) {
		o.Rules = only(t, "TLS102")
		o.Roots = []*x509.Certificate{certtest.Root(t, "Example Issuing CA").Certificate}
	}); len(got) != 1 {
		t.Errorf("with a root of the same name and another key: %q", got)
	}
}

// TestFixesDo holds the text after a fix.
func TestFixesDo(t *testing.T) {
	for _, c := range []struct{ rule, before, after string }{
		{"TLS009", "modparam(\"tls_mgm\", \"verify_cert\", \"1\")\nmodparam(\"tls_mgm\", \"verify_cert\", \"0\")\n", "modparam(\"tls_mgm\", \"verify_cert\", \"0\")\n"},
		{
			"TLS009", "modparam(\"tls_mgm\", \"verify_cert\", \"1\") # why\nmodparam(\"tls_mgm\", \"verify_cert\", \"0\")\n",
			" # why\nmodparam(\"tls_mgm\", \"verify_cert\", \"0\")\n",
		},
		{
			"TLS009", "modparam(\"proto_tls\", \"tls_port\", 1)modparam(\"proto_tls\", \"tls_port\", 2)\n",
			"modparam(\"proto_tls\", \"tls_port\", 2)\n",
		},
		// Another module may have the parameter too.
		{"TLS009", "modparam(\"proto_tls|tm\", \"tls_port\", 1)\nmodparam(\"proto_tls\", \"tls_port\", 2)\n", ""},
		{"TLS401", "modparam(\"tls_mgm\", \"tls_method\", \"TLSv1\")\n", "modparam(\"tls_mgm\", \"tls_method\", \"SSLv23\")\n"},
		{"TLS409", "modparam('tls_mgm', 'ec_curve', 'secp224r1')\n", "modparam('tls_mgm', 'ec_curve', 'prime256v1')\n"},
		{"TLS505", "modparam(\"tls_mgm\", \"tls_handshake_timeout\", 0x10)\n", "modparam(\"tls_mgm\", \"tls_handshake_timeout\", 2000)\n"},
	} {
		config := parseExample(t, lint.Example{Script: c.before})
		text := config.File.Sources.All()[0].Text
		found := runExample(t, config, lint.Example{}, only(t, c.rule)...)
		if len(found) != 1 {
			t.Errorf("%s: %d findings in %q", c.rule, len(found), c.before)
			continue
		}
		got := ""
		if found[0].Fix != nil {
			got = applyFix(text, found[0].Fix)
		}
		if !strings.Contains(got, c.after) || c.after == "" && got != "" || strings.Count(got, "modparam") > max(1, strings.Count(c.after, "modparam")) {
			t.Errorf("%s: %q became %q", c.rule, c.before, got)
		}
	}
}

// TestIncluded finds things in included files, with their places there.
func TestIncluded(t *testing.T) {
	found := 0
	for _, f := range lint.Run(lint.Input{Config: includedScript(t)}, lint.Options{Now: certtest.Now(), Rules: only(t, "TLS401", "TLS009")}) {
		found++
		if f.Span.Start.File != "tls.cfg" || f.Fix == nil || f.Fix.Edits[0].Span.Start.File != "tls.cfg" {
			t.Errorf("%s: %+v", f, f.Fix)
		}
	}
	if found != 2 {
		t.Errorf("%d findings", found)
	}
}

// TestParallel finds the same whatever the number of cores.
func TestParallel(t *testing.T) {
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, "modparam(\"tls_mgm\", \"server_domain\", \"d%d=10.0.%d.%d:5061\")\nmodparam(\"tls_mgm\", \"verify_cert\", \"[d%[1]d]0\")\nmodparam(\"tls_mgm\", \"certificate\", \"[d%[1]d]/tls/expiring.pem\")\nmodparam(\"tls_mgm\", \"private_key\", \"[d%[1]d]/tls/expiring.key\")\n", i, i>>8, i&0xff)
	}
	config := parseExample(t, lint.Example{Script: "\n" + b.String()})
	run := func(cores int) []string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		return lines(lint.Run(lint.Input{Config: config, Files: tlsctx.FromFS(fixtureFiles(t))}, lint.Options{Now: certtest.Now()}))
	}
	one, many := run(1), run(8)
	if diff := cmp.Diff(one, many); diff != "" {
		t.Errorf("-one core +eight:\n%s", diff)
	}
	if i := slices.IndexFunc(one, func(line string) bool { return strings.Contains(line, "TLS101") }); i < 0 || !strings.Contains(one[i], "(1999 more domains have it)") {
		t.Errorf("the shared certificate is not told about once: %d of %d", i, len(one))
	}
}

// TestHiddenDomains holds TLS002 and TLS003 against a server that looks through
// its list.
func TestHiddenDomains(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		address := rapid.Custom(func(rt *rapid.T) netip.AddrPort {
			ip := netip.AddrFrom4([4]byte{192, 0, 2, byte(rapid.IntRange(1, 3).Draw(rt, "host"))})
			return netip.AddrPortFrom(ip, uint16(rapid.IntRange(5061, 5062).Draw(rt, "port")))
		})
		domains := rapid.SliceOfN(address, 1, 8).Draw(rt, "domains")
		sockets := rapid.SliceOfNDistinct(address, 1, 4, rapid.ID[netip.AddrPort]).Draw(rt, "sockets")
		var b strings.Builder
		b.WriteString("\n")
		for _, s := range sockets {
			fmt.Fprintf(&b, "listen=tls:%s\n", s)
		}
		for i, d := range domains {
			fmt.Fprintf(&b, "modparam(\"tls_mgm\", \"server_domain\", \"d%d=%s\")\n", i, d)
		}
		config := parseExample(t, lint.Example{Script: b.String()})
		told := map[string]bool{}
		for _, f := range lint.Run(lint.Input{Config: config}, lint.Options{Rules: only(t, "TLS002", "TLS003")}) {
			_, after, _ := strings.Cut(f.Message, `"`)
			name, _, _ := strings.Cut(after, `"`)
			told[f.Rule+" "+name] = true
		}
		for i, d := range domains {
			name := fmt.Sprintf("d%d", i)
			if hidden := slices.Contains(domains[i+1:], d); hidden != told["TLS002 "+name] {
				rt.Errorf("%s: hidden %t, told %t\n%s", name, hidden, !hidden, b.String())
			}
			if deaf := !slices.Contains(sockets, d); deaf != told["TLS003 "+name] {
				rt.Errorf("%s: without a socket %t, told %t\n%s", name, deaf, !deaf, b.String())
			}
		}
	})
}

// FuzzRun has all rules look at any script: nothing may panic, and every finding
// must have a place within the script.
func FuzzRun(f *testing.F) {
	for _, r := range lint.Rules() {
		f.Add(whole(r.Bad.Script, catalogue.Default), uint16(r.Since))
		f.Add(whole(r.Good.Script, v34), uint16(v34))
	}
	f.Fuzz(func(t *testing.T, script string, version uint16) {
		v := catalogue.Version(version)
		if !slices.Contains(catalogue.Versions(), v) {
			v = catalogue.Default
		}
		config, err := cfg.Parse("opensips.cfg", script, cfg.Options{Version: v})
		if err != nil {
			t.Skip()
		}
		files := tlsctx.FromFS(fixtureFiles(t))
		for _, in := range []lint.Input{{Config: config}, {Config: config, Files: files, Rows: []mgm.Row{{ID: 1, Domain: "default"}, {Domain: "x", Address: "192.0.2.1:1"}}}} {
			for _, found := range lint.Run(in, lint.Options{Now: certtest.Now(), Profile: lint.LookupProfile("teams")}) {
				text := config.File.Sources.All()[0].Text
				if end := found.Span.End.Offset; found.Message == "" || end > len(text) || found.Span.Start.Offset > end {
					t.Errorf("malformed: %+v", found)
				}
				if found.Fix != nil {
					applyFix(text, found.Fix)
				}
			}
		}
	})
}
