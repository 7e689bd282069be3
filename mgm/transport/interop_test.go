package transport

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/openssl"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

const (
	question = "OPTIONS sip:a SIP/2.0"
	answer   = "SIP/2.0 200 OK"
)

// program is the installed openssl.
func program(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("no openssl here")
	}
	return path
}

// seen is what openssl saw of a connection.
type seen struct {
	ok    bool // the answer came
	alert int  // 0 for none
	text  string
}

var alertNumber = regexp.MustCompile(`SSL alert number (\d+)`)

func seenIn(output, want string) seen {
	s := seen{ok: strings.Contains(output, want), text: output}
	if m := alertNumber.FindStringSubmatch(output); m != nil {
		s.alert, _ = strconv.Atoi(m[1])
	}
	return s
}

// sClient asks a server by means of openssl s_client, and waits until it closes
// the connection.
func sClient(t testing.TB, address string, args ...string) seen {
	t.Helper()
	return connectOnly(t, address, append([]string{"-ign_eof"}, args...)...)
}

// connectOnly leaves after the handshake.
func connectOnly(t testing.TB, address string, args ...string) seen {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	cmd := exec.CommandContext(ctx, program(t), append([]string{"s_client", "-connect", address}, args...)...)
	cmd.Stdin = strings.NewReader(question + "\n")
	output, _ := cmd.CombinedOutput() // how it exits says little
	return seenIn(string(output), answer)
}

// sServer is openssl s_server, for one connection. It gives lines back from
// their end to their start.
type sServer struct {
	address netip.AddrPort
	cmd     *exec.Cmd
	output  bytes.Buffer
	copied  chan bool
}

func startServer(t testing.TB, args ...string) *sServer {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), long)
	t.Cleanup(cancel)
	s := &sServer{copied: make(chan bool)}
	s.cmd = exec.CommandContext(ctx, program(t), append([]string{"s_server", "-accept", "127.0.0.1:0", "-naccept", "1", "-rev"}, args...)...)
	pipe, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stderr = s.cmd.Stdout
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(pipe)
	for !s.address.IsValid() {
		line, err := lines.ReadString('\n')
		s.output.WriteString(line)
		if err != nil {
			t.Fatalf("openssl s_server does not listen: %v\n%s", err, s.output.String())
		}
		if at, ok := strings.CutPrefix(strings.TrimSpace(line), "ACCEPT "); ok {
			s.address = netip.MustParseAddrPort(at)
		}
	}
	go func() {
		io.Copy(&s.output, lines)
		close(s.copied)
	}()
	return s
}

// wait is what the server saw.
func (s *sServer) wait() seen {
	<-s.copied
	_ = s.cmd.Wait() // how it exits says little
	return seenIn(s.output.String(), "CONNECTION ESTABLISHED")
}

// disk holds certificates for openssl.
type disk struct{ dir string }

func (d disk) write(t testing.TB, name string, content ...[]byte) string {
	t.Helper()
	path := filepath.Join(d.dir, name)
	if err := os.WriteFile(path, bytes.Join(content, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// present gives the arguments that have openssl present an identity with its
// chain and more.
func (d disk) present(t testing.TB, name string, id *certtest.Identity, more ...*certtest.Identity) []string {
	t.Helper()
	if id == nil {
		return nil
	}
	chain := id.ChainPEM()
	for _, m := range more {
		chain = append(chain, m.PEM()...)
	}
	return []string{
		"-cert", d.write(t, name+".pem", id.PEM()), "-key", d.write(t, name+".key", id.KeyPEM(t)),
		"-cert_chain", d.write(t, name+".chain.pem", chain),
	}
}

// answering answers one question.
func answering(outcomes chan<- *Conn) Handler {
	return func(_ context.Context, c *Conn) {
		if line, err := bufio.NewReader(c).ReadString('\n'); err == nil && strings.TrimSpace(line) == question {
			io.WriteString(c, answer+"\n")
			outcomes <- c
		}
	}
}

// party is somebody who connects, or is connected to, and what is wrong with
// it.
type party struct {
	id   *certtest.Identity
	more []*certtest.Identity // sent as well
	code verify.Code
	crl  bool // where revocation lists are looked at
	all  bool // in full
}

// parties are all kinds of them, of a root. purpose is the wrong one.
func parties(t testing.TB, root *certtest.Identity, purpose x509.ExtKeyUsage) (all map[string]party, crls []byte) {
	t.Helper()
	other := certtest.Root(t, "other root", current())
	alien := other.Issue(t, "alien", current())
	middle := root.Authority(t, "middle", current())
	issue := func(name string, o ...certtest.Option) *certtest.Identity {
		return root.Issue(t, name, append([]certtest.Option{current()}, o...)...)
	}
	deep := root.Authority(t, "one", current()).Authority(t, "two", current()).Authority(t, "three", current()).Issue(t, "deep", current())
	short := root.Authority(t, "short", current(), certtest.With(func(c *x509.Certificate) { c.MaxPathLenZero = true })).
		Authority(t, "under", current()).Issue(t, "too far", current())
	gone, below := issue("gone"), middle.Issue(t, "below", current())
	all = map[string]party{
		"none":           {code: verify.OK},
		"valid":          {id: issue("valid"), code: verify.OK},
		"RSA":            {id: issue("RSA", certtest.Key(certtest.RSAKey(t))), code: verify.OK},
		"chain":          {id: below, code: verify.OK},
		"expired":        {id: root.Issue(t, "old", expired()), code: verify.Expired},
		"not yet valid":  {id: issue("new", certtest.Valid(time.Now().Add(time.Hour), time.Now().Add(2*time.Hour))), code: verify.NotYetValid},
		"self-signed":    {id: certtest.SelfSigned(t, "self", current()), code: verify.SelfSigned},
		"unknown issuer": {id: alien, code: verify.UnknownIssuer},
		"unknown root":   {id: alien, more: []*certtest.Identity{other}, code: verify.SelfSignedInChain},
		"purpose":        {id: issue("purpose", certtest.Usage(purpose)), code: verify.InvalidPurpose},
		"path length":    {id: short, code: verify.PathLengthExceeded},
		"weak":           {id: issue("weak", certtest.Key(weakKey(t))), code: verify.LeafKeyTooWeak},
		"too deep":       {id: deep, code: verify.ChainTooLong},
		"revoked":        {id: gone, code: verify.Revoked, crl: true},
		"valid, CRLs":    {id: issue("listed"), code: verify.OK, crl: true},
		"no CRL":         {id: below, code: verify.NoCRL, crl: true},
		"all CRLs":       {id: below, code: verify.OK, crl: true, all: true},
	}
	list := certtest.RevocationList{Revoked: []*big.Int{gone.SerialNumber}, From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)}
	return all, certtest.CRLPEM(root.Revoke(t, list))
}

// apply sets what a domain has to look at for a party.
func (p party) apply(d *domain.Definition) {
	if p.crl {
		d.CRLDir = domain.Text{Value: "crls", From: at(45)}
	}
	d.CRLCheckAll.On = p.all
}

// allSettings are those of verify_cert and require_cert.
var allSettings = []struct{ verify, require bool }{{false, false}, {false, true}, {true, false}, {true, true}}

var bothVersions = map[string]uint16{"-tls1_2": tls.VersionTLS12, "-tls1_3": tls.VersionTLS13}

// TestServerWithOpenSSL has openssl s_client connect with all kinds of client
// certificates to domains with all settings of verify_cert and require_cert. The
// client must get its answer or not, the server must have found what is wrong,
// and where a real s_server is asked the same, its alert must be ours.
func TestServerWithOpenSSL(t *testing.T) {
	program(t)
	root := certtest.Root(t, "root", current())
	all, crls := parties(t, root, x509.ExtKeyUsageServerAuth)
	files := disk{t.TempDir()}
	ca := files.write(t, "ca.pem", root.PEM())
	crlFile := files.write(t, "crl.pem", crls)
	own := files.present(t, "own", root.Issue(t, "own", current()))
	for name, p := range all {
		args := append(files.present(t, strings.ReplaceAll(name, " ", "-"), p.id, p.more...), "-cipher", "DEFAULT@SECLEVEL=0")
		for _, settings := range allSettings {
			if name != "none" && name != "valid" && name != "expired" && (!settings.verify || !settings.require) {
				continue // as with these
			}
			t.Run(fmt.Sprintf("%s verify=%t require=%t", name, settings.verify, settings.require), func(t *testing.T) {
				t.Parallel()
				w := newWorldOf(t, root)
				w.put("crls/root.pem", crls)
				w.add(t, domain.Server, "dom1", "192.0.2.1:5061", func(d *domain.Definition) {
					d.VerifyCert.On, d.RequireCert.On = settings.verify, settings.require
					p.apply(d)
				})
				conns := make(chan *Conn, 1)
				s := serve(t, w.registry(t), Options{}, answering(conns), "192.0.2.1:5061")
				code := p.code
				if p.all {
					code = verify.NoCRL // of the intermediate, by another list than there is
				}
				missing := settings.verify && settings.require && p.id == nil
				ok := !settings.verify || code == verify.OK && !missing
				for flag, version := range bothVersions {
					got := sClient(t, s.address(), slices.Concat(args, []string{flag})...)
					line := s.lines.next(t)
					if got.ok != ok {
						t.Errorf("%s: the client sees %+v; the log says %v", flag, got, line)
						continue
					}
					if ok {
						checkSession(t, <-conns, p, version, settings.verify)
						continue
					}
					if line["step"] != string(StepCertificate) || strings.Contains(line["reason"], "(require_cert") != missing {
						t.Errorf("%s: the log says %v", flag, line)
					}
					if version == tls.VersionTLS12 && !missing && got.alert != int(alertFor(code)) {
						t.Errorf("the client gets the alert %d, want %v", got.alert, alertFor(code))
					}
				}
				if settings.verify && settings.require {
					compareWithServer(t, p, ca, crlFile, own, slices.Concat(args, []string{"-tls1_2"}), ok, sClient(t, s.address(), slices.Concat(args, []string{"-tls1_2"})...))
				}
			})
		}
	}
}

// checkSession looks at what the server knows of a client that it let in.
func checkSession(t *testing.T, c *Conn, p party, version uint16, asked bool) {
	t.Helper()
	s := c.Session()
	if s.Version != version || (s.Peer != nil) != (asked && p.id != nil) {
		t.Errorf("session %+v", s)
	}
	if s.Peer != nil && (!s.Peer.Equal(p.id.Certificate) || s.Verification.Code != p.code) {
		t.Errorf("certificate of %v, verification %v", s.Peer.Subject, s.Verification.Code)
	}
}

// compareWithServer has the client connect to openssl s_server with the same
// settings.
func compareWithServer(t *testing.T, p party, ca, crl string, own, client []string, ok bool, ours seen) {
	t.Helper()
	args := append([]string{"-CAfile", ca, "-Verify", "2", "-verify_return_error", "-verify_depth", "2", "-no-CAstore", "-no-CApath"}, own...)
	if p.crl {
		args = append(args, "-CRL", crl, "-crl_check")
	}
	if p.all {
		args = append(args, "-crl_check_all")
	}
	real := startServer(t, args...)
	talk := sClient
	if ok {
		talk = connectOnly // s_server closes no connection of its own
	}
	theirs := talk(t, real.address.String(), client...)
	if got := real.wait(); got.ok != ok {
		t.Errorf("s_server lets the client in: %t\n%s\n%s", got.ok, got.text, theirs.text)
	}
	if theirs.alert != ours.alert {
		t.Errorf("s_server sends the alert %d, we send %d\n%s", theirs.alert, ours.alert, theirs.text)
	}
}

// TestClientWithOpenSSL connects to openssl s_server with all kinds of
// certificates, from domains with verify_cert on and off.
func TestClientWithOpenSSL(t *testing.T) {
	program(t)
	root := certtest.Root(t, "root", current())
	all, crls := parties(t, root, x509.ExtKeyUsageClientAuth)
	delete(all, "none")
	files := disk{t.TempDir()}
	for name, p := range all {
		args := append(files.present(t, strings.ReplaceAll(name, " ", "-"), p.id, p.more...), "-cipher", "ALL@SECLEVEL=0")
		for flag, version := range bothVersions {
			for _, settings := range allSettings {
				few := name != "valid" && name != "expired" // for the others require_cert says nothing either
				if few && settings.require || !settings.verify && version == tls.VersionTLS12 {
					continue
				}
				t.Run(fmt.Sprintf("%s verify=%t require=%t %s", name, settings.verify, settings.require, flag), func(t *testing.T) {
					t.Parallel()
					w := newWorldOf(t, root)
					w.put("crls/root.pem", crls)
					w.script.DefaultClient.VerifyCert.On, w.script.DefaultClient.RequireCert.On = settings.verify, settings.require
					p.apply(w.script.DefaultClient)
					code := p.code
					if p.all {
						code = verify.NoCRL
					}
					s := startServer(t, slices.Concat(args, []string{flag})...)
					conn, err := newClient(t, w.registry(t), nil, Options{}).Dial(t.Context(), Target{Address: s.address})
					if ok := !settings.verify || code == verify.OK; (err == nil) != ok {
						t.Fatalf("error %v\n%s", err, s.output.String())
					}
					if err != nil {
						e := handshakeError(t, err)
						if e.Step != StepCertificate || e.Session.Verification.Code != code || e.Session.Version != version {
							t.Errorf("%v: %+v", e, e.Session)
						}
						got := s.wait()
						want := int(alertBadCertificate)
						if version == tls.VersionTLS12 {
							want = int(alertFor(code))
						}
						if got.alert != want {
							t.Errorf("the server gets the alert %d, want %d\n%s", got.alert, want, got.text)
						}
						return
					}
					if session := conn.Session(); !session.Peer.Equal(p.id.Certificate) || session.Verification.Code != code || session.Version != version {
						t.Errorf("session %+v", session)
					}
					if err := askReverse(conn); err != nil {
						t.Error(err)
					}
					conn.Close()
					if got := s.wait(); !got.ok {
						t.Errorf("the server says\n%s", got.text)
					}
				})
			}
		}
	}
}

func askReverse(conn *Conn) error {
	io.WriteString(conn, "abc\n")
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && line != "cba\n" {
		err = fmt.Errorf("answered %q", line)
	}
	return err
}

// TestClientCertificateWithOpenSSL has openssl s_server ask for a certificate.
func TestClientCertificateWithOpenSSL(t *testing.T) {
	program(t)
	root := certtest.Root(t, "root", current())
	files := disk{t.TempDir()}
	ca := files.write(t, "ca.pem", root.PEM())
	own := files.present(t, "own", root.Issue(t, "own", current()))
	for name, c := range map[string]struct {
		id      *certtest.Identity // nil for none
		ok      bool
		subject string
		alert   string // that explains
	}{
		"valid":   {root.Issue(t, "valid", current()), true, "CN = valid", ""},
		"chain":   {root.Authority(t, "middle", current()).Issue(t, "low", current()), true, "CN = low", ""},
		"alien":   {certtest.Root(t, "other", current()).Issue(t, "alien", current()), false, "", `"unknown ca": the peer does not trust the issuer of the certificate of domain "cl1"`},
		"expired": {root.Issue(t, "old", expired()), false, "", `"certificate expired": the peer holds the certificate of domain "cl1" for expired`},
	} {
		for flag, version := range bothVersions {
			t.Run(name+" "+flag, func(t *testing.T) {
				t.Parallel()
				w := newWorldOf(t, root)
				d := w.add(t, domain.Client, "cl1", "", nil)
				w.present(t, d, c.id)
				s := startServer(t, slices.Concat(own, []string{flag, "-CAfile", ca, "-Verify", "2", "-verify_return_error"})...)
				conn, err := newClient(t, w.registry(t), nil, Options{}).Dial(t.Context(), Target{Address: s.address, Domain: "cl1"})
				if err == nil {
					err = askReverse(conn)
					conn.Close()
				}
				got := s.wait()
				if got.ok != c.ok || (err == nil) != c.ok || !strings.Contains(got.text, c.subject) {
					t.Fatalf("error %v; the server says\n%s", err, got.text)
				}
				if c.ok {
					return
				}
				e, step := handshakeError(t, err), StepFinish
				if version == tls.VersionTLS13 {
					step = StepOpen
				}
				if e.Reason != "the peer sent the alert "+c.alert || e.Step != step && version == tls.VersionTLS12 {
					t.Errorf("step %s, reason %s", e.Step, e.Reason)
				}
			})
		}
	}
}

// TestMethodsWithOpenSSL has openssl s_client try every version with every
// tls_method. TLS 1.0 and 1.1 are not for OpenSSL's security level 2.
func TestMethodsWithOpenSSL(t *testing.T) {
	program(t)
	flags := map[string]string{"-tls1": "TLSv1", "-tls1_1": "TLSv1.1", "-tls1_2": "TLSv1.2", "-tls1_3": "TLSv1.3"}
	for method, c := range map[string]struct {
		ciphers string
		takes   string // of the versions
	}{
		"SSLv23":          {"", "-tls1_2 -tls1_3"},
		"TLSany":          {"", "-tls1_2 -tls1_3"},
		"TLSv1_2":         {"", "-tls1_2"},
		"TLSv1_3":         {"", "-tls1_3"},
		"TLSv1_2-TLSv1_3": {"", "-tls1_2 -tls1_3"},
		"-TLSv1_2":        {"ALL@SECLEVEL=0", "-tls1 -tls1_1 -tls1_2"},
		"TLSv1":           {"ALL@SECLEVEL=0", "-tls1"},
		"TLSv1-":          {"ALL@SECLEVEL=0", "-tls1 -tls1_1 -tls1_2 -tls1_3"},
	} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.version = v34(t)
			w.add(t, domain.Server, "dom1", "192.0.2.1:5061", func(d *domain.Definition) {
				noVerify(d)
				d.Method = domain.Text{Value: method, From: at(42)}
				d.CiphersList.Value = c.ciphers
			})
			conns := make(chan *Conn, 1)
			s := serve(t, w.registry(t), Options{}, answering(conns), "192.0.2.1:5061")
			for flag, version := range flags {
				got := sClient(t, s.address(), flag, "-cipher", "ALL@SECLEVEL=0")
				line := s.lines.next(t)
				if want := strings.Contains(c.takes+" ", flag+" "); got.ok != want {
					t.Errorf("%s: ok %t, want %t; the log says %v\n%s", flag, got.ok, want, line, got.text)
				}
				if got.ok {
					if speaks := openssl.VersionName((<-conns).Session().Version); speaks != version {
						t.Errorf("%s: the version is %s", flag, speaks)
					}
				} else if !strings.HasPrefix(line["reason"], "no common protocol version: the client ") || line["step"] != string(StepNegotiation) {
					t.Errorf("%s: alert %d, the log says %v", flag, got.alert, line)
				}
			}
		})
	}
}

// TestCiphersWithOpenSSL tries cipher lists on both sides.
func TestCiphersWithOpenSSL(t *testing.T) {
	program(t)
	for name, c := range map[string]struct {
		rsa            bool
		server, client string
		want           string // empty for none
	}{
		"default":  {false, "", "DEFAULT", "ECDHE-ECDSA-AES*-GCM-SHA*"},
		"one":      {false, "ECDHE-ECDSA-AES256-GCM-SHA384", "DEFAULT", "ECDHE-ECDSA-AES256-GCM-SHA384"},
		"other":    {false, "HIGH", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-CHACHA20-POLY1305"},
		"CBC":      {true, "ALL", "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES128-SHA"},
		"RSA":      {true, "AES128-GCM-SHA256", "AES128-GCM-SHA256:AES256-SHA", "AES128-GCM-SHA256"},
		"apart":    {false, "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256", ""},
		"no key":   {false, "ALL", "ECDHE-RSA-AES128-GCM-SHA256", ""},
		"no RSA":   {true, "ALL:!kRSA", "AES128-SHA", ""},
		"wrong DH": {true, "ECDHE-RSA-AES128-GCM-SHA256", "DHE-RSA-AES128-GCM-SHA256", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			d := w.add(t, domain.Server, "dom1", "192.0.2.1:5061", func(d *domain.Definition) {
				noVerify(d)
				d.CiphersList = domain.Text{Value: c.server, From: at(43)}
			})
			if c.rsa {
				w.present(t, d, w.issue(t, "rsa", certtest.Key(certtest.RSAKey(t)),
					certtest.With(func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageKeyEncipherment })))
			}
			conns := make(chan *Conn, 1)
			s := serve(t, w.registry(t), Options{}, answering(conns), "192.0.2.1:5061")
			got := sClient(t, s.address(), "-tls1_2", "-cipher", c.client)
			line := s.lines.next(t)
			if got.ok != (c.want != "") {
				t.Fatalf("ok: %t; the log says %v\n%s", got.ok, line, got.text)
			}
			if !got.ok {
				if got.alert != int(alertHandshakeFailure) || !strings.HasPrefix(line["reason"], "no c") || !strings.Contains(line["reason"], "cipher suite") {
					t.Errorf("alert %d, the log says %v", got.alert, line)
				}
				return
			}
			suite, _ := openssl.SuiteByID((<-conns).Session().CipherSuite)
			if !like(c.want, suite.Name) || !strings.Contains(got.text, "Cipher is "+suite.Name) {
				t.Errorf("the suite is %s, want %s\n%s", suite.Name, c.want, got.text)
			}
		})
	}
}

// TestResumptionWithOpenSSL resumes a session of openssl s_client.
func TestResumptionWithOpenSSL(t *testing.T) {
	w := newWorld(t)
	files := disk{t.TempDir()}
	args := files.present(t, "phone", w.issue(t, "phone"))
	conns := make(chan *Conn, 1)
	s := serve(t, w.registry(t), Options{}, answering(conns), "192.0.2.1:5061")
	for flag := range bothVersions {
		session := filepath.Join(files.dir, "session"+flag)
		for i, more := range [][]string{{"-sess_out", session}, {"-sess_in", session}} {
			got := sClient(t, s.address(), slices.Concat(args, []string{flag}, more)...)
			if !got.ok || strings.Contains(got.text, "Reused, ") != (i == 1) {
				t.Fatalf("%s %s: %s", flag, more, got.text)
			}
			if c := (<-conns).Session(); c.Peer == nil || c.Peer.Subject.CommonName != "phone" || c.Verification.Code != verify.OK {
				t.Errorf("%s %s: session %+v", flag, more, c)
			}
		}
	}
}
