package parser

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing them")

// goldenDialect is the dialect of a script of testdata: the one of 2.4 where its
// first line says so.
func goldenDialect(t *testing.T, text string) *Dialect {
	if strings.HasPrefix(text, "# as 2.4\n") {
		return dialect24(t)
	}
	return dialect23(t)
}

// parseGolden parses a script of testdata together with what lies beside it.
func parseGolden(t *testing.T, name string) *File {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	dir, base := filepath.Split(name)
	return parseWith(t, base, string(text), Options{Dialect: goldenDialect(t, string(text)), FS: os.DirFS(dir)})
}

func scripts(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", dir, "*.cfg"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no scripts in testdata/%s: %v", dir, err)
	}
	return names
}

// What the language allows is parsed without a word.
func TestAccepted(t *testing.T) {
	for _, name := range scripts(t, "ok") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			f := parseGolden(t, name)
			for _, finding := range f.Findings {
				t.Error(finding)
			}
		})
	}
}

// What it does not allow is told, each mistake once.
func TestRejected(t *testing.T) {
	for _, name := range scripts(t, "err") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			checkGolden(t, strings.TrimSuffix(name, ".cfg")+".out", findings(parseGolden(t, name)))
		})
	}
}

func checkGolden(t *testing.T, name, have string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(have), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), have); diff != "" {
		t.Errorf("%s (-want +have):\n%s", name, diff)
	}
}

// findings writes the findings of a file, each with its span, help and related
// places.
func findings(f *File) string {
	var b strings.Builder
	for _, finding := range f.Findings {
		fmt.Fprintf(&b, "%s: %s: %s [%s]\n", span(finding.Span), finding.Severity, finding.Message, finding.Rule)
		if finding.Help != "" {
			fmt.Fprintf(&b, "\thelp: %s\n", finding.Help)
		}
		for _, related := range finding.Related {
			fmt.Fprintf(&b, "\t%s: %s\n", span(related.Span), related.Message)
		}
	}
	return b.String()
}

func span(s diag.Span) string {
	switch {
	case s.End.Line != s.Start.Line:
		return fmt.Sprintf("%s-%d:%d", s.Start, s.End.Line, s.End.Column)
	case s.End.Column != s.Start.Column:
		return fmt.Sprintf("%s-%d", s.Start, s.End.Column)
	}
	return s.Start.String()
}
