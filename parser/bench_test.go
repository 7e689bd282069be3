package parser

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// sample is a script of at most that many bytes, 15 to 20 of a hundred of which
// load modules and set their parameters, as in real ones.
func sample(t testing.TB, bytes int) string {
	t.Helper()
	name := "testdata/ok/proxy.cfg"
	if bytes < 8<<10 {
		name = "testdata/ok/small.cfg"
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Repeat(string(text), max(1, bytes/len(text)))
}

func BenchmarkParse(b *testing.B) {
	d := dialect23(b)
	for _, size := range []int{1 << 10, 10 << 10, 100 << 10, 1 << 20, 10 << 20} {
		text := sample(b, size)
		b.Run(fmt.Sprintf("%dKB", size>>10), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				f, err := Parse("bench.cfg", text, Options{Dialect: d})
				if err != nil || len(f.Findings) > 0 {
					b.Fatal(err, f.Findings)
				}
			}
		})
	}
}

// BenchmarkParseHead is the part of BenchmarkParse that participle does.
func BenchmarkParseHead(b *testing.B) {
	d := dialect23(b)
	var text strings.Builder
	for range 100 {
		text.WriteString("loadmodule \"usrloc.so\"\nmodparam(\"usrloc\", \"nat_bflag\", \"NAT\")\nmodparam(\"usrloc\", \"db_mode\", 2)\n")
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		f, err := Parse("bench.cfg", text.String(), Options{Dialect: d})
		if err != nil || len(f.Findings) > 0 {
			b.Fatal(err, f.Findings)
		}
	}
}

func BenchmarkLex(b *testing.B) {
	d := dialect23(b)
	text := sample(b, 100<<10)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		s := newScanner(d, "bench.cfg", text, nil)
		s.tokens()
		if len(s.findings) > 0 {
			b.Fatal(s.findings)
		}
	}
}

func BenchmarkNewDialect(b *testing.B) {
	l := testLanguage(false)
	b.ReportAllocs()
	for b.Loop() {
		d, err := NewDialect(l)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := d.Grammar(); err != nil {
			b.Fatal(err)
		}
	}
}
