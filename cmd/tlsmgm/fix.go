package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/report"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/rewrite"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// fixFlags say what becomes of the fixes that findings have.
type fixFlags struct {
	Fix    bool `help:"Make the fixes that are safe: those that leave what the server does as it is. The report is about what is left."`
	DryRun bool `help:"With --fix, show what would change and change nothing. The exit code is 1 if there is something."`
}

// change is a file that fixes change.
type change struct {
	file          string
	before, after string
	fixes         int
}

// fix makes the safe fixes of a report, unless it is a dry run. A file whose script
// has syntax errors, or that is elsewhere, is left alone; and nothing is changed if
// the result would be worse.
func (c *checkCommand) fix(ctx context.Context, scripts []*script, findings *report.Report, std streams) ([]change, error) {
	f := fixer{scripts: scripts, findings: findings, groups: map[string][]rewrite.Group{}, texts: map[string]string{}}
	f.collect(std)
	changes, err := f.changes()
	if err != nil || len(changes) == 0 {
		return nil, err
	}
	if err := f.verify(ctx, changes); err != nil {
		return nil, err
	}
	if c.DryRun {
		return changes, nil
	}
	for _, ch := range changes {
		if err := rewrite.File(ch.file, ch.before, ch.after); err != nil {
			return nil, fmt.Errorf("fix %s: %w", ch.file, rewrite.Plain(err))
		}
		fmt.Fprintf(std.err, "tlsmgm: %s: %s\n", ch.file, fixesMade(ch.fixes))
	}
	return changes, nil
}

func fixesMade(n int) string {
	if n == 1 {
		return "1 fix made"
	}
	return fmt.Sprintf("%d fixes made", n)
}

type fixer struct {
	scripts  []*script
	findings *report.Report
	order    []string // the files, as they were met
	groups   map[string][]rewrite.Group
	texts    map[string]string
}

// collect gathers the safe fixes by file, and tells where there are some that are
// not made.
func (f *fixer) collect(std streams) {
	told := map[string]bool{}
	for i := range f.findings.Files {
		file := &f.findings.Files[i]
		for finding := range file.Diagnostics {
			for _, fix := range file.Fixes[finding] {
				if !fix.Safe {
					continue
				}
				name := fix.Edits[0].Span.Start.File
				if why := f.leaveAlone(f.scripts[i], file, &fix); why != "" {
					if text := fmt.Sprintf("tlsmgm: %s is not touched: %s\n", name, why); !told[text] {
						told[text] = true
						fmt.Fprint(std.err, text)
					}
					continue
				}
				f.add(file, name, &fix)
				break // another fix would mend what is mended
			}
		}
	}
}

// leaveAlone says why a fix is not made.
func (f *fixer) leaveAlone(s *script, file *report.File, fix *report.Fix) string {
	name := fix.Edits[0].Span.Start.File
	switch {
	case slices.ContainsFunc(fix.Edits, func(e report.Edit) bool { return e.Span.Start.File != name }):
		return "the fix is in several files"
	case slices.ContainsFunc(file.Diagnostics, isSyntaxError):
		return fmt.Sprintf("%s has syntax errors", s.name)
	case s.stdin != nil && name == s.name:
		return "it is standard input"
	case isReadOnly(name):
		return "it is read-only"
	}
	root := cmp.Or(s.Root, filepath.Dir(s.name))
	if name != s.name && !liesBelow(name, root) {
		return fmt.Sprintf("it is outside of %s", root)
	}
	return ""
}

// isReadOnly reports whether the mode of a file keeps its owner from writing. It
// would be replaced nevertheless, but somebody does not want it changed by hand.
func isReadOnly(name string) bool {
	const ownerWrites = 0o200
	info, err := os.Stat(name)
	return err == nil && info.Mode()&ownerWrites == 0
}

// isSyntaxError reports whether a finding is an error of the language, after which
// not all is known of a script.
func isSyntaxError(d diag.Diagnostic) bool {
	return d.Severity == diag.Error && slices.ContainsFunc(parser.Rules(), func(r *diag.Rule) bool { return r.ID == d.Rule })
}

// liesBelow reports whether a file is below a directory, symbolic links resolved.
func liesBelow(name, dir string) bool {
	var paths [2]string
	for i, path := range []string{name, dir} {
		resolved, err := filepath.EvalSymlinks(path)
		if err != nil {
			return false
		}
		if paths[i], err = filepath.Abs(resolved); err != nil {
			return false
		}
	}
	relative, err := filepath.Rel(paths[1], paths[0])
	return err == nil && filepath.IsLocal(relative)
}

// add takes up a fix. Different names of one file are one.
func (f *fixer) add(file *report.File, name string, fix *report.Fix) {
	source := slices.IndexFunc(file.Sources, func(s *parser.Source) bool { return s.Name == name })
	for _, known := range f.order {
		if sameFile(known, name) {
			name = known
		}
	}
	if _, known := f.groups[name]; !known {
		f.order = append(f.order, name)
		f.texts[name] = file.Sources[source].Text
	}
	var group rewrite.Group
	for _, e := range fix.Edits {
		group = append(group, rewrite.Edit{From: e.Span.Start.Offset, To: e.Span.End.Offset, New: e.Text})
	}
	f.groups[name] = append(f.groups[name], group)
}

// changes makes the edits, all of a file at once.
func (f *fixer) changes() (changes []change, err error) {
	for _, name := range f.order {
		edits, taken := rewrite.Merge(f.groups[name])
		ch := change{file: name, before: f.texts[name]}
		for _, t := range taken {
			if t {
				ch.fixes++
			}
		}
		if ch.after, err = rewrite.Apply(ch.before, edits); err != nil {
			return nil, fmt.Errorf("fix %s: %w", name, err)
		}
		if ch.after != ch.before {
			changes = append(changes, ch)
		}
	}
	return changes, nil
}

// verify checks the scripts with the changes: they must be read and start as well
// as before, and have no error more.
func (f *fixer) verify(ctx context.Context, changes []change) error {
	for i, s := range f.scripts {
		was := &f.findings.Files[i]
		if was.Err != nil {
			continue
		}
		is := s.check(ctx, changedFiles{parser.OS{}, changes})
		broken := slices.ContainsFunc(is.Diagnostics, isSyntaxError) && !slices.ContainsFunc(was.Diagnostics, isSyntaxError)
		switch {
		case is.Err != nil:
			return fmt.Errorf("nothing is fixed: %w", is.Err)
		case is.Read != was.Read && is.Read != report.Accepted, is.Start != was.Start && is.Start == report.Stops,
			serverErrors(is.Diagnostics) > serverErrors(was.Diagnostics), broken:
			return fmt.Errorf("nothing is fixed: the server would do worse with %s, which is a mistake of the fix", s.name)
		}
	}
	return nil
}

// serverErrors counts what the server refuses.
func serverErrors(list diag.List) (n int) {
	for _, d := range list {
		if d.Stage != diag.Lint && d.Severity == diag.Error {
			n++
		}
	}
	return n
}

// showChanges is the end of a dry run.
func showChanges(changes []change, std streams) error {
	for _, ch := range changes {
		shown := report.CleanScript(string(rewrite.Diff(ch.file, ch.before, ch.after)))
		if _, err := io.WriteString(std.out, shown); err != nil {
			return fmt.Errorf("write the changes: %w", err)
		}
	}
	if len(changes) > 0 {
		return &failure{code: exitFindings}
	}
	return nil
}

// changedFiles are files as they would be after some changes.
type changedFiles struct {
	parser.FS
	changes []change
}

func (f changedFiles) Open(name string) (fs.File, error) {
	for _, ch := range f.changes {
		if name == ch.file || sameFile(name, ch.file) {
			return newTextFile(name, ch.after), nil
		}
	}
	return f.FS.Open(name)
}

// textFile is a text as a file.
type textFile struct {
	*strings.Reader
	name string
}

func newTextFile(name, text string) fs.File { return textFile{strings.NewReader(text), name} }

func (f textFile) Stat() (fs.FileInfo, error) { return f, nil }
func (textFile) Close() error                 { return nil }
func (f textFile) Name() string               { return filepath.Base(f.name) }
func (textFile) Mode() fs.FileMode            { return 0o444 }
func (textFile) ModTime() time.Time           { return time.Time{} }
func (textFile) IsDir() bool                  { return false }
func (textFile) Sys() any                     { return nil }
