package report

import (
	"fmt"
	"io"
	"strings"
)

// WriteFunc writes a report. Forms that are not for terminals have no colours.
type WriteFunc func(w io.Writer, r *Report, color bool) error

// Format is a form in which reports are written.
type Format struct {
	Name string
	// Document says that what is written is one document, with which nothing
	// else can stand in a file.
	Document bool
	// Argument names what has to be given with the form; empty if nothing has.
	Argument string

	write func(argument string) (WriteFunc, error)
}

// Formats lists the forms, the default first.
func Formats() []Format {
	return []Format{
		{Name: "text", write: form(WriteText)},
		{Name: "json", write: form(plain(WriteJSON)), Document: true},
		{Name: "sarif", write: form(plain(WriteSARIF)), Document: true},
		{Name: "github", write: form(plain(WriteGitHub))},
		{Name: "junit", write: form(plain(WriteJUnit)), Document: true},
		{Name: "checkstyle", write: form(plain(WriteCheckstyle)), Document: true},
		{Name: "template", write: newTemplate, Argument: "TEXT"},
	}
}

// FormatNames lists the names of the forms.
func FormatNames() []string {
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
	}
	return names
}

// FormatNamed gives the form of a name.
func FormatNamed(name string) (Format, error) {
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("expected one of %s, found %q", strings.Join(FormatNames(), ", "), name)
}

// Writer makes what writes reports in the form. The error is that of the
// argument.
func (f Format) Writer(argument string) (WriteFunc, error) { return f.write(argument) }

// form is a form that takes no argument.
func form(write WriteFunc) func(string) (WriteFunc, error) {
	return func(string) (WriteFunc, error) { return write, nil }
}

// plain is a form without colours.
func plain(write func(io.Writer, *Report) error) WriteFunc {
	return func(w io.Writer, r *Report, _ bool) error { return write(w, r) }
}
