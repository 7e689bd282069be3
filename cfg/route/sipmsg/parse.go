package sipmsg

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Parse reads one whole message, such as a datagram. Empty lines before it are passed
// over, lines may end in a line feed alone, and what follows a body of Content-Length
// bytes is left out. The message keeps data, which must not be changed afterwards.
// Every error is a *MalformedError.
//
// It asks for a first line and for headers that can be told apart, and leaves what is
// in them to Check and to the methods that read them.
func Parse(data []byte) (*Message, error) {
	data = bytes.TrimLeft(data, "\r\n")
	if len(data) == 0 {
		return nil, &MalformedError{Kind: KindNotSIP, Problem: "expected a SIP message, found nothing"}
	}
	if problem := cmp.Or(foreign(data), foreignLine(data)); problem != "" {
		return nil, &MalformedError{Kind: KindNotSIP, Problem: problem}
	}
	scan := headScan{}
	end := scan.next(data)
	if end < 0 {
		h := readHead(string(data))
		h.msg.raw = data
		h.fail(KindSyntax, 0, "expected an empty line after the headers")
		return nil, h.malformed()
	}
	h := readHead(string(data[:end]))
	if h.length < 0 || h.badLength != nil {
		h.length = len(data) - end
	}
	if have := len(data) - end; h.length > have {
		h.failLength(fmt.Sprintf("Content-Length is %d, but the body has %d bytes", h.length, have))
		h.length = have
	}
	h.msg.raw, h.msg.body = data[:end+h.length], data[end:end+h.length]
	if err := h.malformed(); err != nil {
		return nil, err
	}
	return h.msg, nil
}

// headScan finds the empty line after the headers, looking at each byte once however
// the message arrives.
type headScan struct{ searched, line int }

// next is the index after the empty line, or -1 if data has none yet. Each call has to
// bring the bytes of the calls before.
func (s *headScan) next(data []byte) int {
	for {
		i := bytes.IndexByte(data[s.searched:], '\n')
		if i < 0 {
			s.searched = len(data)
			return -1
		}
		end := s.searched + i
		empty := end == s.line || end == s.line+1 && data[s.line] == '\r'
		s.searched, s.line = end+1, end+1
		if empty {
			return end + 1
		}
	}
}

// foreign says what a message looks like that cannot be SIP, by its first byte and,
// as soon as that is there, its first line. Otherwise it is empty.
func foreign(data []byte) string {
	switch c := data[0]; {
	case c == 0x16:
		return "expected a SIP message, found what looks like a TLS handshake"
	case c == 0x15:
		return "expected a SIP message, found what looks like a TLS alert"
	case !isTokenByte(c):
		return fmt.Sprintf("expected a SIP message, found one that begins with the byte 0x%02x", c)
	}
	return ""
}

// foreignLine is foreign for a first line.
func foreignLine(data []byte) string {
	first, _, complete := bytes.Cut(data, []byte("\n"))
	if !complete {
		return ""
	}
	line := string(bytes.TrimSuffix(first, []byte("\r")))
	// A bad first line can still be answered if it is that of a request at all.
	if strings.Contains(line, "SIP/") || strings.Contains(strings.ToUpper(line), "SIP/") {
		return ""
	}
	for _, other := range []struct{ begin, what string }{
		{"SSH-", "the greeting of an SSH client"},
		{"PROXY ", "a PROXY protocol header"},
		{"HTTP/", "an HTTP response"},
	} {
		if strings.HasPrefix(line, other.begin) {
			return "expected a SIP message, found what looks like " + other.what
		}
	}
	last := line[strings.LastIndexAny(line, blanks)+1:]
	if strings.HasPrefix(last, "HTTP/") || strings.HasPrefix(last, "RTSP/") {
		return "expected a SIP message, found what looks like an " + last[:4] + " request"
	}
	return fmt.Sprintf("expected a first line of SIP, found %q", short(redact(line)))
}

// head is a header section as it is read.
type head struct {
	msg    *Message
	length int // Content-Length, -1 if there is none
	line   int // the one that is read
	bad    *MalformedError
	// A wrong Content-Length is kept apart: it takes the end of the message away, on
	// whichever line the first error was.
	badLength *MalformedError
}

// readHead reads as many headers as it can, whatever is wrong with others: an answer
// to a bad request needs them.
func readHead(text string) *head {
	h := &head{msg: &Message{}, length: -1}
	line, rest := h.nextLine(text)
	h.firstLine(line)
	for rest != "" {
		if line, rest = h.nextLine(rest); line == "" {
			break
		}
		rest = h.header(line, rest)
	}
	h.msg.digest()
	return h
}

// malformed is the error of the header section, nil if there is none.
func (h *head) malformed() error {
	bad := h.bad
	if bad == nil {
		bad = h.badLength
	}
	if bad == nil {
		return nil
	}
	return bad.withPartial(h.msg)
}

func (h *head) fail(kind Kind, line int, format string, args ...any) {
	if h.bad == nil {
		h.bad = &MalformedError{Kind: kind, Line: line, Problem: fmt.Sprintf(format, args...)}
	}
}

func (h *head) failLength(problem string) {
	if h.badLength == nil {
		h.badLength = &MalformedError{Kind: KindLength, Problem: problem}
	}
}

func (h *head) nextLine(text string) (line, rest string) {
	h.line++
	line, rest, _ = strings.Cut(text, "\n")
	return strings.TrimSuffix(line, "\r"), rest
}

func (h *head) firstLine(line string) {
	if !clean(line) {
		h.fail(KindSyntax, h.line, "unexpected control character in the first line")
		return
	}
	if len(line) >= 4 && compareFold(line[:4], "SIP/") == 0 {
		h.statusLine(line)
		return
	}
	m := h.msg
	parts := strings.Split(line, " ")
	m.method = parts[0]
	if len(parts) != 3 || parts[1] == "" || parts[2] == "" || strings.Contains(line, "\t") {
		h.fail(KindSyntax, h.line, "expected a method, a URI and a version with one space between them, found %q", short(redact(line)))
		return
	}
	m.uri, m.version = parts[1], parts[2]
	if !isToken(m.method) {
		h.fail(KindSyntax, h.line, "expected a method, found %q", short(m.method))
	}
	h.version()
}

func (h *head) statusLine(line string) {
	m := h.msg
	m.version, line, _ = strings.Cut(line, " ")
	code, reason, _ := strings.Cut(line, " ")
	m.reason = reason
	status, err := strconv.ParseUint(code, 10, 16)
	if m.status = int(status); err != nil || len(code) != 3 || status < 100 || status > 699 {
		m.status = -1 // no request, whatever else it is
		h.fail(KindSyntax, h.line, "expected a status code from 100 to 699, found %q", short(code))
		return
	}
	h.version()
}

func (h *head) version() {
	if compareFold(h.msg.version, "SIP/2.0") == 0 {
		return
	}
	name, number, _ := strings.Cut(h.msg.version, "/")
	major, minor, ok := strings.Cut(number, ".")
	if compareFold(name, "SIP") == 0 && ok && isDigits(major) && isDigits(minor) {
		h.fail(KindVersion, h.line, "expected the version %q, found %q", "SIP/2.0", short(h.msg.version))
		return
	}
	h.fail(KindSyntax, h.line, "expected the version %q, found %q", "SIP/2.0", short(h.msg.version))
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// header reads one header, with the lines in rest that continue it.
func (h *head) header(line, rest string) string {
	at, ok := h.line, clean(line)
	name, value, colon := strings.Cut(line, ":")
	if continues(rest) {
		var b strings.Builder
		b.WriteString(trim(value))
		for continues(rest) {
			line, rest = h.nextLine(rest)
			ok = ok && clean(line)
			b.WriteByte(' ')
			b.WriteString(trim(line))
		}
		value = b.String()
	}
	name = strings.TrimRight(name, blanks)
	switch {
	case !ok:
		h.fail(KindSyntax, at, "unexpected NUL or carriage return in a header")
	case continues(name):
		h.fail(KindSyntax, at, "expected a header, found a line that continues one")
	case !colon:
		h.fail(KindSyntax, at, "expected a header name with a colon, found %q", firstWord(name))
	case !isToken(name):
		h.fail(KindSyntax, at, "expected a header name before the colon, found %q", firstWord(name))
	default:
		h.add(name, trim(value))
	}
	return rest
}

// firstWord is what an error may hold of a header: the rest may be credentials.
func firstWord(line string) string {
	if i := strings.IndexAny(line, blanks); i >= 0 {
		line = line[:i] + " …"
	}
	return short(line)
}

func continues(rest string) bool {
	return rest != "" && (rest[0] == ' ' || rest[0] == '\t')
}

// clean reports whether a line has no byte that other programs take for the end of a
// line or of a text. RFC 3261 allows NUL after a backslash in a quoted string.
func clean(line string) bool {
	if strings.IndexByte(line, '\r') >= 0 {
		return false
	}
	for i := strings.IndexByte(line, 0); i >= 0; {
		if i == 0 || line[i-1] != '\\' {
			return false
		}
		next := strings.IndexByte(line[i+1:], 0)
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return true
}

func (h *head) add(name, value string) {
	h.msg.fields = append(h.msg.fields, Header{name, value})
	if compareFold(longName(name), "Content-Length") != 0 {
		return
	}
	if !isDigits(value) {
		h.failLength(fmt.Sprintf("Content-Length %q: expected a number", short(value)))
		return
	}
	length, err := strconv.ParseUint(value, 10, 31)
	switch {
	case err != nil:
		h.failLength(fmt.Sprintf("Content-Length %q: expected a number below 2^31", short(value)))
	case h.length >= 0 && h.length != int(length):
		// OpenSIPS takes the first, other servers the last. To disagree about where a
		// message ends is dangerous.
		h.failLength(fmt.Sprintf("expected one Content-Length, found %d and %d", h.length, length))
	default:
		h.length = int(length)
	}
}
