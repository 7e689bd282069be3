package transport

import (
	"crypto/tls"
	"errors"
	"net"
	"strings"

	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

// alert is the number of a TLS alert.
type alert uint8

// Alerts of RFC 5246 and RFC 8446 that are spoken of here.
const (
	alertHandshakeFailure       alert = 40
	alertBadCertificate         alert = 42
	alertUnsupportedCertificate alert = 43
	alertCertificateRevoked     alert = 44
	alertCertificateExpired     alert = 45
	alertCertificateUnknown     alert = 46
	alertUnknownCA              alert = 48
	alertAccessDenied           alert = 49
	alertDecryptError           alert = 51
	alertProtocolVersion        alert = 70
	alertInsufficientSecurity   alert = 71
	alertInternalError          alert = 80
	alertUserCanceled           alert = 90
	alertUnrecognizedName       alert = 112
	alertCertificateRequired    alert = 116
)

// alertFor is the alert that OpenSSL sends for an outcome of a verification.
func alertFor(code verify.Code) alert {
	switch code {
	case verify.SelfSigned, verify.SelfSignedInChain, verify.UnknownIssuer, verify.LeafUnverifiable, verify.NoIssuer,
		verify.NoCRL, verify.NoCRLIssuer, verify.InvalidCA, verify.ChainTooLong, verify.PathLengthExceeded:
		return alertUnknownCA
	case verify.Expired, verify.CRLExpired:
		return alertCertificateExpired
	case verify.Revoked:
		return alertCertificateRevoked
	case verify.BadSignature, verify.BadCRLSignature:
		return alertDecryptError
	case verify.InvalidPurpose:
		return alertUnsupportedCertificate
	case verify.Unspecified:
		return alertInternalError
	case verify.NotYetValid, verify.CRLNotYetValid, verify.Rejected, verify.IssuerKeyUnreadable,
		verify.LeafKeyTooWeak, verify.IssuerKeyTooWeak, verify.DigestTooWeak, verify.ExplicitCurve:
		return alertBadCertificate
	}
	return alertCertificateUnknown
}

// String is OpenSSL's name of the alert, as s_client shows it.
func (a alert) String() string {
	if name, known := alertNames[a]; known {
		return name
	}
	return strings.TrimPrefix(tls.AlertError(a).Error(), "tls: ")
}

var alertNames = map[alert]string{
	alertCertificateRevoked: "certificate revoked",
	alertCertificateExpired: "certificate expired",
	alertCertificateUnknown: "certificate unknown",
	alertUnknownCA:          "unknown ca",
	alertDecryptError:       "decrypt error",
	alertProtocolVersion:    "protocol version",
}

// alertFrom finds the alert with which the peer ended the connection. The type
// of crypto/tls is its own, so that only the texts can be compared.
func alertFrom(err error) (alert, bool) {
	remote, ok := errors.AsType[*net.OpError](err)
	if !ok || remote.Op != "remote error" {
		return 0, false
	}
	text := remote.Err.Error()
	for a := range 256 {
		if tls.AlertError(a).Error() == text {
			return alert(a), true
		}
	}
	return 0, false
}

// alertMeaning says what a peer means by an alert, and what to do. %s stands
// for the domain.
type alertMeaning struct{ reason, help string }

const helpRefused = "verify the certificate of %s against the CAs of the peer, with openssl verify"

var alertMeanings = map[alert]alertMeaning{
	alertUnknownCA: {
		"the peer does not trust the issuer of the certificate of %s",
		"give the peer the CA of that certificate, and send the intermediate certificates: they belong into the file of certificate, behind the domain's own",
	},
	alertBadCertificate:         {"the peer does not take the certificate of %s", helpRefused},
	alertUnsupportedCertificate: {"the peer cannot use a certificate of that kind, the one of %s", "compare its key and its extended key usage with what the peer takes"},
	alertCertificateRevoked:     {"the peer holds the certificate of %s for revoked", "get a new certificate"},
	alertCertificateExpired:     {"the peer holds the certificate of %s for expired", "renew the certificate or its issuer's, and compare the clocks"},
	alertCertificateUnknown:     {"the peer does not take the certificate of %s, and does not say why", helpRefused},
	alertAccessDenied:           {"the peer takes the certificate of %s, but does not let it in", "have the peer allow the name in that certificate"},
	alertCertificateRequired:    {"the peer requires a certificate, and %s gave none", "give the client domain a certificate and private_key"},
	alertHandshakeFailure:       {"the peer found no cipher suite in common with %s, or wants a certificate", "compare the ciphers_list of both sides, and whether the peer asks for a certificate"},
	alertProtocolVersion:        {"the peer speaks none of the protocol versions of %s", "compare the tls_method of both sides"},
	alertInsufficientSecurity:   {"the cipher suites of %s are too weak for the peer", "allow stronger ones in the ciphers_list"},
	alertUnrecognizedName:       {"the peer does not know the server name that %s asked for", "ask for another name, or none"},
	alertDecryptError:           {"the peer cannot verify a signature of %s", "see whether the private_key is that of the certificate"},
	alertInternalError:          {"the peer failed by itself, in the handshake with %s", "see the log of the peer; OpenSSL sends this as well where its security level forbids the protocol version"},
	alertUserCanceled:           {"the peer gave up the handshake with %s", "see the log of the peer"},
}
