package openssl

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestMinSecurityBits(t *testing.T) {
	t.Parallel()
	for level, want := range map[int]int{-1: 0, 0: 0, 1: 80, 2: 112, 3: 128, 4: 192, 5: 256, 6: 256} {
		if got := MinSecurityBits(level); got != want {
			t.Errorf("level %d asks for %d bits, expected %d", level, got, want)
		}
	}
}

func TestPublicKeySecurityBits(t *testing.T) {
	t.Parallel()
	rsaKey := func(size int) *rsa.PublicKey { return &rsa.PublicKey{N: number(size), E: 65537} }
	for _, test := range []struct {
		key  any
		want int
		ok   bool
	}{
		// The sizes at which OpenSSL 3.0's RSA_security_bits changes.
		{rsaKey(512), 56, true},
		{rsaKey(919), 72, true},
		{rsaKey(920), 80, true},
		{rsaKey(1024), 80, true},
		{rsaKey(1962), 104, true},
		{rsaKey(1963), 112, true},
		{rsaKey(2048), 112, true},
		{rsaKey(2300), 112, true},
		{rsaKey(3072), 128, true},
		{rsaKey(4096), 152, true},
		{rsaKey(7680), 192, true},
		{rsaKey(15360), 256, true},
		{&ecdsa.PublicKey{Curve: elliptic.P224()}, 112, true},
		{&ecdsa.PublicKey{Curve: elliptic.P256()}, 128, true},
		{&ecdsa.PublicKey{Curve: elliptic.P521()}, 256, true},
		{ed25519.PublicKey(make([]byte, ed25519.PublicKeySize)), 128, true},
		{"a text", 0, false},
		{nil, 0, false},
	} {
		if got, ok := PublicKeySecurityBits(test.key); got != test.want || ok != test.ok {
			t.Errorf("%T: %d bits (%v), expected %d (%v)", test.key, got, ok, test.want, test.ok)
		}
	}
}

// chainFiles is a certificate with its key and, if it is not self-signed, its
// issuer, in files.
type chainFiles struct {
	name                     string
	leaf, key, issuer        string // file names; issuer is leaf for a self-signed one
	leafParsed, issuerParsed *x509.Certificate
	unverifiable             bool // signed with what openssl can make but not verify
}

// chain is what a verification goes through.
func (c chainFiles) chain() []*x509.Certificate {
	if c.leaf == c.issuer {
		return []*x509.Certificate{c.leafParsed}
	}
	return []*x509.Certificate{c.leafParsed, c.issuerParsed}
}

// certificateMaker makes certificates with the openssl command, which can do
// what crypto/x509 refuses.
type certificateMaker struct {
	t   *testing.T
	dir string
}

func (m certificateMaker) key(name string, algorithm ...string) (file string) {
	file = filepath.Join(m.dir, name+".key")
	mustOpenSSL(m.t, append([]string{"genpkey", "-out", file, "-algorithm"}, algorithm...)...)
	return file
}

// dsaKey is apart since genpkey wants its parameters in a file.
func (m certificateMaker) dsaKey(size string) (file string) {
	file = filepath.Join(m.dir, "dsa.key")
	mustOpenSSL(m.t, "dsaparam", "-genkey", "-noout", "-out", file, size)
	return file
}

func (m certificateMaker) certificate(name, key string, args ...string) (file string, parsed *x509.Certificate) {
	file = filepath.Join(m.dir, strings.ReplaceAll(name, " ", "-")+".pem")
	mustOpenSSL(m.t, append([]string{"req", "-x509", "-out", file, "-key", key, "-subj", "/CN=" + name, "-days", "2"}, args...)...)
	return file, readCertificate(m.t, file)
}

func readCertificate(t testing.TB, file string) *x509.Certificate {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	if block == nil {
		t.Fatalf("%s holds no PEM block", file)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatalf("parse %s: %v", file, err)
	}
	return cert
}

// weakAndStrong makes chains with keys and digests of all strengths.
func weakAndStrong(t *testing.T) []chainFiles {
	t.Helper()
	m := certificateMaker{t, t.TempDir()}
	rsa2048 := m.key("rsa2048", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
	p256 := m.key("p256", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
	p521 := m.key("p521", "EC", "-pkeyopt", "ec_paramgen_curve:P-521")
	keys := map[string]string{
		"RSA 1024":     m.key("rsa1024", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"),
		"RSA 1962":     m.key("rsa1962", "RSA", "-pkeyopt", "rsa_keygen_bits:1962"),
		"RSA 1963":     m.key("rsa1963", "RSA", "-pkeyopt", "rsa_keygen_bits:1963"),
		"RSA 2048":     rsa2048,
		"RSA-PSS 2048": m.key("pss", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"),
		"P-224":        m.key("p224", "EC", "-pkeyopt", "ec_paramgen_curve:P-224"),
		"P-256":        p256,
		"P-384":        m.key("p384", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"),
		"P-521":        p521,
		"Ed25519":      m.key("ed25519", "ED25519"),
		"Ed448":        m.key("ed448", "ED448"),
		"DSA 1024":     m.dsaKey("1024"),
	}
	p521CA, p521CAParsed := m.certificate("P-521 CA", p521, "-sha512")
	rsaCA, rsaCAParsed := m.certificate("RSA CA", rsa2048, "-sha256")
	dsaCA, dsaCAParsed := m.certificate("DSA CA", keys["DSA 1024"], "-sha256")
	ed448CA, ed448CAParsed := m.certificate("Ed448 CA", keys["Ed448"])
	weakCA, weakCAParsed := m.certificate("weak CA", keys["RSA 1024"])

	var chains []chainFiles
	for name, key := range keys {
		signed, parsed := m.certificate(name+" signed", key, "-CA", p521CA, "-CAkey", p521, "-sha512")
		chains = append(chains, chainFiles{name + " signed", signed, key, p521CA, parsed, p521CAParsed, false})
	}
	for name, digest := range map[string]string{"RSA 1024": "-sha256", "P-256": "-sha1", "P-384": "-sha256", "RSA-PSS 2048": "-sha256"} {
		name, key := name+" self-signed", keys[name]
		self, parsed := m.certificate(name, key, digest)
		chains = append(chains, chainFiles{name, self, key, self, parsed, parsed, false})
	}
	for _, signer := range []struct {
		name, issuer, key string
		parsed            *x509.Certificate
		options           [][]string
	}{
		{"RSA", rsaCA, rsa2048, rsaCAParsed, [][]string{
			{"-md5"},
			{"-sha1"},
			{"-sha224"},
			{"-sha256"},
			{"-sha384"},
			{"-sha512"},
			{"-sha3-224"},
			{"-sha3-256"},
			{"-sha1", "-sigopt", "rsa_padding_mode:pss"},
			{"-sha224", "-sigopt", "rsa_padding_mode:pss"},
			{"-sha256", "-sigopt", "rsa_padding_mode:pss"},
			{"-sha384", "-sigopt", "rsa_padding_mode:pss"},
			{"-sha512", "-sigopt", "rsa_padding_mode:pss"},
		}},
		{"ECDSA", p521CA, p521, p521CAParsed, [][]string{{"-sha1"}, {"-sha224"}, {"-sha256"}, {"-sha384"}}},
		{"DSA", dsaCA, keys["DSA 1024"], dsaCAParsed, [][]string{{"-sha1"}, {"-sha224"}, {"-sha256"}}},
		{"unknown DSA", dsaCA, keys["DSA 1024"], dsaCAParsed, [][]string{{"-sha384"}}},
		{"unknown ECDSA", p521CA, p521, p521CAParsed, [][]string{{"-sha3-384"}}},
		{"Ed448", ed448CA, keys["Ed448"], ed448CAParsed, [][]string{nil}},
		{"weak RSA", weakCA, keys["RSA 1024"], weakCAParsed, [][]string{{"-sha256"}}},
	} {
		for i, options := range signer.options {
			name := fmt.Sprintf("P-521 signed %s %d", signer.name, i)
			leaf, parsed := m.certificate(name, p521, append([]string{"-CA", signer.issuer, "-CAkey", signer.key}, options...)...)
			unverifiable := strings.HasPrefix(signer.name, "unknown")
			chains = append(chains, chainFiles{name, leaf, p521, signer.issuer, parsed, signer.parsed, unverifiable})
		}
	}
	return chains
}

// TestChecksAsOpenSSL loads and verifies the chains with the openssl command
// at every level.
func TestChecksAsOpenSSL(t *testing.T) {
	t.Parallel()
	requireOpenSSL(t)
	for _, c := range weakAndStrong(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for level := range 6 {
				if want, got := loadRefusal(c, level), reason(CheckCertificates(level, c.chain()...)); want != got {
					t.Errorf("loaded at level %d: openssl says %q, we %q", level, want, got)
				}
				if c.unverifiable {
					continue
				}
				if want, got := verifyRefusal(c, level), reason(CheckVerifiedChain(level, c.chain()...)); want != got {
					t.Errorf("verified at level %d: openssl says %q, we %q", level, want, got)
				}
			}
		})
	}
}

// reason is OpenSSL's reason in err, empty without an error.
func reason(err error) string {
	if weak, ok := errors.AsType[*SecurityError](err); ok {
		return weak.Reason
	}
	return ""
}

// loadRefusal is the reason why a client does not load the chain, empty if it
// gets as far as to connect.
func loadRefusal(c chainFiles, level int) string {
	args := []string{
		"s_client", "-connect", "127.0.0.1:1", "-cipher", fmt.Sprintf("ALL:@SECLEVEL=%d", level),
		"-cert", c.leaf, "-key", c.key,
	}
	if c.issuer != c.leaf {
		args = append(args, "-cert_chain", c.issuer)
	}
	_, stderr, _ := runOpenSSL(args...)
	if m := regexp.MustCompile(`:(ee key too small|ca key too small|ca md too weak):`).FindStringSubmatch(stderr); m != nil {
		return m[1]
	}
	if strings.Contains(stderr, "connect:errno=") || strings.Contains(stderr, "Connection refused") {
		return ""
	}
	return "something else: " + stderr
}

// verifyRefusal is the reason why a verification of the chain fails, empty if
// it does not.
func verifyRefusal(c chainFiles, level int) string {
	_, stderr, err := runOpenSSL("verify", "-auth_level", fmt.Sprint(level), "-CAfile", c.issuer, c.leaf)
	if err == nil {
		return ""
	}
	if m := regexp.MustCompile(`(?m)^error \d+ at \d+ depth lookup: (.*)$`).FindStringSubmatch(stderr); m != nil {
		return m[1]
	}
	return "something else: " + stderr
}

// TestRecordedCertificates judges the certificates that a real server was
// started with.
func TestRecordedCertificates(t *testing.T) {
	t.Parallel()
	dir := filepath.FromSlash("../../../shared/facts/certs")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no recorded certificates here")
	}
	for file, want := range map[string]string{
		"weak512.pem": reasonEEKey, "weak1024.pem": reasonEEKey, "ec.pem": "", "sv1.pem": "", "self.pem": "", "ca.pem": "",
	} {
		if got := reason(CheckCertificates(DefaultSecurityLevel, readCertificate(t, filepath.Join(dir, file)))); got != want {
			t.Errorf("%s: %q, expected %q", file, got, want)
		}
	}
}

func TestSecurityErrorText(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	const want = "ee key too small: RSA key of 1024 bits is worth 80 bits, security level 2 asks for 112"
	if err := CheckCertificates(DefaultSecurityLevel, cert); err == nil || err.Error() != want {
		t.Errorf("error %v, expected %s", err, want)
	}
}

// TestVersionsAsOpenSSL has `openssl s_client` connect with every version at
// several levels. The key is strong enough for all of them.
func TestVersionsAsOpenSSL(t *testing.T) {
	t.Parallel()
	requireOpenSSL(t)
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		MinVersion:   tls.VersionTLS10,
	}
	for level := range 4 {
		for version, flag := range map[uint16]string{
			tls.VersionTLS10: "-tls1", tls.VersionTLS11: "-tls1_1", tls.VersionTLS12: "-tls1_2", tls.VersionTLS13: "-tls1_3",
		} {
			stdout, _ := greet(t, config, flag, "-cipher", fmt.Sprintf("ALL:@SECLEVEL=%d", level))
			connected := strings.Contains(stdout, "Verify return code") && !strings.Contains(stdout, "Cipher is (NONE)")
			if allowed := VersionAllowedAt(version, level); allowed != connected {
				t.Errorf("%s at level %d: openssl connects %v, we allow %v\n%s", VersionName(version), level, connected, allowed, stdout)
			}
		}
	}
	for _, version := range []uint16{0x0002, versionSSL30, 0x0305} {
		if VersionAllowedAt(version, 0) {
			t.Errorf("version %04x is allowed", version)
		}
	}
}
