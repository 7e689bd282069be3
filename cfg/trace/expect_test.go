package trace_test

import (
	"testing"

	"github.com/opensips-tools/tlsmgm/cfg/trace"
)

// TestExpectations tells what is met and what is found.
func TestExpectations(t *testing.T) {
	s := newSite(t, `route {
	$avp(dom) = "cl1";
	t_relay("tls:192.0.2.9:5099");
	$avp(dom) = NULL;
	t_relay("tls:[2001:db8::1]:5061");
	sl_send_reply("403", "Not Today");
	xlog("L_INFO", "carrier unknown\n");
	drop;
}`)
	nothing := newSite(t, "route { $var(a) = 1; }")
	for _, test := range []struct {
		site *site
		text string
		want string // empty if it is met
	}{
		{s, "client_domain=cl1", ""},
		{s, "client_domain=CL1", ""},
		{s, "client_domain=default", ""},
		{s, "client_domain=cl2", "expected client_domain=cl2, found client_domain=cl1, client_domain=default"},
		{s, "client_domain=none", "expected client_domain=none, found client_domain=cl1, client_domain=default"},
		{s, "relay=tls:192.0.2.9:5099", ""},
		{s, "relay=tls:192.0.2.9", ""},
		{s, "relay=tls:[2001:db8::1]:5061", ""},
		{s, "relay=udp:192.0.2.9", "expected relay=udp:192.0.2.9, found relay=tls:192.0.2.9:5099, relay=tls:[2001:db8::1]:5061"},
		{s, "reply=403", ""},
		{s, "reply=403 Not Today", ""},
		{s, "reply=40", "expected reply=40, found reply=403 Not Today"},
		{s, "end=drop", ""},
		{s, "end=exit", "expected end=exit, found end=drop"},
		{s, "log=unknown", ""},
		{s, "log=known carrier", "expected log=known carrier, found log=carrier unknown"},
		{s, "server_domain=sv1", ""},
		{nothing, "client_domain=none", ""},
		{nothing, "relay=none", ""},
		{nothing, "reply=none", ""},
		{nothing, "client_domain=cl1", "expected client_domain=cl1, found none"},
		{nothing, "end=end", ""},
	} {
		r := test.site.run(t, trace.Options{GoOn: true, Expect: expectations(t, test.text)}, request())
		got := ""
		if unmet := r.Unmet(); len(unmet) > 0 {
			got = unmet[0].String()
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.text, got, test.want)
		}
	}
}

func TestWrongExpectations(t *testing.T) {
	const properties = "server_domain, client_domain, relay, reply, end, log"
	for text, want := range map[string]string{
		"client_domain":  "expected PROPERTY=VALUE with one of " + properties + `, found "client_domain"`,
		"client_domain=": "expected PROPERTY=VALUE with one of " + properties + `, found "client_domain="`,
		"domain=x":       "expected PROPERTY=VALUE with one of " + properties + `, found "domain=x"`,
		"reply=abc":      `expected reply=CODE, such as reply=403, found "reply=abc"`,
		"end=return":     `expected end=end, end=exit, end=drop, end=limit, end=error, found "end=return"`,
	} {
		var e trace.Expectation
		if err := e.UnmarshalText([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestSockets(t *testing.T) {
	for text, want := range map[string]string{
		"tls:192.0.2.1:5071": "tls:192.0.2.1:5071", "TLS:192.0.2.1": "tls:192.0.2.1:5061", "udp:[2001:db8::1]:5080": "udp:[2001:db8::1]:5080",
		"wss:[::1]": "wss:[::1]:443", "sctp:192.0.2.1": "sctp:192.0.2.1:5060",
	} {
		if got := socket(t, text).String(); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	var s trace.Socket
	for _, text := range []string{"", "tls", "192.0.2.1:5061", "tls:host:5061", "tls:192.0.2.1:x", "ipx:192.0.2.1:1"} {
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is %v", text, s)
		}
	}
}
