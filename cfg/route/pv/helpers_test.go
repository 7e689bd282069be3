package pv

import (
	"crypto/tls"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
	"github.com/opensips-tools/tlsmgm/mgm/variables"
	"github.com/opensips-tools/tlsmgm/parser"
)

const invite = `INVITE sip:bob:pw@biloxi.example:5070;transport=tls;lr?Subject=x SIP/2.0
Via: SIP/2.0/TLS pc33.atlanta.example:5061;branch=z9hG4bK776asdhds;rport
Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx
Max-Forwards: 70
From: "Alice \"A\" Smith" <sip:alice@atlanta.example>;tag=1928301774
To: Bob <sip:bob@biloxi.example:5080>
Call-ID: a84b4c76e66710@pc33.atlanta.example
CSeq: 314159 INVITE
Contact: "Al" <sip:alice@pc33.atlanta.example>;q=0.7;expires=60, <sip:alice@192.0.2.4>
m: <sip:alice@192.0.2.5;transport=udp>;received="sip:1.2.3.4"
User-Agent: Phone/1.0
P-Asserted-Identity: "A" <sip:asserted@atlanta.example>
P-Preferred-Identity: "P" <sip:preferred@atlanta.example>
Remote-Party-ID: <sip:remote@atlanta.example>;party=calling
Refer-To: <sip:refer@atlanta.example>
Diversion: <sip:div@atlanta.example>;reason=user-busy;privacy="full"
Proxy-Authorization: Digest username="alice@home", realm="atlanta.example", nonce="n1", uri="sip:atlanta.example", response="r1", cnonce="c1", opaque="o1", algorithm=MD5, qop=auth, nc=00000001
X-Test: one
X-Test: two
X-Test: three
Content-Type: application/sdp
Content-Length: 36

v=0
m=audio 1 RTP/AVP 0
a=x
a=y
`

// message parses a text, whose lines end as those of SIP.
func message(t testing.TB, text string) *sipmsg.Message {
	t.Helper()
	m, err := sipmsg.Parse([]byte(strings.ReplaceAll(text, "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var noon = time.Date(2026, 11, 5, 12, 3, 4, 567890000, time.UTC)

// testScope has the INVITE, come in over TLS.
func testScope(t testing.TB) *Scope {
	t.Helper()
	s := plainScope(message(t, invite))
	ca := certtest.Root(t, "ca")
	s.TLS = &variables.Session{
		Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_256_GCM_SHA384,
		My: ca.Issue(t, "server").Certificate, Peer: ca.Issue(t, "client").Certificate,
		Verification: verify.Result{Code: verify.OK},
	}
	return s
}

// plainScope has a message without its TLS session.
func plainScope(m *sipmsg.Message) *Scope {
	return &Scope{
		Version:     catalogue.Default,
		Message:     m,
		Proto:       "tls",
		Source:      netip.MustParseAddrPort("192.0.2.1:40000"),
		Socket:      netip.MustParseAddrPort("198.51.100.7:5061"),
		Params:      []Value{TextValue("first"), IntValue(2)},
		ReturnCode:  -1,
		File:        "opensips.cfg",
		Line:        41,
		RouteType:   "request_route",
		MessageID:   7,
		Flags:       []string{"NAT", "ACC"},
		BranchFlags: []string{"B1"},
		Failure:     Failure{Class: 1, Level: 2, Code: 400, Info: "bad", Reason: "Bad Request"},
		LogLevel:    Level{Configured: 3},
		XlogLevel:   Level{Configured: 2},
		Now:         func() time.Time { return noon },
		Started:     noon.Add(-time.Hour),
	}
}

// compiled makes a variable of a text ready.
func compiled(t testing.TB, text string) *Variable {
	t.Helper()
	v, err := compileText(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func compileText(text string) (*Variable, error) {
	v, err := parser.ParseVar(text)
	if err != nil {
		return nil, err
	}
	return Compile(v)
}

// read is the value of a variable.
func read(t testing.TB, s *Scope, text string) Value {
	t.Helper()
	return compiled(t, text).Get(s)
}

// set writes a variable.
func set(t testing.TB, s *Scope, text string, v Value) error {
	t.Helper()
	c := compiled(t, text)
	if c.Set == nil {
		t.Fatalf("%s cannot be written", text)
	}
	return c.Set(s, v)
}

// give sets the values of an $avp, the newest last.
func give(s *Scope, name string, values ...Value) { *s.avps.at(name) = values }
