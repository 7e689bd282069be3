package variables

import (
	"crypto/tls"
	"testing"

	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

func benchmarkSession(b *testing.B) *Session {
	b.Helper()
	cert := samples()[0].make(b)
	return &Session{
		Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_256_GCM_SHA384, My: cert, Peer: cert,
		Verification: verify.Result{Code: verify.OK},
	}
}

// BenchmarkValue reads one variable, again and again, as a route does.
func BenchmarkValue(b *testing.B) {
	for _, name := range []string{"tls_version", "tls_description", "tls_peer_subject", "tls_peer_subject_cn", "tls_peer_san_ip", "tls_peer_verified"} {
		b.Run(name, func(b *testing.B) {
			s := benchmarkSession(b)
			v, _ := Lookup(name)
			b.ReportAllocs()
			for b.Loop() {
				if v.Value(s).IsInt && v.Type == String {
					b.Fatal("a number")
				}
			}
		})
	}
}

// BenchmarkAllOfNewSession reads every variable of a connection that is new.
func BenchmarkAllOfNewSession(b *testing.B) {
	s := benchmarkSession(b)
	b.ReportAllocs()
	for b.Loop() {
		fresh := &Session{Version: s.Version, CipherSuite: s.CipherSuite, My: s.My, Peer: s.Peer}
		for v := range All() {
			_ = v.Value(fresh)
		}
	}
}

// BenchmarkLookup finds a variable by its name, as a script is made ready.
func BenchmarkLookup(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := Lookup("tls_peer_notAfter"); !ok {
			b.Fatal("not found")
		}
	}
}
