package catalogue

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNearest(t *testing.T) {
	params := []string{"ca_dir", "ca_list", "certificate", "ciphers_list", "ciphers_list_col", "crl_dir", "db_url", "verify_cert"}
	tests := map[string]string{
		"cipher_list_col": "ciphers_list_col",
		"cretificate":     "certificate",
		"Certificate":     "certificate",
		"CERTIFICATE":     "certificate",
		"verify_cerst":    "verify_cert",
		"cert":            "",
		"ca_dri":          "ca_dir",
		"cl_dir":          "ca_dir",
		"private_key":     "",
		"ab":              "",
		"":                "",
		"certificate":     "",
	}
	for name, want := range tests {
		if got := Nearest(name, params); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"listen", "listen", 0},
		{"listen", "lisetn", 1},
		{"ab", "ba", 1},
		{"abcd", "badc", 2},
		{"ca", "abc", 3},
		{"kitten", "sitting", 3},
	}
	for _, test := range tests {
		if got := distance(test.a, test.b); got != test.want {
			t.Errorf("distance of %q and %q is %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

// One slip of the pen is always found out, whatever the name.
func TestNearestUndoesASlip(t *testing.T) {
	names := at(t, "2.3").Names(KindParam)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Filter(func(name string) bool { return len(name) > 4 }).Draw(t, "name")
		i := rapid.IntRange(0, len(name)-2).Draw(t, "place")
		slips := []string{
			name[:i] + name[i+1:],
			name[:i] + "x" + name[i:],
			name[:i] + "x" + name[i+1:],
			name[:i] + name[i+1:i+2] + name[i:i+1] + name[i+2:],
		}
		slip := rapid.SampledFrom(slips).Draw(t, "slip")
		if slip == name {
			t.Skip("no slip at all")
		}
		candidate := Nearest(slip, []string{name})
		if candidate != name {
			t.Fatalf("Nearest(%q) = %q, want %q", slip, candidate, name)
		}
		best := Nearest(slip, names)
		if best == "" || distance(slip, strings.ToLower(best)) > distance(slip, strings.ToLower(name)) {
			t.Fatalf("Nearest(%q) = %q, but %q is nearer", slip, best, name)
		}
	})
}

func TestDistanceIsSymmetric(t *testing.T) {
	word := rapid.StringMatching(`[abc]{0,8}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		d := distance(a, b)
		if d != distance(b, a) || (d == 0) != (a == b) || d > max(len(a), len(b)) || d < max(len(a)-len(b), len(b)-len(a)) {
			t.Fatalf("distance of %q and %q is %d, back %d", a, b, d, distance(b, a))
		}
		if reversed := func(s string) string { r := []byte(s); slices.Reverse(r); return string(r) }; distance(reversed(a), reversed(b)) != d {
			t.Fatalf("distance of %q and %q changes with the direction", a, b)
		}
	})
}
