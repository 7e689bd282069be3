package lint

import (
	"crypto/x509"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

var _ = register(&Rule{
	ID: "TLS114", Name: "name-not-covered", Severity: diagWarning, Needs: Files,
	Summary: "The certificate of a server domain is for none of the names of the server.",
	Why: "A peer that compares the name it called with those in the certificate ends the connection. The names of the server are " +
		"those of its aliases, advertised addresses and SIP domains, and those that the configuration of the check adds.",
	Fix: "Have the certificate issued for the name that peers call, or tell the check of the name.",
	Bad: Example{Script: `
alias=tls:sip.example.com:5061
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/other-name.pem") # want "it is for none of the names of this server, \"sip.example.com\""
modparam("tls_mgm", "private_key", "[sip]/tls/other-name.key")
`},
	Good: Example{Script: `
alias=tls:sip.example.com:5061
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
`},
	References: []string{"RFC 5922, section 7.2"},
	Certificate: func(p *Pass, c *Certificate) {
		names := p.ownNames()
		leaf := c.Leaf()
		if names.text == "" || !c.serves(domain.Server) || !hasAlternativeName(leaf) || names.covers(leaf) {
			return
		}
		p.reportCertificate(c, "it is for none of the names of this server, %s", names.text).
			Advise("it is for %s", list(alternativeNames(leaf)))
	},
})

// alternativeNames are the names of a certificate as messages have them.
func alternativeNames(cert *x509.Certificate) (names []string) {
	for _, name := range cert.DNSNames {
		names = append(names, quote(name))
	}
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	for _, uri := range cert.URIs {
		names = append(names, quote(uri.String()))
	}
	for _, mailbox := range cert.EmailAddresses {
		names = append(names, quote(mailbox))
	}
	return names
}
