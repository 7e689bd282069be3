// Package certtest makes certificates, keys and revocation lists for tests: a
// small certificate authority in memory.
package certtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"sync"
	"testing"
	"time"
)

// Now is the time at which certificates are valid unless made otherwise: from
// a year before it to a year after it.
func Now() time.Time { return time.Date(2030, 6, 15, 12, 0, 0, 0, time.UTC) }

const validity = 365 * 24 * time.Hour

// Identity is a certificate with its key.
type Identity struct {
	*x509.Certificate
	Key    crypto.Signer
	Issuer *Identity // itself for a self-signed certificate
}

// An Option changes how a certificate is made.
type Option func(*recipe)

type recipe struct {
	template *x509.Certificate
	key      crypto.Signer
}

// Key gives the certificate that key; without it, it is a new one on P-256.
func Key(key crypto.Signer) Option { return func(r *recipe) { r.key = key } }

// Valid gives the validity period.
func Valid(from, to time.Time) Option {
	return func(r *recipe) { r.template.NotBefore, r.template.NotAfter = from, to }
}

// Expired makes a certificate that ended an hour before Now.
func Expired() Option { return Valid(Now().Add(-validity), Now().Add(-time.Hour)) }

// Authority makes a certificate that may sign others.
func Authority() Option {
	return func(r *recipe) {
		r.template.IsCA, r.template.BasicConstraintsValid = true, true
		r.template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	}
}

// Usage gives the extended key usages.
func Usage(usages ...x509.ExtKeyUsage) Option {
	return func(r *recipe) { r.template.ExtKeyUsage = usages }
}

// With changes the template as x509.CreateCertificate takes it.
func With(change func(template *x509.Certificate)) Option {
	return func(r *recipe) { change(r.template) }
}

// Root makes a self-signed authority.
func Root(t testing.TB, name string, options ...Option) *Identity {
	t.Helper()
	return SelfSigned(t, name, append([]Option{Authority()}, options...)...)
}

// SelfSigned makes a certificate that its own key signs.
func SelfSigned(t testing.TB, name string, options ...Option) *Identity {
	t.Helper()
	return issue(t, nil, name, options)
}

// Issue makes a certificate that the identity signs.
func (id *Identity) Issue(t testing.TB, name string, options ...Option) *Identity {
	t.Helper()
	return issue(t, id, name, options)
}

// Authority makes an intermediate authority.
func (id *Identity) Authority(t testing.TB, name string, options ...Option) *Identity {
	t.Helper()
	return id.Issue(t, name, append([]Option{Authority()}, options...)...)
}

func issue(t testing.TB, issuer *Identity, name string, options []Option) *Identity {
	t.Helper()
	r := &recipe{template: &x509.Certificate{
		SerialNumber: randomSerial(),
		Subject:      pkix.Name{Organization: []string{"certtest"}, CommonName: name},
		NotBefore:    Now().Add(-validity),
		NotAfter:     Now().Add(validity),
		DNSNames:     []string{name},
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}}
	for _, option := range options {
		option(r)
	}
	if r.key == nil {
		r.key = ECKey(t, elliptic.P256())
	}
	id := &Identity{Key: r.key, Issuer: issuer}
	signer, parent := r.key, r.template
	if issuer == nil {
		id.Issuer = id
	} else {
		signer, parent = issuer.Key, issuer.Certificate
	}
	der, err := x509.CreateCertificate(rand.Reader, r.template, parent, r.key.Public(), signer)
	if err != nil {
		t.Fatalf("make the certificate %q: %v", name, err)
	}
	if id.Certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatalf("read the certificate %q: %v", name, err)
	}
	return id
}

func randomSerial() *big.Int {
	const bits = 120
	serial := make([]byte, bits/8)
	_, _ = rand.Read(serial)          // never fails
	serial[0] = serial[0]&0x3f | 0x40 // so that it is positive and has its full length
	return new(big.Int).SetBytes(serial)
}

// ECKey makes a key on the curve.
func ECKey(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatalf("make a key: %v", err)
	}
	return key
}

var rsaKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// RSAKey is a key of 2048 bits, the same at each call, since making one takes
// long.
func RSAKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := rsaKey()
	if err != nil {
		t.Fatalf("make a key: %v", err)
	}
	return key
}

// PEM is the certificate as a PEM block.
func (id *Identity) PEM() []byte { return CertificatePEM(id.Raw) }

// ChainPEM is the certificate and those of its issuers, except for the root.
func (id *Identity) ChainPEM() []byte {
	var all []byte
	for _, cert := range id.Chain() {
		all = append(all, CertificatePEM(cert.Raw)...)
	}
	return all
}

// Chain is the certificate and those of its issuers, except for the root.
func (id *Identity) Chain() []*x509.Certificate {
	chain := []*x509.Certificate{id.Certificate}
	for at := id.Issuer; at.Issuer != at; at = at.Issuer {
		chain = append(chain, at.Certificate)
	}
	return chain
}

// KeyPEM is the private key in PKCS #8.
func (id *Identity) KeyPEM(t testing.TB) []byte {
	t.Helper()
	return KeyPEM(t, id.Key)
}

// KeyPEM is a private key in PKCS #8.
func KeyPEM(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatalf("encode the key: %v", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// CertificatePEM is a certificate in DER as a PEM block.
func CertificatePEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// RevocationList says how to make one; the zero value is one in force at Now.
type RevocationList struct {
	Revoked    []*big.Int // serial numbers
	From, To   time.Time  // zero: an hour before and after Now
	Number     int64
	Extensions []pkix.Extension
}

// Revoke makes a revocation list in DER.
func (id *Identity) Revoke(t testing.TB, l RevocationList) []byte {
	t.Helper()
	if l.From.IsZero() {
		l.From = Now().Add(-time.Hour)
	}
	if l.To.IsZero() {
		l.To = Now().Add(time.Hour)
	}
	template := &x509.RevocationList{
		Number: big.NewInt(l.Number), ThisUpdate: l.From, NextUpdate: l.To, ExtraExtensions: l.Extensions,
	}
	for _, serial := range l.Revoked {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: serial, RevocationTime: l.From})
	}
	der, err := x509.CreateRevocationList(rand.Reader, template, id.Certificate, id.Key)
	if err != nil {
		t.Fatalf("make a revocation list of %s: %v", id.Subject, err)
	}
	return der
}

// CRLPEM is a revocation list in DER as a PEM block.
func CRLPEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})
}

// Extension makes an extension of a DER value.
func Extension(id asn1.ObjectIdentifier, critical bool, value []byte) pkix.Extension {
	return pkix.Extension{Id: id, Critical: critical, Value: value}
}
