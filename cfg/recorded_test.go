package cfg_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// The recordings of real servers lie beside the repository; without them the
// tests here are skipped.
const (
	factsDir  = "../../shared/facts"
	corpusDir = "../../shared/corpus"
)

// A recording is what a real server said of a script.
type recording struct {
	name     string
	text     string
	accepted bool
	lines    []int // of its errors, in its order
	errors   []string
}

func (r *recording) rejected() bool { return !r.accepted }

// openRecorded opens a file of the recordings, or skips the test.
func openRecorded(t *testing.T, name string) *os.File {
	t.Helper()
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no recordings: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// jsonLines decodes each line of a file.
func jsonLines[T any](t *testing.T, name string) []T {
	t.Helper()
	var all []T
	lines := bufio.NewScanner(openRecorded(t, name))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var one T
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, one)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// facts are the recordings of one folder, such as "check/2.3".
func facts(t *testing.T, folder string) []recording {
	dir := path.Join(factsDir, folder)
	type verdict struct {
		Case, Check string
		Positions   [][]any
		Errors      []string
	}
	var all []recording
	for _, v := range jsonLines[verdict](t, path.Join(dir, "verdicts.jsonl")) {
		all = append(all, recording{
			v.Case, read(t, path.Join(dir, v.Case+".cfg")),
			v.Check == "accepted", linesOf(v.Positions), v.Errors,
		})
	}
	return all
}

// corpus are the public scripts whose verdict of that version counts.
func corpus(t *testing.T, version string) []recording {
	type script struct {
		File     string
		Verdicts map[string]struct {
			Accepted      bool
			NotComparable *string `json:"not_comparable"`
			Positions     [][]any
			Errors        []string
		}
	}
	var all []recording
	for _, s := range jsonLines[script](t, path.Join(corpusDir, "index.jsonl")) {
		if v, ok := s.Verdicts[version]; ok && v.NotComparable == nil {
			text := read(t, path.Join(corpusDir, "files", s.File))
			all = append(all, recording{s.File, text, v.Accepted, linesOf(v.Positions), v.Errors})
		}
	}
	return all
}

// linesOf are the lines of recorded positions: line, column, … and message.
func linesOf(positions [][]any) []int {
	lines := make([]int, len(positions))
	for i, p := range positions {
		lines[i] = int(p[0].(float64))
	}
	return lines
}

// caseFS opens what a recorded case includes from "@CASES@", and other names
// as they are.
type caseFS struct{ dir string }

func (f caseFS) Open(name string) (fs.File, error) {
	if beside, ok := strings.CutPrefix(name, "@CASES@/"); ok {
		name = path.Join(f.dir, beside)
	}
	return os.Open(name)
}

func parseVersion(t testing.TB, text string) catalogue.Version {
	t.Helper()
	v, err := catalogue.ParseVersion(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func load(t testing.TB, r *recording, version, dir string) *cfg.Config {
	t.Helper()
	c, err := cfg.Parse(path.Join(dir, r.name), r.text, cfg.Options{Version: parseVersion(t, version), FS: caseFS{dir}})
	if err != nil {
		t.Fatalf("%s: %v", r.name, err)
	}
	return c
}

// firstError is the first error that `opensips -C` would print.
func firstError(c *cfg.Config) (diag.Diagnostic, bool) {
	for _, d := range c.Diagnostics {
		if d.Severity == diag.Error && d.Stage == diag.Read {
			return d, true
		}
	}
	return diag.Diagnostic{}, false
}

// A score counts how often we agree with the recordings.
type score struct {
	scripts, verdicts    int
	rejected, firstLines int
}

// tell logs the score, and fails the test if it is below the percentages.
func (s score) tell(t *testing.T, verdicts, lines float64) {
	t.Helper()
	gotVerdicts := 100 * float64(s.verdicts) / float64(max(s.scripts, 1))
	gotLines := 100 * float64(s.firstLines) / float64(max(s.rejected, 1))
	t.Logf("verdict %d of %d (%.2f %%), first error line %d of %d rejected (%.2f %%)",
		s.verdicts, s.scripts, gotVerdicts, s.firstLines, s.rejected, gotLines)
	if s.scripts == 0 || gotVerdicts < verdicts || gotLines < lines {
		t.Errorf("expected at least %.0f %% of the verdicts and %.0f %% of the lines", verdicts, lines)
	}
}

// compare counts one script. Differences that the table does not explain are
// errors.
func (s *score) compare(t *testing.T, r *recording, c *cfg.Config, explained map[string]string) {
	t.Helper()
	s.scripts++
	first, found := firstError(c)
	sameVerdict := c.Accepted() == r.accepted
	sameLine := len(r.lines) == 0 || found && first.Span.Start.Line == r.lines[0]
	if sameVerdict {
		s.verdicts++
	}
	if r.rejected() {
		s.rejected++
		if sameLine {
			s.firstLines++
		}
	}
	reason := explained[r.name]
	switch same := sameVerdict && (r.accepted || sameLine); {
	case same && reason != "":
		t.Errorf("%s: agrees with the recording, so %q explains nothing", r.name, reason)
	case !same && reason == "":
		t.Errorf("%s: recorded accepted %v, lines %v, %q\n\tours: %v", r.name, r.accepted, r.lines, r.errors, first)
	}
}

// Cases of facts/check where we differ, by version, and why.
var checkDifferences = map[string]map[string]string{
	"2.3": {
		"comment_hash_eol": commentAtEnd,
		"mpath_missing":    moduleFile,
		"mpath_nodir":      moduleFile,
	},
	"2.4": {
		"comment_hash_eol": commentAtEnd,
		"mpath_missing":    moduleFile,
		"mpath_nodir":      moduleFile,
	},
	"3.4": {
		"mpath_missing":         moduleFile,
		"mpath_nodir":           moduleFile,
		"modparam_mixed_quotes": "3.4 tells where the string begins that is too long, the others where it ends: so do we",
	},
}

const (
	commentAtEnd = "a comment that ends the file without a newline is a syntax error of the scanner alone: we warn"
	moduleFile   = "which module files there are is a matter of the server's machine"
)

func TestRecordedChecks(t *testing.T) {
	for version, differences := range checkDifferences {
		t.Run(version, func(t *testing.T) {
			dir := path.Join(factsDir, "check", version)
			var s score
			for _, r := range facts(t, "check/"+version) {
				s.compare(t, &r, load(t, &r, version, dir), differences)
			}
			s.tell(t, 98, 96)
		})
	}
}

// Mutants where we differ, and why.
var mutantDifferences = map[string]string{
	"tls23-9c5923362a":  "a variable at the end of a line swallows the newline, and the server tells of the next line",
	"sink24-7a69cc195c": "the statement ends on the next line, where the server tells of it; the parameter is wrong on this one",
	"sink24-c4777ebc46": "the statement ends on the next line, where the server tells of it; the module is wrong on this one",
	"sink24-c027f8c157": "the statement ends on the next line, where the server tells of it; the module is wrong on this one",
}

func TestRecordedMutants(t *testing.T) {
	for _, version := range []string{"2.3", "2.4"} {
		t.Run(version, func(t *testing.T) {
			var s score
			for _, r := range facts(t, "mutants/"+version) {
				s.compare(t, &r, load(t, &r, version, ""), mutantDifferences)
			}
			s.tell(t, 99, 97)
		})
	}
}

// corpusDifferences are scripts of the corpus where we differ, and why.
var corpusDifferences = map[string]map[string]string{"3.4": {
	"OpenSIPS__opensips__ee5a081e__12.cfg": bareCondition,
	"OpenSIPS__opensips__08b187df__12.cfg": bareCondition,
	"OpenSIPS__opensips__c344f15d__12.cfg": bareCondition,
}}

const bareCondition = "3.4 refuses \"if !(\", and takes it within brackets: which version began is not known"

func TestRecordedCorpus(t *testing.T) {
	for _, version := range []string{"2.3", "2.4", "3.4"} {
		t.Run(version, func(t *testing.T) {
			var s score
			for _, r := range corpus(t, version) {
				s.compare(t, &r, load(t, &r, version, path.Join(corpusDir, "files")), corpusDifferences[version])
			}
			s.tell(t, 100, 97)
		})
	}
}

// TestWholeCorpus reads every public script, each as one of the versions: no
// panic, and spans that lie in their files.
func TestWholeCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("reads some thousand scripts")
	}
	dir := path.Join(corpusDir, "files")
	openRecorded(t, dir)
	scripts, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	texts := make([]recording, len(scripts))
	for i, s := range scripts {
		texts[i] = recording{name: s.Name(), text: read(t, path.Join(dir, s.Name()))}
	}
	var versions []catalogue.Version
	for _, v := range catalogue.Versions() {
		if _, err := cfg.Dialect(v); err == nil {
			versions = append(versions, v)
		}
	}
	// All versions on each script take minutes under the race detector.
	for i := range texts {
		checkSpans(t, load(t, &texts[i], versions[i%len(versions)].String(), dir))
	}
}

// checkSpans reports findings, parameters and routes that do not lie within one
// file.
func checkSpans(t interface {
	Errorf(format string, args ...any)
}, c *cfg.Config,
) {
	sizes := map[string]int{}
	for _, src := range c.File.Sources.All() {
		sizes[src.Name] = max(sizes[src.Name], len(src.Text))
	}
	check := func(s diag.Span, what string) {
		if !s.IsValid() || s.Start.Offset > s.End.Offset || s.End.Offset > sizes[s.Start.File] || s.Start.File != s.End.File {
			t.Errorf("%s: %q has the span %v to %v of %d bytes", c.Name, what, s.Start, s.End, sizes[s.Start.File])
		}
	}
	for _, d := range c.Diagnostics {
		check(d.Span, d.Message)
		for _, r := range d.Related {
			check(r.Span, r.Message)
		}
	}
	for _, p := range c.Params {
		check(p.At, p.Name)
	}
	for _, r := range c.Routes {
		check(r.At, r.Name)
	}
}
