package lint

var _ = register(&Rule{
	ID: "TLS116", Name: "encrypted-key", Severity: diagWarning, Needs: Files,
	Summary: "A private key is encrypted.",
	Why: "A server asks for the passphrase on its terminal each time that it starts. As a service it has none, and does not " +
		"start after a crash or a reboot. The check was given the passphrase; the server is not.",
	Fix: "Decrypt the key with `openssl pkey` and guard the file by its permissions.",
	Bad: Example{Passphrase: "correct horse", Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/encrypted.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/encrypted.key") # want "is encrypted: the server asks for the passphrase"
`},
	Good: Example{Passphrase: "correct horse", Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
`},
	References: []string{"OpenSIPS #987", "OpenSIPS #582"},
	Domain: func(p *Pass, d *Domain) {
		if d.has("private-key-encrypted", "private-key-passphrase", "private-key-missing") {
			return // without a passphrase it is told when the server starts
		}
		if d.Context.KeyEncrypted() {
			p.Report(p.at(d, "private_key"), "%s is encrypted: the server asks for the passphrase on its terminal at every start", keyName(d)).
				Advise("decrypt it with openssl pkey")
		}
	},
})

// keyName names the private key of a domain in messages.
func keyName(d *Domain) string {
	if d.PrivateKey.File == "" {
		return "the private key of " + d.String()
	}
	return "private key " + quoteFile(d.PrivateKey.File)
}
