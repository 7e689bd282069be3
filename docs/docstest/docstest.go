// Package docstest holds what the pages of the documentation list against the
// data that it is made of.
package docstest

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Parts compares the generated parts of a page, by their names, with what they
// should be. A part stands between <!-- NAME: … --> and <!-- end -->, each on a
// line of its own. With update the page is written anew.
func Parts(t *testing.T, page string, update bool, parts map[string]string) {
	t.Helper()
	old, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	made := string(old)
	for name, part := range parts {
		region := regexp.MustCompile(`(?s)(<!-- ` + name + `: [^\n]*-->\n).*?(<!-- end -->)`)
		at := region.FindStringSubmatchIndex(made)
		if at == nil {
			t.Fatalf("%s has no place for the %s", page, name)
		}
		made = made[:at[3]] + part + made[at[4]:]
	}
	if update {
		if err := os.WriteFile(page, []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(old), made); diff != "" {
		t.Errorf("%s is stale; go test -update renews it (-is +should be):\n%s", page, diff)
	}
}

// Cell is a text as a cell of a table has it.
func Cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "\n", " ").Replace(text)
}
