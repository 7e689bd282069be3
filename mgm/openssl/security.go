package openssl

import (
	"bytes"
	//lint:ignore SA1019 OpenSSL loads DSA certificates, so they must be judged
	"crypto/dsa" //nolint:staticcheck // OpenSSL still takes such keys
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
)

// DefaultSecurityLevel is the security level that Debian builds OpenSSL with.
// Upstream's is 1.
const DefaultSecurityLevel = 2

// MinSecurityBits is the strength that a security level asks for, in bits:
// none at level 0, then 80, 112, 128, 192 and 256. A higher level is as 5.
func MinSecurityBits(level int) int {
	minimum := [...]int{0, 80, 112, 128, 192, 256}
	return minimum[max(0, min(level, len(minimum)-1))]
}

// SecurityError is something that the security level forbids.
type SecurityError struct {
	Reason string // OpenSSL's: "ee key too small"
	What   string // what it is about: "RSA key of 1024 bits"
	Level  int
	Bits   int // the strength of it, at least 0
}

func (e *SecurityError) Error() string {
	return fmt.Sprintf("%s: %s is worth %d bits, security level %d asks for %d",
		e.Reason, e.What, e.Bits, e.Level, MinSecurityBits(e.Level))
}

// OpenSSL's reasons to refuse a certificate when it is loaded (first four), and
// when a peer's chain is verified.
const (
	reasonEEKey = "ee key too small"
	reasonCAKey = "ca key too small"
	reasonCAMD  = "ca md too weak"
	reasonDHKey = "dh key too small"

	reasonVerifyEEKey = "EE certificate key too weak"
	reasonVerifyCAKey = "CA certificate key too weak"
	reasonVerifyCAMD  = "CA signature digest algorithm too weak"
)

// CheckCertificates reports what OpenSSL refuses about a certificate chain
// (leaf first) that a server or client is to present. Every key must have the
// strength of the level, and so must the digest of every signature, except on
// a self-signed certificate. The error is a *SecurityError for the first that
// does not.
func CheckCertificates(level int, chain ...*x509.Certificate) error {
	reasons := chainReasons{leafKey: reasonEEKey, issuerKey: reasonCAKey, digest: reasonCAMD}
	return checkChain(level, chain, reasons, func(i int) bool { return !selfSigned(chain[i]) })
}

// CheckVerifiedChain reports what OpenSSL refuses about a peer's certificate
// chain that leads from the leaf to a trusted certificate and is otherwise in
// order. The signature on the trusted one does not count. The error is a
// *SecurityError for the first that is too weak.
func CheckVerifiedChain(level int, chain ...*x509.Certificate) error {
	reasons := chainReasons{leafKey: reasonVerifyEEKey, issuerKey: reasonVerifyCAKey, digest: reasonVerifyCAMD}
	return checkChain(level, chain, reasons, func(i int) bool { return i < len(chain)-1 })
}

type chainReasons struct{ leafKey, issuerKey, digest string }

// checkChain checks each certificate's key, then its signature if that counts.
func checkChain(level int, chain []*x509.Certificate, reasons chainReasons, signatureCounts func(i int) bool) error {
	keyReason := reasons.leafKey
	for i, cert := range chain {
		if err := checkKey(level, cert, keyReason); err != nil {
			return err
		}
		if signatureCounts(i) {
			if err := checkSignature(level, cert, reasons.digest); err != nil {
				return err
			}
		}
		keyReason = reasons.issuerKey
	}
	return nil
}

func checkKey(level int, cert *x509.Certificate, reason string) error {
	key, bits := certificateKey(cert)
	return checkBits(level, bits, reason, key)
}

func checkSignature(level int, cert *x509.Certificate, reason string) error {
	return checkBits(level, signatureBits(cert), reason, "signature "+signatureName(cert))
}

func checkBits(level, bits int, reason, what string) error {
	if level <= 0 || bits >= MinSecurityBits(level) {
		return nil
	}
	return &SecurityError{Reason: reason, What: what, Level: level, Bits: bits}
}

// selfSigned reports whether OpenSSL sees the certificate as its own issuer's,
// without looking at the signature.
func selfSigned(cert *x509.Certificate) bool {
	return bytes.Equal(cert.RawSubject, cert.RawIssuer) &&
		(len(cert.AuthorityKeyId) == 0 || len(cert.SubjectKeyId) == 0 || bytes.Equal(cert.AuthorityKeyId, cert.SubjectKeyId))
}

// PublicKeySecurityBits is the strength that OpenSSL credits a public key with:
// an *rsa.PublicKey, *dsa.PublicKey, *ecdsa.PublicKey or ed25519.PublicKey. It
// is false for any other type.
func PublicKeySecurityBits(key any) (bits int, ok bool) {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return rsaSecurityBits(k.N.BitLen()), true
	case *dsa.PublicKey:
		return dhSecurityBits(k.P.BitLen(), k.Q.BitLen()), true
	case *ecdsa.PublicKey:
		return curveSecurityBits(k.Params().N.BitLen()), true
	case ed25519.PublicKey:
		return 128, true
	}
	return 0, false
}

// rsaSteps are the sizes of RSA keys, in bits, from which on OpenSSL credits
// them with eight more bits of strength than before. They
// come from the formula of NIST SP 800-56B, rounded to a multiple of 8, and
// are such that keys a little under 2048 bits still count for 112.
var rsaSteps = [...]int{
	16, 41, 81, 138, 213, 308, 425, 566, 729, 920, 1137, 1383, 1657, 1963, 2301, 2671, 3076, 3514, 3991, 4502, 5054,
	5642, 6274, 6947, 7681, 8418, 9216, 10064, 10953, 11893, 12877, 13914, 15361, 16132,
}

func rsaSecurityBits(size int) int {
	bits := 0
	for _, from := range rsaSteps {
		if size < from {
			break
		}
		bits += 8
	}
	return bits
}

// curveSecurityBits takes the size of the order of the curve's base point.
func curveSecurityBits(order int) int {
	for _, step := range [...]struct{ order, bits int }{{512, 256}, {384, 192}, {256, 128}, {224, 112}, {160, 80}} {
		if order >= step.order {
			return step.bits
		}
	}
	return order / 2
}

// dhSecurityBits takes the sizes of the prime and of the private key of DH or
// DSA; the latter is negative if nothing limits it.
func dhSecurityBits(prime, private int) int {
	bits := 0
	for _, step := range [...]struct{ prime, bits int }{{1024, 80}, {2048, 112}, {3072, 128}, {7680, 192}, {15360, 256}} {
		if prime >= step.prime {
			bits = step.bits
		}
	}
	if private < 0 {
		return bits
	}
	if private/2 < 80 {
		return 0
	}
	return min(bits, private/2)
}
