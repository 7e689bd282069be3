package lint

var _ = register(&Rule{
	ID: "TLS118", Name: "key-in-certificate", Severity: diagWarning, Needs: Files,
	Summary: "The file of a certificate holds a private key.",
	Why: "Certificates are handed around, and copied with open permissions, as they are no secret. A key in the same file goes " +
		"along.",
	Fix: "Keep the key in a file of its own, which `private_key` names.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/combined.pem") # want "it holds a private key"
modparam("tls_mgm", "private_key", "[sip]/tls/combined.key")
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
`},
	References: []string{"tls_mgm manual, sections 1.8.3 and 1.8.4"},
	Certificate: func(p *Pass, c *Certificate) {
		d := c.Domains[0]
		if d.Certificate.File != "" && d.Context.KeyBesideCertificate() {
			p.reportCertificate(c, "it holds a private key").
				Advise("keep the key in a file of its own")
		}
	},
})
