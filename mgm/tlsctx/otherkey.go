package tlsctx

import (
	"bytes"
	//lint:ignore SA1019 OpenSSL loads DSA keys, so they must be compared
	"crypto/dsa"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"github.com/opensips-tools/tlsmgm/mgm/openssl"
)

// Object identifiers of kinds of key.
const (
	oidECKey  = "1.2.840.10045.2.1"
	oidDSA    = "1.2.840.10040.4.1"
	oidRSAPSS = "1.2.840.113549.1.1.10"
	oidEd448  = "1.3.101.113"
)

// otherKey is a private key of a kind that OpenSSL has and Go has not. What is
// kept of it is public.
type otherKey struct {
	algorithm string // OID
	curve     string // OID or name; empty if none or explicit
	public    []byte // as in a certificate; nil if it is not known
}

// parseOtherKey reads the public part of a private key.
func parseOtherKey(kind string, der []byte) (*otherKey, error) {
	switch kind {
	case pemEC:
		return parseOtherEC(der, nil)
	case pemDSA:
		return parseTraditionalDSA(der)
	case pemPKCS8, pemRSA:
		return parseOtherPKCS8(der)
	}
	return nil, fmt.Errorf("unknown kind %q", kind)
}

func parseOtherPKCS8(der []byte) (*otherKey, error) {
	var info struct {
		Version   int
		Algorithm pkix.AlgorithmIdentifier
		Key       []byte
		Rest      asn1.RawValue `asn1:"optional,tag:0"`
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, err
	}
	parameters := info.Algorithm.Parameters.FullBytes
	switch id := info.Algorithm.Algorithm.String(); id {
	case oidECKey:
		return parseOtherEC(info.Key, parameters)
	case oidDSA:
		return parseDSA(info.Key, parameters)
	case oidRSAPSS:
		return parsePSS(info.Key)
	case oidEd448:
		return &otherKey{algorithm: id}, nil
	default:
		return nil, fmt.Errorf("key of kind %s", id)
	}
}

// parseOtherEC reads an EC key (SEC 1) on a curve that Go has not got. Its
// curve is given inside or by the parameters outside.
func parseOtherEC(der, parameters []byte) (*otherKey, error) {
	var key struct {
		Version    int
		Private    []byte
		Parameters asn1.RawValue  `asn1:"optional,explicit,tag:0"`
		Public     asn1.BitString `asn1:"optional,explicit,tag:1"`
	}
	if _, err := asn1.Unmarshal(der, &key); err != nil {
		return nil, err
	}
	if parameters == nil {
		parameters = key.Parameters.Bytes
	}
	if len(key.Private) == 0 || len(parameters) == 0 {
		return nil, errors.New("parts are missing")
	}
	return &otherKey{algorithm: oidECKey, curve: curveOf(parameters), public: key.Public.Bytes}, nil
}

// curveOf is the OID of a curve, empty for one that is given by its numbers.
func curveOf(parameters []byte) string {
	var id asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(parameters, &id); err != nil {
		return ""
	}
	return id.String()
}

func parseTraditionalDSA(der []byte) (*otherKey, error) {
	var key struct {
		Version       int
		P, Q, G, Y, X *big.Int
	}
	if _, err := asn1.Unmarshal(der, &key); err != nil {
		return nil, err
	}
	return dsaKey(key.Y)
}

func parseDSA(der, parameters []byte) (*otherKey, error) {
	var private *big.Int
	if _, err := asn1.Unmarshal(der, &private); err != nil {
		return nil, err
	}
	var group struct{ P, Q, G *big.Int }
	if _, err := asn1.Unmarshal(parameters, &group); err != nil {
		return nil, err
	}
	if group.P.Sign() <= 0 || private.Sign() <= 0 {
		return nil, errors.New("a number is not positive")
	}
	return dsaKey(new(big.Int).Exp(group.G, private, group.P))
}

func dsaKey(public *big.Int) (*otherKey, error) {
	der, err := asn1.Marshal(public)
	if err != nil {
		return nil, err
	}
	return &otherKey{algorithm: oidDSA, public: der}, nil
}

func parsePSS(der []byte) (*otherKey, error) {
	key, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		return nil, err
	}
	return &otherKey{algorithm: oidRSAPSS, public: x509.MarshalPKCS1PublicKey(&key.PublicKey)}, nil
}

// belongsTo compares the key with that of a certificate.
func (k *otherKey) belongsTo(cert *x509.Certificate) (belongs, checked bool) {
	public, err := publicKeyOf(cert)
	if err != nil || public.Algorithm.Algorithm.String() != k.algorithm {
		return false, true
	}
	if curve := curveOf(public.Algorithm.Parameters.FullBytes); k.curve != "" && curve != "" && curve != k.curve {
		return false, true
	}
	if k.public == nil {
		return true, false
	}
	return bytes.Equal(k.public, public.Key.Bytes), true
}

// publicKeyInfo is the public key of a certificate as it is encoded.
type publicKeyInfo struct {
	Algorithm pkix.AlgorithmIdentifier
	Key       asn1.BitString
}

func publicKeyOf(cert *x509.Certificate) (info publicKeyInfo, err error) {
	_, err = asn1.Unmarshal(cert.RawSubjectPublicKeyInfo, &info)
	return info, err
}

// otherCurve is the curve of a certificate whose key Go cannot read because of
// it.
func otherCurve(cert *x509.Certificate) (curve openssl.Curve, named, found bool) {
	public, err := publicKeyOf(cert)
	if cert.PublicKey != nil || err != nil || public.Algorithm.Algorithm.String() != oidECKey {
		return curve, false, false
	}
	curve, err = openssl.LookupCurve(curveOf(public.Algorithm.Parameters.FullBytes))
	return curve, err == nil, true
}

// curveSM2 is the one curve of certificates that OpenSSL refuses altogether.
const curveSM2 = "SM2"

func hasOtherCurve(cert *x509.Certificate) bool {
	_, _, found := otherCurve(cert)
	return found
}

// checkOtherCurve is the part of openssl.CheckCertificates that needs to know
// the curve. One that is given by its numbers is not judged.
func checkOtherCurve(level int, cert *x509.Certificate) error {
	const reason = "ee key too small"
	curve, named, _ := otherCurve(cert)
	if curve.Name == curveSM2 {
		return errors.New("unknown certificate type: a key on SM2 is for no TLS suite")
	}
	bits, minimum := curve.SecurityBits(), openssl.MinSecurityBits(level)
	if !named || bits >= minimum {
		return nil
	}
	return &openssl.SecurityError{Reason: reason, What: "EC key on " + curve.Name, Level: level, Bits: bits}
}

// keyKind names the kind of a certificate's key: "RSA 2048", "ECDSA P-256",
// "Ed25519".
func keyKind(cert *x509.Certificate) string {
	switch key := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", key.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + key.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	case *dsa.PublicKey:
		return fmt.Sprintf("DSA %d", key.P.BitLen())
	}
	return otherKind(cert)
}

func otherKind(cert *x509.Certificate) string {
	public, err := publicKeyOf(cert)
	if err != nil {
		return "unknown"
	}
	switch id := public.Algorithm.Algorithm.String(); id {
	case oidEd448:
		return "Ed448"
	case oidRSAPSS:
		return "RSA-PSS" + rsaSize(public.Key.Bytes)
	case oidECKey:
		if curve, named, _ := otherCurve(cert); named {
			return "ECDSA " + curve.Name
		}
		return "ECDSA"
	default:
		return id
	}
}

func rsaSize(der []byte) string {
	key, err := x509.ParsePKCS1PublicKey(der)
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" %d", key.N.BitLen())
}
