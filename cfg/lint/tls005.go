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
		elsewhere := p.namesInParams()
		for _, d := range p.Domains {
			if d.Kind != domain.Client || d.Default || d.Address.IsValid() || assigned[strings.ToLower(d.Name)] || elsewhere[strings.ToLower(d.Name)] {
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

// namesInParams are the words, in lower case, that other modules are given:
// databases are told the name of a client domain.
func (p *Pass) namesInParams() map[string]bool {
	names := map[string]bool{}
	for _, param := range p.Config.Params {
		if param.Module == moduleTLS {
			continue
		}
		value := strings.ToLower(param.Value.Text)
		names[value] = true
		for _, part := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune("?&;, ", r) }) {
			if name, found := strings.CutPrefix(part, "tls_domain="); found {
				names[name] = true
			}
		}
	}
	return names
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
