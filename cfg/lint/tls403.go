package lint

import (
	"crypto/tls"
	"crypto/x509"
	"slices"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/openssl"
)

var _ = register(&Rule{
	ID: "TLS403", Name: "no-shared-cipher", Severity: diagWarning, Needs: Files,
	Summary: "The `ciphers_list` of a server domain has no suite for the kind of key of its certificate.",
	Why: "A suite of TLS 1.2 is for RSA keys or for EC keys. With none for the key there is, every handshake below TLS 1.3 ends " +
		"with \"no shared cipher\".",
	Fix: "Add suites for the kind of key: those with ECDSA in their name for an EC key, those with RSA for an RSA key.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ciphers_list", "[sip]ECDHE-RSA-AES128-GCM-SHA256") # want "has no suite of TLS 1.2 for an ECDSA key"
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ciphers_list", "[sip]ECDHE-ECDSA-AES128-GCM-SHA256")
`},
	References: []string{"tls_mgm manual, section 1.8.7", "OpenSIPS #3006"},
	Domain: func(p *Pass, d *Domain) {
		usable, kind, ok := p.suitesForKey(d)
		if ok && len(usable) == 0 {
			p.Report(p.at(d, "ciphers_list"), "%s: its ciphers_list has no suite of TLS 1.2 for an %s key", d, kind).
				Advise("add suites for %s, such as ECDHE-%s-AES128-GCM-SHA256", kind, kind).
				Relate(p.at(d, "certificate"), "the certificate has that key")
		}
	},
})

// suitesForKey are the suites of TLS 1.2 and below that a server domain with a
// ciphers_list of its own can use with the key of its certificate. It is false
// where that cannot be told, and for a domain that speaks TLS 1.3 only.
func (p *Pass) suitesForKey(d *Domain) (usable []openssl.Suite, kind x509.PublicKeyAlgorithm, ok bool) {
	leaf := d.Context.Certificate()
	ciphers, own := p.ciphersOf(d)
	if d.Kind != domain.Server || leaf == nil || !own || ciphers.err != nil {
		return nil, 0, false
	}
	if method, err := domain.ParseMethod(d.Method.Value, p.Config.Version); err != nil || method.Min == tls.VersionTLS13 {
		return nil, 0, false
	}
	kind = leaf.PublicKeyAlgorithm
	if kind != x509.RSA && kind != x509.ECDSA {
		return nil, 0, false
	}
	usable = slices.DeleteFunc(ciphers.UsableWith(kind), func(s openssl.Suite) bool { return s.KeyExchange == openssl.KxAny })
	return usable, kind, true
}
