package variables

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"

	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

// part is what a variable says of a distinguished name.
type part int

const (
	whole part = iota // on one line
	commonName
	locality
	country
	state
	organization
	unit
	serialNumber
	parts
)

// partTypes are the attribute types of parts.
var partTypes = map[string]part{
	"2.5.4.3":  commonName,
	"2.5.4.5":  serialNumber,
	"2.5.4.6":  country,
	"2.5.4.7":  locality,
	"2.5.4.8":  state,
	"2.5.4.10": organization,
	"2.5.4.11": unit,
}

// name is what variables say of a distinguished name.
type name [parts]Value

// attribute is a part of a distinguished name. [pkix.Name] forgets the order,
// which attributes are together, and how values are encoded.
type attribute struct {
	id    string // the type, as numbers with dots
	value asn1.RawValue
}

// newName reads a distinguished name in DER. All is NULL if OpenSSL could not
// read it, which crypto/x509 does not let pass.
func newName(der []byte) name {
	sets, err := readName(der)
	if err != nil {
		return name{}
	}
	n := name{whole: text(oneLine(sets, bufferSize-1))}
	seen := [parts]bool{}
	for _, set := range sets {
		for _, a := range set {
			p, wanted := partTypes[a.id]
			if wanted && !seen[p] {
				// The first counts, even if it makes no text.
				n[p], seen[p] = attributeText(a.value), true
			}
		}
	}
	return n
}

// encodedSET has a name that makes encoding/asn1 read a SET.
type encodedSET []struct{ ID, Value asn1.RawValue }

func readName(der []byte) ([][]attribute, error) {
	var encoded []encodedSET
	rest, err := asn1.Unmarshal(der, &encoded)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read a distinguished name: %w", err)
	case len(rest) > 0:
		return nil, errors.New("read a distinguished name: bytes after the end")
	}
	sets := make([][]attribute, len(encoded))
	for i, set := range encoded {
		for _, a := range set {
			// Unlike asn1.ObjectIdentifier it holds numbers of any size.
			var id x509.OID
			if err := id.UnmarshalBinary(a.ID.Bytes); err != nil || a.ID.Tag != asn1.TagOID {
				return nil, fmt.Errorf("read a distinguished name: malformed type of an attribute: %x", a.ID.FullBytes)
			}
			sets[i] = append(sets[i], attribute{id.String(), a.Value})
		}
	}
	return sets, nil
}

// attributeText gives a value in UTF-8, as ASN1_STRING_to_UTF8 does.
func attributeText(v asn1.RawValue) Value {
	if v.Class == asn1.ClassUniversal && v.Tag == asn1.TagNumericString {
		return bounded(string(v.Bytes))
	}
	utf8, isText, err := verify.DecodeText(v)
	if err != nil || !isText {
		return Value{}
	}
	return bounded(string(utf8))
}

// bounded is a text that must fit into the module's buffer.
func bounded(s string) Value {
	if len(s) >= bufferSize {
		return Value{}
	}
	return text(s)
}

// oneLine writes a name as X509_NAME_oneline of OpenSSL 3.0 does: values byte by
// byte, whatever their encoding. The first attribute that would make it longer
// than limit bytes ends it.
func oneLine(sets [][]attribute, limit int) string {
	line := make([]byte, 0, 128)
	for _, set := range sets {
		separator := byte('/')
		for _, a := range set {
			before := len(line)
			line = append(line, separator)
			line = append(line, typeName(a.id)...)
			line = append(line, '=')
			line = appendEscaped(line, a.value.Bytes)
			if len(line) > limit {
				return string(line[:before])
			}
			separator = '+'
		}
	}
	return string(line)
}

// appendEscaped appends a value so that it is printable ASCII. A backslash
// stays as it is, so that the result can be ambiguous.
func appendEscaped(line, value []byte) []byte {
	const digits = "0123456789ABCDEF"
	for _, c := range value {
		switch {
		case c == '/' || c == '+':
			line = append(line, '\\', c)
		case c < ' ' || c > '~':
			line = append(line, '\\', 'x', digits[c>>4], digits[c&0xf])
		default:
			line = append(line, c)
		}
	}
	return line
}

// typeName is OpenSSL's short name of an attribute type, else its number, of
// which OpenSSL keeps 79 characters.
func typeName(id string) string {
	const longest = 79
	if short, known := shortNames[id]; known {
		return short
	}
	return id[:min(len(id), longest)]
}
