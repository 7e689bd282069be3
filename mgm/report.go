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
	Help    string // what to do; may be empty
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
	old := map[domainKey]*Domain{}
	if before != nil {
		old = make(map[domainKey]*Domain, before.Len())
		for d := range before.All() {
			old[keyOf(d)] = d
		}
	}
	for d := range after.All() {
		was, known := old[keyOf(d)]
		delete(old, keyOf(d))
		switch {
		case !known:
			r.Added = append(r.Added, label(d))
		case !same(was, d):
			r.Changed = append(r.Changed, label(d))
		}
	}
	for _, d := range old {
		r.Removed = append(r.Removed, label(d))
	}
	for _, names := range [][]string{r.Added, r.Changed, r.Removed} {
		slices.SortFunc(names, strings.Compare)
	}
	return r
}

// keyOf is unique among the domains of a load: a default one has no name.
func keyOf(d *Domain) domainKey {
	if d.Default {
		return domainKey{kind: d.Kind}
	}
	return domainKey{d.Kind, d.Name}
}

// label is how reports call a domain.
func label(d *Domain) string {
	if d.Default {
		return "default " + d.Kind.String()
	}
	return d.Kind.String() + " " + d.Name
}

// same reports whether two domains of the same name are alike: the same columns
// of a row, and the same files or blobs.
func same(a, b *Domain) bool {
	if a.FromDB() != b.FromDB() || a.digest != b.digest {
		return false
	}
	return a.Context.Equal(b.Context)
}
