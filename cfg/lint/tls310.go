package lint

var _ = register(&Rule{
	ID: "TLS310", Name: "check-without-crl", Severity: diagWarning,
	Summary: "`crl_check_all` is on without a `crl_dir`.",
	Why:     "Without any revocation list nothing is looked up, so that certificates that were revoked are taken.",
	Fix:     "Name a directory with revocation lists in `crl_dir`.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ca_list", "[sip]/tls/ca.pem")
modparam("tls_mgm", "crl_check_all", "[sip]1") # want "crl_check_all has no effect"
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ca_list", "[sip]/tls/ca.pem")
modparam("tls_mgm", "crl_dir", "[sip]/tls/crl")
modparam("tls_mgm", "crl_check_all", "[sip]1")
`},
	References: []string{"tls_mgm manual, section 1.8.23"},
	Domain: func(p *Pass, d *Domain) {
		if d.CRLCheckAll.On && d.CRLDir.Value == "" {
			p.Report(p.at(d, "crl_check_all"), "%s: crl_check_all has no effect without crl_dir: revocations are not looked at", d).
				Advise("name a directory with revocation lists in crl_dir, or set crl_check_all to 0")
		}
	},
})
