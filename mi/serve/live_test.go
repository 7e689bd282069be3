package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/cfg/live"
	"github.com/opensips-tools/tlsmgm/mi"
)

// anyPort opens the TLS socket of a site at any free port.
func anyPort() *live.Options { return &live.Options{PortOffset: -5061} }

// handshake gives the name in the certificate of a server, and its reply to an
// OPTIONS request.
func handshake(t testing.TB, address string) (name, reply string) {
	t.Helper()
	conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TLS a;branch=z9hG4bK1\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCall-ID: c1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n")
	conn.CloseWrite()
	text, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return conn.ConnectionState().PeerCertificates[0].Subject.CommonName, string(text)
}

const lenient = `modparam("tls_mgm", "require_cert", "[sv1]0")
modparam("tls_mgm", "tls_handshake_timeout", 20000)`

// TestTLS serves the TLS sockets beside the interface, with its domains: those of
// the last reload.
func TestTLS(t *testing.T) {
	s := newSite(t, lenient)
	service, result, err := s.new(t, Options{TLS: anyPort()})
	if err != nil || service == nil {
		t.Fatal(result.Diagnostics, err)
	}
	if findings, err := service.OpenTLS(t.Context()); err != nil || len(findings) > 0 {
		t.Fatal(findings, err)
	}
	if lines := s.log.lines(t, "TLS sockets are open"); len(lines) != 1 {
		t.Errorf("log %v", lines)
	}
	address := service.live.Addresses()[0].String()
	ctx, cancel := context.WithCancel(context.Background())
	urls, done := make(chan string, 1), make(chan error, 1)
	go func() { done <- service.Run(ctx, func(url string) { urls <- url }) }()
	c := client(t, <-urls)
	if name, reply := handshake(t, address); name != "sv1.example.org" || !strings.HasPrefix(reply, "SIP/2.0 200 OK\r\n") {
		t.Errorf("%s answers %q", name, reply)
	}
	s.db.Write(t, s.path("sv1.pem"), s.path("sv1.key"))
	if err := service.reloader.afterChange(t.Context()); err != nil {
		t.Fatal(err)
	}
	if name, _ := handshake(t, address); name != "db.example.org" {
		t.Errorf("after a reload the certificate is that of %s", name)
	}
	if names := listed(t, c); len(names) != 5 {
		t.Errorf("the interface lists %q", names)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("ends with %v", err)
	}
	if conn, err := net.Dial("tcp", address); err == nil {
		conn.Close()
		t.Error("the TLS socket is still open")
	}
}

// TestTLSNotOpened says why.
func TestTLSNotOpened(t *testing.T) {
	s := newSite(t, lenient)
	service, _, err := s.new(t, Options{TLS: &live.Options{PortOffset: 70000}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := service.OpenTLS(t.Context()); err == nil {
		t.Error("a port of 75061 is open")
	} else if _, ok := errors.AsType[*live.SocketError](err); !ok {
		t.Errorf("error %v", err)
	}
	if service, _, err = s.new(t, Options{}); err != nil {
		t.Fatal(err)
	}
	if findings, err := service.OpenTLS(t.Context()); err != nil || findings != nil || service.live != nil {
		t.Errorf("without being asked: %v, %v", findings, err)
	}
}

// TestTLSWithoutInterface closes the TLS sockets where the interface cannot be
// opened.
func TestTLSWithoutInterface(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	s := newSite(t, lenient)
	service, _, err := s.new(t, Options{TLS: anyPort(), Server: mi.ServerConfig{Listen: taken.Addr().String()}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := service.OpenTLS(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := service.Run(t.Context(), func(string) {}); err == nil {
		t.Error("an address that is taken is served")
	}
	if conn, err := net.Dial("tcp", service.live.Addresses()[0].String()); err == nil {
		conn.Close()
		t.Error("the TLS socket is still open")
	}
}
