package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/template"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// TemplateError is an error of the template that a user wrote.
type TemplateError struct {
	Err error
}

func (e *TemplateError) Error() string { return e.Err.Error() }

func (e *TemplateError) Unwrap() error { return e.Err }

// newTemplate makes a form of a text for text/template, which gets the data that
// JSON has too, made safe for terminals. It is tried out at once, so that a field
// that is not there is told before anything is checked. All errors but those of
// the writer are a *TemplateError.
func newTemplate(text string) (WriteFunc, error) {
	if text == "" {
		return nil, &TemplateError{errors.New("the template is empty")}
	}
	t, err := template.New("template").Funcs(templateFuncs()).Parse(text)
	if err != nil {
		return nil, &TemplateError{err}
	}
	write := func(w io.Writer, r *Report) error {
		var out bytes.Buffer // nothing is written of a report that breaks off
		if err := t.Execute(&out, newDocument(r, clean)); err != nil {
			return &TemplateError{err}
		}
		_, err := out.WriteTo(w)
		return err
	}
	return plain(write), write(io.Discard, sample())
}

func templateFuncs() template.FuncMap {
	return template.FuncMap{
		"json": func(value any) (string, error) {
			var text strings.Builder
			encoder := json.NewEncoder(&text)
			encoder.SetEscapeHTML(false)
			if err := encoder.Encode(value); err != nil {
				return "", fmt.Errorf("encode as JSON: %w", err)
			}
			return strings.TrimSuffix(text.String(), "\n"), nil
		},
		"lower":   strings.ToLower,
		"upper":   strings.ToUpper,
		"replace": func(from, to, text string) string { return strings.ReplaceAll(text, from, to) },
		"join":    func(separator string, list []string) string { return strings.Join(list, separator) },
	}
}

// sample is a report with one of everything.
func sample() *Report {
	at := diag.Position{File: "opensips.cfg", Line: 1, Column: 1}
	span := diag.Span{Start: at, End: at}
	return &Report{OpenSIPS: catalogue.Default, Files: []File{{
		Name: at.File, Read: Accepted, Start: Runs,
		Sources: []*parser.Source{{Name: at.File, Text: "x"}},
		Diagnostics: diag.List{{
			Span: span, Severity: diag.Warning, Stage: diag.Lint, Rule: "rule", Message: "message", Help: "help",
			Related: []diag.Related{{Span: span, Message: "related"}},
		}},
		Fixes: map[int][]Fix{0: {{Message: "fix", Edits: []Edit{{Span: span, Text: "text"}}}}},
	}}}
}
