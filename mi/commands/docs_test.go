package commands

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/mi"
)

var update = flag.Bool("update", false, "write the generated parts of docs/mi.md anew")

const (
	page        = "../../docs/mi.md"
	differences = "../testdata/differences.json"
)

// TestPage writes the parts of docs/mi.md that are made from data.
func TestPage(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	got := string(text)
	for name, part := range map[string]string{"commands": commandTable(), "differences": differenceTable(t)} {
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
	if diff := cmp.Diff(string(text), got); diff != "" {
		t.Errorf("%s is stale; go test -update renews it (-is +should be):\n%s", page, diff)
	}
}

// TestPageHasEveryStatistic fails when one is added that the page leaves out.
func TestPageHasEveryStatistic(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range newFixture(t, true).tlsStatistics(0) {
		if !strings.Contains(string(text), code(s.Name)) {
			t.Errorf("%s has nothing about %s", page, s.Name)
		}
	}
}

func commandTable() string {
	var b strings.Builder
	b.WriteString("| command | parameters | what it does |\n| --- | --- | --- |\n")
	for _, c := range All(Server{}) {
		names := []string{code(c.Name)}
		for _, alias := range c.Aliases {
			names = append(names, code(alias))
		}
		var params []string
		for _, p := range c.Params {
			params = append(params, paramText(p))
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", strings.Join(names, ", "), strings.Join(params, ", "), cell(c.Help))
	}
	return b.String()
}

// paramText is NAME, NAME… for a list, in brackets if it is optional, and
// NAME=1 for one that is given by its name.
func paramText(p mi.Param) string {
	text := p.Name
	if p.Kind == mi.TextList {
		text += "…"
	}
	if p.ByName {
		text += "=1"
	}
	if p.Optional {
		return "[" + code(text) + "]"
	}
	return code(text)
}

func differenceTable(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(differences)
	if err != nil {
		t.Fatal(err)
	}
	var list []struct{ Real, Ours, Why string }
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("| a real server | ours | why |\n| --- | --- | --- |\n")
	for _, d := range list {
		if d.Real == "" || d.Ours == "" || d.Why == "" {
			t.Errorf("a difference without its reason: %+v", d)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", cell(d.Real), cell(d.Ours), cell(d.Why))
	}
	return b.String()
}

func code(s string) string { return "`" + s + "`" }

// cell is a text that Markdown leaves alone in a table.
func cell(s string) string { return strings.NewReplacer("|", `\|`, "<", "&lt;", "\n", " ").Replace(s) }
