package parser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// firstError is the line of the first error of a file, 0 if there is none. A
// global that the version does not have is one to the server.
func firstError(f *File) (line int, message string) {
	for _, finding := range f.Findings {
		if finding.Severity == diag.Error {
			line, message = finding.Span.Start.Line, finding.Message
			break
		}
	}
	for _, s := range f.Statements {
		g, ok := s.(*Global)
		if !ok || !g.Unknown {
			continue
		}
		if at := f.Sources.Position(g.From); line == 0 || at.Line < line {
			return at.Line, "unknown global " + g.Name.Name
		}
	}
	return line, message
}

// firstSyntaxError is the line of the first syntax error that the server
// recorded, and whether other errors stand before it; 0 if there is none.
func firstSyntaxError(positions []position) (line int, later bool) {
	for i, p := range positions {
		if p.message == "syntax error" {
			return p.line, i > 0
		}
	}
	return 0, false
}

// tolerated are the scripts whose first syntax error is elsewhere for us, with
// the reason.
var tolerated = map[string]string{}

func TestRecordings(t *testing.T) {
	for _, dir := range []string{"mutants/2.3", "mutants/2.4", "check/2.3", "check/2.4", "check/3.4"} {
		t.Run(dir, func(t *testing.T) {
			base := filepath.Join(facts, filepath.FromSlash(dir))
			d := factDialect(t, filepath.Base(dir))
			wrong := 0
			for _, v := range readLines[verdict](t, filepath.Join(base, "verdicts.jsonl")) {
				f := parseRecorded(t, d, base, v.Case)
				want, later := firstSyntaxError(v.Positions)
				line, message := firstError(f)
				agree := line == want || later && line != 0
				reason := tolerated[dir+"/"+v.Case]
				switch {
				case !agree && reason == "":
					wrong++
					t.Errorf("%s: first error in line %d (%s), want line %d (%s)", v.Case, line, message, want, strings.Join(v.Errors, " | "))
				case agree && reason != "":
					t.Errorf("%s agrees, but is tolerated: %s", v.Case, reason)
				}
			}
			if wrong > 0 {
				t.Logf("%d wrong", wrong)
			}
		})
	}
}

// parseRecorded parses a recorded script with the placeholders filled in that
// the parser meets.
func parseRecorded(t *testing.T, d *Dialect, base, name string) *File {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(base, name+".cfg"))
	if err != nil {
		t.Fatal(err)
	}
	script := strings.ReplaceAll(string(text), "@CASES@", base)
	return parseWith(t, name+".cfg", script, Options{Dialect: d, FS: OS{}})
}

func TestCorpus(t *testing.T) {
	type entry struct {
		File     string
		Verdicts map[string]struct {
			Accepted      bool
			NotComparable *string `json:"not_comparable"`
			Positions     []position
			Errors        []string
		}
	}
	const corpus = "../../shared/corpus"
	dialects := map[string]*Dialect{}
	total := map[string][2]int{}
	for _, e := range readLines[entry](t, corpus+"/index.jsonl") {
		for version, v := range e.Verdicts {
			if v.NotComparable != nil {
				continue
			}
			if dialects[version] == nil {
				dialects[version] = factDialect(t, version)
			}
			f, err := ParseFile(filepath.Join(corpus, "files", e.File), Options{Dialect: dialects[version], FS: OS{}})
			if err != nil {
				t.Fatal(err)
			}
			checkFile(t, f)
			want, later := firstSyntaxError(v.Positions)
			if len(v.Positions) > 0 && v.Positions[0].message == "unknown script variable" {
				continue // the server stops there
			}
			n := total[version]
			n[1]++
			line, message := firstError(f)
			if line != want && !(later && line != 0) {
				n[0]++
				t.Errorf("%s %s: first error in line %d (%s), want line %d (%s)", version, e.File, line, message, want, v.Errors[:min(3, len(v.Errors))])
			}
			total[version] = n
		}
	}
	t.Log(total)
}
