package pv

import (
	"crypto/md5" //nolint:gosec // it is what {s.md5} gives, and protects nothing here
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
)

// permissiveInt is the first version whose {s.int} takes what a text begins with.
// Those before give NULL for a text that is no number as a whole.
const permissiveInt = catalogue.Version(2<<8 | 2)

func textTransformations() []transformation {
	return []transformation{
		{name: "s.len", about: "length in bytes", compile: func(*call) (transform, error) {
			return func(_ *Scope, v Value) Value {
				text, _ := v.AsText()
				return IntValue(int64(len(text)))
			}, nil
		}},
		{name: "s.int", about: "number that the text begins with, or 0; before 2.2 NULL if more follows", compile: func(*call) (transform, error) { return toInt, nil }},
		onText("s.md5", "MD5 in hexadecimal", func(in string) (string, bool) {
			sum := md5.Sum([]byte(in)) //nolint:gosec // see the import
			return hex.EncodeToString(sum[:]), true
		}),
		onText("s.reverse", "backwards", func(in string) (string, bool) {
			out := make([]byte, len(in))
			for i := range len(in) {
				out[len(in)-1-i] = in[i]
			}
			return string(out), true
		}),
		{name: "s.substr", args: "offset,length", about: "part of the text; a negative offset counts from the end, a length of 0 goes to the end", compile: compileSubstr},
		{name: "s.select", args: "index,separator", about: "field; a negative index counts from the end", compile: compileSelect},
		onText("s.tolower", "in lower case (ASCII)", func(in string) (string, bool) { return mapASCII(in, 'A', 'Z'), true }),
		onText("s.toupper", "in upper case (ASCII)", func(in string) (string, bool) { return mapASCII(in, 'a', 'z'), true }),
		{name: "s.index", args: "text[,offset]", about: "where the other text is; NULL if it is not there", compile: compileIndex(indexFrom)},
		{name: "s.rindex", args: "text[,offset]", about: "the same from the end", compile: compileIndex(lastIndexFrom)},
		{name: "s.fill.left", args: "text,length", about: "filled to the length from the left", compile: compileFill(true)},
		{name: "s.fill.right", args: "text,length", about: "filled to the length from the right", compile: compileFill(false)},
		{name: "s.width", args: "length", about: "cut or filled with blanks to the length", compile: compileWidth},
		onText("s.trim", "without white space around it", func(in string) (string, bool) { return strings.Trim(in, blanks), true }),
		onText("s.triml", "without white space before it", func(in string) (string, bool) { return strings.TrimLeft(in, blanks), true }),
		onText("s.trimr", "without white space behind it", func(in string) (string, bool) { return strings.TrimRight(in, blanks), true }),
		{name: "s.dec2hex", about: "number in hexadecimal", compile: func(*call) (transform, error) { return dec2hex, nil }},
		{name: "s.hex2dec", about: "number from hexadecimal", compile: func(*call) (transform, error) { return hex2dec, nil }},
		{name: "s.xor", args: "secret", about: "combined with the secret", compile: compileXor},
		{name: "s.eval", about: "text with its variables put in; not within another {s.eval}", compile: compileEval},
		onValue("s.date2unix", "seconds since 1970 of a Date header", func(in string) Value {
			t, err := time.Parse(time.RFC1123, strings.Trim(in, blanks))
			if err != nil {
				return Value{}
			}
			return IntValue(t.Unix())
		}),
	}
}

func toInt(s *Scope, v Value) Value {
	if v.IsInt {
		return IntValue(v.Int)
	}
	if n, ok := ParseInt(v.Text); ok {
		return IntValue(n)
	}
	if s.Version != 0 && s.Version < permissiveInt {
		return Value{}
	}
	end := 0
	for end < len(v.Text) && (v.Text[end] >= '0' && v.Text[end] <= '9' || end == 0 && strings.IndexByte("+-", v.Text[0]) >= 0) {
		end++
	}
	n, _ := ParseInt(v.Text[:end])
	return IntValue(n)
}

// mapASCII turns the letters of one case into the other.
func mapASCII(in string, from, to byte) string {
	i := 0
	for i < len(in) && (in[i] < from || in[i] > to) {
		i++
	}
	if i == len(in) {
		return in
	}
	out := []byte(in)
	for ; i < len(out); i++ {
		if out[i] >= from && out[i] <= to {
			out[i] ^= 'a' - 'A'
		}
	}
	return string(out)
}

func compileSubstr(c *call) (transform, error) {
	offset, err := c.number("an offset")
	if err != nil {
		return nil, err
	}
	length, err := c.number("a length")
	return func(s *Scope, v Value) Value {
		in, _ := v.AsText()
		start, ok := offset.num(s)
		n, ok2 := length.num(s)
		if start < 0 {
			start += int64(len(in))
		}
		if !ok || !ok2 || start < 0 || start >= int64(len(in)) {
			return Value{}
		}
		rest := in[start:]
		if n < 1 {
			n += int64(len(rest)) // a negative one leaves that many out at the end
		}
		if n < 0 {
			return Value{}
		}
		return TextValue(rest[:min(n, int64(len(rest)))])
	}, err
}

func compileSelect(c *call) (transform, error) {
	position, err := c.number("an index")
	if err != nil {
		return nil, err
	}
	// What follows the comma is taken as it stands: it may be a comma or a blank.
	if c.rest == "" {
		return nil, c.missing("a separator")
	}
	separator := c.rest[:1]
	c.rest = ""
	return func(s *Scope, v Value) Value {
		in, _ := v.AsText()
		n, ok := position.num(s)
		if n < 0 {
			n += int64(strings.Count(in, separator)) + 1
		}
		if !ok || n < 0 {
			return Value{}
		}
		for ; n > 0; n-- {
			if _, in, ok = strings.Cut(in, separator); !ok {
				return Value{}
			}
		}
		field, _, _ := strings.Cut(in, separator)
		return TextValue(field)
	}, nil
}

// compileIndex is {s.index} or {s.rindex}.
func compileIndex(find func(in, text string, from int64, given bool) int) func(*call) (transform, error) {
	return func(c *call) (transform, error) {
		text, err := c.next("a text")
		if err != nil {
			return nil, err
		}
		given := c.more()
		var from arg
		if given {
			from, err = c.number("an offset")
		}
		return func(s *Scope, v Value) Value {
			in, _ := v.AsText()
			wanted, ok := text.str(s)
			n, ok2 := from.num(s)
			if !ok || !ok2 || wanted == "" {
				return Value{}
			}
			if i := find(in, wanted, wrapOffset(n, len(in)), given); i >= 0 {
				return IntValue(int64(i))
			}
			return Value{}
		}, err
	}
}

// wrapOffset makes an offset from the end one from the start, going round as
// often as it takes.
func wrapOffset(n int64, length int) int64 {
	if n >= 0 || length == 0 {
		return max(n, 0)
	}
	n %= int64(length)
	if n < 0 {
		n += int64(length)
	}
	return n
}

func indexFrom(in, text string, from int64, _ bool) int {
	if from >= int64(len(in)) {
		return -1
	}
	i := strings.Index(in[from:], text)
	if i < 0 {
		return -1
	}
	return i + int(from)
}

func lastIndexFrom(in, text string, from int64, given bool) int {
	if end := from + int64(len(text)); given && end < int64(len(in)) {
		in = in[:end]
	}
	return strings.LastIndex(in, text)
}

func compileFill(left bool) func(*call) (transform, error) {
	return func(c *call) (transform, error) {
		text, err := c.next("a text")
		if err != nil {
			return nil, err
		}
		length, err := c.number("a length")
		return func(s *Scope, v Value) Value {
			in, _ := v.AsText()
			filler, ok := text.str(s)
			n, ok2 := length.num(s)
			n -= int64(len(in))
			switch {
			case !ok || !ok2 || filler == "" || n > MaxText:
				return Value{}
			case n <= 0:
				return v
			}
			fill := strings.Repeat(filler, int(n)/len(filler)+1)
			if left {
				return TextValue(fill[len(fill)-int(n):] + in)
			}
			return TextValue(in + fill[:n])
		}, err
	}
}

func compileWidth(c *call) (transform, error) {
	width, err := c.number("a length")
	return func(s *Scope, v Value) Value {
		in, _ := v.AsText()
		n, ok := width.num(s)
		switch {
		case !ok || n < 1 || n > MaxText:
			return Value{}
		case n <= int64(len(in)):
			return TextValue(in[:n])
		}
		return TextValue(in + strings.Repeat(" ", int(n)-len(in)))
	}, err
}

func dec2hex(_ *Scope, v Value) Value {
	n, ok := v.AsInt()
	if !ok {
		return Value{}
	}
	return TextValue(strconv.FormatUint(uint64(uint32(n)), 16))
}

func hex2dec(_ *Scope, v Value) Value {
	if v.IsInt {
		return v
	}
	n, err := strconv.ParseUint(v.Text, 16, 32)
	if err != nil {
		return Value{}
	}
	return IntValue(Wrap(int64(n)))
}

func compileXor(c *call) (transform, error) {
	secret, err := c.next("a secret")
	return func(s *Scope, v Value) Value {
		in, _ := v.AsText()
		key, ok := secret.str(s)
		if !ok || key == "" {
			return Value{}
		}
		out := []byte(in)
		for i := range out {
			out[i] ^= key[i%len(key)]
		}
		return bounded(out)
	}, err
}

// evaluated is a text that {s.eval} made a format of.
type evaluated struct {
	text   string
	format *Format // nil if it cannot be run
}

// compileEval is {s.eval}, the one that reads a text at run time. It keeps the
// last one, as scripts have the same text again and again.
func compileEval(c *call) (transform, error) {
	compileFormat := c.variable.format
	var last atomic.Pointer[evaluated]
	return func(s *Scope, v Value) Value {
		text, _ := v.AsText()
		if s.evaluating || len(text) > MaxText {
			return Value{} // otherwise a text that has itself would not end
		}
		e := last.Load()
		if e == nil || e.text != text {
			format, err := compileFormat(text)
			if err != nil {
				format = nil
			}
			e = &evaluated{text, format}
			last.Store(e)
		}
		if e.format == nil {
			return Value{}
		}
		s.evaluating = true
		defer func() { s.evaluating = false }()
		return TextValue(e.format.Text(s))
	}, nil
}

func escapeTransformations() []transformation {
	return []transformation{
		onText("s.encode.hexa", "in hexadecimal", func(in string) (string, bool) { return hex.EncodeToString([]byte(in)), true }),
		onText("s.decode.hexa", "from hexadecimal", func(in string) (string, bool) {
			out, err := hex.DecodeString(in[:len(in)&^1])
			return string(out), err == nil
		}),
		onText("s.b64encode", "in base64", func(in string) (string, bool) { return base64.StdEncoding.EncodeToString([]byte(in)), true }),
		onText("s.b64decode", "from base64, as far as it goes", func(in string) (string, bool) { return decodeBase64(in), true }),
		onText("s.escape.common", "with a backslash before quotes, backslashes and zero bytes", escapeCommon),
		onText("s.unescape.common", "the reverse", unescapeCommon),
		onText("s.escape.user", "as the user of a URI", func(in string) (string, bool) { return percentEncode(in, userBytes) }),
		onText("s.unescape.user", "the reverse", percentDecode),
		onText("s.escape.param", "as a parameter of a URI", func(in string) (string, bool) { return percentEncode(in, paramBytes) }),
		onText("s.unescape.param", "the reverse", percentDecode),
	}
}

func decodeBase64(in string) string {
	in = strings.TrimRight(in, "="+blanks)
	for i := range len(in) {
		if c := in[i]; !isAlnum(c) && c != '+' && c != '/' {
			in = in[:i]
			break
		}
	}
	if len(in)%4 == 1 {
		in = in[:len(in)-1]
	}
	out, err := base64.RawStdEncoding.DecodeString(in)
	if err != nil {
		return ""
	}
	return string(out)
}

func isAlnum(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' }

func escapeCommon(in string) (string, bool) {
	var out strings.Builder
	for i := range len(in) {
		switch c := in[i]; c {
		case '\'', '"', '\\':
			out.WriteByte('\\')
			out.WriteByte(c)
		case 0:
			out.WriteString(`\0`)
		default:
			out.WriteByte(c)
		}
	}
	return out.String(), true
}

func unescapeCommon(in string) (string, bool) {
	var out strings.Builder
	for i := 0; i < len(in); i++ {
		c := in[i]
		if c == '\\' && i+1 < len(in) {
			switch next := in[i+1]; next {
			case '\'', '"', '\\':
				i++
				c = next
			case '0':
				i++
				c = 0
			}
		}
		out.WriteByte(c)
	}
	return out.String(), true
}

// What may stand in the user and in a parameter of a URI, but for letters and
// digits (RFC 3261, section 25.1).
const (
	markBytes  = "-_.!~*'()"
	userBytes  = markBytes + "&=+$,;?/"
	paramBytes = markBytes + "[]/:&+$"
)

// percentEncode is false for a text with bytes that cannot be seen.
func percentEncode(in, plain string) (string, bool) {
	var out strings.Builder
	for i := range len(in) {
		switch c := in[i]; {
		case c < ' ' || c > '~':
			return "", false
		case isAlnum(c) || strings.IndexByte(plain, c) >= 0:
			out.WriteByte(c)
		default:
			out.WriteByte('%')
			out.WriteString(hex.EncodeToString([]byte{c}))
		}
	}
	return out.String(), true
}

func percentDecode(in string) (string, bool) {
	var out strings.Builder
	for i := 0; i < len(in); i++ {
		c := in[i]
		if c == '%' {
			if i+2 >= len(in) {
				return "", false
			}
			n, err := strconv.ParseUint(in[i+1:i+3], 16, 8)
			if err != nil || n < ' ' || n > '~' {
				return "", false
			}
			c = byte(n)
			i += 2
		}
		out.WriteByte(c)
	}
	return out.String(), true
}
