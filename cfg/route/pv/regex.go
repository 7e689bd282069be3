package pv

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// RegexOptions say how a regular expression is read.
type RegexOptions struct {
	IgnoreCase bool
	// Lines says that a line end ends what . and [^…] match, and that ^ and $
	// match at it (REG_NEWLINE).
	Lines bool
}

// errRegexFeature is for what the C library has and Go's package lacks.
var errRegexFeature = errors.New("back references and collating elements are not run")

// CompileRegex makes a POSIX extended regular expression ready, as the C library
// of a server on Linux reads it: \w, \s, \b and their like work, a backslash in
// brackets is one, and of several matches the longest is taken.
func CompileRegex(text string, o RegexOptions) (*regexp.Regexp, error) {
	t := regexTranslator{in: text, lines: o.Lines, atStart: true}
	if err := t.run(); err != nil {
		return nil, fmt.Errorf("regular expression %q: %w", text, err)
	}
	flags := "(?s)"
	if o.Lines {
		flags = "(?m)"
	}
	if o.IgnoreCase {
		flags += "(?i)"
	}
	re, err := regexp.Compile(flags + t.out.String())
	if err != nil {
		return nil, fmt.Errorf("regular expression %q: %w", text, err)
	}
	re.Longest()
	return re, nil
}

// regexTranslator writes an extended regular expression in Go's syntax.
type regexTranslator struct {
	in      string
	i       int
	out     strings.Builder
	lines   bool
	atStart bool // there is nothing that could be repeated
}

func (t *regexTranslator) run() error {
	for t.i < len(t.in) {
		start := t.atStart
		t.atStart = false
		c := t.in[t.i]
		t.i++
		switch c {
		case '\\':
			if err := t.escape(); err != nil {
				return err
			}
		case '[':
			if err := t.set(); err != nil {
				return err
			}
		case '(', '|', '^':
			t.atStart = true
			t.out.WriteByte(c)
		case '*', '+', '?':
			if start {
				return fmt.Errorf("%q has nothing to repeat", string(rune(c)))
			}
			t.repeat(c)
		case '{':
			if start {
				return errors.New(`"{" has nothing to repeat`)
			}
			if err := t.interval(); err != nil {
				return err
			}
		default:
			t.out.WriteByte(c)
		}
	}
	return nil
}

// repeat merges what repeats a repetition, which Go reads as something else.
func (t *regexTranslator) repeat(c byte) {
	for t.i < len(t.in) && strings.IndexByte("*+?", t.in[t.i]) >= 0 {
		if t.in[t.i] != c {
			c = '*'
		}
		t.i++
	}
	t.out.WriteByte(c)
}

func (t *regexTranslator) interval() error {
	end := strings.IndexByte(t.in[t.i:], '}')
	if end < 0 {
		return errors.New(`"{" is not closed`)
	}
	inner := t.in[t.i : t.i+end]
	t.i += end + 1
	if strings.HasPrefix(inner, ",") {
		inner = "0" + inner
	}
	if inner == "" || strings.Trim(inner, "0123456789,") != "" {
		return fmt.Errorf("%q is no number of times", "{"+inner+"}")
	}
	t.out.WriteString("{" + inner + "}")
	if t.i < len(t.in) && strings.IndexByte("*+?{", t.in[t.i]) >= 0 {
		return errors.New("a number of times is repeated, which is not run")
	}
	return nil
}

func (t *regexTranslator) escape() error {
	if t.i == len(t.in) {
		return errors.New("it ends in a backslash")
	}
	c := t.in[t.i]
	t.i++
	switch {
	case strings.IndexByte("wWsSbB", c) >= 0:
		t.out.WriteString(`\` + string(rune(c)))
	case c == '<' || c == '>':
		t.out.WriteString(`\b`)
	case c == '`':
		t.out.WriteString(`\A`)
	case c == '\'':
		t.out.WriteString(`\z`)
	case c >= '1' && c <= '9':
		return errRegexFeature
	default:
		t.out.WriteString(regexp.QuoteMeta(t.in[t.i-1 : t.i]))
	}
	return nil
}

// set is a bracket expression, behind the [.
func (t *regexTranslator) set() error {
	t.out.WriteByte('[')
	if t.i < len(t.in) && t.in[t.i] == '^' {
		t.i++
		t.out.WriteByte('^')
		if t.lines {
			t.out.WriteString(`\n`)
		}
	}
	for first := true; t.i < len(t.in); first = false {
		c := t.in[t.i]
		t.i++
		switch {
		case c == ']' && !first:
			t.out.WriteByte(']')
			return nil
		case c == '[' && t.i < len(t.in) && t.in[t.i] == ':':
			end := strings.Index(t.in[t.i:], ":]")
			if end < 0 {
				return errors.New(`a class within "[" is not closed`)
			}
			t.out.WriteString("[" + t.in[t.i:t.i+end] + ":]")
			t.i += end + 2
		case c == '[' && t.i < len(t.in) && (t.in[t.i] == '.' || t.in[t.i] == '='):
			return errRegexFeature
		case c == '\\' || c == '[' || c == ']' || c == '^':
			t.out.WriteString(`\` + string(rune(c)))
		case c == '-' && (first || t.i < len(t.in) && t.in[t.i] == ']'):
			t.out.WriteString(`\-`)
		default:
			t.out.WriteByte(c)
		}
	}
	return errors.New(`"[" is not closed`)
}
