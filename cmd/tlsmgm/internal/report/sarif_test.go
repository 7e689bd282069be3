package report

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/xeipuuv/gojsonschema"
	"pgregory.net/rapid"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	opensips "github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// standard is the schema of SARIF 2.1.0 with its errata. It is not ours to
// store, so it is taken from the source of a module that has it, where it is a
// constant that the package keeps to itself.
var standard = sync.OnceValues(func() (*gojsonschema.Schema, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3").Output()
	if err != nil {
		return nil, err
	}
	name := filepath.Join(strings.TrimSpace(string(dir)), "pkg", "report", "v210", "sarif", "schema.go")
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		return nil, err
	}
	var text string
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			text, err = strconv.Unquote(literal.Value)
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	return gojsonschema.NewSchema(gojsonschema.NewStringLoader(text))
})

// fataler is what *testing.T and *rapid.T have in common.
type fataler interface {
	Fatalf(format string, args ...any)
}

// validSARIF writes a report, and holds it against the standard.
func validSARIF(t fataler, r *Report) []byte {
	var text bytes.Buffer
	if err := WriteSARIF(&text, r); err != nil {
		t.Fatalf("%v", err)
	}
	schema, err := standard()
	if err != nil {
		t.Fatalf("the schema: %v", err)
	}
	result, err := schema.Validate(gojsonschema.NewBytesLoader(text.Bytes()))
	if err != nil {
		t.Fatalf("%v\n%s", err, &text)
	}
	for _, e := range result.Errors() {
		t.Fatalf("%s\n%s", e, &text)
	}
	return text.Bytes()
}

func TestSARIFIsValid(t *testing.T) {
	for name, r := range map[string]*Report{
		"everything": fullReport(), "nothing": {OpenSIPS: catalogue.Default}, "without a catalogue of rules": tlsReport(),
	} {
		t.Run(name, func(t *testing.T) { validSARIF(t, r) })
	}
}

// The validator has to notice what is wrong, or the other tests prove nothing.
func TestSARIFSchema(t *testing.T) {
	schema, err := standard()
	if err != nil {
		t.Fatal(err)
	}
	good := string(validSARIF(t, fullReport()))
	for _, change := range [][2]string{
		{`"version": "2.1.0"`, `"version": "2.0.0"`},
		{`"startLine": 1,`, `"startLine": 0,`},
		{`"uriBaseId"`, `"uribaseid"`},
		{`"level": "note"`, `"level": "notice"`},
		{`"helpUri": "https:`, `"helpUri": "ht tps:`},
		{`"ruleId": "TLS001",`, `"ruleId": 1,`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Fatalf("there is no %s in\n%s", change[0], good)
		}
		result, err := schema.Validate(gojsonschema.NewStringLoader(bad))
		if err != nil || result.Valid() {
			t.Errorf("%s counts as valid: %v", change[1], err)
		}
	}
}

// scriptReport is what the scripts below a folder have, as the program has it.
func scriptReport(t *testing.T, files []string) *Report {
	t.Helper()
	r := &Report{OpenSIPS: catalogue.Default, Tolerated: diag.Warning}
	for _, name := range files {
		config, err := cfg.Load(name, cfg.Options{FS: opensips.OS{}})
		if err != nil {
			t.Fatal(err)
		}
		r.Files = append(r.Files, File{Name: name, Read: Accepted, Diagnostics: config.Diagnostics, Sources: config.File.Sources.All()})
	}
	return r
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestSARIFOfScripts validates the findings of all scripts there are, and reads
// them as another program would.
func TestSARIFOfScripts(t *testing.T) {
	t.Chdir("../../../..") // the root of the repository
	files := glob(t, "testdata/*/*.cfg")
	if len(files) < 20 {
		t.Fatalf("only %d scripts", len(files))
	}
	for i, name := range glob(t, "../shared/corpus/files/*.cfg") {
		if i%4 == 0 { // all take their time
			files = append(files, name)
		}
	}
	for _, some := range chunks(files, 100) {
		r := scriptReport(t, some)
		log, err := sarif.FromBytes(validSARIF(t, r))
		if err != nil {
			t.Fatal(err)
		}
		e, w, n := r.Count()
		if got := len(log.Runs[0].Results); got != e+w+n {
			t.Errorf("%d results, %d findings", got, e+w+n)
		}
		if got := len(log.Runs[0].Artifacts); got != len(some) {
			t.Errorf("%d artifacts, %d scripts", got, len(some))
		}
	}
}

func chunks(list []string, size int) (parts [][]string) {
	for len(list) > size {
		parts, list = append(parts, list[:size]), list[size:]
	}
	return append(parts, list)
}

// Whatever bytes there are, the log is valid, and rules are where results say.
func TestSARIFOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var log sarifLog
		if err := json.Unmarshal(validSARIF(t, anyReport(t)), &log); err != nil {
			t.Fatal(err)
		}
		run := log.Runs[0]
		for _, result := range run.Results {
			if rule := run.Tool.Driver.Rules[result.RuleIndex]; rule.ID != result.Rule {
				t.Fatalf("rule %d is %q, not %q", result.RuleIndex, rule.ID, result.Rule)
			}
		}
	})
}

// A region is a slice of the line as programs count it.
func TestSARIFRegion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, marked, after := rapid.String().Draw(t, "before"), rapid.String().Draw(t, "marked"), rapid.String().Draw(t, "after")
		line := before + marked + after
		if strings.ContainsAny(line, "\r\n") {
			t.Skip("more than a line")
		}
		f := &File{Name: "a.cfg", Sources: []*opensips.Source{{Name: "a.cfg", Text: "x\n" + line + "\n"}}}
		region := newSARIFPlace(&Report{}, f, span("a.cfg", 2, len(before)+1, 2, len(before)+len(marked)+1)).Region
		units := utf16.Encode([]rune(line))
		if got := string(utf16.Decode(units[region.StartColumn-1 : region.EndColumn-1])); got != marked {
			t.Fatalf("columns %d to %d are %q, not %q", region.StartColumn, region.EndColumn, got, marked)
		}
	})
}

// The edits of a fix, applied by the columns of the log to the text, give what
// they would give by their bytes.
func TestSARIFFix(t *testing.T) {
	r := fullReport()
	var log sarifLog
	if err := json.Unmarshal(validSARIF(t, r), &log); err != nil {
		t.Fatal(err)
	}
	fixes := log.Runs[0].Results[0].Fixes
	if len(fixes) != 1 || len(fixes[0].Changes) != 2 || len(fixes[0].Changes[0].Replacements) != 2 || len(fixes[0].Changes[1].Replacements) != 1 {
		t.Fatalf("not the one fix that can be shown, by file: %+v", fixes)
	}
	replacement := fixes[0].Changes[0].Replacements[0]
	line := utf16.Encode([]rune(r.Files[0].Sources[1].Line(1)))
	got := string(utf16.Decode(line[:replacement.Deleted.StartColumn-1])) + replacement.Inserted.Text +
		string(utf16.Decode(line[replacement.Deleted.EndColumn-1:]))
	want := "modparam(\"tls_mgm\", \"certificate\", \"[𝄞]\n/etc/[x](1)\x1b.pem\")"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if len(log.Runs[0].Results[1].Fixes) != 0 {
		t.Error("the second finding has the fixes of the first")
	}
}

// Only what is meant as a reference is one.
func TestSARIFLinks(t *testing.T) {
	for text, want := range map[string]string{
		"see [x](1)":  `see \[x\](1)`,
		"[dom] alone": "[dom] alone",
		"a (b) [c]":   "a (b) [c]",
	} {
		if got := escapeLinks(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	if got := linkTo(`the [x] of C:\`, 2); got != `[the \[x\] of C:\\](2)` {
		t.Error(got)
	}
}

func TestBase(t *testing.T) {
	base := Base{Dir: "/repo/etc", Root: "/repo"}
	for _, tt := range []struct {
		base Base
		name string
		path string
		uri  string
		ok   bool
	}{
		{base, "a.cfg", "etc/a.cfg", "etc/a.cfg", true},
		{base, "./x/../a.cfg", "etc/a.cfg", "etc/a.cfg", true},
		{base, "../b.cfg", "b.cfg", "b.cfg", true},
		{base, "/repo/c d.cfg", "c d.cfg", "c%20d.cfg", true},
		{base, "/repo/a:b.cfg", "a:b.cfg", "./a:b.cfg", true},
		{base, "/repo/\xff%.cfg", "\xff%.cfg", "%FF%25.cfg", true},
		{base, "/etc/opensips.cfg", "/etc/opensips.cfg", "file:///etc/opensips.cfg", false},
		{base, "../../etc/opensips.cfg", "/etc/opensips.cfg", "file:///etc/opensips.cfg", false},
		{base, "/repository/a.cfg", "/repository/a.cfg", "file:///repository/a.cfg", false},
		{base, "<stdin>", "<stdin>", "%3Cstdin%3E", true},
		{Base{}, "a/b.cfg", "a/b.cfg", "a/b.cfg", true},
		{Base{}, "../b.cfg", "../b.cfg", "../b.cfg", false},
		{Base{}, "/b.cfg", "/b.cfg", "file:///b.cfg", false},
	} {
		path, ok := tt.base.relative(tt.name)
		uri, _ := tt.base.uri(tt.name)
		if path != tt.path || ok != tt.ok || uri != tt.uri {
			t.Errorf("%+v: %q is %q, %v, %q", tt.base, tt.name, path, ok, uri)
		}
		parsed, err := url.Parse(uri)
		if err != nil || strings.TrimPrefix(parsed.Path, "./") != tt.path {
			t.Errorf("%q is read as %q, %v", uri, parsed.Path, err)
		}
	}
}
