package pv

import (
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
)

const blanks = " \t\r\n"

// nameAddr is a header such as From or one contact.
type nameAddr struct {
	display string // with its quotes, if it has some
	uri     string
	params  string // without the first semicolon
	length  int    // of what stands before the parameters
}

// parseNameAddr takes one apart: "name" <uri>;params, <uri>;params or uri;params.
func parseNameAddr(text string) (a nameAddr, ok bool) {
	rest := strings.TrimLeft(text, blanks)
	start := len(text) - len(rest)
	if strings.HasPrefix(rest, `"`) {
		end := quotedEnd(rest)
		if end < 0 {
			return a, false
		}
		a.display = rest[:end]
		if rest = strings.TrimLeft(rest[end:], blanks); !strings.HasPrefix(rest, "<") {
			return a, false
		}
	}
	open := strings.IndexByte(rest, '<')
	if semicolon := strings.IndexByte(rest, ';'); open < 0 || semicolon >= 0 && semicolon < open {
		uri, params, _ := strings.Cut(rest, ";")
		a.uri, a.params = strings.Trim(uri, blanks), strings.Trim(params, blanks)
		a.length = len(strings.TrimRight(uri, blanks))
		return a, a.uri != "" && !strings.ContainsAny(a.uri, " \t\"<>")
	}
	if a.display == "" {
		a.display = strings.TrimRight(rest[:open], blanks)
	}
	end := strings.IndexByte(rest[open:], '>')
	if end < 0 {
		return a, false
	}
	a.uri = strings.Trim(rest[open+1:open+end], blanks)
	rest = rest[open+end+1:]
	a.length = len(text) - len(rest) - start
	rest = strings.Trim(rest, blanks)
	if rest != "" && rest[0] != ';' {
		return a, false
	}
	a.params = strings.TrimLeft(strings.TrimPrefix(rest, ";"), blanks)
	return a, a.uri != ""
}

// part reads a part of the URI.
func (a nameAddr) part(read func(*sipmsg.URI) Value) Value {
	u, err := sipmsg.ParseURI(a.uri)
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
