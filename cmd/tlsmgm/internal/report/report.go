// Package report writes what a run found: as text for people, and in the forms
// that programs and services for code read. Formats lists them.
package report

import (
	"slices"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Reading is what `opensips -C` says of a script.
type Reading string

// The readings.
const (
	Accepted Reading = "accepted"
	Rejected Reading = "rejected"
)

// Starting is what a start of the server with a script comes to.
type Starting string

// The ways a start ends. A server does not start on a script that it rejects.
const (
	Runs    Starting = "runs"
	Stops   Starting = "stops"
	Unknown Starting = "unknown" // it was not looked at
)

// File is what was found in a script and all that it includes.
type File struct {
	Name        string
	Diagnostics diag.List
	Fixes       map[int][]Fix    // by the index of the finding in Diagnostics
	Sources     []*parser.Source // the texts, for excerpts
	// Fingerprints are those of Diagnostics, where findings were left out after
	// they got theirs; nil has them made.
	Fingerprints []string
	Read         Reading  // empty if the file could not be read at all
	Start        Starting // empty if it was not looked at
	Err          error    // why it could not be read
}

// unreadable stands where the rule of a finding would, for a file that could not
// be read.
const unreadable = "unreadable"

// whyUnread says why a file could not be read.
func (f *File) whyUnread() string {
	if f.Err == nil {
		return "cannot read " + safe(f.Name)
	}
	return clean(f.Err.Error())
}

// Fix is a change of text that does away with a finding. If there are several
// for one finding, each does.
type Fix struct {
	Message string // what it does
	Edits   []Edit // all of them, in places that do not overlap
	Safe    bool   // that the server does what it did, or what the script says already
}

// Edit puts a text in the place of a span of a file.
type Edit struct {
	Span diag.Span
	Text string
}

// RuleInfo is what there is to say about a rule. Everything but ID may be empty.
type RuleInfo struct {
	ID       string        // as Diagnostic.Rule has it
	Name     string        // for a rule whose id does not speak for itself, such as "undefined-domain"
	Summary  string        // one sentence
	Why      string        // why it matters, in Markdown
	Fix      string        // how to fix it, in Markdown
	HelpURL  string        // absolute
	Severity diag.Severity // that of its findings, unless a run changes it
	Tags     []string      // such as "security", each once
}

// starting is what a start comes to as far as is known.
func (f *File) starting() Starting {
	switch {
	case f.Read != Accepted:
		return Stops
	case f.Start == "":
		return Unknown
	}
	return f.Start
}

// Report is what a run found.
type Report struct {
	OpenSIPS  catalogue.Version
	Files     []File
	Rules     []RuleInfo    // what is known of rules, with findings and without
	Tolerated diag.Severity // the worst that counts as success; diag.Notice+1 if nothing does
	ExitCode  int           // of the run, as far as its findings decide it
	Version   string        // of tlsmgm; empty if it has none
	Base      Base
}

// Exceeded reports whether there are findings worse than what counts as success.
func (r *Report) Exceeded() bool {
	return slices.ContainsFunc(r.Files, func(f File) bool {
		return slices.ContainsFunc(f.Diagnostics, r.exceeds)
	})
}

// exceeds compares severities, of which the worst is the smallest.
func (r *Report) exceeds(d diag.Diagnostic) bool { return d.Severity < r.Tolerated }

// rule gives what is known of a rule, at least its id.
func (r *Report) rule(d diag.Diagnostic) RuleInfo {
	i := slices.IndexFunc(r.Rules, func(rule RuleInfo) bool { return rule.ID == d.Rule })
	if i < 0 {
		return RuleInfo{ID: d.Rule, Severity: d.Severity}
	}
	return r.Rules[i]
}

// Verdict is the worst of the verdicts on the files. A file that could not be
// read counts as rejected, as the server would have it.
func (r *Report) Verdict() (Reading, Starting) {
	read, start := Accepted, Runs
	for i := range r.Files {
		f := &r.Files[i]
		if f.Read != Accepted {
			read = Rejected
		}
		switch s := f.starting(); {
		case s == Stops:
			start = Stops
		case s == Unknown && start == Runs:
			start = Unknown
		}
	}
	return read, start
}

// Count is the number of findings of each severity.
func (r *Report) Count() (errors, warnings, notices int) {
	for i := range r.Files {
		e, w, n := r.Files[i].Diagnostics.Count()
		errors, warnings, notices = errors+e, warnings+w, notices+n
	}
	return errors, warnings, notices
}

// Unread is the number of files that could not be read.
func (r *Report) Unread() int {
	n := 0
	for i := range r.Files {
		if r.Files[i].Read == "" {
			n++
		}
	}
	return n
}
