package pv

import (
	"fmt"
	"strings"

	"github.com/opensips-tools/tlsmgm/parser"
)

// XlogBufSize is how long a line of xlog may be in bytes, if the script does not
// set xlog_buf_size.
const XlogBufSize = 4096

// Format is a text with variables in it, as xlog takes it: $name, $name(…),
// $(name…), and $$ for a dollar sign. A % has no meaning.
type Format struct{ parts []formatPart }

// formatPart is a text and the variable behind it, if it is not nil.
type formatPart struct {
	text string
	get  getter
}

// CompileFormat makes a text ready. As in a real server it is an error if what
// follows a $ is no variable; one that is not run here is an [*UnsupportedError].
func CompileFormat(text string) (*Format, error) {
	f := &Format{}
	var plain strings.Builder
	for {
		i := strings.IndexByte(text, '$')
		if i < 0 {
			break
		}
		plain.WriteString(text[:i])
		text = text[i:]
		if strings.HasPrefix(text, "$$") { // whatever follows, a bracket too
			plain.WriteByte('$')
			text = text[2:]
			continue
		}
		v, n, err := parser.ScanVar(text)
		if err != nil {
			return nil, fmt.Errorf("script variable in a text: %w", err)
		}
		compiled, err := Compile(v)
		if err != nil {
			return nil, err
		}
		f.parts = append(f.parts, formatPart{plain.String(), compiled.Get})
		plain.Reset()
		text = text[n:]
	}
	plain.WriteString(text)
	if plain.Len() > 0 {
		f.parts = append(f.parts, formatPart{text: plain.String()})
	}
	return f, nil
}

// Constant is the text if it has no variables.
func (f *Format) Constant() (text string, ok bool) {
	switch {
	case len(f.parts) == 0:
		return "", true
	case len(f.parts) == 1 && f.parts[0].get == nil:
		return f.parts[0].text, true
	}
	return "", false
}

// Append appends the text with the values put in: NULL is "<null>". It appends
// limit bytes at most, and says whether it had to cut. (A real server prints an
// error instead of a line that is longer than its buffer.)
func (f *Format) Append(dst []byte, s *Scope, limit int) (text []byte, cut bool) {
	end := len(dst) + limit
	for i := range f.parts {
		p := &f.parts[i]
		dst = append(dst, p.text...)
		if p.get != nil && len(dst) <= end {
			dst = p.get(s).Append(dst)
		}
		if len(dst) > end {
			return dst[:end], true
		}
	}
	return dst, false
}

// Text is the text with the values put in: NULL is "<null>". One that is longer
// than [MaxText] is cut there.
func (f *Format) Text(s *Scope) string {
	if text, ok := f.Constant(); ok {
		return text
	}
	var buf [512]byte
	text, _ := f.Append(buf[:0], s, MaxText)
	return string(text)
}
