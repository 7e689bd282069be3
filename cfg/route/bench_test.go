package route_test

import (
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/cfg/route"
)

// mixed are statements as routes have them. With those inside of them and those of
// the route that is called, 16 are run.
const mixed = `
	$var(a) = $var(a) + 1;
	$var(b) = "x" + $rU;
	if ($rd == "atlanta.com" && is_method("INVITE")) { $avp(tls_cli_dom) := "dom3"; }
	if ($rU =~ "^bo" || src_ip == 10.0.0.0/8) { setflag(1); }
	if (!has_totag() and uri != myself) { $var(c) = 1; } else { $var(c) = 2; }
	switch ($var(c)) { case 1: $var(d) = 3; break; case "x": exit; default: $var(d) = 4; }
	route(helper, $var(a), "b");
	if (isflagset(1)) { resetflag(1); }
	if ($tls_peer_verified == 0 || $hdr(Contact) == NULL) { exit; }
	$var(e) = ($var(a) & 7) * 3 - 1;
`

const helper = "route[helper] {\n\tif ($param(1) > 1000) { return(-1); }\n\treturn(1);\n}\n"

// hundred is a route that runs 100 statements.
var hundred = "listen=tls:192.0.2.1:5061\nroute {\n" + strings.Repeat(mixed, 6) + strings.Repeat("\t$var(f) = $var(e) + 1;\n", 4) + "}\n" + helper

// BenchmarkRun runs a route of 100 statements.
func BenchmarkRun(b *testing.B) {
	p, findings := compile(b, v23, hundred, route.Options{})
	if len(findings) > 0 {
		b.Fatal(findings)
	}
	s, m := scope(b, v23), message(b)
	b.ReportAllocs()
	for b.Loop() {
		s.Reset()
		s.Message, s.Proto, s.Version = m, "tls", v23
		if r := p.Run(b.Context(), s, route.Env{}); r.End != route.EndOfRoute || len(r.Warnings) > 0 {
			b.Fatal(r)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		compile(b, v23, hundred, route.Options{})
	}
}
