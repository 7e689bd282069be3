package lint

import (
	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

var _ = register(&Rule{
	ID: "TLS119", Name: "shared-key", Severity: diagNotice, Needs: Files,
	Summary: "Several certificates or server domains have the same private key.",
	Why:     "Whoever gets the key of one has all. If customers are meant to be apart, they are not.",
	Fix:     "Make a key for each certificate.",
	Bad: Example{Script: `
listen=tls:192.0.2.10:5061
listen=tls:192.0.2.10:5062
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "server_domain", "trunk=192.0.2.10:5062")
modparam("tls_mgm", "certificate", "[sip]/tls/shared-a.pem") # want "its key is that of 2 server domains"
modparam("tls_mgm", "private_key", "[sip]/tls/shared-a.key")
modparam("tls_mgm", "certificate", "[trunk]/tls/shared-b.pem")
modparam("tls_mgm", "private_key", "[trunk]/tls/shared-b.key")
`},
	Good: Example{Script: `
listen=tls:192.0.2.10:5061
listen=tls:192.0.2.10:5062
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "server_domain", "trunk=192.0.2.10:5062")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "certificate", "[trunk]/tls/chain.pem")
modparam("tls_mgm", "private_key", "[trunk]/tls/chain.key")
`},
	References: []string{"NIST SP 800-57, part 1, section 5.2"},
	Run: func(p *Pass) {
		byKey := map[string][]*Certificate{}
		var keys []string
		for _, c := range p.Certificates {
			key := string(c.Leaf().RawSubjectPublicKeyInfo)
			if byKey[key] == nil {
				keys = append(keys, key)
			}
			byKey[key] = append(byKey[key], c)
		}
		for _, key := range keys {
			same := byKey[key]
			users := serverDomains(same)
			if len(users) < 2 && len(same) < 2 {
				continue
			}
			what := plural(len(users), "server domain")
			if len(users) < 2 {
				what = plural(len(same), "certificate")
			}
			f := p.Report(p.at(same[0].Domains[0], "certificate"), "%s: its key is that of %s", same[0].file(), what).
				Advise("make a key for each")
			if len(users) > 1 {
				f.Relate(p.at(users[1], "certificate"), "%s has it too", users[1])
			}
		}
	},
})

// serverDomains are the server domains that present the certificates, but for
// default ones.
func serverDomains(certificates []*Certificate) (all []*Domain) {
	for _, c := range certificates {
		for _, d := range c.Domains {
			if d.Kind == domain.Server && !d.Default {
				all = append(all, d)
			}
		}
	}
	return all
}
