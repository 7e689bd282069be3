package trace_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/route"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/cfg/trace"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
)

// TestManualDomains runs the example of section 1.8.30 of the manual: which
// calls use which client domain.
func TestManualDomains(t *testing.T) {
	s := newSite(t, readFile(t, "../route/testdata/domains.cfg"))
	s.files["certs/wellknownCAs"] = &fstest.MapFile{Data: s.root.PEM()}
	for _, company := range []string{"atlanta.com", "biloxy.com"} {
		id := s.root.Issue(t, company)
		s.files["certs/"+company+"/cert.pem"] = &fstest.MapFile{Data: id.PEM()}
		s.files["certs/"+company+"/privkey.pem"] = &fstest.MapFile{Data: id.KeyPEM(t)}
	}
	client := trace.Client{Certificates: s.root.Issue(t, "phone").Chain()}
	for uri, expect := range map[string][]string{
		"sip:bob@biloxy.com;transport=tls":  {"client_domain=dom4", "relay=tls:biloxy.com:5061", "end=exit", "server_domain=dom1"},
		"sip:bob@biloxy.com":                {"client_domain=dom4", "relay=udp:biloxy.com"}, // if DNS leads to TLS
		"sip:bob@atlanta.com;transport=tls": {"client_domain=dom3", "reply=none"},
		"sip:1@1.2.3.4:6677;transport=tls":  {"client_domain=dom6", "relay=tls:1.2.3.4:6677"},
		"sip:1@192.0.2.5;transport=tls":     {"client_domain=dom5"},
		"sip:1@example.org;transport=tls":   {"client_domain=default"},
		"sip:1@192.0.2.9":                   {"client_domain=none"},
	} {
		r := s.run(t, trace.Options{Client: client, Expect: expectations(t, expect...)}, request("sip:bob@biloxi.com SIP", uri+" SIP"))
		for _, o := range r.Unmet() {
			t.Errorf("%s: %v", uri, o)
		}
		if len(r.Expectations) != len(expect) {
			t.Errorf("%s: %d expectations, want %d", uri, len(r.Expectations), len(expect))
		}
	}
}

// TestConnections has a client with each kind of certificate come to each kind of
// domain.
func TestConnections(t *testing.T) {
	s := newSite(t, `route { if (is_peer_verified()) xlog("verified $tls_peer_subject_cn"); else xlog("not verified $tls_peer_subject_cn"); }`)
	known, expired := s.root.Issue(t, "phone").Chain(), s.root.Issue(t, "old", certtest.Expired()).Chain()
	for _, test := range []struct {
		name, socket string
		client       trace.Client
		goOn         bool
		want         string // that is logged, or why the connection is refused
	}{
		{"verified", "", trace.Client{Certificates: known}, false, "verified phone"},
		{"without", "", trace.Client{}, false, `peer certificate required by domain "sv1" (require_cert, by default) but none was sent`},
		{"without, all the same", "", trace.Client{}, true, "not verified <null>"},
		{
			"expired", "",
			trace.Client{Certificates: expired},
			false,
			`the certificate "CN=old,O=certtest" of the peer expired at 2030-06-15 11:00:00 UTC; domain "sv1" verifies it (verify_cert, by default)`,
		},
		{"expired, all the same", "", trace.Client{Certificates: expired}, true, "not verified old"},
		{"not asked", "tls:192.0.2.2:5061", trace.Client{Certificates: known}, false, "not verified <null>"},
		{"UDP", "udp:192.0.2.1:5060", trace.Client{}, false, "not verified <null>"},
		{
			"version", "tls:192.0.2.2",
			trace.Client{Version: tls.VersionTLS10},
			true,
			`no common protocol version: the client offers TLSv1, domain "sv2" allows TLSv1.2 to TLSv1.3 (tls_method, by default)`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := trace.Options{Client: test.client, GoOn: test.goOn}
			if test.socket != "" {
				o.Socket = socket(t, test.socket)
			}
			r := s.run(t, o, request())
			got := ""
			if r.Result != nil {
				got = r.Result.Logs[0].Text
			} else if r.IsRefused() {
				got = r.Refused.Reason
			}
			if got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

// The session is what the server domain and the client make of it.
func TestSession(t *testing.T) {
	s := newSite(t, `route { exit; }`)
	r := s.run(t, trace.Options{Socket: socket(t, "tls:192.0.2.2:5061"), Client: trace.Client{Version: tls.VersionTLS12}}, request())
	for name, want := range map[string]string{
		"$tls_version": "TLSv1.2", "$tls_cipher_info": "ECDHE-ECDSA-AES256-GCM-SHA384", "$tls_cipher_bits": "256",
		"$tls_my_subject": "/O=certtest/CN=own", "$tls_peer_verified": "0",
	} {
		if got, ok := r.Variables.Lookup(name); !ok || got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got, ok := r.Variables.Lookup("$tls_peer_subject"); ok {
		t.Errorf("$tls_peer_subject is %q", got)
	}
	want := &trace.Domain{Name: "sv2", Subject: "/O=certtest/CN=own"}
	if diff := cmp.Diff(want, r.Domain); diff != "" {
		t.Errorf("domain (-want +have):\n%s", diff)
	}
}

// Without files the domains are known and their certificates are not.
func TestWithoutFiles(t *testing.T) {
	s := newSite(t, `route {
	if (is_peer_verified()) xlog("verified");
	$avp(dom) = "cl1";
	t_relay("tls:192.0.2.7:5061");
	t_relay("tls:192.0.2.7:5062");
}`)
	domains := mgm.WithoutContexts(start.Script(s.config))
	r := run(t, s.config, domains, trace.Options{
		Client: trace.Client{Certificates: s.root.Issue(t, "phone").Chain()}, Expect: expectations(t, "client_domain=cl1", "log=none"),
	}, request())
	if len(r.Unmet()) > 0 || len(r.Notes) != 2 || !strings.Contains(r.Notes[0], `the files of domain "sv1" are not opened`) {
		t.Errorf("%v, %q", r.Unmet(), r.Notes)
	}
	if got, _ := r.Variables.Lookup("$tls_peer_subject"); got != "/O=certtest/CN=phone" {
		t.Errorf("peer %q", got)
	}
	r = run(t, s.config, domains, trace.Options{Program: route.Options{Assume: map[string]int{"is_peer_verified": 1}}}, request())
	if len(r.Result.Logs) != 1 {
		t.Errorf("%+v", r.Result.Logs)
	}
}

// Where nothing is said, the request comes in on the first TLS socket, from its
// Via.
func TestDefaults(t *testing.T) {
	const body = "mpath=\"/m/\"\nloadmodule \"proto_udp.so\"\nroute { exit; }"
	for _, test := range []struct {
		listen, via, socket, source string
		note                        string
	}{
		{"listen=udp:192.0.2.1:5062\nlisten=udp:192.0.2.3:5060\n", "192.0.2.99:15061", "udp:192.0.2.1:5062", "192.0.2.99:15061", ""},
		{"listen=udp:192.0.2.1:5060\nlisten=tls:192.0.2.3:5063\n", "[2001:db8::9]", "tls:192.0.2.3:5063", "[2001:db8::9]:5061", "does not load tls_mgm"},
		{"listen=udp:*:5070\n", "pc33.atlanta.com", "udp:127.0.0.1:5070", "198.51.100.1:5060", "127.0.0.1 is taken"},
	} {
		config, err := cfg.Parse("test.cfg", test.listen+body, cfg.Options{})
		if err != nil {
			t.Fatal(err)
		}
		r := run(t, config, nil, trace.Options{}, request("192.0.2.99:15061", test.via))
		if r.Socket.String() != test.socket || r.Request.Source.String() != test.source || !strings.Contains(strings.Join(r.Notes, "\n"), test.note) {
			t.Errorf("%q: socket %v, source %v, notes %q", test.listen, r.Socket, r.Request.Source, r.Notes)
		}
	}
	r := newSite(t, "route { exit; }").run(t, trace.Options{Socket: socket(t, "TLS:192.0.2.2:5099"), Source: netip.MustParseAddrPort("192.0.2.5:1"), GoOn: true}, request())
	if r.Request.Source.Port() != 1 || !cmp.Equal(r.Notes, []string{"no listen statement has the socket tls:192.0.2.2:5099"}) {
		t.Errorf("%v, %q", r.Request.Source, r.Notes)
	}
}

func TestWrongOptions(t *testing.T) {
	s := newSite(t, "route { exit; }\nroute[a] { exit; }\nbranch_route[1] { exit; }\n")
	for want, o := range map[string]trace.Options{
		`the script has no route "b": expected one of route, route[a], branch_route[1]`: {Route: "b"},
		"a client has no certificate on udp:192.0.2.1:5060: there is no TLS": {
			Socket: socket(t, "udp:192.0.2.1"), Client: trace.Client{Certificates: []*x509.Certificate{s.root.Certificate}},
		},
	} {
		if _, _, err := trace.New(s.config, s.domains(t), o); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	for text, want := range map[string]string{
		"listen=tls:sip.example.com:5061\nroute { exit; }": `test.cfg:1:1: listen=tls:sip.example.com:5061: the address of "sip.example.com" is not looked up: say on which socket the request comes in`,
		"debug=3\nroute { exit; }":                         "test.cfg has no listen statement: say on which socket the request comes in",
	} {
		config, err := cfg.Parse("test.cfg", text, cfg.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := trace.New(config, nil, trace.Options{}); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestWrongRequests(t *testing.T) {
	s := newSite(t, "route { exit; }\nonreply_route[seen] { xlog(\"$rs\"); }\n")
	tracer, _, err := trace.New(s.config, nil, trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	reply := "SIP/2.0 200 OK\r\nVia: SIP/2.0/TLS a\r\n\r\n"
	for text, want := range map[string]string{
		reply:                         "expected a request, found a reply",
		"":                            "not a SIP message: expected a SIP message, found nothing",
		"INVITE sip:a SIP/2.0\nTo: a": "malformed SIP message: expected an empty line after the headers",
	} {
		if r, err := tracer.Trace(t.Context(), "x", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: %+v, error %v, want %s", text, r, err, want)
		}
	}
	// What a server does without is a note.
	r, err := tracer.Trace(t.Context(), "x", request("Max-Forwards: 70", "Max-Forwards: x"))
	if err != nil || !strings.Contains(strings.Join(r.Notes, "\n"), `Max-Forwards "x": expected a number; OpenSIPS notices when it needs it`) {
		t.Errorf("%v, %v", r, err)
	}
	// A reply is for a route of replies.
	r = s.run(t, trace.Options{Route: "onreply_route[seen]", GoOn: true}, []byte(reply))
	if r.Result.Logs[0].Text != "200" {
		t.Errorf("%+v", r.Result)
	}
}

// Other routes run, with what is set for them.
func TestRouteAndSet(t *testing.T) {
	s := newSite(t, `route { exit; }
route[relay] { xlog("$rT $avp(dom) $var(n)"); if ($var(n) > 4) t_relay("tls:192.0.2.9"); }
local_route { xlog("$rT"); }
`)
	set := make([]trace.Assignment, 3)
	for i, text := range []string{"avp(dom)=cl1", "$var(n)=5", "du=sip:a=b"} {
		if err := set[i].UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	r := s.run(t, trace.Options{Route: "relay", Set: set, GoOn: true, Expect: expectations(t, "client_domain=cl1", "log=route cl1 5")}, request())
	for _, o := range r.Unmet() {
		t.Error(o)
	}
	if r := s.run(t, trace.Options{Route: "local_route", GoOn: true}, request()); r.Result.Logs[0].Text != "local_route" {
		t.Errorf("%+v", r.Result)
	}
	var a trace.Assignment
	for text, want := range map[string]string{
		"avp(x)": `expected VARIABLE=VALUE, such as avp(name)=text, found "avp(x)"`,
		"ci=x":   "$ci cannot be set",
	} {
		if err := a.UnmarshalText([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	if err := a.UnmarshalText([]byte("nothing(=x")); err == nil {
		t.Error("nothing( is a variable")
	}
}

// Requests do not know of each other.
func TestSeveral(t *testing.T) {
	s := newSite(t, `route { xlog("$mi $avp(x)"); $avp(x) = "left over"; }`)
	tracer, _, err := trace.New(s.config, nil, trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1 <null>", "2 <null>"} {
		r, err := tracer.Trace(t.Context(), "x", request())
		if err != nil || r.Result.Logs[0].Text != want {
			t.Errorf("%+v, %v, want %s", r.Result, err, want)
		}
	}
}

// A run is one object, whose parts pipelines look at.
func TestJSON(t *testing.T) {
	s := newSite(t, `route { $avp(dom) = "cl1"; t_relay("tls:192.0.2.9:5061"); sl_send_reply("202", "Accepted"); exit; }`)
	text, err := json.Marshal(s.run(t, trace.Options{Socket: socket(t, "tls:192.0.2.2"), Expect: expectations(t, "reply=202")}, request()))
	if err != nil {
		t.Fatal(err)
	}
	var run struct {
		Request   struct{ Name, Method, URI, Source string }
		Socket    string
		Domain    trace.Domain
		Variables map[string]*string
		Steps     []route.Event
		Result    struct {
			End    string
			Relays []struct{ Client route.Client }
		}
		Expectations []trace.Outcome
	}
	if err := json.Unmarshal(text, &run); err != nil {
		t.Fatal(err)
	}
	if run.Request.Source != "192.0.2.99:15061" || run.Socket != "tls:192.0.2.2:5061" || run.Domain.Name != "sv2" ||
		*run.Variables["$tls_version"] != "TLSv1.3" || run.Variables["$tls_peer_subject"] != nil || len(run.Variables) != 52 ||
		run.Steps[0].Kind != route.KindEnter || run.Result.End != "exit" || run.Result.Relays[0].Client.Name != "cl1" ||
		!cmp.Equal(run.Expectations, []trace.Outcome{{Expected: "reply=202", Found: []string{"reply=202 Accepted"}, Met: true}}) {
		t.Errorf("%s", text)
	}
	if !strings.Contains(string(text), `"variables":{"$tls_version":"TLSv1.3","$tls_description":`) {
		t.Errorf("the variables are not in their order: %s", text)
	}
}
