package lint

import (
	"errors"

	"github.com/opensips-tools/tlsmgm/mgm/openssl"
)

var _ = register(&Rule{
	ID: "TLS410", Name: "unknown-curve", Severity: diagError,
	Summary: "An `ec_curve` has a name that OpenSSL does not know.",
	Why:     "The server does not start with it. Where files are looked at this is ec-curve-unknown.",
	Fix:     "Write the name as `openssl ecparam -list_curves` shows it: prime256v1 for P-256.",
	Bad: Example{Unopened: true, Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "ec_curve", "[sip]P-256") # want "\"P-256\""
`},
	Good: Example{Unopened: true, Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "ec_curve", "[sip]prime256v1")
`},
	References: []string{"tls_mgm manual, section 1.8.9"},
	Domain: func(p *Pass, d *Domain) {
		curve, ok := p.curveOf(d)
		if p.Opened || !ok || curve.err == nil {
			return
		}
		f := p.Report(p.at(d, "ec_curve"), "ec_curve: %v", curve.err)
		if unknown, isCurve := errors.AsType[*openssl.CurveError](curve.err); isCurve && unknown.Suggestion != "" {
			f.Advise("did you mean %q", unknown.Suggestion).
				Mend(p.replaceValue(p.at(d, "ec_curve"), d.ECCurve.Value, unknown.Suggestion))
		}
	},
})
