package sipmsg

import (
	"iter"
	"strings"
)

const blanks = " \t"

func trim(s string) string { return strings.Trim(s, blanks) }

// afterQuoted is the index of the quote that ends the quoted string beginning at i,
// or the length of s.
func afterQuoted(s string, i int) int {
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(s)
}

// quotesClosed reports whether each quoted string of s has an end. What is appended to
// a text without would become a part of the string.
func quotesClosed(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] == '"' {
			if i = afterQuoted(s, i); i >= len(s) {
				return false
			}
		}
	}
	return true
}

// indexOutside is the index of the first c outside quoted strings and angle brackets,
// -1 if there is none.
func indexOutside(s string, c byte) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case c:
			return i
		case '"':
			i = afterQuoted(s, i)
		case '<':
			end := strings.IndexByte(s[i:], '>')
			if end < 0 {
				return -1
			}
			i += end
		}
	}
	return -1
}

// cutParam cuts at the first semicolon outside quoted strings.
func cutParam(s string) (before, after string, found bool) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ';':
			return s[:i], s[i+1:], true
		case '"':
			i = afterQuoted(s, i)
		}
	}
	return s, "", false
}

// listValues are the values of headers that may list several, separated by commas.
func listValues(bodies []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, body := range bodies {
			for rest, more := body, true; more; {
				var value string
				value, rest, more = cutValue(rest)
				if value = trim(value); value != "" && !yield(value) {
					return
				}
			}
		}
	}
}

func cutValue(s string) (before, after string, found bool) {
	if i := indexOutside(s, ','); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// findParam looks a parameter of a header up in a list that semicolons separate. The
// first of a name counts.
func findParam(list, name string) (string, bool) {
	for more := true; more; {
		var field string
		field, list, more = cutParam(list)
		if key, value := splitParam(field); compareFold(key, name) == 0 {
			return value, true
		}
	}
	return "", false
}

func splitParam(field string) (name, value string) {
	name, value, _ = strings.Cut(field, "=")
	return trim(name), trim(value)
}
