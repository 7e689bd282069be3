package lint

import (
	"fmt"
	"strings"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

var _ = register(&Rule{
	ID: "TLS002", Name: "shared-address", Severity: diagWarning,
	Summary: "Two domains of a kind are found by the same address, so that only the later one is ever used.",
	Why: "New domains go to the front of the server's list and the first match wins: the domain that is defined last hides the other. " +
		"Its certificate is never shown, and nothing tells so.",
	Fix: "Give each domain an address of its own, or remove the one that is not used.",
	Bad: Example{Script: `
listen=tls:192.0.2.10:5061
modparam("tls_mgm", "server_domain", "old=192.0.2.10:5061") # want "server domain \"old\" is never used"
modparam("tls_mgm", "server_domain", "new=192.0.2.10:5061")
`},
	Good: Example{Script: `
listen=tls:192.0.2.10:5061
listen=tls:192.0.2.10:5062
modparam("tls_mgm", "server_domain", "phones=192.0.2.10:5061")
modparam("tls_mgm", "server_domain", "trunks=192.0.2.10:5062")
`},
	References: []string{"tls_mgm manual, section 1.3", "OpenSIPS #2474"},
	Run: func(p *Pass) {
		_, _, byName := p.clientAVP()
		winners := map[string]*Domain{}
		for _, d := range p.Domains {
			for _, key := range p.matchKeys(d) {
				winners[key] = d
			}
		}
		for _, d := range p.Domains {
			keys := p.matchKeys(d)
			winner := allTaken(d, keys, winners)
			if winner == nil || d.Kind == domain.Client && byName || d.Row == nil && winner.Row != nil {
				continue
			}
			p.Report(p.definedAt(d), "%s is never used: %s is found by the same address and comes first", d, winner).
				Advise("give it an address of its own, or remove it").
				Relate(p.definedAt(winner), "the other is defined here")
		}
	},
})

// matchKeys are the addresses, from 3.0 on with the SIP domains, by which a
// domain is found. A default domain has none.
func (p *Pass) matchKeys(d *Domain) (keys []string) {
	addresses, everyAddress := p.addresses(d)
	// A name such as dom=192.0.2.10:5061 was meant for 2.x, and its settings are
	// refused from 3.0 on.
	foreign := p.era().matchLists && strings.Contains(d.Name, "=") && !p.Config.Accepted()
	if d.Default || foreign {
		return nil
	}
	var texts []string
	for _, a := range addresses {
		texts = append(texts, a.String())
	}
	if everyAddress {
		texts = append(texts, "*")
	}
	for _, text := range texts {
		for _, name := range sipDomains(d) {
			keys = append(keys, fmt.Sprintf("%s %s %s", d.Kind, text, name))
		}
	}
	return keys
}

// allTaken is a domain that takes one of the keys, if others take them all.
func allTaken(d *Domain, keys []string, winners map[string]*Domain) (winner *Domain) {
	for _, key := range keys {
		winner = winners[key]
		if winner == d {
			return nil
		}
	}
	return winner
}
