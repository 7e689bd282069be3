package sipmsg

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Kind says what is wrong with a message.
type Kind int

const (
	// KindSyntax is a first line or a header that cannot be read.
	KindSyntax Kind = iota
	// KindLength is a Content-Length that is missing or cannot be true.
	KindLength
	// KindTooLarge is a message above the limit.
	KindTooLarge
	// KindVersion is a version of SIP other than 2.0.
	KindVersion
	// KindNotSIP is something else than SIP, such as an HTTP request.
	KindNotSIP
	// KindHeader is a header that a message needs and does not have, or has twice, or that
	// cannot be read.
	KindHeader
)

// MalformedError says why a message cannot be used, and how to go on.
type MalformedError struct {
	Kind    Kind
	Problem string
	Line    int // in the message, from 1; 0 if it is not of a line
	// Status is the code to answer the peer with: 400, 505 or 513. It is 0 if
	// there can be no answer, because what came is no request, is an ACK, or lacks
	// one of the headers that an answer repeats.
	Status int
	// Partial is what could be read, for Reply and for the log. It is nil if that is
	// nothing. It has no headers that could not be read, and is no request (its status
	// may be -1) if the first line is that of a bad reply.
	Partial *Message
	// Close says that the end of the message is not known, so that the connection is
	// of no more use.
	Close bool
}

func (e *MalformedError) Error() string {
	text := "malformed SIP message"
	if e.Kind == KindNotSIP {
		text = "not a SIP message"
	}
	if e.Line > 0 {
		text += fmt.Sprintf(": line %d", e.Line)
	}
	return text + ": " + e.Problem
}

// withPartial adds the message as far as it was read, and decides about the answer.
func (e *MalformedError) withPartial(m *Message) *MalformedError {
	e.Partial = m
	if e.Kind == KindNotSIP || repliable(m) != nil {
		return e
	}
	switch e.Kind {
	case KindTooLarge:
		e.Status = 513
	case KindVersion:
		e.Status = 505
	default:
		e.Status = 400
	}
	return e
}

// Check reports what a server needs of a message beyond its syntax: From, To, Call-ID
// and CSeq once each and readable, a readable topmost Via, the method of the CSeq that
// of the request, a Max-Forwards that is a number. OpenSIPS itself looks at them when
// they are used, or by sanity_check(). The error is a *MalformedError.
func (m *Message) Check() error {
	if problem := m.problem(); problem != nil {
		return (&MalformedError{Kind: KindHeader, Problem: problem.Error()}).withPartial(m)
	}
	return nil
}

func (m *Message) problem() error {
	for _, name := range []string{"From", "To", "Call-ID", "CSeq"} {
		if n := len(m.Headers(name)); n != 1 {
			return fmt.Errorf("expected one %s header, found %d", name, n)
		}
	}
	_, hops := m.Header("Max-Forwards")
	switch {
	case len(m.vias) == 0:
		return errors.New("expected a Via header, found none")
	case m.vias[0] == Via{}:
		return fmt.Errorf("cannot read the topmost Via %q", short(m.first("Via")))
	case m.from == NameAddr{}:
		return errors.New("cannot read the From header")
	case m.to == NameAddr{}:
		return errors.New("cannot read the To header")
	case m.cseq == CSeq{}:
		return fmt.Errorf("CSeq %q: expected a number up to %d and a method", short(m.first("CSeq")), maxCSeq)
	case m.IsRequest() && m.cseq.Method != m.method:
		return fmt.Errorf("expected the method %q in CSeq, found %q", short(m.method), short(m.cseq.Method))
	case hops && !m.hasMaxHop:
		return fmt.Errorf("Max-Forwards %q: expected a number", short(m.first("Max-Forwards")))
	}
	return nil
}

// short cuts a text to what an error should hold of it.
func short(s string) string {
	const longest = 60
	if len(s) <= longest {
		return s
	}
	end := longest
	for end > longest-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// redact hides what may be a password in a text with URIs: what stands between the
// second colon and the last "@".
func redact(s string) string {
	scheme := strings.IndexByte(s, ':') + 1
	user := strings.IndexByte(s[scheme:], ':') + scheme
	at := strings.LastIndexByte(s, '@')
	if scheme == 0 || user < scheme || at <= user {
		return s
	}
	return s[:user+1] + "***" + s[at:]
}
