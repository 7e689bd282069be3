package commands

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/docs/docstest"
	"github.com/opensips-tools/tlsmgm/mi"
)

var update = flag.Bool("update", false, "write the generated parts of docs/mi.md anew")

const (
	page        = "../../docs/mi.md"
	differences = "../testdata/differences.json"
)

// TestPage writes the parts of docs/mi.md that are made from data.
func TestPage(t *testing.T) {
	docstest.Parts(t, page, *update, map[string]string{"commands": commandTable(), "differences": differenceTable(t)})
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
		fmt.Fprintf(&b, "| %s | %s | %s |\n", strings.Join(names, ", "), strings.Join(params, ", "), docstest.Cell(c.Help))
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
		fmt.Fprintf(&b, "| %s | %s | %s |\n", docstest.Cell(d.Real), docstest.Cell(d.Ours), docstest.Cell(d.Why))
	}
	return b.String()
}

func code(s string) string { return "`" + s + "`" }

// cell is a text that Markdown leaves alone in a table.
