package report

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// clean makes a text of any number of lines fit to show anywhere: without
// passwords, control characters, and bytes that are not UTF-8.
func clean(text string) string {
	lines := strings.Split(redact(text), "\n")
	for i, line := range lines {
		lines[i] = safe(line)
	}
	return strings.Join(lines, "\n")
}

// Clean makes a text fit to show anywhere, as reports have it: without passwords,
// and with what does not print escaped.
func Clean(text string) string { return clean(text) }

// CleanScript is Clean for a part of a script, whose tabs stay.
func CleanScript(text string) string {
	var b strings.Builder
	for line := range strings.Lines(redact(text)) {
		for i, part := range strings.Split(strings.TrimSuffix(line, "\n"), "\t") {
			if i > 0 {
				b.WriteByte('\t')
			}
			b.WriteString(safe(part))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// message is what a finding says, and below it what to do.
func message(text, help string) string {
	if help != "" {
		text += "\n" + help
	}
	return clean(text)
}

// fixes are those of a finding that a report can show: an edit is no use unless
// it is whole, and so one with a password, or with bytes that are not UTF-8, is
// left out with its fix.
func (f *File) fixes(finding int) []Fix {
	var shown []Fix
	for _, fix := range f.Fixes[finding] {
		if len(fix.Edits) > 0 && !slices.ContainsFunc(fix.Edits, func(e Edit) bool { return !e.canBeShown() }) {
			shown = append(shown, fix)
		}
	}
	return shown
}

func (e Edit) canBeShown() bool {
	return e.Span.IsValid() && utf8.ValidString(e.Text) && redact(e.Text) == e.Text
}
