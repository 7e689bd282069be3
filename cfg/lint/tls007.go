package lint

import "github.com/opensips-tools/tlsmgm/cfg"

var _ = register(&Rule{
	ID: "TLS007", Name: "unassigned-avp", Severity: diagWarning, Needs: WholeScript,
	Summary: "An AVP by which client domains are found is set up but never assigned.",
	Why: "Without a value in the AVP no client domain is found by its name: all connections are made with the domain of their " +
		"address, or the default one.",
	Fix: "Assign the name of a client domain to the AVP before the request is relayed, or remove the parameter.",
	Bad: Example{Script: `
modparam("tls_mgm", "client_domain_avp", "tls_cli_dom") # want "$avp(tls_cli_dom) is never assigned"
modparam("tls_mgm", "client_domain", "carrier")
route {
	t_relay();
}
`},
	Good: Example{Script: `
modparam("tls_mgm", "client_domain_avp", "tls_cli_dom")
modparam("tls_mgm", "client_domain", "carrier")
route {
	$avp(tls_cli_dom) = "carrier";
	t_relay();
}
`},
	References: []string{"tls_mgm manual, section 1.8.13"},
	Run: func(p *Pass) {
		for _, what := range []struct {
			setting cfg.Setting[string]
			finds   string
		}{
			{p.Config.TLS.ClientDomainAVP, "no client domain is found by its name"},
			{p.Config.TLS.ClientSIPDomainAVP, "no client domain is found by its SIP domain"},
		} {
			avp, ok := cfg.AVPOf(what.setting)
			if !ok || p.avpInParams(avp) || len(p.Config.Routes) == 0 {
				continue
			}
			if assigns, complete := p.script().assignedTo(avp); len(assigns) == 0 && complete {
				p.Report(what.setting.At, "$avp(%s) is never assigned, so that %s", avp, what.finds).
					Advise("assign it before the request is relayed: $avp(%s) = \"NAME\";", avp)
			}
		}
	},
})
