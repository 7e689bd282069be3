package ignore

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// lookup knows TLS001 (also by a name), TLS002, TLS003, which has not looked, and
// two rules of the server.
func lookup(name string) (Rule, bool) {
	switch strings.ToLower(name) {
	case "tls001", "first":
		return Rule{"TLS001", true}, true
	case "tls002":
		return Rule{"TLS002", true}, true
	case "tls003":
		return Rule{"TLS003", false}, true
	case "undefined-domain", "host-name":
		return Rule{name, true}, true
	}
	return Rule{}, false
}

func advice(name string) string {
	if name == "TLS01" {
		return `did you mean "TLS001"`
	}
	return ""
}

func parse(t *testing.T, text string, included fstest.MapFS) *parser.File {
	t.Helper()
	config, err := cfg.Parse("opensips.cfg", text, cfg.Options{FS: included})
	if err != nil {
		t.Fatal(err)
	}
	return config.File
}

// finding makes one of a rule: TLS… of lint, others of reading.
func finding(file string, line int, rule string, severity diag.Severity) diag.Diagnostic {
	d := diag.Diagnostic{Rule: rule, Stage: diag.Lint, Severity: severity}
	if !strings.HasPrefix(rule, "TLS") {
		d.Stage = diag.Read
	}
	if line > 0 {
		d.Span.Start = diag.Position{File: file, Line: line, Column: 9, Offset: 1}
		d.Span.End = d.Span.Start
	}
	return d
}

// Each line of a script has findings of TLS001 and TLS002.
func TestApply(t *testing.T) {
	tests := []struct {
		name, text string
		ignored    string   // LINE:RULE
		problems   []string // LINE:COLUMN RULE
	}{
		{"on a line", "children=2 # tlsmgm:ignore TLS001 since\n", "1:TLS001", nil},
		{"by name and case", "children=2 # tlsmgm:ignore tls002,First because\n", "1:TLS001 1:TLS002", nil},
		{"without a comma", "children=2 # tlsmgm:ignore TLS002 TLS001 because\n", "1:TLS001 1:TLS002", nil},
		{"commas and blanks", "children=2 # tlsmgm:ignore TLS002 , TLS001 - because\n", "1:TLS001 1:TLS002", nil},
		{"above", "# tlsmgm:ignore TLS001 since\nchildren=2\n", "2:TLS001", nil},
		{"above others", "# tlsmgm:ignore TLS001 since\n# tlsmgm:ignore TLS002 too\n\n# the workers\n  children=2\n", "5:TLS001 5:TLS002", nil},
		{"in the other form", "/* tlsmgm:ignore TLS001 since */\nchildren=2 /* tlsmgm:ignore TLS002 since */\n", "2:TLS001 2:TLS002", nil},
		{"before", "/* tlsmgm:ignore TLS001 since */ children=2\n", "1:TLS001", nil},
		{"over lines", "/*\n * tlsmgm:ignore TLS001\n * since\n */\nchildren=2\n", "5:TLS001", nil},
		{"inside a route", "route {\n\t# tlsmgm:ignore TLS001 since\n\texit;\n}\n", "3:TLS001", nil},
		{"a file", "children=2\n### tlsmgm:ignore-file TLS001 since\n", "1:TLS001 2:TLS001", nil},
		{"no reason", "children=2 #tlsmgm:ignore TLS001\n", "1:TLS001", []string{"1:13 ignore-reason"}},
		{"no reason but marks", "children=2 # tlsmgm:ignore TLS001 -\n", "1:TLS001", []string{"1:14 ignore-reason"}},
		{"unknown", "children=2 # tlsmgm:ignore TLS01, TLS001 since\n", "1:TLS001", []string{"1:28 ignore-unknown"}},
		{"unknown without a comma", "children=2 # tlsmgm:ignore TLS999 TLS001 since\n", "1:TLS001", []string{"1:28 ignore-unknown"}},
		{"nothing there", "children=2\n\n# tlsmgm:ignore TLS001 since\n", "", []string{"3:17 ignore-unused"}},
		{"one of two", "children=2 # tlsmgm:ignore TLS001 TLS003 since\n", "1:TLS001", nil},
		{"no rule", "children=2 # tlsmgm:ignore\n", "", []string{"1:14 ignore-unknown"}},
		{"another remark", "children=2 # tlsmgm:skip TLS001\n", "", []string{"1:14 ignore-unknown"}},
		{"no remark", "children=2 # not tlsmgm:ignore TLS001\n", "", nil},
		{"in a string", "mpath=\"# tlsmgm:ignore TLS001 since\"\n", "", nil},
		{"another line", "children=2 # tlsmgm:ignore TLS001 since\nlog_level=3\n", "1:TLS001", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := parse(t, tt.text, nil)
			var list diag.List
			for i, line := range strings.Split(tt.text, "\n") {
				if strings.TrimSpace(line) != "" && (tt.name != "nothing there" || i == 0) {
					list = append(list, finding("opensips.cfg", i+1, "TLS001", diag.Error), finding("opensips.cfg", i+1, "TLS002", diag.Notice))
				}
			}
			left, problems := Apply(file, list, lookup, advice)
			var ignored, told []string
			for i, stays := range left {
				if !stays {
					ignored = append(ignored, fmt.Sprintf("%d:%s", list[i].Span.Start.Line, list[i].Rule))
				}
			}
			for _, p := range problems {
				told = append(told, fmt.Sprintf("%d:%d %s", p.Span.Start.Line, p.Span.Start.Column, p.Rule))
			}
			slices.Sort(ignored)
			if have := strings.Join(ignored, " "); have != tt.ignored {
				t.Errorf("ignored are %q, want %q", have, tt.ignored)
			}
			if diff := cmp.Diff(tt.problems, told); diff != "" {
				t.Errorf("problems -want +have\n%s", diff)
			}
		})
	}
}

// What the server refuses stays, and the remark is told about; what it only
// mentions can be ignored.
func TestServerErrors(t *testing.T) {
	file := parse(t, "children=2 # tlsmgm:ignore undefined-domain, host-name since\n", nil)
	list := diag.List{
		finding("opensips.cfg", 1, "undefined-domain", diag.Error),
		finding("opensips.cfg", 1, "host-name", diag.Notice),
	}
	left, problems := Apply(file, list, lookup, advice)
	if diff := cmp.Diff([]bool{true, false}, left); diff != "" {
		t.Error(diff)
	}
	if len(problems) != 1 || problems[0].Rule != "ignore-refused" ||
		problems[0].Message != "undefined-domain cannot be ignored: the server does not take the script because of it" ||
		len(problems[0].Related) != 1 {
		t.Errorf("%v", problems)
	}
}

// A remark is for its own file, and read once though the file is included twice.
// A finding about the script as a whole is in the main file.
func TestFiles(t *testing.T) {
	file := parse(t, "include_file \"a.cfg\"\ninclude_file \"a.cfg\"\n# tlsmgm:ignore-file TLS002 since\n", fstest.MapFS{
		"a.cfg": {Data: []byte("# tlsmgm:ignore-file TLS001\nchildren=2 # tlsmgm:ignore TLS01 since\n")},
	})
	list := diag.List{
		finding("a.cfg", 2, "TLS001", diag.Warning), finding("a.cfg", 2, "TLS002", diag.Warning),
		finding("opensips.cfg", 1, "TLS001", diag.Warning), finding("", 0, "TLS002", diag.Warning),
	}
	left, problems := Apply(file, list, lookup, advice)
	if diff := cmp.Diff([]bool{false, true, true, false}, left); diff != "" {
		t.Error(diff)
	}
	var told []string
	for _, p := range problems {
		told = append(told, p.String()+" "+p.Help)
	}
	want := []string{
		`a.cfg:1:3: notice: the remark does not say why [ignore-reason] write the reason behind the rules: whoever reads it next year will ask`,
		`a.cfg:2:28: warning: unknown rule "TLS01" [ignore-unknown] did you mean "TLS001"`,
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
}

// FuzzApply holds the places of remarks against the text.
func FuzzApply(f *testing.F) {
	for _, seed := range []string{
		"children=2 # tlsmgm:ignore TLS001 since\n", "/* tlsmgm:ignore-file TLS001,\n\n */ x", "# tlsmgm:ignore ,,,\r\n",
		"#tlsmgm:", "/*tlsmgm:ignore*/", "/* tlsmgm:ignore TLS002 /* in */ */", "# tlsmgm:ignore TLS001", "/*#tlsmgm:ignore\xff\x00 TLS001\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := parse(t, text, nil)
		lines := strings.Count(text, "\n") + 1
		list := diag.List{finding("opensips.cfg", lines, "TLS001", diag.Warning), finding("opensips.cfg", 1, "undefined-domain", diag.Error)}
		left, problems := Apply(file, list, lookup, advice)
		if len(left) != 2 || !left[1] {
			t.Fatalf("left are %v", left)
		}
		for _, p := range problems {
			start, end := p.Span.Start.Offset, p.Span.End.Offset
			if start < 0 || start >= end || end > len(text) {
				t.Fatalf("%+v is outside of %q", p, text)
			}
			if p.Rule == "ignore-unused" {
				if _, known := lookup(text[start:end]); !known {
					t.Fatalf("%q is no rule of %q", text[start:end], text)
				}
			}
		}
	})
}
