package openssl

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// openSSL runs the openssl command and gives what it printed. It skips the
// test where the command is missing or of another release, whose vocabulary
// differs.
func openSSL(t testing.TB, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	requireOpenSSL(t)
	return runOpenSSL(args...)
}

// noTrust keeps s_client and s_server from reading the machine's CAs, which
// takes most of their time.
var noTrust = []string{"-no-CAfile", "-no-CApath", "-no-CAstore"}

// runOpenSSL runs the command without the machine's configuration.
func runOpenSSL(args ...string) (stdout, stderr string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if args[0] == "s_client" || args[0] == "s_server" {
		args = slices.Insert(args, 1, noTrust...)
	}
	cmd := exec.CommandContext(ctx, "openssl", args...)
	cmd.Env = append(os.Environ(), "OPENSSL_CONF="+os.DevNull)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	err = cmd.Run()
	return out.String(), problems.String(), err
}

// openSSLUnfit is why the openssl command cannot be compared with, empty if it
// can.
var openSSLUnfit = sync.OnceValue(func() string {
	version, _, err := runOpenSSL("version", "-v", "-f")
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "no openssl command here"
	case err != nil:
		return fmt.Sprintf("openssl version: %v", err)
	case !strings.HasPrefix(version, "OpenSSL 3.0."):
		return "the openssl command is not of release 3.0"
	case !strings.Contains(version, "-DOPENSSL_TLS_SECURITY_LEVEL=2"):
		return "openssl is not built with security level 2"
	}
	return ""
})

func requireOpenSSL(t testing.TB) {
	t.Helper()
	if reason := openSSLUnfit(); reason != "" {
		t.Skip(reason)
	}
}

// mustOpenSSL is openSSL for a command that must work.
func mustOpenSSL(t testing.TB, args ...string) (stdout string) {
	t.Helper()
	stdout, stderr, err := openSSL(t, args...)
	if err != nil {
		t.Fatalf("openssl %q: %v\n%s", args, err, stderr)
	}
	return stdout
}

// greet has `openssl s_client` connect to a server with the config, which
// need not last beyond its first message, and gives what the client printed.
func greet(t *testing.T, config *tls.Config, args ...string) (stdout, stderr string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	served := make(chan struct{})
	go func() {
		defer close(served)
		conn, err := listener.Accept()
		if err != nil {
			return // the client ended before it connected
		}
		defer conn.Close()
		_ = tls.Server(conn, config).HandshakeContext(t.Context()) // the test looks at the client's side
	}()
	stdout, stderr, _ = runOpenSSL(append([]string{"s_client", "-connect", listener.Addr().String()}, args...)...)
	listener.Close()
	<-served
	return stdout, stderr
}
