package lint

var _ = register(&Rule{
	ID: "TLS301", Name: "no-authority", Severity: diagWarning,
	Summary: "Certificates of peers are to be verified, but no authority is named.",
	Why: "Without `ca_list` and `ca_dir` only those of `/etc/pki/CA/` are trusted, which hardly any machine has: no certificate " +
		"of a peer verifies. Where files are looked at this is no-trusted-ca.",
	Fix: "Name a file with the authorities of the peers in `ca_list`, or switch `verify_cert` off.",
	Bad: Example{Unopened: true, Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "verify_cert", "[sip]1") # want "neither ca_list nor ca_dir is set"
`},
	Good: Example{Unopened: true, Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "verify_cert", "[sip]1")
modparam("tls_mgm", "ca_list", "[sip]/tls/ca.pem")
`},
	References: []string{"tls_mgm manual, sections 1.8.5 and 1.8.10"},
	Domain: func(p *Pass, d *Domain) {
		if p.Opened || d.Row != nil || !d.configured() || !d.VerifyCert.On || d.CAList.IsSet() || !d.CADir.From.IsDefault() {
			return
		}
		if d.Default && d.VerifyCert.From.IsDefault() && d.Certificate.From.IsDefault() {
			return // nobody cares for it
		}
		at := p.at(d, "verify_cert")
		if d.VerifyCert.From.IsDefault() {
			at = p.firstSetting(d)
		}
		p.Report(at, "%s: certificates of peers are to be verified, but neither ca_list nor ca_dir is set", d).
			Advise("set ca_list, or set verify_cert to 0")
	},
})
