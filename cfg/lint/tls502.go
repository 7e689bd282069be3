package lint

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

var _ = register(&Rule{
	ID: "TLS502", Name: "unasked-peer", Severity: diagWarning, Needs: WholeScript,
	Summary: "The certificate of the peer is looked at, but no server domain asks clients for one.",
	Why: "With `verify_cert` off a server asks for no certificate: `is_peer_verified()` is false and the variables are empty on " +
		"every connection of a client.",
	Fix: "Set `verify_cert` to 1 for the server domain, with `require_cert` 0 if some clients have no certificate.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "verify_cert", "[sip]0")
route {
	if (!is_peer_verified()) { # want "is_peer_verified() is always false"
		exit;
	}
}
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "verify_cert", "[sip]1")
route {
	if (!is_peer_verified()) {
		exit;
	}
}
`},
	References: []string{"tls_mgm manual, sections 1.6.1 and 1.8.10"},
	Run: func(p *Pass) {
		if p.tableUnknown() || len(p.tlsListeners()) == 0 || p.clientsAsked() {
			return
		}
		for _, c := range p.script().calls {
			if c.Name.Name == "is_peer_verified" {
				p.Report(c.at, "is_peer_verified() is always false for clients, since no server domain asks them for a certificate").
					Advise("set verify_cert to 1 for the server domain")
			}
		}
		for _, u := range p.script().uses {
			if strings.HasPrefix(u.name, "tls_peer_") && u.route.Kind == "route" && !u.logged {
				p.Report(u.at, "$%s is always empty or 0 for clients, since no server domain asks them for a certificate", u.name).
					Advise("set verify_cert to 1 for the server domain")
			}
		}
	},
})

// clientsAsked reports whether a client may be asked for a certificate: a server
// domain verifies, or the default one does and there is a socket for it.
func (p *Pass) clientsAsked() bool {
	served := map[netip.AddrPort]bool{}
	for _, d := range p.Domains {
		if d.Kind != domain.Server || d.Default && d.Row == nil {
			continue
		}
		if d.VerifyCert.On {
			return true
		}
		addresses, everyAddress := p.addresses(d)
		if everyAddress {
			return false // the others verify neither
		}
		for _, a := range addresses {
			served[a] = true
		}
	}
	return p.Config.TLS.DefaultServer.VerifyCert.On && slices.ContainsFunc(p.tlsListeners(), func(l *cfg.Listener) bool {
		address, plain := l.Address()
		return !plain || !served[unmap(address)]
	})
}
