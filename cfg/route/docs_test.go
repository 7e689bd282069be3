package route

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/docs/docstest"
)

const page = "../../docs/script.md"

// TestPage writes the table of functions in docs/script.md.
func TestPage(t *testing.T) {
	docstest.Parts(t, page, flag.Lookup("update").Value.String() == "true", map[string]string{"functions": functionTable()})
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
