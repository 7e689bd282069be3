package probe_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/probe"
	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/mgm/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// long is a time that no test waits for.
const long = 30 * time.Second

// current makes a certificate valid now.
func current() certtest.Option {
	return certtest.Valid(time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour))
}

const script = `listen=tls:192.0.2.1:5061
listen=tls:192.0.2.2:5061
mpath="/usr/lib/opensips/modules/"
loadmodule "proto_tls.so"
loadmodule "tls_mgm.so"
modparam("tls_mgm", "tls_handshake_timeout", 20000)
modparam("tls_mgm", "tls_send_timeout", 20000)
modparam("tls_mgm", "client_domain_avp", "dom")
modparam("tls_mgm", "ca_list", "ca.pem")
modparam("tls_mgm", "ca_dir", "cas")
modparam("tls_mgm", "certificate", "own.pem")
modparam("tls_mgm", "private_key", "own.key")
modparam("tls_mgm", "server_domain", "sv1=192.0.2.1:5061")
modparam("tls_mgm", "certificate", "[sv1]server.pem")
modparam("tls_mgm", "private_key", "[sv1]server.key")
modparam("tls_mgm", "ca_list", "[sv1]ca.pem")
modparam("tls_mgm", "ca_dir", "[sv1]cas")
modparam("tls_mgm", "server_domain", "sv2=192.0.2.2:5061")
modparam("tls_mgm", "certificate", "[sv2]self.pem")
modparam("tls_mgm", "private_key", "[sv2]self.key")
modparam("tls_mgm", "verify_cert", "[sv2]0")
modparam("tls_mgm", "ca_dir", "[sv2]cas")
modparam("tls_mgm", "client_domain", "known")
modparam("tls_mgm", "certificate", "[known]client.pem")
modparam("tls_mgm", "private_key", "[known]client.key")
modparam("tls_mgm", "ca_list", "[known]ca.pem")
modparam("tls_mgm", "ca_dir", "[known]cas")
modparam("tls_mgm", "client_domain", "careless")
modparam("tls_mgm", "certificate", "[careless]stranger.pem")
modparam("tls_mgm", "private_key", "[careless]stranger.key")
modparam("tls_mgm", "verify_cert", "[careless]0")
modparam("tls_mgm", "ca_dir", "[careless]cas")
route { exit; }
`

// site is a script with its registry.
type site struct {
	config   *cfg.Config
	registry *mgm.Registry
	dir      string
}

func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{dir: t.TempDir()}
	root := certtest.Root(t, "root", current())
	put := func(name string, content []byte) {
		if err := os.WriteFile(filepath.Join(s.dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, id := range map[string]*certtest.Identity{
		"own": root.Issue(t, "own", current()), "server": root.Issue(t, "server", current()), "client": root.Issue(t, "client", current()),
		"self": certtest.SelfSigned(t, "self", current()), "stranger": certtest.Root(t, "other", current()).Issue(t, "stranger", current()),
	} {
		put(name+".pem", id.PEM())
		put(name+".key", id.KeyPEM(t))
	}
	put("ca.pem", root.PEM())
	if err := os.Mkdir(filepath.Join(s.dir, "cas"), 0o700); err != nil {
		t.Fatal(err)
	}
	var err error
	if s.config, err = cfg.Parse("opensips.cfg", script, cfg.Options{}); err != nil {
		t.Fatal(err)
	}
	result := start.Check(t.Context(), s.config, start.Options{Files: tlsctx.Root(s.dir)})
	if s.registry = result.Registry; result.Verdict != start.Runs {
		t.Fatal(s.config.Diagnostics, result.Verdict, result.Diagnostics)
	}
	return s
}

// serve opens the socket of a server domain on a port of this machine.
func (s *site) serve(t testing.TB, socket string, handle transport.Handler) probe.Target {
	t.Helper()
	server, err := transport.Listen(t.Context(), s.registry, []transport.Socket{{
		Proto: "tls", Script: netip.MustParseAddrPort(socket), Bind: netip.MustParseAddrPort("127.0.0.1:0"),
	}}, transport.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- server.Serve(ctx, handle) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return target(server.Addresses()[0])
}

func target(a net.Addr) probe.Target {
	at := a.(*net.TCPAddr)
	return probe.Target{Host: at.IP.String(), Port: uint16(at.Port)}
}

// answer replies to each request: first with a 100, then with a 200.
func answer(_ context.Context, c *transport.Conn) {
	reader := sipmsg.NewReader(c, 0)
	for {
		m, err := reader.Next()
		if err != nil {
			return
		}
		for _, code := range []int{100, 200} {
			text, err := sipmsg.Reply(m, code, map[int]string{100: "Trying", 200: "Fine"}[code], sipmsg.ReplyOptions{Source: c.Remote()})
			if err != nil {
				return
			}
			if _, err := c.Write(text); err != nil {
				return
			}
		}
	}
}

func idle(_ context.Context, c *transport.Conn) { _, _ = io.Copy(io.Discard, c) }

func connect(t testing.TB, s *site, o probe.Options) *probe.Report {
	t.Helper()
	r, err := probe.Connect(t.Context(), s.config, s.registry, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestConnect has each client domain meet each server domain.
func TestConnect(t *testing.T) {
	s := newSite(t)
	verifying, selfSigned := s.serve(t, "192.0.2.1:5061", idle), s.serve(t, "192.0.2.2:5061", idle)
	for _, test := range []struct {
		name         string
		target       probe.Target
		domain       string
		goOn         bool
		used, rule   string
		step         transport.Step
		verification string
		problem      string // its beginning
	}{
		{name: "by name", target: verifying, domain: "KNOWN", used: "known", rule: "the name in the AVP", verification: "ok"},
		{name: "by default", target: verifying, used: "default", rule: "no other domain fits", verification: "ok"},
		{name: "unknown name", target: verifying, domain: "nobody", used: "default", rule: "no other domain fits", verification: "ok"},
		{
			name: "refused", target: verifying, domain: "careless", used: "careless", rule: "the name in the AVP", step: transport.StepOpen,
			verification: "unable to get local issuer certificate", problem: `the peer sent the alert "`,
		},
		{
			name: "unverified", target: selfSigned, domain: "known", used: "known", rule: "the name in the AVP", step: transport.StepCertificate,
			verification: "self-signed certificate",
			problem:      `the certificate "CN=self,O=certtest" of the peer is self-signed and not trusted; domain "known" verifies it (verify_cert, by default)`,
		},
		{
			name: "unverified, all the same", target: selfSigned, domain: "known", goOn: true, used: "known", rule: "the name in the AVP",
			verification: "self-signed certificate", problem: `the certificate "CN=self,O=certtest" of the peer is self-signed and not trusted`,
		},
		{name: "careless", target: selfSigned, domain: "careless", used: "careless", rule: "the name in the AVP", verification: "self-signed certificate"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := connect(t, s, probe.Options{Target: test.target, Domain: test.domain, GoOn: test.goOn})
			if r.Domain.Name != test.used || r.Domain.Rule != test.rule || !strings.HasPrefix(r.Domain.Subject, "/O=certtest/CN=") {
				t.Errorf("domain %+v", r.Domain)
			}
			if !strings.HasPrefix(r.Problem(), test.problem) || r.OK() != (test.problem == "") || !r.Reached() {
				t.Errorf("problem %q, want %q", r.Problem(), test.problem)
			}
			if (r.Failure != nil) != (test.step != "") || r.Failure != nil && r.Failure.Step != test.step {
				t.Errorf("failure %+v, want %s", r.Failure, test.step)
			}
			if r.Verification == nil || r.Verification.Text != test.verification || len(r.Chain) == 0 {
				t.Errorf("verification %+v, want %s; chain %v", r.Verification, test.verification, r.Chain)
			}
			opened := test.step == "" || test.step == transport.StepOpen
			if version, _ := r.Variables.Lookup("$tls_version"); (version == "TLSv1.3") != opened {
				t.Errorf("version %q", version)
			}
		})
	}
}

// TestReport is what a good connection tells, as JSON too.
func TestReport(t *testing.T) {
	s := newSite(t)
	target := s.serve(t, "192.0.2.1:5061", answer)
	r := connect(t, s, probe.Options{
		Target: probe.Target{Host: "sip.example.com", Port: target.Port}, Domain: "known",
		Lookup: func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		},
		Request: optionsRequest(t), ReplyTimeout: long,
	})
	for name, want := range map[string]string{
		"$tls_peer_subject": "/O=certtest/CN=server", "$tls_my_subject": "/O=certtest/CN=client", "$tls_peer_verified": "1",
	} {
		if got, _ := r.Variables.Lookup(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if len(r.Chain) != 2 || r.Chain[0].Issuer != "/O=certtest/CN=root" || r.Chain[0].NotAfter.Before(time.Now()) {
		t.Errorf("chain %+v", r.Chain)
	}
	if r.Reply == nil || r.Reply.Code != 200 || r.Reply.Reason != "Fine" || !strings.HasPrefix(r.Sent, "OPTIONS sip:a:…@sip.example.com SIP/2.0") || r.NoReply != "" {
		t.Errorf("sent %q, reply %+v, %s", r.Sent, r.Reply, r.NoReply)
	}
	if want := "20s (tls_handshake_timeout, opensips.cfg:6)"; r.Timeout != want {
		t.Errorf("timeout %s, want %s", r.Timeout, want)
	}
	text, err := json.Marshal(r)
	if err != nil || strings.Contains(string(text), "hush") {
		t.Errorf("%s, %v", text, err)
	}
	var back map[string]any
	if err := json.Unmarshal(text, &back); err != nil || back["target"] != r.Target.String() || len(back["variables"].(map[string]any)) != 52 {
		t.Errorf("%s, %v", text, err)
	}
}

func optionsRequest(t testing.TB) func(netip.AddrPort) ([]byte, error) {
	return func(local netip.AddrPort) ([]byte, error) {
		if !local.IsValid() {
			t.Error("no local address")
		}
		return sipmsg.Options("sip:a:hush@sip.example.com", "sip:tester:hush@192.0.2.1", sipmsg.RequestOptions{SentBy: local.String()})
	}
}

// What comes in place of a reply is told.
func TestNoReply(t *testing.T) {
	s := newSite(t)
	deaf := s.serve(t, "192.0.2.2:5061", idle)
	rude := s.serve(t, "192.0.2.2:5061", func(_ context.Context, c *transport.Conn) { _, _ = c.Read(make([]byte, 1)) })
	noise := s.serve(t, "192.0.2.2:5061", func(_ context.Context, c *transport.Conn) {
		_, _ = io.WriteString(c, "\r\n\r\nBYE sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\nwhat?\r\n\r\n")
		_, _ = io.Copy(io.Discard, c)
	})
	for _, test := range []struct {
		target  probe.Target
		timeout time.Duration
		want    string
	}{
		{deaf, 10 * time.Millisecond, "no reply within 10ms"},
		{rude, long, "the server closed the connection"},
		{noise, long, "read the reply: not a SIP message"},
	} {
		r := connect(t, s, probe.Options{Target: test.target, Domain: "careless", Request: optionsRequest(t), ReplyTimeout: test.timeout})
		if !strings.HasPrefix(r.NoReply, test.want) || r.OK() || r.Failure != nil {
			t.Errorf("%q, want %q", r.NoReply, test.want)
		}
	}
	broken := errors.New("cannot be built")
	r := connect(t, s, probe.Options{Target: deaf, Domain: "careless", Request: func(netip.AddrPort) ([]byte, error) { return nil, broken }})
	if r.NoReply != broken.Error() {
		t.Error(r.NoReply)
	}
}

// A server that is not there, is silent, or has no address.
func TestNoConnection(t *testing.T) {
	s := newSite(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := connect(t, s, probe.Options{Target: target(silent.Addr()), Timeout: 50 * time.Millisecond})
	if want := "the server did not answer the ClientHello within 50ms (in place of tls_handshake_timeout, opensips.cfg:6)"; r.Problem() != want || r.Timeout != "50ms in place of 20s (tls_handshake_timeout, opensips.cfg:6)" {
		t.Errorf("%q, timeout %s", r.Problem(), r.Timeout)
	}
	silent.Close()
	if r := connect(t, s, probe.Options{Target: target(silent.Addr()), Timeout: long}); r.Reached() || r.Variables != nil {
		t.Errorf("%+v", r)
	}
	for want, lookup := range map[string]func(context.Context, string) ([]netip.Addr, error){
		`look up host "sip.example.com": no such host`:      func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("no such host") },
		`look up host "sip.example.com": it has no address`: func(context.Context, string) ([]netip.Addr, error) { return nil, nil },
	} {
		_, err := probe.Connect(t.Context(), s.config, s.registry, probe.Options{Target: probe.Target{Host: "sip.example.com", Port: 1}, Lookup: lookup})
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestTargets(t *testing.T) {
	for text, want := range map[string]string{
		"tls:sip.example.com:5071": "tls:sip.example.com:5071", "TLS:Sip.example.com": "tls:sip.example.com:5061",
		"tls:192.0.2.7": "tls:192.0.2.7:5061", "tls:[2001:db8::7]:5099": "tls:[2001:db8::7]:5099", "tls:[::1]": "tls:[::1]:5061",
	} {
		var target probe.Target
		if err := target.UnmarshalText([]byte(text)); err != nil || target.String() != want {
			t.Errorf("%s: %v, %v, want %s", text, target, err, want)
		}
	}
	for _, text := range []string{"", "tls:", "sip.example.com", "sip:a@b", "tls:a@b:5061", "tls:a:0", "tls:a:x", "tls:a:70000", "tcp:a:5061", "tls:a b"} {
		var target probe.Target
		if err := target.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is %v", text, target)
		}
	}
}
