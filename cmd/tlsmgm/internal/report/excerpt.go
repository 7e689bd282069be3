package report

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// How an excerpt is laid out, in columns of a terminal.
const (
	tabWidth     = 4
	excerptWidth = 100 // of the part of a long line that is shown
	contextWidth = 40  // of what is shown before the marked part of a long line
	cut          = "…" // stands for what is left out of a long line
)

// excerptBytes bounds the bytes that are looked at: characters may have no
// width at all.
const excerptBytes = 8 * excerptWidth

// excerpt makes a line of a script fit to show, with the bytes from..to marked:
// the marks begin below column indent, counted from 0, and are as many as
// marked, at least one.
func excerpt(line string, from, to int) (text string, indent, marked int) {
	from = min(max(from, 0), len(line))
	to = min(max(to, from), len(line))
	start, prefix, column := 0, "", 0
	if !fits(line) {
		start = windowStart(line, from)
	}
	if start > 0 {
		prefix, column = cut, 1
	}
	line, from, to = line[start:], from-start, to-start
	text, _, size := draw(line, len(line), column)
	if size < len(line) {
		text += cut
	}
	_, indent, _ = draw(line, from, column)
	_, end, _ := draw(line, to, column)
	return prefix + text, indent, max(end-indent, 1)
}

// fits reports whether the whole line can be shown.
func fits(line string) bool {
	_, _, size := draw(line, len(line), 0)
	return size == len(line)
}

// windowStart goes back from the marked part as far as there is room before it.
func windowStart(line string, from int) int {
	start := from
	for room := contextWidth; start > 0 && from-start < excerptBytes/2; {
		_, size := utf8.DecodeLastRuneInString(line[:start])
		_, cells, _ := cellAt(line[start-size:], 0)
		if room -= cells; room < 0 {
			break
		}
		start -= size
	}
	return start
}

// draw shows the characters that end within the first limit bytes of a text, as
// many as there is room for from a column on: up to the column end, and of so
// many bytes.
func draw(text string, limit, column int) (shown string, end, size int) {
	var b strings.Builder
	limit = min(limit, excerptBytes)
	for size < limit && column < excerptWidth {
		cell, cells, n := cellAt(text[size:], column)
		if size+n > limit {
			break
		}
		b.WriteString(cell)
		column += cells
		size += n
	}
	return b.String(), column, size
}

// cellAt is how the first character of text is shown, how many columns that
// takes, and how many bytes the character has.
func cellAt(text string, column int) (cell string, cells, size int) {
	if c := text[0]; c >= ' ' && c <= '~' { // most of any script
		return text[:1], 1, 1
	}
	r, size := utf8.DecodeRuneInString(text)
	switch {
	case r == '\t':
		cells = tabWidth - column%tabWidth
		return strings.Repeat(" ", cells), cells, size
	case r == utf8.RuneError && size == 1:
		cell = fmt.Sprintf(`\x%02x`, text[0])
		return cell, len(cell), size
	case !unicode.IsPrint(r):
		cell = strings.Trim(strconv.QuoteRuneToASCII(r), "'")
		return cell, len(cell), size
	case unicode.In(r, unicode.Mn, unicode.Me):
		return text[:size], 0, size
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return text[:size], 2, size
	}
	return text[:size], 1, size
}

// safe makes a text fit for a terminal: bytes that are not UTF-8 and what does
// not print, such as escape sequences and marks that turn the direction of
// text, are escaped.
func safe(text string) string {
	if isSafe(text) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		cell, _, size := cellAt(text[i:], 0)
		if text[i] == '\t' {
			cell = `\t`
		}
		b.WriteString(cell)
		i += size
	}
	return b.String()
}

func isSafe(text string) bool {
	return utf8.ValidString(text) && strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}
