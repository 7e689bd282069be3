package pv

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/docs/docstest"
)

var update = flag.Bool("update", false, "write the generated parts of docs/script.md anew")

const page = "../../../docs/script.md"

// TestPage writes the parts of docs/script.md that are made from the tables.
func TestPage(t *testing.T) {
	docstest.Parts(t, page, *update, map[string]string{
		"variables": variableTable(), "transformations": transformationTable(), "unsupported": unsupportedTable(),
	})
}

func variableTable() string {
	var b strings.Builder
	group := ""
	for _, e := range entries() {
		if e.group != group {
			group = e.group
			fmt.Fprintf(&b, "\n| %s | set | what it is |\n| --- | --- | --- |\n", strings.ToLower(group))
		}
		var forms []string
		for _, name := range e.names {
			form := "$" + name
			switch {
			case e.optional:
				form += "[(" + e.inner + ")]"
			case e.inner != "":
				form += "(" + e.inner + ")"
			}
			forms = append(forms, "`"+form+"`")
		}
		set := ""
		if e.writable {
			set = "set"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", strings.Join(forms, ", "), set, docstest.Cell(e.about))
	}
	return strings.TrimPrefix(b.String(), "\n") + "\n"
}

func transformationTable() string {
	var b strings.Builder
	b.WriteString("| transformation | what it gives |\n| --- | --- |\n")
	for _, tr := range transformationList() {
		form := tr.name
		if tr.args != "" {
			form += "," + tr.args
		}
		fmt.Fprintf(&b, "| `{%s}` | %s |\n", form, docstest.Cell(tr.about))
	}
	return b.String()
}

func unsupportedTable() string {
	versions := map[string][]catalogue.Version{}
	for _, v := range catalogue.Versions() {
		for _, name := range catalogue.For(v).Core().Variables {
			if !Supported(name) {
				versions[name] = append(versions[name], v)
			}
		}
	}
	// Those with the same versions stand in one row.
	rows := map[string][]string{}
	for name, list := range versions {
		text := list[0].String() + " to " + list[len(list)-1].String()
		if len(list) == 1 {
			text = list[0].String()
		}
		rows[text] = append(rows[text], "`$"+name+"`")
	}
	var texts []string
	for text := range rows {
		texts = append(texts, text)
	}
	slices.Sort(texts)
	var b strings.Builder
	b.WriteString("| versions | variables |\n| --- | --- |\n")
	for _, text := range texts {
		slices.Sort(rows[text])
		fmt.Fprintf(&b, "| %s | %s |\n", text, strings.Join(rows[text], ", "))
	}
	return b.String()
}

// cell is a text that Markdown leaves alone in a table.
