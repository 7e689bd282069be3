package lint

import (
	"slices"
	"strings"
)

var _ = register(&Rule{
	ID: "TLS504", Name: "unverified-peer-field", Severity: diagWarning,
	Summary: "A field of the peer's certificate decides something, though the certificate may not be verified.",
	Why: "The variables hold what the certificate says, whoever made it. With `verify_cert` off everybody can make one with any " +
		"name. `is_peer_verified()` is true only where it was verified.",
	Fix: "Ask `is_peer_verified()` or `$tls_peer_verified` first, or set `verify_cert` to 1 for every domain.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "verify_cert", "[sip]1")
modparam("tls_mgm", "client_domain", "out=192.0.2.20:5061")
modparam("tls_mgm", "verify_cert", "[out]0")
route {
	if ($tls_peer_subject_cn == "boss") { # want "$tls_peer_subject_cn is trusted without is_peer_verified()"
		t_relay();
	}
}
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "verify_cert", "[sip]1")
modparam("tls_mgm", "client_domain", "out=192.0.2.20:5061")
modparam("tls_mgm", "verify_cert", "[out]0")
route {
	if (is_peer_verified() && $tls_peer_subject_cn == "boss") {
		t_relay();
	}
}
`},
	References: []string{"tls_mgm manual, sections 1.6.1 and 1.9.18"},
	Run: func(p *Pass) {
		facts := p.script()
		asks := slices.ContainsFunc(facts.calls, func(c call) bool { return c.Name.Name == "is_peer_verified" }) ||
			slices.ContainsFunc(facts.uses, func(u use) bool { return u.name == "tls_peer_verified" })
		lax := slices.ContainsFunc(p.Domains, func(d *Domain) bool { return !d.VerifyCert.On })
		if asks || !lax {
			return
		}
		for _, u := range facts.uses {
			if !u.logged && isPeerField(u.name) {
				p.Report(u.at, "$%s is trusted without is_peer_verified()", u.name).
					Advise("ask is_peer_verified() first: without it the name is what the peer says of itself")
			}
		}
	},
})

// isPeerField reports whether a variable says who the peer is.
func isPeerField(name string) bool {
	return slices.ContainsFunc([]string{"tls_peer_subject", "tls_peer_issuer", "tls_peer_san_", "tls_peer_serial"}, func(prefix string) bool {
		return strings.HasPrefix(name, prefix)
	})
}
