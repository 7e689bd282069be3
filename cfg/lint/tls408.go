package lint

import (
	"slices"

	"github.com/opensips-tools/tlsmgm/mgm/openssl"
)

var _ = register(&Rule{
	ID: "TLS408", Name: "missing-dh-params", Severity: diagWarning, Needs: Files,
	Summary: "A server domain has only suites that need DH parameters, and no `dh_params`.",
	Why: "Without parameters the server offers none of these suites: every handshake below TLS 1.3 ends with \"no shared " +
		"cipher\".",
	Fix: "Set `dh_params`, or add suites whose name begins with ECDHE.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/rsa.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/rsa.key")
modparam("tls_mgm", "ciphers_list", "[sip]DHE-RSA-AES128-GCM-SHA256") # want "needs DH parameters, and dh_params is not set"
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/rsa.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/rsa.key")
modparam("tls_mgm", "ciphers_list", "[sip]DHE-RSA-AES128-GCM-SHA256")
modparam("tls_mgm", "dh_params", "[sip]/tls/dh.pem")
`},
	References: []string{"tls_mgm manual, section 1.8.8"},
	Domain: func(p *Pass, d *Domain) {
		usable, _, ok := p.suitesForKey(d)
		if !ok || len(usable) == 0 || d.DHParams.IsSet() {
			return
		}
		if !slices.ContainsFunc(usable, func(s openssl.Suite) bool { return s.KeyExchange != openssl.KxDHE }) {
			p.Report(p.at(d, "ciphers_list"), "%s: every suite of its ciphers_list needs DH parameters, and dh_params is not set", d).
				Advise("set dh_params, or add suites that begin with ECDHE")
		}
	},
})
