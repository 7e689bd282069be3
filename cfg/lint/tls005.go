package lint

import (
	"strings"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

var _ = register(&Rule{
	ID: "TLS005", Name: "unused-client-domain", Severity: diagWarning, Needs: WholeScript, Until: v24,
	Summary: "A client domain without an address is assigned to the AVP of client domains nowhere.",
	Why: "Such a domain is found by its name alone. Where nothing names it, its certificate is never shown: connections are made with the " +
		"default client domain.",
	Fix: "Assign its name to the AVP before the request is relayed, give it the address of its peer, or remove it.",
	Bad: Example{Script: `
modparam("tls_mgm", "client_domain_avp", "tls_cli_dom")
modparam("tls_mgm", "client_domain", "carrier")
modparam("tls_mgm", "client_domain", "spare") # want "client domain \"spare\" is never used"
route {
	$avp(tls_cli_dom) = "carrier";
	t_relay();
}
`},
	Good: Example{Script: `
modparam("tls_mgm", "client_domain_avp", "tls_cli_dom")
modparam("tls_mgm", "client_domain", "carrier")
modparam("tls_mgm", "client_domain", "peer=192.0.2.20:5061")
route {
	$avp(tls_cli_dom) = "carrier";
	t_relay();
}
`},
	References: []string{"tls_mgm manual, section 1.8.13", "OpenSIPS #2770"},
	Run: func(p *Pass) {
		avp, _, byName := p.clientAVP()
		assigned := map[string]bool{}
		if byName {
			assigns, complete := p.script().assignedTo(avp)
			if !complete || p.avpInParams(avp) {
				return
			}
			for _, a := range assigns {
				assigned[strings.ToLower(a.value)] = true
			}
			if len(assigns) == 0 {
				return // TLS007 tells of that
			}
		}
		for _, d := range p.Domains {
			if d.Kind != domain.Client || d.Default || d.Address.IsValid() || assigned[strings.ToLower(d.Name)] || p.namedElsewhere(d.Name) {
				continue
			}
			why := "it has no address, and client_domain_avp is not set"
			if byName {
				why = "it has no address, and nothing assigns its name to $avp(" + avp + ")"
			}
			p.Report(p.definedAt(d), "%s is never used: %s", d, why).
				Advise("assign its name to the AVP, give it the address of its peer, or remove it")
		}
	},
})

// namedElsewhere reports whether a module is given the name of a client domain,
// as databases are.
func (p *Pass) namedElsewhere(name string) bool {
	if strings.EqualFold(p.Config.Drivers.MySQLTLSClientDomain.Value, name) {
		return true
	}
	for _, param := range p.Config.Params {
		if param.Module != moduleTLS && (param.Value.Text == name || strings.Contains(param.Value.Text, "tls_domain="+name)) {
			return true
		}
	}
	return false
}

// avpInParams reports whether another module is told to use an AVP.
func (p *Pass) avpInParams(avp string) bool {
	for _, param := range p.Config.Params {
		if param.Module != moduleTLS && (strings.Contains(param.Value.Text, "avp("+avp+")") || strings.Contains(param.Value.Text, ":"+avp+")")) {
			return true
		}
	}
	return false
}
