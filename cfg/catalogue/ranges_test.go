package catalogue

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestRangesString(t *testing.T) {
	tests := map[string]string{
		"-":            "every version",
		"9.9":          "no version",
		"3.0-":         "since 3.0",
		"4.0":          "since 4.0",
		"-2.4":         "until 2.4",
		"1.11":         "until 1.11",
		"2.1-2.4":      "2.1–2.4",
		"2.3":          "2.3",
		"-2.2,3.0-":    "until 2.2, since 3.0",
		"2.1,2.4-3.6":  "2.1, 2.4–3.6",
		"-2.1,2.2-3.0": "until 3.0",
	}
	for notation, want := range tests {
		if got := rangesOf(notation).String(); got != want {
			t.Errorf("%q reads %q, want %q", notation, got, want)
		}
	}
}

func TestRangesEnds(t *testing.T) {
	tests := []struct{ notation, since, until string }{
		{"2.2-2.4", "2.2", "2.4"},
		{"-2.1,3.0-", "1.11", "4.0"},
		{"3.1-", "3.1", "4.0"},
	}
	for _, test := range tests {
		r := rangesOf(test.notation)
		if diff := cmp.Diff([]string{test.since, test.until}, []string{r.Since().String(), r.Until().String()}); diff != "" {
			t.Errorf("ends of %q (-want +got):\n%s", test.notation, diff)
		}
	}
	if none := (Ranges{}); none.Since() != 0 || none.Until() != 0 || !none.IsEmpty() {
		t.Errorf("the empty ranges go from %v to %v", none.Since(), none.Until())
	}
}

// Since, Until and Contains agree with each other, and String tells ranges
// apart.
func TestRangesAgree(t *testing.T) {
	versions := Versions()
	full := uint64(1)<<len(versions) - 1
	rapid.Check(t, func(t *rapid.T) {
		r := Ranges{rapid.Uint64Range(0, full).Draw(t, "set")}
		other := Ranges{rapid.Uint64Range(0, full).Draw(t, "other")}
		var first, last Version
		for i, v := range versions {
			if inSet := r.set&(1<<i) != 0; r.Contains(v) != inSet {
				t.Fatalf("%v contains %v: %v, want %v", r, v, r.Contains(v), inSet)
			}
			if r.Contains(v) && first == 0 {
				first = v
			}
			if r.Contains(v) {
				last = v
			}
		}
		if r.Since() != first || r.Until() != last || r.IsEmpty() != (first == 0) {
			t.Fatalf("%v goes from %v to %v, want %v to %v", r, r.Since(), r.Until(), first, last)
		}
		if (r.String() == other.String()) != (r == other) {
			t.Fatalf("%b and %b both read %q", r.set, other.set, r)
		}
		if r.Contains(0) || r.Contains(0xffff) {
			t.Fatalf("%v contains a version that does not exist", r)
		}
	})
}
