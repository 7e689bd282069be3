package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg/lint"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/report"
)

// TestFormatsGolden writes the findings of some scripts in each form: of one that
// includes, one that is meant to do harm, one with warnings, and one without
// findings.
func TestFormatsGolden(t *testing.T) {
	golden, err := filepath.Abs(filepath.Join("testdata", "formats"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(root)
	for _, format := range report.Formats() {
		t.Run(format.Name, func(t *testing.T) {
			argument := format.Name
			if format.Argument != "" {
				argument += `={{range .Diagnostics}}{{.File}}|{{.Line}}|{{.Severity}}|{{.Rule}}|{{json .Message}}|{{.Fingerprint}}
{{.Snippet}}
{{end}}`
			}
			var out, errOut strings.Builder
			code := run([]string{
				"check", "--no-files", "--format", argument,
				"testdata/err/include.cfg", "testdata/err/hostile.cfg", "testdata/err/warnings.cfg", "testdata/ok/include.cfg",
			}, strings.NewReader(""), &out, &errOut)
			if code != exitFindings || errOut.Len() > 0 {
				t.Errorf("exit code %d, %s", code, errOut.String())
			}
			compareGolden(t, filepath.Join(golden, format.Name+".golden"), out.String())
		})
	}
}

func TestParseFormats(t *testing.T) {
	for text, want := range map[string][]string{
		"text":                     {"text||"},
		"json,sarif=a=b.sarif":     {"json||", "sarif||a=b.sarif"},
		"junit=-,github":           {"junit||-", "github||"},
		"template=a,json=b":        {"template|a,json=b|"},
		"text,template=@x":         {"text||", "template|@x|"},
		"template=":                {"template||"}, // told when it is opened
		"":                         nil,
		"text,":                    nil,
		"xml":                      nil,
		"text,xml=a":               nil,
		"sarif=":                   nil,
		"template":                 nil,
		"template,text":            nil,
		"TEXT":                     nil,
		"checkstyle=a,sarif=b,c.d": nil, // a comma in a file name
	} {
		outputs, err := parseFormats(text)
		var got []string
		for _, out := range outputs {
			got = append(got, fmt.Sprintf("%s|%s|%s", out.format.Name, out.argument, out.file))
		}
		if diff := cmp.Diff(want, got); diff != "" || (err == nil) != (want != nil) {
			t.Errorf("%q: %v, -want +got\n%s", text, err, diff)
		}
	}
}

// Whoever reads a report while it is written anew has the old one or the new
// one, and not a part.
func TestReplaceFileIsAtomic(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report")
	contents := []string{strings.Repeat("a", 1<<16), strings.Repeat("b", 1<<17)}
	if err := replaceFile(path, []byte(contents[0])); err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	done := make(chan struct{})
	for _, content := range contents {
		writers.Go(func() {
			for range 100 {
				if err := replaceFile(path, []byte(content)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	go func() { writers.Wait(); close(done) }()
	for reads := 0; ; reads++ {
		got, err := os.ReadFile(path)
		if err != nil || string(got) != contents[0] && string(got) != contents[1] {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		select {
		case <-done:
			if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
				t.Errorf("files are left: %v", left)
			}
			return
		default:
		}
	}
}

func TestReplaceFileErrors(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(dir, "no", "such"): "no such file or directory",
		dir:                              "is a directory",
	} {
		err := replaceFile(path, []byte("x"))
		if err == nil || err.Error() != path+": "+want {
			t.Errorf("%v, want %s: %s", err, path, want)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("files are left: %v", left)
	}
}

// Every rule that can be in a report is described: under an anchor of the page of
// rules, or on a page of its own.
func TestRuleInfos(t *testing.T) {
	page := readFile(t, filepath.Join(root, "docs", "rules.md"))
	infos := ruleInfos()
	if want := len(serverRules()) + len(lint.Rules()) + len(ownRules()); len(infos) != want {
		t.Errorf("%d rules, want %d", len(infos), want)
	}
	for _, info := range infos {
		anchor, ok := strings.CutPrefix(info.HelpURL, rulesPage)
		described := ok && strings.Contains(page, "\n### "+anchor+"\n")
		if name, ok := strings.CutPrefix(info.HelpURL, docsPage); ok && !described {
			described = strings.HasPrefix(readFile(t, filepath.Join(root, "docs", name)), "# "+info.ID+" ")
		}
		if !described {
			t.Errorf("%s is not described at %s", info.ID, info.HelpURL)
		}
		if info.Summary == "" || len(info.Tags) == 0 {
			t.Errorf("%s is not described: %+v", info.ID, info)
		}
	}
}
