package transport

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/openssl"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

// weakKey is an RSA key below security level 2, made once.
func weakKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// strict asks for a certificate and says where.
func strict(d *domain.Definition) { d.VerifyCert, d.RequireCert = on(40), on(41) }

// sends writes text and keeps the connection open until the server closes it.
func sends(text string) func(testing.TB, string) {
	return func(t testing.TB, address string) {
		raw, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer raw.Close()
		io.WriteString(raw, text)
		io.Copy(io.Discard, raw)
	}
}

// leaves closes the connection after text.
func leaves(text string) func(testing.TB, string) {
	return func(t testing.TB, address string) {
		raw, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(raw, text)
		raw.Close()
	}
}

// speaks makes a handshake, which the server refuses.
func speaks(config *tls.Config) func(testing.TB, string) {
	return func(t testing.TB, address string) {
		conn, err := dial(t, address, config)
		if err == nil {
			_, err = conn.Read(make([]byte, 1)) // TLS 1.3 tells then
		}
		if err == nil || errors.Is(err, io.EOF) {
			t.Errorf("the client sees %v", err)
		}
	}
}

// stalls makes a handshake up to the message of the client that follows the
// server's, and then does nothing, or leaves.
func stalls(leave bool) func(testing.TB, string) {
	return func(t testing.TB, address string) {
		raw, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer raw.Close()
		config := trusting(nil)
		// The server's messages were read when this is called.
		config.VerifyConnection = func(tls.ConnectionState) error {
			if leave {
				raw.(*net.TCPConn).CloseWrite()
			}
			io.Copy(io.Discard, raw)
			return errors.New("enough")
		}
		tls.Client(raw, config).Handshake()
	}
}

func of12(config *tls.Config) *tls.Config {
	config.MaxVersion = tls.VersionTLS12
	return config
}

// TestServerExplains has clients do what goes wrong, and looks at the one line
// that the log has of each.
func TestServerExplains(t *testing.T) {
	const verifies = `; domain "dom1" verifies it (verify_cert, opensips.cfg:40)`
	suites := []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_256_CBC_SHA}
	root := certtest.Root(t, "root", current())
	issue := func(name string, o ...certtest.Option) *certtest.Identity {
		return root.Issue(t, name, append([]certtest.Option{current()}, o...)...)
	}
	gone := issue("gone")
	weak := issue("weak", certtest.Key(weakKey(t)))
	alien := certtest.Root(t, "other root", current()).Issue(t, "alien", current())
	deep := root.Authority(t, "one", current()).Authority(t, "two", current()).Authority(t, "three", current()).
		Authority(t, "four", current()).Issue(t, "deep", current())
	chain := func(id *certtest.Identity, more ...*certtest.Identity) *tls.Config {
		config := trusting(id)
		for _, m := range more {
			config.Certificates[0].Certificate = append(config.Certificates[0].Certificate, m.Raw)
		}
		return config
	}
	for name, c := range map[string]struct {
		change  func(*domain.Definition)
		timeout time.Duration
		peer    func(testing.TB, string)
		step    Step
		reason  string
		level   string // of the log, if not WARN
	}{
		"nothing":        {nil, 30 * time.Millisecond, sends(""), StepHello, `the client sent nothing within 30ms (tls_handshake_timeout, opensips.cfg:11)`, ""},
		"gone at once":   {nil, 0, leaves(""), StepHello, `the client closed the connection without sending anything`, "INFO"},
		"half a hello":   {nil, 300 * time.Millisecond, sends("\x16\x03\x01\x02\x00\x01"), StepHello, `6 bytes of the client are no whole ClientHello within 300ms (tls_handshake_timeout, opensips.cfg:11)`, ""},
		"hello cut off":  {nil, 0, leaves("\x16\x03\x01\x02\x00\x01"), StepHello, `the client closed the connection after 6 bytes, in its ClientHello`, ""},
		"SIP":            {nil, 0, sends("OPTIONS sip:a SIP/2.0\r\n"), StepHello, `plain SIP ("OPTIO") came instead of TLS`, ""},
		"SIP keep-alive": {nil, 0, sends("\r\n\r\n\r\n\r\n"), StepHello, `keep-alives of plain SIP came instead of TLS`, ""},
		"HTTP":           {nil, 0, sends("GET / HTTP/1.1\r\n"), StepHello, `plain HTTP ("GET /") came instead of TLS`, ""},
		"PROXY":          {nil, 0, sends("PROXY TCP4 1.2.3.4"), StepHello, `the PROXY protocol ("PROXY") came instead of TLS`, ""},
		"garbage":        {nil, 0, sends("\xff\x00\x1b[0mxxxx"), StepHello, `what came is no TLS: it begins with "\xff\x00\x1b[0"`, ""},
		"SSLv2":          {nil, 0, sends("\x80\x2e\x01\x00\x02xxxx"), StepHello, `the client speaks SSLv2, which is always off`, ""},
		"no answer":      {noVerify, 300 * time.Millisecond, stalls(false), StepFinish, `the client did not finish the handshake within 300ms (tls_handshake_timeout, opensips.cfg:11)`, ""},
		"no certificate message": {
			strict, 300 * time.Millisecond, stalls(false), StepCertificate,
			`the client did not answer the request for its certificate within 300ms (tls_handshake_timeout, opensips.cfg:11)`, "",
		},
		"left": {noVerify, 0, stalls(true), StepFinish, `the client closed the connection in the handshake without an alert`, ""},
		"no certificate": {
			strict, 0, speaks(trusting(nil)), StepCertificate,
			`peer certificate required by domain "dom1" (require_cert, opensips.cfg:41) but none was sent`, "",
		},
		"no certificate 1.2": {
			strict, 0, speaks(of12(trusting(nil))), StepCertificate,
			`peer certificate required by domain "dom1" (require_cert, opensips.cfg:41) but none was sent`, "",
		},
		"no version": {
			func(d *domain.Definition) { d.Method = domain.Text{Value: "TLSv1_3", From: at(42)} }, 0,
			speaks(of12(trusting(nil))), StepNegotiation,
			`no common protocol version: the client offers TLSv1.2, domain "dom1" allows TLSv1.3 (tls_method, opensips.cfg:42)`, "",
		},
		"no suite": {
			func(d *domain.Definition) {
				d.CiphersList = domain.Text{Value: "ECDHE-ECDSA-AES256-GCM-SHA384", From: at(43)}
			}, 0,
			speaks(&tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12, CipherSuites: suites}), StepNegotiation,
			`no common cipher suite: the client offers ECDHE-RSA-AES128-SHA, AES256-SHA, domain "dom1" allows TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256, TLS_AES_128_GCM_SHA256, ECDHE-ECDSA-AES256-GCM-SHA384 (ciphers_list, opensips.cfg:43)`, "",
		},
		"no suite for the key": {
			nil, 0, speaks(&tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12, CipherSuites: suites}), StepNegotiation,
			`no cipher suite works with the ECDSA P-256 key of the certificate of domain "dom1": in common are ECDHE-RSA-AES128-SHA, AES256-SHA`, "",
		},
		"no curve": {
			func(d *domain.Definition) { d.ECCurve = domain.Text{Value: "secp384r1", From: at(44)} }, 0,
			speaks(&tls.Config{InsecureSkipVerify: true, CurvePreferences: []tls.CurveID{tls.X25519}}), StepNegotiation,
			`no common curve: domain "dom1" allows secp384r1 (ec_curve, opensips.cfg:44)`, "",
		},
		"client does not trust us": {
			noVerify, 0, func(t testing.TB, address string) { dial(t, address, &tls.Config{ServerName: "x"}) }, StepFinish,
			`the peer sent the alert "bad certificate": the peer does not take the certificate of domain "dom1"`, "",
		},
		"expired":        {strict, 0, speaks(trusting(root.Issue(t, "old", expired()))), StepCertificate, `the certificate "CN=old,O=certtest" of the peer expired at 2*` + verifies, ""},
		"not yet valid":  {strict, 0, speaks(trusting(root.Issue(t, "new", certtest.Valid(time.Now().Add(time.Hour), time.Now().Add(2*time.Hour))))), StepCertificate, `the certificate "CN=new,O=certtest" of the peer is not valid before 2*` + verifies, ""},
		"self-signed":    {strict, 0, speaks(trusting(certtest.SelfSigned(t, "self", current()))), StepCertificate, `the certificate "CN=self,O=certtest" of the peer is self-signed and not trusted` + verifies, ""},
		"unknown issuer": {strict, 0, speaks(trusting(alien)), StepCertificate, `the issuer "CN=other root,O=certtest" of the certificate "CN=alien,O=certtest" of the peer is not known` + verifies, ""},
		"unknown root":   {strict, 0, speaks(chain(alien, alien.Issuer)), StepCertificate, `the root "CN=other root,O=certtest" of the peer's certificate is not trusted` + verifies, ""},
		"too deep":       {strict, 0, speaks(trusting(deep)), StepCertificate, `the chain of the peer's certificate is too long` + verifies, ""},
		"purpose":        {strict, 0, speaks(trusting(issue("srv", certtest.Usage(x509.ExtKeyUsageServerAuth)))), StepCertificate, `the certificate "CN=srv,O=certtest" of the peer is not for TLS clients` + verifies, ""},
		"weak":           {strict, 0, speaks(trusting(weak)), StepCertificate, `the certificate "CN=weak,O=certtest" of the peer is too weak for security level 2: EE certificate key too weak` + verifies, ""},
		"too weak for the domain": {
			func(d *domain.Definition) {
				strict(d)
				d.CiphersList = domain.Text{Value: "DEFAULT@SECLEVEL=3", From: at(43)}
			}, 0, speaks(trusting(issue("rsa", certtest.Key(certtest.RSAKey(t))))), StepCertificate,
			`the certificate "CN=rsa,O=certtest" of the peer is too weak for security level 3: EE certificate key too weak` + verifies, "",
		},
		"revoked": {
			revocation, 0, speaks(trusting(gone)), StepCertificate,
			`the certificate "CN=gone,O=certtest" of the peer is revoked by a list of the crl_dir (opensips.cfg:45)` + verifies, "",
		},
		"no CRL": {
			revocation, 0, speaks(trusting(root.Authority(t, "below", current()).Issue(t, "low", current()))), StepCertificate,
			`there is no revocation list of "CN=below,O=certtest", the issuer of the certificate "CN=low,O=certtest" of the peer` + verifies, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorldOf(t, root)
			w.put("crls/root.pem", certtest.CRLPEM(root.Revoke(t, certtest.RevocationList{
				Revoked: []*big.Int{gone.SerialNumber}, From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour),
			})))
			w.version = v34(t) // whose methods bind
			w.add(t, domain.Server, "dom1", "192.0.2.1:5061", c.change)
			if c.timeout != 0 {
				w.script.HandshakeTimeout = c.timeout
			}
			s := serve(t, w.registry(t), Options{HandshakeTimeoutFrom: at(11)}, nil, "192.0.2.1:5061")
			c.peer(t, s.address())
			line := s.lines.next(t)
			want := map[string]string{"msg": "TLS handshake failed", "socket": "192.0.2.1:5061", "domain": "dom1", "step": string(c.step), "level": orText(c.level, "WARN")}
			for key, value := range want {
				if line[key] != value {
					t.Errorf("%s is %q, want %q", key, line[key], value)
				}
			}
			if !like(c.reason, line["reason"]) {
				t.Errorf("reason %s\nwant   %s", line["reason"], c.reason)
			}
			if err := s.stop(); err != nil || len(s.lines.records) > 0 {
				t.Errorf("ends with %v and %d more lines", err, len(s.lines.records))
			}
		})
	}
}

// revocation looks certificates up.
func revocation(d *domain.Definition) {
	strict(d)
	d.CRLDir = domain.Text{Value: "crls", From: at(45)}
}

// like compares with a pattern in which a * stands for anything.
func like(pattern, text string) bool {
	expr := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*")
	return regexp.MustCompile("^" + expr + "$").MatchString(text)
}

func orText(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// TestClientExplains has servers do what goes wrong.
func TestClientExplains(t *testing.T) {
	w := newWorld(t)
	w.script.HandshakeTimeout = long
	answers := func(text string, leave bool) func(net.Conn) (net.Conn, error) {
		return func(raw net.Conn) (net.Conn, error) {
			raw.Read(make([]byte, 1<<10))
			io.WriteString(raw, text)
			if !leave {
				io.Copy(io.Discard, raw)
			}
			return nil, io.EOF
		}
	}
	speaks := func(config *tls.Config) func(net.Conn) (net.Conn, error) {
		return func(raw net.Conn) (net.Conn, error) {
			conn := tls.Server(raw, config)
			return conn, conn.Handshake()
		}
	}
	asking := presenting(w.issue(t, "server"))
	asking.ClientAuth, asking.ClientCAs, asking.MaxVersion = tls.RequireAndVerifyClientCert, x509.NewCertPool(), tls.VersionTLS12
	old := presenting(w.issue(t, "server"))
	old.MaxVersion = tls.VersionTLS11
	rsaOnly := presenting(w.issue(t, "server", certtest.Key(certtest.RSAKey(t))))
	rsaOnly.MaxVersion, rsaOnly.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_RSA_WITH_RC4_128_SHA}
	const verifies = `; the default client domain verifies it (verify_cert, by default)`
	for name, c := range map[string]struct {
		start   func(net.Conn) (net.Conn, error)
		timeout time.Duration
		step    Step
		reason  string
	}{
		"silent":       {answers("", false), 30 * time.Millisecond, StepHello, "the server did not answer the ClientHello within 30ms (tls_handshake_timeout, opensips.cfg:11)"},
		"half a hello": {answers("\x16\x03\x03\x01\x00\x02", false), 300 * time.Millisecond, StepNegotiation, "6 bytes of the server do not hold its whole certificate within 300ms (tls_handshake_timeout, opensips.cfg:11)"},
		"gone":         {answers("", true), 0, StepHello, "the server closed the connection instead of answering the ClientHello"},
		"gone later":   {answers("\x16\x03\x03\x01\x00\x02", true), 0, StepNegotiation, "the server closed the connection in the handshake without an alert"},
		"SIP":          {answers("SIP/2.0 400 Bad Request\r\n", false), 0, StepHello, `plain SIP ("SIP/2") came instead of TLS`},
		"HTTP":         {answers("HTTP/1.1 400 Bad Request\r\n", false), 0, StepHello, `plain HTTP ("HTTP/") came instead of TLS`},
		"wants a certificate that it trusts": {
			speaks(asking), 0, StepFinish,
			`the peer sent the alert "unknown ca": the peer does not trust the issuer of the certificate of the default client domain`,
		},
		"old":      {speaks(old), 0, StepNegotiation, `the peer sent the alert "protocol version": the peer speaks none of the protocol versions of the default client domain`},
		"no suite": {speaks(rsaOnly), 0, StepNegotiation, `the peer sent the alert "handshake failure": the peer found no cipher suite in common with the default client domain, or wants a certificate`},
		"self-signed": {
			speaks(presenting(certtest.SelfSigned(t, "self", current()))), 0, StepCertificate,
			`the certificate "CN=self,O=certtest" of the peer is self-signed and not trusted` + verifies,
		},
		"a client's": {
			speaks(presenting(w.issue(t, "phone", certtest.Usage(x509.ExtKeyUsageClientAuth)))), 0, StepCertificate,
			`the certificate "CN=phone,O=certtest" of the peer is not for TLS servers` + verifies,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := *w
			if c.timeout != 0 {
				w.script.HandshakeTimeout = c.timeout
			}
			p := newPeer(t, c.start)
			_, err := newClient(t, w.registry(t), nil, Options{HandshakeTimeoutFrom: at(11)}).Dial(t.Context(), p.target())
			e := handshakeError(t, err)
			if e.Step != c.step || e.Reason != c.reason || e.Domain != "default" || e.Peer != p.target().Address {
				t.Errorf("step %s, domain %q, reason %s\nwant %s, %s", e.Step, e.Domain, e.Reason, c.step, c.reason)
			}
			if !strings.Contains(e.Error(), p.Addr().String()) || !strings.Contains(e.Error(), e.Reason) || errors.Unwrap(e) == nil {
				t.Errorf("error %v", e)
			}
		})
	}
}

// TestAlertTexts keeps the table of alerts whole, and the places for the domain.
func TestAlertTexts(t *testing.T) {
	for a, m := range alertMeanings {
		if strings.HasPrefix(a.String(), "alert(") || strings.Count(m.reason, "%s") > 1 || m.help == "" {
			t.Errorf("%d %s: %+v", a, a.String(), m)
		}
		err := &net.OpError{Op: "remote error", Err: tls.AlertError(a)}
		if got, ok := alertFrom(err); !ok || got != a {
			t.Errorf("alert %v is taken for %v", a, got)
		}
	}
	if _, ok := alertFrom(io.EOF); ok {
		t.Error("io.EOF is taken for an alert")
	}
}

// TestLikeOpenSSL replaces that one alert and leaves other records alone.
func TestLikeOpenSSL(t *testing.T) {
	for in, want := range map[string]string{
		"\x15\x03\x03\x00\x02\x02\x2a": "\x15\x03\x03\x00\x02\x02\x30",
		"\x15\x03\x03\x00\x02\x02\x50": "\x15\x03\x03\x00\x02\x02\x50",
		"\x16\x03\x03\x00\x02\x02\x2a": "\x16\x03\x03\x00\x02\x02\x2a",
		"\x15\x03\x03\x00\x02\x02":     "\x15\x03\x03\x00\x02\x02",
	} {
		if got := string(likeOpenSSL([]byte(in), verify.SelfSigned)); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// TestHelloNumbers names what is no suite, and what has no name.
func TestHelloNumbers(t *testing.T) {
	for id, want := range map[uint16]bool{0x0a0a: true, 0xfafa: true, 0x0a1a: false, 0x00ff: true, 0x5600: true, 0x1301: false} {
		if got := isSignal(id); got != want {
			t.Errorf("isSignal(%#04x) = %t", id, got)
		}
	}
	if got := numbered(openssl.VersionName(0x7f1c), "unknown", 0x7f1c); got != "0x7f1c" {
		t.Errorf("a draft version is called %s", got)
	}
	names := strings.Split("a b c d e f g h i j", " ")
	if got := list(names); got != "a, b, c, d, e, f, g, h and 2 more" {
		t.Errorf("list gives %s", got)
	}
	if got := list(nil); got != "none" {
		t.Errorf("list of nothing gives %s", got)
	}
}
