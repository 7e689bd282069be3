package parser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// firstError is the place of the first syntax error of a file, line 0 if there
// is none. A global that the version does not have is one to the server.
func firstError(f *File) (line int, message string) {
	for _, finding := range f.Findings {
		if finding.Rule == ruleSyntax.ID || finding.Rule == ruleTooDeep.ID {
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

// agrees compares our first syntax error with the recorded errors. Where others
// were recorded before the first syntax error, they may be due to the same
// mistake; at some of them the server may have stopped, and what is behind
// nobody knows.
func agrees(line int, recorded []position) bool {
	stopped := 0
	for i, p := range recorded {
		switch {
		case p.message == "syntax error":
			return line == p.line || i > 0 && line != 0
		case p.message == "unknown script variable", strings.HasPrefix(p.message, "cannot handle protocol"):
			stopped = p.line
		}
	}
	return line == 0 || stopped > 0 && line >= stopped
}

// tolerated are the scripts whose first syntax error is elsewhere for us, with
// the reason.
var tolerated = map[string]string{
	"mutants/2.3/tls23-9c5923362a":                    "a variable that ends with its line is to blame: the server tells the next",
	"check/2.3/comment_hash_eol":                      "a warning for us: the server takes the comment for script",
	"check/2.4/comment_hash_eol":                      "as in 2.3",
	"check/3.4/modparam_mixed_quotes":                 "3.4 tells of a string that is not closed where it began",
	"check/3.4/include_file_no_quotes":                "3.4 takes the word for a name, 2.x and we refuse to read on",
	"corpus/3.4/OpenSIPS__opensips__ee5a081e__12.cfg": "3.4 wants a condition in brackets, which no fact says since when",
	"corpus/3.4/OpenSIPS__opensips__08b187df__12.cfg": "as ee5a081e",
	"corpus/3.4/OpenSIPS__opensips__c344f15d__12.cfg": "as ee5a081e",
}

// compare holds a parse against what was recorded of the script.
func compare(t *testing.T, name string, f *File, positions []position, errors []string) {
	t.Helper()
	line, message := firstError(f)
	agree, reason := agrees(line, positions), tolerated[name]
	if !agree && reason == "" {
		t.Errorf("%s: first error in line %d (%s), recorded: %s", name, line, message, errors[:min(3, len(errors))])
	}
	if agree && reason != "" {
		t.Errorf("%s agrees, but is tolerated: %s", name, reason)
	}
}

func TestRecordings(t *testing.T) {
	for _, dir := range []string{"mutants/2.3", "mutants/2.4", "check/2.3", "check/2.4", "check/3.4"} {
		t.Run(dir, func(t *testing.T) {
			base := filepath.Join(facts, filepath.FromSlash(dir))
			d := factDialect(t, filepath.Base(dir))
			for _, v := range readLines[verdict](t, filepath.Join(base, "verdicts.jsonl")) {
				f := parseRecorded(t, d, base, v.Case)
				compare(t, dir+"/"+v.Case, f, v.Positions, v.Errors)
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
	type script struct {
		File     string
		Verdicts map[string]struct {
			NotComparable *string `json:"not_comparable"`
			Positions     []position
			Errors        []string
		}
	}
	const corpus = "../../shared/corpus"
	scripts := readLines[script](t, corpus+"/index.jsonl")
	for _, version := range []string{"2.3", "2.4", "3.4"} {
		t.Run(version, func(t *testing.T) {
			d := factDialect(t, version)
			for _, s := range scripts {
				v, recorded := s.Verdicts[version]
				if !recorded || v.NotComparable != nil {
					continue
				}
				f, err := ParseFile(corpus+"/files/"+s.File, Options{Dialect: d, FS: OS{}})
				if err != nil {
					t.Fatal(err)
				}
				checkFile(t, f)
				compare(t, "corpus/"+version+"/"+s.File, f, v.Positions, v.Errors)
			}
		})
	}
}
