package lint

import "github.com/opensips-tools/tlsmgm/mgm/domain"

var _ = register(&Rule{
	ID: "TLS001", Name: "shared-name", Severity: diagWarning,
	Summary: "A server domain and a client domain have the same name.",
	Why: "A parameter with `[name]` sets the server domain of that name. The client domain can never be reached: it keeps the built-in " +
		"settings, among them certificate and key files that are most likely not there.",
	Fix: "Give the two domains different names.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "client_domain", "sip") # want "client domain \"sip\" has the name of a server domain"
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip_in=192.0.2.10:5061")
modparam("tls_mgm", "client_domain", "sip_out")
modparam("tls_mgm", "certificate", "[sip_in]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip_in]/tls/leaf.key")
modparam("tls_mgm", "certificate", "[sip_out]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip_out]/tls/leaf.key")
`},
	References: []string{"tls_mgm manual, section 1.4"},
	Run: func(p *Pass) {
		for _, client := range p.Config.TLS.Domains {
			server := p.Config.TLS.Domain(domain.Server, client.Name)
			if client.Kind != domain.Client || server == nil {
				continue
			}
			p.Report(client.From.Span(), "client domain %s has the name of a server domain, which all settings of that name go to", quote(client.Name)).
				Advise("give them different names").
				Relate(server.From.Span(), "the server domain is defined here")
		}
	},
})
