package serve

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/certtest/certfiles"
)

const benchDomains = 10_000

// newBench puts domains into an SQLite table, with as many certificates as said.
func newBench(b *testing.B, domains, certificates int) *site {
	b.Helper()
	s := newSite(b)
	pairs := make([]certfiles.Pair, certificates)
	for i := range pairs {
		pairs[i] = certfiles.SelfSigned(b, fmt.Sprintf("bench%d.example.org", i))
	}
	rows := make([]mgm.Row, domains)
	for i := range rows {
		rows[i] = s.row(fmt.Sprintf("bench%d", i), fmt.Sprintf("10.%d.%d.%d:5061", i>>16, i>>8&0xff, i&0xff))
		rows[i].Certificate, rows[i].PrivateKey = pairs[i%len(pairs)].Certificate, pairs[i%len(pairs)].Key
	}
	s.put(b, rows...)
	s.log.discard()
	return s
}

// rpc sends a request and reads the answer to its end.
func rpc(b *testing.B, url, method string) int64 {
	b.Helper()
	response, err := http.Post(url, "application/json", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"`+method+`"}`))
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	n, err := io.Copy(io.Discard, response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		b.Fatal(response.Status, err)
	}
	return n
}

// BenchmarkList10000 is tls_list of 10,000 domains at the client (a real 2.3:
// 10 to 12 ms).
func BenchmarkList10000(b *testing.B) {
	_, url := newBench(b, benchDomains, 1).run(b, Options{})
	b.ReportAllocs()
	var size int64
	for b.Loop() {
		size = rpc(b, url, "tls_list")
	}
	b.SetBytes(size)
}

// BenchmarkReload10000 is tls_reload at the client (a real 2.3: 7 to 9 s). What
// did not change since the load before is taken over.
func BenchmarkReload10000(b *testing.B) {
	for _, certificates := range []int{1, benchDomains} {
		b.Run(fmt.Sprintf("certificates=%d", certificates), func(b *testing.B) {
			_, url := newBench(b, benchDomains, certificates).run(b, Options{})
			for b.Loop() {
				rpc(b, url, "tls_reload")
			}
		})
	}
}

// BenchmarkStart10000 is a start: nothing is known from a load before.
func BenchmarkStart10000(b *testing.B) {
	for _, certificates := range []int{1, benchDomains} {
		b.Run(fmt.Sprintf("certificates=%d", certificates), func(b *testing.B) {
			s := newBench(b, benchDomains, certificates)
			for b.Loop() {
				if service, _, err := s.new(b, Options{}); service == nil || err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkGrowth shows that listing and reloading take time in proportion to
// the domains.
func BenchmarkGrowth(b *testing.B) {
	for _, domains := range []int{1000, 10_000, 100_000} {
		_, url := newBench(b, domains, 1).run(b, Options{})
		for _, method := range []string{"tls_list", "tls_reload"} {
			b.Run(fmt.Sprintf("%s/domains=%d", method, domains), func(b *testing.B) {
				for b.Loop() {
					rpc(b, url, method)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*domains), "ns/domain")
			})
		}
	}
}
