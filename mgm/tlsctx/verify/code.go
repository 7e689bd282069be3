package verify

import "strconv"

// Code is the outcome of a verification: the number that OpenSSL gives it
// (X509_V_OK and X509_V_ERR_…).
type Code int

// The outcomes that a TLS handshake can have.
const (
	OK                            Code = 0
	Unspecified                   Code = 1
	NoIssuer                      Code = 2 // of a trusted certificate
	NoCRL                         Code = 3
	IssuerKeyUnreadable           Code = 6
	BadSignature                  Code = 7
	BadCRLSignature               Code = 8
	NotYetValid                   Code = 9
	Expired                       Code = 10
	CRLNotYetValid                Code = 11
	CRLExpired                    Code = 12
	SelfSigned                    Code = 18 // the peer's certificate itself
	SelfSignedInChain             Code = 19
	UnknownIssuer                 Code = 20
	LeafUnverifiable              Code = 21
	ChainTooLong                  Code = 22
	Revoked                       Code = 23
	PathLengthExceeded            Code = 25
	InvalidPurpose                Code = 26
	Rejected                      Code = 28
	NoCertSign                    Code = 32
	NoCRLIssuer                   Code = 33
	UnhandledCriticalExtension    Code = 34
	NoCRLSign                     Code = 35
	UnhandledCriticalCRLExtension Code = 36
	ProxyCertificate              Code = 40
	InvalidExtension              Code = 41
	DifferentCRLScope             Code = 44
	PermittedSubtree              Code = 47
	ExcludedSubtree               Code = 48
	LeafKeyTooWeak                Code = 66
	IssuerKeyTooWeak              Code = 67
	DigestTooWeak                 Code = 68
	InvalidCA                     Code = 79
	ExplicitCurve                 Code = 94
)

// codeTexts are the texts of X509_verify_cert_error_string.
var codeTexts = map[Code]string{
	OK:                            "ok",
	Unspecified:                   "unspecified certificate verification error",
	NoIssuer:                      "unable to get issuer certificate",
	NoCRL:                         "unable to get certificate CRL",
	IssuerKeyUnreadable:           "unable to decode issuer public key",
	BadSignature:                  "certificate signature failure",
	BadCRLSignature:               "CRL signature failure",
	NotYetValid:                   "certificate is not yet valid",
	Expired:                       "certificate has expired",
	CRLNotYetValid:                "CRL is not yet valid",
	CRLExpired:                    "CRL has expired",
	SelfSigned:                    "self-signed certificate",
	SelfSignedInChain:             "self-signed certificate in certificate chain",
	UnknownIssuer:                 "unable to get local issuer certificate",
	LeafUnverifiable:              "unable to verify the first certificate",
	ChainTooLong:                  "certificate chain too long",
	Revoked:                       "certificate revoked",
	InvalidCA:                     "invalid CA certificate",
	PathLengthExceeded:            "path length constraint exceeded",
	InvalidPurpose:                "unsuitable certificate purpose",
	Rejected:                      "certificate rejected",
	NoCertSign:                    "key usage does not include certificate signing",
	NoCRLIssuer:                   "unable to get CRL issuer certificate",
	UnhandledCriticalExtension:    "unhandled critical extension",
	NoCRLSign:                     "key usage does not include CRL signing",
	UnhandledCriticalCRLExtension: "unhandled critical CRL extension",
	ProxyCertificate:              "proxy certificates not allowed, please set the appropriate flag",
	InvalidExtension:              "invalid or inconsistent certificate extension",
	DifferentCRLScope:             "different CRL scope",
	PermittedSubtree:              "permitted subtree violation",
	ExcludedSubtree:               "excluded subtree violation",
	LeafKeyTooWeak:                "EE certificate key too weak",
	IssuerKeyTooWeak:              "CA certificate key too weak",
	DigestTooWeak:                 "CA signature digest algorithm too weak",
	ExplicitCurve:                 "Certificate public key has explicit ECC parameters",
}

// String is OpenSSL's text for the outcome.
func (c Code) String() string {
	if text, known := codeTexts[c]; known {
		return text
	}
	return "error number " + strconv.Itoa(int(c))
}
