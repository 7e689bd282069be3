package lint

var _ = register(&Rule{
	ID: "TLS306", Name: "no-authority-certificate", Severity: diagWarning, Needs: Files,
	Summary: "A `ca_list` has a certificate that is not that of an authority.",
	Why: "Nothing that it signed verifies, and neither does it itself, as its issuer is asked for. Most likely the certificate " +
		"of a peer was meant to be trusted, which takes that of its authority.",
	Fix: "Put the certificate of the authority into the file.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ca_list", "[sip]/tls/ca-with-leaf.pem") # want "certificate 2, \"CN=peer.example.com,O=certtest\", is not that of an authority"
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ca_list", "[sip]/tls/cas.pem")
`},
	References: []string{"RFC 5280, section 4.2.1.9"},
	Run: func(p *Pass) {
		for _, l := range p.caLists() {
			for i, ca := range l.certs {
				// One that signed itself can be trusted as it is.
				if ca.Version >= 3 && !ca.IsCA && !selfSigned(ca) {
					p.reportCAList(l, "certificate %s, %s, is not that of an authority: it makes nothing verify", ordinal(i), subjectOf(ca)).
						Advise("put that of its issuer, %s, in its place", quote(ca.Issuer.String()))
				}
			}
		}
	},
})
