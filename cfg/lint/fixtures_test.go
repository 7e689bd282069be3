package lint_test

import (
	"crypto"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"io/fs"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm/certtest"
)

// The certificates and keys that the examples of the rules name, all below
// /tls.
var fixtures struct {
	once  sync.Once
	files fstest.MapFS
}

// fixtureFiles are made once. They do not change.
func fixtureFiles(t testing.TB) fstest.MapFS {
	t.Helper()
	fixtures.once.Do(func() {
		f := &fixtureMaker{TB: t, files: fstest.MapFS{}}
		f.authorities()
		f.chains()
		f.leaves()
		f.keys()
		f.trust()
		f.parameters()
		fixtures.files = f.files
	})
	if fixtures.files == nil {
		t.Fatal("the fixtures could not be made")
	}
	return fixtures.files
}

type fixtureMaker struct {
	testing.TB
	files       fstest.MapFS
	root, other *certtest.Identity
	inter       *certtest.Identity
}

func (f *fixtureMaker) put(name string, mode fs.FileMode, parts ...[]byte) {
	var content []byte
	for _, p := range parts {
		content = append(content, p...)
	}
	f.files[name] = &fstest.MapFile{Data: content, Mode: mode}
}

// putChain writes a certificate with those behind it, and its key.
func (f *fixtureMaker) putChain(name string, id *certtest.Identity, behind ...*certtest.Identity) {
	parts := [][]byte{id.PEM()}
	for _, b := range behind {
		parts = append(parts, b.PEM())
	}
	f.put("tls/"+name+".pem", 0o644, parts...)
	f.put("tls/"+name+".key", 0o600, id.KeyPEM(f))
}

func (f *fixtureMaker) authorities() {
	f.root, f.other = certtest.Root(f, "Example Root CA"), certtest.Root(f, "Other Root CA")
	f.inter = f.root.Authority(f, "Example Issuing CA")
	f.put("tls/ca.pem", 0o644, f.root.PEM())
	f.put("tls/other-ca.pem", 0o644, f.other.PEM())
}

// both are the usages of a certificate that servers and clients present.
func both() certtest.Option {
	return certtest.Usage(x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth)
}

func aia() certtest.Option {
	return certtest.With(func(c *x509.Certificate) { c.IssuingCertificateURL = []string{"http://ca.example.com/issuing.cer"} })
}

const host = "sip.example.com"

func (f *fixtureMaker) chains() {
	leaf := f.inter.Issue(f, host, both(), aia())
	f.putChain("leaf", f.root.Issue(f, host, both()))
	f.putChain("chain", leaf, f.inter)
	f.putChain("incomplete", f.inter.Issue(f, host, both(), aia()))
	low := f.inter.Authority(f, "Example Low CA")
	f.putChain("wrong-order", low.Issue(f, host, both()), f.inter, low)
	user := f.root.Issue(f, "no authority")
	f.putChain("no-authority", user.Issue(f, host, both()), user)
	f.putChain("stray", f.inter.Issue(f, host, both()), f.inter, f.other)
	f.putChain("upside-down", f.inter, leaf, f.root)
	f.put("tls/upside-down.key", 0o600, leaf.KeyPEM(f))
	f.put("tls/upside-down-ca.key", 0o600, f.inter.KeyPEM(f))
	f.putChain("other", f.other.Issue(f, host, both()))
	f.putChain("selfsigned", certtest.SelfSigned(f, host, both()))
	in := func(d time.Duration) certtest.Option {
		return certtest.Valid(certtest.Now().AddDate(-1, 0, 0), certtest.Now().Add(d+time.Minute))
	}
	f.putChain("expiring", f.root.Issue(f, host, both(), in(10*24*time.Hour)))
	f.putChain("expired", f.root.Issue(f, host, both(), certtest.Expired()))
}

func (f *fixtureMaker) leaves() {
	issue := func(name string, options ...certtest.Option) {
		f.putChain(name, f.root.Issue(f, host, append([]certtest.Option{both()}, options...)...))
	}
	f.putChain("server-only", f.root.Issue(f, host, certtest.Usage(x509.ExtKeyUsageServerAuth)))
	f.putChain("client-only", f.root.Issue(f, host, certtest.Usage(x509.ExtKeyUsageClientAuth)))
	issue("ca-leaf", certtest.Authority())
	issue("sha1", certtest.Key(certtest.RSAKey(f)))
	issue("p224", certtest.Key(certtest.ECKey(f, elliptic.P224())))
	issue("rsa", certtest.Key(certtest.RSAKey(f)))
	issue("p384", certtest.Key(certtest.ECKey(f, elliptic.P384())))
	issue("rsa1024", certtest.Key(f.rsa(1024)))
	issue("no-san", certtest.With(func(c *x509.Certificate) { c.DNSNames = nil }))
	issue("other-name", certtest.With(func(c *x509.Certificate) { c.DNSNames = []string{"www.example.org"} }))
	issue("wildcard", certtest.With(func(c *x509.Certificate) { c.DNSNames = []string{"*.example.com"} }))
	issue("address", certtest.With(func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(192, 0, 2, 10)} }))
	serial := certtest.With(func(c *x509.Certificate) { c.SerialNumber = big.NewInt(4711) })
	issue("serial-a", serial)
	issue("serial-b", serial)
	f.sha1()
}

func (f *fixtureMaker) rsa(bits int) crypto.Signer {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		f.Fatal(err)
	}
	return key
}

// sha1 is a chain whose leaf has a SHA-1 signature.
func (f *fixtureMaker) sha1() {
	ca := certtest.Root(f, "Old Root CA", certtest.Key(certtest.RSAKey(f)))
	f.putChain("sha1", ca.Issue(f, host, both(), certtest.With(func(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA1WithRSA })))
}

func (f *fixtureMaker) keys() {
	key := certtest.ECKey(f, elliptic.P256())
	a, b := f.root.Issue(f, "a.example.com", both(), certtest.Key(key)), f.root.Issue(f, "b.example.com", both(), certtest.Key(key))
	f.putChain("shared-a", a)
	f.putChain("shared-b", b)
	id := f.root.Issue(f, host, both())
	f.putChain("readable", id)
	f.put("tls/readable.key", 0o644, id.KeyPEM(f))
	f.putChain("combined", id)
	f.put("tls/combined.pem", 0o600, id.PEM(), id.KeyPEM(f))
	secret := f.root.Issue(f, host, both())
	f.putChain("encrypted", secret)
	f.put("tls/encrypted.key", 0o600, f.encrypted(secret.Key))
}

const passphrase = "correct horse"

// encrypted is a key in the old form of OpenSSL.
func (f *fixtureMaker) encrypted(key crypto.Signer) []byte {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		f.Fatal(err)
	}
	block, err := x509.EncryptPEMBlock(rand.Reader, "PRIVATE KEY", der, []byte(passphrase), x509.PEMCipherAES256) //nolint:staticcheck // the form is what is tested
	if err != nil {
		f.Fatal(err)
	}
	return pem.EncodeToMemory(block)
}

func (f *fixtureMaker) trust() {
	f.put("tls/ca-twice.pem", 0o644, f.root.PEM(), f.other.PEM(), f.root.PEM())
	f.put("tls/ca-with-leaf.pem", 0o644, f.root.PEM(), f.root.Issue(f, "peer.example.com").PEM())
	f.put("tls/cas.pem", 0o644, f.root.PEM(), f.other.PEM())
	crl := func(id *certtest.Identity, from, to time.Duration) []byte {
		return certtest.CRLPEM(id.Revoke(f, certtest.RevocationList{From: certtest.Now().Add(from), To: certtest.Now().Add(to)}))
	}
	const day = 24 * time.Hour
	f.put("tls/crl/root.pem", 0o644, crl(f.root, -day, 30*day))
	f.put("tls/crl-ending/root.pem", 0o644, crl(f.root, -29*day, 10*time.Hour))
	f.put("tls/crl-other/root.pem", 0o644, crl(f.root, -day, 30*day))
	f.put("tls/crl-other/other.pem", 0o644, crl(f.other, -day, 30*day))
}

func (f *fixtureMaker) parameters() {
	safe, ok := new(big.Int).SetString(ffdhe2048, 16)
	if !ok {
		f.Fatal("ffdhe2048 is no number")
	}
	f.put("tls/dh.pem", 0o644, f.dh(safe))
	f.put("tls/dh-unsafe.pem", 0o644, f.dh(new(big.Int).Sub(safe, big.NewInt(4))))
}

// ffdhe2048 is the prime of RFC 7919, appendix A.1.
var ffdhe2048 = strings.ReplaceAll(`FFFFFFFFFFFFFFFFADF85458A2BB4A9AAFDC5620273D3CF1D8B9C583CE2D3695
A9E13641146433FBCC939DCE249B3EF97D2FE363630C75D8F681B202AEC4617A
D3DF1ED5D5FD65612433F51F5F066ED0856365553DED1AF3B557135E7F57C935
984F0C70E0E68B77E2A689DAF3EFE8721DF158A136ADE73530ACCA4F483A797A
BC0AB182B324FB61D108A94BB2C8E3FBB96ADAB760D7F4681D4F42A3DE394DF4
AE56EDE76372BB190B07A7C8EE0A6D709E02FCE1CDF7E2ECC03404CD28342F61
9172FE9CE98583FF8E4F1232EEF28183C3FE3B1B4C6FAD733BB5FCBC2EC22005
C58EF1837D1683B2C6F34A26C1B2EFFA886B423861285C97FFFFFFFFFFFFFFFF`, "\n", "")

func (f *fixtureMaker) dh(p *big.Int) []byte {
	der, err := asn1.Marshal(struct{ P, G *big.Int }{p, big.NewInt(2)})
	if err != nil {
		f.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "DH PARAMETERS", Bytes: der})
}
