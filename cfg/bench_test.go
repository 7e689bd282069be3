package cfg_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/parser"
)

// domainBlock defines a TLS domain, routeBlock is a piece of a route.
const (
	domainBlock = `modparam("tls_mgm", "server_domain", "dom%[1]d=127.0.%[2]d.%[3]d:5061")
modparam("tls_mgm", "certificate", "[dom%[1]d]/etc/opensips/tls/dom%[1]d/cert.pem")
modparam("tls_mgm", "private_key", "[dom%[1]d]/etc/opensips/tls/dom%[1]d/privkey.pem")
modparam("tls_mgm", "ca_list", "[dom%[1]d]/etc/opensips/tls/ca.pem")
modparam("tls_mgm", "tls_method", "[dom%[1]d]tlsv1_2")
modparam("tls_mgm", "verify_cert", "[dom%[1]d]1")
`
	routeBlock = `	if (is_method("INVITE") && $rd == "dom%[1]d.example.com") {
		# calls to one of our customers
		$avp(tls_cli_dom) = "dom%[1]d";
		xlog("L_INFO", "$ci to $ru over $tls_version\n");
		if (!t_relay("0x01")) {
			sl_reply_error();
			exit;
		}
	}
`
)

// typical is a script of about that many bytes: TLS domains and a route that
// chooses between them, half and half. A 2.3 accepts it.
func typical(bytes int) string {
	var domains, route strings.Builder
	route.WriteString("route {\n")
	for i := 0; domains.Len()+route.Len() < bytes; i++ {
		fmt.Fprintf(&domains, domainBlock, i, i>>8&255, i&255)
		for range 2 {
			fmt.Fprintf(&route, routeBlock, i)
		}
	}
	route.WriteString("\texit;\n}\n")
	return usual + tls + relay + `loadmodule "sipmsgops.so"` + "\n" + domains.String() + route.String()
}

var sizes = []int{1 << 10, 50 << 10, 1 << 20, 10 << 20}

// BenchmarkLoad is the whole check of a script, reading included.
func BenchmarkLoad(b *testing.B) {
	for _, size := range sizes {
		b.Run(fmt.Sprintf("%dKB", size>>10), func(b *testing.B) {
			text := typical(size)
			o := cfg.Options{FS: fstest.MapFS{"bench.cfg": {Data: []byte(text)}}}
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				c, err := cfg.Load("bench.cfg", o)
				if err != nil || len(c.Diagnostics) > 0 {
					b.Fatal(err, c.Diagnostics)
				}
			}
		})
	}
}

// BenchmarkInterpret is the part of BenchmarkLoad that runs the statements.
func BenchmarkInterpret(b *testing.B) {
	dialect, err := cfg.Dialect(parseVersion(b, "2.3"))
	if err != nil {
		b.Fatal(err)
	}
	for _, size := range sizes {
		b.Run(fmt.Sprintf("%dKB", size>>10), func(b *testing.B) {
			text := typical(size)
			file, err := parser.Parse("bench.cfg", text, parser.Options{Dialect: dialect})
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if c := cfg.Interpret("bench.cfg", file, cfg.Options{}); !c.Accepted() {
					b.Fatal(c.Diagnostics)
				}
			}
		})
	}
}

// wrongEverywhere are scripts in which every statement is wrong, each in its own
// way. They must not cost more than good ones by orders of magnitude.
var wrongEverywhere = map[string]string{
	"UndefinedDomains":  `modparam("tls_mgm", "certificate", "[dom%d]/c.pem")` + "\n",
	"UnknownParameters": `modparam("tls_mgm", "certificate%d", "/c.pem")` + "\n",
	"NotLoaded":         `modparam("module%d", "x", 1)` + "\n",
	"UnknownModules":    `loadmodule "module%d.so"` + "\n",
	"UnknownFunctions":  "route { function%d(); }\n",
	"UnknownVariables":  "route { $variable%d = 1; }\n",
	"UnknownGlobals":    "children=1 global%d=1\nchildren=2\n",
	"DuplicateRoutes":   "route[a%d] { exit; } route[a%[1]d] { exit; }\n",
	"Listeners":         "listen=tls:127.0.0.1:%d\n",
}

func BenchmarkWrong(b *testing.B) {
	const size = 1 << 20
	for name, line := range wrongEverywhere {
		b.Run(name, func(b *testing.B) {
			var text strings.Builder
			text.WriteString(usual + tls)
			for i := 0; text.Len() < size; i++ {
				fmt.Fprintf(&text, line, i)
			}
			b.SetBytes(int64(text.Len()))
			for b.Loop() {
				if _, err := cfg.Parse("bench.cfg", text.String(), cfg.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
