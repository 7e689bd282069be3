package route

import (
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/parser"
)

// format is a text with variables in it, whose values a trace tells.
type format []formatPart

// formatPart is a text with the variable behind it, nil for none.
type formatPart struct {
	before string
	get    value
}

// format compiles a text. A $ that begins no variable stands for itself, which a
// server has only where the text is no format; a variable that is not supported is
// NULL.
func (c *compiler) format(n parser.Node, text string) format {
	var f format
	before := ""
	for {
		at := strings.IndexByte(text, '$')
		if at < 0 {
			break
		}
		spec, length, err := parser.ScanVar(text[at:])
		switch {
		case err != nil:
			before += text[:at+1]
			text = text[at+1:]
			continue
		case spec.Name == "$":
			before += text[:at+1]
		default:
			f = append(f, formatPart{before + text[:at], c.read(c.compiledText(n, text[at:at+length]), text[at:at+length])})
			before = ""
		}
		text = text[at+length:]
	}
	return append(f, formatPart{before + text, nil})
}

// text is the text with the values put in, as long as a server has room for.
func (f format) text(r *run) string {
	if len(f) == 1 {
		return f[0].before
	}
	var space [256]byte
	text := space[:0]
	for i := range f {
		text = append(text, f[i].before...)
		if f[i].get != nil && len(text) <= pv.MaxText {
			text = f[i].get(r).Append(text)
		}
	}
	return string(text[:min(len(text), pv.MaxText)])
}
