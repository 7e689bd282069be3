// Package certfiles gives tests certificates and keys as servers have them: in
// PEM, in files.
package certfiles

import (
	"crypto/sha256"
	"crypto/x509"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm/certtest"
)

// Pair is a certificate and its key, in PEM.
type Pair struct {
	Certificate, Key []byte
	DER              []byte // of the certificate
}

// SelfSigned makes a P-256 certificate that signs itself, for a name, the
// address 127.0.0.1, a SIP URI and a mailbox, valid from an hour ago for 30 days.
func SelfSigned(t testing.TB, name string) Pair {
	t.Helper()
	return Valid(t, name, time.Now().Add(-time.Hour), time.Now().Add(30*24*time.Hour))
}

// Valid is [SelfSigned] with the time in which it is valid.
func Valid(t testing.TB, name string, from, to time.Time) Pair {
	t.Helper()
	id := certtest.Root(t, name, certtest.Valid(from, to), certtest.With(func(c *x509.Certificate) {
		c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
		c.URIs = []*url.URL{{Scheme: "sip", Opaque: name}}
		c.EmailAddresses = []string{"sip@" + name}
		c.KeyUsage |= x509.KeyUsageDigitalSignature
		c.SerialNumber = big.NewInt(0x1f2e3d)
	}))
	return Pair{Certificate: id.PEM(), Key: id.KeyPEM(t), DER: id.Raw}
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
