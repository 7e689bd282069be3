package lint

import (
	"crypto/x509"
	"slices"
)

var _ = register(&Rule{
	ID: "TLS105", Name: "other-root", Severity: diagNotice, Needs: Files,
	Summary: "The chain of a domain ends in another root than its `ca_list` has.",
	Why: "`ca_list` is for the certificates of peers, so this may be meant: the own certificate from a public authority, those " +
		"of phones from a private one. Where all are from one authority, one of the two files is the wrong one.",
	Fix: "Nothing, if the peers have certificates of another authority. Else put the root of the chain into `ca_list`.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem") # want "is not of an authority in the ca_list"
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ca_list", "[sip]/tls/other-ca.pem")
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ca_list", "[sip]/tls/ca.pem")
`},
	References: []string{"tls_mgm manual, section 1.8.5"},
	Domain: func(p *Pass, d *Domain) {
		cas, chain := d.Context.CAs(), d.Context.Chain()
		if len(cas) == 0 || len(chain) == 0 || !d.CADir.From.IsDefault() || d.has("private-key-mismatch") {
			return
		}
		for _, place := range path(chain) {
			cert := chain[place]
			if slices.ContainsFunc(cas, func(ca *x509.Certificate) bool { return mayHaveIssued(ca, cert) || ca.Equal(cert) }) {
				return
			}
		}
		p.Report(p.at(d, "certificate"), "%s: its certificate is not of an authority in the ca_list", d).
			Advise("this is right if the peers have certificates of another authority").
			Relate(p.at(d, "ca_list"), "the ca_list is set here")
	},
})
