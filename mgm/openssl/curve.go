package openssl

import (
	"crypto/tls"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Curve is an elliptic curve that ec_curve can name. Curves are comparable.
type Curve struct {
	Name      string // OpenSSL's short name: prime256v1
	LongName  string // mostly the same
	NIST      string // P-256; empty if NIST has no name for it
	OID       string // dotted; empty for the two Oakley curves
	Bits      int    // size of the field
	orderBits int
	Binary    bool // over a binary field, else over a prime field
	// Group is the curve's number in a TLS handshake. It is 0 if OpenSSL cannot
	// use the curve there; SSL_CTX_set_tmp_ecdh then refuses it.
	Group uint16
}

// Why a curve's name is of no use to OpenSSL. LookupCurve wraps them in a
// *CurveError.
var (
	ErrUnknownCurve = errors.New("unknown name")
	ErrNotECCurve   = errors.New("not a curve for EC keys")
)

// CurveError is a name that OpenSSL makes no curve of.
type CurveError struct {
	Name       string
	Suggestion string // the curve that may have been meant, else empty
	Err        error  // ErrUnknownCurve or ErrNotECCurve
}

func (e *CurveError) Error() string {
	if e.Suggestion == "" {
		return fmt.Sprintf("curve %q: %v", e.Name, e.Err)
	}
	return fmt.Sprintf("curve %q: %v, did you mean %q", e.Name, e.Err, e.Suggestion)
}

func (e *CurveError) Unwrap() error { return e.Err }

// otherObjects are names of key exchange groups that OpenSSL knows as objects
// but not as curves of EC keys, so that ec_curve cannot be set to them.
var otherObjects = [...]string{
	"X25519", "1.3.101.110", "X448", "1.3.101.111",
	"ED25519", "1.3.101.112", "ED448", "1.3.101.113",
}

// otherNames are names of curves in other standards.
var otherNames = [...]struct{ name, curve string }{
	{"secp256r1", "prime256v1"},
	{"secp192r1", "prime192v1"},
	{"sm2p256v1", "SM2"},
	{"curveSM2", "SM2"},
}

// LookupCurve finds a curve as ec_curve does: by its short or long name, in
// their spelling, or by its OID. NIST's names such as P-256 are not among
// them, as a real 2.3 shows. The error is a *CurveError.
func LookupCurve(name string) (Curve, error) {
	for c := range Curves() {
		if name != "" && (c.Name == name || c.LongName == name || c.OID == name) {
			return c, nil
		}
	}
	if slices.Contains(otherObjects[:], name) {
		return Curve{}, &CurveError{Name: name, Err: ErrNotECCurve}
	}
	return Curve{}, &CurveError{Name: name, Suggestion: similarCurve(name), Err: ErrUnknownCurve}
}

// similarCurve gives the curve that has the name elsewhere, or in another
// case.
func similarCurve(name string) string {
	if c, ok := CurveByNIST(strings.ToUpper(name)); ok {
		return c.Name
	}
	for _, o := range otherNames {
		if strings.EqualFold(o.name, name) {
			return o.curve
		}
	}
	for c := range Curves() {
		if strings.EqualFold(c.Name, name) {
			return c.Name
		}
	}
	return ""
}

// CurveByNIST finds a curve by NIST's name: P-256, K-283, B-571.
func CurveByNIST(name string) (Curve, bool) {
	for c := range Curves() {
		if name != "" && c.NIST == name {
			return c, true
		}
	}
	return Curve{}, false
}

// Curves yields all curves in the order of `openssl ecparam -list_curves`.
func Curves() iter.Seq[Curve] {
	return func(yield func(Curve) bool) {
		for i := range curves {
			if !yield(curves[i]) {
				return
			}
		}
	}
}

// GoID is the curve's id in crypto/tls, 0 if crypto/tls has not got it.
func (c Curve) GoID() tls.CurveID {
	switch id := tls.CurveID(c.Group); id {
	case tls.CurveP256, tls.CurveP384, tls.CurveP521:
		return id
	}
	return 0
}

// TLS13 reports whether TLS 1.3 can use the curve (RFC 8446); with any other
// as ec_curve a server is left with TLS 1.2.
func (c Curve) TLS13() bool { return c.GoID() != 0 }

// SecurityBits is the strength that OpenSSL credits keys on the curve with.
func (c Curve) SecurityBits() int { return curveSecurityBits(c.orderBits) }

// AllowedAt reports whether the security level lets a handshake use the curve.
// OpenSSL checks it in the handshake, not when ec_curve is set.
func (c Curve) AllowedAt(level int) bool {
	return level <= 0 || c.SecurityBits() >= MinSecurityBits(level)
}

// String is OpenSSL's short name.
func (c Curve) String() string { return c.Name }
