package lint

import (
	"strings"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/parser"
)

var _ = register(&Rule{
	ID: "TLS008", Name: "avp-not-set-up", Severity: diagWarning, Needs: WholeScript,
	Summary: "The name of a client domain is assigned to an AVP, but the module is not told which AVP holds such names.",
	Why:     "Without `client_domain_avp` (`client_tls_domain_avp` from 3.0 on) the assignment has no effect.",
	Fix:     "Set the parameter to the name of the AVP.",
	Bad: Example{Script: `
modparam("tls_mgm", "client_domain", "carrier")
route {
	$avp(tls_domain) = "carrier"; # want "$avp(tls_domain) is given the name of a client domain"
	t_relay();
}
`},
	Good: Example{Script: `
modparam("tls_mgm", "client_domain_avp", "tls_domain")
modparam("tls_mgm", "client_domain", "carrier")
route {
	$avp(tls_domain) = "carrier";
	t_relay();
}
`},
	References: []string{"tls_mgm manual, section 1.8.13"},
	Run: func(p *Pass) {
		if _, _, ok := p.clientAVP(); ok {
			return
		}
		names := map[string]bool{}
		for _, d := range p.Domains {
			if d.Kind == domain.Client && !d.Default {
				names[strings.ToLower(d.Name)] = true
			}
		}
		param := p.era().clientAVP
		for _, a := range p.script().assigns {
			// An AVP of another purpose may hold the same word by chance.
			avp := parser.AVPName(a.variable.Inner)
			if a.variable.Name == "avp" && a.constant && names[strings.ToLower(a.value)] && strings.Contains(strings.ToLower(avp), "tls") {
				p.Report(a.at, "$avp(%s) is given the name of a client domain, but %s is not set", avp, param).
					Advise("add modparam(\"tls_mgm\", %q, %q)", param, avp)
			}
		}
	},
})
