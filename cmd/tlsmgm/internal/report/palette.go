package report

import "github.com/opensips-tools/tlsmgm/parser/diag"

// A palette colours text for a terminal; the zero palette leaves it as it is.
type palette struct {
	colors bool
}

func newPalette(colors bool) palette { return palette{colors} }

// paint sets a text in an SGR code of ECMA-48.
func (p palette) paint(code, text string) string {
	if !p.colors {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p palette) strong(text string) string   { return p.paint("1", text) }
func (p palette) faint(text string) string    { return p.paint("2", text) }
func (p palette) accepted(text string) string { return p.paint("1;32", text) }

// severity gives the colour of a severity.
func (p palette) severity(s diag.Severity) func(string) string {
	code := map[diag.Severity]string{diag.Error: "1;31", diag.Warning: "1;33", diag.Notice: "1;36"}[s]
	return func(text string) string { return p.paint(code, text) }
}
