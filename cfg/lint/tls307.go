package lint

import (
	"time"
)

var _ = register(&Rule{
	ID: "TLS307", Name: "expiring-crl", Severity: diagWarning, Needs: Files,
	Summary: "A revocation list ends soon.",
	Why:     "With a list that has ended no certificate of its issuer verifies: all peers of that authority are locked out at once.",
	Fix:     "Fetch the new list, and have that done by a program more often than the authority makes one.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ca_list", "[sip]/tls/ca.pem")
modparam("tls_mgm", "crl_dir", "[sip]/tls/crl-ending") # want "expires in 10 hours"
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ca_list", "[sip]/tls/ca.pem")
modparam("tls_mgm", "crl_dir", "[sip]/tls/crl")
`},
	References: []string{"RFC 5280, section 5.1.2.5"},
	Run: func(p *Pass) {
		for _, l := range p.crlDirs() {
			for _, crl := range l.crls {
				left := crl.NextUpdate.Sub(p.Now())
				if crl.NextUpdate.IsZero() || left <= 0 {
					continue // one that has ended is told when the server starts
				}
				// A list of a day is renewed each day, one of a month is not.
				const few, part = 3 * 24 * time.Hour, 4
				if left < few && left < crl.NextUpdate.Sub(crl.ThisUpdate)/part {
					p.Report(p.at(l.domains[0], "crl_dir"), "the CRL of %s expires in %s", quote(crl.Issuer.String()), days(left)).
						Advise("fetch the new one")
				}
			}
		}
	},
})
