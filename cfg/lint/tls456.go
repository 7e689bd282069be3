package lint

import (
	"crypto/sha1" //nolint:gosec // the fingerprints that are published are of this kind
	"fmt"
	"strings"
)

var _ = register(&Rule{
	ID: "TLS456", Name: "profile-roots", Severity: diagWarning, Needs: Files,
	Summary: "A `ca_list` lacks roots that the profile asks for.",
	Why: "Microsoft changed the roots of Teams in 2026: where one of the new ones is missing, connections fail as soon as a " +
		"server of theirs has a certificate below it.",
	Fix: "Add the roots to the `ca_list`. Their authorities publish them; compare the fingerprints.",
	Bad: Example{Profile: "teams", Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/rsa.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/rsa.key")
modparam("tls_mgm", "ca_list", "[sip]/tls/ca.pem") # want "the ca_list lacks \"DigiCert Global Root CA\""
`},
	Good: Example{Profile: "teams", Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/rsa.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/rsa.key")
modparam("tls_mgm", "verify_cert", "[sip]0")
`},
	References: []string{"OpenSIPS #3825"},
	Run: func(p *Pass) {
		profile := p.Options.Profile
		if profile == nil || len(profile.Roots) == 0 {
			return
		}
		for _, l := range p.caLists() {
			have := map[string]bool{}
			for _, ca := range l.certs {
				have[fmt.Sprintf("%X", sha1.Sum(ca.Raw))] = true //nolint:gosec // it only tells certificates apart
			}
			var missing []string
			for _, root := range profile.Roots {
				if !have[root.SHA1] {
					missing = append(missing, quote(root.Name))
				}
			}
			if len(missing) > 0 {
				p.reportCAList(l, "the ca_list lacks %s, which %s asks for", strings.Join(missing, ", "), profile.Title)
			}
		}
	},
})
