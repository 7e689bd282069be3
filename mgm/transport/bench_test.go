package transport

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

// bareServer does with crypto/tls alone what [serve] does with echo.
func bareServer(b *testing.B, config *tls.Config) net.Addr {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var busy sync.WaitGroup
	busy.Go(func() {
		for {
			raw, err := l.Accept()
			if err != nil {
				return
			}
			busy.Go(func() {
				defer raw.Close()
				conn := tls.Server(raw, config)
				defer conn.Close()
				raw.SetDeadline(time.Now().Add(long))
				if conn.Handshake() != nil {
					return
				}
				raw.SetDeadline(time.Time{})
				buf := make([]byte, 1<<10)
				for {
					n, err := conn.Read(buf)
					if err != nil {
						return
					}
					if _, err := conn.Write(buf[:n]); err != nil {
						return
					}
				}
			})
		}
	})
	b.Cleanup(func() {
		l.Close()
		busy.Wait()
	})
	return l.Addr()
}

// BenchmarkHandshake makes full handshakes with the domain's certificate, by
// turns with a server of this package and with one of crypto/tls alone, so that
// what else the machine does slows both. It gives the handshakes of each in a
// second and how many of the bare one's there are.
func BenchmarkHandshake(b *testing.B) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, mutual := range []bool{false, true} {
			name := tls.VersionName(version)
			if mutual {
				name += " client certificate"
			}
			b.Run(name, func(b *testing.B) { benchmarkHandshake(b, version, mutual) })
		}
	}
}

func benchmarkHandshake(b *testing.B, version uint16, mutual bool) {
	w := newWorld(b)
	client := trusting(nil)
	if mutual {
		client = trusting(w.issue(b, "phone"))
	}
	client.MinVersion, client.MaxVersion = version, version
	id := w.issue(b, "server")
	w.add(b, domain.Server, "dom1", "192.0.2.1:5061", func(d *domain.Definition) {
		w.present(b, d, id)
		d.VerifyCert.On, d.RequireCert.On = mutual, mutual
	})
	bare := presenting(id)
	if mutual {
		bare.ClientAuth, bare.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		bare.ClientCAs.AddCert(w.root.Certificate)
	}
	addresses := [...]string{
		serve(b, w.registry(b), Options{}, echo, "192.0.2.1:5061").address(),
		bareServer(b, bare).String(),
	}
	var took [len(addresses)]time.Duration
	for b.Loop() {
		for i, address := range addresses {
			started := time.Now()
			conn, err := tls.Dial("tcp", address, client)
			if err == nil {
				err = ask(conn, "x")
			}
			took[i] += time.Since(started)
			if err != nil {
				b.Fatal(err)
			}
			conn.Close()
		}
	}
	ours, theirs := float64(b.N)/took[0].Seconds(), float64(b.N)/took[1].Seconds()
	b.ReportMetric(ours, "ours/s")
	b.ReportMetric(theirs, "bare/s")
	b.ReportMetric(100*ours/theirs, "%ofbare")
}
