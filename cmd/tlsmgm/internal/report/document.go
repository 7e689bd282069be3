package report

import (
	"strings"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// The data of a report, as JSON has them and templates get them. The order of
// the fields is the documented one.
type (
	document struct {
		OpenSIPS    string       `json:"opensips"`
		Files       []string     `json:"files"`
		Diagnostics []docFinding `json:"diagnostics"`
		Verdict     docVerdict   `json:"verdict"`
		Summary     docSummary   `json:"summary"`
	}
	docSpan struct {
		File      string `json:"file"`
		Line      int    `json:"line"`
		Column    int    `json:"column"`
		EndLine   int    `json:"end_line"`
		EndColumn int    `json:"end_column"`
	}
	docFinding struct {
		docSpan
		Severity    string       `json:"severity"`
		Stage       diag.Stage   `json:"stage"`
		Rule        string       `json:"rule"`
		Message     string       `json:"message"`
		Help        string       `json:"help"`
		Related     []docRelated `json:"related"`
		Fixes       []docFix     `json:"fixes"`
		HelpURL     string       `json:"help_url"`
		Fingerprint string       `json:"fingerprint"`

		in *File
		at diag.Span
	}
	docRelated struct {
		docSpan
		Message string `json:"message"`
	}
	docFix struct {
		Message string    `json:"message"`
		Edits   []docEdit `json:"edits"`
	}
	docEdit struct {
		docSpan
		Text string `json:"text"`
	}
	docVerdict struct {
		Read  Reading  `json:"read"`
		Start Starting `json:"start"`
	}
	docSummary struct {
		Errors   int `json:"errors"`
		Warnings int `json:"warnings"`
		Notices  int `json:"notices"`
	}
)

// newDocument makes the data of a report. What comes from the script goes
// through text.
func newDocument(r *Report, text func(string) string) *document {
	// Empty lists are [] and not null, for programs that go through them.
	doc := &document{OpenSIPS: r.OpenSIPS.String(), Files: []string{}, Diagnostics: []docFinding{}}
	doc.Verdict.Read, doc.Verdict.Start = r.Verdict()
	doc.Summary.Errors, doc.Summary.Warnings, doc.Summary.Notices = r.Count()
	for i := range r.Files {
		f := &r.Files[i]
		doc.Files = append(doc.Files, text(f.Name))
		fingerprints := r.Fingerprints(f)
		for j, d := range f.Diagnostics {
			finding := newDocFinding(f, j, text)
			finding.HelpURL = r.rule(d).HelpURL
			finding.Fingerprint = fingerprints[j]
			doc.Diagnostics = append(doc.Diagnostics, finding)
		}
	}
	return doc
}

func newDocFinding(f *File, index int, text func(string) string) docFinding {
	d := f.Diagnostics[index]
	finding := docFinding{
		docSpan:  newDocSpan(f.Name, d.Span, text),
		Severity: d.Severity.String(), Stage: d.Stage, Rule: d.Rule,
		Message: text(redact(d.Message)), Help: text(redact(d.Help)),
		Related: []docRelated{}, Fixes: []docFix{}, in: f, at: d.Span,
	}
	for _, related := range d.Related {
		finding.Related = append(finding.Related, docRelated{newDocSpan(f.Name, related.Span, text), text(redact(related.Message))})
	}
	for _, fix := range f.fixes(index) {
		made := docFix{Message: text(redact(fix.Message)), Edits: []docEdit{}}
		for _, edit := range fix.Edits {
			made.Edits = append(made.Edits, docEdit{newDocSpan(f.Name, edit.Span, text), text(edit.Text)})
		}
		finding.Fixes = append(finding.Fixes, made)
	}
	return finding
}

// newDocSpan puts a finding about a file as a whole at its beginning: readers
// of the report count on lines and columns from 1.
func newDocSpan(file string, s diag.Span, text func(string) string) docSpan {
	if !s.IsValid() {
		return docSpan{text(file), 1, 1, 1, 1}
	}
	return docSpan{text(s.Start.File), s.Start.Line, s.Start.Column, s.End.Line, s.End.Column}
}

// Snippet is for templates: the first line of the finding with marks below it;
// empty if it is not known.
func (d docFinding) Snippet() string {
	source := find(d.in.Sources, d.at.Start.File)
	if source == nil || !d.at.IsValid() {
		return ""
	}
	text, indent, marked := excerptOf(source, d.at)
	return text + "\n" + strings.Repeat(" ", indent) + marks(marked)
}
