package lint

import (
	"github.com/opensips-tools/tlsmgm/mgm/openssl"
)

var _ = register(&Rule{
	ID: "TLS405", Name: "no-forward-secrecy", Severity: diagWarning,
	Summary: "A `ciphers_list` prefers suites without forward secrecy, or has no others.",
	Why: "Whoever records the traffic and gets the key of the server later, from a backup or an old disk, can read all of it. " +
		"The order of the server counts, not that of the client.",
	Fix: "Put suites whose name begins with ECDHE first, best leave out the others.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/rsa.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/rsa.key")
modparam("tls_mgm", "ciphers_list", "[sip]AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256") # want "prefers AES128-GCM-SHA256, which has no forward secrecy"
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/rsa.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/rsa.key")
modparam("tls_mgm", "ciphers_list", "[sip]ECDHE-RSA-AES128-GCM-SHA256:AES128-GCM-SHA256")
`},
	References: []string{"RFC 9325, section 4.1"},
	Domain: func(p *Pass, d *Domain) {
		ciphers, own := p.ciphersOf(d)
		if !own || ciphers.err != nil {
			return
		}
		for _, s := range ciphers.Usable() {
			if s.KeyExchange == openssl.KxAny {
				continue // of TLS 1.3, which the list does not choose
			}
			if !s.ForwardSecret() {
				p.Report(p.at(d, "ciphers_list"), "ciphers_list %s prefers %s, which has no forward secrecy", quote(d.CiphersList.Value), s.Name).
					Advise("put suites that begin with ECDHE first")
			}
			return
		}
	},
})
