package lint

import (
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Pass is one rule looking at one script.
type Pass struct {
	*subject
	Rule *Rule

	findings []*Finding
	asked    rowPlace // what at was asked for last
}

// rowPlace is a column of a row; the zero value is none.
type rowPlace struct {
	row    *mgm.Row
	column string // empty for the row as a whole
}

// subject is what all rules look at together. It does not change, but for what
// it works out when it is asked for first.
type subject struct {
	Config *cfg.Config
	// Domains are those of the script: the default client and server domain
	// first, if tls_mgm is loaded, then the others in their order, then those of
	// the rows. Rows that a server skips are left out.
	Domains []*Domain
	// Certificates are the chains that the domains present.
	Certificates []*Certificate
	Rows         []mgm.Row // nil without a look into the table
	Opened       bool      // whether files were looked at
	Options      Options

	loader      *tlsctx.Loader // nil where files are not looked at
	names       func() []ownName
	ownNames    func() *nameSet
	authorities func() map[string][]*x509.Certificate
	modParams   func() map[diag.Position]*parser.ModParam
	script      func() *scriptFacts
	ciphers     memo[parsedCiphers]
	curves      memo[parsedCurve]
}

// Report adds a finding at a place, for more to be said about it.
func (p *Pass) Report(span diag.Span, format string, args ...any) *Finding {
	f := &Finding{Diagnostic: diag.Diagnostic{
		Span: span, Severity: p.Rule.Severity, Stage: diag.Lint, Rule: p.Rule.ID, Message: fmt.Sprintf(format, args...),
	}}
	if p.asked.row != nil && span == p.Config.TLS.DB.URL.At {
		f.Message += p.asked.told(f.Message)
	}
	p.asked = rowPlace{}
	p.findings = append(p.findings, f)
	return f
}

// told names the row, unless the message does, and the column: all rows are at the
// same place of the script.
func (r rowPlace) told(message string) string {
	row := fmt.Sprintf("row %d", r.row.ID)
	switch {
	case !strings.Contains(message, "("+row+")") && r.column != "":
		return fmt.Sprintf(" (%s, column %q)", row, r.column)
	case !strings.Contains(message, "("+row+")"):
		return fmt.Sprintf(" (%s)", row)
	case r.column != "":
		return fmt.Sprintf(" (column %q)", r.column)
	}
	return ""
}

// Now is the time at which certificates are judged.
func (p *Pass) Now() time.Time { return p.Options.Now }

// tableUnknown reports whether there is a table whose rows were not given, so
// that there may be domains nobody here knows of.
func (p *Pass) tableUnknown() bool { return p.Config.TLS.DB.URL.IsSet() && p.Rows == nil }

// at is where a parameter of a domain was set, or else where the domain is
// defined.
func (p *Pass) at(d *Domain, param string) diag.Span {
	p.asked = rowPlace{d.Row, mgm.ColumnOf(param)}
	if d.Row != nil {
		return p.Config.TLS.DB.URL.At
	}
	if at := d.Origin(param).Span(); at.IsValid() {
		return at
	}
	return p.definedAt(d)
}

func (p *Pass) definedAt(d *Domain) diag.Span {
	p.asked = rowPlace{d.Row, ""}
	switch {
	case d.Row != nil:
		return p.Config.TLS.DB.URL.At
	case d.From.Span().IsValid():
		return d.From.Span()
	}
	return p.Config.Loaded(moduleTLS).At
}

const moduleTLS = "tls_mgm"

// firstSetting is where a domain is defined, or for a default domain where
// something of it is set.
func (p *Pass) firstSetting(d *Domain) (first diag.Span) {
	if !d.Default {
		return p.definedAt(d)
	}
	for _, param := range domain.Settings() {
		at := d.Origin(param).Span()
		if at.IsValid() && (!first.IsValid() || at.Start.Offset < first.Start.Offset) {
			first = at
		}
	}
	return first
}
