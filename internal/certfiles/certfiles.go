// Package certtest makes certificates and keys for tests.
package certtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Pair is a certificate and its key, in PEM.
type Pair struct {
	Certificate, Key []byte
	DER              []byte // of the certificate
}

// SelfSigned makes a P-256 certificate that signs itself and may sign others,
// for a name, an address, a SIP URI and a mailbox, valid from an hour ago for 30
// days.
func SelfSigned(t testing.TB, name string) Pair {
	t.Helper()
	return Valid(t, name, time.Now().Add(-time.Hour), time.Now().Add(30*24*time.Hour))
}

// Valid is [SelfSigned] with the time in which it is valid.
func Valid(t testing.TB, name string, from, to time.Time) Pair {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(0x1f2e3d), Subject: pkix.Name{CommonName: name, Country: []string{"AT"}},
		NotBefore: from, NotAfter: to,
		DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		URIs: []*url.URL{{Scheme: "sip", Opaque: name}}, EmailAddresses: []string{"sip@" + name},
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return Pair{
		Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		Key:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		DER:         der,
	}
}

// Secret is a line of the key that nothing may show.
func (p Pair) Secret() string { return strings.Split(string(p.Key), "\n")[1] }

// Fingerprint is the SHA-256 of the certificate.
func (p Pair) Fingerprint() [sha256.Size]byte { return sha256.Sum256(p.DER) }

// Write writes the pair to files, replacing them at once as careful tools do.
func (p Pair) Write(t testing.TB, certificate, key string) {
	t.Helper()
	Write(t, certificate, p.Certificate)
	Write(t, key, p.Key)
}

// Write writes a file and its folder, and renames it into place.
func Write(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}
