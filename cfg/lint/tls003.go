package lint

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

var _ = register(&Rule{
	ID: "TLS003", Name: "domain-without-socket", Severity: diagWarning, Needs: WholeScript,
	Summary: "A server domain has an address on which the server does not listen for TLS.",
	Why: "A server domain is found by the address and the port of the socket that a connection comes in on. Where they differ, the " +
		"default domain answers, with another certificate than the one meant, or nobody does.",
	Fix: "Write the address of a `listen` statement, with its port, or add such a statement.",
	Bad: Example{Script: `
listen=tls:192.0.2.10:5061
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5062") # want "no socket listens for TLS on 192.0.2.10:5062"
`},
	Good: Example{Script: `
listen=tls:192.0.2.10:5061
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
`},
	References: []string{"tls_mgm manual, section 1.3", "OpenSIPS #3401", "OpenSIPS #2123"},
	Run: func(p *Pass) {
		listeners := p.tlsListeners()
		sockets := newSocketSet(listeners)
		for _, d := range p.Domains {
			addresses, everyAddress := p.addresses(d)
			if d.Kind != domain.Server || everyAddress || len(addresses) == 0 || slices.ContainsFunc(addresses, sockets.serves) {
				continue
			}
			f := p.Report(p.definedAt(d), "%s: no socket listens for TLS on %s", d, joinAddresses(addresses))
			switch {
			case len(listeners) == 0:
				f.Advise("add one: %s=tls:%s", p.socketKeyword(), addresses[0])
			default:
				f.Advise("the domain is found by the address of the socket: write that, or add %s=tls:%s", p.socketKeyword(), addresses[0]).
					Relate(listeners[0].At, "the server listens here")
			}
		}
	},
})

// socketKeyword is the word that a socket begins with.
func (p *Pass) socketKeyword() string {
	if catalogue.For(p.Config.Version).Has(catalogue.SocketStatement) {
		return "socket"
	}
	return "listen"
}

func joinAddresses(addresses []netip.AddrPort) string {
	texts := make([]string, len(addresses))
	for i, a := range addresses {
		texts[i] = fmt.Sprint(a)
	}
	return list(texts)
}
