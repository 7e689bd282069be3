package route_test

import (
	"crypto/tls"
	"net/netip"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/route"
	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/mgm/variables"
)

// script is a script of the manual.
func script(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// outcome is what a run did, in words.
func outcome(r route.Result) []string {
	var did []string
	for _, s := range r.Stubs {
		did = append(did, s.Function+"("+strings.Join(s.Args, ", ")+")")
	}
	did = append(did, r.Headers...)
	for _, l := range r.Logs {
		did = append(did, strings.TrimSpace(l.Text))
	}
	for _, s := range r.Replies {
		did = append(did, strings.TrimSpace(pv.IntValue(int64(s.Code)).String()+" "+s.Reason))
	}
	for _, d := range r.Relays {
		did = append(did, d.Function+" "+d.Proto+":"+d.Host+":"+pv.IntValue(int64(d.Port)).String())
	}
	return append(did, string(r.End))
}

// TestManualScript runs the script of section 1.10 of the manual.
func TestManualScript(t *testing.T) {
	tests := []struct {
		name    string
		changes []string
		assume  map[string]int
		want    []string
	}{
		{
			name: "hops", changes: []string{"Max-Forwards: 70", "Max-Forwards: 0"},
			want: []string{"483 Too Many Hops", "exit"},
		},
		{
			name: "relaying", want: []string{"403 No relaying", "exit"},
		},
		{
			name: "without credentials", changes: []string{"alice@atlanta.com", "alice@domA.net"}, assume: map[string]int{"proxy_authorize": -1},
			want: []string{"proxy_authorize(domA.net, subscriber)", "proxy_challenge(domA.net, 0)", "exit"},
		},
		{
			name: "cheating", changes: []string{"alice@atlanta.com", "alice@domA.net"}, assume: map[string]int{"DB_Check_From": -1},
			want: []string{
				"proxy_authorize(domA.net, subscriber)", "db_check_from()", "FROM hdr Cheating attempt in INVITE",
				"403 That is ugly -- use From=id next time (OB)", "exit",
			},
		},
		{
			name: "in a dialog", changes: []string{"alice@atlanta.com", "alice@domA.net"},
			want: []string{
				"proxy_authorize(domA.net, subscriber)", "db_check_from()", "record_route()", "loose_route()",
				"P-hint: rr-enforced", "t_relay udp:biloxi.com:5060", "exit",
			},
		},
		{
			name: "outbound", changes: []string{"alice@atlanta.com", "alice@domA.net", "INVITE sip:bob@biloxi.com", "INVITE sip:bob@domB.net"},
			assume: map[string]int{"loose_route": -1},
			want: []string{
				"proxy_authorize(domA.net, subscriber)", "db_check_from()", "record_route()", "loose_route()",
				"P-hint: OUTBOUND", "t_relay tls:domB.net:5061", "exit",
			},
		},
		{
			name: "by prefix", changes: []string{"INVITE sip:bob@biloxi.com", "INVITE sip:2021234@domA.net"},
			assume: map[string]int{"loose_route": -1},
			want:   []string{"record_route()", "loose_route()", "t_relay tls:domC.net:5061", "exit"},
		},
		{
			name:    "register",
			changes: []string{"INVITE sip:bob@biloxi.com", "REGISTER sip:domA.net", "314159 INVITE", "314159 REGISTER"},
			assume:  map[string]int{"loose_route": -1, "save": -1},
			want: []string{
				"loose_route()", "www_authorize(domA.net, subscriber)", "db_check_to()", "save(location)",
				"500 Server error occurred (1/SL)", "exit",
			},
		},
		{
			name: "not there", changes: []string{"INVITE sip:bob@biloxi.com", "INVITE sip:bob@domA.net"},
			assume: map[string]int{"loose_route": -1, "lookup": -1},
			want:   []string{"record_route()", "loose_route()", "lookup(location)", "404 Not Found", "exit"},
		},
		{
			name: "local", changes: []string{"INVITE sip:bob@biloxi.com", "INVITE sip:bob@domA.net;transport=tls"},
			assume: map[string]int{"loose_route": -1},
			want: []string{
				"record_route()", "loose_route()", "lookup(location)", "Alert-info: 1", "Alert-info: Bellcore-dr4",
				"Alert-info: http://foo.bar/x.wav", "t_relay tls:domA.net:5061", "end",
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, findings := compile(t, v23, script(t, "manual.cfg"), route.Options{Assume: test.assume})
			if len(findings) > 0 {
				t.Errorf("findings: %q", findings)
			}
			s := scope(t, v23, test.changes...)
			r := p.Run(t.Context(), s, route.Env{})
			if diff := cmp.Diff(test.want, outcome(r)); diff != "" || len(r.Warnings) > 0 {
				t.Errorf("(-want +have):\n%s\nwarnings: %v", diff, r.Warnings)
			}
			if test.name == "by prefix" && s.CurrentURI() != "sip:1234@domC.net" {
				t.Errorf("the request URI is %s", s.CurrentURI())
			}
		})
	}
}

// clients are the client domains of a registry.
type clients struct{ *mgm.Domains }

func (c clients) FindClient(name string, destination netip.AddrPort) (route.Client, bool) {
	d, rule := c.Domains.FindClient(name, destination)
	if d == nil {
		return route.Client{}, false
	}
	return route.Client{Name: d.DisplayName(), Rule: rule.String(), Subject: d.Context.Certificate().Subject.CommonName}, true
}

// domainsOf loads the domains of a script, with certificates named after folders.
func domainsOf(t *testing.T, c *cfg.Config) clients {
	t.Helper()
	root := certtest.Root(t, "root")
	files := fstest.MapFS{"certs/wellknownCAs": {Data: root.PEM()}}
	for _, company := range []string{"atlanta.com", "biloxy.com"} {
		id := root.Issue(t, company)
		files["certs/"+company+"/cert.pem"] = &fstest.MapFile{Data: id.PEM()}
		files["certs/"+company+"/privkey.pem"] = &fstest.MapFile{Data: id.KeyPEM(t)}
	}
	own := root.Issue(t, "the default")
	files["etc/opensips/tls/cert.pem"] = &fstest.MapFile{Data: own.PEM()}
	files["etc/opensips/tls/ckey.pem"] = &fstest.MapFile{Data: own.KeyPEM(t)}
	files["etc/pki/CA/none"] = &fstest.MapFile{}
	registry, problems, err := mgm.NewRegistry(t.Context(), start.Script(c), mgm.Options{
		Version: c.Version, ConfigDir: cfg.DefaultConfigDir, Files: tlsctx.FromFS(files), Now: certtest.Now,
	})
	if registry == nil {
		t.Fatal(problems, err)
	}
	return clients{registry.Domains()}
}

// TestManualDomains runs the example of section 1.8.30: which client domain the
// calls to other SIP domains use.
func TestManualDomains(t *testing.T) {
	text := script(t, "domains.cfg")
	c, err := cfg.Parse("domains.cfg", text, cfg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, findings := route.Compile(c, route.Options{})
	if len(findings) > 0 {
		t.Errorf("findings: %v", findings)
	}
	env := route.Env{Clients: domainsOf(t, c)}
	byName, byAddress, byDefault := "the name in the AVP", "the address of the destination", "no other domain fits"
	for uri, want := range map[string]route.Client{
		"sip:bob@biloxy.com;transport=tls":   {Name: "dom4", Rule: byName, Subject: "biloxy.com"},
		"sips:bob@BILOXY.com":                {Name: "dom4", Rule: byName, Subject: "biloxy.com"},
		"sip:bob@atlanta.com;transport=tls":  {Name: "dom3", Rule: byName, Subject: "atlanta.com"},
		"sip:bob@chicago.com;transport=tls":  {Name: "default", Rule: byDefault, Subject: "the default"},
		"sip:1@1.2.3.4:6677;transport=tls":   {Name: "dom6", Rule: byAddress, Subject: "biloxy.com"},
		"sip:1@1.2.3.4;transport=tls":        {Name: "default", Rule: byDefault, Subject: "the default"},
		"sip:1@192.0.2.5:5061;transport=tls": {Name: "dom5", Rule: byAddress, Subject: "atlanta.com"},
		"sips:1@192.0.2.5":                   {Name: "dom5", Rule: byAddress, Subject: "atlanta.com"},
	} {
		r := p.Run(t.Context(), scope(t, v23, "INVITE sip:bob@biloxi.com", "INVITE "+uri), env)
		if len(r.Relays) != 1 || r.Relays[0].Client == nil {
			t.Errorf("%s: %+v", uri, r)
			continue
		}
		if diff := cmp.Diff(want, *r.Relays[0].Client); diff != "" {
			t.Errorf("%s (-want +have):\n%s", uri, diff)
		}
	}
	// Without a transport DNS decides: over TLS it would be the same domain.
	r := p.Run(t.Context(), scope(t, v23, "biloxi", "biloxy"), env)
	if len(r.Relays) != 1 || r.Relays[0].TLS || r.Relays[0].IfTLS == nil || r.Relays[0].IfTLS.Name != "dom4" || len(r.Relays[0].Notes) == 0 {
		t.Errorf("%+v", r.Relays)
	}
}

// TestManualLogging runs the logging of section 1.11 for a connection with a
// verified peer, one without a certificate, and none.
func TestManualLogging(t *testing.T) {
	p, findings := compile(t, v23, script(t, "logging.cfg"), route.Options{})
	if len(findings) > 0 {
		t.Errorf("findings: %q", findings)
	}
	root := certtest.Root(t, "root")
	session := func(peer bool) *variables.Session {
		s := &variables.Session{
			Version: tls.VersionTLS12, CipherSuite: tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, My: root.Issue(t, "server").Certificate,
		}
		if peer {
			s.Peer = root.Issue(t, "client.atlanta.com").Certificate
		}
		return s
	}
	for _, test := range []struct {
		name    string
		session *variables.Session
		want    []string
	}{
		{"verified", session(true), []string{
			"$tls_version = 'TLSv1.2'", "$tls_cipher_info = 'ECDHE-RSA-AES256-GCM-SHA384'", "$tls_cipher_bits = '256'",
			"$tls_peer_subject_cn = 'client.atlanta.com'", "$tls_peer_issuer_cn = 'root'", "$tls_my_subject_cn = 'server'",
			"$tls_peer_verified = '1'", "$tls_peer_expired = '0'",
		}},
		{"without a certificate", session(false), []string{
			"$tls_version = 'TLSv1.2'", "$tls_my_subject_cn = 'server'", "$tls_peer_verified = '0'", "$tls_peer_revoked = '0'",
		}},
		{"over UDP", nil, []string{"$tls_version = '<null>'", "$tls_my_subject_cn = '<null>'", "$tls_peer_verified = '<null>'"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := scope(t, v23)
			s.TLS = test.session
			r := p.Run(t.Context(), s, route.Env{})
			if len(r.Logs) != 52 || r.End != route.EndOfRoute {
				t.Errorf("%d lines, then %s", len(r.Logs), r.End)
			}
			var lines []string
			for _, l := range r.Logs {
				if l.Level != route.Info {
					t.Errorf("%s: level %s", l.Text, l.Level)
				}
				lines = append(lines, strings.Join(strings.Fields(l.Text), " "))
			}
			all := strings.Join(lines, "\n")
			for _, want := range test.want {
				if !strings.Contains(all, want) {
					t.Errorf("there is no line %s in:\n%s", want, all)
				}
			}
		})
	}
}

// TestPeerVerified runs the example of section 1.6.1.
func TestPeerVerified(t *testing.T) {
	p, _ := compile(t, v23, `loadmodule "tls_mgm.so"
route {
	if (is_peer_verified()) {
		xlog("L_INFO","request from verified TLS peer\n");
	} else {
		xlog("L_INFO","request not verified\n");
	}
}`, route.Options{})
	root := certtest.Root(t, "root")
	for _, test := range []struct {
		session *variables.Session
		want    string
	}{
		{&variables.Session{Version: tls.VersionTLS12, Peer: root.Issue(t, "client").Certificate}, "request from verified TLS peer\n"},
		{&variables.Session{Version: tls.VersionTLS12}, "request not verified\n"},
		{nil, "request not verified\n"},
	} {
		s := scope(t, v23)
		s.TLS = test.session
		if got := logged(p.Run(t.Context(), s, route.Env{})); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}
