package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// gutter is how wide line numbers are; longer ones move their line.
const gutter = 5

// WriteText writes each finding as file:line:column: severity: message [rule],
// with the line of the script, a caret, the help and related places below it,
// and a summary last. What it takes from the script is safe for terminals, and
// has no passwords.
func WriteText(w io.Writer, r *Report, color bool) error {
	t := textWriter{Writer: bufio.NewWriter(w), palette: newPalette(color)}
	for i := range r.Files {
		for _, d := range r.Files[i].Diagnostics {
			t.diagnostic(&r.Files[i], d)
		}
	}
	t.summary(r)
	return t.Flush()
}

// plainText is a finding as WriteText writes it, without colours.
func plainText(f *File, d diag.Diagnostic) string {
	var b strings.Builder
	t := textWriter{Writer: bufio.NewWriter(&b)}
	t.diagnostic(f, d)
	_ = t.Flush() // a strings.Builder has no errors
	return b.String()
}

// A textWriter writes text; its buffer keeps the first error for Flush.
type textWriter struct {
	*bufio.Writer
	palette palette
}

func (t *textWriter) printf(format string, args ...any) {
	fmt.Fprintf(t, format, args...)
}

func (t *textWriter) diagnostic(f *File, d diag.Diagnostic) {
	paint := t.palette.severity(d.Severity)
	t.printf("%s: %s: %s %s\n", t.palette.strong(place(f.Name, d.Span)), paint(d.Severity.String()),
		t.palette.strong(safe(redact(d.Message))), t.palette.faint("["+d.Rule+"]"))
	if source := find(f.Sources, d.Span.Start.File); source != nil && d.Span.IsValid() {
		t.excerpt(source, d.Span, paint)
	}
	if d.Help != "" {
		t.remark("help", d.Help)
	}
	for _, related := range d.Related {
		t.remark(place(f.Name, related.Span), related.Message)
	}
}

// excerpt shows the first line of the span.
func (t *textWriter) excerpt(source *parser.Source, span diag.Span, paint func(string) string) {
	text, indent, marked := excerptOf(source, span)
	t.printf("%s %s\n", t.palette.faint(fmt.Sprintf("%*d |", gutter, span.Start.Line)), text)
	t.printf("%s %s%s\n", t.palette.faint(fmt.Sprintf("%*s |", gutter, "")), strings.Repeat(" ", indent), paint(marks(marked)))
}

// excerptOf is the first line of the span, without passwords.
func excerptOf(source *parser.Source, span diag.Span) (text string, indent, marked int) {
	line := source.Line(span.Start.Line)
	to := span.End.Column
	if span.End.Line != span.Start.Line {
		to = len(line) + 1
	}
	from := span.Start.Column - 1
	return excerpt(redactAround(line, from), from, to-1)
}

// marks stand below the marked part of an excerpt.
func marks(n int) string { return "^" + strings.Repeat("~", n-1) }

// remark adds to a finding; further lines stand below the first.
func (t *textWriter) remark(label, text string) {
	head := fmt.Sprintf("%*s = %s: ", gutter, "", label)
	lines := strings.Split(redact(text), "\n")
	for i, line := range lines {
		lines[i] = safe(line)
	}
	t.printf("%s%s\n", t.palette.faint(head), strings.Join(lines, "\n"+strings.Repeat(" ", len(head))))
}

func (t *textWriter) summary(r *Report) {
	read, files := len(r.Files)-r.Unread(), fmt.Sprintf("%d files", len(r.Files))
	if read == 0 {
		return
	}
	if len(r.Files) == 1 {
		files = safe(r.Files[0].Name)
	} else if read < len(r.Files) {
		files = fmt.Sprintf("%d of %d files", read, len(r.Files))
	}
	t.printf("%s: %s; OpenSIPS %s %s\n", files, findings(r), r.OpenSIPS, t.verdict(r))
}

// verdict says which files the server takes, and which it starts with as far as
// that was looked at.
func (t *textWriter) verdict(r *Report) string {
	var rejected, stopping []string
	running := 0
	for i := range r.Files {
		f := &r.Files[i]
		switch {
		case f.Read == Rejected:
			rejected = append(rejected, safe(f.Name))
		case f.Read == Accepted && f.starting() == Stops:
			stopping = append(stopping, safe(f.Name))
		case f.starting() == Runs:
			running++
		}
	}
	accepts, bad := t.palette.accepted("accepts"), t.palette.severity(diag.Error)
	them := "them"
	if len(r.Files) == 1 {
		them = "it"
		rejected, stopping = onlyOne(rejected), onlyOne(stopping)
	}
	switch {
	case rejected != nil && stopping != nil:
		return fmt.Sprintf("%s %s and %s with %s", bad("rejects"), strings.Join(rejected, ", "), bad("does not start"), strings.Join(stopping, ", "))
	case rejected != nil:
		return bad("rejects") + " " + strings.Join(rejected, ", ")
	case stopping != nil:
		return fmt.Sprintf("%s %s but %s with %s", accepts, them, bad("does not start"), strings.Join(stopping, ", "))
	case running == len(r.Files):
		return fmt.Sprintf("%s %s and starts with %s", accepts, them, them)
	}
	return accepts + " " + them
}

// onlyOne names a file that needs no name: there is no other.
func onlyOne(names []string) []string {
	if names == nil {
		return nil
	}
	return []string{"it"}
}

// findings words the counts, such as "1 error, 2 notices".
func findings(r *Report) string {
	errors, warnings, notices := r.Count()
	var words []string
	for _, count := range []struct {
		n    int
		word string
	}{{errors, "error"}, {warnings, "warning"}, {notices, "notice"}} {
		switch {
		case count.n == 1:
			words = append(words, "1 "+count.word)
		case count.n > 1:
			words = append(words, fmt.Sprintf("%d %ss", count.n, count.word))
		}
	}
	if words == nil {
		return "no findings"
	}
	return strings.Join(words, ", ")
}

// place is where a finding is, in the form that editors jump to.
func place(file string, span diag.Span) string {
	if !span.IsValid() {
		return safe(file)
	}
	return safe(span.Start.String())
}

// find gives the text of a file; one that is included twice has the same text
// each time.
func find(sources []*parser.Source, name string) *parser.Source {
	for _, s := range sources {
		if s.Name == name {
			return s
		}
	}
	return nil
}
