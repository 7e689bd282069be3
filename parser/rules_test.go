package parser

import (
	"regexp"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, rule := range Rules() {
		if !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(rule.ID) || seen[rule.ID] {
			t.Errorf("the name %q is odd, or not the only one", rule.ID)
		}
		seen[rule.ID] = true
		if !strings.HasSuffix(rule.Doc, ".") || rule.Stage != diag.Read {
			t.Errorf("%s: stage %q, %q", rule.ID, rule.Stage, rule.Doc)
		}
	}
}

// ruleScripts break one rule each.
var ruleScripts = map[string]string{
	"syntax":           "route\n",
	"unclosed":         "\"\n",
	"include":          "include_file \"missing.cfg\"\n",
	"too-deep":         "route { if " + strings.Repeat("(", 10_000),
	"too-many":         strings.Repeat("route\n", maxErrors+1),
	"import-skipped":   "import_file \"missing.cfg\"\n",
	"ignored-bytes":    "?\n",
	"comment-at-end":   "#",
	"unclosed-comment": "/*\n",
}

// Every finding is of a rule, as that says.
func TestFindingsFollowRules(t *testing.T) {
	d := dialect23(t)
	for _, rule := range Rules() {
		script, known := ruleScripts[rule.ID]
		if !known {
			t.Errorf("no script breaks %s", rule.ID)
		}
		found := false
		for _, finding := range parseText(t, d, script).Findings {
			if finding.Rule == rule.ID {
				found = true
				if finding.Severity != rule.Severity || finding.Stage != rule.Stage {
					t.Errorf("%s: severity %s, stage %s", finding.Diagnostic, finding.Severity, finding.Stage)
				}
			}
		}
		if !found {
			t.Errorf("nothing was found of %s", rule.ID)
		}
	}
}

// After too many errors the last thing that is told is that there are more.
func TestTooManyErrors(t *testing.T) {
	for name, script := range map[string]string{
		"statements": strings.Repeat("listen=\n", 2*maxErrors),
		"actions":    "route {\n" + strings.Repeat("f(;\n", 2*maxErrors) + "}\nlisten=\n",
		"routes":     strings.Repeat("route { f(; }\n", 2*maxErrors),
	} {
		f := parseText(t, dialect23(t), script)
		last := f.Findings[len(f.Findings)-1]
		if len(f.Findings) != maxErrors+1 || last.Rule != ruleTooMany.ID || !f.Unread {
			t.Errorf("%s: %d findings, the last %q, unread %v", name, len(f.Findings), last.Message, f.Unread)
		}
	}
	f := parseText(t, dialect23(t), "log_level=1 "+strings.Repeat("?\n", 2*maxErrors)+"listen=\n")
	if n := len(f.Findings); n != maxErrors+2 || f.Findings[n-1].Rule != ruleSyntax.ID || f.Unread {
		t.Errorf("%d findings, the last %q, unread %v", n, f.Findings[n-1].Message, f.Unread)
	}
}
