package variables

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
)

var update = flag.Bool("update", false, "write the generated parts of docs/variables.md anew")

const page = "../../docs/variables.md"

// TestPage writes the parts of docs/variables.md that are made from data.
func TestPage(t *testing.T) {
	old, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	got := string(old)
	for name, part := range map[string]string{"variables": variableTable(), "differences": differenceTable(t)} {
		region := regexp.MustCompile(`(?s)(<!-- ` + name + `: [^\n]*-->\n).*?(<!-- end -->)`)
		if !region.MatchString(got) {
			t.Fatalf("%s has no place for the %s", page, name)
		}
		got = region.ReplaceAllStringFunc(got, func(old string) string {
			m := region.FindStringSubmatch(old)
			return m[1] + part + m[2]
		})
	}
	if *update {
		if err := os.WriteFile(page, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := gocmp.Diff(string(old), got); diff != "" {
		t.Errorf("%s is stale; go test -update renews it (-is +should be):\n%s", page, diff)
	}
}

func variableTable() string {
	var b strings.Builder
	b.WriteString("| variable | type | versions | value | NULL if |\n| --- | --- | --- | --- | --- |\n")
	for v := range All() {
		null := v.Null
		if null == never {
			null = "never"
		}
		fmt.Fprintf(&b, "| `$%s` | %s | %s | %s | %s |\n", v.Name, v.Type, versions(v), cell(v.Doc), cell(null))
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
		fmt.Fprintf(&b, "| %s | %s | %s |\n", cell(d.RealText), cell(d.OursText), cell(d.Why))
	}
	return b.String()
}

// cell is a text that Markdown leaves alone in a table.
func cell(s string) string { return strings.NewReplacer("|", `\|`, "<", "&lt;", "\n", " ").Replace(s) }
