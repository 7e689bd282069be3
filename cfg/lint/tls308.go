package lint

import (
	"crypto/x509"

	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

var _ = register(&Rule{
	ID: "TLS308", Name: "foreign-crl", Severity: diagNotice, Needs: Files,
	Summary: "A revocation list is of an issuer that no `ca_list` has.",
	Why:     "It says nothing about any certificate that could verify. Often the list of the right authority is missing.",
	Fix:     "Remove it, or put its issuer into the `ca_list`.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ca_list", "[sip]/tls/ca.pem")
modparam("tls_mgm", "crl_dir", "[sip]/tls/crl-other") # want "the CRL of \"CN=Other Root CA,O=certtest\" is of no authority"
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ca_list", "[sip]/tls/ca.pem")
modparam("tls_mgm", "crl_dir", "[sip]/tls/crl")
`},
	References: []string{"RFC 5280, section 5"},
	Run: func(p *Pass) {
		presented := p.presentedIssuers()
		for _, l := range p.crlDirs() {
			known, complete := p.authoritiesOf(l.domains)
			for _, crl := range l.crls {
				if complete && !known[crl.IssuerName()] && !presented[crl.IssuerName()] {
					p.Report(p.at(l.domains[0], "crl_dir"), "the CRL of %s is of no authority in the ca_list", quote(crl.Issuer.String())).
						Advise("remove it, or put its issuer into the ca_list")
				}
			}
		}
	},
})

// presentedIssuers are the names of the certificates behind the own ones: peers
// may have certificates of the same issuers.
func (p *Pass) presentedIssuers() map[verify.Name]bool {
	names := map[verify.Name]bool{}
	seen := map[string]bool{}
	for _, c := range p.Certificates {
		for _, cert := range c.Chain[1:] {
			if raw := string(cert.RawSubject); !seen[raw] {
				seen[raw] = true
				addName(names, cert)
			}
		}
	}
	return names
}

// authoritiesOf are the names of those in the ca_lists of domains. They are not
// complete where a domain has others, or none that are known.
func (p *Pass) authoritiesOf(domains []*Domain) (names map[verify.Name]bool, complete bool) {
	names = map[verify.Name]bool{}
	for _, d := range domains {
		if !d.CAList.IsSet() || !d.CADir.From.IsDefault() {
			return nil, false
		}
	}
	lists := p.caListsOf(domains)
	for _, l := range lists {
		for _, ca := range l.certs {
			addName(names, ca)
		}
	}
	return names, len(lists) > 0
}

func addName(names map[verify.Name]bool, cert *x509.Certificate) {
	if name, err := verify.CanonicalName(cert.RawSubject); err == nil {
		names[name] = true
	}
}
