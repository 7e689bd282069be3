package lint

import (
	"fmt"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Finding is what a rule found. Its Stage is [diag.Lint] and its Rule an ID such
// as TLS001.
type Finding struct {
	diag.Diagnostic
	Fix *Fix // nil if there is none that a program could make
}

// Fix is a change of the script that puts a finding right.
type Fix struct {
	Title string // what it does: "remove the earlier setting"
	Edits []Edit // none of them overlap
	// Safe is a fix that leaves what the server does as it is, or makes it what
	// the script says already. Others are for people to decide on.
	Safe bool
}

// Edit replaces the bytes of a span, which may be none, with a text.
type Edit struct {
	Span diag.Span
	New  string
}

// Advise says what to do.
func (f *Finding) Advise(format string, args ...any) *Finding {
	f.Help = fmt.Sprintf(format, args...)
	return f
}

// Relate adds another place that has to do with the finding; an invalid span is
// left out, and so is that of the finding: all rows are at the same place.
func (f *Finding) Relate(span diag.Span, format string, args ...any) *Finding {
	if span == f.Span {
		return f
	}
	f.Diagnostic = f.WithRelated(span, fmt.Sprintf(format, args...))
	return f
}

// Mend adds a fix, unless it is nil.
func (f *Finding) Mend(fix *Fix) *Finding {
	f.Fix = fix
	return f
}

// Diagnostics are the findings without their fixes.
func Diagnostics(findings []Finding) diag.List {
	list := make(diag.List, len(findings))
	for i := range findings {
		list[i] = findings[i].Diagnostic
	}
	return list
}
