package lint

import (
	"crypto/x509"
	"slices"
)

var _ = register(&Rule{
	ID: "TLS110", Name: "weak-signature", Severity: diagWarning, Needs: Files,
	Summary: "A certificate of a chain is signed with SHA-1 or MD5.",
	Why:     "Such signatures can be forged. OpenSSL refuses them unless its security level is lowered, and so do the peers.",
	Fix:     "Have the certificate issued anew, with SHA-256.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/sha1.pem") # want "signed with SHA1-RSA"
modparam("tls_mgm", "private_key", "[sip]/tls/sha1.key")
modparam("tls_mgm", "ciphers_list", "[sip]DEFAULT@SECLEVEL=0")
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/rsa.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/rsa.key")
modparam("tls_mgm", "ciphers_list", "[sip]DEFAULT@SECLEVEL=0")
`},
	References: []string{"RFC 9155"},
	Certificate: func(p *Pass, c *Certificate) {
		for i, cert := range c.Chain {
			if slices.Contains(weakSignatures, cert.SignatureAlgorithm) && !selfSigned(cert) && !c.has("certificate-weak") {
				p.reportCertificate(c, "certificate %s of the chain is signed with %s, which can be forged", ordinal(i), cert.SignatureAlgorithm).
					Advise("have it issued anew with SHA-256")
			}
		}
	},
})

var weakSignatures = []x509.SignatureAlgorithm{
	x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1,
}
