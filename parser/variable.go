package parser

import (
	"fmt"
	"strings"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Variable is a script variable taken apart: $name, $name(inner), or in
// brackets $(name(inner)[index]{class.name,args}…), where each part but the
// name may be missing. Which names there are, and what they take, is for others
// to say.
type Variable struct {
	Context         string // what stands in < > before the name: request or reply
	Name            string // letters, digits, "_" and "."; "$" for $$
	Inner           string // in the round brackets behind the name
	Index           string // in the square brackets
	Transformations []Transformation
}

// A Transformation is one {class.name,args} of a variable.
type Transformation struct {
	Class, Name string
	// Args is what follows the first comma. Each transformation divides that in
	// a way of its own.
	Args string
}

// A VariableError says what is wrong with a variable.
type VariableError struct {
	Offset  int // of the byte that is wrong, in the text of the variable
	Message string
}

func (e *VariableError) Error() string { return e.Message }

// ParseVar takes a variable apart, as pv_parse_spec of the server does. All of
// the text has to belong to it. The error is a [*VariableError].
func ParseVar(raw string) (Variable, error) {
	v, n, err := ScanVar(raw)
	if err == nil && n < len(raw) {
		s := varScanner{text: raw, at: n}
		help := ""
		if raw[n] == '{' || raw[n] == '[' {
			help = fmt.Sprintf(": an index or a transformation stands in brackets with the name, $(%s…)", shorten(raw[1:n]))
		}
		err = s.errorf("expected the end of the variable after %s, found %s%s", diag.Quote(raw[:n]), s.found(), help)
	}
	return v, err
}

// ScanVar takes the variable apart that a text begins with, and tells how many
// bytes it has.
func ScanVar(text string) (v Variable, length int, err error) {
	s := varScanner{text: text}
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case *VariableError:
			err = thrown
		default:
			panic(thrown)
		}
	}()
	s.variable(&v)
	return v, s.at, nil
}

// A varScanner goes through the text of a variable and throws a *VariableError.
type varScanner struct {
	text string
	at   int
}

func (s *varScanner) errorf(format string, args ...any) *VariableError {
	return &VariableError{s.at, fmt.Sprintf(format, args...)}
}

func (s *varScanner) fail(want, after string) {
	panic(s.errorf("expected %s after %s, found %s", want, after, s.found()))
}

// found names the byte here in an error.
func (s *varScanner) found() string {
	if s.at >= len(s.text) {
		return "the end"
	}
	if s.text[s.at] == '\n' {
		return "the end of the line"
	}
	return diag.Quote(s.text[s.at:])
}

func (s *varScanner) is(c byte) bool { return s.at < len(s.text) && s.text[s.at] == c }

func (s *varScanner) accept(c byte) bool {
	if !s.is(c) {
		return false
	}
	s.at++
	return true
}

func (s *varScanner) variable(v *Variable) {
	if !s.accept('$') {
		panic(s.errorf(`expected "$", found %s`, s.found()))
	}
	bracket := s.accept('(')
	if bracket && s.accept('<') {
		v.Context = s.until('>', "the context")
	}
	if v.Name = s.name(); v.Name == "" {
		s.fail("the name of a variable", quote(s.text[:s.at]))
	}
	switch {
	case bracket:
		s.bracketed(v)
	case s.accept('('):
		v.Inner = s.nested('(', ')', "the name in brackets")
	}
}

func (s *varScanner) name() string {
	if s.accept('$') {
		return "$"
	}
	start := s.at
	for s.at < len(s.text) && (isWord(s.text[s.at]) || s.text[s.at] == '.') {
		s.at++
	}
	return s.text[start:s.at]
}

// bracketed is what follows the name of $(name…).
func (s *varScanner) bracketed(v *Variable) {
	want, after := `"(", "[", "{" or ")"`, quote(v.Name)
	if s.accept('(') {
		v.Inner = s.nested('(', ')', "the name in brackets")
		want, after = `"[", "{" or ")"`, quote("("+shorten(v.Inner)+")")
	}
	if s.accept('[') {
		v.Index = s.nested('[', ']', "the index")
		want, after = `"{" or ")"`, quote("["+shorten(v.Index)+"]")
	}
	for s.accept('{') {
		v.Transformations = append(v.Transformations, s.transformation())
		want, after = `"{" or ")"`, "the transformation"
		s.skipBlanks()
	}
	if !s.accept(')') {
		s.fail(want, after)
	}
}

func (s *varScanner) skipBlanks() {
	for s.at < len(s.text) && strings.IndexByte(" \t\r\n", s.text[s.at]) >= 0 {
		s.at++
	}
}

// until is what stands before a byte, with that taken too.
func (s *varScanner) until(end byte, what string) string {
	n := strings.IndexByte(s.text[s.at:], end)
	if n <= 0 {
		panic(s.errorf("%s in %s is empty or not closed", what, quote(shorten(s.text))))
	}
	start := s.at
	s.at += n + 1
	return s.text[start : start+n]
}

// nested is what stands before the bracket that closes the one before, with
// that taken too.
func (s *varScanner) nested(open, end byte, what string) string {
	start := s.at
	for depth := 1; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case open:
			depth++
		case end:
			if depth--; depth > 0 {
				continue
			}
			if s.at == start {
				panic(s.errorf("%s of %s is empty", what, quote(shorten(s.text))))
			}
			s.at++
			return s.text[start : s.at-1]
		}
	}
	panic(s.errorf("%s of %s is not closed: expected %s, found the end", what, quote(shorten(s.text)), quote(string(end))))
}

// transformation goes on behind the {.
func (s *varScanner) transformation() Transformation {
	start := s.at
	text := s.nested('{', '}', "a transformation")
	name, args, _ := strings.Cut(text, ",")
	class, name, ok := strings.Cut(strings.Trim(name, " \t\r\n"), ".")
	if !ok || class == "" || name == "" {
		s.at = start
		panic(s.errorf("expected {class.name} as a transformation, found %s", quote("{"+shorten(text)+"}")))
	}
	return Transformation{class, name, args}
}

// AVPName is the name of an $avp without the s: or i: that scripts for OpenSIPS
// before 1.9 have.
func AVPName(name string) string {
	if len(name) > 2 && name[1] == ':' && (name[0] == 's' || name[0] == 'i') {
		return name[2:]
	}
	return name
}
