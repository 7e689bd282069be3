package lint_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/lint"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// TestExamples has each rule look at its examples: it must find what the bad one
// says and nothing else, and nothing in the good one.
func TestExamples(t *testing.T) {
	for _, rule := range lint.Rules() {
		t.Run(rule.ID+"/bad", func(t *testing.T) { checkExample(t, rule, rule.Bad, true) })
		t.Run(rule.ID+"/good", func(t *testing.T) { checkExample(t, rule, rule.Good, false) })
	}
}

func checkExample(t *testing.T, rule *lint.Rule, e lint.Example, bad bool) {
	t.Helper()
	config := parseExample(t, e)
	if !config.Accepted() {
		t.Errorf("the example is not accepted: %v", config.Diagnostics)
	}
	text := config.File.Sources.All()[0].Text
	want := wants(t, text)
	if bad != (len(want) > 0) {
		t.Errorf("the example has %d lines with a finding", len(want))
	}
	for _, f := range runExample(t, config, e, rule) {
		if !f.Span.IsValid() || f.Stage != diag.Lint || f.Rule != rule.ID {
			t.Errorf("malformed finding: %+v", f)
		}
		line := f.Span.Start.Line
		i := slices.IndexFunc(want[line], func(text string) bool { return strings.Contains(f.Message, text) })
		if i < 0 {
			t.Errorf("unexpected: %s\n%s", f, config.File.Sources.All()[0].Line(line))
			continue
		}
		want[line] = slices.Delete(want[line], i, i+1)
		checkFix(t, text, f)
	}
	for line, texts := range want {
		for _, missing := range texts {
			t.Errorf("line %d has no finding %q", line, missing)
		}
	}
}

// checkFix applies a fix. A safe one must leave a script that is accepted and
// does not have the finding.
func checkFix(t *testing.T, text string, f lint.Finding) {
	t.Helper()
	if f.Fix == nil {
		return
	}
	if f.Fix.Title == "" || len(f.Fix.Edits) == 0 {
		t.Errorf("the fix of %s says nothing or does nothing", f)
	}
	if fixed := applyFix(text, f.Fix); fixed == text {
		t.Errorf("the fix of %s changes nothing", f)
	}
}

// applyFix makes the edits of a fix, from the last to the first.
func applyFix(text string, fix *lint.Fix) string {
	edits := slices.Clone(fix.Edits)
	slices.SortFunc(edits, func(a, b lint.Edit) int { return b.Span.Start.Offset - a.Span.Start.Offset })
	for _, e := range edits {
		text = text[:e.Span.Start.Offset] + e.New + text[e.Span.End.Offset:]
	}
	return text
}

// TestFixes applies the fix of each finding of the bad examples: what is left
// must be accepted and be without the finding.
func TestFixes(t *testing.T) {
	fixed := 0
	for _, rule := range lint.Rules() {
		config := parseExample(t, rule.Bad)
		text := config.File.Sources.All()[0].Text
		for _, f := range runExample(t, config, rule.Bad, rule) {
			if f.Fix == nil {
				continue
			}
			fixed++
			after := rule.Bad
			after.Script = "# whole\n" + applyFix(text, f.Fix)
			again := parseExample(t, after)
			if !again.Accepted() {
				t.Errorf("%s: not accepted after the fix: %v", rule.ID, again.Diagnostics)
			}
			for _, left := range runExample(t, again, after, rule) {
				if left.Message == f.Message {
					t.Errorf("%s: still there after the fix: %s", rule.ID, left)
				}
			}
		}
	}
	if fixed < 8 {
		t.Errorf("only %d findings have a fix", fixed)
	}
}

var want = regexp.MustCompile(`# want((?: "(?:[^"\\]|\\.)*")+)$`)

// wants are the findings that the lines of a script say they have.
func wants(t *testing.T, text string) map[int][]string {
	t.Helper()
	found := map[int][]string{}
	for i, line := range strings.Split(text, "\n") {
		m := want.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		for _, quoted := range regexp.MustCompile(`"(?:[^"\\]|\\.)*"`).FindAllString(m[1], -1) {
			text, err := strconv.Unquote(quoted)
			if err != nil {
				t.Fatalf("line %d: %v", i+1, err)
			}
			found[i+1] = append(found[i+1], text)
		}
	}
	return found
}

// parseExample reads an example, completed to a whole script.
func parseExample(t testing.TB, e lint.Example) *cfg.Config {
	t.Helper()
	v := e.Version
	if v == 0 {
		v = catalogue.Default
	}
	config, err := cfg.Parse("opensips.cfg", whole(e.Script, v), cfg.Options{Version: v})
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// whole puts before the part of a script what it needs to be one.
func whole(script string, v catalogue.Version) string {
	script = strings.TrimPrefix(script, "\n")
	if text, isWhole := strings.CutPrefix(script, "# whole\n"); isWhole {
		return text
	}
	var b strings.Builder
	b.WriteString("log_level=3\nmpath=\"/usr/lib/opensips/modules/\"\n")
	modules := []string{"proto_udp", "proto_tls", "sl", "tm", "tls_mgm"}
	if v >= 3<<8|2 {
		modules = append(modules, "tls_openssl")
	}
	for _, m := range modules {
		if !strings.Contains(script, m+".so") {
			fmt.Fprintf(&b, "loadmodule \"%s.so\"\n", m)
		}
	}
	keyword := "listen"
	if catalogue.For(v).Has(catalogue.SocketStatement) {
		keyword = "socket"
	}
	fmt.Fprintf(&b, "%s=udp:192.0.2.10:5060\n", keyword)
	if !strings.Contains(script, "=tls:") {
		fmt.Fprintf(&b, "%s=tls:192.0.2.10:5061\n", keyword)
	}
	b.WriteString(script)
	if !strings.Contains(script, "route") {
		b.WriteString("route {\n\texit;\n}\n")
	}
	return b.String()
}

// runExample has one rule look at an example.
func runExample(t testing.TB, config *cfg.Config, e lint.Example, rules ...*lint.Rule) []lint.Finding {
	t.Helper()
	files := fixtureFiles(t)
	in := lint.Input{Config: config, Files: tlsctx.FromFS(files)}
	for _, row := range e.Rows {
		for _, blob := range []*[]byte{&row.Certificate, &row.PrivateKey, &row.CAList, &row.DHParams} {
			if f := files[strings.TrimPrefix(string(*blob), "/")]; f != nil {
				*blob = f.Data
			}
		}
		in.Rows = append(in.Rows, row)
	}
	if e.Unopened {
		in.Files = nil
	}
	return lint.Run(in, lint.Options{
		Now: certtest.Now(), Profile: lint.LookupProfile(e.Profile), Rules: rules, Passphrase: []byte(e.Passphrase),
	})
}

// TestRules refuses rules that are not documented, and names that are taken.
func TestRules(t *testing.T) {
	taken := map[string]bool{}
	for _, r := range slices.Concat(parser.Rules(), cfg.Rules(), start.Rules(), tlsctx.Rules()) {
		taken[r.ID] = true
	}
	id, name := regexp.MustCompile(`^TLS[0-5]\d\d$`), regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)
	for _, r := range lint.Rules() {
		t.Run(r.ID, func(t *testing.T) {
			if !id.MatchString(r.ID) || !name.MatchString(r.Name) {
				t.Errorf("malformed: %s %s", r.ID, r.Name)
			}
			if taken[r.ID] || taken[r.Name] {
				t.Errorf("%s or %s is taken", r.ID, r.Name)
			}
			taken[r.ID], taken[r.Name] = true, true
			for _, text := range []string{r.Summary, r.Why, r.Fix} {
				if !strings.HasSuffix(text, ".") || strings.TrimSpace(text) != text {
					t.Errorf("no sentence: %q", text)
				}
			}
			if r.Group().Title == "" || len(r.References) == 0 || r.Bad.Script == "" || r.Good.Script == "" {
				t.Error("no group, reference or example")
			}
			looks := 0
			for _, set := range []bool{r.Run != nil, r.Domain != nil, r.Certificate != nil} {
				if set {
					looks++
				}
			}
			if looks != 1 {
				t.Errorf("%d ways to look", looks)
			}
			if d := r.Diag(); d.ID != r.ID || d.Stage != diag.Lint || d.Severity != r.Severity || d.Doc != r.Summary {
				t.Errorf("as a kind of diagnostic it is %+v", d)
			}
			if lint.Lookup(strings.ToLower(r.ID)) != r || lint.Lookup(r.Name) != r {
				t.Error("it cannot be looked up")
			}
		})
	}
}

// TestGroups holds the names of rules of other packages against those there are.
func TestGroups(t *testing.T) {
	known := map[string]bool{}
	for _, r := range slices.Concat(parser.Rules(), cfg.Rules(), start.Rules(), tlsctx.Rules()) {
		known[r.ID] = true
	}
	for _, g := range lint.Groups() {
		for _, e := range g.Elsewhere {
			for _, rule := range e.Rules {
				if !known[rule] {
					t.Errorf("%s: no rule %q", g.Title, rule)
				}
			}
		}
	}
}

// TestVerdictUnchanged holds the findings and the verdicts of reading and
// starting against those without the rules having looked.
func TestVerdictUnchanged(t *testing.T) {
	for _, rule := range lint.Rules() {
		for _, e := range []lint.Example{rule.Bad, rule.Good} {
			alone := startExample(t, parseExample(t, e), nil)
			config := parseExample(t, e)
			accepted, read := config.Accepted(), len(config.Diagnostics)
			options := tlsctx.Options{Files: tlsctx.FromFS(fixtureFiles(t)), Version: config.Version, Now: certtest.Now}
			loader := tlsctx.NewLoader(options, nil)
			lint.Run(lint.Input{Config: config, Files: options.Files, Loader: loader}, lint.Options{Now: certtest.Now()})
			after := startExample(t, config, loader)
			if config.Accepted() != accepted || len(config.Diagnostics) != read || after.Verdict != alone.Verdict ||
				fmt.Sprint(after.Diagnostics) != fmt.Sprint(alone.Diagnostics) {
				t.Errorf("%s: verdict %s, %v; without looking %s, %v", rule.ID, after.Verdict, after.Diagnostics, alone.Verdict, alone.Diagnostics)
			}
			if after.Diagnostics.Has(diag.Lint, diag.Error) || after.Diagnostics.Has(diag.Lint, diag.Warning) {
				t.Errorf("%s: findings among those of a start", rule.ID)
			}
		}
	}
}

func startExample(t *testing.T, config *cfg.Config, loader *tlsctx.Loader) start.Result {
	t.Helper()
	return start.Check(t.Context(), config, start.Options{
		Files: tlsctx.FromFS(fixtureFiles(t)), Now: certtest.Now, Loader: loader,
		Source: func(*cfg.Config) (mgm.Source, error) { return noRows{}, nil },
	})
}
