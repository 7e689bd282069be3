package verify

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/mgm/openssl"
)

// checkLeafKey is the first check of all: a key that is too weak needs no
// chain.
func (a *attempt) checkLeafKey() fault { return a.levelFault(1) }

// checkLevel checks the keys of the issuers, and all signatures but the root's.
func (a *attempt) checkLevel() fault { return a.levelFault(len(a.chain)) }

// levelFault has the first certificates of the chain judged by the security
// level.
func (a *attempt) levelFault(count int) fault {
	certs := a.certificates()[:count]
	err := openssl.CheckVerifiedChain(a.SecurityLevel, certs...)
	if err == nil {
		return fine
	}
	depth := 0
	for depth < count-1 && openssl.CheckVerifiedChain(a.SecurityLevel, certs[:depth+1]...) == nil {
		depth++
	}
	switch code := levelCode(err); {
	case code == DigestTooWeak: // a signature counts if there is a certificate above it
		return fault{code, depth - 1}
	case depth > 0 && certs[depth].PublicKey == nil: // its strength is not known
		return fault{IssuerKeyUnreadable, depth}
	default:
		return fault{code, depth}
	}
}

// levelCode is the number for what package openssl reports, which has
// OpenSSL's texts.
func levelCode(err error) Code {
	if weak, ok := errors.AsType[*openssl.SecurityError](err); ok {
		for _, code := range []Code{LeafKeyTooWeak, IssuerKeyTooWeak, DigestTooWeak} {
			if weak.Reason == code.String() {
				return code
			}
		}
	}
	return Unspecified
}

// checkExtensions checks what the certificates may be used for, from the
// peer's upwards.
func (a *attempt) checkExtensions() fault {
	intermediates := 0
	for depth, c := range a.chain {
		for _, check := range []func(int, *Certificate) Code{a.checkCritical, a.checkAuthority, a.checkCurve, a.checkPurpose} {
			if code := check(depth, c); code != OK {
				return fault{code, depth}
			}
		}
		if depth > 1 && c.pathLength >= 0 && intermediates > c.pathLength {
			return fault{PathLengthExceeded, depth}
		}
		if depth > 0 && !c.selfIssued() {
			intermediates++
		}
	}
	return fine
}

func (a *attempt) checkCritical(_ int, c *Certificate) Code {
	switch {
	case c.unhandledCritical:
		return UnhandledCriticalExtension
	case c.isProxy:
		return ProxyCertificate
	}
	return OK
}

// checkAuthority wants issuers to be authorities. Only the root may be one
// without saying so.
func (a *attempt) checkAuthority(depth int, c *Certificate) Code {
	isRoot := depth == len(a.chain)-1
	switch kind := c.caKind(); {
	case depth == 0, kind == isCA, kind != notCA && isRoot:
		return OK
	}
	return InvalidCA
}

// checkCurve refuses keys on a curve that is given by its numbers.
func (a *attempt) checkCurve(_ int, c *Certificate) Code {
	if len(a.chain) > 1 && hasExplicitCurve(c.RawSubjectPublicKeyInfo) {
		return ExplicitCurve
	}
	return OK
}

func hasExplicitCurve(publicKey []byte) bool {
	parts, err := sequence(publicKey)
	if err != nil || len(parts) == 0 {
		return false
	}
	algorithm, err := sequence(parts[0].FullBytes)
	if err != nil || len(algorithm) < 2 {
		return false
	}
	const oidECKey = "1.2.840.10045.2.1"
	var id asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(algorithm[0].FullBytes, &id); err != nil {
		return false
	}
	return id.String() == oidECKey && algorithm[1].Tag == asn1.TagSequence
}

// usage is the extended key usage of the purpose.
func (p Purpose) usage() string {
	if p == SSLClient {
		return "1.3.6.1.5.5.7.3.2"
	}
	return "1.3.6.1.5.5.7.3.1"
}

// stepUpUsages stand for that of a server as well.
var stepUpUsages = []string{"2.16.840.1.113730.4.1", "1.3.6.1.4.1.311.10.3.3"}

// checkPurpose checks one certificate, unless it is of the Store and has trust
// settings that decide.
func (a *attempt) checkPurpose(depth int, c *Certificate) Code {
	if depth >= a.untrusted {
		switch c.explicitTrust(a.Purpose) {
		case trusted:
			return OK
		case rejected:
			return InvalidPurpose
		}
	}
	if !c.allowsUsage(a.Purpose) {
		return InvalidPurpose
	}
	fits := c.fitsServer()
	switch {
	case depth > 0:
		fits = c.fitsAuthority()
	case a.Purpose == SSLClient:
		fits = c.fitsClient()
	}
	if !fits {
		return InvalidPurpose
	}
	return OK
}

// allowsUsage reports whether the extended key usage, if there is one, names
// the purpose. OpenSSL does not take "any" for it.
func (c *Certificate) allowsUsage(p Purpose) bool {
	return !c.hasExtendedUsage || slices.ContainsFunc(c.extendedUsage, func(id asn1.ObjectIdentifier) bool {
		text := id.String()
		return text == p.usage() || p == SSLServer && slices.Contains(stepUpUsages, text)
	})
}

func (c *Certificate) fitsClient() bool {
	return !c.forbids(x509.KeyUsageDigitalSignature|x509.KeyUsageKeyAgreement) && !c.forbidsNetscape(netscapeClient)
}

func (c *Certificate) fitsServer() bool {
	return !c.forbidsNetscape(netscapeServer) &&
		!c.forbids(x509.KeyUsageDigitalSignature|x509.KeyUsageKeyEncipherment|x509.KeyUsageKeyAgreement)
}

func (c *Certificate) fitsAuthority() bool {
	kind := c.caKind()
	return kind != notCA && (kind != isNetscapeCA || c.netscapeType&netscapeTLSCA != 0)
}

func (c *Certificate) forbidsNetscape(t netscapeType) bool {
	return c.hasNetscapeType && c.netscapeType&t == 0
}

// checkSignatures goes from the root down to the peer's certificate: each
// must be signed by the one above, and be valid now. The root's own signature
// says nothing.
func (a *attempt) checkSignatures() fault {
	last := len(a.chain) - 1
	if a.CountRoot && last > a.Depth {
		return fault{ChainTooLong, last}
	}
	depth := last
	if !a.top().selfSigned() { // trusted by its settings: its issuer is not known
		if depth--; depth < 0 {
			return fault{LeafUnverifiable, 0}
		}
	}
	for ; depth >= 0; depth-- {
		c := a.chain[depth]
		if depth < last {
			if f := checkSignature(a.chain[depth+1], c, depth); f.code != OK {
				return f
			}
		}
		if code := a.validity(c); code != OK {
			return fault{code, depth}
		}
	}
	return fine
}

func checkSignature(issuer, c *Certificate, depth int) fault {
	switch {
	case issuer.forbids(x509.KeyUsageCertSign):
		return fault{NoCertSign, depth + 1}
	case issuer.PublicKey == nil:
		return fault{IssuerKeyUnreadable, depth + 1}
	case issuer.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) != nil:
		return fault{BadSignature, depth}
	}
	return fine
}

// checkNames leaves name constraints to crypto/x509, which knows them as well.
func (a *attempt) checkNames() fault {
	if !slices.ContainsFunc(a.chain[1:], func(c *Certificate) bool { return c.constrainsNames }) {
		return fine
	}
	options := x509.VerifyOptions{
		Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: a.now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	}
	for _, c := range a.chain[1:] {
		options.Intermediates.AddCert(c.Certificate)
	}
	options.Roots.AddCert(a.top().Certificate)
	_, err := a.chain[0].Certificate.Verify(options)
	var invalid x509.CertificateInvalidError
	switch {
	case !errors.As(err, &invalid) || invalid.Reason != x509.CANotAuthorizedForThisName:
		return fine
	case strings.Contains(invalid.Detail, "excluded"):
		return fault{ExcludedSubtree, 0}
	}
	return fault{PermittedSubtree, 0}
}
