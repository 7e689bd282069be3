package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/openssl"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
	"github.com/opensips-tools/tlsmgm/mgm/variables"
)

// TestSuppose compares what would become of clients with what becomes of them.
func TestSuppose(t *testing.T) {
	w := newWorld(t)
	w.add(t, domain.Server, "required", "192.0.2.1:5061", nil)
	w.add(t, domain.Server, "asked", "192.0.2.2:5061", func(d *domain.Definition) { d.RequireCert = off(41) })
	w.add(t, domain.Server, "open", "192.0.2.3:5061", noVerify)
	registry := w.registry(t)
	clients := map[string]*certtest.Identity{
		"none": nil, "known": w.issue(t, "client"), "expired": w.issue(t, "old client", expired()),
		"unknown": certtest.Root(t, "other root", current()).Issue(t, "stranger", current()),
	}
	accepted := make(chan *Conn, 1)
	for _, address := range []string{"192.0.2.1:5061", "192.0.2.2:5061", "192.0.2.3:5061"} {
		server := serve(t, registry, Options{}, func(_ context.Context, c *Conn) { accepted <- c }, address)
		d := registry.Domains().FindServer(netip.MustParseAddrPort(address))
		for name, id := range clients {
			t.Run(d.Name+"/"+name, func(t *testing.T) {
				config := trusting(id)
				config.MaxVersion = tls.VersionTLS12 // where a refusal ends the handshake
				supposed := Supposed{Version: tls.VersionTLS12, CipherSuite: tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}
				config.CipherSuites = []uint16{supposed.CipherSuite}
				if id != nil {
					supposed.Certificates = id.Chain()
				}
				session, refusal := Suppose(d, supposed)
				_, err := dial(t, server.address(), config)
				if (err != nil) != (refusal != nil) {
					t.Fatalf("supposed: %v; in fact: %v", refusal, err)
				}
				if refusal != nil {
					line := server.lines.next(t)
					if line["reason"] != refusal.Reason || line["help"] != refusal.Help || line["step"] != string(refusal.Step) {
						t.Errorf("supposed: %+v; in fact: %v", refusal, line)
					}
					return
				}
				c := <-accepted
				server.lines.next(t)
				for v := range variables.All() {
					if got, want := v.Value(session), v.Value(c.Session()); got != want {
						t.Errorf("$%s is supposed to be %v, and is %v", v.Name, got, want)
					}
				}
			})
		}
	}
}

// Without further words a client has the best that the domain has.
func TestSupposeBest(t *testing.T) {
	w := newWorld(t)
	w.version = v34(t)
	w.add(t, domain.Server, "any", "192.0.2.1:5061", noVerify)
	w.add(t, domain.Server, "old", "192.0.2.2:5061", func(d *domain.Definition) {
		noVerify(d)
		d.Method = domain.Text{Value: "TLSv1_2", From: at(50)}
		d.CiphersList = domain.Text{Value: "DHE+AES:RSA+AES:ECDHE+AES128:ECDHE+AES256", From: at(51)}
	})
	domains := w.registry(t).Domains()
	for _, test := range []struct {
		domain         string
		version, suite string // that are offered
		want           string
		reason         string
	}{
		{domain: "192.0.2.1:5061", want: "TLSv1.3 TLS_AES_256_GCM_SHA384"},
		{domain: "192.0.2.1:5061", version: "TLSv1.2", want: "TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384"},
		{domain: "192.0.2.1:5061", suite: "ECDHE-ECDSA-AES128-GCM-SHA256", want: "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256"},
		{domain: "192.0.2.1:5061", suite: "TLS_CHACHA20_POLY1305_SHA256", want: "TLSv1.3 TLS_CHACHA20_POLY1305_SHA256"},
		{domain: "192.0.2.2:5061", want: "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256"},
		{
			domain: "192.0.2.2:5061", version: "TLSv1.3",
			reason: `no common protocol version: the client offers TLSv1.3, domain "old" allows TLSv1.2 (tls_method, opensips.cfg:50)`,
		},
		{
			domain: "192.0.2.2:5061", suite: "ECDHE-RSA-AES128-GCM-SHA256",
			reason: `no cipher suite works with the ECDSA P-256 key of the certificate of domain "old": in common are ECDHE-RSA-AES128-GCM-SHA256`,
		},
		{
			domain: "192.0.2.2:5061", suite: "ECDHE-ECDSA-CHACHA20-POLY1305",
			reason: `no common cipher suite: the client offers ECDHE-ECDSA-CHACHA20-POLY1305, domain "old" allows `,
		},
	} {
		s := Supposed{}
		s.Version, _ = openssl.VersionByName(test.version)
		if suite, ok := openssl.SuiteByName(test.suite); ok {
			s.CipherSuite = suite.ID
		}
		session, refusal := Suppose(domains.FindServer(netip.MustParseAddrPort(test.domain)), s)
		switch {
		case refusal != nil && (test.reason == "" || !strings.HasPrefix(refusal.Reason, test.reason) || refusal.Step != StepNegotiation):
			t.Errorf("%+v: refused at %s: %s", test, refusal.Step, refusal.Reason)
		case refusal == nil:
			suite, _ := openssl.SuiteByID(session.CipherSuite)
			if got := openssl.VersionName(session.Version) + " " + suite.Name; got != test.want {
				t.Errorf("%+v: %s", test, got)
			}
		}
	}
}

// A client that is refused has a session too, to go on with.
func TestSupposeRefused(t *testing.T) {
	w := newWorld(t)
	d := w.registry(t).Domains().DefaultServer()
	self := certtest.SelfSigned(t, "self", current())
	session, refusal := Suppose(d, Supposed{Certificates: []*x509.Certificate{self.Certificate}})
	if refusal == nil || refusal.Session != session || session.Verification.Code != verify.SelfSigned || session.My == nil || session.Version == 0 {
		t.Errorf("%+v, %v", session, refusal)
	}
	session, refusal = Suppose(d, Supposed{})
	if refusal == nil || refusal.Session != session || session.Peer != nil || variables.PeerVerified(session) {
		t.Errorf("%+v, %v", session, refusal)
	}
}

// A timeout in place of the script's is told as such.
func TestGivenTimeout(t *testing.T) {
	silent := newPeer(t, func(raw net.Conn) (net.Conn, error) { return raw, nil })
	client := newClient(t, newWorld(t).registry(t), nil, Options{HandshakeTimeout: 20 * time.Millisecond, ConnectTimeout: long})
	_, err := client.Dial(t.Context(), Target{Address: addrPort(silent.Addr())})
	want := "the server did not answer the ClientHello within 20ms (in place of tls_handshake_timeout, by default)"
	if got := handshakeError(t, err).Reason; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
