package lint

var _ = register(&Rule{
	ID: "TLS109", Name: "self-signed-certificate", Severity: diagNotice, Needs: Files,
	Summary: "A domain presents a certificate that signed itself.",
	Why: "No peer can verify it unless it was given this very certificate, which has to be done anew each time that it is " +
		"renewed.",
	Fix: "Use a certificate of an authority, a small one of your own will do.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/selfsigned.pem") # want "it signed itself"
modparam("tls_mgm", "private_key", "[sip]/tls/selfsigned.key")
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
`},
	References: []string{"RFC 5922, section 4"},
	Certificate: func(p *Pass, c *Certificate) {
		if selfSigned(c.Leaf()) {
			p.reportCertificate(c, "it signed itself: only peers that have been given it can verify it").
				Advise("use one of an authority, a small one of your own will do")
		}
	},
})
