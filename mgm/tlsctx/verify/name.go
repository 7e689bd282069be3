package verify

import (
	"bytes"
	// OpenSSL names the files of a ca_dir by it
	"crypto/sha1"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// A Name is a distinguished name in the form in which OpenSSL compares names:
// texts in UTF-8 and lower case, without blanks around them and with single
// blanks inside. Equal Names are the same name.
type Name string

// CanonicalName gives the Name of a distinguished name in DER, as in
// RawSubject. The error says why OpenSSL would not read it.
func CanonicalName(der []byte) (Name, error) {
	sets, err := sequence(der)
	if err != nil {
		return "", fmt.Errorf("read a distinguished name: %w", err)
	}
	var canonical []byte
	for _, set := range sets {
		entries, err := elements(set.FullBytes, asn1.TagSet)
		if err != nil {
			return "", fmt.Errorf("read a distinguished name: %w", err)
		}
		set, err := canonicalSet(entries)
		if err != nil {
			return "", fmt.Errorf("read a distinguished name: %w", err)
		}
		canonical = append(canonical, set...)
	}
	return Name(canonical), nil
}

// Hash is the hash by which OpenSSL looks for a name in a ca_dir, as `openssl
// x509 -subject_hash` prints it: the file is Hash.0, and Hash.1 and up if
// several names share it; those of revocation lists are Hash.r0 and up.
func (n Name) Hash() string {
	sum := sha1.Sum([]byte(n))
	return fmt.Sprintf("%08x", binary.LittleEndian.Uint32(sum[:]))
}

func canonicalSet(entries []asn1.RawValue) ([]byte, error) {
	encoded := make([][]byte, len(entries))
	for i, entry := range entries {
		parts, err := sequence(entry.FullBytes)
		if err != nil {
			return nil, err
		}
		if len(parts) != 2 {
			return nil, fmt.Errorf("%d parts in an attribute", len(parts))
		}
		value, err := canonicalValue(parts[1])
		if err != nil {
			return nil, err
		}
		encoded[i] = compose(asn1.ClassUniversal, asn1.TagSequence, append(slices.Clone(parts[0].FullBytes), value...))
	}
	slices.SortFunc(encoded, bytes.Compare) // the order of a SET in DER
	return compose(asn1.ClassUniversal, asn1.TagSet, bytes.Join(encoded, nil)), nil
}

// canonicalValue encodes a text in canonical form; a value that is no text
// stays as it is.
func canonicalValue(v asn1.RawValue) ([]byte, error) {
	text, isText, err := DecodeText(v)
	if err != nil || !isText {
		return v.FullBytes, err
	}
	return asn1.Marshal(asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagUTF8String, Bytes: fold(text)})
}

// tagUniversalString is missing in encoding/asn1.
const tagUniversalString = 28

// DecodeText gives a text of a distinguished name in UTF-8, if it is of a type in
// which OpenSSL compares texts; the error says why OpenSSL would not read it.
// T61String counts as Latin-1, as everywhere.
func DecodeText(v asn1.RawValue) (text []byte, isText bool, err error) {
	if v.Class != asn1.ClassUniversal {
		return nil, false, nil
	}
	switch v.Tag {
	case asn1.TagUTF8String:
		if !utf8.Valid(v.Bytes) {
			return nil, true, errors.New("malformed UTF8String")
		}
		return v.Bytes, true, nil
	case asn1.TagPrintableString, asn1.TagT61String, asn1.TagIA5String:
		return latin1(v.Bytes), true, nil
	case asn1.TagBMPString:
		text, err = decodeBMP(v.Bytes)
		return text, true, err
	case tagUniversalString:
		text, err = decodeUniversal(v.Bytes)
		return text, true, err
	}
	return nil, false, nil
}

func latin1(b []byte) []byte {
	text := make([]byte, 0, len(b))
	for _, c := range b {
		text = utf8.AppendRune(text, rune(c))
	}
	return text
}

func decodeBMP(b []byte) (text []byte, err error) {
	if len(b)%2 != 0 {
		return nil, errors.New("malformed BMPString")
	}
	for i := 0; i < len(b); i += 2 {
		r := rune(binary.BigEndian.Uint16(b[i:]))
		if utf16.IsSurrogate(r) {
			return nil, errors.New("surrogate in a BMPString")
		}
		text = utf8.AppendRune(text, r)
	}
	return text, nil
}

func decodeUniversal(b []byte) (text []byte, err error) {
	if len(b)%4 != 0 {
		return nil, errors.New("malformed UniversalString")
	}
	for i := 0; i < len(b); i += 4 {
		r := binary.BigEndian.Uint32(b[i:])
		if r > utf8.MaxRune || !utf8.ValidRune(rune(r)) {
			return nil, errors.New("malformed UniversalString")
		}
		text = utf8.AppendRune(text, rune(r))
	}
	return text, nil
}

// fold cuts blanks at both ends, makes one of several, and lowers the letters
// of ASCII, no others.
func fold(text []byte) []byte {
	folded := make([]byte, 0, len(text))
	for _, c := range text {
		if isBlank(c) {
			c = ' '
		}
		if c == ' ' && (len(folded) == 0 || folded[len(folded)-1] == ' ') {
			continue
		}
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		folded = append(folded, c)
	}
	return bytes.TrimSuffix(folded, []byte(" "))
}

func isBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
