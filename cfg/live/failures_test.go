package live

import (
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"io"
	"math/big"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/opensips-tools/tlsmgm/docs/docstest"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
)

var update = flag.Bool("update", false, "write the generated parts of docs/live.md anew")

const page = "../../docs/live.md"

// failure is a peer whose connection does not come about.
type failure struct {
	peer    string // what it does, for the documentation
	setting string // lines of the script, besides those of failing
	timeout string // tls_handshake_timeout in milliseconds, if the test waits for it
	do      func(t testing.TB, address string)
}

// raw is a peer that sends a text; it leaves at once if it is impatient.
func raw(text string, leave bool) func(testing.TB, string) {
	return func(t testing.TB, address string) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(long))
		io.WriteString(conn, text)
		if !leave {
			io.Copy(io.Discard, conn)
		}
	}
}

// speaking is a peer that makes a handshake, which does not come to an end.
func speaking(config *tls.Config, id *certtest.Identity) func(testing.TB, string) {
	if id != nil {
		config.Certificates = []tls.Certificate{{Certificate: [][]byte{id.Raw}, PrivateKey: id.Key}}
	}
	return func(t testing.TB, address string) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(long))
		client := tls.Client(conn, config)
		if client.Handshake() == nil {
			if _, err := client.Read(make([]byte, 1)); err == nil { // TLS 1.3 tells then
				t.Error("the peer is let in")
			}
		}
	}
}

func anyServer() *tls.Config { return &tls.Config{InsecureSkipVerify: true} }

func of(version uint16) *tls.Config {
	return &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: version}
}

func failures(t testing.TB, w *world) []failure {
	const strict = "verify_cert=1 require_cert=1"
	other := certtest.Root(t, "other root", current())
	weak := &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA}}
	gone := w.issue(t, "gone")
	w.put("crls/root.pem", certtest.CRLPEM(w.root.Revoke(t, certtest.RevocationList{
		Revoked: []*big.Int{gone.SerialNumber}, From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour),
	})))
	server := w.issue(t, "phone", certtest.Usage(x509.ExtKeyUsageServerAuth))
	past := w.root.Issue(t, "phone", certtest.Valid(time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)))
	return []failure{
		{"connects and leaves, as health checks do", "", "", raw("", true)},
		{"connects and sends nothing", "", "100", raw("", false)},
		{"sends SIP without TLS", "", "", raw("REGISTER sip:atlanta.example SIP/2.0\r\n", false)},
		{"sends HTTP", "", "", raw("GET / HTTP/1.1\r\n", false)},
		{"is a load balancer that sends the PROXY protocol", "", "", raw("PROXY TCP4 192.0.2.7 192.0.2.1 4711 5061\r\n", false)},
		{"is cut off in its first message", "", "", raw("\x16\x03\x01\x02\x00\x01", true)},
		{"speaks TLS 1.1 at most", "", "", speaking(of(tls.VersionTLS11), nil)},
		{"has other cipher suites", "ciphers_list=ECDHE-ECDSA-AES128-GCM-SHA256", "", speaking(weak, nil)},
		{"does not know the CA of the server", "", "", speaking(&tls.Config{ServerName: "dom1.example"}, nil)},
		{"has no certificate where one is required", strict, "", speaking(anyServer(), nil)},
		{"has a certificate that has expired", strict, "", speaking(anyServer(), past)},
		{"has a certificate that is revoked", strict + " crl_check_all=1 crl_dir=/crls", "", speaking(anyServer(), gone)},
		{"has a certificate that signs itself", strict, "", speaking(anyServer(), certtest.SelfSigned(t, "phone", current()))},
		{"has a certificate of another CA", strict, "", speaking(anyServer(), other.Issue(t, "phone", current()))},
		{"has a certificate for servers only", strict, "", speaking(anyServer(), server)},
	}
}

// failing is the script of a failure, with the domain dom1.
func failing(f failure) string {
	lines := domainLines("dom1", "192.0.2.1:5061", false)
	for s := range strings.FieldsSeq(f.setting) {
		name, value, _ := strings.Cut(s, "=")
		lines = regexp.MustCompile(`(?m)^.*"`+name+`".*\n`).ReplaceAllString(lines, "")
		lines += fmt.Sprintf("modparam(\"tls_mgm\", %q, \"[dom1]%s\")\n", name, value)
	}
	script := "listen=tls:192.0.2.1:5061\n" + opening + lines + "route { exit; }\n"
	if f.timeout != "" {
		script = strings.Replace(script, `"tls_handshake_timeout", 30000`, `"tls_handshake_timeout", `+f.timeout, 1)
	}
	return script
}

// TestFailureTable has peers fail for real and writes what the log says of them.
func TestFailureTable(t *testing.T) {
	w := newWorld(t, "dom1")
	var b strings.Builder
	b.WriteString("| a peer that … | `step` | `reason` | `help` |\n| --- | --- | --- | --- |\n")
	for _, f := range failures(t, w) {
		s := w.serve(t, failing(f), Options{})
		f.do(t, s.address(0))
		line := s.lines.next(t)
		want(t, line, map[string]any{"msg": "TLS handshake failed", "domain": "dom1"})
		fmt.Fprintf(&b, "| %s | `%v` | %s | %s |\n", f.peer, line["step"], cell(line["reason"]), cell(line["help"]))
		if err := s.stop(); err != nil || len(s.lines.records) > 0 {
			t.Errorf("%s: ends with %v and %d more lines", f.peer, err, len(s.lines.records))
		}
	}
	docstest.Parts(t, page, *update, map[string]string{"failures": b.String()})
}

var (
	ofTime = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC`)
	ofLine = regexp.MustCompile(`opensips\.cfg:\d+`)
)

// cell is a text of the log in a table, without what differs between runs.
func cell(value any) string {
	text, _ := value.(string)
	text = ofTime.ReplaceAllString(text, "2026-01-31 12:00:00 UTC")
	text = ofLine.ReplaceAllString(text, "opensips.cfg:41")
	return strings.ReplaceAll(text, "|", `\|`)
}
