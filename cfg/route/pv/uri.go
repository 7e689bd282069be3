package pv

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
)

// wrongType says that a variable was given a value that it does not take.
func wrongType(name, want string, v Value) error {
	return fmt.Errorf("setting $%s: expected %s, found %s", name, want, shown(v))
}

// shown is a value in an error: a URI or a long text may have a password.
func shown(v Value) string {
	if len(v.Text) > 20 || strings.Contains(v.Text, "@") {
		return fmt.Sprintf("a text of %d bytes", len(v.Text))
	}
	if v.IsNull() {
		return "NULL"
	}
	return strconv.Quote(v.String())
}

// uriCache keeps the last URI that was taken apart, as most are read again.
type uriCache struct {
	text  string
	uri   sipmsg.URI
	state uint8 // 0 for nothing, 1 for a URI, 2 for a text that is none
}

func (c *uriCache) parse(text string) *sipmsg.URI {
	if c.state == 0 || c.text != text {
		uri, err := sipmsg.ParseURI(text)
		*c = uriCache{text: text, uri: uri, state: 1}
		if err != nil {
			c.state = 2
		}
	}
	if c.state == 2 {
		return nil
	}
	return &c.uri
}

// CurrentURI is the request URI as the script has made it so far; empty for a
// reply and without a message.
func (s *Scope) CurrentURI() string {
	switch {
	case s.Message == nil || !s.Message.IsRequest():
		return ""
	case s.Request.URI != "":
		return s.Request.URI
	}
	return s.Message.RequestURI()
}

// requestURI is nil if there is none or it cannot be read.
func (s *Scope) requestURI() *sipmsg.URI {
	if text := s.CurrentURI(); text != "" {
		return s.cache.request.parse(text)
	}
	return nil
}

func (s *Scope) originalURI() *sipmsg.URI {
	if s.Message == nil || !s.Message.IsRequest() {
		return nil
	}
	return s.cache.original.parse(s.Message.RequestURI())
}

func (s *Scope) destinationURI() *sipmsg.URI {
	if s.Request.Destination == "" {
		return nil
	}
	return s.cache.destination.parse(s.Request.Destination)
}

// Transport is the protocol and the port that a URI leads to, by its scheme, its
// transport parameter and its port, each with the default of SIP. The protocol is
// in lower case if the URI does not say it itself.
func Transport(u *sipmsg.URI) (proto string, port int64) {
	secure := strings.EqualFold(u.Scheme, "sips")
	proto, written := u.Param("transport")
	if !written || proto == "" {
		proto = "udp"
		if secure {
			proto = "tls"
		}
	}
	if n, ok := ParseInt(u.Port); ok {
		return proto, n
	}
	switch strings.ToLower(proto) {
	case "tls":
		return proto, 5061
	case "ws":
		return proto, 80
	case "wss":
		return proto, 443
	}
	if secure {
		return proto, 5061
	}
	return proto, 5060
}

// The parts of a URI that variables show.
func uriUser(u *sipmsg.URI) Value { return textOrNull(u.User) }
func uriHost(u *sipmsg.URI) Value { return textOrNull(u.Host) }

func uriProto(u *sipmsg.URI) Value {
	proto, _ := Transport(u)
	return TextValue(proto)
}

func uriPort(u *sipmsg.URI) Value {
	if n, ok := ParseInt(u.Port); ok {
		return BothValue(u.Port, n)
	}
	_, port := Transport(u)
	return IntValue(port)
}

// part reads a part of a URI that may be missing.
func part(of func(*Scope) *sipmsg.URI, read func(*sipmsg.URI) Value) getter {
	return func(s *Scope) Value {
		if u := of(s); u != nil {
			return read(u)
		}
		return Value{}
	}
}

func requestEntries() []entry {
	const group = "Request"
	request, original, destination := (*Scope).requestURI, (*Scope).originalURI, (*Scope).destinationURI
	return []entry{
		getSet("ru ruri", group, "request URI", requestText, setRequest),
		getSet("rU ruri.user", group, "its user; NULL or an empty text removes it", part(request, uriUser), setUser),
		getSet("rd ruri.domain", group, "its domain", part(request, uriHost), setHost),
		getSet("rp", group, "its port, or the default; NULL or an empty text removes it", part(request, uriPort), setPort),
		get("rP", group, "its protocol, or the default", part(request, uriProto)),
		getSet("ru_q", group, "its q value in thousandths; -1 if it has none", requestQ, setRequestQ),
		get("ou ouri", group, "request URI as it came in", originalText),
		get("oU", group, "its user", part(original, uriUser)),
		get("od", group, "its domain", part(original, uriHost)),
		get("op", group, "its port, or the default", part(original, uriPort)),
		get("oP", group, "its protocol, or the default", part(original, uriProto)),
		getSet("du duri", group, "destination URI (outbound proxy); NULL removes it", func(s *Scope) Value { return textOrNull(s.Request.Destination) }, setDestination),
		get("dd", group, "its domain", part(destination, uriHost)),
		get("dp", group, "its port, or the default", part(destination, uriPort)),
		get("dP", group, "its protocol, or the default", part(destination, uriProto)),
		getSet("fs", group, "socket to send from, `proto:address:port`; NULL removes it", func(s *Scope) Value { return textOrNull(s.Request.Socket) }, setSocket),
		get("path", group, "Path set", func(s *Scope) Value { return textOrNull(s.Request.Path) }),
		{
			names: []string{"branch"}, inner: "field", optional: true, indexed: true, writable: true, group: group,
			about:   "further branches: `$branch = uri` adds one; fields uri, duri, q, path, flags, socket",
			compile: compileBranch,
		},
	}
}

func requestText(s *Scope) Value {
	// What cannot be read as a URI is no request URI, though it was set.
	if s.requestURI() == nil {
		return Value{}
	}
	return TextValue(s.CurrentURI())
}

func originalText(s *Scope) Value {
	if s.originalURI() == nil {
		return Value{}
	}
	return TextValue(s.Message.RequestURI())
}

// asRequest is an error if the message is no request, whose URI can be set.
func (s *Scope) asRequest(name string) error {
	if s.Message == nil || !s.Message.IsRequest() {
		return fmt.Errorf("setting $%s: the message is no request", name)
	}
	return nil
}

func setRequest(s *Scope, v Value) error {
	if err := s.asRequest("ru"); err != nil {
		return err
	}
	text, ok := v.AsText()
	if !ok || text == "" || len(text) > MaxText {
		return wrongType("ru", "a URI", v)
	}
	s.Request.URI = text
	return nil
}

// change sets the request URI to one with a part changed.
func (s *Scope) change(name string, edit func(*sipmsg.URI)) error {
	if err := s.asRequest(name); err != nil {
		return err
	}
	old := s.requestURI()
	if old == nil {
		return fmt.Errorf("setting $%s: the request URI cannot be read", name)
	}
	changed := *old
	edit(&changed)
	text := changed.String()
	if len(text) > MaxText {
		return fmt.Errorf("setting $%s: the request URI would have %d bytes", name, len(text))
	}
	s.Request.URI = text
	return nil
}

func setUser(s *Scope, v Value) error {
	text, _ := v.AsText() // empty for NULL
	return s.change("rU", func(u *sipmsg.URI) {
		u.User = text
		if text == "" {
			u.Password = ""
		}
	})
}

func setHost(s *Scope, v Value) error {
	text, ok := v.AsText()
	if !ok || text == "" {
		return wrongType("rd", "a host", v)
	}
	return s.change("rd", func(u *sipmsg.URI) { u.Host = text })
}

func setPort(s *Scope, v Value) error {
	text, _ := v.AsText()
	if _, err := strconv.ParseUint(text, 10, 16); text != "" && err != nil {
		return wrongType("rp", "a port or NULL", v)
	}
	return s.change("rp", func(u *sipmsg.URI) { u.Port = text })
}

func requestQ(s *Scope) Value {
	switch {
	case s.Message == nil || !s.Message.IsRequest():
		return Value{}
	case s.Request.HasQ:
		return IntValue(s.Request.Q)
	}
	return IntValue(-1)
}

func setRequestQ(s *Scope, v Value) error {
	if err := s.asRequest("ru_q"); err != nil {
		return err
	}
	if !v.IsInt {
		return wrongType("ru_q", "a number", v)
	}
	s.Request.Q, s.Request.HasQ = min(v.Int, 1000), v.Int >= 0
	return nil
}

func setDestination(s *Scope, v Value) error {
	if v.IsNull() {
		s.Request.Destination = ""
		return nil
	}
	text, _ := v.AsText()
	if len(text) > MaxText {
		return wrongType("du", "a URI", v)
	}
	s.Request.Destination = text
	return nil
}

func setSocket(s *Scope, v Value) error {
	socket, err := socketText(v)
	if err != nil {
		return fmt.Errorf("setting $fs: %w", err)
	}
	s.Request.Socket = socket
	return nil
}

// socketText is "proto:address:port" with the defaults put in; empty for NULL.
// Whether the server has that socket is for others to say.
func socketText(v Value) (string, error) {
	text, ok := v.AsText()
	if !ok {
		return "", nil
	}
	proto, address, ok := strings.Cut(text, ":")
	if !ok || strings.ContainsAny(proto, ".[") {
		proto, address = "udp", text
	}
	port := ""
	if i := strings.LastIndexByte(address, ':'); i > strings.LastIndexByte(address, ']') {
		address, port = address[:i], address[i+1:]
	}
	proto = strings.ToLower(proto)
	if port == "" {
		port = "5060"
		if proto == "tls" {
			port = "5061"
		}
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil || address == "" || len(text) > 1024 {
		return "", fmt.Errorf("expected a socket as proto:address:port, found %s", shown(v))
	}
	return proto + ":" + address + ":" + port, nil
}
