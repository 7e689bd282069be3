package catalogue

import "testing"

// usualModules are what a script made by menuconfig loads, with TLS.
var usualModules = []string{
	"signaling", "sl", "tm", "rr", "maxfwd", "sipmsgops", "mi_fifo", "uri", "db_mysql",
	"usrloc", "registrar", "acc", "proto_udp", "proto_tls", "tls_mgm",
}

// A first start of the process: find the blocks, read the core.
func BenchmarkColdForCore(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ix := newIndex(catalogueText, extraText)
		decodeCore(ix.core.text, Default, decodeLanguage(languageText, Default))
	}
}

func BenchmarkIndex(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		newIndex(catalogueText, extraText)
	}
}

func BenchmarkForCore(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		newCatalogue(Default).Core()
	}
}

func BenchmarkModule(b *testing.B) {
	for _, name := range []string{"tls_mgm", "tm", "dialog"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				newCatalogue(Default).Module(name)
			}
		})
	}
}

func BenchmarkUsualModules(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		c := newCatalogue(Default)
		for _, name := range usualModules {
			if _, ok := c.Module(name); !ok {
				b.Fatalf("no module %q", name)
			}
		}
	}
}

func BenchmarkKnownModule(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		m, _ := For(Default).Module("tls_mgm")
		m.Param("verify_cert")
	}
}

func BenchmarkEverything(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		c := newCatalogue(Default)
		c.Core()
		for _, name := range c.Modules() {
			c.Module(name)
		}
	}
}

func BenchmarkHistory(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		History(KindParam, "tls_mgm", "client_domain_avp")
	}
}

func BenchmarkNearest(b *testing.B) {
	names := For(Default).Names(KindFunction)
	b.ReportAllocs()
	for b.Loop() {
		Nearest("is_peer_verifed", names)
	}
}
