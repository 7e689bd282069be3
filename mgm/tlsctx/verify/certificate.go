package verify

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
)

// Certificate is a certificate with what verification needs of it. It does not
// change.
type Certificate struct {
	*x509.Certificate
	subject, issuer Name
	trust           *Trust
	extensions
}

// Trust are the settings of a TRUSTED CERTIFICATE: what OpenSSL trusts it for,
// and what not.
type Trust struct {
	Accept []asn1.ObjectIdentifier // nil: not limited
	Reject []asn1.ObjectIdentifier
}

// NewCertificate prepares a certificate; trust is nil for one without settings.
func NewCertificate(cert *x509.Certificate, trust *Trust) *Certificate {
	c := &Certificate{Certificate: cert, trust: trust}
	c.subject, c.issuer = looseCanonical(cert.RawSubject), looseCanonical(cert.RawIssuer)
	c.extensions = readExtensions(cert.Extensions)
	return c
}

// looseCanonical takes a name that cannot be read as it is: no other equals it
// by chance.
func looseCanonical(der []byte) Name {
	name, err := CanonicalName(der)
	if err != nil {
		return Name(der)
	}
	return name
}

// SubjectName is the canonical form of the subject.
func (c *Certificate) SubjectName() Name { return c.subject }

// extensions are those that matter here.
type extensions struct {
	hasBasicConstraints, isCA bool
	pathLength                int // -1: no limit
	hasKeyUsage               bool
	keyUsage                  x509.KeyUsage
	hasExtendedUsage          bool
	extendedUsage             []asn1.ObjectIdentifier
	hasNetscapeType           bool
	netscapeType              netscapeType
	subjectKeyID              []byte
	authority                 authorityKey
	crlPoints                 []string // general names in DER
	constrainsNames           bool
	isProxy                   bool
	unhandledCritical         bool
}

// authorityKey is what a certificate or a CRL says of the key that signed it.
type authorityKey struct {
	keyID  []byte
	issuer *Name // nil if not given
	serial *big.Int
}

// netscapeType are the bits of the Netscape certificate type extension.
type netscapeType byte

const (
	netscapeClient netscapeType = 0x80
	netscapeServer netscapeType = 0x40
	netscapeTLSCA  netscapeType = 0x04
	netscapeAnyCA  netscapeType = 0x07
)

// Object identifiers of extensions, in dotted form.
const (
	oidSubjectKeyID     = "2.5.29.14"
	oidKeyUsage         = "2.5.29.15"
	oidSubjectAltName   = "2.5.29.17"
	oidBasicConstraints = "2.5.29.19"
	oidNameConstraints  = "2.5.29.30"
	oidCRLPoints        = "2.5.29.31"
	oidPolicies         = "2.5.29.32"
	oidPolicyMappings   = "2.5.29.33"
	oidAuthorityKeyID   = "2.5.29.35"
	oidPolicyLimits     = "2.5.29.36"
	oidExtendedKeyUsage = "2.5.29.37"
	oidInhibitAnyPolicy = "2.5.29.54"
	oidNetscapeType     = "2.16.840.1.113730.1.1"
	oidProxy            = "1.3.6.1.5.5.7.1.14"
	oidAddressBlocks    = "1.3.6.1.5.5.7.1.7"
	oidASNumbers        = "1.3.6.1.5.5.7.1.8"
	oidOCSPNoCheck      = "1.3.6.1.5.5.7.48.1.5"
)

// handledCritical are the extensions that may be critical. Key identifiers are
// not among them, as in OpenSSL 3.0.
var handledCritical = []string{
	oidNetscapeType, oidKeyUsage, oidSubjectAltName, oidBasicConstraints, oidPolicies, oidCRLPoints,
	oidExtendedKeyUsage, oidAddressBlocks, oidASNumbers, oidOCSPNoCheck, oidPolicyLimits, oidProxy,
	oidNameConstraints, oidPolicyMappings, oidInhibitAnyPolicy,
}

func readExtensions(all []pkix.Extension) extensions {
	e := extensions{pathLength: -1}
	for _, x := range all {
		id := x.Id.String()
		e.unhandledCritical = e.unhandledCritical || x.Critical && !slices.Contains(handledCritical, id)
		e.read(id, x.Value)
	}
	return e
}

func (e *extensions) read(id string, value []byte) {
	switch id {
	case oidBasicConstraints:
		e.hasBasicConstraints = true
		e.isCA, e.pathLength = readBasicConstraints(value)
	case oidKeyUsage:
		e.hasKeyUsage = true
		e.keyUsage = readKeyUsage(value)
	case oidExtendedKeyUsage:
		e.hasExtendedUsage = true
		_, _ = asn1.Unmarshal(value, &e.extendedUsage) // a malformed one allows nothing
	case oidNetscapeType:
		e.hasNetscapeType = true
		e.netscapeType = netscapeType(firstBits(value))
	case oidSubjectKeyID:
		_, _ = asn1.Unmarshal(value, &e.subjectKeyID) // a malformed one is as none
	case oidAuthorityKeyID:
		e.authority = readAuthorityKey(value)
	case oidCRLPoints:
		e.crlPoints = readPoints(value)
	case oidNameConstraints:
		e.constrainsNames = true
	case oidProxy:
		e.isProxy = true
	}
}

func readBasicConstraints(value []byte) (isCA bool, pathLength int) {
	constraints := struct {
		IsCA       bool `asn1:"optional"`
		PathLength int  `asn1:"optional,default:-1"`
	}{PathLength: -1}
	if _, err := asn1.Unmarshal(value, &constraints); err != nil {
		return false, -1
	}
	return constraints.IsCA, constraints.PathLength
}

func readKeyUsage(value []byte) (usage x509.KeyUsage) {
	var bits asn1.BitString
	if _, err := asn1.Unmarshal(value, &bits); err != nil {
		return 0
	}
	const count = 9
	for i := range count {
		if bits.At(i) != 0 {
			usage |= 1 << i
		}
	}
	return usage
}

func firstBits(value []byte) byte {
	var bits asn1.BitString
	if _, err := asn1.Unmarshal(value, &bits); err != nil || len(bits.Bytes) == 0 {
		return 0
	}
	return bits.Bytes[0]
}

func readAuthorityKey(value []byte) (key authorityKey) {
	parts, err := sequence(value)
	if err != nil {
		return key
	}
	const keyIDTag, issuerTag, serialTag = 0, 1, 2
	for _, part := range parts {
		switch {
		case isContext(part, keyIDTag):
			key.keyID = part.Bytes
		case isContext(part, issuerTag):
			key.issuer = directoryName(part.Bytes)
		case isContext(part, serialTag):
			key.serial = new(big.Int).SetBytes(part.Bytes)
		}
	}
	return key
}

// directoryName is the first distinguished name among general names.
func directoryName(names []byte) *Name {
	const directoryTag = 4
	values, err := list(names)
	if err != nil {
		return nil
	}
	for _, v := range values {
		if isContext(v, directoryTag) {
			name := looseCanonical(v.Bytes)
			return &name
		}
	}
	return nil
}

// keyIdentifiers gives the identifiers of the certificate's own key and of its
// issuer's.
func keyIdentifiers(all []pkix.Extension) (subject, authority []byte) {
	e := readExtensions(all)
	return e.subjectKeyID, e.authority.keyID
}

// fits reports whether the certificate may be the one that is meant. What is
// not said on either side fits.
func (k *authorityKey) fits(issuer *Certificate) bool {
	switch {
	case k.keyID != nil && issuer.subjectKeyID != nil && !bytes.Equal(k.keyID, issuer.subjectKeyID):
		return false
	case k.serial != nil && k.serial.Cmp(issuer.SerialNumber) != 0:
		return false
	}
	return k.issuer == nil || *k.issuer == issuer.issuer
}

// selfIssued reports whether subject and issuer are the same name.
func (c *Certificate) selfIssued() bool { return c.subject == c.issuer }

// selfSigned reports whether the certificate says to be signed by its own key;
// the signature is not looked at.
func (c *Certificate) selfSigned() bool { return c.mayHaveIssued(c) }

// mayHaveIssued compares names, identifiers and kinds of key.
func (c *Certificate) mayHaveIssued(subject *Certificate) bool {
	return c.subject == subject.issuer && subject.authority.fits(c) && c.keySigns(subject.SignatureAlgorithm)
}

// keySigns reports whether the key is of the kind that the algorithm is for.
func (c *Certificate) keySigns(algorithm x509.SignatureAlgorithm) bool {
	kind := keyKind(algorithm)
	return kind == x509.UnknownPublicKeyAlgorithm || c.PublicKeyAlgorithm == x509.UnknownPublicKeyAlgorithm ||
		kind == c.PublicKeyAlgorithm
}

// keyKind is the kind of key that makes signatures of the algorithm.
func keyKind(algorithm x509.SignatureAlgorithm) x509.PublicKeyAlgorithm {
	switch algorithm {
	case x509.MD5WithRSA, x509.SHA1WithRSA, x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA,
		x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS:
		return x509.RSA
	case x509.DSAWithSHA1, x509.DSAWithSHA256:
		return x509.DSA
	case x509.ECDSAWithSHA1, x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512:
		return x509.ECDSA
	case x509.PureEd25519:
		return x509.Ed25519
	}
	return x509.UnknownPublicKeyAlgorithm
}

// caKind is how sure it is that a certificate is an authority's.
type caKind int

const (
	notCA     caKind = iota
	isCA             // it says so
	isOldRoot        // of version 1, self-signed
	mayBeCA          // a key usage allows signing certificates
	isNetscapeCA
)

func (c *Certificate) caKind() caKind {
	switch {
	case c.forbids(x509.KeyUsageCertSign):
		return notCA
	case c.hasBasicConstraints && c.extensions.isCA:
		return isCA
	case c.hasBasicConstraints:
		return notCA
	case c.Version == 1 && c.selfSigned():
		return isOldRoot
	case c.hasKeyUsage:
		return mayBeCA
	case c.hasNetscapeType && c.netscapeType&netscapeAnyCA != 0:
		return isNetscapeCA
	}
	return notCA
}

// forbids reports whether there is a key usage without any of the bits.
func (c *Certificate) forbids(usage x509.KeyUsage) bool {
	return c.hasKeyUsage && c.keyUsage&usage == 0
}
