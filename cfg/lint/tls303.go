package lint

import (
	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

var _ = register(&Rule{
	ID: "TLS303", Name: "unverified-clients", Severity: diagNotice,
	Summary: "A server domain does not verify clients.",
	Why: "It asks for no certificate, so that anybody may connect. That is usual for phones, which log in by password; for a " +
		"trunk it means that whoever knows the address can place calls in its name.",
	Fix: "For trunks, set `verify_cert` and `require_cert` to 1 and name the authority of the peer in `ca_list`.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "verify_cert", "[sip]0") # want "clients are not verified"
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "verify_cert", "[sip]1")
modparam("tls_mgm", "ca_list", "[sip]/tls/ca.pem")
`},
	References: []string{"tls_mgm manual, section 1.8.10"},
	Domain: func(p *Pass, d *Domain) {
		required := d.RequireCert.On && !d.RequireCert.From.IsDefault() // told by TLS302
		if d.Kind == domain.Server && !d.VerifyCert.On && d.configured() && !required {
			p.Report(p.at(d, "verify_cert"), "%s: clients are not verified, anybody may connect", d).
				Advise("for a trunk set verify_cert and require_cert to 1, and name its authority in ca_list")
		}
	},
})
