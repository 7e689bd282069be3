package lint

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Rule is a kind of finding with its documentation. It does not change.
type Rule struct {
	ID       string // "TLS001"; the first digit is that of the group
	Name     string // "shared-name", for people
	Severity diag.Severity
	// Since and Until are the first and the last version that the rule is for;
	// zero leaves an end open.
	Since, Until catalogue.Version
	Needs        Needs

	Summary string // what is found, in a sentence
	Why     string // why it matters
	Fix     string // how to put it right
	Bad     Example
	Good    Example
	// References are sections of the manual, RFCs, or issues of OpenSIPS as
	// "OpenSIPS #1234".
	References []string

	// One of these looks. Domain is called for each domain and Certificate for
	// each chain that is presented, both on several cores at once.
	Run         func(*Pass)
	Domain      func(*Pass, *Domain)
	Certificate func(*Pass, *Certificate)
}

// Needs is what a rule has to see beside the script.
type Needs int

// What a rule needs. A rule that does not get it is silent.
const (
	Script Needs = iota // nothing else
	Files               // certificates and other files, or the rows of the table
	Rows                // the rows of the table
	// WholeScript is a script without an error of reading: what such a script
	// leaves out cannot be told.
	WholeScript
)

// Example is a script, or the part of one that matters, that shows a rule at
// work. A line of a bad one that ends in # want "text" has a finding with that
// text, and no other line has any.
type Example struct {
	Version catalogue.Version // zero is catalogue.Default
	Script  string
	// Rows are those of the table. Their blobs hold names of files, such as
	// "/tls/leaf.pem", in place of the content.
	Rows    []mgm.Row
	Profile string
	// Unopened is an example without files: what is said with --no-files.
	Unopened bool
	// Passphrase is that of the private keys.
	Passphrase string
}

// A Group is the rules of one subject.
type Group struct {
	Prefix string // of the IDs: "TLS0"
	Title  string
	// Elsewhere are the points of the subject that other packages tell about, by
	// the names of their rules.
	Elsewhere []Elsewhere
}

// Elsewhere is a point that no rule of this package repeats.
type Elsewhere struct {
	Point string
	Rules []string
}

// registered is filled by register while the package is initialised, and not
// changed after that.
var registered []*Rule

// register adds a rule. The result is there for "var _ =", which needs a value.
func register(r *Rule) *Rule { //nolint:unparam // see above
	registered = append(registered, r)
	return r
}

var sortedRules = sync.OnceValue(func() []*Rule {
	return slices.SortedFunc(slices.Values(registered), func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) })
})

// Rules are all rules by their ID.
func Rules() []*Rule { return slices.Clone(sortedRules()) }

// Lookup is the rule of an ID or a name, nil if there is none. Case does not
// matter.
func Lookup(name string) *Rule {
	for _, r := range sortedRules() {
		if strings.EqualFold(r.ID, name) || strings.EqualFold(r.Name, name) {
			return r
		}
	}
	return nil
}

// Group is the group of the rule.
func (r *Rule) Group() Group {
	for _, g := range Groups() {
		if strings.HasPrefix(r.ID, g.Prefix) {
			return g
		}
	}
	return Group{}
}

// AppliesTo reports whether the rule is for a version.
func (r *Rule) AppliesTo(v catalogue.Version) bool {
	return (r.Since == 0 || v >= r.Since) && (r.Until == 0 || v <= r.Until)
}

// Diag is the rule as a kind of diagnostic, for who lists rules of all packages.
func (r *Rule) Diag() *diag.Rule {
	return &diag.Rule{ID: r.ID, Stage: diag.Lint, Severity: r.Severity, Doc: r.Summary}
}

// Versions words the versions that the rule is for.
func (r *Rule) Versions() string {
	switch {
	case r.Since == 0 && r.Until == 0:
		return "all versions"
	case r.Since == 0:
		return fmt.Sprintf("up to %s", r.Until)
	case r.Until == 0:
		return fmt.Sprintf("from %s on", r.Since)
	}
	return fmt.Sprintf("%s to %s", r.Since, r.Until)
}
