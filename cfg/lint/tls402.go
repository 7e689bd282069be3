package lint

import (
	"crypto/tls"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

var _ = register(&Rule{
	ID: "TLS402", Name: "pinned-method", Severity: diagNotice, Since: v30,
	Summary: "A `tls_method` shuts out TLS 1.3.",
	Why: "TLS 1.3 needs one round trip less and has none of the weak suites. With a method that ends at TLSv1_2 no connection " +
		"ever gets it. Up to 2.4 such a method restricts nothing, which method-ignored tells.",
	Fix: "Write `TLSv1_2-`, which has no upper end.",
	Bad: Example{Version: v30, Script: `
modparam("tls_mgm", "server_domain", "sip")
modparam("tls_mgm", "match_ip_address", "[sip]192.0.2.10:5061")
modparam("tls_mgm", "tls_method", "[sip]TLSv1_2") # want "tls_method \"TLSv1_2\" shuts out TLS 1.3"
`},
	Good: Example{Version: v30, Script: `
modparam("tls_mgm", "server_domain", "sip")
modparam("tls_mgm", "match_ip_address", "[sip]192.0.2.10:5061")
modparam("tls_mgm", "tls_method", "[sip]TLSv1_2-")
`},
	References: []string{"RFC 9325, section 3.1.1"},
	Domain: func(p *Pass, d *Domain) {
		m, err := domain.ParseMethod(d.Method.Value, p.Config.Version)
		if err != nil || d.Method.From.IsDefault() || m.Max != tls.VersionTLS12 {
			return
		}
		p.Report(p.at(d, "tls_method"), "tls_method %s shuts out TLS 1.3", quote(d.Method.Value)).
			Advise("write TLSv1_2-").
			Mend(p.replaceValue(p.at(d, "tls_method"), d.Method.Value, "TLSv1_2-"))
	},
})
