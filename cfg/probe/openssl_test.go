package probe_test

import (
	"bufio"
	"context"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/cfg/probe"
)

// sServer starts openssl s_server, which speaks what args say.
func sServer(t *testing.T, s *site, args ...string) probe.Target {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("no openssl here")
	}
	ctx, cancel := context.WithTimeout(t.Context(), long)
	pem := func(name string) string { return filepath.Join(s.dir, name) }
	cmd := exec.CommandContext(ctx, path, append([]string{
		"s_server", "-accept", "127.0.0.1:0", "-cert", pem("server.pem"), "-key", pem("server.key"), "-CAfile", pem("ca.pem"), "-verify_return_error",
	}, args...)...)
	input, err := cmd.StdinPipe() // its end ends the server
	if err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		input.Close()
		_ = cmd.Wait() // it was killed
	})
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if at, ok := strings.CutPrefix(lines.Text(), "ACCEPT 127.0.0.1:"); ok {
			port, err := strconv.ParseUint(at, 10, 16)
			if err != nil {
				t.Fatal(err)
			}
			go func() { _, _ = io.Copy(io.Discard, output) }()
			return probe.Target{Host: "127.0.0.1", Port: uint16(port)}
		}
	}
	t.Fatal("openssl s_server does not listen")
	return probe.Target{}
}

// TestOpenSSL connects to openssl s_server.
func TestOpenSSL(t *testing.T) {
	s := newSite(t)
	for _, test := range []struct {
		name, domain   string
		args           []string
		version, suite string
		problem        string // its beginning
	}{
		{"TLS 1.3", "known", []string{"-Verify", "1"}, "TLSv1.3", "", ""},
		{"TLS 1.2", "known", []string{"-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"}, "TLSv1.2", "ECDHE-ECDSA-AES256-GCM-SHA384", ""},
		{"stranger, TLS 1.3", "careless", []string{"-Verify", "1"}, "TLSv1.3", "", `the peer sent the alert "unknown ca"`},
		{"stranger, TLS 1.2", "careless", []string{"-Verify", "1", "-tls1_2"}, "", "", `the peer sent the alert "unknown ca"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := connect(t, s, probe.Options{Target: sServer(t, s, test.args...), Domain: test.domain})
			if !strings.HasPrefix(r.Problem(), test.problem) || r.OK() != (test.problem == "") {
				t.Errorf("problem %q, want %q", r.Problem(), test.problem)
			}
			version, _ := r.Variables.Lookup("$tls_version")
			suite, _ := r.Variables.Lookup("$tls_cipher_info")
			if version != test.version || test.suite != "" && suite != test.suite {
				t.Errorf("%s, %s", version, suite)
			}
		})
	}
}
