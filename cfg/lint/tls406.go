package lint

var _ = register(&Rule{
	ID: "TLS406", Name: "no-cipher", Severity: diagError,
	Summary: "A `ciphers_list` matches no suite at all.",
	Why:     "OpenSSL refuses such a list, and the server does not start. Where files are looked at this is ciphers-invalid.",
	Fix:     "Write names as `openssl ciphers` shows them, apart by colons.",
	Bad: Example{Unopened: true, Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "ciphers_list", "[sip]AES128-GCM-SHA265") # want "no cipher match"
`},
	Good: Example{Unopened: true, Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "ciphers_list", "[sip]HIGH:!aNULL")
`},
	References: []string{"tls_mgm manual, section 1.8.7"},
	Domain: func(p *Pass, d *Domain) {
		ciphers, own := p.ciphersOf(d)
		if p.Opened || !own || ciphers.err == nil {
			return
		}
		f := p.Report(p.at(d, "ciphers_list"), "ciphers_list: %v", ciphers.err)
		for _, item := range ciphers.Skipped {
			if near := item.Suggestion(); near != "" {
				f.Advise("did you mean %q", near)
			}
		}
	},
})
