package sipmsg

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// lines makes a message of lines, the last of which is the body.
func lines(text ...string) string { return strings.Join(text, "\r\n") }

// invite is a request with everything that most tests look at.
var invite = lines(
	"INVITE sips:Bob%20B@Biloxi.example.com:05061;Transport=tls;lr SIP/2.0",
	"v: SIP/2.0/TLS client.atlanta.example.com:5061;branch=z9hG4bK74bf9;rport",
	"Via: SIP / 2.0 / TCP [2001:db8::9]:5060 ;branch=z9hG4bK1, SIP/2.0/UDP 192.0.2.7",
	"max-forwards: 69",
	`f: "Alice \"A;\" Smith" <sips:alice@atlanta.example.com;user=phone?x=y>;tag=9fxced76sl;q="a;tag=no"`,
	"T: Bob",
	"\t<sips:bob@biloxi.example.com>",
	"Call-ID: 3848276298220188511@atlanta.example.com",
	"CSeq: 0002 \t INVITE",
	"Contact: <sips:alice@client.atlanta.example.com>;expires=10, \"B, b\" <sip:b@c>",
	"m: sip:c@d;q=0.5",
	"User-Agent: tester/1.0",
	"X-Seen: one",
	"c: application/sdp",
	"x-seen: two, three",
	"l: 5",
	"",
	"v=0\r\n",
)

func parse(t *testing.T, text string) *Message {
	t.Helper()
	m, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("parse %q: %v", text, err)
	}
	return m
}

func TestMessage(t *testing.T) {
	m := parse(t, "\r\n\n"+invite+"what comes after the body")
	for _, tt := range []struct {
		what      string
		got, want any
	}{
		{"IsRequest", m.IsRequest(), true},
		{"Method", m.Method(), "INVITE"},
		{"RequestURI", m.RequestURI(), "sips:Bob%20B@Biloxi.example.com:05061;Transport=tls;lr"},
		{"Version", m.Version(), "SIP/2.0"},
		{"Status", m.Status(), 0},
		{"From.Display", m.From().Display, `"Alice \"A;\" Smith"`},
		{"From.URI", m.From().URI, "sips:alice@atlanta.example.com;user=phone?x=y"},
		{"From.Tag", m.From().Tag, "9fxced76sl"},
		{"From.Params", m.From().Params, `tag=9fxced76sl;q="a;tag=no"`},
		{"To", m.To(), NameAddr{Display: "Bob", URI: "sips:bob@biloxi.example.com"}},
		{"CallID", m.CallID(), "3848276298220188511@atlanta.example.com"},
		{"CSeq", m.CSeq(), CSeq{2, "INVITE"}},
		{"ContentType", m.ContentType(), "application/sdp"},
		{"UserAgent", m.UserAgent(), "tester/1.0"},
		{"Via.Branch", m.Via().Branch(), "z9hG4bK74bf9"},
		{"Body", string(m.Body()), "v=0\r\n"},
		{"Raw", string(m.Raw()), invite},
		{"Len", m.Len(), len(invite)},
		{"unfolded", m.first("to"), "Bob <sips:bob@biloxi.example.com>"},
		{"Check", m.Check(), nil},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.what, tt.got, tt.want)
		}
	}
	if hops, ok := m.MaxForwards(); hops != 69 || !ok {
		t.Errorf("Max-Forwards: got %d, %t", hops, ok)
	}
}

func TestHeaders(t *testing.T) {
	m := parse(t, invite)
	contacts := []string{`<sips:alice@client.atlanta.example.com>;expires=10, "B, b" <sip:b@c>`, "sip:c@d;q=0.5"}
	for name, want := range map[string][]string{
		"X-Seen":         {"one", "two, three"},
		"x-SEEN":         {"one", "two, three"},
		"Contact":        contacts,
		"M":              contacts,
		"Content-Length": {"5"},
		"L":              {"5"},
		"call-id":        {"3848276298220188511@atlanta.example.com"},
		"i":              {"3848276298220188511@atlanta.example.com"},
		"Z":              nil,
		"":               nil,
		"Not-There":      nil,
	} {
		if got := m.Headers(name); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if _, ok := m.Header("Subject"); ok {
		t.Error("found a Subject")
	}
	var names []string
	for h := range m.All() {
		names = append(names, h.Name)
	}
	want := "v Via max-forwards f T Call-ID CSeq Contact m User-Agent X-Seen c x-seen l"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("order: got %s, want %s", got, want)
	}
}

func TestCompactNames(t *testing.T) {
	for short, long := range map[string]string{
		"a": "Accept-Contact", "b": "Referred-By", "c": "Content-Type", "d": "Request-Disposition", "e": "Content-Encoding",
		"f": "From", "i": "Call-ID", "J": "Reject-Contact", "k": "Supported", "l": "Content-Length", "m": "Contact",
		"n": "Identity-Info", "o": "Event", "r": "Refer-To", "s": "Subject", "t": "To", "U": "Allow-Events", "v": "Via",
		"x": "Session-Expires", "y": "Identity", "g": "g", "h": "h", "p": "p", "q": "q", "w": "w", "z": "z", "1": "1", "aa": "aa",
	} {
		if got := longName(short); got != long {
			t.Errorf("%s: got %s, want %s", short, got, long)
		}
	}
}

func TestShort(t *testing.T) {
	for text, want := range map[string]string{
		strings.Repeat("a", 60):        strings.Repeat("a", 60),
		strings.Repeat("a", 61):        strings.Repeat("a", 60) + "…",
		strings.Repeat("a", 59) + "äb": strings.Repeat("a", 59) + "…",
	} {
		if got := short(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestRedact(t *testing.T) {
	for text, want := range map[string]string{
		"REGISTER sip:a:pw@h SIP": "REGISTER sip:a:***@h SIP", "sip:a:p@w@h": "sip:a:***@h",
		"sip:a@h:5060": "sip:a@h:5060", "a:b": "a:b", "": "", "x@y": "x@y", "a:b@c": "a:b@c",
	} {
		if got := redact(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestNothingThere(t *testing.T) {
	m := parse(t, "OPTIONS sip:h SIP/2.0\r\n\r\n")
	hops, ok := m.MaxForwards()
	if (m.Via() != Via{}) || (m.From() != NameAddr{}) || m.Contacts() != nil || m.CallID() != "" || hops != 0 || ok || len(m.Body()) != 0 {
		t.Errorf("got %+v", m)
	}
}

func TestLists(t *testing.T) {
	m := parse(t, invite)
	vias := []Via{
		{"SIP", "2.0", "TLS", "client.atlanta.example.com", "5061", "branch=z9hG4bK74bf9;rport"},
		{"SIP", "2.0", "TCP", "[2001:db8::9]", "5060", "branch=z9hG4bK1"},
		{"SIP", "2.0", "UDP", "192.0.2.7", "", ""},
	}
	if !slices.Equal(m.Vias(), vias) {
		t.Errorf("Via: got %+v, want %+v", m.Vias(), vias)
	}
	if _, ok := m.Via().Param("RPORT"); !ok {
		t.Error("no rport in the topmost Via")
	}
	contacts := []NameAddr{
		{URI: "sips:alice@client.atlanta.example.com", Params: "expires=10"},
		{Display: `"B, b"`, URI: "sip:b@c"},
		{URI: "sip:c@d", Params: "q=0.5"},
	}
	if got := m.Contacts(); !slices.Equal(got, contacts) {
		t.Errorf("Contact: got %+v, want %+v", got, contacts)
	}
}

func TestStatusLine(t *testing.T) {
	const rest = "\r\nCSeq: 7 OPTIONS\r\n\r\n"
	for line, reason := range map[string]string{
		"SIP/2.0 200 OK": "OK", "SIP/2.0 200 ": "", "sip/2.0 200": "",
		"SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять": "= 2**3 * 5**2 но сто девяносто девять",
	} {
		m := parse(t, line+rest)
		if m.IsRequest() || m.Status() != 200 || m.Reason() != reason || m.Method() != "OPTIONS" || m.RequestURI() != "" {
			t.Errorf("%q: got %d %q of %s", line, m.Status(), m.Reason(), m.Method())
		}
	}
}

func TestNameAddr(t *testing.T) {
	for text, want := range map[string]NameAddr{
		`sip:a@b;tag=x`:                       {URI: "sip:a@b", Tag: "x", Params: "tag=x"},
		`sip:a@b?c=d ; TAG = x`:               {URI: "sip:a@b?c=d", Tag: "x", Params: "TAG = x"},
		`<sip:a@b;p>;;tag=x`:                  {URI: "sip:a@b;p", Tag: "x", Params: ";tag=x"},
		`< sip:a@b > ; isub`:                  {URI: "sip:a@b", Params: "isub"},
		`Bell, Alexander <sip:a@b>;tag=1`:     {Display: "Bell, Alexander", URI: "sip:a@b", Tag: "1", Params: "tag=1"},
		`"<sip:no@b>;tag=2" <sip:a@b>;tag=1`:  {Display: `"<sip:no@b>;tag=2"`, URI: "sip:a@b", Tag: "1", Params: "tag=1"},
		`"\\" <tel:+1;phone-context=x>`:       {Display: `"\\"`, URI: "tel:+1;phone-context=x"},
		`*`:                                   {URI: "*"},
		`sip:a@b;x="<";tag=3`:                 {URI: "sip:a@b", Tag: "3", Params: `x="<";tag=3`},
		`""<sip:a@b>`:                         {Display: `""`, URI: "sip:a@b"},
		`<urn:service:sos>;tag="q;r" ;tag=no`: {URI: "urn:service:sos", Tag: `"q;r"`, Params: `tag="q;r" ;tag=no`},
	} {
		got, err := ParseNameAddr(text)
		if err != nil || got != want {
			t.Errorf("%s: got %+v and error %v, want %+v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		``:                     "expected a URI",
		`  ;tag=x`:             "expected a URI",
		`<>`:                   "expected a URI",
		`"a <sip:secret@b>`:    "expected a URI without white space, quotes and brackets",
		`"a" sip:a@b`:          "expected a URI without white space, quotes and brackets",
		`<sip:a@b`:             `expected ">" after the URI`,
		`<sip:a@b> tag=x`:      `expected ";" after ">"`,
		`<sip:a@b>;x="y\"`:     "expected an end of the quoted string in the parameters",
		`<sip:a@b>, <sip:c@d>`: `expected ";" after ">"`,
	} {
		got, err := ParseNameAddr(text)
		if err == nil || err.Error() != want || got != (NameAddr{}) {
			t.Errorf("%s: got %+v and error %v, want %s", text, got, err, want)
		}
	}
}

func TestCSeq(t *testing.T) {
	for text, want := range map[string]CSeq{
		"1 INVITE": {1, "INVITE"}, "2147483647\tX": {2147483647, "X"}, "0 A": {0, "A"},
		"2147483648 INVITE": {}, "-1 INVITE": {}, "INVITE": {}, "1": {}, "1 A B": {}, "+1 A": {}, "": {},
	} {
		if got := parseCSeq(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestVia(t *testing.T) {
	for text, want := range map[string]Via{
		"SIP/2.0/TLS [::1] : 5061;a":         {"SIP", "2.0", "TLS", "[::1]", "5061", "a"},
		"SIP  / 2.0\t/ UDP h : 1 ; ttl=16 ;": {"SIP", "2.0", "UDP", "h", "1", "ttl=16 ;"},
		`SIP/2.0/UDP h;x="a;b"`:              {"SIP", "2.0", "UDP", "h", "", `x="a;b"`},
		"SIP/2.0/UDP":                        {}, "SIP/2.0 h": {}, "SIP/2.0/UDP [::1": {}, "SIP/2.0/UDP [::1]x": {},
		`SIP/2.0/UDP h;a="`: {}, "SIP/2.0/UDP h;a=<;b": {"SIP", "2.0", "UDP", "h", "", "a=<;b"},
		"SIP/2.0/UDP h:": {}, "SIP/2.0/UDP h:70000": {}, "SIP/2.0/UDP h:-1": {}, "SIP/2.0/UDP ;branch=1": {},
		"SIP/2.0/UDP [[::1]]": {}, "SIP/2.0/UDP [192.0.2.1]": {}, "/2.0/UDP h": {}, "": {}, "SIP/2.0/UDP a b": {},
	} {
		if got := parseVia(text); got != want {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
}

// edit replaces a line of a small request, or takes it out.
func edit(line, with string) string {
	text := small
	if with != "" {
		with += "\r\n"
	}
	return strings.Replace(text, line+"\r\n", with, 1)
}

var small = lines("OPTIONS sip:b@c SIP/2.0", "Via: SIP/2.0/TLS h;branch=z9hG4bK1", "From: <sip:a@b>;tag=1",
	"To: <sip:b@c>", "Call-ID: 1@h", "CSeq: 1 OPTIONS", "Max-Forwards: 70", "Content-Length: 0", "", "")

func TestMalformed(t *testing.T) {
	const first = "OPTIONS sip:b@c SIP/2.0"
	for name, tt := range map[string]struct {
		text   string
		kind   Kind
		status int
		want   string
	}{
		"empty":            {"\r\n\r\n", KindNotSIP, 0, "not a SIP message: expected a SIP message, found nothing"},
		"TLS":              {"\x16\x03\x01\x02\x00\x01", KindNotSIP, 0, "not a SIP message: expected a SIP message, found what looks like a TLS handshake"},
		"TLS alert":        {"\x15\x03\x01", KindNotSIP, 0, "not a SIP message: expected a SIP message, found what looks like a TLS alert"},
		"binary":           {"\x00\x01", KindNotSIP, 0, "not a SIP message: expected a SIP message, found one that begins with the byte 0x00"},
		"HTTP":             {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", KindNotSIP, 0, "not a SIP message: expected a SIP message, found what looks like an HTTP request"},
		"HTTP response":    {"HTTP/1.1 200 OK\r\n\r\n", KindNotSIP, 0, "not a SIP message: expected a SIP message, found what looks like an HTTP response"},
		"RTSP":             {"OPTIONS * RTSP/1.0\r\n\r\n", KindNotSIP, 0, "not a SIP message: expected a SIP message, found what looks like an RTSP request"},
		"SSH":              {"SSH-2.0-OpenSSH_9\r\n", KindNotSIP, 0, "not a SIP message: expected a SIP message, found what looks like the greeting of an SSH client"},
		"PROXY":            {"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", KindNotSIP, 0, "not a SIP message: expected a SIP message, found what looks like a PROXY protocol header"},
		"text":             {"hello sip:a:secret@b\r\n", KindNotSIP, 0, `not a SIP message: expected a first line of SIP, found "hello sip:a:***@b"`},
		"no end":           {strings.TrimSuffix(small, "\r\n"), KindSyntax, 400, "malformed SIP message: expected an empty line after the headers"},
		"spaces":           {edit(first, "OPTIONS  sip:b:pw@c SIP/2.0"), KindSyntax, 400, `malformed SIP message: line 1: expected a method, a URI and a version with one space between them, found "OPTIONS  sip:b:***@c SIP/2.0"`},
		"space at end":     {edit(first, first+" "), KindSyntax, 400, `malformed SIP message: line 1: expected a method, a URI and a version with one space between them, found "OPTIONS sip:b@c SIP/2.0 "`},
		"method":           {edit(first, "OPT(IONS sip:b@c SIP/2.0"), KindSyntax, 400, `malformed SIP message: line 1: expected a method, found "OPT(IONS"`},
		"version":          {edit(first, "OPTIONS sip:b@c SIP/7.0"), KindVersion, 505, `malformed SIP message: line 1: expected the version "SIP/2.0", found "SIP/7.0"`},
		"no version":       {edit(first, "OPTIONS sip:b@c XSIP/2"), KindSyntax, 400, `malformed SIP message: line 1: expected the version "SIP/2.0", found "XSIP/2"`},
		"status":           {edit(first, "SIP/2.0 4294967301 better not"), KindSyntax, 0, `malformed SIP message: line 1: expected a status code from 100 to 699, found "4294967301"`},
		"status 99":        {edit(first, "SIP/2.0 099 x"), KindSyntax, 0, `malformed SIP message: line 1: expected a status code from 100 to 699, found "099"`},
		"no colon":         {edit("Max-Forwards: 70", "Authorization Digest secret"), KindSyntax, 400, `malformed SIP message: line 7: expected a header name with a colon, found "Authorization …"`},
		"name":             {edit("Max-Forwards: 70", "Max Forwards: 70"), KindSyntax, 400, `malformed SIP message: line 7: expected a header name before the colon, found "Max …"`},
		"credentials":      {edit("Max-Forwards: 70", `Authorization Digest response="secret", uri="sip:a"`), KindSyntax, 400, `malformed SIP message: line 7: expected a header name before the colon, found "Authorization …"`},
		"no name":          {edit("Max-Forwards: 70", ": 70"), KindSyntax, 400, `malformed SIP message: line 7: expected a header name before the colon, found ""`},
		"fold at start":    {edit(first, first+"\r\n x"), KindSyntax, 400, `malformed SIP message: line 2: expected a header, found a line that continues one`},
		"CR":               {edit("Max-Forwards: 70", "X: a\rb"), KindSyntax, 400, "malformed SIP message: line 7: unexpected NUL or carriage return in a header"},
		"folded CR":        {edit("Max-Forwards: 70", "X: a\r\n b\rc"), KindSyntax, 400, "malformed SIP message: line 7: unexpected NUL or carriage return in a header"},
		"NUL":              {edit("Max-Forwards: 70", "X: \"\\\x00\x00\""), KindSyntax, 400, "malformed SIP message: line 7: unexpected NUL or carriage return in a header"},
		"NUL in Via":       {edit("Via: SIP/2.0/TLS h;branch=z9hG4bK1", "Via: SIP/2.0/TLS h\x00"), KindSyntax, 0, "malformed SIP message: line 2: unexpected NUL or carriage return in a header"},
		"NUL at start":     {edit(first, "OPTIONS sip:b@c\x00 SIP/2.0"), KindSyntax, 400, "malformed SIP message: line 1: unexpected control character in the first line"},
		"negative length":  {edit("Content-Length: 0", "Content-Length: -999"), KindLength, 400, `malformed SIP message: Content-Length "-999": expected a number`},
		"huge length":      {edit("Content-Length: 0", "l: 99999999999999999999"), KindLength, 400, `malformed SIP message: Content-Length "99999999999999999999": expected a number below 2^31`},
		"different length": {edit("Content-Length: 0", "Content-Length: 0\r\nl: 1"), KindLength, 400, "malformed SIP message: expected one Content-Length, found 0 and 1"},
		"long length":      {edit("Content-Length: 0", "Content-Length: 7") + "123456", KindLength, 400, "malformed SIP message: Content-Length is 7, but the body has 6 bytes"},
		"ACK":              {strings.ReplaceAll(edit("Max-Forwards: 70", "x"), "OPTIONS", "ACK"), KindSyntax, 0, `malformed SIP message: line 7: expected a header name with a colon, found "x"`},
		"no Call-ID":       {strings.Replace(edit("Max-Forwards: 70", "x"), "Call-ID", "Call", 1), KindSyntax, 0, `malformed SIP message: line 7: expected a header name with a colon, found "x"`},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := Parse([]byte(tt.text))
			var malformed *MalformedError
			if m != nil || !errors.As(err, &malformed) {
				t.Fatalf("got message %v and error %v", m, err)
			}
			if err.Error() != tt.want {
				t.Errorf("got  %s\nwant %s", err, tt.want)
			}
			if malformed.Kind != tt.kind || malformed.Status != tt.status {
				t.Errorf("got kind %d, status %d, want %d, %d", malformed.Kind, malformed.Status, tt.kind, tt.status)
			}
			if tt.status == 0 {
				return
			}
			answer, err := Reply(malformed.Partial, malformed.Status, "", ReplyOptions{})
			if err != nil {
				t.Fatalf("answer: %v", err)
			}
			if got := parse(t, string(answer)).CallID(); got != "1@h" {
				t.Errorf("the answer has the Call-ID %q", got)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	for name, tt := range map[string]struct {
		line, with, want string
	}{
		"good":         {"Max-Forwards: 70", "Max-Forwards: 0", ""},
		"no From":      {"From: <sip:a@b>;tag=1", "", "expected one From header, found 0"},
		"two To":       {"To: <sip:b@c>", "To: <sip:b@c>\r\nt: <sip:b@c>", "expected one To header, found 2"},
		"bad From":     {"From: <sip:a@b>;tag=1", "From: <sip:a@b", "cannot read the From header"},
		"bad To":       {"To: <sip:b@c>", `To: "x <sip:b@c>`, "cannot read the To header"},
		"no Call-ID":   {"Call-ID: 1@h", "", "expected one Call-ID header, found 0"},
		"CSeq":         {"CSeq: 1 OPTIONS", "CSeq: 36893488147419103232 OPTIONS", `CSeq "36893488147419103232 OPTIONS": expected a number up to 2147483647 and a method`},
		"method":       {"CSeq: 1 OPTIONS", "CSeq: 1 INVITE", `expected the method "OPTIONS" in CSeq, found "INVITE"`},
		"case":         {"CSeq: 1 OPTIONS", "CSeq: 1 options", `expected the method "OPTIONS" in CSeq, found "options"`},
		"no Via":       {"Via: SIP/2.0/TLS h;branch=z9hG4bK1", "", "expected a Via header, found none"},
		"bad Via":      {"Via: SIP/2.0/TLS h;branch=z9hG4bK1", "Via: UDP h", `cannot read the topmost Via "UDP h"`},
		"Max-Forwards": {"Max-Forwards: 70", "Max-Forwards: many", `Max-Forwards "many": expected a number`},
	} {
		t.Run(name, func(t *testing.T) {
			err := parse(t, edit(tt.line, tt.with)).Check()
			if tt.want == "" {
				if err != nil {
					t.Errorf("got error %v", err)
				}
				return
			}
			var malformed *MalformedError
			if !errors.As(err, &malformed) || malformed.Kind != KindHeader || malformed.Problem != tt.want {
				t.Fatalf("got error %v, want %s", err, tt.want)
			}
			if repliable := !strings.Contains(tt.want, "found 0") && !strings.Contains(tt.want, "found none"); (malformed.Status == 400) != repliable {
				t.Errorf("got status %d", malformed.Status)
			}
		})
	}
}

func TestReadingTakesNoMemory(t *testing.T) {
	m := parse(t, invite)
	allocs := testing.AllocsPerRun(100, func() {
		_, _ = m.Header("x-seen")
		_ = m.Headers("m")
		_, _ = m.From().Param("q")
		_ = m.Via().Branch()
		_ = m.Method() + m.RequestURI()[:0]
		u, _ := ParseURI(m.RequestURI())
		_, _ = u.Param("lr")
	})
	if allocs > 0 {
		t.Errorf("reading takes %v pieces of memory", allocs)
	}
}
