package lint

import (
	"crypto/sha256"
)

var _ = register(&Rule{
	ID: "TLS305", Name: "repeated-authority", Severity: diagNotice, Needs: Files,
	Summary: "A `ca_list` has the same certificate twice.",
	Why: "It does no harm, but tells that the file was put together without care; the one that was meant in its place is " +
		"missing.",
	Fix: "Remove one of the two.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ca_list", "[sip]/tls/ca-twice.pem") # want "certificate 3, \"CN=Example Root CA,O=certtest\", is certificate 1 again"
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ca_list", "[sip]/tls/cas.pem")
`},
	References: []string{"tls_mgm manual, section 1.8.5"},
	Run: func(p *Pass) {
		for _, l := range p.caLists() {
			seen := map[[sha256.Size]byte]int{}
			for i, ca := range l.certs {
				digest := sha256.Sum256(ca.Raw)
				if first, known := seen[digest]; known {
					p.reportCAList(l, "certificate %s, %s, is certificate %s again", ordinal(i), subjectOf(ca), ordinal(first))
					continue
				}
				seen[digest] = i
			}
		}
	},
})
