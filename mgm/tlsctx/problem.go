package tlsctx

import (
	"slices"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Problem is what is wrong with a setting of a domain, or worth knowing.
type Problem struct {
	Param string        // of tls_mgm: "private_key"
	From  domain.Origin // where that was set
	// Severity is Error if a real server does not start with it or leaves the
	// row of the table out.
	Severity diag.Severity
	Rule     string // the ID of one of Rules
	// Message names the setting, and the file if there is one. It is lower
	// case and never holds anything of a key.
	Message string
	Help    string // what to do; may be empty
}

// Problems are those of one domain, in the order in which a server looks at
// its settings.
type Problems []Problem

// HasErrors reports whether a real server would not have the domain.
func (ps Problems) HasErrors() bool {
	return slices.ContainsFunc(ps, func(p Problem) bool { return p.Severity == diag.Error })
}
