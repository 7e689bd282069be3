package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/lint"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

type rulesCommand struct {
	Format string   `enum:"text,json" default:"text" placeholder:"FORMAT" help:"Form of the list: text (the default) or json."`
	Stage  string   `enum:"all,read,start,lint" default:"all" placeholder:"STAGE" help:"Rules of one stage: read, start or lint; all is the default."`
	Rules  []string `arg:"" optional:"" name:"rule" complete:"all-rules" help:"ID or name of a rule, or the beginning of IDs, such as TLS1. Without one, all are listed."`
}

// Help is what --help says below the first line.
func (rulesCommand) Help() string {
	return `Lists the rules that check has, with their severity, and the stage at which a server would notice: read, start, or lint where it never does. explain tells more about one.

Examples:

    tlsmgm rules --stage lint
    tlsmgm rules TLS1
    tlsmgm rules --format json | jq -r '.rules[].id'`
}

// ruleFacts is a rule in the list.
type ruleFacts struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"` // empty for a rule whose ID is its name
	Severity string     `json:"severity"`
	Stage    diag.Stage `json:"stage"`
	Versions string     `json:"versions"` // empty for rules of all versions that do not say
	Summary  string     `json:"summary"`
	HelpURL  string     `json:"help_url"`
}

// allRules lists the rules of the server, then those of lint, then those about
// remarks.
func allRules() (list []ruleFacts) {
	plain := func(rules []*diag.Rule) {
		for _, r := range rules {
			list = append(list, ruleFacts{r.ID, "", r.Severity.String(), r.Stage, "", r.Doc, rulesPage + r.ID})
		}
	}
	plain(serverRules())
	for _, r := range lint.Rules() {
		list = append(list, ruleFacts{r.ID, r.Name, r.Severity.String(), diag.Lint, r.Versions(), r.Summary, lintPages + r.ID + ".md"})
	}
	plain(ownRules())
	return list
}

// Run lists the rules.
func (c *rulesCommand) Run(std streams) error {
	list := slices.DeleteFunc(allRules(), func(r ruleFacts) bool { return c.Stage != "all" && c.Stage != string(r.Stage) })
	if c.Rules != nil {
		chosen := map[string]bool{}
		for _, pattern := range c.Rules {
			ids, err := idsMatching(pattern)
			if err != nil {
				return err
			}
			for _, id := range ids {
				chosen[id] = true
			}
		}
		list = slices.DeleteFunc(list, func(r ruleFacts) bool { return !chosen[r.ID] })
	}
	if c.Format == "json" {
		return json.NewEncoder(std.out).Encode(struct {
			Rules []ruleFacts `json:"rules"`
		}{append([]ruleFacts{}, list...)})
	}
	return writeRules(std.out, list)
}

func writeRules(w io.Writer, list []ruleFacts) error {
	table := newTable(w)
	for _, r := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", strings.TrimSpace(r.ID+" "+r.Name), r.Severity, r.Stage, r.Summary)
	}
	return table.Flush()
}

// idsMatching are the IDs that an argument means.
func idsMatching(pattern string) (ids []string, err error) {
	if slices.ContainsFunc(allRules(), func(r ruleFacts) bool { return r.ID == pattern }) {
		return []string{pattern}, nil
	}
	rules, err := lint.Matching(pattern)
	if err != nil {
		message := fmt.Sprintf("there is no rule %q", pattern)
		if advice := didYouMean(pattern); advice != "" {
			message += ": " + advice
		}
		return nil, wrongUsage("%s", message)
	}
	for _, r := range rules {
		ids = append(ids, r.ID)
	}
	return ids, nil
}
