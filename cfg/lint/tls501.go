package lint

import (
	"slices"
	"strings"
)

var _ = register(&Rule{
	ID: "TLS501", Name: "unset-tls-variable", Severity: diagWarning, Needs: WholeScript,
	Summary: "A TLS variable is used where it never has a value.",
	Why: "TLS variables are about the connection that a message came in on. Routes that run without a message from a peer have " +
		"no such connection, and a script without a TLS socket never has one: a condition on the variable is always or never " +
		"true.",
	Fix: "Look at the variable in the route of the request and keep what is needed in an AVP.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
timer_route[check, 60] {
	xlog("$tls_version\n"); # want "$tls_version never has a value in timer_route"
}
route {
	exit;
}
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
route {
	xlog("$tls_version\n");
}
`},
	References: []string{"tls_mgm manual, section 1.9"},
	Run: func(p *Pass) {
		if p.Config.Loaded(moduleTLS) == nil {
			return
		}
		noSocket := len(p.tlsListeners()) == 0 && len(p.Config.Listeners) > 0
		for _, u := range p.script().uses {
			if !strings.HasPrefix(u.name, "tls_") {
				continue
			}
			switch {
			case slices.Contains(withoutPeer, u.route.Kind):
				p.Report(u.at, "$%s never has a value in %s, which no message of a peer runs", u.name, u.route.Kind).
					Advise("look at it in the route of the request, and keep the value in an AVP")
			case noSocket:
				p.Report(u.at, "$%s never has a value, since the server has no TLS socket", u.name)
			}
		}
	},
})

// withoutPeer are the routes that run without a message from a peer.
var withoutPeer = []string{"timer_route", "startup_route", "local_route"}
