package mgm

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Report tells what a load changed.
type Report struct {
	At   time.Time
	Took time.Duration
	// Added, Changed and Removed name domains as "server dom1", sorted.
	Added, Changed, Removed []string
	Skipped                 []RowProblem // rows that a server leaves out
	Warnings                []RowProblem // rows that it takes otherwise than they say
	DryRun                  bool
}

// RowProblem is what is wrong with a row of the table.
type RowProblem struct {
	ID      int64
	Domain  string
	Column  string
	Message string // never holds what is in a blob
}

func (p RowProblem) String() string {
	return fmt.Sprintf("domain %q (id %d), column %q: %s", p.Domain, p.ID, p.Column, p.Message)
}

// stopsStart reports whether a server does not start with the problem.
func (p DomainProblem) stopsStart() bool { return p.Severity == diag.Error }

// compare says what is in one set of domains and not in the other. Without one
// to compare with all are added.
func compare(before, after *Domains) Report {
	var r Report
	old := map[string]*Domain{}
	if before != nil {
		for d := range before.All() {
			old[label(d)] = d
		}
	}
	for d := range after.All() {
		name := label(d)
		was, known := old[name]
		delete(old, name)
		switch {
		case !known:
			r.Added = append(r.Added, name)
		case !same(was, d):
			r.Changed = append(r.Changed, name)
		}
	}
	for name := range old {
		r.Removed = append(r.Removed, name)
	}
	for _, names := range [][]string{r.Added, r.Changed, r.Removed} {
		slices.SortFunc(names, strings.Compare)
	}
	return r
}

// label is unique among the domains of a load.
func label(d *Domain) string {
	if d.Default {
		return "default " + d.Kind.String()
	}
	return d.Kind.String() + " " + d.Name
}

// same reports whether two domains of the same name are alike: the same row or
// the same files.
func same(a, b *Domain) bool {
	if a.FromDB() != b.FromDB() || a.digest != b.digest {
		return false
	}
	return a.Context.Equal(b.Context)
}
