package lint

import "github.com/opensips-tools/tlsmgm/mgm/domain"

var _ = register(&Rule{
	ID: "TLS302", Name: "require-without-verify", Severity: diagWarning,
	Summary: "`require_cert` is on for a server domain whose `verify_cert` is off.",
	Why:     "A server domain that does not verify does not ask for a certificate at all, so that none can be required: everybody is let in.",
	Fix:     "Set `verify_cert` to 1 and give the CAs of the clients in `ca_list`, or set `require_cert` to 0 if the clients have no certificates.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "verify_cert", "[sip]0")
modparam("tls_mgm", "require_cert", "[sip]1") # want "require_cert has no effect"
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "verify_cert", "[sip]0")
modparam("tls_mgm", "require_cert", "[sip]0")
`},
	References: []string{"tls_mgm manual, section 1.8.10"},
	Domain: func(p *Pass, d *Domain) {
		if d.Kind != domain.Server || d.VerifyCert.On || !d.RequireCert.On || d.RequireCert.From.IsDefault() {
			return
		}
		p.Report(p.at(d, "require_cert"), "%s: require_cert has no effect, since verify_cert is off: clients are not asked for a certificate", d).
			Advise("set verify_cert to 1, or require_cert to 0").
			Relate(p.at(d, "verify_cert"), "verify_cert is set here")
	},
})
