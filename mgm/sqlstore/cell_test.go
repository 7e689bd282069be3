package sqlstore

import (
	"math"
	"testing"
	"time"
)

func TestNumberOf(t *testing.T) {
	for _, test := range []struct {
		src  any
		want any // an int, nil for the default, or the error's text
	}{
		{nil, nil},
		{"", nil},
		{" ", nil},
		{[]byte(""), nil},
		{int64(-1), -1},
		{uint64(7), 7},
		{uint64(math.MaxUint64), "holds a number that is too large"},
		{2.0, 2},
		{2.5, "holds a fraction that is not an integer"},
		{math.Inf(1), "holds a fraction that is not an integer"},
		{math.NaN(), "holds a fraction that is not an integer"},
		{1e300, "holds a fraction that is not an integer"},
		{true, 1},
		{false, 0},
		{"2", 2},
		{[]byte("+2\n"), 2},
		{"0x2", "holds 3 bytes of text or blob that are not an integer"},
		{"9223372036854775808", "holds a number that is too large"},
		{time.Time{}, "holds a time.Time that is not an integer"},
	} {
		n, err := numberOf(test.src)
		var got any
		switch {
		case err != nil:
			got = err.Error()
		case n != nil:
			got = int(*n)
		}
		if got != test.want {
			t.Errorf("%T %v: got %v, want %v", test.src, test.src, got, test.want)
		}
	}
}

// A driver uses its bytes again for the next row.
func TestScanCopies(t *testing.T) {
	src := []byte("first")
	var blob []byte
	var text string
	for _, field := range []any{&blob, &text} {
		if err := (&cell{field: field}).Scan(src); err != nil {
			t.Fatal(err)
		}
	}
	copy(src, "other")
	if string(blob) != "first" || text != "first" {
		t.Errorf("%s %s", blob, text)
	}
}

// Rows of equal blobs share one copy, and the next one has its own.
func TestScanSharesEqualBlobs(t *testing.T) {
	var blob []byte
	c := cell{field: &blob}
	var got [][]byte
	for _, src := range []string{"one", "one", "", "one", "two"} {
		if err := c.Scan([]byte(src)); err != nil {
			t.Fatal(err)
		}
		got = append(got, blob)
	}
	if &got[0][0] != &got[1][0] {
		t.Error("equal blobs of two rows are two copies")
	}
	if got[2] != nil || string(got[3]) != "one" || string(got[4]) != "two" {
		t.Errorf("%q", got)
	}
}
