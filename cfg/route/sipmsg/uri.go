package sipmsg

import (
	"errors"
	"fmt"
	"strings"
)

// URI is a SIP, SIPS, TEL or other URI taken apart. Apart from the scheme everything
// is as it is written, with its escapes.
type URI struct {
	Scheme               string // in lower case
	User, Password, Host string // the number of a TEL URI is its user; an IPv6 reference has its brackets
	Port                 string // as written, empty if it has none
	Params               string // after the first semicolon, without it
	Headers              string // after the question mark
	Opaque               string // what follows the scheme if that is none of sip, sips and tel; the rest is empty then
}

// ParseURI takes a URI apart. As for a server, what stands before an "@" is the user
// even where it has semicolons and question marks, and a URI that cannot be taken
// apart without doubt is an error. Errors do not hold the user and the password.
func ParseURI(text string) (URI, error) {
	scheme, rest, ok := strings.Cut(text, ":")
	if !ok || !isScheme(scheme) {
		return URI{}, fmt.Errorf("expected a URI that begins with a scheme such as %q", "sip:")
	}
	for i := range len(rest) {
		if c := rest[i]; c <= ' ' || c == 0x7f || c == '<' || c == '>' || c == '"' {
			return URI{}, fmt.Errorf("unexpected %q in a URI", c)
		}
	}
	if rest == "" {
		return URI{}, fmt.Errorf("expected something after %q", text)
	}
	u := URI{Scheme: strings.ToLower(scheme)}
	switch u.Scheme {
	case "sip", "sips":
		return u.parseSIP(rest)
	case "tel":
		return u.parseTel(rest)
	}
	u.Opaque = rest
	return u, nil
}

func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= lower(c) && lower(c) <= 'z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

func (u URI) parseSIP(rest string) (URI, error) {
	if at := strings.IndexByte(rest, '@'); at >= 0 {
		u.User, u.Password, _ = strings.Cut(rest[:at], ":")
		rest = rest[at+1:]
		switch {
		case u.User == "":
			return URI{}, errors.New(`expected a user before "@"`)
		case strings.Contains(u.Password, ":"):
			return URI{}, errors.New(`expected one ":" before "@"`)
		case strings.ContainsAny(u.User, "[]") || strings.ContainsAny(u.Password, "[]"):
			return URI{}, errors.New(`expected no brackets before "@"`)
		case strings.Contains(rest, "@"):
			return URI{}, errors.New(`expected one "@"`)
		}
	}
	rest = u.cutTail(rest)
	var host, port string
	var hasPort bool
	if strings.HasPrefix(rest, "[") {
		end := strings.IndexByte(rest, ']') + 1
		if !isIPv6Reference(rest[:end]) || end < len(rest) && rest[end] != ':' {
			return URI{}, fmt.Errorf("host %q: expected an IPv6 address in brackets", short(rest))
		}
		if host = rest[:end]; end < len(rest) {
			port, hasPort = rest[end+1:], true
		}
	} else {
		host, port, hasPort = strings.Cut(rest, ":")
		if host == "" || strings.ContainsAny(host, "[]&") {
			return URI{}, fmt.Errorf("expected a host, found %q", short(host))
		}
	}
	if hasPort && !isPort(port) {
		// Without a user, this may be a password to which no host was written.
		return URI{}, errors.New(`expected a port from 0 to 65535 after ":"`)
	}
	u.Host, u.Port = host, port
	return u, nil
}

func (u URI) parseTel(rest string) (URI, error) {
	u.User = u.cutTail(rest)
	if u.User == "" || strings.ContainsAny(u.User, "@:[]&") {
		return URI{}, errors.New(`expected a telephone number after "tel:"`)
	}
	return u, nil
}

// cutTail takes the headers and the parameters off.
func (u *URI) cutTail(rest string) string {
	rest, u.Headers, _ = strings.Cut(rest, "?")
	rest, u.Params, _ = strings.Cut(rest, ";")
	return rest
}

// Param is the value of a parameter of the URI, and whether it is there. Names have no
// case; the first of a name counts.
func (u URI) Param(name string) (string, bool) {
	list := u.Params
	for more := list != ""; more; {
		var field string
		field, list, more = strings.Cut(list, ";")
		if key, value, _ := strings.Cut(field, "="); compareFold(key, name) == 0 {
			return value, true
		}
	}
	return "", false
}

// String writes the URI. It is the text that was parsed, but for the case of the
// scheme and for separators with nothing after them.
func (u URI) String() string {
	var b strings.Builder
	b.Grow(len(u.Scheme) + len(u.User) + len(u.Password) + len(u.Host) + len(u.Port) +
		len(u.Params) + len(u.Headers) + len(u.Opaque) + 6)
	part := func(before, text, after string) {
		if text != "" {
			b.WriteString(before)
			b.WriteString(text)
			b.WriteString(after)
		}
	}
	part("", u.Scheme, ":")
	part("", u.User, "")
	part(":", u.Password, "")
	if u.User != "" && u.Host != "" {
		b.WriteByte('@')
	}
	part("", u.Host, "")
	part(":", u.Port, "")
	part(";", u.Params, "")
	part("?", u.Headers, "")
	part("", u.Opaque, "")
	return b.String()
}
