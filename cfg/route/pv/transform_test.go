package pv

import (
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
)

const someURI = "sip:bob:pw@biloxi.example:5070;transport=tls;ttl=1;user=phone;maddr=239.1.1.1;method=INVITE;lr=on;r2=on;x?Subject=x"

// transformRows has at least a right and a wrong input for each transformation.
// What stands in the braces is applied to in.
var transformRows = []struct {
	in   Value
	tr   string
	want Value
}{
	{text("abc"), "s.len", num(3)},
	{num(-12), "s.len", num(3)},
	{text("12"), "s.int", num(12)},
	{text("-7"), "s.int", num(-7)},
	{text("2868.12 sec"), "s.int", num(2868)},
	{text("x"), "s.int", num(0)},
	{text(""), "s.int", num(0)},
	{text("4294967297"), "s.int", num(1)},
	{BothValue("007", 7), "s.int", num(7)},
	{text("abc"), "s.md5", text("900150983cd24fb0d6963f7d28e17f72")},
	{num(1), "s.md5", text("c4ca4238a0b923820dcc509a6f75849b")},
	{text("onetwothree"), "s.reverse", text("eerhtowteno")},
	{text(""), "s.reverse", text("")},
	{text("abcd"), "s.substr,1,0", text("bcd")},
	{text("abcd"), "s.substr,1,2", text("bc")},
	{text("abcd"), "s.substr,1,9", text("bcd")},
	{text("abcd"), "s.substr,-2,1", text("c")},
	{text("abcd"), "s.substr,-2,0", text("cd")},
	{text("abcd"), "s.substr, 0 , -1", text("abc")},
	{text("abcd"), "s.substr,0,-9", nul},
	{text("abcd"), "s.substr,4,0", nul},
	{text("abcd"), "s.substr,-5,0", nul},
	{text("abcd"), "s.substr,$param(2),0", text("cd")},
	{text("abcd"), "s.substr,0,$param(2)", text("ab")},
	{text("abcd"), "s.substr,$param(1),0", nul},
	{text("abcd"), "s.substr,$param(9),0", nul},
	{text("abcd"), "s.substr,$(param(2){s.int}),$(rm{s.len})", text("cd")},
	{text("12,34,56"), "s.select,1,,", text("34")},
	{text("12,34,56"), "s.select,-2,,", text("34")},
	{text("12,34,56"), "s.select,-1,,", text("56")},
	{text("12,34,56"), "s.select,3,,", nul},
	{text("12,34,56"), "s.select,-4,,", nul},
	{text("a b"), "s.select,1, ", text("b")},
	{text("a;;b"), "s.select,1,;", text("")},
	{text("a/b"), "s.select,$param(2),/", nul},
	{text("a/b/c"), "s.select,$param(2),/", text("c")},
	{text("AbZ-É"), "s.tolower", text("abz-É")},
	{num(5), "s.tolower", text("5")},
	{text("AbZ@[`{"), "s.toupper", text("ABZ@[`{")},
	{text("x1"), "s.toupper", text("X1")},
	{text("onetwothreeone"), "s.index,one", num(0)},
	{text("onetwothreeone"), "s.index, one, 3", num(11)},
	{text("onetwothreeone"), "s.index, one, -11", num(11)},
	{text("onetwothreeone"), "s.index, one, -25", num(11)},
	{text("onetwothreeone"), "s.index, one, 14", nul},
	{text("onetwothreeone"), "s.index,four", nul},
	{text(""), "s.index,a,-1", nul},
	{text("INVITE x"), "s.index,$rm", num(0)},
	{text("x"), "s.index,$param(9)", nul},
	{text("x"), "s.index,x,$param(1)", nul},
	{text("onetwothreeone"), "s.rindex,one", num(11)},
	{text("onetwothreeone"), "s.rindex,one,-3", num(11)},
	{text("onetwothreeone"), "s.rindex,one,11", num(11)},
	{text("onetwothreeone"), "s.rindex,one,-4", num(0)},
	{text("onetwothreeone"), "s.rindex,one,99", num(11)},
	{text("onetwothreeone"), "s.rindex,two,1", nul},
	{text("485"), "s.fill.left, 0, 3", text("485")},
	{text("485"), "s.fill.left, 0, 6", text("000485")},
	{text("485"), "s.fill.left, abc, 8", text("bcabc485")},
	{num(485), "s.fill.left,0,5", text("00485")},
	{text("485"), "s.fill.left,0,99999", nul},
	{text("485"), "s.fill.left,0,$param(1)", nul},
	{num(485), "s.fill.right, 0, 3", num(485)},
	{num(485), "s.fill.right, 0, 6", text("485000")},
	{text("485"), "s.fill.right, abc, 8", text("485abcab")},
	{text("485"), "s.fill.right,$param(9),8", nul},
	{text("transformation"), "s.width, 14", text("transformation")},
	{text("transformation"), "s.width, 16", text("transformation  ")},
	{text("transformation"), "s.width, 9", text("transform")},
	{text("transformation"), "s.width,0", nul},
	{text("transformation"), "s.width,70000", nul},
	{text("transformation"), "s.width,$param(2)", text("tr")},
	{text("\t \n in put  \r  "), "s.trim", text("in put")},
	{text("\t \n in put  \r  "), "s.trimr", text("\t \n in put")},
	{text("\t \n in put  \r  "), "s.triml", text("in put  \r  ")},
	{num(4), "s.trim", text("4")},
	{text(""), "s.triml", text("")},
	{text(" "), "s.trimr", text("")},
	{num(255), "s.dec2hex", text("ff")},
	{text("-1"), "s.dec2hex", text("ffffffff")},
	{text("x"), "s.dec2hex", nul},
	{text("ff"), "s.hex2dec", num(255)},
	{text("FFFFFFFF"), "s.hex2dec", num(-1)},
	{num(9), "s.hex2dec", num(9)},
	{text("fffffffff"), "s.hex2dec", nul},
	{text("g"), "s.hex2dec", nul},
	{text("a\xff"), "s.encode.hexa", text("61ff")},
	{num(1), "s.encode.hexa", text("31")},
	{text("61fF"), "s.decode.hexa", text("a\xff")},
	{text("616"), "s.decode.hexa", text("a")},
	{text("xy"), "s.decode.hexa", nul},
	{text("\x02\x03\x04\x05!@#%^&*"), "s.b64encode", text("AgMEBSFAIyVeJio=")},
	{text(""), "s.b64encode", text("")},
	{text("AgMEBSFAIyVeJio="), "s.b64decode", text("\x02\x03\x04\x05!@#%^&*")},
	{text("YWI!rest"), "s.b64decode", text("ab")},
	{text("YWJjZ"), "s.b64decode", text("abc")},
	{text("!"), "s.b64decode", text("")},
	{text("a'b\"c\\\x00"), "s.escape.common", text(`a\'b\"c\\\0`)},
	{num(1), "s.escape.common", text("1")},
	{text(`a\'b\"c\\\0\x\`), "s.unescape.common", text("a'b\"c\\\x00\\x\\")},
	{text("plain"), "s.unescape.common", text("plain")},
	{text("a b@c;d"), "s.escape.user", text("a%20b%40c;d")},
	{text("a\n"), "s.escape.user", nul},
	{text("a%20b%40"), "s.unescape.user", text("a b@")},
	{text("a%0a"), "s.unescape.user", nul},
	{text("a%zz"), "s.unescape.user", nul},
	{text("a%2"), "s.unescape.user", nul},
	{text("a b@c;d:"), "s.escape.param", text("a%20b%40c%3bd:")},
	{text("\x7f"), "s.escape.param", nul},
	{text("%3b"), "s.unescape.param", text(";")},
	{text("%"), "s.unescape.param", nul},
	{text("aab"), "s.xor,a", text("\x00\x00\x03")},
	{text("aab"), "s.xor,$param(9)", nul},
	{text("m=$rm $$"), "s.eval", text("m=INVITE $")},
	{text("plain"), "s.eval", text("plain")},
	{text("$nothing"), "s.eval", nul},
	{text("$"), "s.eval", nul},
	{text("$(avp(self){s.eval})"), "s.eval", text("<null>")},
	{text("Thu, 13 Jun 2024 12:48:00 GMT"), "s.date2unix", num(1718282880)},
	{text("yesterday"), "s.date2unix", nul},

	{text(someURI), "uri.user", text("bob")},
	{text("sip:h"), "uri.user", nul},
	{text("x y"), "uri.user", nul},
	{num(5), "uri.user", nul},
	{text(someURI), "uri.passwd", text("pw")},
	{text("sip:h"), "uri.passwd", nul},
	{text(someURI), "uri.host", text("biloxi.example")},
	{text(someURI), "uri.domain", text("biloxi.example")},
	{text("sip:[2001:db8::1]:5"), "uri.host", text("[2001:db8::1]")},
	{text(""), "uri.host", nul},
	{text(someURI), "uri.port", BothValue("5070", 5070)},
	{text("sip:h"), "uri.port", nul},
	{text("sip:h;a=1;b"), "uri.params", text("a=1;b")},
	{text("sip:h"), "uri.params", nul},
	{text(someURI), "uri.headers", text("Subject=x")},
	{text("sip:h"), "uri.headers", nul},
	{text(someURI), "uri.schema", text("sip")},
	{text("nothing"), "uri.schema", nul},
	{text(someURI), "uri.param,ttl", text("1")},
	{text(someURI), "uri.param, TTL", text("1")},
	{text(someURI), "uri.param,x", text("")},
	{text(someURI), "uri.param,none", nul},
	{text("x y"), "uri.param,a", nul},
	{text(someURI), "uri.param,$param(9)", nul},
	{text(someURI), "uri.transport", text("tls")},
	{text("sip:h"), "uri.transport", nul},
	{text(someURI), "uri.ttl", text("1")},
	{text("sip:h"), "uri.ttl", nul},
	{text(someURI), "uri.uparam", text("phone")},
	{text("sip:h"), "uri.uparam", nul},
	{text(someURI), "uri.maddr", text("239.1.1.1")},
	{text("sip:h"), "uri.maddr", nul},
	{text(someURI), "uri.method", text("INVITE")},
	{text("sip:h"), "uri.method", nul},
	{text(someURI), "uri.lr", text("on")},
	{text("sip:h;lr"), "uri.lr", nul},
	{text(someURI), "uri.r2", text("on")},
	{text("sip:h"), "uri.r2", nul},

	{text("SIP / 2.0/UDP 192.0.2.1:5060 ;branch=z9hG4bK1;rport;received=192.0.2.2"), "via.name", text("SIP")},
	{text("UDP h"), "via.name", nul},
	{text("SIP/2.0/UDP h"), "via.version", text("2.0")},
	{text("x"), "via.version", nul},
	{text("SIP/2.0/TLS h"), "via.transport", text("TLS")},
	{text("SIP/2.0/TLS"), "via.transport", nul},
	{text("SIP/2.0/TLS [2001:db8::1]:7;a=b"), "via.host", text("[2001:db8::1]")},
	{text("SIP/2.0/TLS h, SIP/2.0/UDP i"), "via.domain", text("h")},
	{text("SIP/2.0/TLS a b"), "via.host", nul},
	{text("SIP/2.0/TLS h:7"), "via.port", BothValue("7", 7)},
	{text("SIP/2.0/TLS h"), "via.port", nul},
	{text("SIP/2.0/TLS h (c)"), "via.comment", text("c")},
	{text("SIP/2.0/TLS h"), "via.comment", nul},
	{text("SIP/2.0/TLS h;branch=z;rport"), "via.params", text("branch=z;rport")},
	{text("SIP/2.0/TLS h"), "via.params", nul},
	{text("SIP/2.0/TLS h;branch=z;rport"), "via.param,rport", text("")},
	{text("SIP/2.0/TLS h;branch=z;rport"), "via.param,other", nul},
	{text("x"), "via.param,other", nul},
	{text("SIP/2.0/TLS h;branch=z;rport"), "via.branch", text("z")},
	{text("SIP/2.0/TLS h"), "via.branch", nul},
	{text("SIP/2.0/TLS h;received=1.2.3.4"), "via.received", text("1.2.3.4")},
	{text("SIP/2.0/TLS h"), "via.received", nul},
	{text("SIP/2.0/TLS h;rport=5"), "via.rport", text("5")},
	{text("SIP/2.0/TLS h;rport"), "via.rport", nul},

	{text("a=1;b=2;c=3"), "param.value,c", text("3")},
	{text(`a="x;y" ; B = 2`), "param.value, b", text("2")},
	{text(`a="x;y"`), "param.value,a", text("x;y")},
	{text("a;b"), "param.value,a", text("")},
	{text("a=1"), "param.value,z", nul},
	{text(""), "param.value,a", nul},
	{text("first=5"), "param.value,$param(1)", text("5")},
	{text("a=0;b=2;ob;c=3"), "param.exist,ob", num(1)},
	{text("a=0;b=2;ob;c=3"), "param.exist,foo", num(0)},
	{text(""), "param.exist,foo", nul},
	{text("a=1;b=2;c=3"), "param.valueat,1", text("2")},
	{text("a=1;b=2;c=3"), "param.valueat,-1", text("3")},
	{text("a=1;b=2;c=3"), "param.valueat,3", nul},
	{text("a=1;b=2;c=3"), "param.valueat,-4", nul},
	{text("a=1;b=2;c=3"), "param.valueat,$param(2)", text("3")},
	{text("a=1;b=2;c=3"), "param.name,1", text("b")},
	{text("a=1;b=2;c=3"), "param.name,9", nul},
	{text("a=1;b=2;c=3"), "param.name,$rm", nul},
	{text("a=1;b=2;c=3;"), "param.count", num(3)},
	{text(""), "param.count", nul},

	{text(`"te;st" <sip:test@h>;tag=x`), "nameaddr.name", text(`"te;st"`)},
	{text("<sip:test@h>"), "nameaddr.name", nul},
	{text(`"test" <sip:test@h;a=b>;tag=x`), "nameaddr.uri", text("sip:test@h;a=b")},
	{text(`sip:test@h;tag=x`), "nameaddr.uri", text("sip:test@h")},
	{text(`"test <sip:test@h>`), "nameaddr.uri", nul},
	{text(`"test" <sip:test@h>;tag=x`), "nameaddr.len", num(19)},
	{text("<"), "nameaddr.len", nul},
	{text(`<sip:test@h>;tag=x;private=yes`), "nameaddr.param,private", text("yes")},
	{text(`<sip:test@h>;tag=x`), "nameaddr.param,none", nul},
	{text(`<`), "nameaddr.param,none", nul},
	{text(`<sip:test@h>;tag=x;private=yes`), "nameaddr.params", text("tag=x;private=yes")},
	{text(`<sip:test@h>`), "nameaddr.params", nul},

	{text("192.0.2.1"), "ip.pton", text("\xc0\x00\x02\x01")},
	{text("193.668.3.634"), "ip.pton", nul},
	{text("\xc0\x00\x02\x01"), "ip.ntop", text("192.0.2.1")},
	{text("abc"), "ip.ntop", nul},
	{text("abcd"), "ip.family", text("INET")},
	{text("abcdabcdabcdabcd"), "ip.family", text("INET6")},
	{text("192.0.2.1"), "ip.family", nul},
	{text("192.0.2.1"), "ip.isip", num(1)},
	{text("[2001:db8::1]"), "ip.isip", num(1)},
	{text("[192.0.2.1]"), "ip.isip", num(0)},
	{text("192.0.2.1.1"), "ip.isip", num(0)},
	{text(""), "ip.isip", nul},
	{text("192.0.2.1"), "ip.isip4", num(1)},
	{text("2001:db8::1"), "ip.isip4", num(0)},
	{text("2001:db8::1"), "ip.isip6", num(1)},
	{text("fe80::1%eth0"), "ip.isip6", num(0)},
	{text("10.1.2.3"), "ip.isprivate", num(1)},
	{text("100.64.0.1"), "ip.isprivate", num(1)},
	{text("192.0.2.1"), "ip.isprivate", num(0)},
	{text("x"), "ip.isprivate", num(0)},
	{text("10.10.0.7"), "ip.matches,10.10.0.1/24", num(1)},
	{text("10.10.1.7"), "ip.matches,10.10.0.1/24", num(0)},
	{text("2001:db8::1"), "ip.matches,10.10.0.1/24", nul},
	{text("x"), "ip.matches,10.10.0.1/24", nul},
	{text("10.10.0.7"), "ip.matches,$rm", nul},

	{text("a,b,c"), "csv.count", num(3)},
	{text(`"a,""b""",c`), "csv.count", num(2)},
	{text(`"a`), "csv.count", nul},
	{text("a,b,"), "csv.count", num(3)},
	{text("a,b,c"), "csv.value,2", text("c")},
	{text(`"a,""b""",c`), "csv.value,0", text(`a,"b"`)},
	{text("a,b,c"), "csv.value,-3", text("a")},
	{text("a,b,c"), "csv.value,3", nul},
	{text(`"a"x,b`), "csv.value,0", nul},

	{text(sdp), "sdp.line,a", text("a=x")},
	{text(sdp), "sdp.line, a, 1", text("a=y")},
	{text(sdp), "sdp.line,a,2", nul},
	{text(sdp), "sdp.line,z", nul},
	{text(sdp), "sdp.line,a,-1", nul},
	{text("v=0\r\nm=audio 1\r\na=1\r\nm=video 2\r\na=2\r\n"), "sdp.stream,audio", text("m=audio 1\r\na=1\r\n")},
	{text("v=0\r\nm=audio 1\r\na=1\r\nm=video 2\r\na=2\r\n"), "sdp.stream,-1", text("m=video 2\r\na=2\r\n")},
	{text("v=0\r\nm=audio 1\r\n"), "sdp.stream,1", nul},
	{text("v=0\r\n"), "sdp.stream,video", nul},

	{text("abc"), "re.subst,/b/B/", text("aBc")},
	{text("abab"), "re.subst,/a/A/", text("Abab")},
	{text("abab"), "re.subst,/a/A/g", text("AbAb")},
	{text("ABAB"), "re.subst,/a/x/gi", text("xBxB")},
	{text("abc"), "re.subst,/z/Z/", text("abc")},
	{text("x;otg=5;y"), `re.subst,/(.*);otg=([^;]*)(.*)/\1\3/`, text("x;y")},
	{text("abc"), `re.subst,/b/[\0]/`, text("a[b]c")},
	{text("a/b"), `re.subst,/\//|/`, text("a|b")},
	{text("a/b"), `re.subst,#/#\#\\#`, text(`a#\b`)},
	{text("aaa"), `re.subst,/^a\{2\}/b/`, text("ba")},
	{text("abc"), "re.subst,/b/$rm/", text("aINVITEc")},
	{text("a\nb"), "re.subst,/a.b/x/", text("a\nb")},
	{text("a\nb"), "re.subst,/a.b/x/s", text("x")},
	{text("abc"), "re.subst,$avp(re)", text("aXc")},
	{text("abc"), "re.subst,$param(1)", nul},
	{text("abc"), "re.subst,$param(9)", nul},
	{text(""), "re.subst,/a/b/", nul},
	{text(strings.Repeat("a", 60000)), "re.subst,/a/bb/g", nul},
}

func applied(t testing.TB, s *Scope, in Value, tr string) Value {
	t.Helper()
	give(s, "in", in)
	return read(t, s, "$(avp(in){"+tr+"})")
}

func TestTransformations(t *testing.T) {
	s := testScope(t)
	give(s, "self", text("$(avp(self){s.eval})"))
	give(s, "re", text("/b/X/"))
	for _, tt := range transformRows {
		if got := applied(t, s, tt.in, tt.tr); got != tt.want {
			t.Errorf("%.60q {%s}: got %#v, want %#v", tt.in, tt.tr, got, tt.want)
		}
		if got := applied(t, s, nul, tt.tr); !got.IsNull() {
			t.Errorf("NULL {%s}: got %#v", tt.tr, got)
		}
	}
}

// TestTransformationsCovered fails for one with fewer than two rows.
func TestTransformationsCovered(t *testing.T) {
	rows := map[string]int{}
	for _, tt := range transformRows {
		name, _, _ := strings.Cut(tt.tr, ",")
		rows[name]++
	}
	for name := range transformations() {
		if rows[name] < 2 {
			t.Errorf("{%s} has %d rows", name, rows[name])
		}
	}
	for name, real := range aliases {
		if _, ok := transformations()[real]; !ok {
			t.Errorf("{%s} is another name for {%s}, which there is not", name, real)
		}
	}
}

func TestChain(t *testing.T) {
	s := testScope(t)
	for row, want := range map[string]Value{
		"$(ru{uri.user}{s.toupper}{s.len})":                         num(3),
		"$(hdr(X-None){s.len}{s.md5})":                              nul,
		"$(si{ip.pton}{ip.family})":                                 text("INET"),
		"$(param(1){param.value,$(param(1){param.name,0})}{s.len})": num(0),
		"$(ru {s.len})":                                             nul,
		"$(ru{S.LEN})":                                              num(57),
		"$(ru{uri.user} {s.len})":                                   num(3),
	} {
		v, err := compileText(row)
		if err != nil {
			if want != nul {
				t.Errorf("%s: %v", row, err)
			}
			continue
		}
		if got := v.Get(s); got != want {
			t.Errorf("%s: got %#v, want %#v", row, got, want)
		}
	}
}

// TestIntOfOldVersions: 2.2 made {s.int} permissive.
func TestIntOfOldVersions(t *testing.T) {
	s := testScope(t)
	s.Version = catalogue.Version(2<<8 | 1)
	if got := applied(t, s, text("5 sec"), "s.int"); !got.IsNull() {
		t.Errorf("2.1: got %v", got)
	}
	if got := applied(t, s, text("5"), "s.int"); got != num(5) {
		t.Errorf("2.1: got %v", got)
	}
	s.Version = catalogue.Version(2<<8 | 2)
	if got := applied(t, s, text("5 sec"), "s.int"); got != num(5) {
		t.Errorf("2.2: got %v", got)
	}
}

// TestEvalKeepsUp: what is kept of the last text is not used for another.
func TestEvalKeepsUp(t *testing.T) {
	s := testScope(t)
	eval, subst := compiled(t, "$(var(f){s.eval})"), compiled(t, "$(var(t){re.subst,$var(e)})")
	s.SetVar("t", text("abc"))
	for _, step := range []struct{ format, out, expression, replaced string }{
		{"$rm", "INVITE", "/a/1/", "1bc"},
		{"$rm", "INVITE", "/a/1/", "1bc"},
		{"$rs-", "<null>-", "/c/2/", "ab2"},
		{"$bad", "<null>", "bad", "<null>"},
		{"$rm", "INVITE", "/a/1/", "1bc"},
	} {
		s.SetVar("f", text(step.format))
		s.SetVar("e", text(step.expression))
		if got := eval.Get(s).String(); got != step.out {
			t.Errorf("%q: got %q, want %q", step.format, got, step.out)
		}
		if got := subst.Get(s).String(); got != step.replaced {
			t.Errorf("%q: got %q, want %q", step.expression, got, step.replaced)
		}
	}
}

func TestRegex(t *testing.T) {
	for _, tt := range []struct {
		pattern, in, want string // what matches; "-" for nothing
		options           RegexOptions
	}{
		{"a|ab", "xab", "ab", RegexOptions{}}, // the longest
		{"A", "a", "a", RegexOptions{IgnoreCase: true}},
		{"[[:digit:]]+", "a12b", "12", RegexOptions{}},
		{"[]a]+", "x]a]", "]a]", RegexOptions{}},
		{"[^]a]", "]ab", "b", RegexOptions{}},
		{`[\d]`, "5d", "d", RegexOptions{}},
		{`[\]+`, `a\`, `\`, RegexOptions{}},
		{"[a-]+", "b-a", "-a", RegexOptions{}},
		{"[-a]+", "b-a", "-a", RegexOptions{}},
		{`\w+`, "-ab-", "ab", RegexOptions{}},
		{`\<b`, "ab b", "b", RegexOptions{}},
		{`\.`, "a.b", ".", RegexOptions{}},
		{`a\+`, "aa+", "a+", RegexOptions{}},
		{"a*?b", "aab", "aab", RegexOptions{}},
		{"a+*", "aa", "aa", RegexOptions{}},
		{"a{2}", "aaa", "aa", RegexOptions{}},
		{"a{,2}b", "aab", "aab", RegexOptions{}},
		{"^b$", "a\nb", "b", RegexOptions{Lines: true}},
		{"^b$", "a\nb", "-", RegexOptions{}},
		{"a.b", "a\nb", "a\nb", RegexOptions{}},
		{"a.b", "a\nb", "-", RegexOptions{Lines: true}},
		{"a[^x]b", "a\nb", "-", RegexOptions{Lines: true}},
		{"a[^x]b", "a\nb", "a\nb", RegexOptions{}},
		{"a\\`b", "ab", "-", RegexOptions{}},
		{"b\\'", "bab", "b", RegexOptions{}},
	} {
		re, err := CompileRegex(tt.pattern, tt.options)
		if err != nil {
			t.Errorf("%q: %v", tt.pattern, err)
			continue
		}
		got := "-"
		if m := re.FindStringIndex(tt.in); m != nil {
			got = tt.in[m[0]:m[1]]
		}
		if got != tt.want {
			t.Errorf("%q in %q: got %q, want %q", tt.pattern, tt.in, got, tt.want)
		}
	}
	for pattern, want := range map[string]string{
		"(": "missing", "*a": "nothing to repeat", "(?i)a": "nothing to repeat", "a|*": "nothing to repeat", "[a": "not closed", "a{": "not closed", "a{x}": "number of times",
		"a{1}{2}": "not run", `(a)\1`: "back references", "[[.a.]]": "back references", "[[:alpha:": "not closed", `a\`: "backslash", "{1}": "nothing to repeat", "a{1,2000}": "repeat",
	} {
		if _, err := CompileRegex(pattern, RegexOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", pattern, err, want)
		}
	}
}
