package lint

import (
	"crypto/x509"
)

var _ = register(&Rule{
	ID: "TLS113", Name: "no-alternative-name", Severity: diagWarning, Needs: Files,
	Summary: "A certificate has a common name only, and no subject alternative name.",
	Why:     "Peers that compare the name look at the alternative names; many ignore the common name altogether.",
	Fix:     "Have the certificate issued with the host names as subject alternative names.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/no-san.pem") # want "it has no subject alternative name"
modparam("tls_mgm", "private_key", "[sip]/tls/no-san.key")
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
`},
	References: []string{"RFC 5922, section 7.1", "RFC 9525, section 6.3"},
	Certificate: func(p *Pass, c *Certificate) {
		leaf := c.Leaf()
		if !hasAlternativeName(leaf) {
			p.reportCertificate(c, "it has no subject alternative name, only %s", subjectOf(leaf)).
				Advise("have it issued with the host names as alternative names")
		}
	},
})

func hasAlternativeName(cert *x509.Certificate) bool {
	return len(cert.DNSNames)+len(cert.IPAddresses)+len(cert.URIs)+len(cert.EmailAddresses) > 0
}
