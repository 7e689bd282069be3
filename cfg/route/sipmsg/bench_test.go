package sipmsg

import (
	"net/netip"
	"strings"
	"testing"
)

func BenchmarkParse(b *testing.B) {
	data := []byte(invite)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReply(b *testing.B) {
	m, err := Parse([]byte(invite))
	if err != nil {
		b.Fatal(err)
	}
	o := ReplyOptions{Source: netip.MustParseAddrPort("192.0.2.1:5061"), Server: "OpenSIPS (2.3.0)"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Reply(m, 200, "", o); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReader(b *testing.B) {
	stream := strings.Repeat(invite, 1000)
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	for b.Loop() {
		r := NewReader(strings.NewReader(stream), 0)
		for range 1000 {
			if _, err := r.Next(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkHeaders(b *testing.B) {
	m, err := Parse([]byte(invite))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		m.Headers("user-agent")
	}
}
