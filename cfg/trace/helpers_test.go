package trace_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/cfg/trace"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// request is an INVITE; changes are pairs of a text and what takes its place.
func request(changes ...string) []byte {
	return []byte(strings.NewReplacer(changes...).Replace(`INVITE sip:bob@biloxi.com SIP/2.0
Via: SIP/2.0/TLS 192.0.2.99:15061;branch=z9hG4bK776asdhds
Max-Forwards: 70
From: Alice <sip:alice@atlanta.com>;tag=1928301774
To: Bob <sip:bob@biloxi.com>
Call-ID: a84b4c76e66710@pc33.atlanta.com
CSeq: 314159 INVITE
Content-Length: 0

`))
}

// site is a script with the certificates that it names.
type site struct {
	config *cfg.Config
	root   *certtest.Identity
	files  fstest.MapFS
}

const tlsScript = `listen=udp:192.0.2.1:5060
listen=tls:192.0.2.1:5061
listen=tls:192.0.2.2:5061
mpath="/usr/lib/opensips/modules/"
loadmodule "proto_udp.so"
loadmodule "proto_tls.so"
loadmodule "tls_mgm.so"
loadmodule "sl.so"
loadmodule "tm.so"
modparam("tls_mgm", "client_domain_avp", "dom")
modparam("tls_mgm", "server_domain", "sv1=192.0.2.1:5061")
modparam("tls_mgm", "ca_list", "[sv1]/ca.pem")
modparam("tls_mgm", "server_domain", "sv2=192.0.2.2:5061")
modparam("tls_mgm", "verify_cert", "[sv2]0")
modparam("tls_mgm", "client_domain", "cl1")
modparam("tls_mgm", "client_domain", "cl2=192.0.2.7:5061")
`

// newSite reads a script; a route alone stands behind tlsScript.
func newSite(t testing.TB, text string) *site {
	t.Helper()
	if strings.HasPrefix(text, "route") {
		text = tlsScript + text
	}
	config, err := cfg.Parse("test.cfg", text, cfg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &site{config: config, root: certtest.Root(t, "root"), files: fstest.MapFS{}}
	own := s.root.Issue(t, "own")
	s.files["ca.pem"] = &fstest.MapFile{Data: s.root.PEM()}
	s.files["etc/opensips/tls/cert.pem"] = &fstest.MapFile{Data: own.PEM()}
	s.files["etc/opensips/tls/ckey.pem"] = &fstest.MapFile{Data: own.KeyPEM(t)}
	s.files["etc/pki/CA/none"] = &fstest.MapFile{}
	return s
}

// domains are those of the script.
func (s *site) domains(t testing.TB) *mgm.Domains {
	t.Helper()
	registry, problems, err := mgm.NewRegistry(t.Context(), start.Script(s.config), mgm.Options{
		Version: s.config.Version, ConfigDir: cfg.DefaultConfigDir, Files: tlsctx.FromFS(s.files), Now: certtest.Now,
	})
	if registry == nil {
		t.Fatal(problems, err)
	}
	return registry.Domains()
}

// run traces a request that is a part of the test.
func (s *site) run(t testing.TB, o trace.Options, text []byte) *trace.Run {
	t.Helper()
	return run(t, s.config, s.domains(t), o, text)
}

func run(t testing.TB, config *cfg.Config, domains *mgm.Domains, o trace.Options, text []byte) *trace.Run {
	t.Helper()
	tracer, findings, err := trace.New(config, domains, o)
	if err != nil || len(findings) > 0 {
		t.Fatalf("%v, findings: %v", err, findings)
	}
	r, err := tracer.Trace(t.Context(), "invite.sip", text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func expectations(t testing.TB, texts ...string) []trace.Expectation {
	t.Helper()
	list := make([]trace.Expectation, len(texts))
	for i, text := range texts {
		if err := list[i].UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

func socket(t testing.TB, text string) (s trace.Socket) {
	t.Helper()
	if err := s.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return s
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
