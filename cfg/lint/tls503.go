package lint

import (
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/parser"
)

var _ = register(&Rule{
	ID: "TLS503", Name: "relay-without-tls", Severity: diagError, Needs: WholeScript,
	Summary: "A message is sent over TLS, but the server has no TLS socket.",
	Why:     "The server needs a socket of the protocol to send from. Without one it answers 477 or 500 and the call fails.",
	Fix:     "Load proto_tls and tls_mgm and add a `listen` statement for tls, or send over another protocol.",
	Bad: Example{Script: `
# whole
mpath="/usr/lib/opensips/modules/"
listen=udp:192.0.2.10:5060
loadmodule "proto_udp.so"
loadmodule "sl.so"
loadmodule "tm.so"
route {
	t_relay("tls:192.0.2.20:5061"); # want "no socket to send from over TLS"
}
`},
	Good: Example{Script: `
# whole
mpath="/usr/lib/opensips/modules/"
listen=udp:192.0.2.10:5060
listen=tls:192.0.2.10:5061
loadmodule "proto_udp.so"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "proto_tls.so"
loadmodule "tls_mgm.so"
route {
	t_relay("tls:192.0.2.20:5061");
}
`},
	References: []string{"tls_mgm manual, section 1.10", "OpenSIPS #2630"},
	Run: func(p *Pass) {
		if slices.ContainsFunc(p.Config.Listeners, func(l *cfg.Listener) bool { return l.Proto == "tls" }) || len(p.Config.Listeners) == 0 {
			return
		}
		for _, c := range p.script().calls {
			for _, arg := range c.Args {
				if p.sendsOverTLS(c, arg) {
					p.Report(p.Config.File.Sources.Span(arg), "%s has no socket to send from over TLS", c.Name.Name).
						Advise("add %s=tls:ADDRESS:5061 with proto_tls and tls_mgm", p.socketKeyword())
				}
			}
		}
		for _, a := range p.script().assigns {
			if slices.Contains(destinations, a.variable.Name) && a.constant && isTLSURI(a.value) {
				p.Report(a.valueAt, "the request goes to %s, but there is no socket to send from over TLS", quote(a.value)).
					Advise("add %s=tls:ADDRESS:5061 with proto_tls and tls_mgm", p.socketKeyword())
			}
		}
	},
})

// destinations are the variables that say where a request goes.
var destinations = []string{"du", "duri", "ru", "ruri"}

// sendFunctions are those that send to their first argument.
var sendFunctions = []string{"t_relay", "forward", "send", "t_replicate", "sl_send"}

func (p *Pass) sendsOverTLS(c call, arg parser.Expr) bool {
	if !slices.Contains(sendFunctions, c.Name.Name) {
		return false
	}
	switch arg := arg.(type) {
	case *parser.String:
		return strings.HasPrefix(strings.ToLower(arg.Value()), "tls:")
	case *parser.Socket:
		return arg.Proto != nil && strings.EqualFold(arg.Proto.Name, "tls")
	}
	return false
}

// isTLSURI reports whether a SIP URI asks for TLS.
func isTLSURI(uri string) bool {
	uri = strings.ToLower(uri)
	return strings.HasPrefix(uri, "sips:") || strings.HasPrefix(uri, "sip:") && strings.Contains(uri, ";transport=tls")
}
