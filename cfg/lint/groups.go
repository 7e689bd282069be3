package lint

// Groups are the groups of rules in their order.
func Groups() []Group {
	return []Group{
		{"TLS0", "Domains", []Elsewhere{
			{"a `[domain]` that is not defined, or only further below", []string{"undefined-domain"}},
			{"a domain defined twice", []string{"duplicate-domain"}},
			{"spellings of the manual that a server refuses", []string{"unknown-parameter", "parameter-value"}},
			{"a row whose name the script has taken", []string{"row-skipped"}},
			{"default domains whose built-in files are missing", []string{"certificate-missing", "private-key-missing"}},
		}},
		{"TLS1", "Certificates and keys", []Elsewhere{
			{"files that are missing or cannot be read", []string{"certificate-missing", "certificate-unreadable", "private-key-missing", "private-key-unreadable"}},
			{"a key of another certificate", []string{"private-key-mismatch"}},
			{"certificates that have expired or are not valid yet", []string{"certificate-expired", "certificate-not-yet-valid"}},
			{"keys and signatures that OpenSSL refuses to load", []string{"certificate-weak"}},
			{"an encrypted key without its passphrase", []string{"private-key-encrypted"}},
		}},
		{"TLS2", "Versions of OpenSIPS", []Elsewhere{
			{"spellings of `tls_method`, with the nearest right one", []string{"parameter-value", "parameter-at-start", "method-unknown", "row-setting"}},
			{"a value without `[domain]` from 3.0 on", []string{"parameter-value"}},
			{"a `tls_method` that restricts nothing", []string{"method-ignored"}},
			{"a client domain without a certificate", []string{"client-without-certificate"}},
			{"tls_mgm without a module that has a TLS library, from 3.2 on", []string{"tls-library"}},
		}},
		{"TLS3", "Trust", []Elsewhere{
			{"verification without any CA, where files are looked at", []string{"no-trusted-ca"}},
			{"CAs that have expired", []string{"ca-expired", "ca-some-expired"}},
			{"a `ca_dir` without hashed names", []string{"ca-dir"}},
			{"a `crl_dir` that is missing or without a CRL", []string{"crl-dir-missing", "crl-dir-empty"}},
			{"CRLs that have expired", []string{"crl-expired"}},
		}},
		{"TLS4", "Protocol", []Elsewhere{
			{"the methods SSLv2 and SSLv3, which no server takes", []string{"parameter-value"}},
			{"methods that leave no version", []string{"method-unusable", "method-narrowed"}},
			{"cipher strings that match nothing, where files are looked at", []string{"ciphers-invalid"}},
			{"names in cipher strings that OpenSSL has never had", []string{"ciphers-ignored"}},
			{"DH parameters below 2048 bits", []string{"dh-params-weak"}},
			{"curves that are unknown or that OpenSSL refuses, where files are looked at", []string{"ec-curve-unknown", "ec-curve-unusable", "ec-curve-weak"}},
		}},
		{"TLS5", "Script", []Elsewhere{
			{"functions in routes that refuse them", []string{"function-route"}},
			{"TLS variables without the module", []string{"unknown-variable", "format-variable"}},
		}},
	}
}
