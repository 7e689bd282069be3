// Package sipmsg reads SIP messages, from a datagram or a stream, and builds replies
// to them.
//
// # What comes from sipgo
//
// Replies and requests are written by github.com/emiago/sipgo. Its parser is not
// used, because scripts see the text of a message and sipgo 1.7.3 keeps what the
// text means to it:
//
//   - It writes methods in upper case, ports as numbers, and parameters of one name
//     as one; the quotes of display names are gone.
//   - The first header that it cannot read ends it. A server has to read on, for the
//     headers that a 400 needs.
//   - Of two values in one Via without parameters it makes one host; white space
//     around the slashes of a Via, which RFC 3261 allows, leaves it without transport
//     and host; what follows an IPv6 reference is dropped without an error.
//   - Lines that end in a line feed alone, which OpenSIPS takes, are refused.
//   - The parameters of a URI take time that grows with the square of their number:
//     half a second for one request of 64 KB.
//   - Its replies carry a new To tag each time. A server without transactions has to
//     give a retransmission the tag that it gave before.
//
// A test compares the two where both should agree.
package sipmsg

import (
	"iter"
	"slices"
	"strconv"
)

// Message is a SIP message as it came in. A script may change the request URI
// and the destination, which are not part of it. It is safe for concurrent reading,
// and reading takes no memory unless a method says so.
type Message struct {
	raw, body []byte

	method  string
	uri     string
	version string
	status  int
	reason  string

	fields []Header
	index  index

	from, to  NameAddr
	vias      []Via
	cseq      CSeq
	maxHops   int
	hasMaxHop bool
}

// Header is one header of a message.
type Header struct {
	Name  string // as it is written
	Value string // without white space around it, folded lines joined by a space
}

// CSeq is a CSeq header.
type CSeq struct {
	Number uint32
	Method string
}

// IsRequest reports whether it is a request.
func (m *Message) IsRequest() bool { return m.status == 0 }

// Method is the method of a request, or that of the CSeq of a reply.
func (m *Message) Method() string {
	if m.IsRequest() {
		return m.method
	}
	return m.cseq.Method
}

// RequestURI is the URI of the first line as it is written, empty for a reply.
func (m *Message) RequestURI() string { return m.uri }

// Version is that of the first line, such as SIP/2.0.
func (m *Message) Version() string { return m.version }

// Status is the code of a reply, 0 for a request.
func (m *Message) Status() int { return m.status }

// Reason is the reason phrase of a reply.
func (m *Message) Reason() string { return m.reason }

// Headers are the bodies of the headers of that name in their order, written long
// or compact, without regard to case. A header that lists several values by commas is
// one body. The slice belongs to the message.
func (m *Message) Headers(name string) []string { return m.index.find(name) }

// Header is the body of the first header of that name, and whether there is one.
func (m *Message) Header(name string) (string, bool) {
	if values := m.Headers(name); len(values) > 0 {
		return values[0], true
	}
	return "", false
}

// All are all headers in their order.
func (m *Message) All() iter.Seq[Header] { return slices.Values(m.fields) }

// From is the From header, To the To header; the zero value if it is missing or cannot be read.
func (m *Message) From() NameAddr { return m.from }

// To is the To header.
func (m *Message) To() NameAddr { return m.to }

// Vias are the values of all Via headers, the topmost first. One that cannot be read
// is the zero value. The slice belongs to the message.
func (m *Message) Vias() []Via { return m.vias }

// Via is the topmost Via, the zero value if it is missing or cannot be read.
func (m *Message) Via() Via {
	if len(m.vias) == 0 {
		return Via{}
	}
	return m.vias[0]
}

// Contacts are the values of all Contact headers, which are read at each call. One that
// cannot be read is the zero value. The URI of "Contact: *" is "*".
func (m *Message) Contacts() []NameAddr {
	var contacts []NameAddr
	for value := range listValues(m.Headers("Contact")) {
		contact, err := ParseNameAddr(value)
		if err != nil {
			contact = NameAddr{}
		}
		contacts = append(contacts, contact)
	}
	return contacts
}

// CallID is the Call-ID, empty if there is none.
func (m *Message) CallID() string { return m.first("Call-ID") }

// CSeq is the CSeq header, the zero value if it is missing or cannot be read.
func (m *Message) CSeq() CSeq { return m.cseq }

// ContentType is the Content-Type, empty if there is none.
func (m *Message) ContentType() string { return m.first("Content-Type") }

// UserAgent is the User-Agent, empty if there is none.
func (m *Message) UserAgent() string { return m.first("User-Agent") }

// MaxForwards is the Max-Forwards, and whether there is one that can be read.
func (m *Message) MaxForwards() (int, bool) { return m.maxHops, m.hasMaxHop }

func (m *Message) first(name string) string {
	value, _ := m.Header(name)
	return value
}

// Body is what follows the headers.
func (m *Message) Body() []byte { return m.body }

// Raw is the whole message, without empty lines before it.
func (m *Message) Raw() []byte { return m.raw }

// Len is the length of the whole message in bytes.
func (m *Message) Len() int { return len(m.raw) }

// digest makes the header values ready that are read often.
func (m *Message) digest() {
	m.index = newIndex(m.fields)
	m.from = m.nameAddr("From")
	m.to = m.nameAddr("To")
	m.cseq = parseCSeq(m.first("CSeq"))
	for value := range listValues(m.Headers("Via")) {
		m.vias = append(m.vias, parseVia(value))
	}
	if hops, err := strconv.ParseUint(m.first("Max-Forwards"), 10, 31); err == nil {
		m.maxHops, m.hasMaxHop = int(hops), true
	}
}

func (m *Message) nameAddr(name string) NameAddr {
	addr, err := ParseNameAddr(m.first(name))
	if err != nil {
		return NameAddr{}
	}
	return addr
}
