package tlsctx_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
)

// ends are what both ends of a connection saw: the errors of exchanging some
// bytes, and the states after the handshake.
type ends struct {
	serverErr, clientErr error
	server, client       tls.ConnectionState
}

func (e ends) ok() bool { return e.serverErr == nil && e.clientErr == nil }

// connect has a client and a server say something to each other.
func connect(t testing.TB, server, client *tls.Config) (e ends) {
	t.Helper()
	near, far := sockets(t)
	serverEnd, clientEnd := tls.Server(near, server), tls.Client(far, client)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer near.Close()
		if e.serverErr = serverEnd.HandshakeContext(t.Context()); e.serverErr != nil {
			return
		}
		e.server = serverEnd.ConnectionState()
		e.serverErr = echo(serverEnd, len(greeting))
	}()
	e.clientErr = clientEnd.HandshakeContext(t.Context())
	if e.clientErr == nil {
		e.client = clientEnd.ConnectionState()
		e.clientErr = say(clientEnd, greeting)
	}
	far.Close()
	<-done
	return e
}

// sockets are the two ends of a connection on this machine.
func sockets(t testing.TB) (near, far net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if far, err = net.Dial("tcp", listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if near, err = listener.Accept(); err != nil {
		t.Fatal(err)
	}
	for _, conn := range []net.Conn{near, far} {
		if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	return near, far
}

const greeting = "OPTIONS"

func echo(conn net.Conn, length int) error {
	buf := make([]byte, length)
	if _, err := io.ReadFull(conn, buf); err != nil {
		return err
	}
	_, err := conn.Write(buf)
	return err
}

func say(conn net.Conn, text string) error {
	if _, err := io.WriteString(conn, text); err != nil {
		return err
	}
	answer := make([]byte, len(text))
	if _, err := io.ReadFull(conn, answer); err != nil {
		return err
	}
	if !bytes.Equal(answer, []byte(text)) {
		return fmt.Errorf("answered %q", answer)
	}
	return nil
}

// live is a recorded connection to a real server.
type live struct {
	What, Verify, Require, Client, TLS string
	Method                             string
	ClientTLS                          string `json:"client_tls"`
	Conn                               struct{ Handshake, Proto, SIP string }
	IPV                                []string // what is_peer_verified() said
}

func (l live) ok() bool { return strings.HasPrefix(l.Conn.SIP, "SIP/2.0 200") }

var tlsVersions = map[string]uint16{
	"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13,
}

// recordedDomain is the server domain of the recordings.
func recordedDomain(t testing.TB) *domain.Definition {
	t.Helper()
	d := domain.New(domain.Server, "sv1", "/nosuch/")
	d.Certificate.File, d.PrivateKey.File = facts(t, "certs", "sv1.pem"), facts(t, "certs", "sv1.key")
	d.CAList = domain.Material{File: facts(t, "certs", "ca.pem")}
	return d
}

// load makes a context that must be without errors.
func load(t testing.TB, o tlsctx.Options, d *domain.Definition) *tlsctx.Context {
	t.Helper()
	c, problems := tlsctx.NewLoader(o, nil).Load(d)
	if c == nil {
		t.Fatalf("load domain %q: %+v", d.Name, problems)
	}
	return c
}

// TestRecordedVerification compares with 32 connections to a real 2.3: which of
// them worked, and for which of them is_peer_verified() held.
func TestRecordedVerification(t *testing.T) {
	seen := 0
	for _, l := range jsonLines[live](t, facts(t, "live", "2.3.jsonl")) {
		if l.What != "verify" {
			continue
		}
		seen++
		t.Run(fmt.Sprintf("verify %s require %s client %s TLS %s", l.Verify, l.Require, l.Client, l.TLS), func(t *testing.T) {
			d := recordedDomain(t)
			d.VerifyCert.On, d.RequireCert.On = l.Verify == "1", l.Require == "1"
			server := load(t, tlsctx.Options{Now: recordedAt}, d)
			got := connect(t, server.ServerConfig(), recordedClient(t, l))
			if got.ok() != l.ok() {
				t.Errorf("ok: %t, with the real server: %t; %v, %v", got.ok(), l.ok(), got.serverErr, got.clientErr)
			}
			peer := got.server.PeerCertificates
			verified := got.ok() && len(peer) > 0 && server.VerifyPeer(peer).Err() == nil
			if want := strings.Join(l.IPV, "") == "true"; verified != want {
				t.Errorf("verified: %t, by the real server: %t", verified, want)
			}
		})
	}
	if seen != 32 {
		t.Errorf("%d recordings instead of 32", seen)
	}
}

func recordedClient(t testing.TB, l live) *tls.Config {
	t.Helper()
	version := tlsVersions[l.TLS]
	config := &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version}
	if name := map[string]string{"valid": "cl1", "selfsigned": "self", "expired": "expired"}[l.Client]; name != "" {
		cert, err := tls.LoadX509KeyPair(facts(t, "certs", name+".pem"), facts(t, "certs", name+".key"))
		if err != nil {
			t.Fatal(err)
		}
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &cert, nil }
	}
	return config
}

// TestRecordedMethods compares with connections to real servers of all methods.
// 2.3 does not apply them, and OpenSSL's security level forbids TLS 1.0, which
// crypto/tls does not: these differ.
func TestRecordedMethods(t *testing.T) {
	differs := map[string]bool{
		"2.3 TLSv1 1.0": true, "2.3 TLSv1 1.2": true, "2.3 TLSv1 1.3": true, "2.3 TLSv1_2 1.3": true,
		"3.4 TLSv1 1.0": true,
	}
	for _, version := range []string{"2.3", "3.4"} {
		v, err := catalogue.ParseVersion(version)
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for _, l := range jsonLines[live](t, facts(t, "live", version+".jsonl")) {
			name := version + " " + l.Method + " " + l.ClientTLS
			if l.What != "method" {
				continue
			}
			if _, err := domain.ParseMethod(l.Method, v); err != nil {
				t.Errorf("method of the recording: %v", err)
				continue
			}
			seen++
			t.Run(name, func(t *testing.T) {
				d := recordedDomain(t)
				d.VerifyCert.On, d.Method.Value = false, l.Method
				server := load(t, tlsctx.Options{Version: v, Now: recordedAt}, d)
				got := connect(t, server.ServerConfig(), recordedClient(t, live{TLS: l.ClientTLS}))
				if (got.ok() == l.ok()) == differs[name] {
					t.Errorf("ok: %t, with the real server: %t; %v, %v", got.ok(), l.ok(), got.serverErr, got.clientErr)
				}
				if got.ok() && l.ok() && tls.VersionName(got.server.Version) != strings.Replace(l.Conn.Proto, "TLSv", "TLS ", 1) {
					t.Errorf("speaks %s, the real server %s", tls.VersionName(got.server.Version), l.Conn.Proto)
				}
			})
		}
		if seen < 16 {
			t.Errorf("only %d recordings of %s", seen, version)
		}
	}
}

// TestRecordedFiles loads every certificate of the recordings.
func TestRecordedFiles(t *testing.T) {
	for name, want := range map[string]struct {
		key, kind, rule string // rule of the first problem
	}{
		"sv1.pem":       {"sv1.key", "RSA 2048", ""},
		"sv1.chain.pem": {"sv1.key", "RSA 2048", ""},
		"sv1.both.pem":  {"sv1.both.pem", "RSA 2048", ""},
		"ec.pem":        {"ec.key", "ECDSA P-256", ""},
		"rich.pem":      {"rich.key", "RSA 2048", ""},
		"expired.pem":   {"expired.key", "RSA 2048", "certificate-expired"},
		"sv1.der":       {"sv1.key", "", "certificate-unreadable"},
		"empty.pem":     {"sv1.key", "", "certificate-unreadable"},
		"garbage.pem":   {"sv1.key", "", "certificate-unreadable"},
		"weak512.pem":   {"weak512.key", "", "certificate-weak"},
		"weak1024.pem":  {"weak1024.key", "", "certificate-weak"},
		"other.pem":     {"sv1.key", "", "private-key-mismatch"},
	} {
		t.Run(name, func(t *testing.T) {
			d := recordedDomain(t)
			d.Certificate.File, d.PrivateKey.File = facts(t, "certs", name), facts(t, "certs", want.key)
			c, problems := tlsctx.NewLoader(tlsctx.Options{Now: recordedAt}, nil).Load(d)
			rule := ""
			if len(problems) > 0 {
				rule = problems[0].Rule
			}
			if rule != want.rule {
				t.Errorf("the first problem is %q, want %q: %+v", rule, want.rule, problems)
			}
			if (c != nil) != (want.kind != "") || c != nil && c.KeyKind() != want.kind {
				t.Errorf("context %v, want a key of kind %q", c, want.kind)
			}
		})
	}
}

// TestRecordedEncryptedKey decrypts the key of the recordings.
func TestRecordedEncryptedKey(t *testing.T) {
	d := recordedDomain(t)
	d.PrivateKey.File = facts(t, "certs", "sv1.enc.key")
	for passphrase, want := range map[string]string{"": "private-key-encrypted", "wrong": "private-key-passphrase", "secret": ""} {
		t.Run(passphrase, func(t *testing.T) {
			c, problems := tlsctx.NewLoader(tlsctx.Options{Now: recordedAt, Passphrase: []byte(passphrase)}, nil).Load(d)
			if want == "" {
				if c == nil || len(problems) > 0 {
					t.Errorf("context %v, problems %+v", c, problems)
				}
				return
			}
			if len(problems) != 1 || problems[0].Rule != want {
				t.Errorf("problems %+v, want %q", problems, want)
			}
		})
	}
}
