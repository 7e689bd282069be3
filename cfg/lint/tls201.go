package lint

import (
	"github.com/opensips-tools/tlsmgm/mgm"
)

var _ = register(&Rule{
	ID: "TLS201", Name: "only-first-of-blob", Severity: diagWarning, Needs: Files, Until: v23,
	Summary: "A blob of the table has several certificates, of which 2.3 uses only the first.",
	Why: "The intermediate certificates are not sent, so that peers find no way to the root; of a `ca_list` only the first " +
		"authority counts, so that peers of the others are refused. It works with 2.4.",
	Fix: "Use files for this domain, use 2.4 or later, or a certificate directly from the root.",
	Bad: Example{Rows: []mgm.Row{{
		ID: 1, Domain: "phones", Address: "192.0.2.10:5061", Type: new(int64(2)),
		Certificate: []byte("/tls/chain.pem"), PrivateKey: []byte("/tls/chain.key"), CAList: []byte("/tls/cas.pem"),
	}}, Script: `
loadmodule "db_sqlite.so"
modparam("tls_mgm", "db_url", "sqlite:///etc/opensips/tls.db") # want "2.3 presents only the first of 2 certificates" "2.3 trusts only the first of 2 certificates"
`},
	Good: Example{Rows: []mgm.Row{{
		ID: 1, Domain: "phones", Address: "192.0.2.10:5061", Type: new(int64(2)),
		Certificate: []byte("/tls/leaf.pem"), PrivateKey: []byte("/tls/leaf.key"), CAList: []byte("/tls/ca.pem"),
	}}, Script: `
loadmodule "db_sqlite.so"
modparam("tls_mgm", "db_url", "sqlite:///etc/opensips/tls.db")
`},
	References: []string{"OpenSIPS #1714", "OpenSIPS #1266"},
	Domain: func(p *Pass, d *Domain) {
		if d.Row == nil {
			return
		}
		if n := len(d.Context.Chain()); n > 1 && len(d.Row.Certificate) > 0 {
			p.Report(p.at(d, "certificate"), "%s: %s presents only the first of %d certificates in the blob", d, p.Config.Version, n).
				Advise("give the chain in a file, or use 2.4 or later")
		}
		if n := len(d.Context.CAs()); n > 1 {
			p.Report(p.at(d, "ca_list"), "%s: %s trusts only the first of %d certificates in the blob", d, p.Config.Version, n).
				Advise("give the ca_list in a file, or use 2.4 or later")
		}
	},
})
