package live

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg/route"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/transport"
)

// TestOpenLine has one line for a connection, with what its domain asked for.
func TestOpenLine(t *testing.T) {
	w := newWorld(t, "open", "strict", "lenient")
	w.put("strict.pem", w.issue(t, "strict.example").ChainPEM())
	w.present(t, "strict", w.issue(t, "strict.example"))
	s := w.serve(t, "listen=tls:192.0.2.1:5061\nlisten=tls:192.0.2.2:5061\nlisten=tls:192.0.2.3:5061\nlisten=tls:192.0.2.4:5061\n"+opening+
		domainLines("open", "192.0.2.1:5061", false)+domainLines("strict", "192.0.2.2:5061", true)+domainLines("lenient", "192.0.2.3:5061", true)+
		"modparam(\"tls_mgm\", \"require_cert\", \"[lenient]0\")\n"+
		"route { sl_send_reply(\"200\", \"OK\"); }\n", anywhere(Options{}))
	phone := w.issue(t, "phone")
	for _, c := range []struct {
		socket int
		fields map[string]any
	}{
		{0, map[string]any{"proto": "tls", "socket": "192.0.2.1:5061", "domain": "open", "peer_certificate": "not asked for", "peer_subject": nil}},
		{1, map[string]any{"proto": "tls", "socket": "192.0.2.2:5061", "domain": "strict", "peer_subject": "/O=certtest/CN=phone", "verification": "ok"}},
		{3, map[string]any{"proto": "tls", "socket": "192.0.2.4:5061", "domain": "default", "peer_certificate": "not asked for"}},
	} {
		p := dial(t, s.address(c.socket), phone)
		line := s.lines.next(t)
		want(t, line, c.fields)
		want(t, line, map[string]any{
			"msg": "TLS connection open", "level": "INFO", "peer": p.LocalAddr().String(), "version": "TLSv1.3",
			"cipher": tls.CipherSuiteName(p.ConnectionState().CipherSuite),
		})
		p.Close()
		want(t, s.lines.next(t), map[string]any{"msg": "connection closed by the peer", "peer": p.LocalAddr().String(), "messages": 0.0})
	}
	if _, err := tryDial(t, s.address(2), nil); err != nil {
		t.Fatal(err)
	}
	want(t, s.lines.next(t), map[string]any{"domain": "lenient", "peer_certificate": "none"})
}

// TestFailedLine has one line for a connection that did not come about, as
// package transport explains it.
func TestFailedLine(t *testing.T) {
	w := newWorld(t, "strict")
	s := w.serve(t, "listen=tls:192.0.2.1:5061\n"+opening+domainLines("strict", "192.0.2.1:5061", true)+"route { exit; }\n", Options{})
	p, err := tryDial(t, s.address(0), nil)
	if err == nil { // TLS 1.3 tells the client later
		_, err = p.in.ReadByte()
	}
	if err == nil {
		t.Error("the client is let in")
	}
	line := s.lines.next(t)
	want(t, line, map[string]any{"msg": "TLS handshake failed", "level": "WARN", "socket": "192.0.2.1:5061", "domain": "strict", "step": "certificate"})
	if reason := line["reason"].(string); !strings.Contains(reason, `peer certificate required by domain "strict" (require_cert, opensips.cfg:`) {
		t.Errorf("reason %s", reason)
	}
	if err := s.stop(); err != nil || len(s.lines.records) > 0 {
		t.Errorf("ends with %v and %d more lines", err, len(s.lines.records))
	}
}

// TestOrder logs what a route does in its order.
func TestOrder(t *testing.T) {
	w := newWorld(t, "carrier")
	script := "listen=tls:192.0.2.1:5061\n" + opening + `modparam("tls_mgm", "client_domain_avp", "tls_client")
modparam("tls_mgm", "client_domain", "carrier")
modparam("tls_mgm", "certificate", "[carrier]/carrier.pem")
modparam("tls_mgm", "private_key", "[carrier]/carrier.key")
modparam("tls_mgm", "ca_list", "[carrier]/ca.pem")
route {
	xlog("L_WARN", "first\n");
	if (!lookup("location")) xlog("not found");
	sl_send_reply("100", "Trying");
	$avp(tls_client) = "carrier";
	t_relay("tls:192.0.2.9:5061");
	if ($rU < "x") xlog("L_ERR", "last\n");
	xlog("L_DBG", "too little\n");
}
`
	s := w.serve(t, script, Options{Route: route.Options{Assume: map[string]int{"lookup": -1}}})
	p := dial(t, s.address(0), nil)
	if got := p.ask(t, request("INVITE", "sip:bob:secret@biloxi.example;transport=tls", "c1@x")); got != "SIP/2.0 100 Trying" {
		t.Errorf("reply %q", got)
	}
	s.lines.next(t)
	_, line, _ := strings.Cut(script, "route {")
	first := strings.Count(script, "\n") - strings.Count(line, "\n") + 2 // of the route's body
	at := func(n, column int) string { return routePosition(first+n-1, column) }
	for _, fields := range []map[string]any{
		{"msg": "request received", "method": "INVITE", "uri": "sip:bob:***@biloxi.example;transport=tls", "call_id": "c1@x"},
		{"msg": "first", "level": "WARN", "script": at(1, 2)},
		{"msg": "function not run here", "function": "lookup", "returned": -1.0, "script": at(2, 7)},
		{"msg": "not found", "level": "ERROR", "script": at(2, 27)},
		{"msg": "reply sent", "code": 100.0, "phrase": "Trying", "script": at(3, 2)},
		{
			"msg": "relay decided, nothing is sent on", "function": "t_relay", "from": "argument", "destination": "tls:192.0.2.9:5061",
			"client_domain": "carrier", "found_by": "the name in the AVP", "certificate": "/O=certtest/CN=carrier.example", "avp": "carrier", "script": at(5, 2),
		},
		{"msg": "last", "level": "ERROR", "script": at(6, 17)},
		{"msg": "too little", "level": "DEBUG"},
		{"msg": "route ended", "level": "DEBUG", "end": "end"},
	} {
		got := s.lines.next(t)
		want(t, got, fields)
		want(t, got, map[string]any{"peer": p.LocalAddr().String(), "call_id": "c1@x"})
	}
}

func routePosition(line, column int) string {
	return route.Position{File: "opensips.cfg", Line: line, Column: column}.String()
}

// TestQuietRoute says so where nothing comes of a request.
func TestQuietRoute(t *testing.T) {
	w := newWorld(t)
	s := w.serve(t, "listen=tls:192.0.2.1:5061\n"+opening+"route { if (is_method(\"ACK\")) exit; if (is_method(\"BYE\")) { while (1) { $var(x) = 1; } } }\nroute[unused] { exit; }\n", Options{})
	p := dial(t, s.address(0), nil)
	p.send(t, request("OPTIONS", "sip:x", "c1@x")+request("ACK", "sip:x", "c2@x")+"SIP/2.0 200 OK\r\nVia: SIP/2.0/TLS a;branch=z9hG4bK1\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>;tag=2\r\nCall-ID: c3@x\r\nCSeq: 7 INFO\r\nContent-Length: 0\r\n\r\n")
	s.lines.next(t)
	for _, fields := range []map[string]any{
		{"msg": "request received", "method": "OPTIONS", "call_id": "c1@x"},
		{"msg": "route ended without a reply or a relay", "level": "INFO", "call_id": "c1@x"},
		{"msg": "request received", "method": "ACK", "call_id": "c2@x"},
		{"msg": "route ended", "level": "DEBUG", "call_id": "c2@x"},
		{"msg": "reply received, which no route is run for", "code": 200.0, "method": "INFO", "call_id": "c3@x"},
	} {
		want(t, s.lines.next(t), fields)
	}
	p.Close()
	want(t, s.lines.next(t), map[string]any{"msg": "connection closed by the peer", "messages": 3.0})
}

// TestRunaway ends a route that does not end by itself, and serves on.
func TestRunaway(t *testing.T) {
	w := newWorld(t)
	s := w.serve(t, "listen=tls:192.0.2.1:5061\nmax_while_loops=1000000000\n"+opening+`route {
	if (is_method("BYE")) { while (1) { $var(x) = 1; } }
	if (is_method("INFO")) { $var(i) = 0; while ($var(i) < 200) { $var(i) = $var(i) + 1; save("location"); } }
	sl_send_reply("200", "OK");
}
`, Options{RunTime: long})
	p := dial(t, s.address(0), nil)
	p.send(t, request("BYE", "sip:x", "c1@x"))
	line, _ := s.lines.until(t, "route ended early")
	if reason := line["reason"].(string); line["level"] != "ERROR" || !strings.Contains(reason, "opensips.cfg:") || !strings.Contains(reason, "steps") {
		t.Errorf("log %v", line)
	}
	if got := p.ask(t, request("INFO", "sip:x", "c2@x")); got != "SIP/2.0 200 OK" {
		t.Errorf("reply %q", got)
	}
	line, before := s.lines.until(t, "more steps of this route are left out")
	if len(before) != maxSteps+1 {
		t.Errorf("%d lines and then %v", len(before), line)
	}
	want(t, s.lines.next(t), map[string]any{"msg": "reply sent"})
}

// TestReload keeps an open connection with its domain, and has later messages find
// the client domains of the day.
func TestReload(t *testing.T) {
	w := newWorld(t, "dom1", "out")
	s := w.serve(t, "listen=tls:192.0.2.1:5061\n"+opening+domainLines("dom1", "192.0.2.1:5061", false)+`modparam("tls_mgm", "client_domain", "out=192.0.2.9:5061")
modparam("tls_mgm", "certificate", "[out]/out.pem")
modparam("tls_mgm", "private_key", "[out]/out.key")
modparam("tls_mgm", "ca_list", "[out]/ca.pem")
route {
	xlog("my $tls_my_subject_cn\n");
	t_relay("tls:192.0.2.9:5061");
}
`, Options{})
	see := func(p *peer, callID string) (own, relay string) {
		p.send(t, request("OPTIONS", "sip:x", callID))
		s.lines.until(t, "request received")
		own = s.lines.next(t)["msg"].(string)
		return own, s.lines.next(t)["certificate"].(string)
	}
	old := dial(t, s.address(0), nil)
	if own, relay := see(old, "c1"); own != "my dom1.example" || relay != "/O=certtest/CN=out.example" {
		t.Errorf("before: %s, %s", own, relay)
	}
	w.present(t, "dom1", w.issue(t, "new1.example"))
	w.present(t, "out", w.issue(t, "new.example"))
	if _, err := s.registry.Reload(t.Context(), mgm.ReloadOptions{Files: true}); err != nil {
		t.Fatal(err)
	}
	if own, relay := see(old, "c2"); own != "my dom1.example" || relay != "/O=certtest/CN=new.example" {
		t.Errorf("the old connection: %s, %s", own, relay)
	}
	if own, relay := see(dial(t, s.address(0), nil), "c3"); own != "my new1.example" || relay != "/O=certtest/CN=new.example" {
		t.Errorf("a new connection: %s, %s", own, relay)
	}
}

// gate is a log that holds the line with a message until it is opened.
type gate struct {
	slog.Handler
	message       string
	reached, open chan struct{}
}

func (g gate) Handle(_ context.Context, r slog.Record) error {
	if r.Message == g.message {
		close(g.reached)
		<-g.open
	}
	return nil
}

func (g gate) Enabled(context.Context, slog.Level) bool { return true }
func (g gate) WithAttrs([]slog.Attr) slog.Handler       { return g }

// TestShutdown finishes the request that is under way.
func TestShutdown(t *testing.T) {
	w := newWorld(t)
	g := gate{slog.DiscardHandler, "request received", make(chan struct{}), make(chan struct{})}
	s := w.serve(t, answering, Options{Log: slog.New(g), Grace: long})
	p := dial(t, s.address(0), nil)
	p.send(t, request("OPTIONS", "sip:x", "c1"))
	<-g.reached
	ended := make(chan error, 1)
	go func() { ended <- s.stop() }()
	for { // until the sockets are closed
		conn, err := net.Dial("tcp", s.address(0))
		if err != nil {
			break
		}
		conn.Close()
	}
	close(g.open)
	if reply, err := p.reply(); err != nil || !strings.HasPrefix(reply, "SIP/2.0 200 OK") {
		t.Errorf("reply %q, %v", reply, err)
	}
	p.ended(t)
	if err := <-ended; err != nil {
		t.Errorf("ends with %v", err)
	}
}

// TestListenErrors names the statement and leaves nothing open.
func TestListenErrors(t *testing.T) {
	w := newWorld(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	to := netip.MustParseAddrPort(taken.Addr().String())
	c := config(t, strings.Replace(answering, "listen", "log_level=3\nlisten", 1))
	for _, test := range []struct {
		bindings []Binding
		cause    error
		want     string
	}{
		{[]Binding{{To: to}}, syscall.EADDRINUSE, "opensips.cfg:2:1: listen=tls:192.0.2.1:5061 cannot be opened at " + to.String() + ": bind: address already in use"},
		{nil, syscall.EADDRNOTAVAIL, "opensips.cfg:2:1: listen=tls:192.0.2.1:5061 cannot be opened at 192.0.2.1:5061: bind: cannot assign requested address"},
	} {
		_, _, err := Listen(t.Context(), c, w.registry(t, c), Options{Bindings: test.bindings})
		socket, ok := errors.AsType[*SocketError](err)
		if !ok || !errors.Is(err, test.cause) || err.Error() != test.want || socket.At.Line != 2 {
			t.Errorf("error %v\nwant  %s", err, test.want)
		}
	}
	plain := config(t, "listen=udp:127.0.0.1:5060\nmpath=\"/usr/lib/opensips/modules/\"\nloadmodule \"proto_udp.so\"\nloadmodule \"tls_mgm.so\"\nmodparam(\"tls_mgm\", \"certificate\", \"/default.pem\")\nmodparam(\"tls_mgm\", \"private_key\", \"/default.key\")\nroute { exit; }\n")
	if _, _, err := Listen(t.Context(), plain, w.registry(t, plain), Options{}); !errors.Is(err, ErrNoSockets) {
		t.Errorf("error %v", err)
	}
}

// TestClose gives the sockets back that nobody serves.
func TestClose(t *testing.T) {
	w := newWorld(t)
	c := config(t, answering)
	s, _, err := Listen(t.Context(), c, w.registry(t, c), anywhere(Options{}))
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	if conn, err := net.Dial("tcp", s.Addresses()[0].String()); err == nil {
		conn.Close()
		t.Error("the socket is open")
	}
}

// TestDescribe names sockets with all that is said of them.
func TestDescribe(t *testing.T) {
	w := newWorld(t)
	s := w.serve(t, strings.Replace(answering, "5061\n", "5061 as sip.example.org:5071\nlisten=wss:192.0.2.2:5061\n", 1), Options{})
	got := s.Describe()
	if diff := cmp.Diff([]string{
		"tls:192.0.2.1:5061 at " + s.address(0) + " as sip.example.org:5071", "wss:192.0.2.2:5061 at " + s.address(1),
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if sockets := s.Sockets(); len(sockets) != 2 || sockets[1].At.Start.Line != 2 {
		t.Errorf("sockets %+v", sockets)
	}
}

// TestWSS makes the handshake of wss and no more.
func TestWSS(t *testing.T) {
	w := newWorld(t, "web")
	s := w.serve(t, "listen=wss:192.0.2.1:5061\n"+opening+domainLines("web", "192.0.2.1:5061", false)+"route { exit; }\n", Options{})
	p := dial(t, s.address(0), nil)
	if got := p.ConnectionState().PeerCertificates[0].Subject.CommonName; got != "web.example" {
		t.Errorf("certificate of %s", got)
	}
	p.ended(t)
	want(t, s.lines.next(t), map[string]any{"msg": "TLS connection open", "proto": "wss", "socket": "192.0.2.1:5061", "domain": "web"})
	want(t, s.lines.next(t), map[string]any{"msg": "connection closed: of wss the TLS handshake is all that is tried"})
}

// TestEverywhere chooses the domain of a socket for every address by the one that a
// connection is made to, of either family.
func TestEverywhere(t *testing.T) {
	w := newWorld(t, "four")
	c := config(t, "listen=tls:*:5061\n"+opening+domainLines("four", "127.0.0.1:5061", false)+
		"route { xlog(\"$Ri $si\\n\"); sl_send_reply(\"200\", \"OK\"); }\n")
	lines := &logLines{records: make(chan map[string]any, 100)}
	s, _, err := Listen(t.Context(), c, w.registry(t, c), Options{PortOffset: -5061, Log: slog.New(slog.NewJSONHandler(lines, nil))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	_, port, _ := net.SplitHostPort(s.Addresses()[0].String())
	for ip, fields := range map[string]map[string]any{
		"127.0.0.1": {"socket": "127.0.0.1:5061", "domain": "four"}, "::1": {"socket": "[::1]:5061", "domain": "default"},
	} {
		if !everyAddress().Is6() && ip == "::1" {
			continue // no IPv6 here
		}
		p := dial(t, net.JoinHostPort(ip, port), nil)
		if got := p.ask(t, request("OPTIONS", "sip:x", "c1")); got != "SIP/2.0 200 OK" {
			t.Errorf("reply %q", got)
		}
		line, _ := lines.until(t, "TLS connection open")
		want(t, line, fields)
		lines.until(t, "request received")
		if got := lines.next(t)["msg"]; got != ip+" "+ip {
			t.Errorf("the script says %v", got)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("ends with %v", err)
	}
}

// TestFindings hands on what of a route cannot be run.
func TestFindings(t *testing.T) {
	w := newWorld(t)
	s := w.serve(t, "listen=tls:192.0.2.1:5061\n"+opening+"route { xlog(\"$DLG_status\\n\"); sl_send_reply(\"200\", \"OK\"); }\n", Options{})
	if len(s.findings) == 0 {
		t.Error("nothing is said of $DLG_status")
	}
	if got := dial(t, s.address(0), nil).ask(t, request("OPTIONS", "sip:x", "c1")); got != "SIP/2.0 200 OK" {
		t.Errorf("reply %q", got)
	}
}

// TestRefusedLater tells what a peer says after the handshake.
func TestRefusedLater(t *testing.T) {
	w := newWorld(t)
	s := w.serve(t, answering, Options{})
	dial(t, s.address(0), nil)
	s.lines.next(t)
	c := &connection{server: s.Server, log: s.options.Log, calm: s.calm}
	c.tellEnd(&transport.HandshakeError{Step: transport.StepOpen, Reason: "the peer sent an alert", Help: "see its log", Err: errors.New("x")})
	want(t, s.lines.next(t), map[string]any{"msg": "TLS connection refused by the peer", "level": "WARN", "step": "open", "reason": "the peer sent an alert", "help": "see its log"})
}

// TestManyPeers has peers at the same time, each with requests of its own.
func TestManyPeers(t *testing.T) {
	const peers, requests = 20, 10
	w := newWorld(t)
	s := w.serve(t, answering, Options{})
	failed := make(chan error, peers)
	for i := range peers {
		p := dial(t, s.address(0), nil)
		go func() {
			for j := range requests {
				id := strings.Repeat("x", i+1) + "-" + strings.Repeat("y", j+1)
				if _, err := p.Write([]byte(request("OPTIONS", "sip:x", id))); err != nil {
					failed <- err
					return
				}
				reply, err := p.reply()
				if err == nil && !strings.Contains(reply, "Call-ID: "+id+"\r\n") {
					err = errors.New("reply " + reply)
				}
				if err != nil {
					failed <- err
					return
				}
			}
			failed <- nil
		}()
	}
	for range peers {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	if got := s.messages.Load(); got != peers*requests {
		t.Errorf("%d requests are counted", got)
	}
}

// TestQuietLog runs routes without telling their steps where nobody wants them.
func TestQuietLog(t *testing.T) {
	w := newWorld(t)
	lines := &logLines{records: make(chan map[string]any, 100)}
	s := w.serve(t, strings.Replace(answering, "route { ", "route { save(\"location\"); ", 1),
		Options{Log: slog.New(slog.NewJSONHandler(lines, &slog.HandlerOptions{Level: slog.LevelError}))})
	if got := dial(t, s.address(0), nil).ask(t, request("REGISTER", "sip:x", "c1")); got != "SIP/2.0 200 OK" {
		t.Errorf("reply %q", got)
	}
	if err := s.stop(); err != nil || len(lines.records) > 0 {
		t.Errorf("ends with %v and %d lines", err, len(lines.records))
	}
}

var levels = []struct {
	script route.Level
	log    slog.Level
}{
	{route.Alert, slog.LevelError},
	{route.Critical, slog.LevelError},
	{route.Error, slog.LevelError},
	{route.Warn, slog.LevelWarn},
	{route.Notice, slog.LevelInfo},
	{route.Info, slog.LevelInfo},
	{route.Debug, slog.LevelDebug},
}

func TestLevels(t *testing.T) {
	for _, l := range levels {
		if got := slogLevel(l.script); got != l.log {
			t.Errorf("%v becomes %v, want %v", l.script, got, l.log)
		}
	}
}

// TestClock runs scripts by the clock of the options.
func TestClock(t *testing.T) {
	w := newWorld(t)
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	s := w.serve(t, "listen=tls:192.0.2.1:5061\n"+opening+"route { xlog(\"$Ts $TS\\n\"); }\n", Options{Now: func() time.Time { return now }})
	dial(t, s.address(0), nil).send(t, request("OPTIONS", "sip:x", "c1"))
	s.lines.until(t, "request received")
	if got := s.lines.next(t)["msg"]; !strings.HasPrefix(got.(string), "1893553445 ") {
		t.Errorf("the script's time is %v", got)
	}
}
