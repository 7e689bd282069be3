package openssl

import (
	//lint:ignore SA1019 OpenSSL loads DSA certificates, so they must be judged
	"crypto/dsa" //nolint:staticcheck // OpenSSL still takes such keys
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
)

// certificateKey describes the key of a certificate and gives its strength: 0
// for a kind that is not known.
func certificateKey(cert *x509.Certificate) (what string, bits int) {
	bits, known := PublicKeySecurityBits(cert.PublicKey)
	if !known {
		return keyUnknownToGo(cert.RawSubjectPublicKeyInfo)
	}
	switch k := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA key of %d bits", k.N.BitLen()), bits
	case *dsa.PublicKey:
		return fmt.Sprintf("DSA key of %d bits", k.P.BitLen()), bits
	case *ecdsa.PublicKey:
		return "EC key on " + k.Params().Name, bits
	}
	return cert.PublicKeyAlgorithm.String() + " key", bits
}

// The object identifiers of keys and signatures that crypto/x509 does not
// read.
var (
	oidRSAPSS = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	oidEd448  = asn1.ObjectIdentifier{1, 3, 101, 113}
)

// ed448Bits is the strength of Ed448 keys and signatures.
const ed448Bits = 224

// keyUnknownToGo does certificateKey's work for kinds of key that crypto/x509
// leaves alone: RSA keys for PSS only, and Ed448.
func keyUnknownToGo(info []byte) (what string, bits int) {
	var spki struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(info, &spki); err != nil {
		return "unreadable key", 0
	}
	switch id := spki.Algorithm.Algorithm; {
	case id.Equal(oidEd448):
		return "Ed448 key", ed448Bits
	case id.Equal(oidRSAPSS):
		var key struct{ N, E *big.Int }
		if _, err := asn1.Unmarshal(spki.Key.Bytes, &key); err != nil {
			return "unreadable RSA-PSS key", 0
		}
		return fmt.Sprintf("RSA-PSS key of %d bits", key.N.BitLen()), rsaSecurityBits(key.N.BitLen())
	default:
		return "key of unknown kind " + id.String(), 0
	}
}

// Strengths of digests in signatures: half their size, except for those that
// are broken.
const (
	md5Bits    = 39
	sha1Bits   = 63
	sha224Bits = 112
	sha256Bits = 128
	sha384Bits = 192
	sha512Bits = 256
)

// signatureBits is the strength that OpenSSL credits the signature on a
// certificate with, which is that of its digest: 0 for one not known.
func signatureBits(cert *x509.Certificate) int {
	switch cert.SignatureAlgorithm {
	case x509.MD5WithRSA:
		return md5Bits
	case x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1:
		return sha1Bits
	case x509.SHA256WithRSA, x509.DSAWithSHA256, x509.ECDSAWithSHA256, x509.SHA256WithRSAPSS, x509.PureEd25519:
		return sha256Bits
	case x509.SHA384WithRSA, x509.ECDSAWithSHA384, x509.SHA384WithRSAPSS:
		return sha384Bits
	case x509.SHA512WithRSA, x509.ECDSAWithSHA512, x509.SHA512WithRSAPSS:
		return sha512Bits
	}
	_, bits := signatureUnknownToGo(cert.Raw)
	return bits
}

func signatureName(cert *x509.Certificate) string {
	if cert.SignatureAlgorithm != x509.UnknownSignatureAlgorithm {
		return cert.SignatureAlgorithm.String()
	}
	name, _ := signatureUnknownToGo(cert.Raw)
	return name
}

// otherSignatures are signature algorithms that OpenSSL 3.0 knows and
// crypto/x509 has no name for.
var otherSignatures = [...]struct {
	oid, name string
	bits      int
}{
	{"1.3.36.3.3.1.2", "RIPEMD160-RSA", 80},
	{"1.2.840.113549.1.1.14", "SHA224-RSA", sha224Bits},
	{"1.2.840.113549.1.1.15", "SHA512/224-RSA", sha224Bits},
	{"1.2.840.113549.1.1.16", "SHA512/256-RSA", sha256Bits},
	{"1.2.840.10045.4.3.1", "ECDSA-SHA224", sha224Bits},
	{"2.16.840.1.101.3.4.3.1", "DSA-SHA224", sha224Bits},
	{"2.16.840.1.101.3.4.3.13", "SHA3-224-RSA", sha224Bits},
	{"2.16.840.1.101.3.4.3.14", "SHA3-256-RSA", sha256Bits},
	{"2.16.840.1.101.3.4.3.15", "SHA3-384-RSA", sha384Bits},
	{"2.16.840.1.101.3.4.3.16", "SHA3-512-RSA", sha512Bits},
	{"1.3.101.113", "Ed448", ed448Bits},
}

// pssDigests are the digests that RSA-PSS parameters name besides those that
// crypto/x509 reads.
var pssDigests = [...]struct {
	oid, name string
	bits      int
}{
	{"2.16.840.1.101.3.4.2.4", "SHA224-RSAPSS", sha224Bits},
	{"2.16.840.1.101.3.4.2.1", "SHA256-RSAPSS", sha256Bits},
	{"2.16.840.1.101.3.4.2.2", "SHA384-RSAPSS", sha384Bits},
	{"2.16.840.1.101.3.4.2.3", "SHA512-RSAPSS", sha512Bits},
}

// signatureUnknownToGo names the signature algorithm of a certificate (DER)
// and gives its strength.
func signatureUnknownToGo(der []byte) (name string, bits int) {
	var cert struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &cert); err != nil {
		return "unreadable", 0
	}
	id := cert.Algorithm.Algorithm
	if id.Equal(oidRSAPSS) {
		return pssDigest(cert.Algorithm.Parameters.FullBytes)
	}
	for _, s := range otherSignatures {
		if s.oid == id.String() {
			return s.name, s.bits
		}
	}
	return "of unknown kind " + id.String(), 0
}

// pssDigest reads RSASSA-PSS-params (RFC 4055); without a digest it is SHA-1.
func pssDigest(parameters []byte) (name string, bits int) {
	var pss struct {
		Hash pkix.AlgorithmIdentifier `asn1:"explicit,optional,tag:0"`
	}
	if _, err := asn1.Unmarshal(parameters, &pss); err != nil {
		return "RSAPSS with unreadable parameters", 0
	}
	for _, d := range pssDigests {
		if d.oid == pss.Hash.Algorithm.String() {
			return d.name, d.bits
		}
	}
	return "SHA1-RSAPSS", sha1Bits
}
