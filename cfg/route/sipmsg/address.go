package sipmsg

import (
	"errors"
	"strconv"
	"strings"
)

// NameAddr is a header such as From: display name, URI and parameters.
type NameAddr struct {
	Display string // with its quotes, if it has some
	URI     string // as written, without brackets
	Tag     string
	Params  string // everything after the URI, without the first semicolon
}

// Param is the value of a parameter of the header, and whether it is there.
func (a NameAddr) Param(name string) (string, bool) { return findParam(a.Params, name) }

// ParseNameAddr takes a header body such as that of From apart. It does not look into
// the URI; without brackets everything after a semicolon belongs to the header, as RFC
// 3261 has it in section 20.10. Errors hold nothing of the text.
func ParseNameAddr(text string) (NameAddr, error) {
	text = trim(text)
	var addr NameAddr
	var err error
	open := indexOutside(text, ';')
	if open < 0 {
		open = len(text)
	}
	// A bracket after the first semicolon would be in the value of a parameter.
	if i := bracket(text[:open]); i >= 0 {
		addr.Display = trim(text[:i])
		addr.URI, addr.Params, err = cutBrackets(text[i:])
	} else {
		addr.URI, addr.Params, _ = strings.Cut(text, ";")
		addr.URI = trim(addr.URI)
	}
	switch {
	case err != nil:
		return NameAddr{}, err
	case addr.URI == "":
		return NameAddr{}, errors.New("expected a URI")
	case strings.ContainsAny(addr.URI, " \t\"<>"):
		return NameAddr{}, errors.New("expected a URI without white space, quotes and brackets")
	case !quotesClosed(addr.Params):
		return NameAddr{}, errors.New("expected an end of the quoted string in the parameters")
	}
	addr.Params = trim(addr.Params)
	addr.Tag, _ = addr.Param("tag")
	return addr, nil
}

// bracket is the index of the first opening bracket outside quotes, or -1.
func bracket(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '<':
			return i
		case '"':
			i = afterQuoted(s, i)
		}
	}
	return -1
}

func cutBrackets(s string) (uri, params string, err error) {
	uri, rest, ok := strings.Cut(s[1:], ">")
	if !ok {
		return "", "", errors.New(`expected ">" after the URI`)
	}
	rest = trim(rest)
	if rest != "" && rest[0] != ';' {
		return "", "", errors.New(`expected ";" after ">"`)
	}
	return trim(uri), strings.TrimPrefix(rest, ";"), nil
}

// maxCSeq is the largest number of RFC 3261, section 8.1.1.5.
const maxCSeq = 1<<31 - 1

func parseCSeq(text string) CSeq {
	end := max(strings.IndexAny(text, blanks), 0)
	method := trim(text[end:])
	n, err := strconv.ParseUint(text[:end], 10, 32)
	if err != nil || n > maxCSeq || !isToken(method) {
		return CSeq{}
	}
	return CSeq{Number: uint32(n), Method: method}
}
