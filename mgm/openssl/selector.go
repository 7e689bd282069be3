package openssl

import "strings"

// selector is what a term of a cipher string asks for. A zero field asks for
// nothing, the others must share a bit with the suite's.
type selector struct {
	id             uint16
	keyExchange    KeyExchange
	authentication Authentication
	encryption     Encryption
	mac            MAC
	since          uint16
	grade          grade
}

// matches reports whether the selector takes in the suite.
func (t *selector) matches(s *Suite) bool {
	return (t.id == 0 || t.id == s.ID) &&
		(t.keyExchange == 0 || t.keyExchange&s.KeyExchange != 0) &&
		(t.authentication == 0 || t.authentication&s.Authentication != 0) &&
		(t.encryption == 0 || t.encryption&s.Encryption != 0) &&
		(t.mac == 0 || t.mac&s.MAC != 0) &&
		(t.since == 0 || t.since == s.Since) &&
		(t.grade&gradeStrength == 0 || t.grade&gradeStrength&s.grade != 0) &&
		(t.grade&notDefault == 0 || s.grade&notDefault != 0)
}

// selectsAny reports whether any suite of the build matches.
func (t *selector) selectsAny() bool {
	for i := range suites[:selectableSuites] {
		if t.matches(&suites[i]) {
			return true
		}
	}
	return false
}

// narrow adds the condition of the name after a "+". It reports false if no
// suite can fulfil both. As in OpenSSL the id is that of the last name, and a
// strength overwrites a "not default" that stands before it.
func (t *selector) narrow(by *selector) bool {
	if !narrowSet(&t.keyExchange, by.keyExchange) || !narrowSet(&t.authentication, by.authentication) ||
		!narrowSet(&t.encryption, by.encryption) || !narrowSet(&t.mac, by.mac) || !t.narrowGrade(by.grade) {
		return false
	}
	t.id = by.id
	if by.id != 0 || by.since == 0 {
		return true // a suite's own version is no condition
	}
	if t.since != 0 && t.since != by.since {
		return false
	}
	t.since = by.since
	return true
}

func (t *selector) narrowGrade(by grade) bool {
	strength := by & gradeStrength
	switch {
	case strength == 0:
	case t.grade&gradeStrength == 0:
		t.grade = strength
	case t.grade&strength == 0:
		return false
	default:
		t.grade &= strength | notDefault
	}
	t.grade |= by & notDefault
	return true
}

// narrowSet reports false if set and by have nothing in common.
func narrowSet[S KeyExchange | Authentication | Encryption | MAC](set *S, by S) bool {
	switch {
	case by == 0:
		return true
	case *set == 0:
		*set = by
	default:
		*set &= by
	}
	return *set != 0
}

const (
	encAES128   = EncAES128 | EncAES128GCM | EncAES128CCM | EncAES128CCM8
	encAES256   = EncAES256 | EncAES256GCM | EncAES256CCM | EncAES256CCM8
	encCamellia = EncCamellia128 | EncCamellia256
	encARIA     = EncARIA128GCM | EncARIA256GCM
	encCCM8     = EncAES128CCM8 | EncAES256CCM8
	encAll      = encAES128 | encAES256 | encCamellia | encARIA | EncChaCha20Poly1305 | Enc3DES | EncRC4

	notAnonymous = AuRSA | AuDSS | AuECDSA | AuPSK | AuSRP
)

// groupNames are the names that select several suites, those of `openssl
// ciphers`(1) that the default build knows.
var groupNames = [...]struct {
	name string
	selector
}{
	{"ALL", selector{encryption: encAll}},
	{"COMPLEMENTOFALL", selector{encryption: EncNone}},
	{"COMPLEMENTOFDEFAULT", selector{grade: notDefault}},

	{"kRSA", selector{keyExchange: KxRSA}},
	{"kEDH", selector{keyExchange: KxDHE}},
	{"kDHE", selector{keyExchange: KxDHE}},
	{"DH", selector{keyExchange: KxDHE}},
	{"kEECDH", selector{keyExchange: KxECDHE}},
	{"kECDHE", selector{keyExchange: KxECDHE}},
	{"ECDH", selector{keyExchange: KxECDHE}},
	{"kPSK", selector{keyExchange: KxPSK}},
	{"kRSAPSK", selector{keyExchange: KxRSAPSK}},
	{"kDHEPSK", selector{keyExchange: KxDHEPSK}},
	{"kECDHEPSK", selector{keyExchange: KxECDHEPSK}},
	{"PSK", selector{keyExchange: pskExchanges}},
	{"kSRP", selector{keyExchange: KxSRP}},
	{"SRP", selector{keyExchange: KxSRP}},

	{"aRSA", selector{authentication: AuRSA}},
	{"aDSS", selector{authentication: AuDSS}},
	{"DSS", selector{authentication: AuDSS}},
	{"aNULL", selector{authentication: AuNone}},
	{"aECDSA", selector{authentication: AuECDSA}},
	{"ECDSA", selector{authentication: AuECDSA}},
	{"aPSK", selector{authentication: AuPSK}},
	{"aSRP", selector{authentication: AuSRP}},

	{"EDH", selector{keyExchange: KxDHE, authentication: notAnonymous}},
	{"DHE", selector{keyExchange: KxDHE, authentication: notAnonymous}},
	{"EECDH", selector{keyExchange: KxECDHE, authentication: notAnonymous}},
	{"ECDHE", selector{keyExchange: KxECDHE, authentication: notAnonymous}},
	{"RSA", selector{keyExchange: KxRSA, authentication: AuRSA}},
	{"ADH", selector{keyExchange: KxDHE, authentication: AuNone}},
	{"AECDH", selector{keyExchange: KxECDHE, authentication: AuNone}},

	{"NULL", selector{encryption: EncNone}},
	{"eNULL", selector{encryption: EncNone}},
	{"3DES", selector{encryption: Enc3DES}},
	{"AES128", selector{encryption: encAES128}},
	{"AES256", selector{encryption: encAES256}},
	{"AES", selector{encryption: encAES128 | encAES256}},
	{"AESGCM", selector{encryption: EncAES128GCM | EncAES256GCM}},
	{"AESCCM", selector{encryption: EncAES128CCM | EncAES256CCM | encCCM8}},
	{"AESCCM8", selector{encryption: encCCM8}},
	{"CAMELLIA128", selector{encryption: EncCamellia128}},
	{"CAMELLIA256", selector{encryption: EncCamellia256}},
	{"CAMELLIA", selector{encryption: encCamellia}},
	{"CHACHA20", selector{encryption: EncChaCha20Poly1305}},
	{"ARIA", selector{encryption: encARIA}},
	{"ARIAGCM", selector{encryption: encARIA}},
	{"ARIA128", selector{encryption: EncARIA128GCM}},
	{"ARIA256", selector{encryption: EncARIA256GCM}},
	{"CBC", selector{encryption: EncAES128 | EncAES256 | encCamellia | Enc3DES}},

	{"MD5", selector{mac: MACMD5}},
	{"SHA1", selector{mac: MACSHA1}},
	{"SHA", selector{mac: MACSHA1}},
	{"SHA256", selector{mac: MACSHA256}},
	{"SHA384", selector{mac: MACSHA384}},

	{"SSLv3", selector{since: 0x0300}},
	{"TLSv1", selector{since: 0x0301}},
	{"TLSv1.0", selector{since: 0x0301}},
	{"TLSv1.2", selector{since: 0x0303}},

	{"LOW", selector{grade: gradeLow}},
	{"MEDIUM", selector{grade: gradeMedium}},
	{"HIGH", selector{grade: gradeHigh}},
	{"FIPS", selector{encryption: encAll, grade: gradeFIPS}},

	{"EDH-DSS-DES-CBC3-SHA", selector{keyExchange: KxDHE, authentication: AuDSS, encryption: Enc3DES, mac: MACSHA1, grade: gradeHigh | gradeFIPS}},
	{"EDH-RSA-DES-CBC3-SHA", selector{keyExchange: KxDHE, authentication: AuRSA, encryption: Enc3DES, mac: MACSHA1, grade: gradeHigh | gradeFIPS}},
}

// lookupTerm gives what a name of a cipher string selects.
func lookupTerm(name string) (selector, bool) {
	for i := range suites[:selectableSuites] {
		if suites[i].Name == name {
			return suites[i].selector(), true
		}
	}
	for i := range groupNames {
		if groupNames[i].name == name {
			return groupNames[i].selector, true
		}
	}
	return selector{}, false
}

// selector is the condition that the suite's own name stands for.
func (s *Suite) selector() selector {
	return selector{s.ID, s.KeyExchange, s.Authentication, s.Encryption, s.MAC, s.Since, s.grade}
}

// retiredNames are group names that releases before 3.0 or builds with other
// options have. The default build skips them as it skips a misspelt name.
var retiredNames = [...]string{
	"DES", "DTLSv1", "DTLSv1.0", "DTLSv1.2", "EXP", "EXPORT", "EXPORT40", "EXPORT56", "FZA",
	"GOST", "GOST12", "GOST89MAC", "GOST94", "IDEA", "KRB5", "KUZNYECHIK", "MAGMA", "RC2", "RC4",
	"SEED", "SSLv2", "aDH", "aECDH", "aFZA", "aGOST", "aGOST01", "aGOST12", "aGOST94", "aKRB5",
	"eFZA", "kDH", "kDHd", "kDHr", "kECDH", "kECDHe", "kECDHr", "kFZA", "kGOST", "kGOST18", "kKRB5",
}

// retired reports whether another release or build of OpenSSL knows the name:
// one of retiredNames, or that of a suite with an algorithm that the default
// build lacks or with static (EC)DH.
func retired(name string) bool {
	for _, n := range retiredNames {
		if n == name {
			return true
		}
	}
	first, rest, isSuite := strings.Cut(name, "-")
	if !isSuite {
		return false
	}
	if first == "ECDH" || first == "DH" {
		return strings.HasPrefix(rest, "RSA-") || strings.HasPrefix(rest, "ECDSA-") || strings.HasPrefix(rest, "DSS-")
	}
	for part := range strings.SplitSeq(name, "-") {
		switch part {
		case "EXP", "EXP1024", "KRB5", "RC2", "RC4", "IDEA", "SEED", "DES", "3DES",
			"GOST89", "GOST94", "GOST2001", "GOST2012", "FZA":
			return true
		}
	}
	return false
}
