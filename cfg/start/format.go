package start

import (
	"iter"
	"strings"
)

// variablesIn yields the script variables of a text, each from its $ to its
// end; $$ is a plain $. One without an end goes to the end of the text.
func variablesIn(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for {
			at := strings.IndexByte(text, '$')
			if at < 0 {
				return
			}
			text = text[at:]
			if strings.HasPrefix(text, "$$") {
				text = text[2:]
				continue
			}
			n := variableLength(text)
			if !yield(text[:n]) {
				return
			}
			text = text[n:]
		}
	}
}

// variableLength is the length of the variable at the start of the text.
func variableLength(text string) int {
	n := 1
	if n < len(text) && text[n] == '(' {
		return n + bracketLength(text[n:])
	}
	for n < len(text) && isNameByte(text[n]) {
		n++
	}
	if n > 1 && n < len(text) && text[n] == '(' {
		return n + bracketLength(text[n:])
	}
	return n
}

// bracketLength is the length of what stands in brackets, which may nest.
func bracketLength(text string) int {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

func isNameByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '.'
}
