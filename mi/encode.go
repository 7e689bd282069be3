package mi

import (
	"encoding/binary"
	"strconv"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string. What is not UTF-8 becomes U+FFFD,
// so that the answer stays sound JSON whatever a file or a table holds.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for len(s) > 0 {
		n := plainPrefix(s)
		dst = append(dst, s[:n]...)
		s = s[n:]
		if len(s) == 0 {
			break
		}
		n = 1
		if s[0] < utf8.RuneSelf {
			dst = appendEscape(dst, s[0])
		} else {
			var r rune
			r, n = utf8.DecodeRuneInString(s)
			dst = utf8.AppendRune(dst, r)
		}
		s = s[n:]
	}
	return append(dst, '"')
}

// plainPrefix counts the bytes at the start of s that stand for themselves in
// JSON. Nearly all do, and a long listing is nothing but strings, so it looks
// at eight at a time: each test sets the top bit of the bytes it is true of.
func plainPrefix(s string) int {
	const (
		each = 0x0101010101010101
		top  = 0x80 * each
	)
	i := 0
	for ; len(s)-i >= 8; i += 8 {
		w := binary.LittleEndian.Uint64([]byte(s[i : i+8]))
		quote, backslash := w^each*'"', w^each*'\\'
		control := w - each*' '
		if (w|control|(quote-each)|(backslash-each))&top != 0 {
			break
		}
	}
	for i < len(s) && s[i] >= ' ' && s[i] < utf8.RuneSelf && s[i] != '"' && s[i] != '\\' {
		i++
	}
	return i
}

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
