package sipmsg

import (
	"net/netip"
	"strings"
)

// Via is one value of a Via header.
type Via struct {
	Protocol  string // SIP
	Version   string // 2.0
	Transport string // as written, such as TLS
	Host      string // an IPv6 reference has its brackets
	Port      string // as written, empty if it has none
	Params    string // after the first semicolon, without it
}

// Param is the value of a parameter, and whether it is there.
func (v Via) Param(name string) (string, bool) { return findParam(v.Params, name) }

// Branch is the branch parameter, empty if there is none.
func (v Via) Branch() string {
	branch, _ := v.Param("branch")
	return branch
}

// parseVia gives the zero value for what it cannot read.
func parseVia(text string) Via {
	var v Via
	sent, params, _ := cutParam(text)
	v.Params = trim(params)
	protocol, rest, ok1 := strings.Cut(sent, "/")
	version, rest, ok2 := strings.Cut(rest, "/")
	rest = trim(rest)
	end := strings.IndexAny(rest, blanks)
	if !ok1 || !ok2 || end < 0 {
		return Via{}
	}
	v.Protocol, v.Version, v.Transport = trim(protocol), trim(version), rest[:end]
	v.Host, v.Port, ok1 = cutHostPort(trim(rest[end:]))
	if !ok1 || !quotesClosed(params) || !isToken(v.Protocol) || !isToken(v.Version) || !isToken(v.Transport) {
		return Via{}
	}
	return v
}

// cutHostPort splits a sent-by, which may have white space around the colon.
func cutHostPort(text string) (host, port string, ok bool) {
	end := 0
	if strings.HasPrefix(text, "[") {
		end = strings.IndexByte(text, ']') + 1
		if end == 0 || !isIPv6Reference(text[:end]) {
			return "", "", false
		}
	}
	colon := strings.IndexByte(text[end:], ':')
	if colon < 0 {
		host = text
	} else {
		host, port = trim(text[:end+colon]), trim(text[end+colon+1:])
		if !isPort(port) {
			return "", "", false
		}
	}
	if end > 0 {
		return host, port, len(host) == end
	}
	return host, port, isToken(host)
}

func isIPv6Reference(host string) bool {
	inner, opened := strings.CutPrefix(host, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	addr, err := netip.ParseAddr(inner)
	return opened && closed && err == nil && addr.Is6() && addr.Zone() == ""
}

// isPort reports whether it is a number up to 65535. Zeros may lead.
func isPort(s string) bool {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
		if n = n*10 + int(s[i]-'0'); n > 65535 {
			return false
		}
	}
	return s != ""
}
