package lint

import (
	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

var _ = register(&Rule{
	ID: "TLS304", Name: "unverified-server", Severity: diagWarning,
	Summary: "A client domain does not verify the server that it connects to.",
	Why: "Whoever can redirect the packets, by DNS or on the way, answers with a certificate of his own and is taken for the " +
		"peer. He reads and changes all calls and passwords; the encryption protects from nobody who would try.",
	Fix: "Set `verify_cert` to 1 and name the authority of the peer in `ca_list`.",
	Bad: Example{Script: `
modparam("tls_mgm", "client_domain", "sip=192.0.2.20:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "verify_cert", "[sip]0") # want "whoever answers is taken for the peer"
`},
	Good: Example{Script: `
modparam("tls_mgm", "client_domain", "sip=192.0.2.20:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "verify_cert", "[sip]1")
modparam("tls_mgm", "ca_list", "[sip]/tls/ca.pem")
`},
	References: []string{"tls_mgm manual, section 1.8.10", "RFC 5922, section 7.3"},
	Domain: func(p *Pass, d *Domain) {
		if d.Kind == domain.Client && !d.VerifyCert.On && d.configured() {
			p.Report(p.at(d, "verify_cert"), "%s: the server is not verified, whoever answers is taken for the peer and can read and change all calls", d).
				Advise("set verify_cert to 1 and name its authority in ca_list")
		}
	},
})
