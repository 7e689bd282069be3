package tracetext_test

import (
	"bytes"
	"errors"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/probe"
	"github.com/opensips-tools/tlsmgm/cfg/route"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/cfg/trace"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/tracetext"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/transport"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +have):\n%s", name, diff)
	}
}

const request = "INVITE sip:bob@biloxi.com SIP/2.0\nVia: SIP/2.0/TLS 192.0.2.99:15061;branch=z9hG4bK776asdhds\nMax-Forwards: 70\n" +
	"From: Alice <sip:alice@atlanta.com>;tag=1928301774\nTo: Bob <sip:bob@biloxi.com>\nCall-ID: a84b4c76e66710\nCSeq: 314159 INVITE\nContent-Length: 0\n\n"

// TestWrite compares traces of scripts with golden files.
func TestWrite(t *testing.T) {
	files, err := filepath.Glob("testdata/*.cfg")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			config, err := cfg.Parse(filepath.Base(file), string(text), cfg.Options{})
			if err != nil {
				t.Fatal(err)
			}
			expect := make([]trace.Expectation, 2)
			for i, text := range []string{"client_domain=dom4", "reply=403"} {
				if err := expect[i].UnmarshalText([]byte(text)); err != nil {
					t.Fatal(err)
				}
			}
			tracer, _, err := trace.New(config, mgm.WithoutContexts(start.Script(config)), trace.Options{
				Expect: expect, Program: route.Options{Assume: map[string]int{"lookup": -1}},
			})
			if err != nil {
				t.Fatal(err)
			}
			run, err := tracer.Trace(t.Context(), "invite.sip", []byte(request))
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := tracetext.Write(&b, run); err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimSuffix(file, ".cfg")+".golden", b.String())
		})
	}
}

// A connection that is refused has no steps.
func TestRefused(t *testing.T) {
	subject := "/CN=old"
	run := &trace.Run{
		Request: trace.Request{Name: "invite.sip", Method: "INVITE", URI: "sip:bob@biloxi.com", Source: netip.MustParseAddrPort("192.0.2.99:5061")},
		Socket:  trace.Socket{Proto: "tls", Address: netip.MustParseAddrPort("192.0.2.1:5061")},
		Domain:  &trace.Domain{Name: "dom1", Subject: "/CN=atlanta", Verified: "certificate has expired"},
		Refused: &trace.Refusal{Step: transport.StepCertificate, Reason: "the certificate expired", Help: "renew it"},
		Variables: trace.Variables{
			{Name: "$tls_version", Value: new("TLSv1.2")},
			{Name: "$tls_cipher_info", Value: new("ECDHE-RSA-AES256-GCM-SHA384")},
			{Name: "$tls_peer_subject", Value: &subject},
		},
	}
	var b bytes.Buffer
	if err := tracetext.Write(&b, run); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/refused.golden", b.String())
}

// What a script or a peer says does not command the terminal.
func TestSafe(t *testing.T) {
	evil := "a\x1b[31m\u202e\xff\tb\r\nc"
	run := &trace.Run{
		Request: trace.Request{Name: evil, Method: evil, URI: evil}, Notes: []string{evil},
		Steps: []route.Event{
			{Kind: route.KindCall, Text: evil, Function: evil, Stub: true, Args: []any{evil}, Variables: []route.Variable{{Name: evil, Value: evil}}},
			{Kind: route.KindLog, Text: evil, Output: evil},
			{Kind: route.KindWarning, Message: evil},
			{Kind: route.KindSwitch, Text: evil, Match: evil},
			{Kind: route.KindLoop, Target: evil, Value: evil},
			{Kind: route.KindAssign, Target: evil, Text: evil, Value: evil},
			{Kind: route.KindEnter, Text: evil, Args: []any{evil}},
			{Kind: route.KindReply, Reply: &route.Reply{Reason: evil, Headers: []string{evil}}},
			{Kind: route.KindRelay, Relay: &route.Relay{URI: evil, Host: evil, Proto: evil, Why: evil, Notes: []string{evil}, Client: &route.Client{Name: evil, Subject: evil}}},
			{Kind: route.KindRelay, Relay: &route.Relay{URI: evil, Error: evil}},
		},
		Result: &route.Result{
			Message: evil, Headers: []string{evil}, Stubs: []route.Stub{{Function: evil, Args: []string{evil}}}, Replies: []route.Reply{{Reason: evil}},
			Relays: []route.Relay{{Error: evil}, {Host: evil, AVP: evil}},
		},
		Expectations: []trace.Outcome{{Expected: evil, Found: []string{evil}}},
	}
	report := &probe.Report{
		Domain: probe.Domain{Name: evil, Subject: evil}, Failure: &probe.Failure{Reason: evil, Help: evil}, Chain: []probe.Certificate{{Subject: evil}},
		Verification: &probe.Verification{Text: evil, Reason: evil}, Variables: trace.Variables{{Name: "$x", Value: &evil}},
		Sent: evil, Reply: &probe.Reply{Reason: evil, Headers: []string{evil}}, NoReply: evil,
	}
	var b bytes.Buffer
	if err := errors.Join(tracetext.Write(&b, run), tracetext.WriteProbe(&b, report)); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\u202e\t\r") || !utf8.Valid(b.Bytes()) {
		t.Errorf("%q", b.String())
	}
}

type full struct{}

var errFull = errors.New("no space")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestFull(t *testing.T) {
	if err := tracetext.Write(full{}, &trace.Run{}); !errors.Is(err, errFull) {
		t.Errorf("error %v", err)
	}
	if err := tracetext.WriteProbe(full{}, &probe.Report{}); !errors.Is(err, errFull) {
		t.Errorf("error %v", err)
	}
}

// TestWriteProbe compares reports with golden files.
func TestWriteProbe(t *testing.T) {
	chain := []probe.Certificate{
		{Subject: "/CN=sip.example.com", Issuer: "/CN=CA", NotAfter: time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)},
		{Subject: "/CN=CA", Issuer: "/CN=CA", NotAfter: time.Date(2036, 2, 3, 4, 5, 6, 0, time.UTC)},
	}
	base := probe.Report{
		Target: probe.Target{Host: "sip.example.com", Port: 5061}, Address: netip.MustParseAddrPort("192.0.2.7:5061"),
		Domain:  probe.Domain{Name: "dom4", Rule: "the name in the AVP", Subject: "/CN=biloxi", Verify: true},
		Timeout: "100ms (tls_handshake_timeout, by default)",
	}
	variables := trace.Variables{
		{Name: "$tls_version", Value: new("TLSv1.3")},
		{Name: "$tls_description", Value: new("TLS_AES_128_GCM_SHA256 Mac=AEAD\n")},
		{Name: "$tls_cipher_info", Value: new("TLS_AES_128_GCM_SHA256")},
		{Name: "$tls_peer_san_uri"},
	}
	opened := base
	opened.Variables, opened.Chain, opened.Verification = variables, chain, &probe.Verification{Text: "ok"}
	opened.Sent, opened.Reply = "OPTIONS sip:sip.example.com:5061 SIP/2.0", &probe.Reply{Code: 200, Reason: "OK", Headers: []string{"Server: x", "Content-Length: 0"}}
	unverified := opened
	unverified.Verification = &probe.Verification{Code: 10, Text: "certificate has expired", Reason: "the certificate expired", Help: "renew it"}
	unverified.Reply, unverified.NoReply = nil, "no reply within 5s"
	careless := opened
	careless.Domain.Verify, careless.Verification = false, &probe.Verification{Code: 18, Text: "self-signed certificate"}
	careless.Sent, careless.Reply = "", nil
	failed := base
	failed.Address = netip.MustParseAddrPort("[2001:db8::7]:5061")
	failed.Failure = &probe.Failure{Step: transport.StepHello, Reason: "the server did not answer", Help: "wait"}
	for name, r := range map[string]*probe.Report{"opened": &opened, "unverified": &unverified, "careless": &careless, "failed": &failed} {
		var b bytes.Buffer
		if err := tracetext.WriteProbe(&b, r); err != nil {
			t.Fatal(err)
		}
		golden(t, "testdata/probe-"+name+".golden", b.String())
	}
	// The page shows one of them.
	page, err := os.ReadFile("../../../../docs/connect.md")
	if err != nil {
		t.Fatal(err)
	}
	shown, err := os.ReadFile("testdata/probe-unverified.golden")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "```text\n"+string(shown)+"```\n") {
		t.Error("docs/connect.md does not show testdata/probe-unverified.golden")
	}
}
