package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/lint/ignore"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/expand"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// The tests of the documentation work at the root of the repository.
const root = "../.."

var fence = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")

// snippets says how each kind of fenced block in the documentation is checked.
// A check gives the text that should stand there.
var snippets = map[string]func(t *testing.T, text string) string{
	"console":  checkConsole,
	"json":     checkJSON,
	"opensips": checkOpenSIPS,
	"sh":       checkShell,
	"yaml":     checkYAML,
	"text":     func(_ *testing.T, text string) string { return text },
}

// TestSnippets runs or parses what the documentation shows, so that it is what
// users get.
func TestSnippets(t *testing.T) {
	t.Chdir(root)
	for _, file := range documents(t) {
		t.Run(file, func(t *testing.T) {
			text := readFile(t, file)
			got := fence.ReplaceAllStringFunc(text, func(block string) string {
				m := fence.FindStringSubmatch(block)
				check, ok := snippets[m[1]]
				if !ok {
					t.Errorf("no check for a snippet of the kind %q:\n%s", m[1], m[2])
					return block
				}
				return "```" + m[1] + "\n" + check(t, m[2]) + "```"
			})
			compareGolden(t, file, got)
		})
	}
}

func documents(t *testing.T) []string {
	t.Helper()
	files := []string{"README.md"}
	err := filepath.WalkDir("docs", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".md") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// checkConsole runs the lines that begin with "$ " and puts what they print
// below them. Those of make and go are only looked at.
func checkConsole(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	skipping := false
	for line := range strings.Lines(text) {
		command, ok := strings.CutPrefix(line, "$ ")
		if !ok {
			if skipping {
				b.WriteString(line)
			}
			continue
		}
		b.WriteString(line)
		skipping = dryRun(t, strings.TrimSpace(command))
		if !skipping {
			b.WriteString(runShell(t, command))
		}
	}
	return b.String()
}

// dryRun makes sure of a command that is not to be run from a test. It reports
// whether the command is one.
func dryRun(t *testing.T, command string) bool {
	t.Helper()
	words := strings.Fields(command)
	switch words[0] {
	case "make":
		if out, err := exec.Command("make", append([]string{"--dry-run"}, words[1:]...)...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
	case "go", "git", "cd":
	default:
		return false
	}
	return true
}

// runShell gives what a command prints. It may fail: tlsmgm check does so where
// it finds something.
func runShell(t *testing.T, command string) string {
	t.Helper()
	// The test binary stands for tlsmgm in $PATH.
	command = strings.ReplaceAll(command, "bin/tlsmgm", "tlsmgm")
	out, err := exec.Command("sh", "-c", command).CombinedOutput()
	if err != nil && len(out) == 0 {
		t.Errorf("%s: %v", command, err)
	}
	return string(out)
}

func checkJSON(t *testing.T, text string) string {
	t.Helper()
	if !json.Valid([]byte(text)) {
		t.Errorf("not valid JSON:\n%s", text)
	}
	return text
}

// checkOpenSIPS makes sure that a part of a script has no error that does not
// come from its being a part.
func checkOpenSIPS(t *testing.T, text string) string {
	t.Helper()
	config, err := cfg.Parse("snippet", text, cfg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	partial := []string{"module-not-loaded", "unknown-function", "no-transport", "no-protocol-module", "missing-dependency", "undefined-domain"}
	for _, d := range config.Diagnostics {
		if d.Severity == diag.Error && !slices.Contains(partial, d.Rule) {
			t.Errorf("%s\n%s", d, text)
		}
	}
	return text
}

func checkShell(t *testing.T, text string) string {
	t.Helper()
	if out, err := exec.Command("sh", "-n", "-c", text).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s%s", err, out, text)
	}
	return text
}

// checkSettings makes sure that settings are ones.
func checkSettings(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), settingsName)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readSettings(file); err != nil {
		t.Error(err)
	}
	return text
}

// withoutExample are the rules that no file in testdata/err breaks.
var withoutExample = map[string]string{
	"deprecated-global":  "comes with the versions from 3.0 on",
	"parameter-at-start": "comes with the versions from 3.0 on",
	"too-deep":           "takes ten thousand brackets",
	"too-many":           "takes hundreds of errors",
	"too-many-routes":    "takes hundreds of routes",
}

// TestRulesPage writes docs/rules.md from the rules and the golden files.
func TestRulesPage(t *testing.T) {
	t.Chdir(root)
	var b strings.Builder
	b.WriteString("# Rules\n\nWhat `tlsmgm check` finds, by the name that stands in brackets behind each finding.\n" +
		"This page is made from the rules and from `testdata/err` by `make generate`.\n" +
		"Settings that a server takes but that are wrong or weak are found by the [lint rules](rules/README.md).\n")
	for _, part := range []struct {
		title       string
		rules       []*diag.Rule
		needsScript bool // and nothing else, such as certificates
	}{
		{"The language", parser.Rules(), true},
		{"What a script means", cfg.Rules(), true},
		{"Whether the server starts", start.Rules(), false},
		{"TLS domains", tlsctx.Rules(), false},
		{"Comments that ignore findings", ignore.Rules(), true},
		{"Templates", expand.Rules(), false},
	} {
		fmt.Fprintf(&b, "\n## %s\n", part.title)
		for _, rule := range part.rules {
			fmt.Fprintf(&b, "\n### %s\n\n*%s, %s stage.* %s\n", rule.ID, rule.Severity, rule.Stage, rule.Doc)
			if text := example(t, rule.ID); text != "" {
				fmt.Fprintf(&b, "\n```text\n%s```\n", text)
			} else if part.needsScript && withoutExample[rule.ID] == "" {
				t.Errorf("rule %s has no example in testdata/err", rule.ID)
			}
		}
	}
	compareGolden(t, "docs/rules.md", b.String())
}

// example is the first finding of a rule in the golden files.
func example(t *testing.T, rule string) string {
	t.Helper()
	finding := regexp.MustCompile(`(?m)^.*\[` + regexp.QuoteMeta(rule) + `\]\n(?: .*\n)*`)
	for _, file := range scripts(t, "testdata/err/*.txt") {
		if text := finding.FindString(readFile(t, file)); text != "" {
			return strings.ReplaceAll(text, "err/", "")
		}
	}
	return ""
}

// A rule is told by its name alone, in reports, on the page and in what will be
// written to ignore it.
func TestRuleNames(t *testing.T) {
	form := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	seen := map[string]bool{}
	for _, rule := range slices.Concat(serverRules(), ownRules()) {
		if !form.MatchString(rule.ID) || seen[rule.ID] {
			t.Errorf("name %q is malformed or taken", rule.ID)
		}
		seen[rule.ID] = true
		if !strings.HasSuffix(rule.Doc, ".") {
			t.Errorf("%s: the documentation is no sentence: %q", rule.ID, rule.Doc)
		}
	}
}

// TestArchitecture holds the table in docs/architecture.md against the code:
// which packages there are, and what each may import.
func TestArchitecture(t *testing.T) {
	t.Chdir(root)
	documented := importTable(t, "docs/architecture.md")
	actual := imports(t)
	for name, may := range documented {
		does, ok := actual[name]
		if !ok {
			t.Errorf("docs/architecture.md has a row for %s, which does not exist", name)
		}
		for _, path := range does {
			if !slices.Contains(may, path) {
				t.Errorf("%s imports %s, which docs/architecture.md does not allow", name, path)
			}
		}
	}
	for name := range actual {
		if _, ok := documented[name]; !ok {
			t.Errorf("docs/architecture.md has no row for %s, which imports %q", name, actual[name])
		}
	}
}

// importTable reads the rows "| package | responsibility | may import | libraries |".
func importTable(t *testing.T, file string) map[string][]string {
	t.Helper()
	table := map[string][]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|[^|]*\\|([^|]*)\\|([^|]*)\\|$").FindAllStringSubmatch(readFile(t, file), -1) {
		names := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[2]+row[3], -1)
		list := make([]string, 0, len(names))
		for _, name := range names {
			list = append(list, name[1])
		}
		table[row[1]] = list
	}
	if len(table) == 0 {
		t.Fatalf("%s has no table", file)
	}
	return table
}

// imports lists what each package imports but for the standard library: those
// of the project by their folder, others by their path.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	const module = "github.com/opensips-tools/tlsmgm/"
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		list := []string{}
		for _, path := range words[1:] {
			own, isOwn := strings.CutPrefix(path, module)
			host, _, _ := strings.Cut(path, "/")
			switch {
			case isOwn:
				list = append(list, own)
			case strings.Contains(host, "."):
				list = append(list, path)
			}
		}
		packages[strings.TrimPrefix(words[0], module)] = list
	}
	return packages
}

// TestLinks looks for the files that the documentation links to.
func TestLinks(t *testing.T) {
	t.Chdir(root)
	link := regexp.MustCompile(`\]\(([^)#]+)`)
	for _, file := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(readFile(t, file), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(file), m[1])); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}
