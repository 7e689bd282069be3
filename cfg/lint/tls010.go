package lint

import "github.com/opensips-tools/tlsmgm/mgm/domain"

var _ = register(&Rule{
	ID: "TLS010", Name: "default-files", Severity: diagNotice, Needs: WholeScript, Until: v24,
	Summary: "A default domain is left on the built-in paths of certificate and key.",
	Why: "Up to 2.4 a server makes both default domains, whether or not they are used, and does not start without their files. The " +
		"files that are installed with it are for demonstrations: many know their key.",
	Fix: "Set `certificate` and `private_key` without a `[domain]`, which is for both default domains.",
	Bad: Example{Unopened: true, Script: `# whole
log_level=3
mpath="/usr/lib/opensips/modules/"
listen=tls:192.0.2.10:5061
loadmodule "proto_tls.so"
loadmodule "tls_mgm.so" # want "the default client and server domain are left on the built-in path \"/etc/opensips/tls/cert.pem\""
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
route {
	exit;
}
`},
	Good: Example{Unopened: true, Script: `
modparam("tls_mgm", "certificate", "/tls/leaf.pem")
modparam("tls_mgm", "private_key", "/tls/leaf.key")
`},
	References: []string{"tls_mgm manual, sections 1.8.3 and 1.8.4"},
	Run: func(p *Pass) {
		left := map[domain.Kind]*Domain{}
		for _, d := range p.Domains {
			switch {
			case !d.Default:
			case d.Row != nil:
				delete(left, d.Kind)
			case d.Certificate.From.IsDefault() && !d.has("certificate-missing", "private-key-missing"):
				left[d.Kind] = d
			}
		}
		server, client := left[domain.Server], left[domain.Client]
		switch {
		case p.tableUnknown() || server == nil && client == nil:
		case client == nil:
			p.defaultFiles(server, "the default server domain is")
		case server == nil:
			p.defaultFiles(client, "the default client domain is")
		default:
			p.defaultFiles(server, "the default client and server domain are")
		}
	},
})

func (p *Pass) defaultFiles(d *Domain, which string) {
	p.Report(p.Config.Loaded(moduleTLS).At, "%s left on the built-in path %q, where an installation puts a certificate for demonstrations", which, d.Certificate.File).
		Advise("set certificate and private_key without a [domain]")
}
