package lint

import (
	"crypto/x509"
	"slices"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

var _ = register(&Rule{
	ID: "TLS107", Name: "no-client-usage", Severity: diagWarning, Needs: Files,
	Summary: "The certificate of a client domain is not for clients.",
	Why: "Its extended key usage leaves out clientAuth, and servers that ask for a certificate refuse it. Public authorities no " +
		"longer give that usage: their certificates of 2026 are for servers only.",
	Fix: "Get the certificate from an authority that still gives the usage clientAuth, or from one of your own that the peer " +
		"trusts. Where no peer asks for a certificate this does no harm; up to 2.4 a setting without a domain is one of both default " +
		"domains, and so it is a notice where only the default client domain has the certificate along with the server.",
	Bad: Example{Script: `
modparam("tls_mgm", "client_domain", "sip=192.0.2.20:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/server-only.pem") # want "its extended key usage leaves out clientAuth"
modparam("tls_mgm", "private_key", "[sip]/tls/server-only.key")
`},
	Good: Example{Script: `
modparam("tls_mgm", "client_domain", "sip=192.0.2.20:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
`},
	References: []string{"RFC 5280, sections 4.2.1.3 and 4.2.1.12", "OpenSIPS #3798", "OpenSIPS #3825"},
	Certificate: func(p *Pass, c *Certificate) {
		leaf := c.Leaf()
		const needed = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyAgreement
		switch {
		case !c.serves(domain.Client):
		case !allowsUsage(leaf, x509.ExtKeyUsageClientAuth):
			f := p.reportCertificate(c, "a client domain has it, but its extended key usage leaves out clientAuth: servers that ask for a certificate refuse it").
				Advise("get a certificate with the extended usage clientAuth, where a peer asks for one")
			if !c.chosenForClients() {
				f.Severity = diagNotice
			}
		case leaf.KeyUsage != 0 && leaf.KeyUsage&needed == 0:
			p.reportCertificate(c, "a client domain has it, but its key usage leaves out digitalSignature: servers that ask for a certificate refuse it").
				Advise("get a certificate with the usage digitalSignature, where a peer asks for one")
		}
	},
})

// chosenForClients reports whether somebody gave the certificate to a client
// domain. The default one of 2.x has that of the default server domain by the same
// setting.
func (c *Certificate) chosenForClients() bool {
	servers := slices.DeleteFunc(slices.Clone(c.Domains), func(d *Domain) bool { return d.Kind != domain.Server })
	return slices.ContainsFunc(c.Domains, func(d *Domain) bool {
		if d.Kind != domain.Client {
			return false
		}
		return !slices.ContainsFunc(servers, func(server *Domain) bool {
			return d.Default && server.Default && d.Row == nil && d.Certificate.From == server.Certificate.From
		})
	})
}
