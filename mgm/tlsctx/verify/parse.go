package verify

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
)

// ParseCertificate reads a certificate in DER. It reads more than
// x509.ParseCertificate, which refuses certificates that OpenSSL takes: with a
// key on a curve that Go has not got, a negative serial number, a malformed
// name or extension. For these it gives what can be read, PublicKey nil if the
// key cannot, and in oddity what x509.ParseCertificate said. The error is for
// what is no certificate at all.
func ParseCertificate(der []byte) (cert *x509.Certificate, oddity, err error) {
	cert, oddity = x509.ParseCertificate(der)
	if oddity == nil {
		return cert, nil, nil
	}
	cert, err = parseLoosely(der)
	if err != nil {
		return nil, nil, fmt.Errorf("read a certificate: %w", err)
	}
	return cert, oddity, nil
}

// fields are the parts of a certificate, each in DER.
type fields struct {
	tbs                                          asn1.RawValue
	version                                      asn1.RawValue // zero for a certificate of version 1
	serial, algorithm, issuer, validity, subject asn1.RawValue
	publicKey                                    asn1.RawValue
	extensions                                   asn1.RawValue // zero if there are none
	signature                                    asn1.BitString
}

func splitCertificate(der []byte) (f fields, err error) {
	outer, err := sequence(der)
	if err != nil {
		return f, err
	}
	if len(outer) != 3 {
		return f, fmt.Errorf("%d parts", len(outer))
	}
	f.tbs = outer[0]
	if _, err := asn1.Unmarshal(outer[2].FullBytes, &f.signature); err != nil {
		return f, fmt.Errorf("signature: %w", err)
	}
	parts, err := sequence(f.tbs.FullBytes)
	if err != nil {
		return f, err
	}
	if len(parts) > 0 && isContext(parts[0], 0) {
		f.version, parts = parts[0], parts[1:]
	}
	required := []*asn1.RawValue{&f.serial, &f.algorithm, &f.issuer, &f.validity, &f.subject, &f.publicKey}
	if len(parts) < len(required) {
		return f, errors.New("parts are missing")
	}
	for i, to := range required {
		*to = parts[i]
	}
	const extensionsTag = 3
	for _, part := range parts[len(required):] {
		if isContext(part, extensionsTag) {
			f.extensions = part
		}
	}
	return f, nil
}

func isContext(v asn1.RawValue, tag int) bool {
	return v.Class == asn1.ClassContextSpecific && v.Tag == tag
}

// parseLoosely has crypto/x509 read the certificate without those of its parts
// that it may refuse, and reads these itself.
func parseLoosely(der []byte) (*x509.Certificate, error) {
	f, err := splitCertificate(der)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(f.reduced(f.publicKey.FullBytes))
	if err != nil {
		if cert, err = x509.ParseCertificate(f.reduced(someKey())); err != nil {
			return nil, err
		}
		cert.PublicKey, cert.PublicKeyAlgorithm = nil, x509.UnknownPublicKeyAlgorithm
	}
	cert.Raw, cert.RawTBSCertificate, cert.Signature = der, f.tbs.FullBytes, f.signature.Bytes
	cert.RawIssuer, cert.RawSubject = f.issuer.FullBytes, f.subject.FullBytes
	cert.RawSubjectPublicKeyInfo = f.publicKey.FullBytes
	cert.Issuer, cert.Subject = looseName(cert.RawIssuer), looseName(cert.RawSubject)
	cert.Version = f.versionNumber()
	cert.SerialNumber = looseInteger(f.serial)
	cert.Extensions = f.looseExtensions()
	cert.SubjectKeyId, cert.AuthorityKeyId = keyIdentifiers(cert.Extensions)
	return cert, nil
}

// reduced is a certificate of only the signature algorithm, the validity and a
// key.
func (f *fields) reduced(publicKey []byte) []byte {
	version3 := compose(asn1.ClassContextSpecific, 0, []byte{asn1.TagInteger, 1, 2})
	serial1 := []byte{asn1.TagInteger, 1, 1}
	noName := []byte{asn1.TagSequence | 0x20, 0}
	var content []byte
	for _, part := range [][]byte{
		version3, serial1, f.algorithm.FullBytes, noName, f.validity.FullBytes, noName, publicKey,
	} {
		content = append(content, part...)
	}
	tbs := compose(asn1.ClassUniversal, asn1.TagSequence, content)
	noSignature := []byte{asn1.TagBitString, 1, 0}
	return compose(asn1.ClassUniversal, asn1.TagSequence, append(append(tbs, f.algorithm.FullBytes...), noSignature...))
}

// someKey stands for a public key that crypto/x509 cannot read.
func someKey() []byte {
	const ed25519Size = 32
	der, err := asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}{
		pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 3, 101, 112}},
		asn1.BitString{Bytes: make([]byte, ed25519Size), BitLength: 8 * ed25519Size},
	})
	if err != nil {
		panic(fmt.Sprintf("encode a public key: %v", err))
	}
	return der
}

func (f *fields) versionNumber() int {
	var n int
	if _, err := asn1.Unmarshal(f.version.Bytes, &n); err != nil {
		return 1
	}
	return n + 1
}

func looseInteger(v asn1.RawValue) *big.Int {
	n := new(big.Int)
	if _, err := asn1.Unmarshal(v.FullBytes, &n); err != nil {
		return new(big.Int).SetBytes(v.Bytes)
	}
	return n
}

func looseName(der []byte) (name pkix.Name) {
	var sequence pkix.RDNSequence
	if _, err := asn1.Unmarshal(der, &sequence); err == nil {
		name.FillFromRDNSequence(&sequence)
	}
	return name
}

func (f *fields) looseExtensions() (extensions []pkix.Extension) {
	values, err := sequence(f.extensions.Bytes)
	if err != nil {
		return nil
	}
	for _, v := range values {
		var e pkix.Extension
		if _, err := asn1.Unmarshal(v.FullBytes, &e); err == nil {
			extensions = append(extensions, e)
		}
	}
	return extensions
}

// ParseTrusted reads what a PEM block "TRUSTED CERTIFICATE" holds: a
// certificate and, behind it, OpenSSL's trust settings, if any. Oddity is as of
// [ParseCertificate].
func ParseTrusted(der []byte) (cert *x509.Certificate, trust *Trust, oddity, err error) {
	var first asn1.RawValue
	settings, err := asn1.Unmarshal(der, &first)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("read a certificate: %w", err)
	}
	if cert, oddity, err = ParseCertificate(first.FullBytes); err != nil {
		return nil, nil, nil, err
	}
	if len(settings) == 0 {
		return cert, nil, oddity, nil
	}
	if trust, err = parseTrust(settings); err != nil {
		return nil, nil, nil, fmt.Errorf("read the trust settings of a certificate: %w", err)
	}
	return cert, trust, oddity, nil
}

func parseTrust(der []byte) (*Trust, error) {
	parts, err := sequence(der)
	if err != nil {
		return nil, err
	}
	trust := new(Trust)
	for _, part := range parts {
		switch {
		case part.Class == asn1.ClassUniversal && part.Tag == asn1.TagSequence:
			trust.Accept, err = identifiers(part.Bytes)
		case isContext(part, 0):
			trust.Reject, err = identifiers(part.Bytes)
		}
		if err != nil {
			return nil, err
		}
	}
	return trust, nil
}

func identifiers(content []byte) ([]asn1.ObjectIdentifier, error) {
	values, err := list(content)
	if err != nil {
		return nil, err
	}
	ids := make([]asn1.ObjectIdentifier, len(values)) // not nil: an empty list accepts nothing
	for i, v := range values {
		if _, err := asn1.Unmarshal(v.FullBytes, &ids[i]); err != nil {
			return nil, err
		}
	}
	return ids, nil
}
