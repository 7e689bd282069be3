package span

import (
	"math/bits"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var known = []uint16{0x010b, 0x0201, 0x0202, 0x0203, 0x0204, 0x0300, 0x0301, 0x0400}

func TestNumber(t *testing.T) {
	for text, want := range map[string]uint16{"1.11": 0x010b, "2.3": 0x0203, "4.0": 0x0400, "255.255": 0xffff} {
		if got, ok := Number(text); !ok || got != want {
			t.Errorf("Number(%q) = %#x, %v, want %#x", text, got, ok, want)
		}
		if got := Text(want); got != text {
			t.Errorf("Text(%#x) = %q, want %q", want, got, text)
		}
	}
	for _, text := range []string{"", "2", "2.", ".3", "2.3.4", "2.x", "-2.3", "256.0", "2.1000", "2,3"} {
		if got, ok := Number(text); ok {
			t.Errorf("Number(%q) = %#x, want it refused", text, got)
		}
	}
}

func TestContains(t *testing.T) {
	tests := []struct {
		ranges string
		want   []string
	}{
		{"-", []string{"1.11", "2.1", "2.2", "2.3", "2.4", "3.0", "3.1", "4.0"}},
		{"2.2-2.4", []string{"2.2", "2.3", "2.4"}},
		{"3.0-", []string{"3.0", "3.1", "4.0"}},
		{"-2.1", []string{"1.11", "2.1"}},
		{"2.3", []string{"2.3"}},
		{"-1.11,2.2,3.1-", []string{"1.11", "2.2", "3.1", "4.0"}},
		{"", nil},
		{"x-", nil},
		{"-x", nil},
		{"2.x", nil},
	}
	for _, test := range tests {
		var got []string
		for _, n := range known {
			if Contains(test.ranges, n) {
				got = append(got, Text(n))
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("versions in %q (-want +got):\n%s", test.ranges, diff)
		}
	}
}

func TestFormat(t *testing.T) {
	const all = 1<<8 - 1
	tests := []struct {
		set, life uint64
		want      string
	}{
		{all, all, "-"},
		{0b0001_1100, 0b0001_1100, "-"},
		{0b0000_1100, 0b0001_1100, "-2.3"},
		{0b0001_1000, 0b0001_1100, "2.3-"},
		{0b0001_1000, all, "2.3-2.4"},
		{0b0000_0001, all, "1.11"},
		{0b1000_0000, all, "4.0-"},
		{0b1100_0011, all, "-2.1,3.1-"},
		{0b0101_0101, all, "1.11,2.2,2.4,3.1"},
	}
	for _, test := range tests {
		if got := Format(test.set, test.life, known); got != test.want {
			t.Errorf("Format(%b, %b) = %q, want %q", test.set, test.life, got, test.want)
		}
	}
}

// What Format writes must mean, inside the life of its block, the set that
// went in, and must go on meaning it when a newer version is added.
func TestFormatRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		life := rapid.Uint64Range(1, 1<<len(known)-1).Draw(t, "life")
		set := rapid.Uint64().Draw(t, "set") & life
		text := Format(set, life, known)
		if got := Set(text, known) & life; got != set {
			t.Fatalf("Format(%b, %b) = %q, which reads as %b", set, life, text, got)
		}
		older := known[:len(known)-1]
		below := uint64(1)<<len(older) - 1
		if life&below == 0 {
			return
		}
		if got := Set(Format(set&below, life&below, older), older) & life & below; got != set&below {
			t.Fatalf("with a version less, %b in %b reads as %b", set, life, got)
		}
	})
}

func TestRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := rapid.Uint64().Draw(t, "set")
		var back uint64
		last := -2
		for _, run := range Runs(set) {
			if run.First <= last+1 || run.Last < run.First {
				t.Fatalf("run %v of %b follows one that ends at %d", run, set, last)
			}
			last = run.Last
			for i := run.First; i <= run.Last; i++ {
				back |= 1 << i
			}
		}
		if back != set {
			t.Fatalf("runs of %b give %b (%d bits)", set, back, bits.OnesCount64(back))
		}
	})
}

func FuzzContains(f *testing.F) {
	for _, seed := range []string{"-", "2.2-2.4", "-2.1,3.0-", "2.3", "--", ",", "2.3-,x"} {
		f.Add(seed, uint16(0x0203))
	}
	f.Fuzz(func(t *testing.T, ranges string, n uint16) {
		inside := Contains(ranges, n)
		if Contains(ranges+",-", n) != true {
			t.Errorf("%q with an open range does not contain %s", ranges, Text(n))
		}
		if inside && !Contains("x,"+ranges, n) {
			t.Errorf("%q loses %s behind an unreadable range", ranges, Text(n))
		}
	})
}
