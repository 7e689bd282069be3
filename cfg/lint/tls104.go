package lint

import (
	"slices"
)

var _ = register(&Rule{
	ID: "TLS104", Name: "stray-certificate", Severity: diagNotice, Needs: Files,
	Summary: "A file has certificates that are not part of the chain.",
	Why: "They are sent in every handshake and are of no use to the peer. Often they are left from an earlier issuer, and the " +
		"one that is needed is missing.",
	Fix: "Remove them. CAs that peers are checked against belong into `ca_list`.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/stray.pem") # want "certificate 3, \"CN=Other Root CA,O=certtest\", is not part of the chain"
modparam("tls_mgm", "private_key", "[sip]/tls/stray.key")
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/chain.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/chain.key")
`},
	References: []string{"RFC 5246, section 7.4.2"},
	Certificate: func(p *Pass, c *Certificate) {
		for i, cert := range c.Chain {
			if !slices.Contains(c.path, i) {
				p.reportCertificate(c, "certificate %s, %s, is not part of the chain", ordinal(i), subjectOf(cert)).
					Advise("remove it; CAs that peers are checked against belong into ca_list")
			}
		}
	},
})
