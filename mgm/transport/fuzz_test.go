package transport

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"
	"unicode"
)

// FuzzFirstBytes has a client send anything and leave. The handshake must fail
// with one line that is fit for a terminal, and nothing may be left of it.
func FuzzFirstBytes(f *testing.F) {
	for _, seed := range []string{
		"", "\r\n\r\n", "OPTIONS sip:a SIP/2.0\r\n", "GET / HTTP/1.0\r\n\r\n", "\x80\x2e\x01\x00\x02", "\xff\x1b[31m\x00",
		"\x15\x03\x01\x00\x02\x02\x28", "\x15\x03\x01\x00\x02\x01\x00", "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",
		"\x17\x03\x03\x00\x01a", "\x16\x03\x01\xff\xff", clientHello,
	} {
		f.Add([]byte(seed))
	}
	w := newWorld(f)
	w.script.HandshakeTimeout = time.Second
	registry := w.registry(f)
	f.Fuzz(func(t *testing.T, sent []byte) {
		lines := newLogLines()
		s := newServer(registry, Options{})
		s.options.Log = newLogger(lines)
		near, far := net.Pipe()
		go io.Copy(io.Discard, far) // what the server says
		ctx := context.Background()
		s.admit(ctx, Socket{}, near, func(context.Context, *Conn) { t.Error("the handshake succeeds") })
		far.Write(sent)
		far.Close()
		s.serve.Wait()
		line := lines.next(t)
		if line["msg"] != "TLS handshake failed" || line["step"] == "" || line["reason"] == "" || len(lines.records) > 0 {
			t.Errorf("log %v and %d more lines", line, len(lines.records))
		}
		if strings.ContainsFunc(line["reason"]+line["help"], func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("not for a terminal: %q", line)
		}
		if left := s.all(); len(left) > 0 {
			t.Errorf("%d connections are left", len(left))
		}
	})
}

// clientHello is one of TLS 1.2 with one suite that the domain has not.
const clientHello = "\x16\x03\x01\x00\x2d\x01\x00\x00\x29\x03\x03" +
	"0123456789abcdef0123456789abcdef" + "\x00\x00\x02\x00\x05\x01\x00"
