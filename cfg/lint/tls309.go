package lint

import (
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

var _ = register(&Rule{
	ID: "TLS309", Name: "missing-crl", Severity: diagWarning, Needs: Files,
	Summary: "A certificate of the `ca_list` has no revocation list, though revocations are looked at.",
	Why: "With a `crl_dir` the certificate of a peer verifies only if there is a list of its issuer, with `crl_check_all` each " +
		"certificate of its chain. Where one is missing, all peers below that authority are refused.",
	Fix: "Put the list of each authority into the `crl_dir`.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ca_list", "[sip]/tls/cas.pem")
modparam("tls_mgm", "crl_dir", "[sip]/tls/crl") # want "there is no CRL of \"CN=Other Root CA,O=certtest\""
modparam("tls_mgm", "crl_check_all", "[sip]1")
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ca_list", "[sip]/tls/ca.pem")
modparam("tls_mgm", "crl_dir", "[sip]/tls/crl")
modparam("tls_mgm", "crl_check_all", "[sip]1")
`},
	References: []string{"tls_mgm manual, section 1.8.23", "RFC 5280, section 5"},
	Run: func(p *Pass) {
		for _, l := range p.crlDirs() {
			have := map[verify.Name]bool{}
			for _, crl := range l.crls {
				have[crl.IssuerName()] = true
			}
			for _, cas := range p.caListsOf(l.domains) {
				d := cas.domains[0]
				for _, ca := range cas.certs {
					name, err := verify.CanonicalName(ca.RawSubject)
					if err != nil || have[name] || !ca.IsCA || len(l.crls) == 0 {
						continue
					}
					p.Report(p.at(d, "crl_dir"), "there is no CRL of %s: certificates of that authority do not verify", subjectOf(ca)).
						Advise("put its list into %s", d.CRLDir.Value)
				}
			}
		}
	},
})
