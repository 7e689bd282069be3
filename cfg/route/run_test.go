package route_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/route"
	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
	"github.com/opensips-tools/tlsmgm/parser"
)

const (
	v23 = catalogue.Version(2<<8 | 3)
	v24 = catalogue.Version(2<<8 | 4)
	v34 = catalogue.Version(3<<8 | 4)
)

const invite = "INVITE sip:bob@biloxi.com SIP/2.0\r\n" +
	"Via: SIP/2.0/TLS pc33.atlanta.com:5061;branch=z9hG4bK776asdhds\r\n" +
	"Max-Forwards: 70\r\n" +
	"To: Bob <sip:bob@biloxi.com>\r\n" +
	"From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n" +
	"Call-ID: a84b4c76e66710@pc33.atlanta.com\r\n" +
	"CSeq: 314159 INVITE\r\n" +
	"Contact: <sip:alice@pc33.atlanta.com>\r\n" +
	"Content-Length: 0\r\n\r\n"

// message is the INVITE with changes: pairs of old and new.
func message(t testing.TB, changes ...string) *sipmsg.Message {
	t.Helper()
	m, err := sipmsg.Parse([]byte(strings.NewReplacer(changes...).Replace(invite)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// scope is where the INVITE came in.
func scope(t testing.TB, version catalogue.Version, changes ...string) *pv.Scope {
	t.Helper()
	return &pv.Scope{
		Version: version, Message: message(t, changes...), Proto: "tls",
		Source: netip.MustParseAddrPort("198.51.100.7:40000"), Socket: netip.MustParseAddrPort("192.0.2.1:5061"),
		RouteType: "request_route",
	}
}

// compile compiles a script. The diagnostics of reading it are not looked at.
func compile(t testing.TB, version catalogue.Version, text string, o route.Options) (*route.Program, []string) {
	t.Helper()
	c, err := cfg.Parse("test.cfg", text, cfg.Options{Version: version, FS: parser.OS{}})
	if err != nil {
		t.Fatal(err)
	}
	p, list := route.Compile(c, o)
	var findings []string
	for _, d := range list {
		findings = append(findings, d.String())
	}
	return p, findings
}

// runText runs the actions of a request route.
func runText(t testing.TB, version catalogue.Version, actions string) route.Result {
	t.Helper()
	p, _ := compile(t, version, "route {\n"+actions+"\n}\n", route.Options{})
	return p.Run(t.Context(), scope(t, version), route.Env{})
}

func logged(r route.Result) string {
	var b strings.Builder
	for _, l := range r.Logs {
		b.WriteString(l.Text)
	}
	return b.String()
}

func valueOf(v any) pv.Value {
	switch v := v.(type) {
	case int:
		return pv.IntValue(int64(v))
	case string:
		return pv.TextValue(v)
	}
	return pv.Value{}
}
