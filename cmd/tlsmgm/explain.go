package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/lint"
)

type explainCommand struct {
	Format string   `enum:"text,json" default:"text" placeholder:"FORMAT" help:"Form of the explanation: text (the default) or json."`
	Rules  []string `arg:"" name:"rule" complete:"all-rules" help:"ID or name of a rule, as reports have it in brackets, such as TLS303 or undefined-domain."`
}

// Help is what --help says below the first line.
func (explainCommand) Help() string {
	return `Explains a rule of check: what it finds, why that matters, how to fix it, with a bad and a good example.

Examples:

    tlsmgm explain TLS303
    tlsmgm explain unverified-clients
    tlsmgm explain undefined-domain`
}

// explanation is what there is to say about a rule.
type explanation struct {
	ruleFacts
	Why        string   `json:"why,omitempty"`
	Fix        string   `json:"fix,omitempty"`
	Bad        string   `json:"bad,omitempty"`
	Good       string   `json:"good,omitempty"`
	References []string `json:"references,omitempty"`
}

// Run explains the rules.
func (c *explainCommand) Run(std streams) error {
	list := []explanation{}
	for _, name := range c.Rules {
		ids, err := idsMatching(name)
		if err != nil {
			return err
		}
		for _, id := range ids {
			list = append(list, explain(id))
		}
	}
	if c.Format == "json" {
		encoder := json.NewEncoder(std.out)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(struct {
			Rules []explanation `json:"rules"`
		}{list})
	}
	w := bufio.NewWriter(std.out)
	for i, e := range list {
		if i > 0 {
			fmt.Fprintln(w)
		}
		e.writeText(w)
	}
	return w.Flush()
}

// explain collects what there is about the rule of an ID.
func explain(id string) (e explanation) {
	for _, r := range allRules() {
		if r.ID == id {
			e.ruleFacts = r
		}
	}
	if r := lint.Lookup(id); r != nil {
		e.Why, e.Fix, e.Bad, e.Good, e.References = r.Why, r.Fix, r.Bad.Text(), r.Good.Text(), r.References
	}
	return e
}

func (e *explanation) writeText(w io.Writer) {
	fmt.Fprintf(w, "%s\n", strings.TrimSpace(e.ID+" "+e.Name))
	kind := e.Severity + ", stage " + string(e.Stage)
	if e.Versions != "" {
		kind += ", " + e.Versions
	}
	fmt.Fprintf(w, "%s\n\n%s", kind, wrap(e.Summary))
	for _, part := range []struct{ title, text string }{
		{"Why it matters", wrap(e.Why)},
		{"How to fix it", wrap(e.Fix)},
		{"Bad", indent(e.Bad)},
		{"Good", indent(e.Good)},
		{"References", indent(strings.Join(e.References, "\n"))},
	} {
		if part.text != "" {
			fmt.Fprintf(w, "\n%s:\n\n%s", part.title, part.text)
		}
	}
	fmt.Fprintf(w, "\n%s\n", e.HelpURL)
}

// wrap breaks a text into lines that are easy to read.
func wrap(text string) string {
	const width = 80
	var b strings.Builder
	column := 0
	for word := range strings.FieldsSeq(text) {
		switch length := len([]rune(word)); {
		case column == 0:
			column = length
		case column+1+length > width:
			b.WriteString("\n")
			column = length
		default:
			b.WriteString(" ")
			column += 1 + length
		}
		b.WriteString(word)
	}
	if column > 0 {
		b.WriteString("\n")
	}
	return b.String()
}

func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("    " + strings.TrimRight(line, "\n") + "\n")
	}
	return b.String()
}
