package main

import (
	"slices"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/lint"
	"github.com/opensips-tools/tlsmgm/cfg/lint/ignore"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/expand"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/report"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// The pages that describe the rules: of what a server does, each under its name,
// and of lint rules, a page each.
const (
	docsPage  = "https://github.com/opensips-tools/tlsmgm/blob/main/docs/"
	rulesPage = docsPage + "rules.md#"
	lintPages = docsPage + "rules/"
)

// serverRules are the rules of what a server does.
func serverRules() []*diag.Rule {
	return slices.Concat(parser.Rules(), cfg.Rules(), start.Rules(), tlsctx.Rules())
}

// ownRules are about what only tlsmgm knows of: remarks and templates.
func ownRules() []*diag.Rule { return slices.Concat(ignore.Rules(), expand.Rules()) }

// ruleInfos are all rules, as reports show them.
func ruleInfos() []report.RuleInfo {
	var infos []report.RuleInfo
	for _, rule := range slices.Concat(serverRules(), ownRules()) {
		infos = append(infos, report.RuleInfo{
			ID: rule.ID, Summary: rule.Doc, HelpURL: rulesPage + rule.ID, Severity: rule.Severity,
			Tags: []string{"opensips", string(rule.Stage)},
		})
	}
	for _, rule := range lint.Rules() {
		infos = append(infos, report.RuleInfo{
			ID: rule.ID, Name: rule.Name, Summary: rule.Summary, Why: rule.Why, Fix: rule.Fix,
			HelpURL: lintPages + rule.ID + ".md", Severity: rule.Severity,
			Tags: []string{"opensips", string(diag.Lint), "security"},
		})
	}
	return infos
}
