// Package diag holds what every stage of tlsmgm reports with: positions,
// spans, rules and diagnostics. It imports nothing of the project.
package diag

import (
	"cmp"
	"fmt"
	"slices"
)

// Position is a place in a file. Line and Column count from 1, Column and
// Offset count bytes. The zero Position is "nowhere".
type Position struct {
	File   string
	Offset int // bytes from the start of the file, from 0
	Line   int
	Column int
}

// IsValid reports whether p is a place at all.
func (p Position) IsValid() bool { return p.Line > 0 }

// String is file:line:column, the form editors jump to.
func (p Position) String() string {
	if !p.IsValid() {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Span is a stretch of one file; End is the position after its last byte.
type Span struct {
	Start, End Position
}

// IsValid reports whether s is a place at all.
func (s Span) IsValid() bool { return s.Start.IsValid() }

// Severity says how bad a finding is. The zero value is the worst, so that a
// forgotten severity is noticed.
type Severity int

// The severities, worst first.
const (
	Error Severity = iota
	Warning
	Notice
)

var severityNames = [...]string{"error", "warning", "notice"}

func (s Severity) String() string { return severityNames[s] }

// MarshalText writes the severity as "error", "warning" or "notice".
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *Severity) UnmarshalText(text []byte) error {
	i := slices.Index(severityNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("unknown severity %q: expected error, warning or notice", text)
	}
	*s = Severity(i)
	return nil
}

// Stage is the moment at which a real server would notice a finding.
type Stage string

const (
	// Read is what `opensips -C` does: parse the file, run its statements,
	// solve the module dependencies, list the sockets.
	Read Stage = "read"
	// Start is what a real start does on top: open certificates, databases,
	// resolve routes.
	Start Stage = "start"
	// Lint is what no server reports: it starts, but it is wrong or weak.
	Lint Stage = "lint"
)

// Rule is a kind of finding. Packages list theirs, so that documentation can
// be made from them.
type Rule struct {
	ID       string
	Stage    Stage
	Severity Severity
	Doc      string // one sentence: what it means
}

// Related points at another place that has to do with a finding, such as the
// first of two definitions.
type Related struct {
	Span    Span
	Message string
}

// Diagnostic is one finding. Message is lower case without a final period;
// Help says what to do.
type Diagnostic struct {
	Span     Span
	Severity Severity
	Stage    Stage
	Rule     string
	Message  string
	Help     string
	Related  []Related
}

// New makes a diagnostic of the rule, with the rule's stage and severity.
func New(rule *Rule, span Span, message string) Diagnostic {
	return Diagnostic{Span: span, Severity: rule.Severity, Stage: rule.Stage, Rule: rule.ID, Message: message}
}

// WithHelp returns d with a help text.
func (d Diagnostic) WithHelp(format string, args ...any) Diagnostic {
	d.Help = fmt.Sprintf(format, args...)
	return d
}

// WithRelated returns d with one more related place; an invalid span is left
// out.
func (d Diagnostic) WithRelated(span Span, message string) Diagnostic {
	if span.IsValid() {
		d.Related = append(slices.Clone(d.Related), Related{span, message})
	}
	return d
}

// String is the one-line form: file:line:column: severity: message [rule].
func (d Diagnostic) String() string {
	return fmt.Sprintf("%s: %s: %s [%s]", d.Span.Start, d.Severity, d.Message, d.Rule)
}

// List is findings in the order in which the server would meet them.
type List []Diagnostic

// Has reports whether l has a finding of that stage and severity.
func (l List) Has(stage Stage, severity Severity) bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Stage == stage && d.Severity == severity })
}

// Count is the number of findings of each severity.
func (l List) Count() (errors, warnings, notices int) {
	var n [len(severityNames)]int
	for _, d := range l {
		n[d.Severity]++
	}
	return n[Error], n[Warning], n[Notice]
}

// SortByPosition orders the findings of one file by where they start, keeping
// the order of those that start at the same byte.
func (l List) SortByPosition() {
	slices.SortStableFunc(l, func(a, b Diagnostic) int { return cmp.Compare(a.Span.Start.Offset, b.Span.Start.Offset) })
}
