package tlsctx_test

import (
	"bytes"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"slices"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// damage is a certificate in PEM with a character that is no base64.
func damage(text []byte) []byte {
	damaged := bytes.Clone(text)
	damaged[100] = '!'
	return damaged
}

func wrap(text string, width int) string {
	var lines strings.Builder
	for chunk := range slices.Chunk([]byte(text), width) {
		lines.Write(chunk)
		lines.WriteByte('\n')
	}
	return lines.String()
}

// TestCertificateForms loads files of all kinds. Which of them load is recorded
// from SSL_CTX_use_certificate_chain_file of OpenSSL 3.0.19.
func TestCertificateForms(t *testing.T) {
	w := newWorld(t)
	cert, key, other := string(w.id.PEM()), string(w.id.KeyPEM(t)), string(certtest.Root(t, "other").PEM())
	body := base64.StdEncoding.EncodeToString(w.id.Raw)
	const begin, end = "-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n"
	lines := wrap(body, 64)
	relabel := func(text, label string) string { return strings.ReplaceAll(text, "CERTIFICATE", label) }
	settings, err := asn1.Marshal(struct{ Accept []asn1.ObjectIdentifier }{[]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 2}}})
	if err != nil {
		t.Fatal(err)
	}
	trusted := string(pem.EncodeToMemory(&pem.Block{Type: "TRUSTED CERTIFICATE", Bytes: append(slices.Clone(w.id.Raw), settings...)}))
	mark := "\xef\xbb\xbf"
	for name, form := range map[string]struct {
		text  string
		loads bool
	}{
		"plain":                          {cert, true},
		"CR LF":                          {strings.ReplaceAll(cert, "\n", "\r\n"), true},
		"CR only":                        {strings.ReplaceAll(cert, "\n", "\r"), false},
		"text before":                    {"some text\nfoo: bar\n" + cert, true},
		"dashes before":                  {"-----hello\n" + cert, true},
		"blank before BEGIN":             {" " + cert, false},
		"byte order mark":                {mark + cert, true},
		"UTF-16":                         {strings.Join(strings.Split(cert, ""), "\x00"), false},
		"no line feed at the end":        {strings.TrimSpace(cert), true},
		"blanks behind BEGIN":            {strings.Replace(cert, begin, "-----BEGIN CERTIFICATE-----  \n", 1), true},
		"blanks behind all":              {strings.ReplaceAll(cert, "\n", " \t\n"), true},
		"blanks before lines":            {begin + " " + strings.ReplaceAll(strings.TrimSpace(lines), "\n", "\n ") + "\n" + end, true},
		"one long line":                  {begin + body + "\n" + end, true},
		"lines of 76":                    {begin + wrap(body, 76) + end, true},
		"lines of 254":                   {begin + wrap(body, 254) + end, true},
		"lines of 4":                     {begin + wrap(body, 4) + end, true},
		"empty line inside":              {begin + wrap(body[:128], 64) + "\n" + wrap(body[128:], 64) + end, false},
		"empty line first":               {begin + "\n" + lines + end, true},
		"two empty lines first":          {begin + "\n\n" + lines + end, false},
		"empty line last":                {begin + lines + "\n" + end, false},
		"header":                         {begin + "Foo: bar\n\n" + lines + end, false},
		"header without empty line":      {begin + "Foo: bar\n" + lines + end, false},
		"header of a clear block":        {begin + "Proc-Type: 4,CLEAR\n\n" + lines + end, false},
		"another END":                    {strings.Replace(cert, end, "-----END X509 CERTIFICATE-----\n", 1), false},
		"no END":                         {strings.Replace(cert, end, "", 1), false},
		"END behind data":                {begin + strings.TrimSpace(lines) + end, false},
		"END with four dashes":           {strings.Replace(cert, end, "-----END CERTIFICATE----\n", 1), false},
		"BEGIN with four dashes":         {strings.Replace(cert, begin, "-----BEGIN CERTIFICATE----\n", 1), false},
		"more behind BEGIN":              {strings.Replace(cert, begin, "-----BEGIN CERTIFICATE----- x\n", 1), false},
		"more behind END":                {strings.Replace(cert, end, "-----END CERTIFICATE----- x\n", 1), false},
		"X509 CERTIFICATE":               {relabel(cert, "X509 CERTIFICATE"), true},
		"TRUSTED CERTIFICATE":            {trusted, true},
		"TRUSTED without settings":       {relabel(cert, "TRUSTED CERTIFICATE"), true},
		"settings behind a certificate":  {strings.ReplaceAll(trusted, "TRUSTED ", ""), true},
		"lower case":                     {relabel(cert, "certificate"), false},
		"DER":                            {string(w.id.Raw), false},
		"damaged":                        {string(damage([]byte(cert))), false},
		"damaged before a good one":      {string(damage([]byte(cert))) + cert, false},
		"cut off":                        {begin + wrap(body[:len(body)-8], 64) + end, false},
		"more padding":                   {begin + wrap(body+"====", 64) + end, false},
		"bytes behind the DER":           {begin + wrap(base64.StdEncoding.EncodeToString(append(slices.Clone(w.id.Raw), 0, 0)), 64) + end, false},
		"empty block first":              {begin + end + cert, false},
		"key first":                      {key + cert, true},
		"chain":                          {cert + other, true},
		"twice":                          {cert + cert, true},
		"text behind":                    {cert + "hello\n", true},
		"damaged second":                 {cert + string(damage([]byte(other))), false},
		"no certificate second":          {cert + begin + "AAAA\n" + end, false},
		"no END second":                  {cert + strings.Replace(other, end, "", 1), false},
		"TRUSTED second":                 {cert + relabel(other, "TRUSTED CERTIFICATE"), true},
		"X509 second":                    {cert + relabel(other, "X509 CERTIFICATE"), true},
		"damaged other block behind":     {cert + "-----BEGIN FOO-----\nAAAA!\n-----END FOO-----\n", false},
		"damaged other block before":     {"-----BEGIN FOO-----\nAAAA!\n-----END FOO-----\n" + cert, false},
		"other block without END before": {"-----BEGIN FOO-----\nAAAA\n" + cert, false},
		"other block before":             {"-----BEGIN FOO-----\nAAAA\n-----END FOO-----\n" + cert, true},
		"empty other block before":       {"-----BEGIN FOO-----\n-----END FOO-----\n" + cert, false},
		"BEGIN twice":                    {begin + cert, false},
		"END before":                     {end + cert, true},
		"END and BEGIN on a line":        {strings.TrimSpace(cert) + other, false},
		"NUL behind BEGIN":               {strings.Replace(cert, "\n", "\x00\n", 1), true},
		"NUL in the text before":         {"a\x00b\n" + cert, true},
		"nothing":                        {"", false},
		"BEGIN alone behind":             {cert + "-----BEGIN\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			w.put("/tls/form.pem", []byte(form.text))
			d := w.server()
			d.Certificate = file("/tls/form.pem")
			c, problems := w.load(d)
			if loads := c != nil; loads != form.loads {
				t.Fatalf("loads: %t, with OpenSSL: %t; %+v", loads, form.loads, problems)
			}
			if c == nil && problems[0].Rule != "certificate-unreadable" {
				t.Errorf("problems %+v", problems)
			}
			if c != nil && !c.Certificate().Equal(w.id.Certificate) {
				t.Errorf("the certificate is that of %v", c.Certificate().Subject)
			}
		})
	}
}

// TestCertificateChainOfFile keeps the whole chain.
func TestCertificateChainOfFile(t *testing.T) {
	w := newWorld(t)
	deep := w.root.Authority(t, "one").Authority(t, "two").Issue(t, "deep")
	w.put("/tls/chain.pem", slices.Concat([]byte("text\n"), deep.ChainPEM(), w.root.PEM()))
	w.put("/tls/deep.key", deep.KeyPEM(t))
	d := w.server()
	d.Certificate, d.PrivateKey = file("/tls/chain.pem"), file("/tls/deep.key")
	c, problems := w.load(d)
	if len(problems) > 0 {
		t.Fatalf("problems %+v", problems)
	}
	var names []string
	for _, cert := range c.Chain() {
		names = append(names, cert.Subject.CommonName)
	}
	if want := []string{"deep", "two", "one", "root"}; !slices.Equal(names, want) {
		t.Errorf("the chain is %q, want %q", names, want)
	}
	if got := len(c.ServerConfig().Certificates[0].Certificate); got != len(names) {
		t.Errorf("%d certificates are presented", got)
	}
}

// TestKeyForms loads keys of all forms. Which load is recorded from
// SSL_CTX_use_PrivateKey_file and SSL_CTX_check_private_key of OpenSSL 3.0.19.
func TestKeyForms(t *testing.T) {
	cert := string(testKey(t, "rsa.pem"))
	key, traditional := string(testKey(t, "rsa.key")), string(testKey(t, "rsa.traditional.key"))
	other := string(certtest.KeyPEM(t, certtest.RSAKey(t)))
	dh := "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n"
	block, _ := pem.Decode([]byte(key))
	mark := "\xef\xbb\xbf"
	relabel := func(text, label string) string {
		return strings.ReplaceAll(text, " PRIVATE KEY", " "+label+"PRIVATE KEY")
	}
	for name, form := range map[string]struct {
		text string
		rule string // empty if it loads
	}{
		"PKCS #8":                    {key, ""},
		"traditional":                {traditional, ""},
		"certificate first":          {cert + key, ""},
		"another key first":          {other + key, "private-key-mismatch"},
		"another key behind":         {key + other, ""},
		"damaged block first":        {"-----BEGIN FOO-----\nAAAA!\n-----END FOO-----\n" + key, ""},
		"other block first":          {dh + key, ""},
		"empty block first":          {"-----BEGIN FOO-----\n-----END FOO-----\n" + key, ""},
		"text first":                 {"foo\nbar: x\n" + key, ""},
		"CR LF":                      {strings.ReplaceAll(key, "\n", "\r\n"), ""},
		"byte order mark":            {mark + key, ""},
		"traditional called PKCS #8": {strings.ReplaceAll(traditional, "RSA ", ""), "private-key-unreadable"},
		"PKCS #8 called RSA":         {relabel(key, "RSA "), ""},
		"PKCS #8 called EC":          {relabel(key, "EC "), "private-key-unreadable"},
		"called ANY":                 {relabel(key, "ANY "), "private-key-unreadable"},
		"called FOO":                 {relabel(key, "FOO "), "private-key-unreadable"},
		"DER":                        {string(block.Bytes), "private-key-unreadable"},
		"garbage":                    {"garbage\n", "private-key-unreadable"},
		"nothing":                    {"", "private-key-unreadable"},
		"bytes behind the DER":       {string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: append(slices.Clone(block.Bytes), 0)})), ""},
		"EC key":                     {string(testKey(t, "ec-params.key")), "private-key-mismatch"},
		"EC parameters only":         {strings.SplitAfter(string(testKey(t, "ec-params.key")), "-----END EC PARAMETERS-----\n")[0], "private-key-unreadable"},
		"X25519 key":                 {string(testKey(t, "x25519.key")), "private-key-unreadable"},
		"Ed25519 key":                {string(testKey(t, "ed25519.key")), "private-key-mismatch"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put("/tls/rsa.pem", []byte(cert))
			w.put("/tls/form.key", []byte(form.text))
			d := w.server()
			d.Certificate, d.PrivateKey = file("/tls/rsa.pem"), file("/tls/form.key")
			expect(t, w, d, form.rule)
		})
	}
}

// expect loads a domain that has exactly that error, or none.
func expect(t *testing.T, w *world, d *domain.Definition, rule string) *tlsctx.Context {
	t.Helper()
	c, problems := w.load(d)
	var errors []string
	for _, p := range problems {
		if p.Severity == diag.Error {
			errors = append(errors, p.Rule)
		}
	}
	switch {
	case rule == "" && len(errors) > 0, rule != "" && !slices.Equal(errors, []string{rule}):
		t.Errorf("the errors are %q, want %q: %+v", errors, rule, problems)
	case (c == nil) != (rule != ""):
		t.Errorf("context %v with errors %q", c, errors)
	}
	return c
}

// TestKeyKinds loads keys of the kinds that OpenSSL knows. Which load is
// recorded as in TestKeyForms.
func TestKeyKinds(t *testing.T) {
	const unsupported = "private-key-unsupported"
	for name, want := range map[string]struct {
		cert, rule, kind string
		notices          []string
	}{
		"rsa":              {"rsa", "", "RSA 2048", nil},
		"ec-params":        {"ec-params", "", "ECDSA P-256", nil},
		"ed25519":          {"ed25519", "", "Ed25519", nil},
		"secp224r1":        {"secp224r1", "", "ECDSA P-224", []string{unsupported}},
		"secp256k1":        {"secp256k1", "", "ECDSA secp256k1", []string{"certificate-odd", unsupported}},
		"secp256k1.pkcs8":  {"secp256k1", "", "ECDSA secp256k1", []string{"certificate-odd", unsupported}},
		"secp256k1.other":  {"secp256k1", "private-key-mismatch", "", nil},
		"brainpoolP256r1":  {"brainpoolP256r1", "", "ECDSA brainpoolP256r1", []string{"certificate-odd", unsupported}},
		"sect283r1":        {"sect283r1", "", "ECDSA sect283r1", []string{"certificate-odd", unsupported}},
		"sect283r1.pkcs8":  {"sect283r1", "", "ECDSA sect283r1", []string{"certificate-odd", unsupported}},
		"brainpoolP160r1":  {"brainpoolP160r1", "certificate-weak", "", nil},
		"SM2":              {"SM2", "certificate-weak", "", nil},
		"explicit":         {"explicit", "", "ECDSA", []string{"certificate-odd", unsupported}},
		"ed448":            {"ed448", "", "Ed448", []string{"private-key-unchecked", unsupported}},
		"rsa-pss":          {"rsa-pss", "", "RSA-PSS 2048", []string{unsupported}},
		"dsa":              {"dsa", "", "DSA 2048", []string{unsupported}},
		"dsa.traditional":  {"dsa", "", "DSA 2048", []string{unsupported}},
		"dsa.other":        {"dsa", "private-key-mismatch", "", nil},
		"rsa.traditional":  {"dsa", "private-key-mismatch", "", nil},
		"secp256k1.on 256": {"brainpoolP256r1", "private-key-mismatch", "", nil},
		"ed25519.on 448":   {"ed448", "private-key-mismatch", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			key, _, _ := strings.Cut(name, ".on")
			w.put("/tls/kind.pem", testKey(t, want.cert+".pem"))
			w.put("/tls/kind.key", testKey(t, key+".key"))
			d := w.server()
			d.Certificate, d.PrivateKey = file("/tls/kind.pem"), file("/tls/kind.key")
			c := expect(t, w, d, want.rule)
			if c == nil {
				return
			}
			if c.KeyKind() != want.kind {
				t.Errorf("the kind is %q, want %q", c.KeyKind(), want.kind)
			}
			_, problems := w.load(d)
			if got := rulesOf(problems); !slices.Equal(got, want.notices) {
				t.Errorf("notices %q, want %q", got, want.notices)
			}
			supported := !slices.Contains(want.notices, unsupported)
			if _, err := c.ClientConfig().GetClientCertificate(nil); (err == nil) != supported {
				t.Errorf("presenting it: %v", err)
			}
		})
	}
}

func rulesOf(problems tlsctx.Problems) (rules []string) {
	for _, p := range problems {
		rules = append(rules, p.Rule)
	}
	return rules
}

// TestEncryptedKeys decrypts what OpenSSL encrypts.
func TestEncryptedKeys(t *testing.T) {
	for name, supported := range map[string]bool{
		"aes256": true, "aes128-sha1": true, "aes192-sha512": true, "des3": true,
		"traditional-aes128": true, "traditional-aes256": true, "traditional-des3": true,
		// OpenSSL takes these four as well, or with its legacy provider.
		"scrypt": false, "pbe-sha1-3des": false, "camellia": false, "traditional-camellia": false, "traditional-des": false,
	} {
		for passphrase, rule := range map[string]string{
			"":       "private-key-encrypted",
			"wrong":  "private-key-passphrase",
			"secret": map[bool]string{true: "", false: "private-key-passphrase"}[supported],
		} {
			t.Run(name+" "+passphrase, func(t *testing.T) {
				w := newWorld(t)
				d := w.row(t)
				d.Certificate, d.PrivateKey = blob(testKey(t, "rsa.pem")), blob(testKey(t, "rsa."+name+".key"))
				o := w.options()
				o.Passphrase = []byte(passphrase)
				c, problems := tlsctx.NewLoader(o, nil).Load(d)
				if rule == "" {
					if c == nil || c.KeyKind() != "RSA 2048" {
						t.Errorf("context %v, problems %+v", c, problems)
					}
					return
				}
				if c != nil || problems[len(problems)-1].Rule != rule {
					t.Errorf("context %v, problems %+v, want %q", c, problems, rule)
				}
				if strings.Contains(problems[len(problems)-1].Message, "wrong passphrase") == (supported == false || passphrase == "") {
					t.Errorf("message %q", problems[len(problems)-1].Message)
				}
			})
		}
	}
}
