package lint

import (
	"crypto/ecdsa"
)

var _ = register(&Rule{
	ID: "TLS112", Name: "small-curve", Severity: diagWarning, Needs: Files,
	Summary: "A certificate of a chain has an EC key on a curve below P-256.",
	Why:     "Such keys are weaker than all else in a connection, and few peers have the curve.",
	Fix:     "Make a key on P-256 and have the certificate issued anew.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/p224.pem") # want "key on P-224"
modparam("tls_mgm", "private_key", "[sip]/tls/p224.key")
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
`},
	References: []string{"RFC 8422, section 5.1.1"},
	Certificate: func(p *Pass, c *Certificate) {
		const smallest = 256
		for i, cert := range c.Chain {
			key, ok := cert.PublicKey.(*ecdsa.PublicKey)
			if ok && key.Params().BitSize < smallest && !c.has("certificate-weak") {
				p.reportCertificate(c, "certificate %s of the chain has a key on %s, below P-256", ordinal(i), key.Params().Name).
					Advise("make a key on P-256")
			}
		}
	},
})
