package lint

import (
	"strings"

	"github.com/opensips-tools/tlsmgm/mgm/openssl"
)

var _ = register(&Rule{
	ID: "TLS404", Name: "weak-ciphers", Severity: diagWarning,
	Summary: "A `ciphers_list` lets in suites without encryption, without authentication, or with a broken cipher.",
	Why: "NULL suites do not encrypt, anonymous ones (ADH, AECDH) let anybody be in between, and export ciphers, RC4, 3DES and " +
		"MD5 are broken. Only the security level of the TLS library is left to refuse them, which differs from machine to " +
		"machine.",
	Fix: "Take them out with `!aNULL:!eNULL:!MD5:!3DES:!RC4`, or name the suites that are wanted.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ciphers_list", "[sip]ALL") # want "lets in suites without authentication"
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "ciphers_list", "[sip]HIGH:!aNULL")
`},
	References: []string{"tls_mgm manual, section 1.8.7", "RFC 9325, section 4.1"},
	Domain: func(p *Pass, d *Domain) {
		ciphers, own := p.ciphersOf(d)
		if !own || ciphers.err != nil {
			return
		}
		told := map[string]bool{} // each suite once, under the worst that can be said
		for _, w := range weaknesses {
			var names []string
			for _, s := range ciphers.Suites {
				if w.has(s) && !told[s.Name] {
					told[s.Name] = true
					names = append(names, s.Name)
				}
			}
			for _, item := range ciphers.Skipped {
				if w.retired != "" && item.Reason == openssl.SkipRetired && item.Item == item.Name && strings.Contains(item.Name, w.retired) && !told[item.Name] {
					told[item.Name] = true
					names = append(names, item.Name)
				}
			}
			if len(names) > 0 {
				p.Report(p.at(d, "ciphers_list"), "ciphers_list %s lets in suites %s: %s", quote(d.CiphersList.Value), w.what, list(names)).
					Advise("add :!%s", w.exclude).
					Mend(p.replaceValue(p.at(d, "ciphers_list"), d.CiphersList.Value, d.CiphersList.Value+":!"+w.exclude))
			}
		}
	},
})

// weaknesses are the ways in which suites are weak. Retired is a part of the
// names that OpenSSL has no more.
var weaknesses = []struct {
	what, exclude, retired string
	has                    func(openssl.Suite) bool
}{
	{"without encryption", "eNULL", "", func(s openssl.Suite) bool { return s.Encryption == openssl.EncNone }},
	{"without authentication", "aNULL", "", func(s openssl.Suite) bool { return s.Authentication == openssl.AuNone }},
	{"with export ciphers", "EXP", "EXP", func(openssl.Suite) bool { return false }},
	{"with RC4", "RC4", "RC4", func(s openssl.Suite) bool { return s.Encryption == openssl.EncRC4 }},
	{"with DES or 3DES", "3DES", "DES", func(s openssl.Suite) bool { return s.Encryption == openssl.Enc3DES }},
	{"with MD5", "MD5", "MD5", func(s openssl.Suite) bool { return s.MAC == openssl.MACMD5 }},
}
