package lint

import (
	"strings"
)

var _ = register(&Rule{
	ID: "TLS120", Name: "wildcard-certificate", Severity: diagNotice, Needs: Files,
	Summary: "A certificate is for a wildcard name.",
	Why: "SIP knows no wildcards in certificates: a peer that keeps to RFC 5922 refuses it. Its key is also good for every other " +
		"host of the domain.",
	Fix: "Have the certificate issued for the names that the server has.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/wildcard.pem") # want "it is for \"*.example.com\""
modparam("tls_mgm", "private_key", "[sip]/tls/wildcard.key")
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
`},
	References: []string{"RFC 5922, section 7.2"},
	Certificate: func(p *Pass, c *Certificate) {
		for _, name := range c.Leaf().DNSNames {
			if strings.HasPrefix(name, "*.") {
				p.reportCertificate(c, "it is for %s: SIP knows no wildcards in certificates", quote(name)).
					Advise("have it issued for the names that the server has")
			}
		}
	},
})
