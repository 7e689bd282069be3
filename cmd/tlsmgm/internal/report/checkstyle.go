package report

import (
	"encoding/xml"
	"io"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

type (
	checkstyleReport struct {
		XMLName xml.Name         `xml:"checkstyle"`
		Version string           `xml:"version,attr"`
		Files   []checkstyleFile `xml:"file"`

		index map[string]int // of Files, by name
	}
	checkstyleFile struct {
		Name   string            `xml:"name,attr"`
		Errors []checkstyleError `xml:"error"`
	}
	checkstyleError struct {
		Line     int    `xml:"line,attr"`
		Column   int    `xml:"column,attr,omitempty"`
		Severity string `xml:"severity,attr"`
		Message  string `xml:"message,attr"`
		Source   string `xml:"source,attr"`
	}
)

// WriteCheckstyle writes the report as Checkstyle 4.3 does: the findings by the
// file that they are in. Columns count UTF-16 code units.
func WriteCheckstyle(w io.Writer, r *Report) error {
	report := checkstyleReport{Version: "4.3", index: map[string]int{}}
	for i := range r.Files {
		f := &r.Files[i]
		report.file(f.Name)
		if f.Read == "" {
			report.add(f.Name, checkstyleError{Line: 1, Severity: "error", Message: oneLine(f.whyUnread()), Source: "tlsmgm." + unreadable})
		}
		for _, d := range f.Diagnostics {
			report.add(f.fileOf(d.Span), newCheckstyleError(f, d))
		}
	}
	return writeXML(w, report)
}

func newCheckstyleError(f *File, d diag.Diagnostic) checkstyleError {
	made := checkstyleError{
		Line: 1, Severity: d.Severity.String(), Source: "tlsmgm." + d.Rule,
		Message: oneLine(message(d.Message, d.Help)),
	}
	if d.Severity == diag.Notice {
		made.Severity = "info"
	}
	if d.Span.IsValid() {
		made.Line, made.Column = d.Span.Start.Line, f.column(d.Span.Start)
	}
	return made
}

// file gives the entry of a file, with or without findings.
func (r *checkstyleReport) file(name string) *checkstyleFile {
	name = safe(name)
	i, ok := r.index[name]
	if !ok {
		i = len(r.Files)
		r.index[name] = i
		r.Files = append(r.Files, checkstyleFile{Name: name})
	}
	return &r.Files[i]
}

func (r *checkstyleReport) add(file string, e checkstyleError) {
	entry := r.file(file)
	entry.Errors = append(entry.Errors, e)
}
