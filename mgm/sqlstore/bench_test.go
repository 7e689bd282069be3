package sqlstore

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/opensips-tools/tlsmgm/mgm"
)

const benchmarkRows = 10_000

func p256Rows(b *testing.B, n int) []mgm.Row {
	certificate, key := certificateAndKey(b)
	rows := make([]mgm.Row, n)
	for i := range rows {
		rows[i] = mgm.Row{
			Domain: fmt.Sprintf("tenant%d.example.org", i), Type: new(int64(2)), Address: fmt.Sprintf("10.%d.%d.%d:5061", i>>16, i>>8&255, i&255),
			Method: "TLSv1_2", VerifyCert: new(int64(0)), RequireCert: new(int64(0)),
			Certificate: certificate, PrivateKey: key, CAList: certificate,
		}
	}
	return rows
}

func benchmarkStore(b *testing.B, variable string) *Store {
	b.Helper()
	u := sqliteURL(b)
	if variable != "" {
		dbURL := os.Getenv(variable)
		if dbURL == "" {
			b.Skipf("%s is not set", variable)
		}
		u = parse(b, dbURL)
	}
	s := newTables(b, u, Options{})
	if _, err := s.Import(b.Context(), p256Rows(b, benchmarkRows), ImportOptions{}); err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkRows streams 10,000 rows with P-256 certificates, keys and CAs.
// kept-B/row is what a caller holds that keeps them all.
func BenchmarkRows(b *testing.B) {
	for _, database := range []struct{ name, variable string }{
		{"sqlite", ""},
		{"mysql", "TLSMGM_TEST_MYSQL"},
		{"postgres", "TLSMGM_TEST_POSTGRES"},
	} {
		b.Run(database.name, func(b *testing.B) {
			s := benchmarkStore(b, database.variable)
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				for _, err := range s.Rows(b.Context()) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
				if n != benchmarkRows {
					b.Fatal(n, "rows")
				}
			}
			b.ReportMetric(keptBytes(b, s)/benchmarkRows, "kept-B/row")
		})
	}
}

func keptBytes(b *testing.B, s *Store) float64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	rows := load(b, s)
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(rows)
	return float64(after.HeapAlloc) - float64(before.HeapAlloc)
}

func BenchmarkImport(b *testing.B) {
	rows := p256Rows(b, benchmarkRows)
	s := newTables(b, sqliteURL(b), Options{})
	for b.Loop() {
		if _, err := s.Import(b.Context(), rows, ImportOptions{Replace: true}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseURL(b *testing.B) {
	for b.Loop() {
		if _, err := ParseURL("mysql://root:admin@localhost:3306/opensips"); err != nil {
			b.Fatal(err)
		}
	}
}
