package sipmsg

import (
	"errors"
	"fmt"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// RequestOptions are what a request has besides its method, target and sender. Each
// field may be empty.
type RequestOptions struct {
	SentBy    string   // host and port of the Via, localhost.invalid if empty
	Transport string   // of the Via, TLS if empty
	To        string   // URI, the target if empty
	Branch    string   // random if empty, as the next two
	CallID    string   //
	FromTag   string   //
	UserAgent string   // no header if empty
	Extra     []string // headers, as in ReplyOptions
	Body      []byte   // for which Extra should have a Content-Type
}

// Options builds an OPTIONS request, which asks a server what it can do and is the
// usual way to see whether it answers.
func Options(target, from string, o RequestOptions) ([]byte, error) {
	return Request("OPTIONS", target, from, o)
}

// Request builds a request outside a dialog. It is an error if target or from is not a
// URI, or if another text cannot stand in its place.
func Request(method, target, from string, o RequestOptions) ([]byte, error) {
	recipient, err := recipientOf(target)
	if err != nil {
		return nil, fmt.Errorf("build %s: target: %w", method, err)
	}
	extra, err := headerLines(o.Extra)
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", method, err)
	}
	orElse(&o.To, func() string { return target })
	if _, err := ParseURI(from); err != nil {
		return nil, fmt.Errorf("build %s: from: %w", method, err)
	}
	if _, err := ParseURI(o.To); err != nil {
		return nil, fmt.Errorf("build %s: to: %w", method, err)
	}
	orElse(&o.SentBy, func() string { return "localhost.invalid" })
	orElse(&o.Transport, func() string { return "TLS" })
	orElse(&o.Branch, sip.GenerateBranch)
	orElse(&o.FromTag, func() string { return sip.GenerateTagN(16) })
	orElse(&o.CallID, func() string { return sip.GenerateTagN(24) })

	req := sip.NewRequest(sip.RequestMethod(method), recipient)
	add := func(name, value string) { req.AppendHeader(sip.NewHeader(name, value)) }
	add("Via", "SIP/2.0/"+o.Transport+" "+o.SentBy+";rport;branch="+o.Branch)
	add("Max-Forwards", "70")
	add("From", "<"+from+">;tag="+o.FromTag)
	add("To", "<"+o.To+">")
	add("Call-ID", o.CallID)
	add("CSeq", "1 "+method)
	if o.UserAgent != "" {
		add("User-Agent", o.UserAgent)
	}
	for _, h := range extra {
		add(h.Name, h.Value)
	}
	add("Content-Length", fmt.Sprint(len(o.Body)))
	// SetBody would give the length a second header: it does not know those of ours.
	data := append([]byte(req.String()), o.Body...)
	if err := checkBuilt(data, method, o); err != nil {
		return nil, err
	}
	return data, nil
}

func orElse(text *string, value func() string) {
	if *text == "" {
		*text = value()
	}
}

// checkBuilt reads a request back, which finds texts that break out of their place.
func checkBuilt(data []byte, method string, o RequestOptions) error {
	m, err := Parse(data)
	if err == nil {
		err = m.Check()
	}
	switch {
	case err != nil:
		return fmt.Errorf("build %s: %w", method, err)
	case m.Method() != method || m.Via().Branch() != o.Branch || m.From().Tag != o.FromTag ||
		m.CallID() != o.CallID || m.UserAgent() != o.UserAgent || len(m.body) != len(o.Body):
		return fmt.Errorf("build %s: expected a branch, tag, Call-ID and user agent that can stand in a header", method)
	}
	return nil
}

// recipientOf makes a target ready for sipgo, which writes some URIs differently from
// how it read them.
func recipientOf(target string) (sip.Uri, error) {
	var recipient sip.Uri
	u, err := ParseURI(target)
	if err != nil {
		return recipient, err
	}
	if strings.Count(u.Params, ";") > 100 {
		return recipient, errors.New("expected at most 100 parameters")
	}
	if err := sip.ParseUri(u.String(), &recipient); err != nil {
		return recipient, fmt.Errorf("expected a URI that can be written: %w", err)
	}
	if recipient.String() != u.String() {
		return recipient, errors.New("expected a URI without leading zeros in its port and without repeated parameters")
	}
	return recipient, nil
}
