package main

import (
	"slices"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/report"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser"
)

// rulesPage describes the rules, each under its name.
const rulesPage = "https://github.com/opensips-tools/tlsmgm/blob/main/docs/rules.md#"

// ruleInfos are the rules of what a server does, as reports show them.
func ruleInfos() []report.RuleInfo {
	var infos []report.RuleInfo
	for _, rule := range slices.Concat(parser.Rules(), cfg.Rules(), start.Rules(), tlsctx.Rules()) {
		infos = append(infos, report.RuleInfo{
			ID: rule.ID, Summary: rule.Doc, HelpURL: rulesPage + rule.ID, Severity: rule.Severity,
			Tags: []string{"opensips", string(rule.Stage)},
		})
	}
	return infos
}
