package lint

var _ = register(&Rule{
	ID: "TLS103", Name: "chain-order", Severity: diagWarning, Needs: Files,
	Summary: "The certificates of a chain are in the wrong order.",
	Why: "Up to TLS 1.2 each certificate has to be followed by that of its issuer. Many peers sort them nevertheless, others end " +
		"the handshake, so that it depends on the peer whether calls get through.",
	Fix: "Put the own certificate first, then that of its issuer, and so on.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/wrong-order.pem") # want "certificate 3 is the issuer of certificate 1, but does not follow it"
modparam("tls_mgm", "private_key", "[sip]/tls/wrong-order.key")
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/chain.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/chain.key")
`},
	References: []string{"RFC 5246, section 7.4.2"},
	Certificate: func(p *Pass, c *Certificate) {
		places := c.path
		for i, place := range places[1:] {
			if place != places[i]+1 {
				p.reportCertificate(c, "certificate %s is the issuer of certificate %s, but does not follow it", ordinal(place), ordinal(places[i])).
					Advise("put each certificate behind the one that it issued")
				return
			}
		}
	},
})
