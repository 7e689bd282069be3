package trace_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/cfg/trace"
)

// TestSecrets looks for passwords of the script and of the request in a run.
func TestSecrets(t *testing.T) {
	s := newSite(t, `route {
	$var(x) = $(ci{s.xor,hush-script});
	$du = "sip:carrier:hush-du@192.0.2.7;transport=tls";
	xlog("from $fu, $(fu{uri.passwd}) and $hdr(Authorization) to $ru over mysql://u:hush-url@host/db\n");
	if ($(ru{uri.passwd}) == "hush-ruri") $var(p) = $(ru{uri.passwd});
	xlog("$var(p)");
	avp_db_query("insert $ru", "mysql://u:hush-url@host/db");
	if ($hdr(Proxy-Authorization) =~ "Basic") xlog("$auth.resp");
	append_hf("X: <sip:a:hush-header@b>\r\n");
	t_relay();
	route(other, $ru);
	sl_send_reply("403", "No $fu");
	append_to_reply("Y: $fu\r\n");
}
route[other] { t_relay("sip:a:hush-arg@192.0.2.9"); }
`)
	text := request("bob@biloxi.com SIP", "bob:hush-ruri@biloxi.com SIP", "sip:alice@", "sip:alice:hush-from@",
		"Content-Length", "Authorization: Digest username=\"a\", response=\"hush-response\"\nProxy-Authorization: Basic aHVzaC1iYXNpYw==\nContent-Length")
	r := s.run(t, trace.Options{GoOn: true}, text)
	out, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Result.Relays) != 2 || len(r.Result.Logs) != 3 || len(r.Result.Stubs) != 1 || len(r.Result.Replies) != 1 {
		t.Fatalf("the route was not run as it was meant: %s", out)
	}
	for _, secret := range []string{"hush", "aHVzaC1iYXNpYw"} {
		if at := strings.Index(string(out), secret); at >= 0 {
			t.Errorf("a secret is shown: …%s…", out[max(at-80, 0):at+40])
		}
	}
	for _, shown := range []string{"sip:carrier:…@192.0.2.7", "mysql://u:…@host/db", "{s.xor,…}", "sip:bob:…@biloxi.com"} {
		if !strings.Contains(string(out), shown) {
			t.Errorf("%s is not shown", shown)
		}
	}
}

func TestHide(t *testing.T) {
	for text, want := range map[string]string{
		"sip:alice:pw@host":                   "sip:alice:…@host",
		"<sips:a:p@h>, \"b\" <sip:c:q@h>":     "<sips:a:…@h>, \"b\" <sip:c:…@h>",
		"sip:alice:…@host":                    "sip:alice:…@host",
		"sip:host:5061;transport=tls":         "sip:host:5061;transport=tls",
		"tls:192.0.2.1:5061":                  "tls:192.0.2.1:5061",
		`Digest response="ab", nonce="n"`:     `Digest response="…", nonce="n"`,
		"Authorization: Bearer abc.def":       "Authorization: Bearer …",
		"postgres://u:p@ss@host/x and text@y": "postgres://u:…@host/x and text@y",
	} {
		if got := trace.Hide(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// FuzzTrace runs whatever may stand in a request.
func FuzzTrace(f *testing.F) {
	f.Add(request())
	f.Add(request("sip:bob@biloxi.com", "tel:+1-201;x=y", "INVITE", "ACK"))
	f.Add(request("192.0.2.99:15061", "[::1]", "Max-Forwards: 70", "Authorization: Digest response=\"x\""))
	f.Add([]byte("SIP/2.0 200 OK\n\n"))
	s := newSite(f, `route { xlog("$ru $fu $du $hdr(Via) $(ru{uri.passwd}) $tls_peer_subject"); if ($rd == "a") t_relay("tls:$rd"); else t_relay(); route(a, $rU); }
route[a] { $rU = $param(1) + "x"; sl_send_reply("404", "$ru"); }`)
	tracer, _, err := trace.New(s.config, s.domains(f), trace.Options{GoOn: true, Expect: expectations(f, "relay=tls:a", "client_domain=none")})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := tracer.Trace(t.Context(), "fuzz", text)
		if err != nil {
			return
		}
		if r.Result == nil || len(r.Steps) == 0 || len(r.Expectations) != 2 {
			t.Errorf("%+v", r)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Error(err)
		}
	})
}
