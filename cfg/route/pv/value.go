package pv

import "strconv"

// MaxText is how long the text of a value may be, in bytes: the buffer of the
// server's transformations. A transformation that would give more gives NULL.
const MaxText = 65535

// null is what NULL looks like in a text.
const null = "<null>"

// Value is what a variable holds: NULL, which is the zero value, a text, a number,
// or both (the text of a number, as $rs has it). Numbers are those of C's int in
// all versions: what a variable is given wraps at 32 bits, see [Wrap].
type Value struct {
	Text   string
	Int    int64
	IsText bool
	IsInt  bool
}

// TextValue is a text.
func TextValue(text string) Value { return Value{Text: text, IsText: true} }

// IntValue is a number.
func IntValue(n int64) Value { return Value{Int: n, IsInt: true} }

// BothValue is a number that is also a text, such as the port of a URI.
func BothValue(text string, n int64) Value { return Value{text, n, true, true} }

func boolValue(yes bool) Value {
	if yes {
		return IntValue(1)
	}
	return IntValue(0)
}

// textOrNull is NULL for an empty text.
func textOrNull(text string) Value {
	return Value{Text: text, IsText: text != ""}
}

// IsNull reports whether there is no value.
func (v Value) IsNull() bool { return !v.IsText && !v.IsInt }

// String is the value as xlog prints it: NULL is "<null>".
func (v Value) String() string {
	if text, ok := v.AsText(); ok {
		return text
	}
	return null
}

// Append appends what String gives.
func (v Value) Append(dst []byte) []byte {
	switch {
	case v.IsText:
		return append(dst, v.Text...)
	case v.IsInt:
		return strconv.AppendInt(dst, v.Int, 10)
	}
	return append(dst, null...)
}

// AsText is the value as a text, a number in decimal; false for NULL.
func (v Value) AsText() (string, bool) {
	switch {
	case v.IsText:
		return v.Text, true
	case v.IsInt:
		return strconv.FormatInt(v.Int, 10), true
	}
	return "", false
}

// AsInt is the value as a number: that of the value, or the number that the text
// is, by [ParseInt]. It is false for NULL and any other text.
func (v Value) AsInt() (int64, bool) {
	switch {
	case v.IsInt:
		return v.Int, true
	case v.IsText:
		return ParseInt(v.Text)
	}
	return 0, false
}

// ParseInt reads a decimal number with an optional sign, and nothing around it.
// One that is too large wraps, as that of a real server.
func ParseInt(text string) (int64, bool) {
	digits := text
	negative := false
	if text != "" && (text[0] == '-' || text[0] == '+') {
		negative = text[0] == '-'
		digits = text[1:]
	}
	if digits == "" {
		return 0, false
	}
	var n int32
	for i := range len(digits) {
		c := digits[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int32(c)
	}
	if negative {
		n = -n
	}
	return int64(n), true
}

// Wrap brings the result of a calculation back to 32 bits with a sign, as C's int
// does on the machines that servers run on: 2147483647 + 1 is -2147483648.
func Wrap(n int64) int64 { return int64(int32(n)) }
