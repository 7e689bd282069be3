package pv

import (
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
)

const blanks = " \t\r\n"

// nameAddr is a header such as From or one contact.
type nameAddr struct {
	sipmsg.NameAddr
	length int // of what stands before the parameters
}

func parseNameAddr(text string) (nameAddr, bool) {
	addr, err := sipmsg.ParseNameAddr(text)
	text = strings.Trim(text, blanks)
	if i := topLevel(text, ';'); i >= 0 {
		text = strings.TrimRight(text[:i], blanks)
	}
	return nameAddr{addr, len(text)}, err == nil
}

// part reads a part of the URI.
func (a nameAddr) part(read func(*sipmsg.URI) Value) Value {
	u, err := sipmsg.ParseURI(a.URI)
	if err != nil {
		return Value{}
	}
	return read(&u)
}

// quotedEnd is where the quoted text ends that another begins with, or -1.
func quotedEnd(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// topLevel is the place of a byte outside quotes and angle brackets, or -1.
func topLevel(text string, c byte) int {
	bracket := false
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			n := quotedEnd(text[i:])
			if n < 0 {
				return -1
			}
			i += n - 1
		case text[i] == '<':
			bracket = true
		case text[i] == '>':
			bracket = false
		case text[i] == c && !bracket:
			return i
		}
	}
	return -1
}

// splitList divides a list at its commas.
func splitList(text string) []string {
	var all []string
	for {
		i := topLevel(text, ',')
		if i < 0 {
			break
		}
		all = append(all, strings.Trim(text[:i], blanks))
		text = text[i+1:]
	}
	if text = strings.Trim(text, blanks); text != "" || len(all) > 0 {
		all = append(all, text)
	}
	return all
}

// param is one of name=value;name=value…
type param struct{ name, value string }

// nextParam takes the first parameter from a list.
func nextParam(list string) (p param, rest string, ok bool) {
	list = strings.TrimLeft(list, blanks+";")
	if list == "" {
		return p, "", false
	}
	if i := topLevel(list, ';'); i >= 0 {
		list, rest = list[:i], list[i+1:]
	}
	name, value, _ := strings.Cut(list, "=")
	p.name, p.value = strings.Trim(name, blanks), strings.Trim(value, blanks)
	if n := len(p.value); n >= 2 && p.value[0] == '"' && p.value[n-1] == '"' {
		p.value = p.value[1 : n-1]
	}
	return p, rest, true
}

// findParam is the value of a parameter, and whether it is there.
func findParam(list, name string) (string, bool) {
	for {
		p, rest, ok := nextParam(list)
		if !ok {
			return "", false
		}
		if strings.EqualFold(p.name, name) {
			return p.value, true
		}
		list = rest
	}
}

func paramOrNull(list, name string) Value {
	value, _ := findParam(list, name)
	return textOrNull(value)
}
