package lint

import (
	"slices"
)

var _ = register(&Rule{
	ID: "TLS102", Name: "incomplete-chain", Severity: diagWarning, Needs: Files,
	Summary: "The certificate of an authority between the server's own and the root is missing.",
	Why: "A peer knows the root, and nobody but the server can give it what is between. Browsers fetch what is missing and hide " +
		"the mistake; SIP servers and phones do not, and end the handshake with \"unknown ca\".",
	Fix: "Put the certificates of all intermediate authorities into the file, behind the own one: the file that is often called " +
		"`fullchain.pem`.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/incomplete.pem") # want "certificate of its issuer \"CN=Example Issuing CA,O=certtest\" is missing"
modparam("tls_mgm", "private_key", "[sip]/tls/incomplete.key")
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/chain.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/chain.key")
`},
	References: []string{"tls_mgm manual, section 1.8.3", "RFC 8446, section 4.4.2", "OpenSIPS #1714"},
	Certificate: func(p *Pass, c *Certificate) {
		top := c.top()
		if selfSigned(top) {
			return
		}
		known := p.issuersOf(top)
		switch {
		case slices.ContainsFunc(known, selfSigned):
			return // only the root is left out, as it may be
		case len(known) == 0 && (top.IsCA || len(top.IssuingCertificateURL) == 0):
			return // its issuer may be a root that is not known here
		}
		p.reportCertificate(c, "the certificate of its issuer %s is missing, so that peers find no way to the root", quote(top.Issuer.String())).
			Advise("put it into the file, behind the own one")
	},
})
