package route_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/route"
)

// holds says what an if makes of a condition: "yes", "no", or how the run ended
// within it. before are actions before it.
func holds(t *testing.T, version catalogue.Version, before, condition string) string {
	t.Helper()
	text := fmt.Sprintf("route {\n%s\nif (%s) { log(\"yes\"); } else { log(\"no\"); }\n}\n%s", before, condition, codes)
	p, findings := compile(t, version, text, route.Options{})
	r := p.Run(t.Context(), scope(t, version), route.Env{})
	if r.End != route.EndOfRoute {
		return string(r.End)
	}
	if strings.Contains(condition, "BAD") && len(findings) == 0 {
		t.Errorf("%s: nothing is told", condition)
	}
	return logged(r)
}

// codes are routes that return what they are called.
const codes = `
route[good] { return(1); }
route[many] { return(7); }
route[bad] { return(-1); }
route[halt] { return(0); }
route[leaving] { exit; }
route[dropping] { drop; }
`

// The error in these tables is a comparison of a text with a number.
func TestLogic(t *testing.T) {
	const yes, no, bad = "route(good)", "route(bad)", "$rm == 5"
	tests := []struct{ condition, want string }{
		{yes, "yes"},
		{"route(many)", "yes"},
		{no, "no"},
		{bad, "no"},
		{"not " + yes, "no"},
		{"!" + no, "yes"},
		{"!(" + bad + ")", "no"}, // an error stays one
		{"!!" + yes, "yes"},

		{yes + " and " + yes, "yes"},
		{yes + " && " + no, "no"},
		{no + " and " + yes, "no"},
		{bad + " and " + yes, "no"},
		{yes + " and " + bad, "no"},
		{yes + " or " + no, "yes"},
		{no + " || " + yes, "yes"},
		{no + " or " + no, "no"},
		{bad + " or " + yes, "no"}, // an error ends the chain
		{yes + " or " + bad, "yes"},
		{no + " or " + bad, "no"},

		// and and or have one precedence, from the left
		{yes + " or " + yes + " and " + no, "no"},
		{yes + " or (" + yes + " and " + no + ")", "yes"},
		{no + " and " + no + " or " + yes, "yes"},
		{no + " and (" + no + " or " + yes + ")", "no"},

		// a code of 0 ends the script, wherever it is
		{"route(halt)", "exit"},
		{"!route(halt)", "exit"},
		{no + " or route(halt)", "exit"},
		{"route(leaving)", "exit"},
		{"route(dropping)", "drop"},
		{yes + " or route(halt)", "yes"}, // which is not called
		{no + " and route(leaving)", "no"},

		{"1", "yes"},
		{"0", "no"},
		{"-1", "yes"},
		{"{ log(\"a\"); route(bad); }", "ano"},
		{"{ route(bad); log(\"a\"); }", "ayes"},
		{"{ }", "no"},
		{"if (1) { route(bad); }", "no"},
		{"$var(z) = 0", "yes"}, // an assignment that works

		{"$rm", "yes"},
		{"$var(none)", "no"},
		{"$avp(none)", "no"},
		{"$hdr(X-None)", "no"},
	}
	for _, test := range tests {
		if got := holds(t, v23, "", test.condition); got != test.want {
			t.Errorf("%s: %s, want %s", test.condition, got, test.want)
		}
	}
}

func TestComparisons(t *testing.T) {
	const before = `$var(n) = 5; $var(t) = "Abc"; $var(e) = ""; $avp(l) = "one"; $avp(l) = "two"; $avp(d) = "12";`
	both := []struct{ condition, want string }{
		{`$var(n) == 5`, "yes"},
		{`$var(n) != 5`, "no"},
		{`$var(n) < 6`, "yes"},
		{`$var(n) <= 5`, "yes"},
		{`$var(n) > 5`, "no"},
		{`$var(n) >= 5`, "yes"},
		{`$var(n) > -1`, "yes"},
		{`$var(n) == 0x5`, "yes"},

		// texts are compared without regard to case
		{`$var(t) == "aBC"`, "yes"},
		{`$var(t) != "abc"`, "no"},
		{`$var(t) == "abcd"`, "no"},
		{`$var(t) < "b"`, "yes"},
		{`$var(t) < "abcd"`, "yes"},
		{`$var(t) > "ABB"`, "yes"},
		{`$var(t) >= "abc"`, "yes"},
		{`$var(t) <= "abb"`, "no"},
		{`$var(e) == ""`, "yes"},
		{`$var(e) != ""`, "no"},
		{`$var(e) == NULL`, "no"},

		// a number that a variable has is a text as well, but no text is a number
		{`$var(n) == "5"`, "yes"},
		{`$avp(d) == 12`, "no"},
		{`$avp(d) != 12`, "no"},
		{`$avp(d) == "12"`, "yes"},
		{`$rp == 5060`, "yes"},
		{`$var(t) == $rm`, "no"},
		{`$var(n) == $avp(d)`, "no"},
		{`$var(n) < $avp(d)`, "no"},
		{`$var(n) =~ "^5$"`, "yes"},
		{`$rm == $rm`, "yes"},
		{`$var(n) == $var(n)`, "yes"},

		{`$avp(none) == NULL`, "yes"},
		{`$avp(none) != NULL`, "no"},
		{`$avp(l) != NULL`, "yes"},
		{`$var(n) == NULL`, "no"},
		{`$avp(none) == "x"`, "no"},
		{`$avp(none) != "x"`, "yes"},
		{`$avp(none) == 1`, "no"},
		{`$avp(none) < 1`, "no"},
		{`$avp(none) != 1`, "yes"},
		{`$avp(none) == $avp(other)`, "yes"},
		{`$avp(none) != $avp(other)`, "no"},
		{`$avp(none) == $rm`, "no"},
		{`$avp(none) != $rm`, "yes"},
		{`$rm != $avp(none)`, "yes"},
		{`$rm < $avp(none)`, "no"},
		{`$avp(none) =~ "x"`, "no"},
		{`$avp(none) !~ "x"`, "yes"},

		{`$rU =~ "^B.b$"`, "yes"},
		{`$rU !~ "^b"`, "no"},
		{`$rU =~ "x"`, "no"},
		{`$rU !~ "x"`, "yes"},
		{`$rd =~ "(\.com|\.org)$"`, "yes"},
		{`$rd =~ "^[^.]+[.]com$"`, "yes"},
		{`$rU =~ $avp(l)`, "no"},
		{`$avp(l) =~ $avp(l)`, "yes"},
		{`$avp(l) !~ $rU`, "yes"},
		{`$avp(none) =~ $rm`, "no"},

		{`[$var(n) - 5]`, "no"},
		{`[$var(n) & 4]`, "yes"},
		{`[$var(t)]`, "yes"},
		{`[$var(zero)]`, "yes"},
		{`$var(zero)`, "no"},
		{`[$avp(none)]`, "no"},
		{`[(is_method("ACK"))]`, "no"},
		{`["a" + "b"]`, "yes"},
		{`["" + ""]`, "no"},
		{`["a" + 1]`, "no"},
		{`[0]`, "no"},
		{`["x"]`, "yes"},
		{`[$var(n) == 5]`, "yes"},
		{`[$rm == 5]`, "no"},
	}
	for _, version := range []catalogue.Version{v23, v24, v34} {
		for _, test := range both {
			if got := holds(t, version, before, test.condition); got != test.want {
				t.Errorf("%s: %s is %s, want %s", version, test.condition, got, test.want)
			}
		}
	}
	// What 2.4 does otherwise.
	for _, test := range []struct{ condition, old, new string }{
		{`$var(e) =~ "^$"`, "no", "yes"},
		{`$var(e) !~ "x"`, "no", "yes"},
		{`$avp(none) !~ $rm`, "no", "yes"},
		{`$avp(none) =~ $avp(other)`, "no", "yes"},
	} {
		for version, want := range map[catalogue.Version]string{v23: test.old, v24: test.new, v34: test.new} {
			if got := holds(t, version, before, test.condition); got != want {
				t.Errorf("%s: %s is %s, want %s", version, test.condition, got, want)
			}
		}
	}
}

func TestNetworks(t *testing.T) {
	const before = `$var(six) = "2001:db8::7"; $var(bracket) = "[2001:db8::7]";`
	for condition, want := range map[string]string{
		`$si == 198.51.100.7`:               "yes",
		`$si != 198.51.100.7`:               "no",
		`$si == 198.51.100.0/24`:            "yes",
		`$si == 198.51.100.0/255.255.255.0`: "yes",
		`$si == 198.51.0.7/255.255.0.255`:   "yes",
		`$si == 198.51.101.0/24`:            "no",
		`$si != 10.0.0.0/8`:                 "yes",
		`$si == 0.0.0.0/0`:                  "yes",
		`$si == 2001:db8::/32`:              "no",
		`$var(six) == 2001:db8::/32`:        "yes",
		`$var(bracket) == 2001:db8::7`:      "yes",
		`$var(six) == 10.0.0.0/8`:           "no",
		`$rU == 10.0.0.0/8`:                 "no",
		`$rU != 10.0.0.0/8`:                 "no", // an error: it is no address
		`$avp(none) != 10.0.0.0/8`:          "yes",
		`$var(six) == [2001:db8::7]`:        "yes",
	} {
		if got := holds(t, v24, before, condition); got != want {
			t.Errorf("%s is %s, want %s", condition, got, want)
		}
	}
}

func TestOperands(t *testing.T) {
	const globals = "listen=tls:192.0.2.1:5061\nlisten=udp:192.0.2.9:5060 as proxy.atlanta.com:5080\nlisten=tcp:*:5062\n" +
		"alias=atlanta.com\nalias=udp:other.org:5070\n"
	for condition, want := range map[string]string{
		`method == INVITE`:               "yes",
		`method == "invite"`:             "yes",
		`method != ACK`:                  "yes",
		`method =~ "^INV"`:               "yes",
		`uri == "SIP:bob@biloxi.com"`:    "yes",
		`uri =~ "biloxi"`:                "yes",
		`uri == biloxi.com`:              "no",
		`from_uri =~ "alice"`:            "yes",
		`to_uri != "sip:bob@biloxi.com"`: "no",
		`status == "200"`:                "no", // an error: this is a request
		`status != "200"`:                "no",

		`src_ip == 198.51.100.7`:   "yes",
		`src_ip == 198.51.0.0/16`:  "yes",
		`src_ip != 10.0.0.0/8`:     "yes",
		`src_ip == "198.51.100.7"`: "yes",
		`src_ip != "198.51.100.7"`: "no",
		`src_ip == some.host`:      "no",
		`src_ip =~ "^198\."`:       "yes",
		`src_ip !~ "^198\."`:       "no", // no server can do it
		`dst_ip == 192.0.2.1`:      "yes",
		`src_ip == myself`:         "no",
		`dst_ip == myself`:         "yes",
		`myself == dst_ip`:         "yes",
		`myself != src_ip`:         "yes",
		`src_port == 40000`:        "yes",
		`src_port > 40000`:         "no",
		`dst_port >= 5061`:         "yes",
		`dst_port != 5061`:         "no",
		`proto == TLS`:             "yes",
		`proto != udp`:             "yes",
		`af == inet`:               "yes",
		`af == INET6`:              "no",
		`msg:len < max_len`:        "yes",
		`msg:len > 4000`:           "no",

		`uri == myself`:       "no",
		`uri != myself`:       "yes",
		`from_uri == myself`:  "yes",
		`myself == from_uri`:  "yes",
		`to_uri == myself`:    "no",
		`!(src_ip == myself)`: "yes",
		`$rd == myself`:       "no", // the grammar has it, no server can do it
	} {
		p, _ := compile(t, v23, globals+"route {\nif ("+condition+") { log(\"yes\"); } else { log(\"no\"); }\n}\n", route.Options{})
		r := p.Run(t.Context(), scope(t, v23), route.Env{})
		if got := logged(r); got != want {
			t.Errorf("%s is %q, want %s (%v)", condition, got, want, r)
		}
	}
}

// myself is a host with a port: that of a URI without one is 5060.
func TestMyself(t *testing.T) {
	const globals = "listen=tls:192.0.2.1:5061\nlisten=udp:192.0.2.9:5060 as proxy.atlanta.com:5080\nlisten=tcp:*:5062\n" +
		"listen=udp:[2001:db8::1]:5060\nalias=atlanta.com\nalias=udp:other.org:5070\n"
	p, _ := compile(t, v23, globals+`route { if (uri == myself) { log("yes"); } else { log("no"); } }`,
		route.Options{Domains: []string{"Hosted.example"}})
	for uri, want := range map[string]string{
		"sip:192.0.2.1:5061":         "yes",
		"sip:192.0.2.1":              "no",
		"sip:192.0.2.9":              "yes",
		"sip:x@192.0.2.9:5060":       "yes",
		"sip:[2001:DB8::1]":          "yes",
		"sip:[2001:db8:0::1]:5060":   "yes",
		"sip:[2001:db8::2]":          "no",
		"sip:proxy.atlanta.com:5080": "yes",
		"sip:proxy.atlanta.com":      "no",
		"sip:ATLANTA.com:9999":       "yes",
		"sip:other.org:5070":         "yes",
		"sip:other.org":              "no",
		"sip:127.0.0.1:5062":         "yes",
		"sip:127.0.0.1":              "no",
		"sip:hosted.example":         "yes",
		"sip:x@biloxi.com":           "no",
	} {
		r := p.Run(t.Context(), scope(t, v23, "INVITE sip:bob@biloxi.com", "INVITE "+uri), route.Env{})
		if got := logged(r); got != want {
			t.Errorf("%s: %q, want %s", uri, got, want)
		}
	}
}
