package lint

import "time"

var _ = register(&Rule{
	ID: "TLS101", Name: "expiring-certificate", Severity: diagWarning, Needs: Files,
	Summary: "A certificate that a domain presents ends soon.",
	Why: "On that day every peer that verifies certificates ends its connections, and nothing in the log of the server says why. " +
		"Lifetimes shrink: public certificates last 200 days since March 2026, and will last 47 from 2029 on.",
	Fix: "Renew the certificate, and reload or restart the server. Have it renewed by a program.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/expiring.pem") # want "expires in 10 days"
modparam("tls_mgm", "private_key", "[sip]/tls/expiring.key")
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
`},
	References: []string{"OpenSIPS #3337", "OpenSIPS #3315"},
	Certificate: func(p *Pass, c *Certificate) {
		for i, cert := range c.Chain {
			left := cert.NotAfter.Sub(p.Now())
			if left <= 0 || left > p.Options.Expiry {
				continue // one that has expired is told when the server starts
			}
			which := ""
			if i > 0 {
				which = "certificate " + ordinal(i) + " of the chain, " + subjectOf(cert) + ", "
			}
			p.reportCertificate(c, "%sexpires in %s, on %s", which, days(left), cert.NotAfter.UTC().Format(time.DateOnly)).
				Advise("renew it")
		}
	},
})
