package lint

import (
	"github.com/opensips-tools/tlsmgm/mgm/openssl"
)

var _ = register(&Rule{
	ID: "TLS407", Name: "unsafe-dh-params", Severity: diagWarning, Needs: Files,
	Summary: "The prime of the `dh_params` is no safe prime.",
	Why:     "With such a group a peer that sends chosen values learns parts of the secret of the server. Some clients refuse it.",
	Fix:     "Make parameters with `openssl dhparam 2048`, or take a group of RFC 7919.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "dh_params", "[sip]/tls/dh-unsafe.pem") # want "the prime of 2048 bits is no safe prime"
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "dh_params", "[sip]/tls/dh.pem")
`},
	References: []string{"RFC 7919, section 5.1", "tls_mgm manual, section 1.8.8"},
	Run: func(p *Pass) {
		told := map[*openssl.DHParams]bool{}
		for _, d := range p.Domains {
			params := d.Context.DHParams()
			if params == nil || told[params] || d.has("dh-params-weak") {
				continue
			}
			told[params] = true
			if !params.SafePrime() {
				p.Report(p.at(d, "dh_params"), "dh_params %s: the prime of %d bits is no safe prime", quote(d.DHParams.File), params.Bits()).
					Advise("make some with openssl dhparam 2048")
			}
		}
	},
})
