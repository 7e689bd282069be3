package lint

import (
	"slices"
	"strings"
)

var _ = register(&Rule{
	ID: "TLS454", Name: "profile-curve", Severity: diagWarning,
	Summary: "An `ec_curve` is not among those of the profile.",
	Why:     "The setting leaves no other curve, so that peers that keep to the profile find none in common.",
	Fix:     "Write one of the curves of the profile, or leave the setting out.",
	Bad: Example{Profile: "intermediate", Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ec_curve", "[sip]secp521r1") # want "Mozilla intermediate asks for prime256v1 or secp384r1"
`},
	Good: Example{Profile: "intermediate", Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ec_curve", "[sip]prime256v1")
`},
	References: []string{"Mozilla, Server Side TLS"},
	Domain: func(p *Pass, d *Domain) {
		profile := p.Options.Profile
		curve, ok := p.curveOf(d)
		if profile == nil || len(profile.Curves) == 0 || !ok || curve.err != nil || curve.Group == 0 || slices.Contains(profile.Curves, curve.Name) {
			return
		}
		p.Report(p.at(d, "ec_curve"), "%s: the curve is %s; %s asks for %s", d, quote(d.ECCurve.Value), profile.Title, strings.Join(profile.Curves, " or ")).
			Mend(p.replaceValue(p.at(d, "ec_curve"), d.ECCurve.Value, profile.Curves[0]))
	},
})
