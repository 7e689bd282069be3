package lint

var _ = register(&Rule{
	ID: "TLS108", Name: "authority-as-leaf", Severity: diagWarning, Needs: Files,
	Summary: "A domain presents the certificate of an authority as its own.",
	Why: "The key that signs certificates lies on the server that is open to the world: who gets it can make certificates for " +
		"every name. Many peers refuse such a certificate as well.",
	Fix: "Have the authority issue a certificate for the server, and keep its key elsewhere.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/ca-leaf.pem") # want "it is that of an authority"
modparam("tls_mgm", "private_key", "[sip]/tls/ca-leaf.key")
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
`},
	References: []string{"RFC 5280, section 4.2.1.9"},
	Certificate: func(p *Pass, c *Certificate) {
		leaf := c.Leaf()
		if leaf.IsCA && leaf.BasicConstraintsValid && !selfSigned(leaf) && !c.has("private-key-mismatch") {
			p.reportCertificate(c, "it is that of an authority, which can issue others").
				Advise("have the authority issue one for the server")
		}
	},
})
