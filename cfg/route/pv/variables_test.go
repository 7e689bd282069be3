package pv

import (
	"errors"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/variables"
	"github.com/opensips-tools/tlsmgm/parser"
)

var (
	nul  = Value{}
	text = TextValue
	num  = IntValue
)

const sdp = "v=0\r\nm=audio 1 RTP/AVP 0\r\na=x\r\na=y\r\n"

// readRows is what each variable gives for the INVITE.
var readRows = map[string]Value{
	"$var(new)": num(0), "$avp(new)": nul, "$(avp(new)[0])": nul, "$(avp(new)[*])": nul, "$(avp(new)[append])": nul,
	"$param(1)": text("first"), "$param(2)": num(2), "$param(3)": nul, "$param($param(2))": num(2), "$param($rm)": nul,
	"$rc": num(-1), "$retcode": num(-1), "$cfg_line": num(41), "$cfg_file": text("opensips.cfg"), "$rT": text("request_route"),
	"$mi": num(7), "$mf": text("NAT ACC"), "$bf": text("B1"), "$msg.flag(ACC)": num(1), "$msg.flag(acc)": num(0),
	"$err.class": num(1), "$err.level": num(2), "$err.info": text("bad"), "$err.rcode": num(400), "$err.rreason": text("Bad Request"),
	"$log_level": num(3), "$xlog_level": num(2), "$C(xx)": text("\x1b[0;39;49m"), "$C(gb)": text("\x1b[0;32;44m"), "$$": text("$"),

	"$ru": text("sip:bob:pw@biloxi.example:5070;transport=tls;lr?Subject=x"), "$ruri": text("sip:bob:pw@biloxi.example:5070;transport=tls;lr?Subject=x"),
	"$rU": text("bob"), "$ruri.user": text("bob"), "$rd": text("biloxi.example"), "$ruri.domain": text("biloxi.example"),
	"$rp": BothValue("5070", 5070), "$rP": text("tls"), "$ru_q": num(-1),
	"$ou": text("sip:bob:pw@biloxi.example:5070;transport=tls;lr?Subject=x"), "$ouri": text("sip:bob:pw@biloxi.example:5070;transport=tls;lr?Subject=x"),
	"$oU": text("bob"), "$od": text("biloxi.example"), "$op": BothValue("5070", 5070), "$oP": text("tls"),
	"$du": nul, "$duri": nul, "$dd": nul, "$dp": nul, "$dP": nul, "$fs": nul, "$path": nul,
	"$branch": nul, "$branch(uri)": nul, "$(branch(uri)[*])": nul, "$(branch(q)[1])": nul,

	"$rm": text("INVITE"), "$rs": nul, "$rr": nul, "$msg.is_request": num(1), "$msg.type": text("request"),
	"$rb": text(sdp), "$(rb[*])": text(sdp), "$rb(application/sdp)": text(sdp), "$(rb[0])": text(sdp), "$(rb[1])": nul, "$rb(text/plain)": nul,
	"$fu": text("sip:alice@atlanta.example"), "$from": text("sip:alice@atlanta.example"), "$fU": text("alice"), "$from.user": text("alice"),
	"$fd": text("atlanta.example"), "$from.domain": text("atlanta.example"), "$fn": text(`"Alice \"A\" Smith"`), "$ft": text("1928301774"),
	"$tu": text("sip:bob@biloxi.example:5080"), "$to": text("sip:bob@biloxi.example:5080"), "$tU": text("bob"), "$to.user": text("bob"),
	"$td": text("biloxi.example"), "$to.domain": text("biloxi.example"), "$tn": text("Bob"), "$tt": nul,

	"$hdr(X-Test)": text("one"), "$hdr(x-test)": text("one"), "$(hdr(X-Test)[1])": text("two"), "$(hdr(X-Test)[-1])": text("three"),
	"$(hdr(X-Test)[3])": nul, "$(hdr(X-Test)[-4])": nul, "$(hdr(X-Test)[*])": text("one, two, three"), "$hdr(None)": nul, "$(hdr(None)[*])": nul,
	"$(hdr(X-Test)[$param(2)])": text("three"), "$(hdr(X-Test)[$rm])": nul, "$hdr($param(1))": nul, "$hdr(i)": text("a84b4c76e66710@pc33.atlanta.example"),
	"$hdrcnt(Via)": num(2), "$hdrcnt(v)": num(2), "$hdrcnt(None)": num(0), "$hdrcnt($param(1))": num(0),
	"$hdr_name": text("Via"), "$(hdr_name[2])": text("Max-Forwards"), "$(hdr_name[-1])": text("Content-Length"), "$(hdr_name[99])": nul,
	"$ci": text("a84b4c76e66710@pc33.atlanta.example"), "$cs": text("314159"), "$ua": text("Phone/1.0"), "$cl": BothValue("36", 36),
	"$cT": text("application/sdp"), "$(cT[0])": text("application/sdp"), "$(cT[*])": text("application/sdp,application/sdp"), "$(cT[1])": nul,
	"$ct": text(`"Al" <sip:alice@pc33.atlanta.example>;q=0.7;expires=60`), "$(ct[1])": text("<sip:alice@192.0.2.4>"), "$(ct[3])": nul,
	"$(ct[-1])":           text(`<sip:alice@192.0.2.5;transport=udp>;received="sip:1.2.3.4"`),
	"$ct.fields(name)":    text(`"Al"`),
	"$ct.fields(uri)":     text("sip:alice@pc33.atlanta.example"),
	"$ct.fields(q)":       text("0.7"),
	"$ct.fields(methods)": nul, "$ct.fields(expires)": text("60"), "$(ct.fields(received)[2])": text("sip:1.2.3.4"),
	"$ct.fields(params)": text("q=0.7;expires=60"), "$(ct.fields(name)[1])": nul,
	"$(ct.fields(uri)[*])": text("sip:alice@pc33.atlanta.example, sip:alice@192.0.2.4, sip:alice@192.0.2.5;transport=udp"),
	"$ai":                  text("sip:asserted@atlanta.example"), "$pu": text("sip:preferred@atlanta.example"), "$pU": text("preferred"),
	"$pd": text("atlanta.example"), "$pn": text(`"P"`), "$re": text("sip:remote@atlanta.example"), "$rt": text("sip:refer@atlanta.example"),
	"$di": text("sip:div@atlanta.example"), "$dip": text("full"), "$dir": text("user-busy"),

	"$aU": text("alice@home"), "$au": text("alice"), "$ad": text("home"), "$ar": text("atlanta.example"), "$adu": text("sip:atlanta.example"),
	"$an": text("n1"), "$auth.nonce": text("n1"), "$auth.resp": text("r1"), "$auth.cnonce": text("c1"), "$auth.opaque": text("o1"),
	"$auth.alg": text("MD5"), "$auth.qop": text("auth"), "$auth.nc": text("00000001"), "$Au": text("alice@atlanta.example"),

	"$si": text("192.0.2.1"), "$src_ip": text("192.0.2.1"), "$sp": num(40000), "$Ri": text("198.51.100.7"), "$Rp": num(5061),
	"$pr": text("tls"), "$proto": text("tls"), "$af": text("INET"),
	"$socket_in": text("tls:198.51.100.7:5061"), "$socket_in(ip)": text("198.51.100.7"), "$socket_in(port)": num(5061),
	"$socket_in(proto)": text("tls"), "$socket_in(af)": text("INET"), "$socket_out": text("tls:198.51.100.7:5061"), "$socket_out(forced)": nul,

	"$Ts": num(1793880184), "$Tsm": num(567890), "$TS": num(1793876584), "$Tf": text("Thu Nov  5 12:03:04 2026"),
	"$time(%Y-%m-%d %H:%M:%S)": text("2026-11-05 12:03:04"), "$time(plain)": text("plain"),
	"$tls_version": text("TLSv1.3"), "$tls_peer_verified": BothValue("1", 1),
}

func TestRead(t *testing.T) {
	s := testScope(t)
	for name, want := range readRows {
		got := read(t, s, name)
		if strings.HasPrefix(name, "$tls_") {
			got = text(got.String()) // of which type they are is not ours to say
			want = text(want.String())
		}
		if got != want {
			t.Errorf("%s: got %#v, want %#v", name, got, want)
		}
		if raw := compiled(t, name).Raw; raw != name {
			t.Errorf("%s is said to be %s", name, raw)
		}
	}
	if got := read(t, s, "$pp"); got != num(int64(os.Getpid())) {
		t.Errorf("$pp: got %v", got)
	}
	raw := strings.ReplaceAll(invite, "\n", "\r\n")
	if got := read(t, s, "$mb"); got != text(raw) {
		t.Errorf("$mb: got %q", got.Text)
	}
	if got := read(t, s, "$ml"); got != num(int64(len(raw))) {
		t.Errorf("$ml: got %v", got)
	}
}

// TestReadCoversAll fails for a variable that the table leaves out.
func TestReadCoversAll(t *testing.T) {
	covered := map[string]bool{"pp": true, "mb": true, "ml": true}
	for row := range readRows {
		v, err := parser.ParseVar(row)
		if err != nil {
			t.Fatal(err)
		}
		covered[v.Name] = true
	}
	for name := range table() {
		if !covered[name] {
			t.Errorf("no test reads $%s", name)
		}
	}
}

// TestTLS reads every variable of tls_mgm, which have to be those of the
// connection, and NULL without one.
func TestTLS(t *testing.T) {
	s := testScope(t)
	plain := testScope(t)
	plain.TLS = nil
	names := 0
	for _, version := range catalogue.Versions() {
		c := catalogue.For(version)
		m, ok := c.Module("tls_mgm")
		if !ok {
			continue
		}
		for _, name := range m.Variables {
			if !strings.HasPrefix(name, "tls_") {
				continue
			}
			names++
			v, ok := variables.Lookup(name)
			if !ok {
				t.Errorf("%s: no variable $%s", version, name)
				continue
			}
			if got, want := read(t, s, "$"+name), Value(v.Value(s.TLS)); got != want {
				t.Errorf("$%s: got %#v, want %#v", name, got, want)
			}
			if got := read(t, plain, "$"+name); !got.IsNull() {
				t.Errorf("$%s without TLS: got %#v", name, got)
			}
		}
	}
	if names < 40 {
		t.Errorf("only %d variables", names)
	}
	if _, err := compileText("$tls_version(x)"); err == nil {
		t.Error("$tls_version takes a name")
	}
	if _, err := compileText("$(tls_version[0])"); err == nil {
		t.Error("$tls_version takes an index")
	}
}

func TestReply(t *testing.T) {
	s := testScope(t)
	s.Message = message(t, "SIP/2.0 404 Not Found\nCSeq: 12 BYE\nFrom: <sip:a@b>\nTo: <sip:c@d>;tag=x\nCall-ID: 1\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\nContent-Length: 0\n\n")
	for name, want := range map[string]Value{
		"$rm": text("BYE"), "$rs": num(404), "$rr": text("Not Found"), "$ru": nul, "$rU": nul, "$rp": nul, "$rP": nul, "$ou": nul, "$od": nul,
		"$ru_q": nul, "$tt": text("x"), "$msg.type": text("reply"), "$msg.is_request": num(0), "$rb": nul, "$cT": nul, "$ua": nul, "$au": nul,
		"$Au": text("a@b"), "$fn": nul, "$ct": nul, "$cl": BothValue("0", 0), "$(rb[0])": nul, "$(cT[*])": nul, "$pd": nul,
	} {
		if got := read(t, s, name); got != want {
			t.Errorf("%s: got %#v, want %#v", name, got, want)
		}
	}
	for _, name := range []string{"$ru", "$rU", "$rd", "$rp", "$ru_q", "$branch"} {
		if err := set(t, s, name, text("1")); err == nil {
			t.Errorf("%s of a reply was set", name)
		}
	}
}

// TestNothing reads everything where there is no message, as in a startup_route.
func TestNothing(t *testing.T) {
	s := &Scope{}
	for name := range readRows {
		read(t, s, name)
	}
	for _, name := range []string{"$ru", "$rm", "$fu", "$tU", "$hdr(x)", "$hdrcnt(x)", "$ci", "$cs", "$si", "$sp", "$Ri", "$Rp", "$pr", "$mb", "$ml", "$rb", "$au", "$af", "$socket_in", "$socket_out", "$tls_version", "$param(1)", "$hdr_name", "$(hdr_name[*])"} {
		if got := read(t, s, name); !got.IsNull() {
			t.Errorf("%s: got %#v", name, got)
		}
	}
	if err := set(t, s, "$ru", text("sip:a@b")); err == nil {
		t.Error("$ru was set without a request")
	}
}

func TestOtherMessage(t *testing.T) {
	s := testScope(t)
	before := read(t, s, "$hdr(Call-ID)")
	s.Message = message(t, strings.Replace(strings.Replace(invite, "a84b4c76e66710", "other", 1), "sip:alice@", "sip:carol@", 1))
	if got := read(t, s, "$hdr(Call-ID)"); got == before || got.Text != "other@pc33.atlanta.example" {
		t.Errorf("$hdr(Call-ID) of the next message: got %v", got)
	}
	if got := read(t, s, "$fU"); got != text("carol") {
		t.Errorf("$fU of the next message: got %v", got)
	}
	s.Source = netip.MustParseAddrPort("[2001:db8::1]:5")
	if got := read(t, s, "$si"); got != text("2001:db8::1") {
		t.Errorf("$si: got %v", got)
	}
	if got := read(t, s, "$af"); got != text("INET6") {
		t.Errorf("$af: got %v", got)
	}
}

func TestMultipart(t *testing.T) {
	s := testScope(t)
	body := "--b\nContent-Type: application/sdp\n\nv=0\n--b\nContent-Type: text/plain; charset=utf-8\n\nhello\n--b--\n"
	head, _, _ := strings.Cut(invite, "Content-Type")
	s.Message = message(t, head+"Content-Type: multipart/mixed;boundary=b\n\n"+body)
	for name, want := range map[string]Value{
		"$(rb[0])": text("v=0"), "$(rb[-1])": text("hello"), "$rb(text/plain)": text("hello"), "$(rb(application/sdp)[-1])": text("v=0"), "$(rb[2])": nul,
		"$(cT[1])": text("text/plain; charset=utf-8"), "$(cT[*])": text("multipart/mixed;boundary=b,application/sdp,text/plain; charset=utf-8"),
	} {
		if got := read(t, s, name); got != want {
			t.Errorf("%s: got %#v, want %#v", name, got, want)
		}
	}
}

func TestDefaultsOfURI(t *testing.T) {
	for uri, want := range map[string]string{
		"sip:a@h": "udp 5060", "sips:a@h": "tls 5061", "sip:h;transport=TLS": "TLS 5061", "sip:h;transport=tcp": "tcp 5060", "sips:h;transport=tcp": "tcp 5061",
		"sip:h;transport=ws": "ws 80", "sip:h;transport=wss": "wss 443", "sip:h:7": "udp 7", "sip:[2001:db8::1]:8;transport=sctp": "sctp 8",
	} {
		s := testScope(t)
		if err := set(t, s, "$ru", text(uri)); err != nil {
			t.Fatal(err)
		}
		if err := set(t, s, "$du", text(uri)); err != nil {
			t.Fatal(err)
		}
		for _, pair := range [][2]string{{"$rP", "$rp"}, {"$dP", "$dp"}} {
			if got := read(t, s, pair[0]).String() + " " + read(t, s, pair[1]).String(); got != want {
				t.Errorf("%s: got %s, want %s", uri, got, want)
			}
		}
	}
}

func TestSetRequest(t *testing.T) {
	const keep = ""
	for _, tt := range []struct {
		name  string
		value Value
		uri   string // afterwards; empty for an error that leaves it as it is
	}{
		{"$ru", text("sip:new@host"), "sip:new@host"},
		{"$ruri", text("sips:new@host;x=1"), "sips:new@host;x=1"},
		{"$ru", nul, keep},
		{"$ru", text(""), keep},
		{"$rU", text("carol"), "sip:carol:pw@biloxi.example:5070;transport=tls;lr?Subject=x"},
		{"$ruri.user", num(100), "sip:100:pw@biloxi.example:5070;transport=tls;lr?Subject=x"},
		{"$rU", nul, "sip:biloxi.example:5070;transport=tls;lr?Subject=x"},
		{"$rd", text("192.0.2.77"), "sip:bob:pw@192.0.2.77:5070;transport=tls;lr?Subject=x"},
		{"$rd", nul, keep},
		{"$rp", num(5090), "sip:bob:pw@biloxi.example:5090;transport=tls;lr?Subject=x"},
		{"$rp", text("1"), "sip:bob:pw@biloxi.example:1;transport=tls;lr?Subject=x"},
		{"$rp", nul, "sip:bob:pw@biloxi.example;transport=tls;lr?Subject=x"},
		{"$rp", text("no"), keep},
		{"$rp", num(70000), keep},
	} {
		s := testScope(t)
		original := read(t, s, "$ru").Text
		err := set(t, s, tt.name, tt.value)
		want := tt.uri
		if want == keep {
			want = original
		}
		if (err != nil) != (tt.uri == keep) {
			t.Errorf("%s = %s: %v", tt.name, tt.value, err)
		}
		if got := read(t, s, "$ru"); got != text(want) {
			t.Errorf("%s = %s: $ru is %s, want %s", tt.name, tt.value, got, want)
		}
		if got := read(t, s, "$ou"); got != text(original) {
			t.Errorf("%s = %s: $ou is %s", tt.name, tt.value, got)
		}
	}
}

// TestUnreadableURI: a server finds out when it reads the URI, not when it is set.
func TestUnreadableURI(t *testing.T) {
	s := testScope(t)
	if err := set(t, s, "$ru", text("no uri")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"$ru", "$rU", "$rd", "$rp"} {
		if got := read(t, s, name); !got.IsNull() {
			t.Errorf("%s: got %v", name, got)
		}
	}
	if s.CurrentURI() != "no uri" || s.RequestURI() != nil {
		t.Errorf("the scope has %q and %v", s.CurrentURI(), s.RequestURI())
	}
	if err := set(t, s, "$rU", text("a")); err == nil {
		t.Error("the user of what is no URI was set")
	}
}

// TestErrorsKeepSecrets: a password in a URI does not get into an error.
func TestErrorsKeepSecrets(t *testing.T) {
	s := testScope(t)
	if err := set(t, s, "$ru", text("sip:a:topsecret@h h")); err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]Value{
		"$rU": text("x"), "$ru_q": text("a:topsecret@h"), "$fs": text("udp:topsecret@:x"), "$rp": text("topsecret and much more text"), "$log_level": text("x@topsecret"),
	} {
		if err := set(t, s, name, v); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := compileText("$(ru{s.xor,a,topsecret})"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("{s.xor}: %v", err)
	}
	if err := set(t, s, "$rp", text("no")); err == nil || !strings.Contains(err.Error(), `found "no"`) {
		t.Errorf("$rp: %v", err)
	}
}

func TestSetOthers(t *testing.T) {
	s := testScope(t)
	for _, step := range []struct {
		set   string
		value Value
		fails bool
		read  string
		want  Value
	}{
		{set: "$du", value: text("sip:proxy.example:5071;transport=tcp"), read: "$dd", want: text("proxy.example")},
		{set: "$du", value: text("nonsense"), read: "$du", want: text("nonsense")},
		{set: "$du", value: text("nonsense"), read: "$dp", want: nul},
		{set: "$duri", value: nul, read: "$du", want: nul},
		{set: "$ru_q", value: num(500), read: "$ru_q", want: num(500)},
		{set: "$ru_q", value: num(2000), read: "$ru_q", want: num(1000)},
		{set: "$ru_q", value: text("x"), fails: true, read: "$ru_q", want: num(1000)},
		{set: "$fs", value: text("TLS:192.0.2.1"), read: "$fs", want: text("tls:192.0.2.1:5061")},
		{set: "$fs", value: text("192.0.2.1"), read: "$fs", want: text("udp:192.0.2.1:5060")},
		{set: "$fs", value: text("tcp:[2001:db8::1]:7"), read: "$fs", want: text("tcp:[2001:db8::1]:7")},
		{set: "$fs", value: text("tcp:h:x"), fails: true, read: "$fs", want: text("tcp:[2001:db8::1]:7")},
		{set: "$socket_out", value: text("tls:h"), read: "$socket_out", want: text("tls:h:5061")},
		{set: "$socket_out", value: text("tls::x"), fails: true, read: "$socket_out(forced)", want: text("tls:h:5061")},
		{set: "$fs", value: nul, read: "$fs", want: nul},
		{set: "$log_level", value: num(4), read: "$log_level", want: num(4)},
		{set: "$log_level", value: text("x"), fails: true, read: "$log_level", want: num(4)},
		{set: "$log_level", value: nul, read: "$log_level", want: num(3)},
		{set: "$xlog_level", value: num(-1), read: "$xlog_level", want: num(-1)},
		{set: "$branch", value: text("sip:b0@h"), read: "$branch", want: text("sip:b0@h")},
		{set: "$branch", value: text("sip:b1@h"), read: "$(branch(uri)[-1])", want: text("sip:b1@h")},
		{set: "$branch", value: nul, fails: true, read: "$(branch(uri)[*])", want: text("sip:b0@h, sip:b1@h")},
		{set: "$(branch(q)[1])", value: num(500), read: "$(branch(q)[1])", want: text("0.5")},
		{set: "$(branch(q)[1])", value: text("x"), fails: true, read: "$branch(q)", want: text("")},
		{set: "$branch(duri)", value: text("sip:d"), read: "$branch(duri)", want: text("sip:d")},
		{set: "$branch(duri)", value: nul, read: "$branch(duri)", want: nul},
		{set: "$branch(path)", value: text("<sip:p>"), read: "$branch(path)", want: text("<sip:p>")},
		{set: "$branch(flags)", value: num(5), read: "$branch(flags)", want: num(5)},
		{set: "$branch(flags)", value: text("x"), fails: true, read: "$branch(flags)", want: num(5)},
		{set: "$branch(socket)", value: text("udp:h:1"), read: "$branch(socket)", want: text("udp:h:1")},
		{set: "$branch(uri)", value: nul, fails: true, read: "$branch(uri)", want: text("sip:b0@h")},
		{set: "$(branch(uri)[2])", value: text("x"), fails: true, read: "$(branch(uri)[2])", want: nul},
	} {
		if err := set(t, s, step.set, step.value); (err != nil) != step.fails {
			t.Errorf("%s = %s: %v", step.set, step.value, err)
		}
		if got := read(t, s, step.read); got != step.want {
			t.Errorf("after %s = %s: %s is %#v, want %#v", step.set, step.value, step.read, got, step.want)
		}
	}
	for len(s.Request.Branches) < maxBranches-1 {
		if err := set(t, s, "$branch", text("sip:x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := set(t, s, "$branch", text("sip:x")); err == nil {
		t.Error("there is no end of branches")
	}
	if s.DestinationURI() != nil || s.FromURI().User != "alice" || s.ToURI().Port != "5080" {
		t.Errorf("the scope has %v, %v, %v", s.DestinationURI(), s.FromURI(), s.ToURI())
	}
}

// TestReadOnly holds the page, which says what can be written, against the code.
func TestReadOnly(t *testing.T) {
	for name, e := range table() {
		row := "$" + name
		if e.inner != "" && !e.optional {
			row += map[string]string{"name": "(x)", "number": "(1)", "field": "(uri)", "format": "(%Y)", "colours": "(xx)"}[e.inner]
		}
		if v := compiled(t, row); (v.Set != nil) != e.writable {
			t.Errorf("%s can be written: %t", row, v.Set != nil)
		}
	}
	if v := compiled(t, "$(ru{s.len})"); v.Set != nil {
		t.Error("a variable with a transformation can be written")
	}
}

func TestUnsupported(t *testing.T) {
	for row, name := range map[string]string{
		"$ds": "$ds", "$param(uri)": "$param(uri)", "$argv(x)": "$argv", "$nothing": "$nothing", "$(<reply>ru)": "$(<reply>ru)", "$(ru{s.nothing})": "{s.nothing}",
		"$(ru{ip.resolve})": "{ip.resolve}", "$(ru{x.y})": "{x.y}", "$avp($ds)": "$ds", "$(hdr(a)[$ds])": "$ds", "$(ru{s.substr,$ds,1})": "$ds",
		"$socket_in(tag)": "$socket_in(tag)", "$socket_out(ip)": "$socket_out(ip)", "$time(%Q)": "$time", "$var($rm)": "$var($rm)",
	} {
		_, err := compileText(row)
		var unsupported *UnsupportedError
		if !errors.As(err, &unsupported) || unsupported.Name != name {
			t.Errorf("%s: got %v, want an UnsupportedError for %s", row, err, name)
		}
		if err != nil && !strings.Contains(err.Error(), name) {
			t.Errorf("%s: the error does not name it: %v", row, err)
		}
	}
}

func TestMalformed(t *testing.T) {
	for row, want := range map[string]string{
		"$ru(x)": "takes no name", "$hdr": "needs a name", "$var": "needs a name", "$(ru[1])": "takes no index", "$(hdr(x)[y])": "has the index",
		"$(hdr(x)[append])": "has the index", "$param(0)": "has the name", "$C(x)": "two letters", "$C(xz)": "has the colour",
		"$branch(x)": "has the field", "$ct.fields(x)": "has the field", "$time(%)": "ends in a %", "$avp($)": "malformed|expected", "$(hdr(x)[99999999999])": "has the index",
		"$(ru{s.substr})": "too few", "$(ru{s.substr,1})": "too few", "$(ru{s.substr,x,1})": "expected an offset", "$(ru{s.select,1})": "separator",
		"$(ru{s.len,1})": "too many", "$(ru{s.substr,1,2,3})": "too many", "$(ru{s.index})": "too few", "$(ru{s.fill.left,a})": "too few",
		"$(ru{s.width,x})": "expected a length", "$(ru{ip.matches,1.2.3.4})": "expected a network", "$(ru{ip.matches,1.2.3.4/33})": "expected a network",
		"$(ru{re.subst})": "too few", "$(ru{re.subst,/a/b})": "expected an expression", "$(ru{re.subst,/a/b/x})": "flags", "$(ru{re.subst,/(/b/})": "regular expression",
		`$(ru{re.subst,/a/\1/})`: "at most", "$(ru{re.subst,/a/$/})": "replacement", "$(ru{re.subst,/a/$ds/})": "cannot run", "$(ru{s.substr,$rm x,1})": "expected a comma",
		"$(ru{s.substr,$,1})": "malformed", "$(ru{param.value})": "too few", "$(ru{csv.value,x})": "expected a number", "$(ru{sdp.line})": "too few", "$(ru{sdp.stream})": "too few",
		"$(ru{s.xor})": "too few", "$(ru{s.index,a,b})": "expected an offset", "$(ru{sdp.line,a,b})": "expected a number",
	} {
		_, err := compileText(row)
		if err == nil || !regexp.MustCompile(want).MatchString(err.Error()) {
			t.Errorf("%s: got %v, want %q", row, err, want)
		}
	}
	nested := "$rm"
	for range maxNesting + 1 {
		nested = "$(ru{s.index," + nested + "})"
	}
	if _, err := compileText(nested); err == nil || !strings.Contains(err.Error(), "nested") {
		t.Errorf("deep nesting: %v", err)
	}
}

// TestCore goes through the variables of every version's core: each is run or
// said not to be.
func TestCore(t *testing.T) {
	for _, version := range catalogue.Versions() {
		c := catalogue.For(version)
		for _, name := range c.Core().Variables {
			_, err := Compile(parser.Variable{Name: name, Inner: "x"})
			var unsupported *UnsupportedError
			if errors.As(err, &unsupported) == Supported(name) && name != "time" && name != "param" && name != "socket_in" && name != "socket_out" {
				t.Errorf("%s: $%s: supported: %t, but %v", version, name, Supported(name), err)
			}
		}
	}
}
