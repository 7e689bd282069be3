package lint

import (
	"crypto/x509"
)

var _ = register(&Rule{
	ID: "TLS121", Name: "issuer-no-authority", Severity: diagWarning, Needs: Files,
	Summary: "A certificate of a chain was issued by one that is not that of an authority.",
	Why:     "Everybody with a certificate could issue others that way, so that peers check this first: they refuse the chain.",
	Fix:     "Have the certificate issued by an authority: one whose certificate has the basic constraint CA.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/no-authority.pem") # want "certificate 2, \"CN=no authority,O=certtest\", issued certificate 1, but is not that of an authority"
modparam("tls_mgm", "private_key", "[sip]/tls/no-authority.key")
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/chain.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/chain.key")
`},
	References: []string{"RFC 5280, section 4.2.1.9"},
	Certificate: func(p *Pass, c *Certificate) {
		places := c.path
		for i, place := range places[1:] {
			issuer := c.Chain[place]
			if issuer.Version >= 3 && !issuer.IsCA || issuer.KeyUsage != 0 && issuer.KeyUsage&x509.KeyUsageCertSign == 0 {
				p.reportCertificate(c, "certificate %s, %s, issued certificate %s, but is not that of an authority", ordinal(place), subjectOf(issuer), ordinal(places[i])).
					Advise("have the certificate issued by an authority")
			}
		}
	},
})
