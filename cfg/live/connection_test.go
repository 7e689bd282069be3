package live

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// with is the script that answers, with further lines before the rest.
func with(lines string) string { return lines + answering }

// TestIdle closes a connection without messages, and names the setting.
func TestIdle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve(t, with("tcp_connection_lifetime=1\n"), Options{})
	p := dial(t, s.address(0), nil)
	s.lines.next(t)
	p.ended(t)
	want(t, s.lines.next(t), map[string]any{
		"msg": "connection closed", "level": "INFO", "reason": "nothing was sent or received for 1s (tcp_connection_lifetime, opensips.cfg:1)", "messages": 0.0,
	})
}

// TestSlowMessage closes a connection whose message does not arrive whole.
func TestSlowMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve(t, with("tcp_max_msg_time=1\n"), Options{})
	p := dial(t, s.address(0), nil)
	// The message before takes none of the time of the one behind it.
	if got := p.ask(t, request("OPTIONS", "sip:x", "c1")+"OPTIONS sip:x SIP/2.0\r\n"); got != "SIP/2.0 200 OK" {
		t.Errorf("reply %q", got)
	}
	p.ended(t)
	line, _ := s.lines.until(t, "connection closed")
	want(t, line, map[string]any{"level": "WARN", "reason": "a message was not complete within 1s (tcp_max_msg_time, opensips.cfg:1)"})
}

// TestDeadlineEnds lets a peer be silent after a message that came in parts.
func TestDeadlineEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve(t, with("tcp_max_msg_time=1\n"), Options{})
	p := dial(t, s.address(0), nil)
	text := request("OPTIONS", "sip:x", "c1")
	p.send(t, text[:20])
	if got := p.ask(t, text[20:]); got != "SIP/2.0 200 OK" {
		t.Errorf("reply %q", got)
	}
	time.Sleep(1100 * time.Millisecond) // longer than a message may take
	if got := p.ask(t, text); got != "SIP/2.0 200 OK" {
		t.Errorf("reply %q", got)
	}
}

// TestChunks takes a message in as many TLS records as the script says, whatever
// their size.
func TestChunks(t *testing.T) {
	w := newWorld(t)
	s := w.serve(t, with("")+"modparam(\"proto_tls\", \"tls_max_msg_chunks\", 3)\n", Options{})
	part := func(n int) string { return request("MESSAGE", "sip:x", "c1", "X-Filler: "+strings.Repeat("x", n)) }
	p := dial(t, s.address(0), nil)
	for _, n := range []int{10, 4000, 4096, 12_000, 30_000} { // up to two records
		if got := p.ask(t, part(n)); got != "SIP/2.0 200 OK" {
			t.Fatalf("reply %q to %d bytes", got, n)
		}
	}
	text := part(100)
	p.send(t, text[:50])
	p.send(t, text[50:60])
	if got := p.ask(t, text[60:]); got != "SIP/2.0 200 OK" {
		t.Errorf("reply %q to three parts", got)
	}
	// Two messages, of which the second is not whole, and so on.
	p.send(t, text+text[:50])
	p.send(t, text[50:]+text[:40])
	p.send(t, text[40:])
	for range 3 {
		if reply, err := p.reply(); err != nil || !strings.HasPrefix(reply, "SIP/2.0 200 OK") {
			t.Fatalf("reply %q, %v", reply, err)
		}
	}
	for i := range 3 {
		p.send(t, text[10*i:10*i+10])
	}
	p.ended(t)
	line, _ := s.lines.until(t, "connection closed")
	want(t, line, map[string]any{"level": "WARN"})
	if reason := line["reason"].(string); !strings.HasPrefix(reason, "a message was not complete after 3 reads (tls_max_msg_chunks, opensips.cfg:") {
		t.Errorf("reason %s", reason)
	}
}

// TestKeepAlive answers two empty lines as the script wants it, and one never.
func TestKeepAlive(t *testing.T) {
	for _, pong := range []bool{true, false} {
		w := newWorld(t)
		script := answering
		if !pong {
			script += "modparam(\"proto_tls\", \"tls_crlf_pingpong\", 0)\n"
		}
		s := w.serve(t, script, Options{})
		p := dial(t, s.address(0), nil)
		p.send(t, "\r\n\r\n")
		if pong {
			answer := make([]byte, 2)
			if _, err := io.ReadFull(p.in, answer); err != nil || string(answer) != "\r\n" {
				t.Errorf("answer %q, %v", answer, err)
			}
		}
		p.send(t, "\r\n")
		if got := p.ask(t, request("OPTIONS", "sip:x", "c1")); got != "SIP/2.0 200 OK" {
			t.Errorf("%t: reply %q", pong, got)
		}
		line, _ := s.lines.until(t, "keep-alive")
		want(t, line, map[string]any{"level": "DEBUG", "answered": pong})
	}
}

// TestMalformed answers what can be answered, goes on where it can, and logs each.
func TestMalformed(t *testing.T) {
	w := newWorld(t)
	s := w.serve(t, answering, Options{})
	for _, c := range []struct {
		name, text, reply string
		ends              bool
		fields            map[string]any
	}{
		{"no colon", request("OPTIONS", "sip:x", "c1", "Broken"), "SIP/2.0 400 Bad Request", false, map[string]any{"answer": 400.0, "connection": nil}},
		{"version", strings.Replace(request("OPTIONS", "sip:x", "c1"), "SIP/2.0\r\n", "SIP/3.0\r\n", 1), "SIP/2.0 505 Version Not Supported", false, map[string]any{"answer": 505.0}},
		{"HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "", true, map[string]any{"answer": nil, "connection": "closed, because the end of the message is not known"}},
		{"too large", strings.Replace(request("OPTIONS", "sip:x", "c1"), "Content-Length: 0", "Content-Length: 70000", 1), "SIP/2.0 513 Message Too Large", true, map[string]any{"answer": 513.0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := dial(t, s.address(0), nil)
			p.send(t, c.text)
			if c.reply != "" {
				reply, err := p.reply()
				if err != nil || !strings.HasPrefix(reply, c.reply+"\r\n") {
					t.Errorf("reply %q, %v", reply, err)
				}
			}
			line, _ := s.lines.until(t, "message refused")
			want(t, line, c.fields)
			if line["reason"] == "" {
				t.Errorf("no reason: %v", line)
			}
			if c.ends {
				p.ended(t)
			} else if got := p.ask(t, request("OPTIONS", "sip:x", "c2")); got != "SIP/2.0 200 OK" {
				t.Errorf("and then %q", got)
			}
		})
	}
	p := dial(t, s.address(0), nil)
	p.send(t, "OPTIONS sip:x SIP/2.0\r\nVia:")
	p.CloseWrite()
	p.ended(t)
	line, _ := s.lines.until(t, "connection closed by the peer")
	if reason, _ := line["reason"].(string); !strings.Contains(reason, "27 bytes") {
		t.Errorf("log %v", line)
	}
}

// TestSignature has the Server header of the script.
func TestSignature(t *testing.T) {
	for lines, headers := range map[string][]string{
		"":                                     {"Server: tlsmgm (OpenSIPS 2.3)"},
		"server_header=\"Server: Edge 1\"\n":   {"Server: Edge 1"},
		"server_header=\"server:Edge 1\"\n":    {"Server: Edge 1"},
		"server_header=\"X-Server: Edge 1\"\n": {"X-Server: Edge 1"},
		"server_signature=no\n":                nil,
		"server_signature=0\nserver_header=\"Server: Edge 1\"\n":   nil,
		"server_signature=yes\nserver_header=\"Server: Edge 1\"\n": {"Server: Edge 1"},
		"server_header=\"Edge 1\"\n":                               nil,
		"server_header=\"Edge 1: x\"\n":                            nil,
	} {
		c := config(t, with(lines))
		set := settingsOf(c)
		o := set.signature.reply(nil)
		got := o.Extra
		if o.Server != "" {
			got = append(got, "Server: "+o.Server)
		}
		if diff := cmp.Diff(headers, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lines, diff)
		}
		log := &logLines{records: make(chan map[string]any, 1)}
		set.tellSignature(c, slog.New(slog.NewJSONHandler(log, nil)))
		if told := len(log.records) > 0; told != strings.Contains(lines, `"Edge`) {
			t.Errorf("%s is told of: %t", lines, told)
		}
	}
}

// TestReplyHeaders has the header of the script before those of its route.
func TestReplyHeaders(t *testing.T) {
	w := newWorld(t)
	s := w.serve(t, "server_header=\"X-Edge: 1\"\nlisten=tls:192.0.2.1:5061\n"+opening+`route {
	append_to_reply("X-Number: $ci\r\n");
	sl_send_reply("200", "Fine");
}
`, Options{})
	p := dial(t, s.address(0), nil)
	for _, id := range []string{"c1", "c2"} {
		p.send(t, request("OPTIONS", "sip:x", id))
		reply, err := p.reply()
		if err != nil || !strings.Contains(reply, "X-Edge: 1\r\nX-Number: "+id+"\r\n") || strings.Contains(reply, "\r\nServer:") {
			t.Errorf("reply %q, %v", reply, err)
		}
		if via := fmt.Sprintf(";branch=z9hG4bK%s;received=127.0.0.1\r\n", id); !strings.Contains(reply, via) {
			t.Errorf("the Via lacks %q: %q", via, reply)
		}
	}
}

// TestSettings takes the limits of the script, and OpenSIPS's without one.
func TestSettings(t *testing.T) {
	set := settingsOf(config(t, answering))
	if set.connections != 2048 || set.idle.duration() != 120*time.Second || set.message.duration() != 4*time.Second || set.chunks.n != 4 || !set.pong {
		t.Errorf("defaults %+v", set)
	}
	if got := set.message.String(); got != "tcp_max_msg_time, by default" {
		t.Errorf("the origin is %q", got)
	}
	c := config(t, with("tcp_max_connections=7\ntcp_connection_lifetime=60\ntcp_max_msg_time=0\n"))
	set = settingsOf(c)
	o := set.transport(c, nil)
	if o.MaxConnections != 7 || o.IdleTimeout != time.Minute || set.message.duration() != time.Second {
		t.Errorf("options %+v, a message may take %v", o, set.message.duration())
	}
	if got := o.HandshakeTimeoutFrom.String(); !strings.HasPrefix(got, "opensips.cfg:") {
		t.Errorf("the handshake timeout is from %s", got)
	}
}

// TestTooMany refuses connections beyond those of the script.
func TestTooMany(t *testing.T) {
	w := newWorld(t)
	s := w.serve(t, with("tcp_max_connections=1\n"), Options{})
	dial(t, s.address(0), nil)
	s.lines.next(t)
	if _, err := tryDial(t, s.address(0), nil); err == nil {
		t.Error("a second connection is open")
	}
	want(t, s.lines.next(t), map[string]any{"msg": "connections are refused: there are as many as may be", "connections": 1.0})
}
