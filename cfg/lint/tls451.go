package lint

import (
	"crypto/tls"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
)

var _ = register(&Rule{
	ID: "TLS451", Name: "profile-versions", Severity: diagWarning,
	Summary: "A domain speaks protocol versions that the profile does not allow, or not the one that it asks for.",
	Why:     "The profile that the check was given names the versions that a guideline or a peer wants.",
	Fix:     "Set `tls_method` to the range of the profile.",
	Bad: Example{Profile: "modern", Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "tls_method", "[sip]TLSv1_2") # want "Mozilla modern asks for TLS 1.3"
`},
	Good: Example{Version: v30, Profile: "modern", Script: `
modparam("tls_mgm", "server_domain", "sip")
modparam("tls_mgm", "match_ip_address", "[sip]192.0.2.10:5061")
modparam("tls_mgm", "tls_method", "[sip]TLSv1_3")
`},
	References: []string{"Mozilla, Server Side TLS", "RFC 8827, section 6.5"},
	Domain: func(p *Pass, d *Domain) {
		profile := p.Options.Profile
		if profile == nil || !d.configured() {
			return
		}
		m, err := domain.ParseMethod(d.Method.Value, p.Config.Version)
		if err != nil {
			return
		}
		lowest, highest := max(m.Min, tls.VersionTLS12), m.Max // below, OpenSSL refuses
		if m.Min != 0 && m.Min < tls.VersionTLS12 {
			lowest = m.Min
		}
		if highest == 0 {
			highest = tls.VersionTLS13
		}
		if lowest < profile.Lowest || highest < profile.Lowest || lowest > profile.Highest {
			p.Report(p.at(d, "tls_method"), "%s: the versions are %s; %s asks for %s", d,
				tlsctx.VersionRange{Lowest: lowest, Highest: highest}, profile.Title, tlsctx.VersionRange{Lowest: profile.Lowest, Highest: profile.Highest})
		}
	},
})
