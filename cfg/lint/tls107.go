package lint

import (
	"crypto/x509"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

var _ = register(&Rule{
	ID: "TLS107", Name: "no-client-usage", Severity: diagWarning, Needs: Files,
	Summary: "The certificate of a client domain is not for clients.",
	Why: "Its extended key usage leaves out clientAuth, and servers that ask for a certificate refuse it. Public authorities no " +
		"longer give that usage: their certificates of 2026 are for servers only.",
	Fix: "Get the certificate from an authority that still gives the usage clientAuth, or from one of your own that the peer " +
		"trusts. Where no peer asks for a certificate this does no harm.",
	Bad: Example{Script: `
modparam("tls_mgm", "client_domain", "sip=192.0.2.20:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/server-only.pem") # want "its extended key usage leaves out clientAuth"
modparam("tls_mgm", "private_key", "[sip]/tls/server-only.key")
`},
	Good: Example{Script: `
modparam("tls_mgm", "client_domain", "sip=192.0.2.20:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
`},
	References: []string{"RFC 5280, section 4.2.1.12", "OpenSIPS #3798", "OpenSIPS #3825"},
	Certificate: func(p *Pass, c *Certificate) {
		if c.serves(domain.Client) && !allowsUsage(c.Leaf(), x509.ExtKeyUsageClientAuth) {
			p.reportCertificate(c, "a client domain has it, but its extended key usage leaves out clientAuth: servers that ask for a certificate refuse it").
				Advise("get a certificate with the usage clientAuth, where a peer asks for one")
		}
	},
})
