package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

var update = flag.Bool("update", false, "write the golden files anew")

const testTemplate = `{{range .Diagnostics}}{{.File}}:{{.Line}}:{{.Column}}-{{.EndLine}}:{{.EndColumn}} {{upper .Severity}} {{.Stage}} {{.Rule}} {{.HelpURL}} {{.Fingerprint}}
{{.Message}}{{with .Help}}; {{.}}{{end}}
{{.Snippet}}
{{json .Related}} {{json .Fixes}}
{{end}}{{.OpenSIPS}} {{join ", " .Files}} {{json .Verdict}} {{json .Summary}} {{replace "e" "E" (lower "HELLO")}}
`

// written is the report in a form.
func written(t fataler, f Format, r *Report) string {
	argument := ""
	if f.Argument != "" {
		argument = testTemplate
	}
	write, err := f.Writer(argument)
	if err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	var text strings.Builder
	if err := write(&text, r, false); err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	return text.String()
}

// TestFormatsGolden writes a report with everything in all forms.
func TestFormatsGolden(t *testing.T) {
	for _, f := range Formats() {
		t.Run(f.Name, func(t *testing.T) {
			got := written(t, f, fullReport())
			golden := filepath.Join("testdata", "full."+f.Name)
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s is not what it was; go test -update accepts it\n-want +got\n%s", golden, diff)
			}
		})
	}
}

func TestFormats(t *testing.T) {
	names := FormatNames()
	if names[0] != "text" {
		t.Errorf("the default is %s", names[0])
	}
	form := regexp.MustCompile("^[a-z]+$") // no comma and no =, which separate them
	for _, name := range names {
		f, err := FormatNamed(name)
		if err != nil || f.Name != name || !form.MatchString(name) {
			t.Errorf("%s is %q, %v", name, f.Name, err)
		}
	}
	if _, err := FormatNamed("xml"); err == nil || err.Error() != `expected one of text, json, sarif, github, junit, checkstyle, template, found "xml"` {
		t.Error(err)
	}
}

// No form has a byte that a terminal acts upon or that is no text, wherever it
// comes from.
func TestFormatsAreSafe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyReport(t)
		for _, f := range Formats() {
			got := written(t, f, r)
			if !utf8.ValidString(got) {
				t.Fatalf("%s is not UTF-8: %q", f.Name, got)
			}
			if i := strings.IndexFunc(got, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }); i >= 0 {
				// JSON escapes those below space, and leaves DEL and those above.
				if r, _ := utf8.DecodeRuneInString(got[i:]); f.Name != "json" || r < ' ' {
					t.Fatalf("%s has the control character %q: %q", f.Name, r, got)
				}
			}
		}
	})
}

func TestFormatsWriteErrors(t *testing.T) {
	for _, f := range Formats() {
		argument := ""
		if f.Argument != "" {
			argument = testTemplate
		}
		write, err := f.Writer(argument)
		if err != nil {
			t.Fatal(err)
		}
		if err := write(brokenPipe{}, fullReport(), false); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

// anyReport has bytes of every kind wherever a report takes text from a script
// or a machine.
func anyReport(t *rapid.T) *Report {
	text := rapid.OneOf(
		rapid.String(),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.SampledFrom([]string{"]]>", "[a](1)", "%0A::error::x", "\x1b[2J", "\u202e", "\ufffe", "a\r\nb", "{{.}}", "&<>\"'", "../x", "/x:y,z"}),
	)
	name := text.Draw(t, "name")
	source := &parser.Source{Name: name, Text: text.Draw(t, "source")}
	place := func(label string) diag.Span {
		if rapid.Bool().Draw(t, label+" is nowhere") {
			return diag.Span{}
		}
		file := rapid.SampledFrom([]string{name, "other.cfg"}).Draw(t, label+" file")
		line, column := rapid.IntRange(1, 5).Draw(t, label+" line"), rapid.IntRange(1, 30).Draw(t, label+" column")
		return span(file, line, column, line+rapid.IntRange(0, 2).Draw(t, label+" lines"), column+rapid.IntRange(0, 3).Draw(t, label+" columns"))
	}
	file := File{Name: name, Sources: []*parser.Source{source}, Read: Accepted, Fixes: map[int][]Fix{}}
	for i := range rapid.IntRange(0, 3).Draw(t, "findings") {
		file.Diagnostics = append(file.Diagnostics, diag.Diagnostic{
			Span: place("finding"), Severity: diag.Severity(rapid.IntRange(0, 2).Draw(t, "severity")), Stage: diag.Read,
			Rule:    rapid.SampledFrom([]string{"syntax", "TLS001"}).Draw(t, "rule"),
			Message: text.Draw(t, "message"), Help: text.Draw(t, "help"),
			Related: []diag.Related{{Span: place("related"), Message: text.Draw(t, "related")}},
		})
		fix := Fix{Message: text.Draw(t, "fix"), Edits: []Edit{{Span: place("edit"), Text: rapid.SampledFrom([]string{"x", "\x1b[2J", "é\n", "\xff"}).Draw(t, "edit")}}}
		file.Fixes[i] = []Fix{fix, fix}
	}
	unread := File{Name: name, Err: errors.New(text.Draw(t, "error"))}
	return &Report{
		OpenSIPS: catalogue.Default, Tolerated: diag.Warning, Files: []File{file, unread, unread},
		Base: Base{Dir: "/repo/etc", Root: "/repo"},
	}
}

// Both forms in XML are well-formed, of whatever, and have each finding.
func TestXMLOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyReport(t)
		findings := len(r.Files[0].Diagnostics)
		var suites junitSuites
		readXML(t, WriteJUnit, r, &suites)
		if len(suites.Suites) != 3 || suites.Errors != 2 || suites.Tests != max(findings, 1)+2 {
			t.Fatalf("%+v", suites)
		}
		var checkstyle checkstyleReport
		readXML(t, WriteCheckstyle, r, &checkstyle)
		got := 0
		for _, f := range checkstyle.Files {
			got += len(f.Errors)
		}
		if got != findings+2 {
			t.Fatalf("%d errors, %d findings: %+v", got, findings, checkstyle)
		}
	})
}

func readXML(t fataler, write func(io.Writer, *Report) error, r *Report, into any) {
	var text bytes.Buffer
	if err := write(&text, r); err != nil {
		t.Fatalf("%v", err)
	}
	decoder := xml.NewDecoder(&text)
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%v\n%s", err, &text)
	}
	if rest, err := decoder.Token(); err != nil || string(rest.(xml.CharData)) != "\n" {
		t.Fatalf("after the document comes %v, %v", rest, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		t.Fatalf("there is more than one document: %v", err)
	}
}

// The tests fail by JUnit when the run fails, and so not for what is tolerated.
func TestJUnitOutcomes(t *testing.T) {
	type counts struct{ tests, failures, errors, skipped int }
	for tolerated, want := range map[diag.Severity]counts{
		diag.Error: {8, 0, 1, 6}, diag.Warning: {8, 2, 1, 4}, diag.Notice: {8, 4, 1, 2}, diag.Notice + 1: {8, 6, 1, 0},
	} {
		r := fullReport()
		r.Tolerated = tolerated
		var suites junitSuites
		readXML(t, WriteJUnit, r, &suites)
		if got := (counts{suites.Tests, suites.Failures, suites.Errors, suites.Skipped}); got != want {
			t.Errorf("tolerated %d: %+v, want %+v", tolerated, got, want)
		}
		if r.Exceeded() != (want.failures > 0) {
			t.Errorf("tolerated %d: exceeded %v", tolerated, r.Exceeded())
		}
		seen := map[string]bool{}
		for _, test := range suites.Suites[0].Cases {
			if seen[test.Name] {
				t.Errorf("two tests are called %q", test.Name)
			}
			seen[test.Name] = true
		}
		if name := suites.Suites[1].Cases[0]; name.Failure != nil || name.Error != nil || name.Skipped != nil {
			t.Errorf("a clean file does not pass: %+v", name)
		}
	}
}

// annotation is what a runner of GitHub Actions makes of a line.
type annotation struct {
	command, message string
	properties       map[string]string
}

// readCommand reads a line as a runner does.
func readCommand(t fataler, line string) annotation {
	m := regexp.MustCompile(`^::([a-z]+) (.*?)::(.*)$`).FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("not a command: %q", line)
	}
	data := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%25", "%")
	property := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%")
	read := annotation{m[1], data.Replace(m[3]), map[string]string{}}
	for pair := range strings.SplitSeq(m[2], ",") {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			t.Fatalf("%q is no property: %q", pair, line)
		}
		read.properties[name] = property.Replace(value)
	}
	return read
}

func TestGitHub(t *testing.T) {
	var text strings.Builder
	if err := WriteGitHub(&text, fullReport()); err != nil {
		t.Fatal(err)
	}
	var got []annotation
	for line := range strings.Lines(text.String()) {
		got = append(got, readCommand(t, strings.TrimSuffix(line, "\n")))
	}
	want := []annotation{
		{"warning", "domain \"été\" is\nnot in [any](file), 100 % sure\\x1b\ndefine it:\nserver_domain, or\\r, well", map[string]string{
			"file": "etc/site/tls.cfg", "line": "1", "endLine": "1", "col": "41", "endColumn": "61", "title": "TLS001 undefined-domain",
		}},
		{},
		{"error", `found "mysql://u:*******@db/x"`, map[string]string{"file": "etc/site/tls.cfg", "line": "2", "endLine": "3", "title": "syntax"}},
		{"notice", "]]> & <b>", map[string]string{"file": "/etc/opensips/x.pem", "line": "3", "endLine": "3", "col": "2", "endColumn": "7", "title": "unknown-rule"}},
		{"notice", "about the file", map[string]string{"file": "etc/site/a, b:c.cfg", "title": "TLS001 undefined-domain"}},
		{"error", "open /var/gone\\x1b.cfg: no such file,\nor mysql://u:*******@db/x", map[string]string{"file": "/var/gone\\x1b.cfg", "title": "unreadable"}},
		{"error", "no", map[string]string{"file": "<stdin>", "line": "1", "endLine": "1", "col": "1", "endColumn": "2", "title": "syntax"}},
	}
	want[1] = want[0]
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(annotation{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// A finding is one command, whatever is in it.
func TestGitHubOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyReport(t)
		var text strings.Builder
		if err := WriteGitHub(&text, r); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")
		if len(lines) != len(r.Files[0].Diagnostics)+2 {
			t.Fatalf("%d lines for %d findings: %q", len(lines), len(r.Files[0].Diagnostics), lines)
		}
		for i, d := range r.Files[0].Diagnostics {
			got := readCommand(t, lines[i])
			if got.command != d.Severity.String() || got.message != message(d.Message, d.Help) ||
				got.properties["file"] != safe(r.Base.display(r.Files[0].fileOf(d.Span))) {
				t.Fatalf("%+v of %+v", got, d)
			}
		}
	})
}

func TestTemplateErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                       "the template is empty",
		"{{":                                     "unclosed action",
		"{{nope}}":                               `function "nope" not defined`,
		"{{.Nope}}":                              "can't evaluate field Nope",
		"{{range .Diagnostics}}{{.Nope}}{{end}}": "can't evaluate field Nope",
		"{{range .Diagnostics}}{{range .Fixes}}{{.Nope}}{{end}}{{end}}": "can't evaluate field Nope",
		"{{index .Files 1}}": "index out of range",
		`{{template "x"}}`:   "not defined",
	} {
		_, err := newTemplate(text)
		if _, ok := errors.AsType[*TemplateError](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// A template that gives up half way writes nothing.
func TestTemplateGivesUp(t *testing.T) {
	write, err := newTemplate(`{{range .Files}}{{.}}{{end}}{{index .Diagnostics 0}}`)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	err = write(&text, &Report{OpenSIPS: catalogue.Default, Files: []File{{Name: "a.cfg"}}}, false)
	if _, ok := errors.AsType[*TemplateError](err); !ok || text.Len() > 0 {
		t.Errorf("%v after %q", err, text.String())
	}
}

// What the documentation promises of comparisons.
func TestTemplateComparisons(t *testing.T) {
	write, err := newTemplate(`{{if eq .OpenSIPS "2.3"}}a{{end}}{{if eq .Verdict.Read "rejected"}}b{{end}}{{range .Diagnostics}}{{if eq .Severity "error"}}c{{end}}{{if eq .Stage "lint"}}d{{end}}{{end}}`)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := write(&text, tlsReport(), false); err != nil || text.String() != "abcd" {
		t.Errorf("%q, %v", text.String(), err)
	}
}
