package lint

var _ = register(&Rule{
	ID: "TLS409", Name: "unusual-curve", Severity: diagNotice,
	Summary: "An `ec_curve` is below P-256, or is one that TLS 1.3 and most peers do not have.",
	Why: "The setting leaves no other curve. Peers without it are left with suites without EC keys, if there are some, and TLS " +
		"1.3 is out.",
	Fix: "Write prime256v1 or secp384r1, or leave the setting out: OpenSSL has a good list of its own.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ec_curve", "[sip]secp224r1") # want "few peers have the curve \"secp224r1\""
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ec_curve", "[sip]prime256v1")
`},
	References: []string{"tls_mgm manual, section 1.8.9", "RFC 8422, section 5.1.1"},
	Domain: func(p *Pass, d *Domain) {
		curve, ok := p.curveOf(d)
		if !ok || curve.err != nil || curve.TLS13() || d.has("ec-curve-unknown", "ec-curve-unusable", "ec-curve-weak") {
			return
		}
		p.Report(p.at(d, "ec_curve"), "few peers have the curve %s, and TLS 1.3 does not have it at all", quote(d.ECCurve.Value)).
			Advise("write prime256v1 or secp384r1, or leave ec_curve out").
			Mend(p.replaceValue(p.at(d, "ec_curve"), d.ECCurve.Value, "prime256v1"))
	},
})
