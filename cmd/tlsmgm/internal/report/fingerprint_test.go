package report

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// fingerprintsOf are those of findings of a rule on all lines of a text that are
// not empty.
func fingerprintsOf(name, rule string, lines ...string) []string {
	f := &File{Name: name, Sources: []*parser.Source{{Name: name}}}
	for i, line := range lines {
		f.Sources[0].Text += line + "\n"
		if line != "" {
			f.Diagnostics = append(f.Diagnostics, diag.Diagnostic{Rule: rule, Span: span(name, i+1, 1, i+1, 2)})
		}
	}
	return (&Report{Base: Base{Dir: "/r", Root: "/r"}}).Fingerprints(f)
}

func TestFingerprints(t *testing.T) {
	base := fingerprintsOf("a.cfg", "r", "exit;", "drop();", "exit;")
	if len(slices.Compact(slices.Sorted(slices.Values(base)))) != 3 {
		t.Errorf("not all differ: %q", base)
	}
	for name, same := range map[string][]string{
		"lines come and go":        fingerprintsOf("a.cfg", "r", "", "", "exit;", "", "drop();", "exit;"),
		"lines are indented anew":  fingerprintsOf("a.cfg", "r", "  exit;", "\tdrop();", "exit;  "),
		"the name is another path": fingerprintsOf("/r/./a.cfg", "r", "exit;", "drop();", "exit;"),
	} {
		if !slices.Equal(base, same) {
			t.Errorf("%s: %q, were %q", name, same, base)
		}
	}
	for name, other := range map[string][]string{
		"another rule": fingerprintsOf("a.cfg", "s", "exit;"),
		"another file": fingerprintsOf("b.cfg", "r", "exit;"),
		"another line": fingerprintsOf("a.cfg", "r", "exit"),
		"parts moved":  fingerprintsOf("a.cfg\x00r", "", "exit;"),
	} {
		if slices.Contains(base, other[0]) {
			t.Errorf("%s has the same fingerprint", name)
		}
	}
	// Nobody can try passwords on it.
	if a, b := fingerprintsOf("a", "r", `"mysql://u:secret@h"`), fingerprintsOf("a", "r", `"mysql://u:hidden@h"`); a[0] != b[0] {
		t.Error("the fingerprint depends on the password")
	}
}

// However lines are added that have no findings, the findings keep theirs.
func TestFingerprintsStay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c d"}), 1, 8).Draw(t, "lines")
		want := fingerprintsOf("a.cfg", "r", lines...)
		var more []string
		for _, line := range lines {
			more = append(append(more, make([]string, rapid.IntRange(0, 3).Draw(t, "added"))...), line)
		}
		if got := fingerprintsOf("a.cfg", "r", more...); !slices.Equal(got, want) {
			t.Fatalf("%q, were %q", got, want)
		}
		if len(slices.Compact(slices.Sorted(slices.Values(want)))) != len(lines) {
			t.Fatalf("not all differ: %q", want)
		}
	})
}

// Findings about rows of a table are all at one line; another row changes nothing
// about theirs.
func TestFingerprintsOfRows(t *testing.T) {
	of := func(messages ...string) []string {
		f := &File{Name: "a.cfg", Sources: []*parser.Source{{Name: "a.cfg", Text: "db_url\n"}}}
		for _, m := range messages {
			f.Diagnostics = append(f.Diagnostics, diag.Diagnostic{Rule: "r", Message: m, Span: span("a.cfg", 1, 1, 1, 2)})
		}
		return (&Report{}).Fingerprints(f)
	}
	before := of(`weak (row 2, column "method")`, `weak (row 7, column "method")`, `domain "x" (id 9), column "y"`)
	after := of(`weak (row 1, column "method")`, `weak (row 2, column "method")`, `now weaker (row 7)`, `domain "x" (id 9), column "y"`)
	if !slices.Equal(before, after[1:]) || slices.Contains(before, after[0]) {
		t.Errorf("%q, were %q", after, before)
	}
}
