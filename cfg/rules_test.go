package cfg_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// An example is a script that a rule is about. What the rule must mark stands
// between « and »; without such marks the rule must be silent, and the script
// must have no error at all.
type example struct {
	name     string
	versions string // apart by blanks; empty for the default
	script   string
	message  string // of the first mark, or a part of it
	help     string // the same
}

// ruleExamples are the examples of a rule.
type ruleExamples struct {
	rule     string
	examples []example
}

// bare begins an example that shall not get the usual first lines.
const bare = "#bare\n"

// usual are the lines that a script needs to be accepted.
const usual = `mpath="/usr/lib/opensips/modules/" loadmodule "proto_udp.so" listen=udp:127.0.0.1:5060` + "\n"

func allExamples() []ruleExamples {
	var all []ruleExamples
	for _, subject := range [][]ruleExamples{
		globalExamples, socketExamples, moduleExamples, paramExamples, domainExamples, wholeExamples,
		routeExamples, callExamples, variableExamples,
	} {
		all = append(all, subject...)
	}
	return all
}

func TestRules(t *testing.T) {
	for _, r := range allExamples() {
		t.Run(r.rule, func(t *testing.T) {
			for _, e := range r.examples {
				versions := strings.Fields(e.versions)
				if len(versions) == 0 {
					versions = []string{"2.3"}
				}
				for _, v := range versions {
					t.Run(e.name+"/"+v, func(t *testing.T) { checkExample(t, r.rule, v, &e) })
				}
			}
		})
	}
}

func checkExample(t *testing.T, rule, version string, e *example) {
	script, marks := unmark(wholeScript(e.script))
	c, err := cfg.Parse("test.cfg", script, cfg.Options{Version: parseVersion(t, version), FS: parser.OS{}})
	if err != nil {
		t.Fatal(err)
	}
	checkSpans(t, c)
	var found []string
	var first diag.Diagnostic
	for _, d := range c.Diagnostics {
		if d.Rule == rule {
			if found == nil {
				first = d
			}
			found = append(found, script[d.Span.Start.Offset:d.Span.End.Offset])
		}
	}
	if diff := cmp.Diff(marks, found); diff != "" {
		t.Errorf("marked by the rule (-want +got):\n%s\nall findings: %v", diff, c.Diagnostics)
	}
	if !strings.Contains(first.Message, e.message) || !strings.Contains(first.Help, e.help) {
		t.Errorf("got message %q and help %q, want %q and %q", first.Message, first.Help, e.message, e.help)
	}
	if errors, _, _ := c.Diagnostics.Count(); len(marks) == 0 && errors > 0 {
		t.Errorf("got errors: %v", c.Diagnostics)
	}
}

func wholeScript(script string) string {
	if strings.HasPrefix(script, bare) {
		return script
	}
	return usual + script
}

// unmark takes the marks out of a script and gives what they enclose.
func unmark(script string) (plain string, marks []string) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(script, "«")
		b.WriteString(before)
		if !found {
			return b.String(), marks
		}
		marked, after, _ := strings.Cut(rest, "»")
		b.WriteString(marked)
		marks = append(marks, marked)
		script = after
	}
}

// TestRulesHaveExamples holds the list of rules against the examples: each rule
// must have one where it fires and one where it is silent.
func TestRulesHaveExamples(t *testing.T) {
	fires, silent := map[string]bool{}, map[string]bool{}
	for _, r := range allExamples() {
		for _, e := range r.examples {
			if strings.Contains(e.script, "«") {
				fires[r.rule] = true
			} else {
				silent[r.rule] = true
			}
		}
	}
	ids := map[string]bool{}
	for _, r := range cfg.Rules() {
		if ids[r.ID] {
			t.Errorf("rule %s is listed twice", r.ID)
		}
		ids[r.ID] = true
		if !fires[r.ID] || !silent[r.ID] {
			t.Errorf("rule %s: example where it fires %t, where it is silent %t", r.ID, fires[r.ID], silent[r.ID])
		}
		if r.Doc == "" || !strings.HasSuffix(r.Doc, ".") || r.Stage == "" {
			t.Errorf("rule %s: doc %q, stage %q", r.ID, r.Doc, r.Stage)
		}
	}
	for id := range fires {
		if !ids[id] {
			t.Errorf("rule %s has examples and is not listed", id)
		}
	}
}

// TestFindingsAreOfListedRules holds what the examples find against the lists
// of rules.
func TestFindingsAreOfListedRules(t *testing.T) {
	listed := map[string]*diag.Rule{}
	for _, r := range append(cfg.Rules(), parser.Rules()...) {
		listed[r.ID] = r
	}
	for _, r := range allExamples() {
		for _, e := range r.examples {
			script, _ := unmark(wholeScript(e.script))
			c, err := cfg.Parse("test.cfg", script, cfg.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range c.Diagnostics {
				if listed[d.Rule] == nil {
					t.Errorf("%s: rule %q is not listed", d, d.Rule)
				} else if d.Stage != listed[d.Rule].Stage || d.Severity < listed[d.Rule].Severity {
					t.Errorf("%s: stage %q, rule has %v", d, d.Stage, listed[d.Rule])
				}
			}
		}
	}
}
