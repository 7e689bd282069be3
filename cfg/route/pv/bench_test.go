package pv

import "testing"

func BenchmarkGet(b *testing.B) {
	for _, name := range []string{"$var(a)", "$avp(a)", "$rm", "$ru", "$rU", "$rp", "$fU", "$hdr(X-Test)", "$ci", "$si", "$param(1)", "$tls_peer_subject_cn", "$(ru{uri.user})", "$(var(a){s.len})"} {
		b.Run(name, func(b *testing.B) {
			s := testScope(b)
			s.SetVar("a", text("value"))
			give(s, "a", text("value"))
			v := compiled(b, name)
			b.ReportAllocs()
			for b.Loop() {
				v.Get(s)
			}
		})
	}
}

func BenchmarkSet(b *testing.B) {
	for _, name := range []string{"$var(a)", "$(avp(a)[*])", "$du", "$rU"} {
		b.Run(name, func(b *testing.B) {
			s := testScope(b)
			v := compiled(b, name)
			b.ReportAllocs()
			for b.Loop() {
				if err := v.Set(s, text("value")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkFormat(b *testing.B) {
	s := testScope(b)
	f, err := CompileFormat("$rm $ru from $fu ($si:$sp) to $tu, $tls_version $tls_peer_subject\n")
	if err != nil {
		b.Fatal(err)
	}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = f.Append(buf[:0], s, XlogBufSize)
	}
}

// BenchmarkRoute is about what a route of 100 statements asks of this package: 50
// reads, 25 assignments, 25 lines.
func BenchmarkRoute(b *testing.B) {
	s := testScope(b)
	message := s.Message
	reads := []*Variable{compiled(b, "$rm"), compiled(b, "$rU"), compiled(b, "$hdr(X-Test)"), compiled(b, "$si"), compiled(b, "$avp(a)")}
	write := compiled(b, "$var(a)")
	line, err := CompileFormat("$rm from $si: $var(a)\n")
	if err != nil {
		b.Fatal(err)
	}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		source := s.Source
		s.Reset()
		s.Message, s.Source = message, source
		for i := range 50 {
			reads[i%len(reads)].Get(s)
		}
		for i := range 25 {
			if err := write.Set(s, num(int64(i))); err != nil {
				b.Fatal(err)
			}
			buf, _ = line.Append(buf[:0], s, XlogBufSize)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := CompileFormat("$rm $(ru{uri.user}) from $fu"); err != nil {
			b.Fatal(err)
		}
	}
}
