package openssl

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/bits"
	"strings"
)

// Suite is a cipher suite as OpenSSL describes it. Suites are comparable.
type Suite struct {
	ID             uint16 // as on the wire and in crypto/tls
	Name           string // OpenSSL's: ECDHE-RSA-AES128-GCM-SHA256
	IANA           string // TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
	Since          uint16 // the first protocol version that has it, as in crypto/tls; 0x0300 is SSLv3
	KeyExchange    KeyExchange
	Authentication Authentication
	Encryption     Encryption
	MAC            MAC

	grade grade
}

// KeyExchange is how the two sides agree on a key; String gives OpenSSL's
// label.
type KeyExchange uint16

// Authentication is what proves the identity of the server; String gives
// OpenSSL's label.
type Authentication uint8

// Encryption is a cipher with its mode; String gives OpenSSL's label.
type Encryption uint16

// MAC is what protects the integrity of a record; String gives OpenSSL's
// label.
type MAC uint8

// The key exchanges. KxAny is TLS 1.3, where the suite does not tell.
const (
	KxRSA KeyExchange = 1 << iota
	KxDHE
	KxECDHE
	KxPSK
	KxRSAPSK
	KxDHEPSK
	KxECDHEPSK
	KxSRP
	KxAny
)

// The authentications. AuAny is TLS 1.3, where the suite does not tell.
const (
	AuRSA Authentication = 1 << iota
	AuDSS
	AuECDSA
	AuNone
	AuPSK
	AuSRP
	AuAny
)

// The ciphers. Those without a mode in their name use CBC.
const (
	EncNone Encryption = 1 << iota
	EncAES128
	EncAES256
	EncAES128GCM
	EncAES256GCM
	EncAES128CCM
	EncAES256CCM
	EncAES128CCM8
	EncAES256CCM8
	EncCamellia128
	EncCamellia256
	EncARIA128GCM
	EncARIA256GCM
	EncChaCha20Poly1305
	Enc3DES
	EncRC4
)

// The MACs. MACAEAD is a cipher that needs none.
const (
	MACMD5 MAC = 1 << iota
	MACSHA1
	MACSHA256
	MACSHA384
	MACAEAD
)

// grade is OpenSSL's judgement of a suite, as cipher strings ask for it.
type grade uint8

const (
	gradeNone grade = 1 << iota // no encryption
	gradeLow
	gradeMedium
	gradeHigh
	gradeFIPS
	notDefault // left out of DEFAULT

	gradeStrength = gradeNone | gradeLow | gradeMedium | gradeHigh | gradeFIPS
)

// Sets of the above that cipher strings and security levels speak of.
const (
	pskExchanges     = KxPSK | KxRSAPSK | KxDHEPSK | KxECDHEPSK
	forwardExchanges = KxDHE | KxECDHE
)

// versionSSL30 is SSLv3's version number; the name in crypto/tls is
// deprecated.
const versionSSL30 = 0x0300

var (
	keyExchangeLabels    = [...]string{"RSA", "DH", "ECDH", "PSK", "RSAPSK", "DHEPSK", "ECDHEPSK", "SRP", "any"}
	authenticationLabels = [...]string{"RSA", "DSS", "ECDSA", "None", "PSK", "SRP", "any"}
	macLabels            = [...]string{"MD5", "SHA1", "SHA256", "SHA384", "AEAD"}
	encryptions          = [...]struct {
		label             string
		secret, algorithm int
	}{
		{"None", 0, 0},
		{"AES(128)", 128, 128},
		{"AES(256)", 256, 256},
		{"AESGCM(128)", 128, 128},
		{"AESGCM(256)", 256, 256},
		{"AESCCM(128)", 128, 128},
		{"AESCCM(256)", 256, 256},
		{"AESCCM8(128)", 128, 128},
		{"AESCCM8(256)", 256, 256},
		{"Camellia(128)", 128, 128},
		{"Camellia(256)", 256, 256},
		{"ARIAGCM(128)", 128, 128},
		{"ARIAGCM(256)", 256, 256},
		{"CHACHA20/POLY1305(256)", 256, 256},
		{"3DES(168)", 112, 168},
		{"RC4(128)", 128, 128},
	}
)

// label gives the label of the lowest bit of set.
func label(labels []string, set uint64) string {
	if i := bits.TrailingZeros64(set); i < len(labels) {
		return labels[i]
	}
	return "unknown"
}

func (k KeyExchange) String() string    { return label(keyExchangeLabels[:], uint64(k)) }
func (a Authentication) String() string { return label(authenticationLabels[:], uint64(a)) }
func (m MAC) String() string            { return label(macLabels[:], uint64(m)) }

func (e Encryption) String() string {
	if i := bits.TrailingZeros16(uint16(e)); i < len(encryptions) {
		return encryptions[i].label
	}
	return "unknown"
}

// bits gives the secret and the processed bits of the cipher's key.
func (e Encryption) bits() (secret, algorithm int) {
	if i := bits.TrailingZeros16(uint16(e)); i < len(encryptions) {
		return encryptions[i].secret, encryptions[i].algorithm
	}
	return 0, 0
}

// SecretBits is the number of bits of the key that are secret, what
// $tls_cipher_bits gives.
func (s Suite) SecretBits() int { secret, _ := s.Encryption.bits(); return secret }

// AlgorithmBits is the number of bits the cipher works with; it differs from
// SecretBits for 3DES only.
func (s Suite) AlgorithmBits() int { _, algorithm := s.Encryption.bits(); return algorithm }

// Description is the line that `openssl ciphers -v` prints and that
// $tls_description gives, without its line feed.
func (s Suite) Description() string {
	return fmt.Sprintf("%-30s %-7s Kx=%-8s Au=%-5s Enc=%-22s Mac=%-4s",
		s.Name, VersionName(s.Since), s.KeyExchange, s.Authentication, s.Encryption, s.MAC)
}

// String is OpenSSL's name.
func (s Suite) String() string { return s.Name }

// ForwardSecret reports whether recorded traffic stays secret when the
// server's key becomes known later.
func (s Suite) ForwardSecret() bool {
	return s.KeyExchange&(forwardExchanges|KxDHEPSK|KxECDHEPSK|KxAny) != 0
}

// Selectable reports whether a cipher string can name the suite: not those of
// TLS 1.3, and not those that the default build leaves out.
func (s Suite) Selectable() bool {
	i := indexByID(s.ID)
	return i >= 0 && i < selectableSuites
}

// GoID is the suite's id in crypto/tls, 0 if crypto/tls has not got it.
func (s Suite) GoID() uint16 {
	switch s.ID {
	case tls.TLS_RSA_WITH_RC4_128_SHA, tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA,
		tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_256_CBC_SHA,
		tls.TLS_RSA_WITH_AES_128_CBC_SHA256,
		tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA, tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA,
		tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA,
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
		tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
		tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
		tls.TLS_AES_128_GCM_SHA256, tls.TLS_AES_256_GCM_SHA384, tls.TLS_CHACHA20_POLY1305_SHA256:
		return s.ID
	}
	return 0
}

// CertificateKeys lists the kinds of key one of which the server's certificate
// must hold, nil for a suite that works without a certificate. OpenSSL takes
// Ed25519 for ECDSA; crypto/x509 has no name for two more kinds it takes,
// RSA-PSS (as RSA) and Ed448 (as ECDSA).
func (s Suite) CertificateKeys() []x509.PublicKeyAlgorithm {
	switch s.Authentication {
	case AuRSA:
		return []x509.PublicKeyAlgorithm{x509.RSA}
	case AuECDSA:
		return []x509.PublicKeyAlgorithm{x509.ECDSA, x509.Ed25519}
	case AuDSS:
		return []x509.PublicKeyAlgorithm{x509.DSA}
	case AuAny:
		return []x509.PublicKeyAlgorithm{x509.RSA, x509.ECDSA, x509.Ed25519}
	}
	return nil
}

// AllowedAt reports whether the security level lets the suite be negotiated.
func (s Suite) AllowedAt(level int) bool {
	if level <= 0 {
		return true
	}
	need := MinSecurityBits(level)
	switch {
	case s.SecretBits() < need, s.Authentication == AuNone, s.MAC == MACMD5:
		return false
	case need > 160 && s.MAC == MACSHA1: // HMAC-SHA1 is worth 160 bits
		return false
	case level >= 2 && s.Encryption == EncRC4:
		return false
	}
	return level < 3 || s.KeyExchange&(forwardExchanges|KxAny) != 0
}

// SuiteByID finds a suite by its number, such as tls.ConnectionState's
// CipherSuite. Besides what the default build has it knows the 3DES and RC4
// suites of crypto/tls.
func SuiteByID(id uint16) (Suite, bool) {
	if i := indexByID(id); i >= 0 {
		return suites[i], true
	}
	return Suite{}, false
}

// SuiteByName finds a suite by OpenSSL's or IANA's name, in their spelling.
func SuiteByName(name string) (Suite, bool) {
	for i := range suites {
		if s := &suites[i]; s.Name == name || s.IANA == name {
			return *s, true
		}
	}
	return Suite{}, false
}

func indexByID(id uint16) int {
	for i := range suites {
		if suites[i].ID == id {
			return i
		}
	}
	return -1
}

// suiteNames gives the names of list, joined by colons.
func suiteNames(list []Suite) string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = s.Name
	}
	return strings.Join(names, ":")
}
