package lint

import (
	"crypto/tls"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

var _ = register(&Rule{
	ID: "TLS401", Name: "deprecated-method", Severity: diagWarning,
	Summary: "A `tls_method` has a protocol version below TLS 1.2.",
	Why: "TLS 1.0 and 1.1 are deprecated since 2021. OpenSSL refuses them at its usual security level, so that a domain that is " +
		"pinned to TLSv1 speaks with nobody or, as 2.x does with OpenSSL 1.1 or later, does not keep to the setting at all.",
	Fix: "Write SSLv23 up to 2.4, which leaves the choice to the TLS library, and `TLSv1_2-` from 3.0 on.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "tls_method", "[sip]TLSv1") # want "tls_method \"TLSv1\" has TLS 1.0, which is deprecated"
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "tls_method", "[sip]SSLv23")
`},
	References: []string{"tls_mgm manual, section 1.8.2", "RFC 8996"},
	Domain: func(p *Pass, d *Domain) {
		m, err := domain.ParseMethod(d.Method.Value, p.Config.Version)
		if err != nil || d.Method.From.IsDefault() || d.has("method-unusable") {
			return
		}
		lowest := m.Min
		if lowest == 0 && m.Max != 0 && m.Max < tls.VersionTLS12 {
			lowest = m.Max
		}
		if lowest == 0 || lowest >= tls.VersionTLS12 {
			return
		}
		better := p.era().openMethod
		if m.Max >= tls.VersionTLS12 {
			better = p.era().openRange
		}
		p.Report(p.at(d, "tls_method"), "tls_method %s has %s, which is deprecated", quote(d.Method.Value), tls.VersionName(lowest)).
			Advise("write %s", better).
			Mend(p.replaceValue(p.at(d, "tls_method"), d.Method.Value, better))
	},
})
