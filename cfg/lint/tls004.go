package lint

import (
	"net/netip"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

var _ = register(&Rule{
	ID: "TLS004", Name: "socket-without-domain", Severity: diagWarning, Needs: WholeScript,
	Summary: "A TLS socket has no server domain, while others have one and the default domain is not set up.",
	Why: "Connections to the socket get the default server domain, with the certificate that was installed with the server; from 3.0 on " +
		"they are refused.",
	Fix: "Define a server domain with the address of the socket, or set up the default domain.",
	Bad: Example{Script: `
listen=tls:192.0.2.10:5061
listen=tls:192.0.2.11:5061 # want "no server domain is for 192.0.2.11:5061"
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
`},
	Good: Example{Script: `
listen=tls:192.0.2.10:5061
listen=tls:192.0.2.11:5061
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "server_domain", "trunk=192.0.2.11:5061")
`},
	References: []string{"tls_mgm manual, section 1.3", "OpenSIPS #3174", "OpenSIPS #2963"},
	Run: func(p *Pass) {
		served := map[netip.AddrPort]bool{}
		for _, d := range p.Domains {
			addresses, everyAddress := p.addresses(d)
			switch {
			case d.Kind != domain.Server:
			case d.Default && d.configured(), everyAddress && !d.Default:
				return // all other sockets have that
			}
			if d.Kind == domain.Server {
				for _, a := range addresses {
					served[a] = true
				}
			}
		}
		if len(served) == 0 || p.tableUnknown() {
			return
		}
		for _, l := range p.tlsListeners() {
			address, plain := l.Address()
			address = unmap(address)
			anyAddress := netip.AddrPortFrom(netip.IPv4Unspecified(), address.Port())
			if plain && address.Port() != 0 && !address.Addr().IsUnspecified() && !served[address] && !served[anyAddress] {
				p.Report(l.At, "no server domain is for %s, and the default one is not set up", address).
					Advise("define one: modparam(\"tls_mgm\", \"server_domain\", \"NAME=%s\")", address)
			}
		}
	},
})
