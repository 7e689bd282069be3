package sqlstore

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// URL is a parsed db_url. Printed in any way it shows no password.
type URL struct {
	dialect     *dialect
	scheme      string
	user        string
	password    string
	hasPassword bool
	host        string // without brackets; "" is the local server's socket
	port        int    // 0 is the server's usual port
	database    string // its name, or the path of its file
}

// No message repeats a part of the URL: whatever stands between "://" and the
// end may be a password, or a piece of one, when the URL is malformed.
var (
	errNoScheme   = errors.New(`db_url is not of the form "scheme://…"`)
	errNoPath     = errors.New(`db_url names no file: the form is "sqlite:///path/file.db"`)
	errNoDatabase = errors.New(`db_url names no database: the form is "scheme://user:password@host:port/database"`)
	errParameters = errors.New(`db_url has parameters after "?": none are supported`)
	errPort       = errors.New("db_url has a port that is not a number from 1 to 65535")
	errBracket    = errors.New(`db_url has a "[" around its host without the "]"`)
	errBareIPv6   = errors.New(`db_url has more than one ":" in its host: write an IPv6 address as "[::1]"`)
	errNUL        = errors.New("db_url has a NUL byte")
)

var schemePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.+-]*$`)

// ParseURL reads a db_url as OpenSIPS writes it (manual 1.8.14):
//
//	sqlite:///path/file.db
//	mysql://user:password@host:port/database
//	postgres://user:password@host:port/database   (also postgresql://)
//
// User, password, host and port may be left out; without a host the local
// server's Unix socket is used, and so it is for MySQL on "localhost" without
// a port, as in the MySQL client library. Nothing is percent-decoded, and the
// last "@" ends the password, which may therefore hold "@", ":" and "/".
// Errors do not repeat the URL.
func ParseURL(dbURL string) (URL, error) {
	scheme, rest, found := strings.Cut(dbURL, "://")
	if !found || !schemePattern.MatchString(scheme) {
		return URL{}, errNoScheme
	}
	d := dialectOf(scheme)
	if d == nil {
		return URL{}, fmt.Errorf("db_url scheme %q is not supported: use one of %s",
			scheme, strings.Join(schemes(), ", "))
	}
	u := URL{dialect: d, scheme: scheme}
	if strings.ContainsRune(rest, 0) {
		return URL{}, errNUL
	}
	if d.isFile {
		u.database = rest
		if rest == "" {
			return URL{}, errNoPath
		}
		return u, nil
	}
	return u.withServer(rest)
}

// withServer reads "user:password@host:port/database".
func (u URL) withServer(rest string) (URL, error) {
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		u.user, u.password, u.hasPassword = strings.Cut(rest[:at], ":")
		rest = rest[at+1:]
	}
	hostPort, database, _ := strings.Cut(rest, "/")
	if database == "" {
		return URL{}, errNoDatabase
	}
	if strings.ContainsRune(database, '?') {
		return URL{}, errParameters
	}
	u.database = database
	host, port, err := splitHostPort(hostPort)
	u.host, u.port = host, port
	if err != nil {
		return URL{}, err
	}
	return u, nil
}

func splitHostPort(s string) (host string, port int, err error) {
	host, portText, hasPort := strings.Cut(s, ":")
	if bracketed, isIPv6 := strings.CutPrefix(s, "["); isIPv6 {
		var after string
		var closed bool
		host, after, closed = strings.Cut(bracketed, "]")
		portText, hasPort = strings.CutPrefix(after, ":")
		if !closed || after != "" && !hasPort {
			return "", 0, errBracket
		}
	}
	if !hasPort {
		return host, 0, nil
	}
	if strings.ContainsRune(portText, ':') {
		return "", 0, errBareIPv6
	}
	number, err := strconv.ParseUint(portText, 10, 16)
	if err != nil || number == 0 {
		return "", 0, errPort
	}
	return host, int(number), nil
}

// Redacted is the URL with "xxxxx" in place of its password.
func (u URL) Redacted() string {
	if u.dialect == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString(u.scheme + "://")
	if u.user != "" || u.hasPassword {
		b.WriteString(u.user)
		if u.hasPassword {
			b.WriteString(":xxxxx")
		}
		b.WriteByte('@')
	}
	b.WriteString(u.authority())
	if !u.dialect.isFile {
		b.WriteByte('/')
	}
	b.WriteString(u.database)
	return b.String()
}

// authority is "host:port" as the URL has it.
func (u URL) authority() string {
	host := u.host
	if strings.ContainsRune(host, ':') {
		host = "[" + host + "]"
	}
	if u.port != 0 {
		host += ":" + strconv.Itoa(u.port)
	}
	return host
}

// String is [URL.Redacted].
func (u URL) String() string { return u.Redacted() }

// GoString is [URL.Redacted], so that %#v shows no password either.
func (u URL) GoString() string { return u.Redacted() }

// MarshalText writes [URL.Redacted].
func (u URL) MarshalText() ([]byte, error) { return []byte(u.Redacted()), nil }
