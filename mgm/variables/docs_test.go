package variables

import (
	"cmp"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/docs/docstest"
)

var update = flag.Bool("update", false, "write the generated parts of docs/variables.md anew")

const page = "../../docs/variables.md"

// TestPage writes the parts of docs/variables.md that are made from data.
func TestPage(t *testing.T) {
	docstest.Parts(t, page, *update, map[string]string{"variables": variableTable(), "differences": differenceTable(t)})
}

func variableTable() string {
	var b strings.Builder
	b.WriteString("| variable | type | versions | value | NULL if |\n| --- | --- | --- | --- | --- |\n")
	for v := range All() {
		null := v.Null
		if null == never {
			null = "never"
		}
		fmt.Fprintf(&b, "| `$%s` | %s | %s | %s | %s |\n", v.Name, v.Type, versions(v), docstest.Cell(v.Doc), docstest.Cell(null))
	}
	return b.String()
}

// versions names the module where it is another than tls_mgm.
func versions(v *Variable) string {
	places := v.Places()
	slices.SortFunc(places, func(a, b catalogue.Place) int { return cmp.Compare(a.Versions.Since(), b.Versions.Since()) })
	var parts []string
	for _, place := range places {
		part := place.Versions.String()
		if place.Module != "tls_mgm" {
			part += " (" + place.Module + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

func differenceTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| a real server | ours | why |\n| --- | --- | --- |\n")
	for _, d := range differences(t) {
		if d.RealText == "" || d.OursText == "" || d.Why == "" {
			t.Errorf("a difference without its reason: %+v", d)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", docstest.Cell(d.RealText), docstest.Cell(d.OursText), docstest.Cell(d.Why))
	}
	return b.String()
}

// cell is a text that Markdown leaves alone in a table.
