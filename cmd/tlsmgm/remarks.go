package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/lint"
	"github.com/opensips-tools/tlsmgm/cfg/lint/ignore"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/report"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// applyRemarks takes out the findings that comments of the script ignore, and
// tells what is wrong with those comments.
func applyRemarks(file *report.File, in lint.Input, o lint.Options, rules *ruleSettings) {
	server := serverRules()
	lookup := func(name string) (ignore.Rule, bool) {
		if rule := lint.Lookup(name); rule != nil {
			return ignore.Rule{ID: rule.ID, Looked: in.Shows(rule, o)}, true
		}
		i := slices.IndexFunc(server, func(r *diag.Rule) bool { return r.ID == name })
		if i < 0 {
			return ignore.Rule{}, false
		}
		return ignore.Rule{ID: name, Looked: server[i].Stage == diag.Read || in.Files != nil}, true
	}
	left, problems := ignore.Apply(in.Config.File, file.Diagnostics, lookup, adviseRemark)
	keep(file, left)
	file.Diagnostics = append(file.Diagnostics, rules.apply(problems)...)
}

// dropUsedElsewhere takes out what is said of remarks in an include that find nothing
// in one script but do in another of the run.
func dropUsedElsewhere(files []report.File) {
	left := make([][]bool, len(files))
	for i := range files {
		for _, d := range files[i].Diagnostics {
			used := d.Rule == ignore.RuleUnused && slices.ContainsFunc(files, func(other report.File) bool { return hasAndUses(&other, d) })
			left[i] = append(left[i], !used)
		}
	}
	for i := range files {
		if slices.Contains(left[i], false) {
			keep(&files[i], left[i])
		}
	}
}

// hasAndUses reports whether a script has the file of a remark and nothing against
// it.
func hasAndUses(file *report.File, unused diag.Diagnostic) bool {
	return slices.ContainsFunc(file.Sources, func(s *parser.Source) bool { return s.Name == unused.Span.Start.File }) &&
		!slices.ContainsFunc(file.Diagnostics, func(d diag.Diagnostic) bool { return d.Rule == unused.Rule && d.Span == unused.Span })
}

// adviseRemark is advice for a name in a remark that is none of a rule. Elsewhere
// the beginnings of IDs stand for all that have them.
func adviseRemark(name string) string {
	if strings.HasPrefix(name, "TLS") && slices.ContainsFunc(allRuleNames(), func(n string) bool { return strings.HasPrefix(n, name) }) {
		return "a remark is for single rules: write their whole IDs"
	}
	return cmp.Or(didYouMean(name), "tlsmgm rules lists them")
}

// didYouMean is advice for a rule that there is not.
func didYouMean(name string) string {
	if nearest := catalogue.Nearest(name, allRuleNames()); nearest != "" {
		return fmt.Sprintf("did you mean %q", nearest)
	}
	return ""
}

// allRuleNames are the IDs of all rules, and the names of those that have one.
func allRuleNames() (names []string) {
	for _, info := range ruleInfos() {
		names = append(names, info.ID)
		if info.Name != "" {
			names = append(names, info.Name)
		}
	}
	return names
}

// keep leaves those findings of a file that are marked, with their fixes.
func keep(file *report.File, left []bool) {
	var list diag.List
	fixes := map[int][]report.Fix{}
	for i, d := range file.Diagnostics {
		if !left[i] {
			continue
		}
		if fix := file.Fixes[i]; fix != nil {
			fixes[len(list)] = fix
		}
		list = append(list, d)
	}
	file.Diagnostics, file.Fixes = list, fixes
}
