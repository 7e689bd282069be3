package lint

import (
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/mgm/openssl"
)

var _ = register(&Rule{
	ID: "TLS452", Name: "profile-ciphers", Severity: diagWarning,
	Summary: "A domain has cipher suites that the profile does not allow, or none of those that it asks for.",
	Why:     "The profile that the check was given names the suites of TLS 1.2 that a guideline allows or that a peer has.",
	Fix:     "Set `ciphers_list` to the suites of the profile.",
	Bad: Example{Profile: "teams", Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/rsa.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/rsa.key")
modparam("tls_mgm", "ciphers_list", "[sip]AES128-SHA") # want "there are none of the suites that Microsoft Teams Direct Routing asks for"
`},
	Good: Example{Profile: "teams", Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/rsa.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/rsa.key")
modparam("tls_mgm", "ciphers_list", "[sip]ECDHE-RSA-AES256-GCM-SHA384")
`},
	References: []string{"Mozilla, Server Side TLS", "RFC 8827, section 6.5"},
	Domain: func(p *Pass, d *Domain) {
		profile := p.Options.Profile
		ciphers, _ := p.ciphersOf(d)
		if profile == nil || len(profile.Suites) == 0 || !d.configured() || ciphers.err != nil {
			return
		}
		var others []string
		found := false
		for _, s := range ciphers.Usable() {
			switch {
			case s.KeyExchange == openssl.KxAny: // of TLS 1.3
			case slices.Contains(profile.Suites, s.Name):
				found = true
			default:
				others = append(others, s.Name)
			}
		}
		switch {
		case !found:
			p.Report(p.at(d, "ciphers_list"), "%s: there are none of the suites that %s asks for", d, profile.Title).
				Advise("they are %s", strings.Join(profile.Suites, ":"))
		case profile.OnlySuites && len(others) > 0:
			p.Report(p.at(d, "ciphers_list"), "%s: there are suites that %s does not allow: %s", d, profile.Title, list(others)).
				Advise("set ciphers_list to %s", strings.Join(profile.Suites, ":"))
		}
	},
})
