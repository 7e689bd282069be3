package openssl

import (
	"bytes"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
)

// ErrNoDHParams is a file without a PEM block of DH parameters.
var ErrNoDHParams = errors.New("no DH PARAMETERS in PEM form")

// The names of PEM blocks that hold DH parameters: PKCS #3 and X9.42.
const (
	pemDH    = "DH PARAMETERS"
	pemX9DH  = "X9.42 DH PARAMETERS"
	pemBegin = "-----BEGIN "
)

// maxDHBits is the size above which OpenSSL does not compute with DH
// parameters (it still loads them).
const maxDHBits = 10000

// DHParams are Diffie-Hellman parameters, what dh_params of OpenSIPS names.
type DHParams struct {
	P *big.Int // the prime
	G *big.Int // the generator
	Q *big.Int // order of the generator; nil if not given (PKCS #3)
	// PrivateBits is the size of private keys that the parameters recommend,
	// 0 if they recommend none.
	PrivateBits int
}

// ParseDHParams reads the first PEM block that holds DH parameters, whether
// PKCS #3 ("DH PARAMETERS") or X9.42, as PEM_read_bio_DHparams does; blocks of
// other kinds before it, such as certificates, are passed over. Without one
// the error wraps ErrNoDHParams. It does not judge what it reads.
func ParseDHParams(data []byte) (*DHParams, error) {
	for {
		block, rest := pem.Decode(data)
		if bytes.Count(data[:len(data)-len(rest)], []byte(pemBegin)) > 1 {
			return nil, errors.New("damaged PEM block before the DH parameters")
		}
		switch {
		case block == nil && bytes.Contains(data, []byte(pemBegin)):
			return nil, fmt.Errorf("damaged PEM block: %w", ErrNoDHParams)
		case block == nil:
			return nil, ErrNoDHParams
		case block.Type == pemDH || block.Type == pemX9DH:
			return decodeDHParams(block.Bytes, block.Type == pemX9DH)
		}
		data = rest
	}
}

// decodeDHParams reads the DER form.
func decodeDHParams(der []byte, x942 bool) (*DHParams, error) {
	fields, err := sequence(der)
	if err != nil {
		return nil, fmt.Errorf("decode DH parameters: %w", err)
	}
	required, allowed := 2, 3 // p, g, private value length
	if x942 {
		required, allowed = 3, 5 // p, g, q, j, seed and counter
	}
	if len(fields) < required || len(fields) > allowed {
		return nil, fmt.Errorf("decode DH parameters: %d fields, expected %d to %d", len(fields), required, allowed)
	}
	d := new(DHParams)
	numbers := []any{&d.P, &d.G, &d.PrivateBits}
	if x942 {
		numbers[2] = &d.Q
	}
	for i, field := range fields[:min(len(fields), 3)] {
		if _, err := asn1.Unmarshal(field, numbers[i]); err != nil {
			return nil, fmt.Errorf("decode DH parameters: field %d: %w", i+1, err)
		}
	}
	if d.P.Sign() < 0 || d.G.Sign() < 0 || d.Q != nil && d.Q.Sign() < 0 {
		return nil, errors.New("decode DH parameters: a number is negative")
	}
	return d, nil
}

// sequence splits a DER SEQUENCE into its elements. Bytes after it do not
// count.
func sequence(der []byte) (elements [][]byte, err error) {
	var all asn1.RawValue
	if _, err := asn1.Unmarshal(der, &all); err != nil {
		return nil, err
	}
	if all.Class != asn1.ClassUniversal || all.Tag != asn1.TagSequence || !all.IsCompound {
		return nil, errors.New("not a SEQUENCE")
	}
	for rest := all.Bytes; len(rest) > 0; {
		var element asn1.RawValue
		if rest, err = asn1.Unmarshal(rest, &element); err != nil {
			return nil, err
		}
		elements = append(elements, element.FullBytes)
	}
	return elements, nil
}

// Bits is the size of the prime.
func (d *DHParams) Bits() int { return d.P.BitLen() }

// SecurityBits is the strength that OpenSSL credits the parameters with.
func (d *DHParams) SecurityBits() int {
	switch {
	case d.Q != nil:
		return dhSecurityBits(d.Bits(), d.Q.BitLen())
	case d.PrivateBits == 0, d.wellKnown() != nil: // OpenSSL knows the latter's q
		return dhSecurityBits(d.Bits(), -1)
	}
	return dhSecurityBits(d.Bits(), max(0, d.PrivateBits))
}

// Check reports what SSL_CTX_set_tmp_dh refuses at the security level: a
// *SecurityError "dh key too small". Even level 0 asks for 80 bits, that is
// a prime of 1024.
func (d *DHParams) Check(level int) error {
	bits := d.SecurityBits()
	if bits >= max(80, MinSecurityBits(level)) {
		return nil
	}
	return &SecurityError{Reason: reasonDHKey, What: fmt.Sprintf("DH prime of %d bits", d.Bits()), Level: level, Bits: bits}
}

// primeRounds is the number of Miller-Rabin rounds that follow the
// Baillie-PSW test, which no known composite passes.
const primeRounds = 4

// SafePrime reports whether both p and (p-1)/2 are prime, as parameters made
// by `openssl dhparam` are without -dsaparam. Unless the group is well known
// this takes time, about a second for 8192 bits; above 10,000 bits, where
// OpenSSL does not compute either, it is false.
func (d *DHParams) SafePrime() bool {
	if g := d.wellKnown(); g != nil {
		return g.safe
	}
	if d.Bits() > maxDHBits || d.P.Bit(0) == 0 {
		return false
	}
	half := new(big.Int).Rsh(d.P, 1)
	return half.ProbablyPrime(primeRounds) && d.P.ProbablyPrime(primeRounds)
}

// Group is OpenSSL's name of a well-known prime and generator: ffdhe2048 and
// up (RFC 7919), modp_1536 and up (RFC 3526), dh_1024_160, dh_2048_224,
// dh_2048_256 (RFC 5114); also modp_768 and modp_1024 (RFC 2409), which
// OpenSSL has no name for. It is empty for any other group.
func (d *DHParams) Group() string {
	if g := d.wellKnown(); g != nil {
		return g.name
	}
	return ""
}

// wellKnown finds the group by its fingerprint.
func (d *DHParams) wellKnown() *dhGroup {
	fingerprint := dhFingerprint(d.P, d.G)
	for i := range dhGroups {
		if dhGroups[i].fingerprint == fingerprint {
			return &dhGroups[i]
		}
	}
	return nil
}

// dhGroup is a well-known group.
type dhGroup struct {
	name        string
	safe        bool   // a safe prime
	fingerprint string // of p and g
}

// dhFingerprint identifies a group. Keeping it instead of the primes saves
// some 20 kB of digits.
func dhFingerprint(p, g *big.Int) string {
	return fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%x %x", p, g)))
}
