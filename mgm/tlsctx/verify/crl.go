package verify

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// CRL is a certificate revocation list. It does not change.
type CRL struct {
	Issuer                 pkix.Name
	ThisUpdate, NextUpdate time.Time // NextUpdate is zero if none is given

	issuer    Name
	authority authorityKey
	scope     scope
	delta     bool
	critical  bool // it has a critical extension that nobody knows
	revoked   map[string]struct{}

	tbs, signature []byte
	algorithm      x509.SignatureAlgorithm
}

// scope is the issuing distribution point extension: which certificates a CRL
// speaks of.
type scope struct {
	onlyLeaves, onlyAuthorities, onlyAttributes bool
	hasPoint                                    bool
	points                                      []string // general names in DER
	// unusable is a scope that OpenSSL leaves alone: contradictory, CRLs of
	// other issuers, or some reasons only.
	unusable bool
}

// Len is the number of certificates that the list revokes.
func (l *CRL) Len() int { return len(l.revoked) }

// IssuerName is the canonical form of the issuer.
func (l *CRL) IssuerName() Name { return l.issuer }

// ParseCRL reads a revocation list in DER, of version 1 or 2. Unlike
// x509.ParseRevocationList it keeps only what verification needs.
func ParseCRL(der []byte) (*CRL, error) {
	outer, err := sequence(der)
	if err == nil && len(outer) != 3 {
		err = fmt.Errorf("%d parts", len(outer))
	}
	if err != nil {
		return nil, fmt.Errorf("read a CRL: %w", err)
	}
	var signature asn1.BitString
	if _, err := asn1.Unmarshal(outer[2].FullBytes, &signature); err != nil {
		return nil, fmt.Errorf("read a CRL: signature: %w", err)
	}
	l := &CRL{tbs: outer[0].FullBytes, signature: signature.Bytes, algorithm: signatureAlgorithm(outer[1])}
	if err := l.readList(); err != nil {
		return nil, fmt.Errorf("read a CRL: %w", err)
	}
	return l, nil
}

// signatureAlgorithm has crypto/x509 name the algorithm.
func signatureAlgorithm(identifier asn1.RawValue) x509.SignatureAlgorithm {
	validity, err := asn1.Marshal([]time.Time{time.Unix(0, 0).UTC(), time.Unix(0, 0).UTC()})
	if err != nil {
		panic(fmt.Sprintf("encode a validity: %v", err))
	}
	f := fields{algorithm: identifier, validity: asn1.RawValue{FullBytes: validity}}
	cert, err := x509.ParseCertificate(f.reduced(someKey()))
	if err != nil {
		return x509.UnknownSignatureAlgorithm
	}
	return cert.SignatureAlgorithm
}

func (l *CRL) readList() error {
	parts, err := sequence(l.tbs)
	if err != nil {
		return err
	}
	if len(parts) > 0 && parts[0].Tag == asn1.TagInteger {
		parts = parts[1:] // the version
	}
	const required = 3 // algorithm, issuer, this update
	if len(parts) < required {
		return errors.New("parts are missing")
	}
	if err := l.readIssuer(parts[1].FullBytes); err != nil {
		return err
	}
	if _, err := asn1.Unmarshal(parts[2].FullBytes, &l.ThisUpdate); err != nil {
		return fmt.Errorf("this update: %w", err)
	}
	for _, part := range parts[required:] {
		if err := l.readOptional(part); err != nil {
			return err
		}
	}
	return nil
}

func (l *CRL) readIssuer(der []byte) (err error) {
	l.Issuer = looseName(der)
	l.issuer, err = CanonicalName(der)
	return err
}

func (l *CRL) readOptional(part asn1.RawValue) error {
	switch {
	case part.Class == asn1.ClassUniversal && (part.Tag == asn1.TagUTCTime || part.Tag == asn1.TagGeneralizedTime):
		if _, err := asn1.Unmarshal(part.FullBytes, &l.NextUpdate); err != nil {
			return fmt.Errorf("next update: %w", err)
		}
	case part.Class == asn1.ClassUniversal && part.Tag == asn1.TagSequence:
		return l.readRevoked(part.Bytes)
	case isContext(part, 0):
		return l.readExtensions(part.Bytes)
	}
	return nil
}

type revocation struct {
	Serial     *big.Int
	At         time.Time
	Extensions []pkix.Extension `asn1:"optional"`
}

func (l *CRL) readRevoked(content []byte) error {
	l.revoked = make(map[string]struct{})
	for len(content) > 0 {
		var r revocation
		rest, err := asn1.Unmarshal(content, &r)
		if err != nil {
			return fmt.Errorf("revoked certificate %d: %w", len(l.revoked)+1, err)
		}
		content = rest
		l.critical = l.critical || r.critical()
		if !r.removed() {
			l.revoked[serialKey(r.Serial)] = struct{}{}
		}
	}
	return nil
}

func serialKey(serial *big.Int) string {
	key, err := serial.GobEncode() // the sign and the digits
	if err != nil {
		panic(fmt.Sprintf("encode a serial number: %v", err))
	}
	return string(key)
}

func (r *revocation) critical() bool {
	const oidCertificateIssuer = "2.5.29.29"
	return slices.ContainsFunc(r.Extensions, func(e pkix.Extension) bool {
		return e.Critical && e.Id.String() != oidCertificateIssuer
	})
}

// removed reports whether the entry takes a certificate off the list.
func (r *revocation) removed() bool {
	const oidReason, removeFromCRL = "2.5.29.21", 8
	for _, e := range r.Extensions {
		var reason asn1.Enumerated
		if e.Id.String() != oidReason {
			continue
		}
		if _, err := asn1.Unmarshal(e.Value, &reason); err == nil && reason == removeFromCRL {
			return true
		}
	}
	return false
}

func (l *CRL) readExtensions(content []byte) error {
	const oidDelta, oidScope = "2.5.29.27", "2.5.29.28"
	values, err := sequence(content)
	if err != nil {
		return fmt.Errorf("extensions: %w", err)
	}
	for _, v := range values {
		var e pkix.Extension
		if _, err := asn1.Unmarshal(v.FullBytes, &e); err != nil {
			return fmt.Errorf("extensions: %w", err)
		}
		switch e.Id.String() {
		case oidAuthorityKeyID:
			l.authority = readAuthorityKey(e.Value)
		case oidDelta:
			l.delta = true
		case oidScope:
			l.scope = readScope(e.Value)
		default:
			l.critical = l.critical || e.Critical
		}
	}
	return nil
}

func readScope(value []byte) (s scope) {
	parts, err := sequence(value)
	if err != nil {
		return scope{unusable: true}
	}
	const point, leaves, authorities, reasons, indirect, attributes = 0, 1, 2, 3, 4, 5
	only := 0
	for _, part := range parts {
		switch part.Tag {
		case point:
			s.hasPoint = true
			s.points = fullNames(part.Bytes)
			continue
		case leaves:
			s.onlyLeaves = true
		case authorities:
			s.onlyAuthorities = true
		case attributes:
			s.onlyAttributes = true
		case reasons, indirect:
			s.unusable = true
		}
		only++
	}
	s.unusable = s.unusable || only > 1
	return s
}

// readPoints gives the general names of all distribution points of a
// certificate.
func readPoints(value []byte) (names []string) {
	points, err := sequence(value)
	if err != nil {
		return nil
	}
	for _, point := range points {
		parts, err := sequence(point.FullBytes)
		if err == nil && len(parts) > 0 && isContext(parts[0], 0) {
			names = append(names, fullNames(parts[0].Bytes)...)
		}
	}
	return names
}

// fullNames splits the names of a distribution point, each in DER.
func fullNames(point []byte) (names []string) {
	var full asn1.RawValue
	if _, err := asn1.Unmarshal(point, &full); err != nil || !isContext(full, 0) {
		return nil
	}
	values, err := list(full.Bytes)
	if err != nil {
		return nil
	}
	for _, v := range values {
		names = append(names, string(v.FullBytes))
	}
	return names
}

// covers reports whether the list speaks of the certificate.
func (s *scope) covers(c *Certificate) bool {
	switch {
	case s.onlyAttributes, c.extensions.isCA && s.onlyLeaves, !c.extensions.isCA && s.onlyAuthorities:
		return false
	case !s.hasPoint:
		return true
	}
	return slices.ContainsFunc(c.crlPoints, func(name string) bool { return slices.Contains(s.points, name) })
}

func (l *CRL) revokes(c *Certificate) bool {
	_, revoked := l.revoked[serialKey(c.SerialNumber)]
	return revoked
}

// inForce reports whether a time is one that the list is for.
func (l *CRL) inForce(now time.Time) Code {
	switch {
	case l.ThisUpdate.After(now):
		return CRLNotYetValid
	case !l.NextUpdate.IsZero() && !l.NextUpdate.After(now):
		return CRLExpired
	}
	return OK
}
