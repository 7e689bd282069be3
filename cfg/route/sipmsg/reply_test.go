package sipmsg

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
	"pgregory.net/rapid"
)

func reply(t *testing.T, text string, code int, reason string, o ReplyOptions) string {
	t.Helper()
	data, err := Reply(parse(t, text), code, reason, o)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestReply(t *testing.T) {
	request := lines(
		"INVITE sip:b@c SIP/2.0", "v: SIP/2.0/TLS 192.0.2.1:5061;rport;received=10.0.0.1;branch=z9hG4bK1, SIP/2.0/UDP h",
		"Via: SIP/2.0/UDP i", "r-x: 1", "Record-Route: <sip:p1;lr>, <sip:p2;lr>", "Record-Route: <sip:p3;lr>",
		"F: \"A\" <sip:a@b> ;tag=1", "t:", "\t<sip:b@c>", "i: 1@h", "CSeq:  0007   INVITE", "Timestamp: 54", "Content-Length: 0", "", "")
	source := netip.MustParseAddrPort("[::ffff:198.51.100.7]:40000")
	options := ReplyOptions{
		Source: source, Server: "OpenSIPS (2.3.0)",
		Extra: []string{"P-One: 1\r\nP-Two:2\r\n", "Contact: <sip:x@y>"},
	}
	const via = "Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK1;rport=40000;received=198.51.100.7, SIP/2.0/UDP h\r\nVia: SIP/2.0/UDP i\r\n"
	const tag = ";tag=TAG"
	for _, tt := range []struct {
		code    int
		reason  string
		options ReplyOptions
		want    string
	}{
		{200, "", options, lines("SIP/2.0 200 OK", via+"Record-Route: <sip:p1;lr>, <sip:p2;lr>", "Record-Route: <sip:p3;lr>",
			`From: "A" <sip:a@b> ;tag=1`, "To: <sip:b@c>"+tag, "Call-ID: 1@h", "CSeq: 0007   INVITE",
			"P-One: 1", "P-Two: 2", "Contact: <sip:x@y>", "Server: OpenSIPS (2.3.0)", "Content-Length: 0", "", "")},
		{403, "Not here", ReplyOptions{}, lines("SIP/2.0 403 Not here",
			"Via: SIP/2.0/TLS 192.0.2.1:5061;rport;received=10.0.0.1;branch=z9hG4bK1, SIP/2.0/UDP h", "Via: SIP/2.0/UDP i",
			`From: "A" <sip:a@b> ;tag=1`, "To: <sip:b@c>"+tag, "Call-ID: 1@h", "CSeq: 0007   INVITE", "Content-Length: 0", "", "")},
		{100, "", ReplyOptions{Source: source}, lines("SIP/2.0 100 Trying", via+`From: "A" <sip:a@b> ;tag=1`, "To: <sip:b@c>",
			"Call-ID: 1@h", "CSeq: 0007   INVITE", "Timestamp: 54", "Content-Length: 0", "", "")},
	} {
		got := reply(t, request, tt.code, tt.reason, tt.options)
		if made := parse(t, got).To().Tag; made != "" {
			got = strings.Replace(got, ";tag="+made, tag, 1)
		}
		if got != tt.want {
			t.Errorf("%d:\ngot\n%s\nwant\n%s", tt.code, got, tt.want)
		}
	}
}

func TestReplyVia(t *testing.T) {
	for name, tt := range map[string]struct{ via, source, want string }{
		"same address":    {"SIP/2.0/TLS 192.0.2.1;branch=1", "192.0.2.1:7", "SIP/2.0/TLS 192.0.2.1;branch=1"},
		"other address":   {"SIP/2.0/TLS 192.0.2.1;branch=1", "192.0.2.2:7", "SIP/2.0/TLS 192.0.2.1;branch=1;received=192.0.2.2"},
		"name":            {"SIP/2.0/TLS h", "192.0.2.1:7", "SIP/2.0/TLS h;received=192.0.2.1"},
		"rport":           {"SIP/2.0/TLS 192.0.2.1;rport", "192.0.2.1:7", "SIP/2.0/TLS 192.0.2.1;rport=7;received=192.0.2.1"},
		"rport by peer":   {"SIP/2.0/TLS 192.0.2.1; RPORT=1 ;;a=\";rport\"", "192.0.2.1:7", "SIP/2.0/TLS 192.0.2.1;a=\";rport\";rport=7;received=192.0.2.1"},
		"received by any": {"SIP/2.0/TLS 192.0.2.1;received=1.1.1.1", "192.0.2.1:7", "SIP/2.0/TLS 192.0.2.1"},
		"IPv6":            {"SIP/2.0/TLS [2001:DB8:0::1]:5061;rport", "[2001:db8::1]:7", "SIP/2.0/TLS [2001:DB8:0::1]:5061;rport=7;received=2001:db8::1"},
		"same IPv6":       {"SIP/2.0/TLS [2001:DB8:0::1]", "[2001:db8::1]:7", "SIP/2.0/TLS [2001:DB8:0::1]"},
		"mapped":          {"SIP/2.0/TLS 192.0.2.1", "[::ffff:192.0.2.1]:7", "SIP/2.0/TLS 192.0.2.1"},
		"zone":            {"SIP/2.0/TLS h", "[fe80::1%eth0]:7", "SIP/2.0/TLS h;received=fe80::1"},
		"unreadable":      {"what;rport", "192.0.2.1:7", "what;rport"},
		"second":          {"SIP/2.0/TLS h;a=\",\",SIP/2.0/UDP i;rport", "192.0.2.1:7", "SIP/2.0/TLS h;a=\",\";received=192.0.2.1,SIP/2.0/UDP i;rport"},
	} {
		data := reply(t, edit("Via: SIP/2.0/TLS h;branch=z9hG4bK1", "Via: "+tt.via), 200, "", ReplyOptions{Source: netip.MustParseAddrPort(tt.source)})
		if got := parse(t, data).first("Via"); got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
}

func TestReplyTag(t *testing.T) {
	tag := func(text string) string { return parse(t, reply(t, text, 404, "", ReplyOptions{})).To().Tag }
	first := tag(small)
	if len(first) < 16 || tag(small) != first || tag(edit("Max-Forwards: 70", "Max-Forwards: 69")) != first {
		t.Errorf("the same request gets the tags %s and %s", first, tag(small))
	}
	for _, other := range []string{
		edit("Call-ID: 1@h", "Call-ID: 2@h"), edit("CSeq: 1 OPTIONS", "CSeq: 2 OPTIONS"),
		edit("From: <sip:a@b>;tag=1", "From: <sip:a@b>;tag=2"), edit("Via: SIP/2.0/TLS h;branch=z9hG4bK1", "Via: SIP/2.0/TLS h;branch=z9hG4bK2"),
	} {
		if tag(other) == first {
			t.Errorf("the tag of another request is the same:\n%s", other)
		}
	}
	for to, want := range map[string]string{
		"To: <sip:b@c>;TAG=x":  "<sip:b@c>;TAG=x",
		"To: <sip:b@c>; tag":   "<sip:b@c>; tag",
		"To: sip:b@c":          "sip:b@c;tag=" + first,
		"To: sip:b@c;":         "sip:b@c;;tag=" + first,
		`To: "x <sip:b@c>`:     `"x <sip:b@c>`,
		`t: <sip:b@c;tag=uri>`: "<sip:b@c;tag=uri>;tag=" + first,
	} {
		if got := parse(t, reply(t, edit("To: <sip:b@c>", to), 404, "", ReplyOptions{})).first("To"); got != want {
			t.Errorf("%s: got %s, want %s", to, got, want)
		}
	}
}

func TestReplyErrors(t *testing.T) {
	request := parse(t, small)
	for name, tt := range map[string]struct {
		request *Message
		code    int
		reason  string
		options ReplyOptions
		want    string
	}{
		"nothing":    {nil, 200, "", ReplyOptions{}, "expected a request to reply to"},
		"reply":      {parse(t, "SIP/2.0 200 OK\r\n\r\n"), 200, "", ReplyOptions{}, "expected a request to reply to"},
		"code":       {request, 99, "", ReplyOptions{}, "reply with status 99: expected 100 to 699"},
		"no From":    {parse(t, edit("From: <sip:a@b>;tag=1", "")), 200, "", ReplyOptions{}, "reply to OPTIONS: expected a From header"},
		"empty Via":  {parse(t, edit("Via: SIP/2.0/TLS h;branch=z9hG4bK1", "Via:")), 200, "", ReplyOptions{}, "reply to OPTIONS: expected a Via header"},
		"reason":     {request, 200, "OK\r\nX: y", ReplyOptions{}, `reply 200: reason "OK\r\nX: y" and server "": expected no control characters`},
		"server":     {request, 200, "OK", ReplyOptions{Server: "a\nb"}, `reply 200: reason "OK" and server "a\nb": expected no control characters`},
		"no colon":   {request, 200, "", ReplyOptions{Extra: []string{"X: 1\r\nnothing\r\n"}}, `reply 200: header "nothing": expected a name, a colon and a value without control characters`},
		"control":    {request, 200, "", ReplyOptions{Extra: []string{"X: 1\r2"}}, `reply 200: header "X": expected a name, a colon and a value without control characters`},
		"own header": {request, 200, "", ReplyOptions{Extra: []string{"l: 5"}}, `reply 200: header "l": expected one that the message does not have by itself`},
	} {
		data, err := Reply(tt.request, tt.code, tt.reason, tt.options)
		if data != nil || err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %q and error %v, want %s", name, data, err, tt.want)
		}
	}
	ack := parse(t, strings.ReplaceAll(small, "OPTIONS", "ACK"))
	if _, err := Reply(ack, 200, "", ReplyOptions{}); !errors.Is(err, ErrNoReplyToACK) {
		t.Errorf("ACK: got error %v", err)
	}
}

func TestReasonPhrase(t *testing.T) {
	for code, want := range map[int]string{
		100: "Trying", 199: "Early Dialog Terminated", 299: "OK", 302: "Moved Temporarily", 399: "Multiple Choices",
		499: "Bad Request", 183: "Session Progress", 150: "Session Progress", 599: "Server Internal Error", 699: "Busy Everywhere",
	} {
		if got := ReasonPhrase(code); got != want {
			t.Errorf("%d: got %q, want %q", code, got, want)
		}
	}
}

// checkReply holds for any request that can be read: its reply is a message that
// belongs to it.
func checkReply(t interface{ Fatalf(string, ...any) }, req *Message) {
	o := ReplyOptions{Source: netip.MustParseAddrPort("[2001:db8::1]:5061"), Server: "s", Extra: []string{"X-Extra: 1"}}
	data, err := Reply(req, 480, "", o)
	if err != nil {
		if !errors.Is(err, ErrNoReplyToACK) && repliable(req) == nil {
			t.Fatalf("reply to %q: %v", req.Raw(), err)
		}
		return
	}
	res, err := Parse(data)
	if err != nil {
		t.Fatalf("reply %q to %q: %v", data, req.Raw(), err)
	}
	switch {
	case res.Status() != 480 || len(res.Raw()) != len(data) || len(res.Body()) != 0,
		res.CallID() != req.CallID(), res.first("CSeq") != req.first("CSeq"), res.From() != req.From(),
		res.To().URI != req.To().URI, res.To().Display != req.To().Display,
		req.To().URI != "" && res.To().Tag == "" && !strings.Contains(strings.ToLower(req.To().Params), "tag"),
		len(res.Vias()) != len(req.Vias()), res.Via().Branch() != req.Via().Branch(), res.Via().Host != req.Via().Host:
		t.Fatalf("reply %q does not fit %q", data, req.Raw())
	}
	again, err := Reply(req, 480, "", o)
	if err != nil || string(again) != string(data) {
		t.Fatalf("the second reply to %q is %q, not %q", req.Raw(), again, data)
	}
}

// drawRequest is a request with headers in any order, with any white space and folding.
func drawRequest(t *rapid.T) string {
	space := rapid.SampledFrom([]string{"", " ", "\t", "  ", "\r\n ", " \r\n\t"})
	pick := func(label string, values ...string) string { return rapid.SampledFrom(values).Draw(t, label) }
	method := pick("method", "INVITE", "OPTIONS", "MESSAGE", "X-!x")
	to := pick("to", "<sip:b@c>", "sip:b@c", `"B \" ;tag=x" <sip:b@c;lr?x>`, "B b <tel:1>", "<sip:b@c>;tag=2", "<sip:b@c> ; x = y")
	headers := []string{
		pick("f", "From", "f", "FROM") + ":" + space.Draw(t, "s") + pick("from", "<sip:a@b>;tag=1", "sip:a@b;x;tag=1", `"," <sip:a@b>;tag=1`),
		pick("t", "To", "t") + space.Filter(func(s string) bool { return !strings.Contains(s, "\n") }).Draw(t, "s") + ":" + to,
		pick("i", "Call-ID", "i") + ": " + rapid.StringMatching(`[a-z0-9]{1,9}(@[a-z.]{1,9})?`).Draw(t, "id"),
		"CSeq: " + pick("number", "0", "17", "2147483647") + " " + space.Draw(t, "s") + method,
		pick("v", "Via", "v") + ":" + space.Draw(t, "s") + pick("via", "SIP/2.0/TLS h;branch=z9hG4bKx", "SIP/2.0/UDP [::1]:1;rport;branch=1, SIP/2.0/TCP i", "SIP / 2.0 / TLS h : 5 ; branch=2") + space.Draw(t, "s"),
		"X: " + rapid.StringMatching(`[ -~]{0,20}`).Draw(t, "any"),
	}
	headers = rapid.Permutation(headers).Draw(t, "order")
	body := rapid.StringOf(rapid.SampledFrom([]rune("v=\r\n0"))).Draw(t, "body")
	return method + " " + pick("uri", "sip:b@c", "sips:[::1]:1", "tel:1") + " SIP/2.0\r\n" + strings.Join(headers, "\r\n") + "\r\n\r\n" + body
}

func TestReplyToAnyRequest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, err := Parse([]byte(drawRequest(t)))
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Check(); err != nil {
			t.Fatal(err)
		}
		checkReply(t, m)
		if data, err := Reply(m, 200, "", ReplyOptions{}); err != nil || parseReply(t, data).Reason() != "OK" {
			t.Fatalf("reply %q, error %v", data, err)
		}
	})
}

func parseReply(t *rapid.T, data []byte) *Message {
	m, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Where sipgo reads what is usual on the wire, it reads the same.
func TestAgreesWithSipgo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pick := func(label string, values ...string) string { return rapid.SampledFrom(values).Draw(t, label) }
		id := rapid.StringMatching(`[a-z0-9]{1,9}`)
		text := lines(
			pick("method", "INVITE", "OPTIONS", "REGISTER")+" "+pick("uri", "sip:b@c", "sips:b:p@[::1]:5061;transport=tls?x=y", "tel:+1;x=y")+" SIP/2.0",
			pick("v", "Via", "v")+": SIP/2.0/TLS "+pick("host", "h.example.com:5061", "192.0.2.1")+";branch="+id.Draw(t, "branch")+", SIP/2.0/UDP i;branch=1",
			pick("f", "From", "f")+": "+pick("display", "", "A ", `"A \" b" `)+"<sip:a@b;lr>;tag="+id.Draw(t, "from tag"),
			"To:"+pick("fold", " ", "\r\n ", "\t")+"<sip:"+id.Draw(t, "user")+"@c>",
			pick("i", "Call-ID", "i")+": "+id.Draw(t, "call"), "CSeq: "+pick("number", "1", "0", "4711")+" X",
			"Max-Forwards: "+pick("hops", "0", "70"), "X-Any: "+id.Draw(t, "any"), "x-any: 2", "Content-Length: 3", "", "abc")
		m, err := Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		other, err := sip.ParseMessage([]byte(text))
		if err != nil {
			t.Fatalf("sipgo: %v", err)
		}
		req := other.(*sip.Request)
		fromTag, _ := req.From().Params.Get("tag")
		branch, _ := req.Via().Params.Get("branch")
		hops, _ := m.MaxForwards()
		for _, pair := range [][2]string{
			{m.Method(), req.Method.String()},
			{m.RequestURI(), req.Recipient.String()},
			{m.CallID(), req.CallID().Value()},
			{m.From().Tag, fromTag},
			{m.From().URI, req.From().Address.String()},
			{strings.Trim(m.From().Display, `"`), req.From().DisplayName},
			{m.To().URI, req.To().Address.String()},
			{m.Via().Branch(), branch},
			{m.Via().Transport, req.Via().Transport},
			{strings.Join(m.Headers("x-any"), ","), req.GetHeaders("X-Any")[0].Value() + "," + req.GetHeaders("x-any")[1].Value()},
			{string(m.Body()), string(req.Body())},
		} {
			if pair[0] != pair[1] {
				t.Fatalf("got %q, sipgo has %q, of %q", pair[0], pair[1], text)
			}
		}
		if m.CSeq().Number != req.CSeq().SeqNo || hops != int(req.MaxForwards().Val()) || len(m.Vias()) != len(req.GetHeaders("Via")) {
			t.Fatalf("got %v, %d and %d Vias, of %q", m.CSeq(), hops, len(m.Vias()), text)
		}
	})
}

func TestOptions(t *testing.T) {
	data, err := Options("sip:biloxi.example.com;transport=tls", "sip:tester@atlanta.example.com", RequestOptions{
		SentBy: "[::1]:5061", Branch: "z9hG4bKb", CallID: "c", FromTag: "f", UserAgent: "tlsmgm", Extra: []string{"Accept: application/sdp"},
	})
	want := lines("OPTIONS sip:biloxi.example.com;transport=tls SIP/2.0", "Via: SIP/2.0/TLS [::1]:5061;rport;branch=z9hG4bKb",
		"Max-Forwards: 70", "From: <sip:tester@atlanta.example.com>;tag=f", "To: <sip:biloxi.example.com;transport=tls>",
		"Call-ID: c", "CSeq: 1 OPTIONS", "User-Agent: tlsmgm", "Accept: application/sdp", "Content-Length: 0", "", "")
	if err != nil || string(data) != want {
		t.Errorf("got error %v and\n%s\nwant\n%s", err, data, want)
	}
	first, err1 := Options("sip:h", "sip:a@b", RequestOptions{})
	second, err2 := Options("sip:h", "sip:a@b", RequestOptions{})
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	a, b := parse(t, string(first)), parse(t, string(second))
	if a.CallID() == b.CallID() || a.From().Tag == b.From().Tag || a.Via().Branch() == b.Via().Branch() {
		t.Errorf("two requests share an id:\n%s%s", first, second)
	}
	if !strings.HasPrefix(a.Via().Branch(), "z9hG4bK") {
		t.Errorf("branch %s", a.Via().Branch())
	}
}

func TestRequest(t *testing.T) {
	data, err := Request("MESSAGE", "tel:+1", "sips:a:p@[::1]:5061", RequestOptions{To: "sip:x@y", Extra: []string{"Content-Type: text/plain"}, Body: []byte("hi\r\n")})
	if err != nil {
		t.Fatal(err)
	}
	m := parse(t, string(data))
	if m.Method() != "MESSAGE" || m.RequestURI() != "tel:+1" || m.To().URI != "sip:x@y" || string(m.Body()) != "hi\r\n" || m.From().URI != "sips:a:p@[::1]:5061" {
		t.Errorf("got\n%s", data)
	}
	for name, tt := range map[string]struct {
		method, target, from string
		options              RequestOptions
		want                 string
	}{
		"target": {"X", "h", "sip:a@b", RequestOptions{}, `build X: target: expected a URI that begins with a scheme such as "sip:"`},
		"from":   {"X", "sip:h", "sip:a b", RequestOptions{}, "build X: from: unexpected ' ' in a URI"},
		"to":     {"X", "sip:h", "sip:a", RequestOptions{To: "sip:a>"}, "build X: to: unexpected '>' in a URI"},
		"extra":  {"X", "sip:h", "sip:a", RequestOptions{Extra: []string{"To: x"}}, `build X: header "To": expected one that the message does not have by itself`},
		"params": {"X", "sip:h;a=1;a=2", "sip:a", RequestOptions{}, "build X: target: expected a URI without leading zeros in its port and without repeated parameters"},
		"many":   {"X", "sip:h" + strings.Repeat(";a", 200), "sip:a", RequestOptions{}, "build X: target: expected at most 100 parameters"},
		"method": {"X Y", "sip:h", "sip:a", RequestOptions{}, `build X Y: malformed SIP message: line 1: expected a method, a URI and a version with one space between them, found "X Y sip:h SIP/2.0"`},
		"branch": {"X", "sip:h", "sip:a", RequestOptions{Branch: "a;b"}, "build X: expected a branch, tag, Call-ID and user agent that can stand in a header"},
		"call":   {"X", "sip:h", "sip:a", RequestOptions{CallID: "a\r\nX: b"}, "build X: expected a branch, tag, Call-ID and user agent that can stand in a header"},
	} {
		if data, err := Request(tt.method, tt.target, tt.from, tt.options); data != nil || err == nil || err.Error() != tt.want {
			t.Errorf("%s: got error %v and %q, want %s", name, err, data, tt.want)
		}
	}
}
