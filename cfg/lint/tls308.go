package lint

import (
	"crypto/x509"
	"slices"

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
		for _, l := range p.crlDirs() {
			known := map[verify.Name]bool{}
			for _, d := range l.domains {
				if len(d.Context.CAs()) == 0 || !d.CADir.From.IsDefault() {
					known = nil // the authorities are not all known
					break
				}
				for _, ca := range slices.Concat(d.Context.CAs(), d.Context.Chain()) {
					if name, err := verify.CanonicalName(ca.RawSubject); err == nil {
						known[name] = true
					}
				}
			}
			for _, crl := range l.crls {
				if known != nil && !known[crl.IssuerName()] && !p.isIntermediate(crl) {
					p.Report(p.at(l.domains[0], "crl_dir"), "the CRL of %s is of no authority in the ca_list", quote(crl.Issuer.String()))
				}
			}
		}
	},
})

// isIntermediate reports whether a chain that the server presents has the issuer
// of a list: peers may have certificates of the same.
func (p *Pass) isIntermediate(crl *verify.CRL) bool {
	return slices.ContainsFunc(p.Certificates, func(c *Certificate) bool {
		return slices.ContainsFunc(c.Chain[1:], func(cert *x509.Certificate) bool {
			name, err := verify.CanonicalName(cert.RawSubject)
			return err == nil && name == crl.IssuerName()
		})
	})
}
