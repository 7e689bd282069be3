package verify_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// openSSLUnfit is why the openssl command cannot be compared with, empty if it
// can.
var openSSLUnfit = sync.OnceValue(func() string {
	version, err := runOpenSSL("version")
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "no openssl command here"
	case err != nil:
		return fmt.Sprintf("openssl version: %v", err)
	case !strings.HasPrefix(version, "OpenSSL 3.0."):
		return "the openssl command is not of release 3.0"
	}
	return ""
})

// requireOpenSSL skips a test where the command is missing or of another
// release.
func requireOpenSSL(t testing.TB) {
	t.Helper()
	if reason := openSSLUnfit(); reason != "" {
		t.Skip(reason)
	}
}

// runOpenSSL runs the command without the machine's configuration and gives
// all that it printed.
func runOpenSSL(args ...string) (output string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "openssl", args...)
	cmd.Env = append(os.Environ(), "OPENSSL_CONF="+os.DevNull)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	return out.String(), err
}
