package lint

import (
	"crypto/x509"
	"slices"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

var _ = register(&Rule{
	ID: "TLS106", Name: "no-server-usage", Severity: diagWarning, Needs: Files,
	Summary: "The certificate of a server domain is not for servers.",
	Why: "Its extended key usage leaves out serverAuth, or its key usage all that a server needs, and clients that verify " +
		"certificates refuse it.",
	Fix: "Get a certificate with the extended usage serverAuth and the usage digitalSignature.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/client-only.pem") # want "its extended key usage leaves out serverAuth"
modparam("tls_mgm", "private_key", "[sip]/tls/client-only.key")
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/server-only.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/server-only.key")
`},
	References: []string{"RFC 5280, sections 4.2.1.3 and 4.2.1.12", "RFC 5924"},
	Certificate: func(p *Pass, c *Certificate) {
		leaf := c.Leaf()
		const needed = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment | x509.KeyUsageKeyAgreement
		switch {
		case !c.serves(domain.Server):
		case !allowsUsage(leaf, x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageMicrosoftServerGatedCrypto, x509.ExtKeyUsageNetscapeServerGatedCrypto):
			p.reportCertificate(c, "its extended key usage leaves out serverAuth: clients refuse it").
				Advise("get a certificate with the extended usage serverAuth")
		case leaf.KeyUsage != 0 && leaf.KeyUsage&needed == 0:
			p.reportCertificate(c, "its key usage leaves out all that a server needs: clients refuse it").
				Advise("get a certificate with the usage digitalSignature")
		}
	},
})

// allowsUsage reports whether a certificate may be used in one of the ways. One
// that does not say may be used in all; "any" does not count, as with OpenSSL.
func allowsUsage(cert *x509.Certificate, usages ...x509.ExtKeyUsage) bool {
	if len(cert.ExtKeyUsage) == 0 && len(cert.UnknownExtKeyUsage) == 0 {
		return true
	}
	return slices.ContainsFunc(usages, func(u x509.ExtKeyUsage) bool { return slices.Contains(cert.ExtKeyUsage, u) })
}
