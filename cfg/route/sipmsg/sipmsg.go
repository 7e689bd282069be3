// Package sipmsg reads SIP messages, and builds replies to them.
package sipmsg

// Message is a SIP message as it came in. A script may change the request URI
// and the destination, which are not part of it. It is safe for concurrent reading.
type Message struct {
	raw []byte
}

// Parse reads one whole message.
func Parse(data []byte) (*Message, error) { return &Message{raw: data}, nil }

// IsRequest reports whether it is a request.
func (m *Message) IsRequest() bool { return true }

// Method is the method of a request, or that of the CSeq of a reply.
func (m *Message) Method() string { return "" }

// RequestURI is the URI of the first line as it is written, empty for a reply.
func (m *Message) RequestURI() string { return "" }

// Status is the code of a reply, 0 for a request.
func (m *Message) Status() int { return 0 }

// Reason is the reason phrase of a reply.
func (m *Message) Reason() string { return "" }

// Headers are the bodies of the headers of that name in their order, written long
// or compact, without regard to case.
func (m *Message) Headers(name string) []string { return nil }

// From is the From header, To the To header; the zero value if it is missing or cannot be read.
func (m *Message) From() NameAddr { return NameAddr{} }

// To is the To header.
func (m *Message) To() NameAddr { return NameAddr{} }

// Body is what follows the headers.
func (m *Message) Body() []byte { return nil }

// Raw is the whole message.
func (m *Message) Raw() []byte { return m.raw }

// NameAddr is a header such as From: display name, URI and parameters.
type NameAddr struct {
	Display string // with its quotes, if it has some
	URI     string // as written, without brackets
	Tag     string
	Params  string // everything after the URI, without the first semicolon
}

// URI is a SIP, SIPS, TEL or other URI taken apart.
type URI struct {
	Scheme, User, Password, Host string
	Port                         string // as written, empty if it has none
	Params                       string // after the first semicolon, without it
	Headers                      string // after the question mark
}

// ParseURI takes a URI apart.
func ParseURI(text string) (URI, error) { return URI{}, nil }

// Param is the value of a parameter of the URI, and whether it is there.
func (u URI) Param(name string) (string, bool) { return "", false }

// String writes the URI.
func (u URI) String() string { return "" }
