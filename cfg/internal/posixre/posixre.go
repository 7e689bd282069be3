// Package posixre has POSIX extended regular expressions as OpenSIPS uses them:
// what the C library takes for one, and the same in the notation of package regexp.
package posixre

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// maxRepeat is the largest number of times that package regexp takes.
const maxRepeat = 1000

// Compile makes a regular expression ready. It matches without regard to case,
// and a dot matches a newline too, as the server has it. The error says what the
// C library does not take, or that back references and more than 1000 repetitions
// are beyond package regexp.
func Compile(text string) (*regexp.Regexp, error) {
	if problem := Problem(text); problem != "" {
		return nil, errors.New(problem)
	}
	t := translation{text: text}
	for t.i < len(t.text) {
		if err := t.step(); err != nil {
			return nil, err
		}
	}
	re, err := regexp.Compile("(?is)" + t.out.String())
	if err != nil {
		return nil, fmt.Errorf("translate %q: %w", text, err)
	}
	return re, nil
}

// A translation writes a text in the notation of package regexp.
type translation struct {
	text  string
	i     int
	out   builder
	atom  int   // where the last thing that can be repeated begins in out, -1 for none
	open  []int // where the open groups begin
	count bool  // the last thing is repeated already
}

type builder struct{ text []byte }

func (b *builder) add(s string)   { b.text = append(b.text, s...) }
func (b *builder) String() string { return string(b.text) }

// wrap puts what was written since a place into a group.
func (b *builder) wrap(from int) {
	inner := "(?:" + string(b.text[from:]) + ")"
	b.text = append(b.text[:from], inner...)
}

func (t *translation) step() error {
	ch := t.text[t.i]
	t.i++
	switch ch {
	case '\\':
		return t.escape()
	case '(':
		t.open = append(t.open, len(t.out.text))
		t.out.add("(?:")
		t.count = false
	case ')':
		t.closeGroup()
	case '[':
		t.begin()
		t.set()
	case '*', '+', '?':
		t.repeat(string(ch))
	case '{':
		return t.interval()
	case '|', '^', '$':
		t.begin()
		t.out.add(string(ch))
	case '.':
		t.begin()
		t.out.add(".")
	default:
		t.literal(ch)
	}
	return nil
}

// runeLength is how many bytes the character has that begins with a byte.
func (t *translation) runeLength(first byte) int {
	n := 1
	if first >= 0xC0 {
		for n < 4 && t.i-1+n < len(t.text) && t.text[t.i-1+n]&0xC0 == 0x80 {
			n++
		}
	}
	return n
}

// literal writes the character whose first byte was just taken.
func (t *translation) literal(first byte) {
	t.begin()
	start := t.i - 1
	t.i = start + t.runeLength(first)
	t.out.add(regexp.QuoteMeta(t.text[start:t.i]))
}

// begin notes that something that can be repeated begins.
func (t *translation) begin() { t.atom, t.count = len(t.out.text), false }

func (t *translation) closeGroup() {
	last := len(t.open) - 1
	if last < 0 {
		t.begin()
		t.out.add(`\)`)
		return
	}
	t.out.add(")")
	t.atom, t.count = t.open[last], false
	t.open = t.open[:last]
}

// repeat writes an operator that repeats. What is repeated already goes into a
// group, since a*? and a** mean something else to package regexp, or nothing.
func (t *translation) repeat(operator string) {
	if t.count {
		t.out.wrap(t.atom)
	}
	t.out.add(operator)
	t.count = true
}

func (t *translation) interval() error {
	inner, _, _ := strings.Cut(t.text[t.i:], "}")
	t.i += len(inner) + 1
	low, high, isRange := strings.Cut(inner, ",")
	if low == "" {
		low = "0"
	}
	for _, n := range []string{low, high} {
		if v, err := strconv.Atoi(n); n != "" && (err != nil || v > maxRepeat) {
			return fmt.Errorf("%q is more than %d times", "{"+inner+"}", maxRepeat)
		}
	}
	if isRange {
		low += "," + high
	}
	t.repeat("{" + low + "}")
	return nil
}

// escapes are those of the C library that stand for more than their character.
var escapes = map[byte]string{
	'w': `[0-9A-Za-z_]`, 'W': `[^0-9A-Za-z_]`, 's': `\s`, 'S': `\S`,
	'b': `\b`, 'B': `\B`, '<': `\b`, '>': `\b`, '`': `\A`, '\'': `\z`,
}

func (t *translation) escape() error {
	ch := t.text[t.i]
	t.i++
	if ch >= '1' && ch <= '9' {
		return fmt.Errorf("the back reference %q is not supported", `\`+string(ch))
	}
	special, ok := escapes[ch]
	if !ok {
		t.literal(ch)
		return nil
	}
	t.begin()
	t.out.add(special)
	return nil
}

// set is a bracket expression, in which a backslash is a character like others.
func (t *translation) set() {
	t.out.add("[")
	if strings.HasPrefix(t.text[t.i:], "^") {
		t.out.add("^")
		t.i++
	}
	for first := true; t.i < len(t.text); first = false {
		ch := t.text[t.i]
		t.i++
		switch {
		case ch == ']' && !first:
			t.out.add("]")
			return
		case ch == '[' && t.i < len(t.text) && strings.IndexByte(":.=", t.text[t.i]) >= 0:
			t.class()
		case strings.IndexByte(`[]\^`, ch) >= 0:
			t.out.add(`\` + string(ch))
		default:
			t.out.add(string([]byte{ch}))
		}
	}
}

// class is [:alpha:], or a character written as [.x.] or [=x=].
func (t *translation) class() {
	kind := t.text[t.i : t.i+1]
	inner, _, _ := strings.Cut(t.text[t.i+1:], kind+"]")
	t.i += len(inner) + 3
	if kind == ":" {
		t.out.add("[:" + inner + ":]")
		return
	}
	t.out.add(regexp.QuoteMeta(inner))
}
