package rewrite

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestMergeAndApply(t *testing.T) {
	const text = "0123456789"
	tests := []struct {
		name   string
		groups []Group
		want   string
		taken  []bool
	}{
		{"nothing", nil, text, []bool{}},
		{"in any order", []Group{{{7, 8, "B"}}, {{1, 2, "A"}}}, "0A23456B89", []bool{true, true}},
		{"together", []Group{{{7, 8, ""}, {1, 2, ""}}}, "02345689", []bool{true}},
		{"twice the same", []Group{{{1, 3, "A"}}, {{1, 3, "A"}}}, "0A3456789", []bool{true, false}},
		{"one within another", []Group{{{1, 5, "A"}}, {{2, 3, "B"}}}, "0A56789", []bool{true, false}},
		{"side by side", []Group{{{1, 3, "A"}}, {{3, 5, "B"}}}, "0AB56789", []bool{true, true}},
		{"insert behind", []Group{{{1, 3, "A"}}, {{3, 3, "B"}}}, "0AB3456789", []bool{true, true}},
		{"insert before", []Group{{{1, 3, "A"}}, {{1, 1, "B"}}}, "0A3456789", []bool{true, false}},
		{"insert within", []Group{{{1, 3, "A"}}, {{2, 2, "B"}}}, "0A3456789", []bool{true, false}},
		{"insert at one place", []Group{{{3, 3, "A"}}, {{3, 3, "B"}}}, "012A3456789", []bool{true, false}},
		{"a group as a whole", []Group{{{1, 3, "A"}}, {{2, 3, "B"}, {8, 9, "C"}}, {{8, 9, "D"}}}, "0A34567D9", []bool{true, false, true}},
		{"at the ends", []Group{{{0, 0, "A"}}, {{10, 10, "B"}}}, "A0123456789B", []bool{true, true}},
	}
	for _, tt := range tests {
		edits, taken := Merge(tt.groups)
		have, err := Apply(text, edits)
		if err != nil || have != tt.want {
			t.Errorf("%s: %q, %v, want %q", tt.name, have, err, tt.want)
		}
		if diff := cmp.Diff(tt.taken, taken); diff != "" {
			t.Errorf("%s: -want +have\n%s", tt.name, diff)
		}
	}
	for _, e := range []Edit{{-1, 2, ""}, {2, 1, ""}, {9, 11, ""}} {
		if _, err := Apply(text, []Edit{e}); err == nil {
			t.Errorf("%+v is made", e)
		}
	}
}

// Whatever is to be edited, what Merge gives can be applied, and the bytes that no
// edit is for stay in their order.
func TestMergeProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const text = "abcdefghijklmnopqrst"
		edit := rapid.Custom(func(t *rapid.T) Edit {
			from := rapid.IntRange(0, len(text)).Draw(t, "from")
			return Edit{from, rapid.IntRange(from, len(text)).Draw(t, "to"), rapid.StringMatching("[A-Z]{0,2}").Draw(t, "new")}
		})
		groups := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Group { return Group{edit.Draw(t, "edit")} }), 0, 6).Draw(t, "groups")
		edits, taken := Merge(groups)
		have, err := Apply(text, edits)
		if err != nil {
			t.Fatal(err)
		}
		gone := make([]bool, len(text))
		inserted := 0
		for i, g := range groups {
			for _, e := range g {
				if taken[i] {
					inserted += len(e.New)
					for j := e.From; j < e.To; j++ {
						if gone[j] {
							t.Fatalf("byte %d is replaced twice", j)
						}
						gone[j] = true
					}
				}
			}
		}
		var left strings.Builder
		for i := range text {
			if !gone[i] {
				left.WriteByte(text[i])
			}
		}
		lower := strings.Map(func(r rune) rune {
			if r >= 'A' && r <= 'Z' {
				return -1
			}
			return r
		}, have)
		if lower != left.String() || len(have) != left.Len()+inserted {
			t.Fatalf("%q of %v", have, edits)
		}
	})
}

func TestDiff(t *testing.T) {
	if d := Diff("a.cfg", "x\n", "x\n"); d != nil {
		t.Errorf("nothing changes, but: %s", d)
	}
	have := string(Diff("a.cfg", "1\n2\n3\n4\n5\n6\n7\n", "1\n2\n3\n5\n6\n7\n"))
	if !strings.Contains(have, "--- a.cfg\n+++ a.cfg\n@@ -1,7 +1,6 @@\n 1\n 2\n 3\n-4\n 5\n") {
		t.Errorf("the diff is\n%s", have)
	}
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	name, link := filepath.Join(dir, "a.cfg"), filepath.Join(dir, "link.cfg")
	if err := os.WriteFile(name, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, 0o640); err != nil { // whatever the umask
		t.Fatal(err)
	}
	if err := os.Symlink("a.cfg", link); err != nil {
		t.Fatal(err)
	}
	if err := File(link, "old", "new"); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	text, _ := os.ReadFile(name)
	if err != nil || string(text) != "new" || info.Mode().Perm() != 0o640 {
		t.Errorf("%q with %v, %v", text, info.Mode(), err)
	}
	if target, err := os.Readlink(link); err != nil || target != "a.cfg" {
		t.Errorf("the link is %q, %v", target, err)
	}
	if err := File(name, "old", "newer"); !errors.Is(err, ErrChanged) {
		t.Errorf("a file that changed: %v", err)
	}
	if err := File(dir, "", "x"); err == nil || err.Error() != "is not a regular file" {
		t.Errorf("a directory: %v", err)
	}
	if err := File(filepath.Join(dir, "none"), "", "x"); err == nil || Plain(err).Error() != "no such file or directory" {
		t.Errorf("no file: %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || !slices.EqualFunc(entries, []string{"a.cfg", "link.cfg"}, func(e os.DirEntry, name string) bool { return e.Name() == name }) {
		t.Errorf("left are %v, %v", entries, err)
	}
}
