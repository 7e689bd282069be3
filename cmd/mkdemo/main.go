// Command mkdemo makes the certificates and keys that testdata/demo/opensips.cfg
// names, below a directory, for "make run". They are good for nothing else.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// validity is long enough for a demo that is left running.
const validity = 365 * 24 * time.Hour

// domains are the certificates, by their directory in etc/opensips/tls.
var domains = map[string]string{
	"default": "edge.example.net",
	"atlanta": "atlanta.example",
	"biloxi":  "biloxi.example",
	"carrier": "edge.example.net",
	"phones":  "phones.example.net",
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: mkdemo DIRECTORY")
		os.Exit(2)
	}
	if err := makeDemo(os.Args[1], time.Now()); err != nil {
		fmt.Fprintf(os.Stderr, "mkdemo: %v\n", err)
		os.Exit(1)
	}
}

// makeDemo makes a CA and what it signs below root. What an earlier call made
// is replaced.
func makeDemo(root string, now time.Time) error {
	ca, err := newIdentity("Demo CA", now, nil)
	if err != nil {
		return fmt.Errorf("make the CA: %w", err)
	}
	tls := filepath.Join(root, "etc", "opensips", "tls")
	errs := []error{
		write(filepath.Join(tls, "ca.pem"), ca.certificatePEM(), 0o644),
		write(filepath.Join(tls, "biloxi", "ca.pem"), ca.certificatePEM(), 0o644),
		write(filepath.Join(root, "etc", "ssl", "certs", "ca-certificates.crt"), ca.certificatePEM(), 0o644),
		os.MkdirAll(filepath.Join(root, "var", "lib", "opensips"), 0o755),
	}
	for directory, name := range domains {
		id, err := newIdentity(name, now, ca)
		if err != nil {
			return fmt.Errorf("make the certificate of %s: %w", name, err)
		}
		key, err := id.keyPEM()
		if err != nil {
			return fmt.Errorf("write the key of %s: %w", name, err)
		}
		errs = append(errs,
			write(filepath.Join(tls, directory, "cert.pem"), id.certificatePEM(), 0o644),
			write(filepath.Join(tls, directory, "key.pem"), key, 0o600))
	}
	return errors.Join(errs...)
}

type identity struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

// newIdentity makes a certificate that the issuer signs, or one that signs
// itself and others.
func newIdentity(name string, now time.Time, issuer *identity) (*identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name, Organization: []string{"tlsmgm demo"}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(validity),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:    []string{name},
	}
	id := &identity{key: key}
	if issuer == nil {
		template.IsCA, template.BasicConstraintsValid = true, true
		template.KeyUsage, template.ExtKeyUsage, template.DNSNames = x509.KeyUsageCertSign|x509.KeyUsageCRLSign, nil, nil
		issuer = &identity{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer.certificate, key.Public(), issuer.key)
	if err != nil {
		return nil, err
	}
	id.certificate, err = x509.ParseCertificate(der)
	return id, err
}

func (id *identity) certificatePEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: id.certificate.Raw})
}

func (id *identity) keyPEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(id.key)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), err
}

func write(path string, content []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, mode)
}
