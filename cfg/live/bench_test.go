package live

import (
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// bare does with crypto/tls alone what a server does with a keep-alive.
func bare(b *testing.B, pair tls.Certificate) (address string) {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}}
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
				ping := make([]byte, len("\r\n\r\n"))
				for {
					if _, err := io.ReadFull(conn, ping); err != nil {
						return
					}
					if _, err := io.WriteString(conn, "\r\n"); err != nil {
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
	return l.Addr().String()
}

// both are a server with its log in text, and a bare one with the same certificate.
func both(b *testing.B) (ours, theirs string) {
	b.Helper()
	w := newWorld(b)
	id := w.issue(b, "server")
	w.present(b, "default", id)
	s := w.serve(b, answering, Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	return s.address(0), bare(b, tls.Certificate{Certificate: [][]byte{id.Raw}, PrivateKey: id.Key})
}

// ping makes a connection and has a keep-alive answered on it.
func ping(address string, config *tls.Config) error {
	conn, err := tls.Dial("tcp", address, config)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "\r\n\r\n"); err != nil {
		return err
	}
	_, err = io.ReadFull(conn, make([]byte, len("\r\n")))
	return err
}

// BenchmarkHandshake makes full handshakes, by turns with a server and a bare one, so
// that what else the machine does slows both. It gives the handshakes of each in a
// second, and how many of the bare one's there are.
func BenchmarkHandshake(b *testing.B) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		b.Run(tls.VersionName(version), func(b *testing.B) {
			ours, theirs := both(b)
			config := &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version}
			var took [2]time.Duration
			for b.Loop() {
				for i, address := range []string{ours, theirs} {
					started := time.Now()
					if err := ping(address, config); err != nil {
						b.Fatal(err)
					}
					took[i] += time.Since(started)
				}
			}
			perSecond := [2]float64{float64(b.N) / took[0].Seconds(), float64(b.N) / took[1].Seconds()}
			b.ReportMetric(perSecond[0], "ours/s")
			b.ReportMetric(perSecond[1], "bare/s")
			b.ReportMetric(100*perSecond[0]/perSecond[1], "%ofbare")
		})
	}
}

// BenchmarkOpenSSL has openssl s_time make full handshakes for two or three seconds with each.
func BenchmarkOpenSSL(b *testing.B) {
	ours, theirs := both(b)
	rate := func(address string) float64 {
		started := time.Now() // s_time itself counts whole seconds
		out := openssl(b, "", "s_time", "-connect", address, "-new", "-time", "2")
		m := regexp.MustCompile(`(\d+) connections in \d+ real seconds`).FindStringSubmatch(out)
		if m == nil {
			b.Fatalf("openssl says %s", out)
		}
		n, _ := strconv.ParseFloat(m[1], 64)
		return n / time.Since(started).Seconds()
	}
	for b.Loop() {
		o, t := rate(ours), rate(theirs)
		b.ReportMetric(o, "ours/s")
		b.ReportMetric(t, "bare/s")
		b.ReportMetric(100*o/t, "%ofbare")
	}
}

// BenchmarkMessages sends requests on one connection, each after the reply to the one
// before, and many at once.
func BenchmarkMessages(b *testing.B) {
	for _, atOnce := range []int{1, 50} {
		b.Run(strconv.Itoa(atOnce)+" at once", func(b *testing.B) {
			ours, _ := both(b)
			p := dial(b, ours, nil)
			text := strings.Repeat(request("OPTIONS", "sip:x", "c1"), atOnce)
			b.ReportAllocs()
			for b.Loop() {
				p.SetDeadline(time.Now().Add(long))
				p.send(b, text)
				for range atOnce {
					if _, err := p.reply(); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.N*atOnce)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}
