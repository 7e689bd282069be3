package route

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const page = "../../docs/script.md"

// TestPage writes the table of functions in docs/script.md.
func TestPage(t *testing.T) {
	old, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	region := regexp.MustCompile(`(?s)(<!-- functions: [^\n]*-->\n).*?(<!-- end -->)`)
	if !region.Match(old) {
		t.Fatalf("%s has no place for the functions", page)
	}
	got := region.ReplaceAllStringFunc(string(old), func(old string) string {
		m := region.FindStringSubmatch(old)
		return m[1] + functionTable() + m[2]
	})
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(page, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(old), got); diff != "" {
		t.Errorf("%s is stale; go test -update renews it (-is +should be):\n%s", page, diff)
	}
}

func functionTable() string {
	var b strings.Builder
	b.WriteString("| function | what it does |\n| --- | --- |\n")
	for _, f := range functions {
		var forms []string
		for _, name := range f.names {
			forms = append(forms, "`"+name+"("+f.args+")`")
		}
		fmt.Fprintf(&b, "| %s | %s |\n", strings.Join(forms, ", "), strings.ReplaceAll(f.doc, "|", `\|`))
	}
	names := slices.Sorted(slices.Values(noops))
	fmt.Fprintf(&b, "| `%s` | Nothing; it returns 1. |\n", strings.Join(names, "`, `"))
	return b.String()
}

// Each function has one row.
func TestFunctionTable(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range functions {
		if f.doc == "" || !strings.HasSuffix(f.doc, ".") || f.do == nil {
			t.Errorf("%v has no sentence that describes it, or does nothing", f.names)
		}
		for _, name := range append(slices.Clone(f.names), noops...) {
			if seen[name] && !slices.Contains(noops, name) || slices.Contains(f.names, name) && slices.Contains(noops, name) {
				t.Errorf("%s has two rows", name)
			}
			seen[name] = true
		}
	}
}
