package pv

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// pairs of transformations of which the second undoes the first.
var pairs = [][2]string{
	{"s.encode.hexa", "s.decode.hexa"},
	{"s.b64encode", "s.b64decode"},
	{"s.escape.common", "s.unescape.common"},
	{"s.reverse", "s.reverse"},
	{"s.xor,key", "s.xor,key"},
}

func TestThereAndBack(t *testing.T) {
	s := &Scope{}
	for _, pair := range pairs {
		v := compiled(t, "$(avp(in){"+pair[0]+"}{"+pair[1]+"})")
		rapid.Check(t, func(t *rapid.T) {
			in := string(rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "in"))
			give(s, "in", text(in))
			if got := v.Get(s); got != text(in) {
				t.Fatalf("%q {%s}{%s}: got %#v", in, pair[0], pair[1], got)
			}
		})
	}
	for _, class := range []string{"user", "param"} {
		there, back := compiled(t, "$(avp(in){s.escape."+class+"})"), compiled(t, "$(avp(in){s.escape."+class+"}{s.unescape."+class+"})")
		rapid.Check(t, func(t *rapid.T) {
			in := rapid.String().Draw(t, "in") + rapid.StringMatching("[ -~]*").Draw(t, "seen")
			give(s, "in", text(in))
			escaped := there.Get(s)
			visible := strings.IndexFunc(in, func(r rune) bool { return r < ' ' || r > '~' }) < 0
			if escaped.IsNull() == visible {
				t.Fatalf("%q: escaped to %#v", in, escaped)
			}
			if visible && (strings.ContainsAny(escaped.Text, " @<>\"") || back.Get(s) != text(in)) {
				t.Fatalf("%q: escaped to %q, back to %#v", in, escaped.Text, back.Get(s))
			}
		})
	}
}

// TestSelectParts: the fields are those that the text was made of.
func TestSelectParts(t *testing.T) {
	s := &Scope{}
	field, csv, count := compiled(t, "$(avp(in){s.select,$var(i),,})"), compiled(t, "$(avp(in){csv.value,$var(i)})"), compiled(t, "$(avp(in){csv.count})")
	rapid.Check(t, func(t *rapid.T) {
		fields := rapid.SliceOfN(rapid.StringMatching(`[a-c ]{0,3}`), 1, 6).Draw(t, "fields")
		i := rapid.IntRange(-8, 8).Draw(t, "i")
		in := strings.Join(fields, ",")
		give(s, "in", text(in))
		s.SetVar("i", num(int64(i)))
		at := i
		if at < 0 {
			at += len(fields)
		}
		want := nul
		if at >= 0 && at < len(fields) {
			want = text(fields[at])
		}
		if got := field.Get(s); got != want {
			t.Fatalf("%q {s.select,%d}: got %#v, want %#v", in, i, got, want)
		}
		if in == "" {
			want = nul
		}
		if got := csv.Get(s); got != want {
			t.Fatalf("%q {csv.value,%d}: got %#v, want %#v", in, i, got, want)
		}
		if got := count.Get(s); in != "" && got != num(int64(len(fields))) {
			t.Fatalf("%q: %v fields", in, got)
		}
	})
}

// TestIndexAgrees: what {s.index} finds is there, and nothing before it.
func TestIndexAgrees(t *testing.T) {
	s := &Scope{}
	first, last := compiled(t, "$(avp(in){s.index,$avp(what),$var(i)})"), compiled(t, "$(avp(in){s.rindex,$avp(what),$var(i)})")
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringMatching(`[ab]{1,12}`).Draw(t, "in")
		what := rapid.StringMatching(`[ab]{1,3}`).Draw(t, "what")
		from := rapid.IntRange(0, len(in)-1).Draw(t, "from")
		give(s, "in", text(in))
		give(s, "what", text(what))
		s.SetVar("i", num(int64(from)))
		wantFirst, wantLast := nul, nul
		for i := range len(in) {
			if strings.HasPrefix(in[i:], what) {
				if i >= from && wantFirst == nul {
					wantFirst = num(int64(i))
				}
				if i <= from {
					wantLast = num(int64(i))
				}
			}
		}
		if got := first.Get(s); got != wantFirst {
			t.Fatalf("%q in %q from %d: got %v, want %v", what, in, from, got, wantFirst)
		}
		if got := last.Get(s); got != wantLast {
			t.Fatalf("%q in %q up to %d: got %v, want %v", what, in, from, got, wantLast)
		}
	})
}

// TestAnyInput: every transformation of every input ends, with a text that is not
// too long; of NULL it is NULL.
func TestAnyInput(t *testing.T) {
	s := testScope(t)
	var rows []*Variable
	for _, tt := range transformRows {
		rows = append(rows, compiled(t, "$(avp(in){"+tt.tr+"})"))
	}
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.OneOf(
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) Value { return text(string(b)) }),
			rapid.Map(rapid.StringMatching(`[-a-c0-9;:,=<>"@$(){}/ \\.%\[\]]{0,40}`), text),
			rapid.Map(rapid.Int32(), func(n int32) Value { return num(int64(n)) }),
		).Draw(t, "in")
		for _, row := range rows {
			give(s, "in", v)
			if got := row.Get(s); len(got.Text) > MaxText {
				t.Fatalf("%s of %q has %d bytes", row.Raw, v, len(got.Text))
			}
		}
	})
}
