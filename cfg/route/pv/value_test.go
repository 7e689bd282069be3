package pv

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestValue(t *testing.T) {
	for _, tt := range []struct {
		v      Value
		str    string
		asText bool
		n      int64
		asInt  bool
	}{
		{nul, "<null>", false, 0, false},
		{text(""), "", true, 0, false},
		{text("12"), "12", true, 12, true},
		{text("-12"), "-12", true, -12, true},
		{text("+12"), "+12", true, 12, true},
		{text("12 "), "12 ", true, 0, false},
		{text("-"), "-", true, 0, false},
		{num(-3), "-3", true, -3, true},
		{BothValue("05", 5), "05", true, 5, true},
	} {
		if tt.v.String() != tt.str || string(tt.v.Append([]byte("x"))) != "x"+tt.str {
			t.Errorf("%#v: String is %q, Append %q", tt.v, tt.v.String(), tt.v.Append(nil))
		}
		if s, ok := tt.v.AsText(); ok != tt.asText || ok && s != tt.str {
			t.Errorf("%#v: AsText is %q, %t", tt.v, s, ok)
		}
		if n, ok := tt.v.AsInt(); ok != tt.asInt || n != tt.n {
			t.Errorf("%#v: AsInt is %d, %t", tt.v, n, ok)
		}
	}
}

// TestParseInt compares with strconv, where that can read the number.
func TestParseInt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.StringMatching(`[-+]?[0-9]{0,20}`), rapid.StringN(0, 6, 12)).Draw(t, "text")
		n, ok := ParseInt(s)
		want, err := strconv.ParseInt(s, 10, 64)
		if err == nil && (!ok || n != Wrap(want)) {
			t.Fatalf("%q: got %d, %t, want %d", s, n, ok, Wrap(want))
		}
		if err != nil && ok && err.(*strconv.NumError).Err != strconv.ErrRange {
			t.Fatalf("%q: got %d, want an error", s, n)
		}
		if n != Wrap(n) {
			t.Fatalf("%q: %d has more than 32 bits", s, n)
		}
	})
}
