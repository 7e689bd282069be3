package report

import (
	"encoding/json"
	"io"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// The object that WriteJSON writes. The order of the fields is the documented
// one.
type (
	jsonReport struct {
		OpenSIPS    catalogue.Version `json:"opensips"`
		Files       []string          `json:"files"`
		Diagnostics []jsonDiagnostic  `json:"diagnostics"`
		Verdict     jsonVerdict       `json:"verdict"`
		Summary     jsonSummary       `json:"summary"`
	}
	jsonSpan struct {
		File      string `json:"file"`
		Line      int    `json:"line"`
		Column    int    `json:"column"`
		EndLine   int    `json:"end_line"`
		EndColumn int    `json:"end_column"`
	}
	jsonDiagnostic struct {
		jsonSpan
		Severity diag.Severity `json:"severity"`
		Stage    diag.Stage    `json:"stage"`
		Rule     string        `json:"rule"`
		Message  string        `json:"message"`
		Help     string        `json:"help"`
		Related  []jsonRelated `json:"related"`
	}
	jsonRelated struct {
		jsonSpan
		Message string `json:"message"`
	}
	jsonVerdict struct {
		Read  Reading  `json:"read"`
		Start Starting `json:"start"`
	}
	jsonSummary struct {
		Errors   int `json:"errors"`
		Warnings int `json:"warnings"`
		Notices  int `json:"notices"`
	}
)

// WriteJSON writes the report as one JSON object on a line of its own. Bytes
// that are not UTF-8 become U+FFFD; columns count the bytes of the file.
func WriteJSON(w io.Writer, r *Report) error {
	// Empty lists are [] and not null, for programs that go through them.
	object := jsonReport{OpenSIPS: r.OpenSIPS, Files: []string{}, Diagnostics: []jsonDiagnostic{}}
	object.Verdict.Read, object.Verdict.Start = r.Verdict()
	object.Summary.Errors, object.Summary.Warnings, object.Summary.Notices = r.Count()
	for i := range r.Files {
		f := &r.Files[i]
		object.Files = append(object.Files, f.Name)
		for _, d := range f.Diagnostics {
			object.Diagnostics = append(object.Diagnostics, newJSONDiagnostic(f.Name, d))
		}
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(object)
}

func newJSONDiagnostic(file string, d diag.Diagnostic) jsonDiagnostic {
	j := jsonDiagnostic{
		jsonSpan: newJSONSpan(file, d.Span),
		Severity: d.Severity, Stage: d.Stage, Rule: d.Rule, Message: redact(d.Message), Help: redact(d.Help),
		Related: []jsonRelated{},
	}
	for _, related := range d.Related {
		j.Related = append(j.Related, jsonRelated{newJSONSpan(file, related.Span), redact(related.Message)})
	}
	return j
}

// newJSONSpan puts a finding about a file as a whole at its beginning: readers
// of the report count on lines and columns from 1.
func newJSONSpan(file string, s diag.Span) jsonSpan {
	if !s.IsValid() {
		return jsonSpan{file, 1, 1, 1, 1}
	}
	return jsonSpan{s.Start.File, s.Start.Line, s.Start.Column, s.End.Line, s.End.Column}
}
