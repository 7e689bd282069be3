package lint_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg/lint"
)

var update = flag.Bool("update", false, "write the documentation and the golden files anew")

const docsDir = "../../docs/rules"

// TestDocs writes docs/rules from the rules, or holds it against them.
func TestDocs(t *testing.T) {
	pages := map[string]string{"README.md": indexPage()}
	for _, r := range lint.Rules() {
		pages[r.ID+".md"] = rulePage(t, r)
	}
	for name, text := range pages {
		compareGolden(t, filepath.Join(docsDir, name), text)
	}
	there, err := filepath.Glob(filepath.Join(docsDir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range there {
		if _, known := pages[filepath.Base(file)]; !known {
			t.Errorf("%s is of no rule", file)
		}
	}
}

func compareGolden(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is not what it was; go test -update accepts it\n-want +got\n%s", golden, diff)
	}
}

func indexPage() string {
	var b strings.Builder
	b.WriteString(`# Lint rules

Settings with which a server starts but that are wrong, weak or about to break.
These pages are made from the rules by ` + "`make generate`" + `. What a server refuses when it
reads a script or starts is listed in [the other rules](../rules.md), and not told
twice: the points of each subject that are found there stand below its table.
`)
	for _, g := range lint.Groups() {
		fmt.Fprintf(&b, "\n## %s\n\n| rule | name | severity | versions | what it finds |\n| --- | --- | --- | --- | --- |\n", g.Title)
		for _, r := range lint.Rules() {
			if r.Group().Prefix == g.Prefix {
				fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s | %s | %s |\n", r.ID, r.ID, r.Name, r.Severity, r.Versions(), r.Summary)
			}
		}
		b.WriteString("\nFound elsewhere:\n\n")
		for _, e := range g.Elsewhere {
			fmt.Fprintf(&b, "- %s: `%s`\n", e.Point, strings.Join(e.Rules, "`, `"))
		}
	}
	b.WriteString("\n## Profiles\n\n| profile | what it is | source |\n| --- | --- | --- |\n")
	for _, p := range lint.Profiles() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", p.Name, p.Title, p.Source)
	}
	return b.String()
}

var needs = map[lint.Needs]string{
	lint.Files:       " It is silent where files are not looked at.",
	lint.Rows:        " It is silent without the rows of the table.",
	lint.WholeScript: " It is silent as long as the script has an error, since what is missing may be there.",
}

func rulePage(t *testing.T, r *lint.Rule) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "# %s %s\n\n*%s, %s, %s.*%s\n\n%s\n", r.ID, r.Name, r.Severity, r.Versions(), r.Group().Title, needs[r.Needs], r.Summary)
	fmt.Fprintf(&b, "\n## Why it matters\n\n%s\n\n## How to fix it\n\n%s\n", r.Why, r.Fix)
	fmt.Fprintf(&b, "\n## Bad\n\n%s", exampleText(r.Bad))
	b.WriteString("\nWhat it says:\n\n```text\n")
	for _, f := range runExample(t, parseExample(t, r.Bad), r.Bad, r) {
		fmt.Fprintln(&b, f.Message)
		if f.Help != "" {
			fmt.Fprintf(&b, "  help: %s\n", f.Help)
		}
		if f.Fix != nil {
			fmt.Fprintf(&b, "  %s fix: %s\n", map[bool]string{true: "safe", false: "unsafe"}[f.Fix.Safe], f.Fix.Title)
		}
	}
	b.WriteString("```\n")
	fmt.Fprintf(&b, "\n## Good\n\n%s", exampleText(r.Good))
	fmt.Fprintf(&b, "\n## References\n\n")
	for _, ref := range r.References {
		fmt.Fprintf(&b, "- %s\n", ref)
	}
	b.WriteString("\n[All rules](README.md)\n")
	return b.String()
}

// exampleText is the script without what it says to the tests.
func exampleText(e lint.Example) string {
	var b strings.Builder
	if e.Profile != "" {
		fmt.Fprintf(&b, "With the profile `%s`:\n\n", e.Profile)
	}
	if e.Unopened {
		b.WriteString("With `--no-files`:\n\n")
	}
	b.WriteString("```text\n" + e.Text())
	b.WriteString("```\n")
	for _, row := range e.Rows {
		fmt.Fprintf(&b, "\nA row of the table: %s.\n", rowText(row))
	}
	return b.String()
}
