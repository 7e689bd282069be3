package tlsctx_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
)

// rows are domains as the table has them: with a certificate and a key each on
// P-256, or all with the same, and one ca_list.
func rows(t testing.TB, count int, distinct bool) []*domain.Definition {
	t.Helper()
	root := certtest.Root(t, "root")
	var id *certtest.Identity
	all := make([]*domain.Definition, count)
	for i := range all {
		if distinct || id == nil {
			id = root.Issue(t, fmt.Sprintf("sip%d.example.com", i))
		}
		d := domain.New(domain.Server, fmt.Sprint("dom", i), "/etc/opensips/")
		d.From = domain.Origin{Row: int64(i + 1)}
		d.Certificate = domain.Material{Blob: id.PEM(), From: d.From}
		d.PrivateKey = domain.Material{Blob: id.KeyPEM(t), From: d.From}
		d.CAList = domain.Material{Blob: root.PEM(), From: d.From}
		all[i] = d
	}
	return all
}

func options() tlsctx.Options { return tlsctx.Options{Now: certtest.Now} }

// loadAll loads the domains on all processors.
func loadAll(t testing.TB, loader *tlsctx.Loader, all []*domain.Definition) []*tlsctx.Context {
	t.Helper()
	contexts := make([]*tlsctx.Context, len(all))
	var workers sync.WaitGroup
	count := runtime.GOMAXPROCS(0)
	for w := range count {
		workers.Go(func() {
			for i := w; i < len(all); i += count {
				contexts[i], _ = loader.Load(all[i])
			}
		})
	}
	workers.Wait()
	loader.Finish()
	for i, c := range contexts {
		if c == nil {
			t.Fatalf("domain %d is not loaded", i)
		}
	}
	return contexts
}

const benchDomains = 10_000

func benchmarkLoad(b *testing.B, distinct bool, previous func(all []*domain.Definition) *tlsctx.Loader) {
	all := rows(b, benchDomains, distinct)
	var before *tlsctx.Loader
	if previous != nil {
		before = previous(all)
	}
	b.ResetTimer()
	for b.Loop() {
		loadAll(b, tlsctx.NewLoader(options(), before), all)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchDomains, "ns/domain")
}

// BenchmarkLoadDistinct is the first load of 10,000 domains that have nothing
// but the ca_list in common.
func BenchmarkLoadDistinct(b *testing.B) { benchmarkLoad(b, true, nil) }

// BenchmarkLoadShared is that of 10,000 with the same certificate.
func BenchmarkLoadShared(b *testing.B) { benchmarkLoad(b, false, nil) }

// BenchmarkReloadDistinct is a reload with nothing changed.
func BenchmarkReloadDistinct(b *testing.B) {
	benchmarkLoad(b, true, func(all []*domain.Definition) *tlsctx.Loader {
		loader := tlsctx.NewLoader(options(), nil)
		loadAll(b, loader, all)
		return loader
	})
}

// BenchmarkMemory reports the bytes that a domain holds, beside its blobs,
// before a connection needs it, and with its configuration.
func BenchmarkMemory(b *testing.B) {
	for _, distinct := range []bool{true, false} {
		b.Run(fmt.Sprintf("distinct=%t", distinct), func(b *testing.B) {
			all := rows(b, benchDomains, distinct)
			for b.Loop() {
				before := heapInUse()
				loader := tlsctx.NewLoader(options(), nil)
				contexts := loadAll(b, loader, all)
				b.ReportMetric(float64(heapInUse()-before)/benchDomains, "B/domain")
				for _, c := range contexts {
					c.ServerConfig()
				}
				b.ReportMetric(float64(heapInUse()-before)/benchDomains, "B/domain-in-use")
				runtime.KeepAlive(loader)
				runtime.KeepAlive(contexts)
			}
		})
	}
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
