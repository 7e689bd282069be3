package tlsctx

import "github.com/opensips-tools/tlsmgm/parser/diag"

// Rules are the findings of this package.
func Rules() []*diag.Rule { return startRules }

// startRules is filled by newRule while the package is initialised, and not
// changed after that.
var startRules []*diag.Rule

func newRule(id string, severity diag.Severity, doc string) *diag.Rule {
	r := &diag.Rule{ID: id, Stage: diag.Start, Severity: severity, Doc: doc}
	startRules = append(startRules, r)
	return r
}

var (
	ruleMethodUnknown = newRule("method-unknown", diag.Error,
		"A tls_method that the version does not know.")
	ruleMethodIgnored = newRule("method-ignored", diag.Notice,
		"A tls_method that restricts nothing on a real server of the version built with OpenSSL 1.1 or later. Here it does.")
	ruleMethodUnusable = newRule("method-unusable", diag.Warning,
		"A tls_method that leaves only protocol versions that OpenSSL 3.0 refuses at the security level, so that no handshake with a real server succeeds.")
	ruleDHMissing = newRule("dh-params-missing", diag.Error,
		"The file with DH parameters cannot be opened.")
	ruleDHUnreadable = newRule("dh-params-unreadable", diag.Error,
		"There are no DH parameters in PEM form. In a row of the table a server only logs it.")
	ruleDHWeak = newRule("dh-params-weak", diag.Error,
		"The DH parameters are too small for OpenSSL's security level. In a row of the table a server only logs it.")
	ruleDHUnsupported = newRule("dh-params-unsupported", diag.Notice,
		"DH parameters have no effect here, since crypto/tls has no suites with finite-field DH. A real server uses them.")
	ruleCurveUnknown = newRule("ec-curve-unknown", diag.Error,
		"An ec_curve by a name that OpenSSL does not know. It knows P-256 as prime256v1, for instance.")
	ruleCurveUnusable = newRule("ec-curve-unusable", diag.Error,
		"A curve that OpenSSL cannot use in a TLS handshake.")
	ruleCurveWeak = newRule("ec-curve-weak", diag.Warning,
		"A curve that OpenSSL's security level does not allow in a handshake, though the server starts.")
	ruleCurveUnsupported = newRule("ec-curve-unsupported", diag.Notice,
		"A curve that OpenSSL has and crypto/tls has not, so that others are used here.")
	ruleCiphersInvalid = newRule("ciphers-invalid", diag.Error,
		"A ciphers_list that OpenSSL refuses: nothing is left of it, or it has a character or a command that is not allowed.")
	ruleCiphersIgnored = newRule("ciphers-ignored", diag.Warning,
		"A name in ciphers_list that OpenSSL does not know and so ignores.")
	ruleCiphersUnsupported = newRule("ciphers-unsupported", diag.Notice,
		"Cipher suites of the list that OpenSSL has and crypto/tls has not.")
	ruleCertificateMissing = newRule("certificate-missing", diag.Error,
		"The certificate's file cannot be read.")
	ruleCertificateUnreadable = newRule("certificate-unreadable", diag.Error,
		"The certificate, or one of its chain, is no certificate in PEM form.")
	ruleCertificateWeak = newRule("certificate-weak", diag.Error,
		"The certificate, or one of its chain, has a key or a signature that is too weak for OpenSSL's security level.")
	ruleCertificateExpired = newRule("certificate-expired", diag.Warning,
		"The certificate, or one of its chain, has expired. The server starts, but peers that verify refuse it.")
	ruleCertificateEarly = newRule("certificate-not-yet-valid", diag.Warning,
		"The certificate, or one of its chain, is not valid yet. The server starts, but peers that verify refuse it.")
	ruleCertificateOdd = newRule("certificate-odd", diag.Notice,
		"A certificate that OpenSSL reads and crypto/x509 refuses. Clients written in Go refuse it as well.")
	ruleChainIgnored = newRule("chain-ignored", diag.Notice,
		"Only the first certificate of a blob counts on a real server of the version. Here all do.")
	ruleChainDamaged = newRule("chain-damaged", diag.Warning,
		"Something behind the first certificate of a blob cannot be read; it and what follows are left out without a word by a server.")
	ruleNoCertificate = newRule("client-without-certificate", diag.Notice,
		"A client domain has no certificate, which releases before 2026 do not start with.")
	ruleKeyMissing = newRule("private-key-missing", diag.Error,
		"The private key's file cannot be read.")
	ruleKeyUnreadable = newRule("private-key-unreadable", diag.Error,
		"There is no private key in PEM form, or it is damaged.")
	ruleKeyMismatch = newRule("private-key-mismatch", diag.Error,
		"The private key does not belong to the certificate.")
	ruleKeyEncrypted = newRule("private-key-encrypted", diag.Error,
		"The private key is encrypted and no passphrase is given. A real server asks for it on its terminal when it starts, and does not start without one.")
	ruleKeyPassphrase = newRule("private-key-passphrase", diag.Error,
		"The passphrase does not decrypt the private key, or the encryption is one that is not supported here.")
	ruleKeyUnsupported = newRule("private-key-unsupported", diag.Notice,
		"A kind of key that OpenSSL has and crypto/tls has not: the domain is kept, but no handshake here succeeds.")
	ruleKeyUnchecked = newRule("private-key-unchecked", diag.Notice,
		"Whether the private key belongs to the certificate cannot be checked here for this kind of key.")
	ruleCAListMissing = newRule("ca-list-missing", diag.Error,
		"The ca_list cannot be read.")
	ruleCAListUnreadable = newRule("ca-list-unreadable", diag.Error,
		"The ca_list has no certificate in PEM form, or something in it is damaged. In a row of the table this is no error from 2.4 on.")
	ruleCAListDamaged = newRule("ca-list-damaged", diag.Warning,
		"Something behind the first certificate of a ca_list in a row cannot be read; it and what follows are left out.")
	ruleCAListIgnored = newRule("ca-list-ignored", diag.Notice,
		"Only the first certificate of a ca_list in a row counts on a real server of the version. Here all do.")
	ruleCAExpired = newRule("ca-expired", diag.Warning,
		"All certificates of the ca_list have expired, so that no peer's certificate verifies.")
	ruleCASomeExpired = newRule("ca-some-expired", diag.Notice,
		"Some certificates of the ca_list have expired.")
	ruleCAOdd = newRule("ca-odd", diag.Notice,
		"A certificate of the ca_list has a key of a kind that Go does not have, so that nothing it signed verifies here.")
	ruleCADir = newRule("ca-dir", diag.Warning,
		"The ca_dir is missing or has no files with hashed names, so that nothing is found there. OpenSSL looks there only when it needs a certificate, so the server starts.")
	ruleNoTrust = newRule("no-trusted-ca", diag.Warning,
		"Certificates of peers are to be verified, but there is no CA to verify them with.")
	ruleCRLDirMissing = newRule("crl-dir-missing", diag.Error,
		"The crl_dir cannot be read.")
	ruleCRLDirEmpty = newRule("crl-dir-empty", diag.Error,
		"No file of the crl_dir has a CRL. From 2.4 on the server starts nevertheless, without looking at revocations.")
	ruleCRLSkipped = newRule("crl-skipped", diag.Notice,
		"A file of the crl_dir is left out, or a CRL in it other than the first.")
	ruleCRLExpired = newRule("crl-expired", diag.Warning,
		"A CRL has expired or is not in force yet: certificates of its issuer do not verify.")
)
