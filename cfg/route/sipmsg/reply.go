package sipmsg

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// ErrNoReplyToACK is what Reply gives for an ACK, which has no answer. The functions
// of OpenSIPS that send replies return -1 for it.
var ErrNoReplyToACK = errors.New("there is no reply to an ACK")

// ReplyOptions are what a reply has besides what it takes from the request.
type ReplyOptions struct {
	// Source is where the request came from, for received and rport in the topmost
	// Via (RFC 3261, section 18.2.1, and RFC 3581). The zero value leaves that Via
	// as it is.
	Source netip.AddrPort
	// Server is the value of the Server header; empty for none.
	Server string
	// Extra are headers as append_to_reply() takes them: lines of a name, a colon
	// and a value. A text may have several lines.
	Extra []string
}

// Reply builds a reply as sl_send_reply() does. It repeats Via, From, To, Call-ID and
// CSeq; from 180 on To gets a tag if it has none, and up to 299 Record-Route is
// repeated, as 2.3 does. The tag is a hash of what tells requests apart, so that a
// request that comes again gets the same one. An empty reason is replaced by the usual
// phrase. The errors are ErrNoReplyToACK, and those of requests that lack one of these
// headers and of texts that are no reason, header or status code.
func Reply(req *Message, code int, reason string, o ReplyOptions) ([]byte, error) {
	if err := repliable(req); err != nil {
		return nil, err
	}
	if code < 100 || code > 699 {
		return nil, fmt.Errorf("reply with status %d: expected 100 to 699", code)
	}
	if reason == "" {
		reason = ReasonPhrase(code)
	}
	if hasControl(reason) || hasControl(o.Server) {
		return nil, fmt.Errorf("reply %d: reason %q and server %q: expected no control characters", code, reason, o.Server)
	}
	extra, err := headerLines(o.Extra)
	if err != nil {
		return nil, fmt.Errorf("reply %d: %w", code, err)
	}
	res := sip.NewResponse(code, reason)
	add := func(name, value string) { res.AppendHeader(sip.NewHeader(name, value)) }
	for i, via := range req.Headers("Via") {
		if i == 0 && o.Source.IsValid() {
			via = stampVia(via, o.Source)
		}
		add("Via", via)
	}
	if code >= 180 && code < 300 {
		for _, route := range req.Headers("Record-Route") {
			add("Record-Route", route)
		}
	}
	add("From", req.first("From"))
	add("To", replyTo(req, code))
	add("Call-ID", req.CallID())
	add("CSeq", req.first("CSeq"))
	if timestamp, ok := req.Header("Timestamp"); ok && code == 100 {
		add("Timestamp", timestamp)
	}
	for _, h := range extra {
		add(h.Name, h.Value)
	}
	if o.Server != "" {
		add("Server", o.Server)
	}
	add("Content-Length", "0")
	return []byte(res.String()), nil
}

// repliable is the reason why there can be no reply, nil if there is none.
func repliable(req *Message) error {
	switch {
	case req == nil || !req.IsRequest():
		return errors.New("expected a request to reply to")
	case req.method == "ACK" || req.cseq.Method == "ACK":
		return ErrNoReplyToACK
	}
	for _, name := range []string{"Via", "From", "To", "Call-ID", "CSeq"} {
		if req.first(name) == "" {
			return fmt.Errorf("reply to %s: expected a %s header", short(req.method), name)
		}
	}
	return nil
}

// stampVia notes the source of a request in the first value of its topmost Via. What
// the sender wrote there of received and rport does not count.
func stampVia(header string, source netip.AddrPort) string {
	value, others, more := cutValue(header)
	via := parseVia(trim(value))
	if via == (Via{}) {
		return header
	}
	value, _, _ = cutParam(value)
	var b strings.Builder
	b.WriteString(trim(value))
	rport := false
	for params, left := via.Params, via.Params != ""; left; {
		var field string
		field, params, left = cutParam(params)
		switch name, _ := splitParam(field); {
		case name == "":
		case compareFold(name, "received") == 0:
		case compareFold(name, "rport") == 0:
			rport = true
		default:
			b.WriteString(";" + trim(field))
		}
	}
	addr := source.Addr().Unmap().WithZone("")
	if rport {
		b.WriteString(";rport=" + strconv.Itoa(int(source.Port())))
	}
	if rport || !sameAddr(via.Host, addr) {
		b.WriteString(";received=" + addr.String())
	}
	if more {
		b.WriteString("," + others)
	}
	return b.String()
}

func sameAddr(host string, addr netip.Addr) bool {
	sent, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && sent.Unmap() == addr
}

func replyTo(req *Message, code int) string {
	to := req.first("To")
	// To a header that cannot be read, a tag might be a second one.
	if code < 180 || req.to.URI == "" {
		return to
	}
	if _, ok := req.to.Param("tag"); ok {
		return to
	}
	return to + ";tag=" + toTag(req)
}

// toTag is the same for the same request: its transaction is known by the topmost Via
// and the rest by RFC 3261, section 17.2.3.
func toTag(req *Message) string {
	hash := sha256.New()
	for _, part := range []string{req.first("Via"), req.from.Tag, req.CallID(), strconv.Itoa(int(req.cseq.Number))} {
		fmt.Fprintf(hash, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(hash.Sum(nil)[:12])
}

// headerLines reads headers to be added to a message.
func headerLines(texts []string) ([]Header, error) {
	var headers []Header
	for _, text := range texts {
		for line := range strings.SplitSeq(text, "\n") {
			line = strings.TrimSuffix(line, "\r")
			if line == "" {
				continue
			}
			name, value, ok := strings.Cut(line, ":")
			name, value = strings.TrimRight(name, blanks), trim(value)
			if !ok || !isToken(name) || hasControl(value) {
				return nil, fmt.Errorf("header %q: expected a name, a colon and a value without control characters", short(name))
			}
			switch long := strings.ToLower(longName(name)); long {
			case "via", "from", "to", "call-id", "cseq", "content-length":
				return nil, fmt.Errorf("header %q: expected one that the message does not have by itself", name)
			}
			headers = append(headers, Header{name, value})
		}
	}
	return headers, nil
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}
