package lint

var _ = register(&Rule{
	ID: "TLS117", Name: "readable-key", Severity: diagWarning, Needs: Files,
	Summary: "The file of a private key can be read or written by all users of the machine.",
	Why:     "Whoever gets a shell on the machine, by whatever program, gets the key as well, and can answer in place of the server.",
	Fix:     "Give the file to the user that the server runs as and take all rights from others: `chmod 600`.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/readable.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/readable.key") # want "has the mode 0644"
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
`},
	References: []string{"tls_mgm manual, section 1.8.4"},
	Domain: func(p *Pass, d *Domain) {
		if d.PrivateKey.File == "" || d.has("client-without-certificate", "private-key-unreadable") {
			return
		}
		const others = 0o007
		if mode, err := p.loader.Mode(d.PrivateKey.File); err == nil && mode.Perm()&others != 0 {
			p.Report(p.at(d, "private_key"), "%s has the mode %04o: every user of the machine can get at it", keyName(d), mode.Perm()).
				Advise("chmod 600 %s", d.PrivateKey.File)
		}
	},
})
