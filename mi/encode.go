package mi

import (
	"strconv"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string. What is not UTF-8 becomes U+FFFD,
// so that the answer stays sound JSON whatever a file or a table holds.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	copied := 0
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if isPlain(c) {
				i++
				continue
			}
			dst = append(dst, s[copied:i]...)
			dst = appendEscape(dst, c)
			i++
			copied = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, s[copied:i]...)
			dst = append(dst, `\ufffd`...)
			copied = i + size
		}
		i += size
	}
	dst = append(dst, s[copied:]...)
	return append(dst, '"')
}

func isPlain(c byte) bool { return c >= ' ' && c != '"' && c != '\\' }

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
}

// appendText appends a key, written with its punctuation, and a string value.
func appendText(dst []byte, key, value string) []byte {
	return appendString(append(dst, key...), value)
}

func appendFlag(dst []byte, key string, value bool) []byte {
	return strconv.AppendBool(append(dst, key...), value)
}

// appendLeaf is appendText in the tree form, where nothing is written as {}.
func appendLeaf(dst []byte, key, value string) []byte {
	dst = append(dst, key...)
	if value == "" {
		return append(dst, "{}"...)
	}
	return appendString(dst, value)
}
