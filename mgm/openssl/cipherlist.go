package openssl

import (
	"crypto/x509"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// DefaultCipherList is what OpenSSL uses where no cipher string is set; DEFAULT
// at the start of a cipher string stands for it.
const DefaultCipherList = "ALL:!COMPLEMENTOFDEFAULT:!eNULL"

// What OpenSSL says when it refuses a cipher string. ParseCipherList wraps
// them in a *CipherListError.
var (
	ErrNoCipherMatch  = errors.New("no cipher match")
	ErrInvalidCommand = errors.New("invalid command")
)

// CipherListError is a cipher string that OpenSSL refuses.
type CipherListError struct {
	Offset int    // bytes before Item, from 0
	Item   string // what is wrong; with ErrNoCipherMatch the whole string
	Err    error  // ErrNoCipherMatch or ErrInvalidCommand
}

func (e *CipherListError) Error() string {
	if errors.Is(e.Err, ErrNoCipherMatch) {
		return fmt.Sprintf("%v for %q", e.Err, e.Item)
	}
	return fmt.Sprintf("%v at %q", e.Err, e.Item)
}

func (e *CipherListError) Unwrap() error { return e.Err }

// CipherList is what a cipher string stands for.
type CipherList struct {
	// Suites are those of TLS 1.2 and below, preferred first. A security level
	// may keep some of them from being used; see Usable.
	Suites []Suite
	// SecurityLevel is that of @SECLEVEL, else DefaultSecurityLevel.
	SecurityLevel int
	// SuiteB reports that the string begins with a SUITEB keyword: all that
	// follows it is then ignored, and OpenSSL restricts curves and signatures.
	SuiteB bool
	// Skipped are the items that select nothing, in their order.
	Skipped []SkippedItem
}

// SkipReason says why an item of a cipher string selects nothing.
type SkipReason int

const (
	// SkipUnknown is a name that OpenSSL has never had, so most likely a typo.
	SkipUnknown SkipReason = iota
	// SkipRetired is a name that other releases or builds know, such as
	// EXPORT or RC4: not harmful, no effect.
	SkipRetired
	// SkipDisjoint is a combination with + that no suite fulfils.
	SkipDisjoint
	// SkipTLS13 is a suite of TLS 1.3: a cipher string does not choose these.
	SkipTLS13
	// SkipMisplaced is DEFAULT or a SUITEB keyword that is not at the start of
	// the string, where alone OpenSSL reads it.
	SkipMisplaced
)

var skipReasonNames = [...]string{"unknown", "retired", "disjoint", "TLS 1.3", "misplaced"}

func (r SkipReason) String() string { return skipReasonNames[r] }

// SkippedItem is an item of a cipher string that selects nothing.
type SkippedItem struct {
	Offset int    // bytes of the string before Item, from 0
	Item   string // as written, with its prefix: !EXPORT
	Name   string // the name that is to blame: EXPORT
	Reason SkipReason
}

// Suggestion is what the writer may have meant, empty if nothing comes to
// mind: OpenSSL's name for IANA's, or the same name in the right case.
func (s SkippedItem) Suggestion() string {
	if s.Reason != SkipUnknown {
		return ""
	}
	if suite, ok := SuiteByName(s.Name); ok && suite.Selectable() {
		return suite.Name
	}
	for name := range CipherTerms() {
		if strings.EqualFold(name, s.Name) {
			return name
		}
	}
	return ""
}

// CipherTerms yields every name that a cipher string can select suites with:
// groups such as HIGH first, then suites in OpenSSL's order. DEFAULT and the
// SUITEB keywords are not among them, as they work at the start only.
func CipherTerms() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range groupNames {
			if !yield(groupNames[i].name) {
				return
			}
		}
		for i := range suites[:selectableSuites] {
			if !yield(suites[i].Name) {
				return
			}
		}
	}
}

// ParseCipherList reads a cipher string as SSL_CTX_set_cipher_list of OpenSSL
// 3.0 does, which ciphers_list of OpenSIPS is handed to. Items are separated
// by colon, comma, semicolon or space; an item that selects nothing is skipped.
//
// The error is a *CipherListError: ErrInvalidCommand for a character or an @
// command that OpenSSL does not take, ErrNoCipherMatch if no suite is left.
// With ErrNoCipherMatch the list's Skipped is set and tells why.
func ParseCipherList(s string) (CipherList, error) {
	s, _, _ = strings.Cut(s, "\x00") // a C string ends here
	if names, ok := suiteB(s); ok {
		p := newCipherParser(names)
		_ = p.run() // a constant that parses
		return CipherList{Suites: p.preference.active(), SecurityLevel: p.level, SuiteB: true}, nil
	}
	p := newCipherParser(s)
	if strings.HasPrefix(s, "DEFAULT") {
		p.preference.selectDefault()
		p.at = len("DEFAULT")
	}
	if err := p.run(); err != nil {
		return CipherList{}, err
	}
	list := CipherList{Suites: p.preference.active(), SecurityLevel: p.level, Skipped: p.skipped}
	if len(list.Suites) == 0 {
		return list, &CipherListError{Item: s, Err: ErrNoCipherMatch}
	}
	return list, nil
}

// suiteB gives the suites that a leading SUITEB keyword (RFC 6460) stands for.
func suiteB(s string) (names string, ok bool) {
	const aes128, aes256 = "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"
	switch {
	case strings.HasPrefix(s, "SUITEB128ONLY"):
		return aes128, true
	case strings.HasPrefix(s, "SUITEB128C2"), strings.HasPrefix(s, "SUITEB192"):
		return aes256, true
	case strings.HasPrefix(s, "SUITEB128"):
		return aes128 + ":" + aes256, true
	}
	return "", false
}

// TLS13 are the suites of TLS 1.3 that OpenSSL offers by default. A cipher
// string does not change them; a high security level may forbid some.
func (l CipherList) TLS13() []Suite {
	return slices.Clone(suites[selectableSuites : selectableSuites+3])
}

// All is the list that `openssl ciphers` prints: those of TLS 1.3, then Suites.
func (l CipherList) All() []Suite { return append(l.TLS13(), l.Suites...) }

// Usable are those of All that a connection can end up with: the security
// level allows them and they need no pre-shared key and no SRP, which OpenSIPS
// has no parameters for. It is the list that `openssl ciphers -s` prints.
func (l CipherList) Usable() []Suite {
	return slices.DeleteFunc(l.All(), func(s Suite) bool {
		return !s.AllowedAt(l.SecurityLevel) || s.KeyExchange&(pskExchanges|KxSRP) != 0
	})
}

// UsableWith are those of Usable that a server can use whose certificate has a
// key of one of the kinds.
func (l CipherList) UsableWith(keys ...x509.PublicKeyAlgorithm) []Suite {
	return slices.DeleteFunc(l.Usable(), func(s Suite) bool {
		needed := s.CertificateKeys()
		return needed != nil && !slices.ContainsFunc(keys, func(k x509.PublicKeyAlgorithm) bool {
			return slices.Contains(needed, k)
		})
	})
}

// GoIDs is the list for tls.Config.CipherSuites: the usable suites of TLS 1.2
// and below that crypto/tls has, in order. It is never nil, since nil there
// means crypto/tls's own choice; if it is empty, only TLS 1.3 is left.
func (l CipherList) GoIDs() []uint16 {
	ids := []uint16{}
	for _, s := range l.Usable() {
		if id := s.GoID(); id != 0 && s.KeyExchange != KxAny {
			ids = append(ids, id)
		}
	}
	return ids
}

// Unsupported are the usable suites that crypto/tls has not.
func (l CipherList) Unsupported() []Suite {
	return slices.DeleteFunc(l.Usable(), func(s Suite) bool { return s.GoID() != 0 })
}

// Unknown are the names that OpenSSL has never had, in their order.
func (l CipherList) Unknown() []string {
	var names []string
	for _, s := range l.Skipped {
		if s.Reason == SkipUnknown {
			names = append(names, s.Name)
		}
	}
	return names
}

// String is the list as a cipher string of suite names.
func (l CipherList) String() string { return suiteNames(l.Suites) }
