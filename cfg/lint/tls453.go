package lint

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
)

var _ = register(&Rule{
	ID: "TLS453", Name: "profile-key", Severity: diagWarning, Needs: Files,
	Summary: "The key of a certificate is of a kind that the profile does not allow.",
	Why:     "The profile that the check was given names the kinds of key that a guideline allows or that a peer can work with.",
	Fix:     "Make a key of one of these kinds, and have the certificate issued anew.",
	Bad: Example{Profile: "teams", Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem") # want "Microsoft Teams Direct Routing asks for RSA of at least 2048 bits"
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
`},
	Good: Example{Profile: "teams", Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/rsa.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/rsa.key")
`},
	References: []string{"Mozilla, Server Side TLS", "RFC 8827, section 6.5"},
	Certificate: func(p *Pass, c *Certificate) {
		profile := p.Options.Profile
		if profile == nil || len(profile.Keys) == 0 || slices.ContainsFunc(profile.Keys, func(k KeyDemand) bool { return k.fits(c.Leaf()) }) {
			return
		}
		texts := make([]string, len(profile.Keys))
		for i, k := range profile.Keys {
			texts[i] = k.String()
		}
		p.reportCertificate(c, "its key is %s; %s asks for %s", c.Domains[0].Context.KeyKind(), profile.Title, strings.Join(texts, " or "))
	},
})

// fits reports whether the key of a certificate is of the kind.
func (k KeyDemand) fits(cert *x509.Certificate) bool {
	switch key := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		return k.Kind == "RSA" && key.N.BitLen() >= k.Bits
	case *ecdsa.PublicKey:
		return k.Kind == "ECDSA" && key.Params().Name == k.Curve
	case ed25519.PublicKey:
		return k.Kind == "Ed25519"
	}
	return false
}

// String words the demand.
func (k KeyDemand) String() string {
	switch {
	case k.Bits > 0:
		return fmt.Sprintf("%s of at least %d bits", k.Kind, k.Bits)
	case k.Curve != "":
		return k.Kind + " on " + k.Curve
	}
	return k.Kind
}
