package route_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/opensips-tools/tlsmgm/cfg/route"
)

// asked notes what it is asked.
type asked struct {
	name        string
	destination netip.AddrPort
	calls       int
	none        bool
}

func (a *asked) FindClient(name string, destination netip.AddrPort) (route.Client, bool) {
	a.name, a.destination = name, destination
	a.calls++
	return route.Client{Name: "dom", Rule: "rule"}, !a.none
}

func TestRelays(t *testing.T) {
	const (
		unresolved = "the host name is not looked up, so that no domain is found by its address"
		records    = "NAPTR and SRV records, which may name another protocol and port, are not looked up"
	)
	dom := &route.Client{Name: "dom", Rule: "rule"}
	tests := []struct {
		actions     string
		want        route.Relay
		destination string // that the client domain was asked for
	}{
		{`t_relay("tls:1.2.3.4:6677");`, route.Relay{From: route.FromArgument, URI: "tls:1.2.3.4:6677", Proto: "tls", Why: "the argument names it", Host: "1.2.3.4", Port: 6677, TLS: true, AVP: "name", Client: dom}, "1.2.3.4:6677"},
		{`t_relay("TLS:[2001:db8::1]");`, route.Relay{From: route.FromArgument, URI: "TLS:[2001:db8::1]", Proto: "tls", Why: "the argument names it", Host: "[2001:db8::1]", Port: 5061, TLS: true, AVP: "name", Client: dom}, "[2001:db8::1]:5061"},
		{`t_relay("0x01", "tls:sip.example.com");`, route.Relay{From: route.FromArgument, URI: "tls:sip.example.com", Proto: "tls", Why: "the argument names it", Host: "sip.example.com", Port: 5061, TLS: true, AVP: "name", Client: dom, Notes: []string{unresolved}}, ""},
		{`t_relay("udp:1.2.3.4");`, route.Relay{From: route.FromArgument, URI: "udp:1.2.3.4", Proto: "udp", Why: "the argument names it", Host: "1.2.3.4", Port: 5060}, ""},
		{`t_relay("wss:1.2.3.4");`, route.Relay{From: route.FromArgument, URI: "wss:1.2.3.4", Proto: "wss", Why: "the argument names it", Host: "1.2.3.4", Port: 443, TLS: true, AVP: "name", Client: dom}, "1.2.3.4:443"},
		{`t_relay("localhost");`, route.Relay{From: route.FromArgument, URI: "localhost", Proto: "udp", Host: "localhost", Port: 5060}, ""},
		{`$ru = "sip:1.2.3.4"; t_relay("no-auto-477");`, route.Relay{From: route.FromRequestURI, URI: "sip:1.2.3.4", Proto: "udp", Host: "1.2.3.4", Port: 5060}, ""},
		{`forward("1.2.3.4:5080");`, route.Relay{From: route.FromArgument, URI: "1.2.3.4:5080", Proto: "udp", Host: "1.2.3.4", Port: 5080}, ""},
		{`send("tcp:1.2.3.4");`, route.Relay{From: route.FromArgument, URI: "tcp:1.2.3.4", Proto: "tcp", Why: "the argument names it", Host: "1.2.3.4", Port: 5060}, ""},
		{`$var(p) = "tls:1.2.3.4:1"; t_relay("$var(p)");`, route.Relay{From: route.FromArgument, URI: "tls:1.2.3.4:1", Proto: "tls", Why: "the argument names it", Host: "1.2.3.4", Port: 1, TLS: true, AVP: "name", Client: dom}, "1.2.3.4:1"},
		{`t_relay("sips:1.2.3.4:9");`, route.Relay{From: route.FromArgument, URI: "sips:1.2.3.4:9", Proto: "tls", Why: "the URI is a sips one", Host: "1.2.3.4", Port: 9, TLS: true, AVP: "name", Client: dom}, "1.2.3.4:9"},

		{`t_relay();`, route.Relay{From: route.FromRequestURI, URI: "sip:bob@biloxi.com", Proto: "udp", Host: "biloxi.com", Port: 5060, AVP: "name", IfTLS: dom, Notes: []string{records, unresolved}}, ""},
		{`forward();`, route.Relay{From: route.FromRequestURI, URI: "sip:bob@biloxi.com", Proto: "udp", Host: "biloxi.com", Port: 5060, AVP: "name", IfTLS: dom, Notes: []string{records, unresolved}}, ""},
		{`t_relay("0x04");`, route.Relay{From: route.FromRequestURI, URI: "sip:bob@biloxi.com", Proto: "udp", Host: "biloxi.com", Port: 5060, AVP: "name", IfTLS: dom, Notes: []string{records, unresolved}}, ""},
		{`$ru = "sip:x@biloxi.com:5080"; t_relay();`, route.Relay{From: route.FromRequestURI, URI: "sip:x@biloxi.com:5080", Proto: "udp", Host: "biloxi.com", Port: 5080}, ""},
		{`$ru = "sip:x@1.2.3.4;transport=TLS"; t_relay();`, route.Relay{From: route.FromRequestURI, URI: "sip:x@1.2.3.4;transport=TLS", Proto: "tls", Why: "the URI has the parameter transport", Host: "1.2.3.4", Port: 5061, TLS: true, AVP: "name", Client: dom}, "1.2.3.4:5061"},
		{`$ru = "sip:x@a.org;transport=tls;maddr=1.2.3.4"; t_relay();`, route.Relay{From: route.FromRequestURI, URI: "sip:x@a.org;transport=tls;maddr=1.2.3.4", Proto: "tls", Why: "the URI has the parameter transport", Host: "1.2.3.4", Port: 5061, TLS: true, AVP: "name", Client: dom, Notes: []string{"the host is that of the parameter maddr"}}, "1.2.3.4:5061"},
		{`$du = "sips:a.org:5071"; t_relay();`, route.Relay{From: route.FromDestination, URI: "sips:a.org:5071", Proto: "tls", Why: "the URI is a sips one", Host: "a.org", Port: 5071, TLS: true, AVP: "name", Client: dom, Notes: []string{unresolved}}, ""},
		{`$du = "sip:a.org"; resetdsturi(); $ru = "sip:1.2.3.4"; t_relay();`, route.Relay{From: route.FromRequestURI, URI: "sip:1.2.3.4", Proto: "udp", Host: "1.2.3.4", Port: 5060}, ""},
		{`$du = "sip:a.org;transport=pigeon"; t_relay();`, route.Relay{From: route.FromDestination, URI: "sip:a.org;transport=pigeon", Proto: "pigeon", Why: "the URI has the parameter transport", Host: "a.org", Error: `unknown protocol "pigeon"`}, ""},
	}
	for _, test := range tests {
		var clients asked
		p, findings := compile(t, v23, "loadmodule \"tls_mgm.so\"\nmodparam(\"tls_mgm\", \"client_domain_avp\", \"dom\")\nroute {\n$avp(dom) = \"name\";\n"+
			test.actions+" return($rc);\n}\n", route.Options{})
		r := p.Run(t.Context(), scope(t, v23), route.Env{Clients: &clients})
		if len(r.Relays) != 1 || len(findings) > 0 {
			t.Errorf("%s: %+v %q", test.actions, r, findings)
			continue
		}
		if diff := cmp.Diff(test.want, r.Relays[0], cmpopts.IgnoreUnexported(route.Relay{}), cmpopts.IgnoreFields(route.Relay{}, "At", "Function")); diff != "" {
			t.Errorf("%s (-want +have):\n%s", test.actions, diff)
		}
		if r.Relays[0].At.Line != 5 || !strings.Contains(test.actions, r.Relays[0].Function+"(") {
			t.Errorf("%s: %s at %s", test.actions, r.Relays[0].Function, r.Relays[0].At)
		}
		if want := (test.want.Error == ""); (r.Code == 1) != want {
			t.Errorf("%s: code %d", test.actions, r.Code)
		}
		if got := clients.destination; test.destination != "" && got.String() != test.destination || test.destination == "" && got.IsValid() {
			t.Errorf("%s: the client domain of %s is asked for", test.actions, got)
		}
	}
}

// The parameter that names the AVP is written in several ways, and may be off.
func TestClientAVP(t *testing.T) {
	for _, test := range []struct{ version, param, want string }{
		{"2.3", `modparam("tls_mgm", "client_domain_avp", "dom")`, "by name"},
		{"2.3", `modparam("tls_mgm", "client_domain_avp", "$avp(dom)")`, "by name"},
		{"2.3", `modparam("tls_mgm", "client_domain_avp", "s:dom")`, "by name"},
		{"2.3", `modparam("tls_mgm", "client_domain_avp", "0")`, ""},
		{"2.3", ``, ""},
		{"2.3", `modparam("tls_mgm", "client_domain_avp", "other")`, ""},
		{"3.4", `modparam("tls_mgm", "client_tls_domain_avp", "dom")`, "by name"},
	} {
		version := v23
		if test.version == "3.4" {
			version = v34
		}
		p, findings := compile(t, version, "loadmodule \"tls_mgm.so\"\n"+test.param+"\nroute { $avp(dom) = \"by name\"; t_relay(\"tls:1.2.3.4\"); }\n", route.Options{})
		clients := asked{none: true}
		r := p.Run(t.Context(), scope(t, version), route.Env{Clients: &clients})
		if clients.name != test.want || clients.calls != 1 || len(findings) > 0 {
			t.Errorf("%s: asked for %q %d times; %q", test.param, clients.name, clients.calls, findings)
		}
		if len(r.Relays) != 1 || r.Relays[0].Client != nil || r.Code != 1 {
			t.Errorf("%s: %+v", test.param, r)
		}
	}
}
