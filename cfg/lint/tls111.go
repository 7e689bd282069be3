package lint

import (
	"crypto/rsa"
)

var _ = register(&Rule{
	ID: "TLS111", Name: "short-rsa-key", Severity: diagWarning, Needs: Files,
	Summary: "A certificate of a chain has an RSA key of less than 2048 bits.",
	Why: "Keys of 1024 bits are within reach of those who can spend the money. OpenSSL refuses the shortest unless its security " +
		"level is lowered.",
	Fix: "Make a key of 2048 bits, or one on P-256, and have the certificate issued anew.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/rsa1024.pem") # want "RSA key of 1024 bits"
modparam("tls_mgm", "private_key", "[sip]/tls/rsa1024.key")
modparam("tls_mgm", "ciphers_list", "[sip]DEFAULT@SECLEVEL=0")
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/rsa.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/rsa.key")
modparam("tls_mgm", "ciphers_list", "[sip]DEFAULT@SECLEVEL=0")
`},
	References: []string{"NIST SP 800-131A"},
	Certificate: func(p *Pass, c *Certificate) {
		const shortest = 2048
		for i, cert := range c.Chain {
			key, ok := cert.PublicKey.(*rsa.PublicKey)
			if ok && key.N.BitLen() < shortest && !c.has("certificate-weak") {
				p.reportCertificate(c, "certificate %s of the chain has an RSA key of %d bits", ordinal(i), key.N.BitLen()).
					Advise("make a key of 2048 bits, or one on P-256")
			}
		}
	},
})
