package probe

import (
	"crypto/tls"
	"testing"

	"github.com/opensips-tools/tlsmgm/mgm/transport"
	"github.com/opensips-tools/tlsmgm/mgm/variables"
)

// A server of TLS 1.3 may refuse a connection before anybody here has it: the
// handshake was done all the same.
func TestVariablesOfARefusedConnection(t *testing.T) {
	for step, want := range map[transport.Step]string{transport.StepOpen: "TLSv1.3", transport.StepCertificate: ""} {
		var r Report
		r.fail(&transport.HandshakeError{
			Step: step, Session: &variables.Session{Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_128_GCM_SHA256},
		})
		if got, _ := r.Variables.Lookup("$tls_version"); got != want {
			t.Errorf("%s: version %q, want %q", step, got, want)
		}
	}
}
