package pv

import (
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/parser"
)

// FuzzFormat compiles and runs any text: it ends, within its limit, and the same
// again gives the same.
func FuzzFormat(f *testing.F) {
	for row := range readRows {
		f.Add("<"+row+">", "value")
	}
	for _, tt := range transformRows {
		f.Add("$(avp(in){"+tt.tr+"})", tt.in.Text[:min(len(tt.in.Text), 200)])
	}
	f.Add("$(avp(in){s.eval}) $(avp(in){s.eval})", "$(avp(in){s.eval}) $avp(in)")
	f.Add(strings.Repeat("$(ru{s.index,", 20)+"x"+strings.Repeat("})", 20), "")
	s := testScope(f)
	f.Fuzz(func(t *testing.T, format, value string) {
		if len(format) > 2000 || len(value) > 2000 {
			return
		}
		compiledFormat, err := CompileFormat(format)
		if err != nil {
			return
		}
		give(s, "in", text(value), num(7))
		s.SetVar("in", text(value))
		got, cut := compiledFormat.Append(nil, s, XlogBufSize)
		if len(got) > XlogBufSize || cut && len(got) != XlogBufSize {
			t.Errorf("%q: %d bytes", format, len(got))
		}
		if again, _ := compiledFormat.Append(nil, s, XlogBufSize); string(again) != string(got) && !strings.Contains(format, "$T") {
			t.Errorf("%q: %q, then %q", format, got, again)
		}
	})
}

// FuzzVariable compiles, reads and writes any variable.
func FuzzVariable(f *testing.F) {
	for row := range readRows {
		f.Add(row, "value", int64(1))
	}
	f.Add("$(avp(x)[-1])", "", int64(-1))
	m := message(f, invite)
	f.Fuzz(func(t *testing.T, variable, value string, n int64) {
		v, err := parser.ParseVar(variable)
		if err != nil || len(variable) > 2000 {
			return
		}
		c, err := Compile(v)
		if err != nil {
			return
		}
		s := plainScope(m)
		for _, in := range []Value{text(value), num(n), BothValue(value, n), nul} {
			if c.Set != nil {
				_ = c.Set(s, in) // any error is right, but no panic
			}
			if c.Replace != nil {
				_ = c.Replace(s, in)
			}
			if got := c.Get(s); len(got.Text) > MaxText {
				t.Errorf("%q: %d bytes", variable, len(got.Text))
			}
		}
		again, err := parser.ParseVar(c.Raw)
		if err != nil {
			t.Fatalf("%q is said to be %q: %v", variable, c.Raw, err)
		}
		if _, err := Compile(again); err != nil {
			t.Errorf("%q is said to be %q: %v", variable, c.Raw, err)
		}
	})
}
