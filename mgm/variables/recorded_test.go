package variables

import (
	"bufio"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm/openssl"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

// difference is one between a real server and this package that is intended.
type difference struct {
	Versions   []string // all if there are none
	Variables  string   // regular expressions
	Real, Ours string
	RealText   string `json:"real_text"`
	OursText   string `json:"ours_text"`
	Why        string
}

func (d difference) explains(version, variable, real, ours string) bool {
	match := func(expression, text string) bool { return regexp.MustCompile(expression).MatchString(text) }
	return (d.Versions == nil || slices.Contains(d.Versions, version)) &&
		match(d.Variables, variable) && match(d.Real, real) && match(d.Ours, ours)
}

func differences(t testing.TB) (list []difference) {
	t.Helper()
	data, err := os.ReadFile("testdata/differences.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

const recordings = "../../../shared/facts"

func recordedCertificate(t testing.TB, name string) *x509.Certificate {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(recordings, "certs", name+".pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return cert
}

// recorded is a connection to a real server.
type recorded struct {
	What, Client, Verify, Version string
	Conn                          struct{ Handshake, Proto, Cipher, SIP string }
	IPV                           []string          // what is_peer_verified() said
	Vars                          map[string]string // what xlog printed
}

// recordedConnections reads those of a version that were served to their end and
// made for what.
func recordedConnections(t testing.TB, version string, what ...string) (list []recorded) {
	t.Helper()
	file, err := os.Open(filepath.Join(recordings, "live", version+".jsonl"))
	if err != nil {
		t.Skip("no recordings here")
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(r.Conn.SIP, "SIP/2.0 200") && slices.Contains(what, r.What) {
			list = append(list, r)
		}
	}
	return list
}

// recordedClients are the certificates of the clients, by how the recordings call
// them.
var recordedClients = map[string]string{
	"client_rich": "rich", "client_rich_tls12": "rich", "client_nocert": "",
	"none": "", "valid": "cl1", "selfsigned": "self", "expired": "expired",
}

// session makes the state of the recorded connection. A client's certificate is
// sent if it is asked for.
func (r recorded) session(t testing.TB) *Session {
	t.Helper()
	version, ok := openssl.VersionByName(r.Conn.Proto)
	if !ok {
		t.Fatalf("unknown version %q", r.Conn.Proto)
	}
	suite, ok := openssl.SuiteByName(r.Conn.Cipher)
	if !ok {
		t.Fatalf("unknown suite %q", r.Conn.Cipher)
	}
	client, ok := recordedClients[r.Client]
	if !ok {
		t.Fatalf("unknown client %q", r.Client)
	}
	s := &Session{Version: version, CipherSuite: suite.ID, My: recordedCertificate(t, "sv1")}
	if client == "" || r.Verify == "0" {
		return s
	}
	s.Peer = recordedCertificate(t, client)
	root := verify.NewCertificate(recordedCertificate(t, "ca"), nil)
	verifier := verify.Verifier{Store: verify.NewPool([]*verify.Certificate{root}, nil), Purpose: verify.SSLClient, Depth: 3}
	// The recordings were made while it was valid.
	verifier.Now = func() time.Time { return s.Peer.NotBefore }
	s.Verification = verifier.Verify([]*x509.Certificate{s.Peer})
	return s
}

// TestRecordedVariables compares all variables with what a real server printed.
func TestRecordedVariables(t *testing.T) {
	t.Parallel()
	used := map[int]bool{}
	for _, version := range []string{"2.3", "3.4"} {
		compared := 0
		for _, r := range recordedConnections(t, version, "pvars") {
			s := r.session(t)
			for name, want := range r.Vars {
				compared++
				got := value(t, name, s)
				printed := got.Text
				if got.IsNull() {
					printed = "<null>"
				}
				if printed == want {
					continue
				}
				i := slices.IndexFunc(differences(t), func(d difference) bool { return d.explains(version, name, want, printed) })
				if i < 0 {
					t.Errorf("%s, %s: $%s is %q, the real one %q", version, r.Client, name, printed, want)
				}
				used[i] = true
			}
		}
		// $tls_description is not in the recordings.
		if want := 3 * (len(table) - 1); compared != want {
			t.Errorf("%s: %d values compared, want %d", version, compared, want)
		}
	}
	for i, d := range differences(t) {
		if !used[i] {
			t.Errorf("the difference of %s is not one", d.Variables)
		}
	}
}

// TestRecordedPeerVerified compares is_peer_verified() with what a real server
// said.
func TestRecordedPeerVerified(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2.3", "3.4"} {
		compared := 0
		for _, r := range recordedConnections(t, version, "pvars", "verify") {
			if len(r.IPV) != 1 {
				continue
			}
			compared++
			if got, want := PeerVerified(r.session(t)), r.IPV[0] == "true"; got != want {
				t.Errorf("%s, verify_cert %s, client %s: verified is %t, want %t", version, r.Verify, r.Client, got, want)
			}
		}
		if compared < 20 {
			t.Errorf("%s: only %d connections compared", version, compared)
		}
	}
}
