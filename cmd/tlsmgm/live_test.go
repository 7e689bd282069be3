package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/opensips-tools/tlsmgm/docs/docstest"
)

// demoLive is the demo of serve --tls, as "make run" serves it.
type demoLive struct {
	dir   string
	ports map[string]string // that the sockets have in fact, to those of docs/live.md
	at    map[string]string // the addresses of docs/live.md, to those in fact
	log   lockedBuffer
	end   func() string // ends the server and gives its log
}

// lockedBuffer is what a process writes while a test reads it.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// TestLiveExample makes the connections of docs/live.md with openssl and writes the
// log there that the server has of them.
func TestLiveExample(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("no openssl command here")
	}
	t.Chdir(root)
	d := serveDemo(t)
	tls := filepath.Join(d.dir, "run/demo/etc/opensips/tls")
	certificate := []string{"-cert", tls + "/phones/cert.pem", "-key", tls + "/phones/key.pem"}
	d.client(t, "reply sent", exampleRequest(t, "options.sip"), d.at["127.0.0.1:15061"])
	d.client(t, "relay decided", exampleRequest(t, "invite.sip"), d.at["127.0.0.2:15061"], certificate...)
	d.client(t, "TLS handshake failed", "", d.at["127.0.0.2:15061"])
	docstest.Parts(t, "docs/live.md", *update, map[string]string{"example": "```text\n" + d.end() + "```\n"})
}

// exampleRequest is a request that docs/live.md shows, as it is sent.
func exampleRequest(t *testing.T, name string) string {
	t.Helper()
	return strings.ReplaceAll(readFile(t, "testdata/demo/"+name), "\n", "\r\n")
}

// serveDemo makes the demo in a directory of its own and serves it, on ports that
// nobody else has.
func serveDemo(t *testing.T) *demoLive {
	t.Helper()
	d := &demoLive{dir: t.TempDir(), ports: map[string]string{}, at: map[string]string{}}
	const script = "testdata/demo/opensips.cfg"
	// This machine may be slow.
	text := regexp.MustCompile(`(_timeout", )300\)`).ReplaceAllString(readFile(t, script), "${1}30000)")
	if err := os.MkdirAll(filepath.Join(d.dir, filepath.Dir(script)), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(d.dir, script), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	demo := filepath.Join(d.dir, "run/demo")
	for _, command := range [][]string{
		{"go", "run", "./cmd/mkdemo", demo},
		{"tlsmgm", "db", "create", "--db", "sqlite://" + demo + "/var/lib/opensips/tls.db"},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", command, err, out)
		}
	}
	args := []string{"serve", "-f", script, "--root", "run/demo", "--tls", "--listen", "unix:" + filepath.Join(d.dir, "mi.sock")}
	for from, to := range map[string]string{"192.0.2.10": "127.0.0.1", "192.0.2.11": "127.0.0.2"} {
		port, err := freePort()
		if err != nil {
			t.Fatal(err)
		}
		args = append(args, "--bind-map", fmt.Sprintf("%s=%s:%s", from, to, port))
		d.at[to+":15061"], d.ports[to+":"+port] = to+":"+port, to+":15061"
	}
	d.start(t, args)
	return d
}

func (d *demoLive) start(t *testing.T, args []string) {
	t.Helper()
	cmd := exec.Command("tlsmgm", args...)
	cmd.Dir, cmd.Stderr = d.dir, &d.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop := sync.OnceValue(func() error {
		cmd.Process.Signal(syscall.SIGTERM)
		return cmd.Wait()
	})
	t.Cleanup(func() { stop() })
	d.end = func() string {
		if err := stop(); err != nil {
			t.Errorf("the server ends with %v\n%s", err, d.log.String())
		}
		return d.forPage(t)
	}
	d.wait(t, "mi: listening", 1)
}

// wait waits until the log has a text n times.
func (d *demoLive) wait(t *testing.T, text string, n int) {
	t.Helper()
	for begun := time.Now(); strings.Count(d.log.String(), text) < n; time.Sleep(5 * time.Millisecond) {
		if time.Since(begun) > patience {
			t.Fatalf("%q is not in the log:\n%s", text, d.log.String())
		}
	}
}

// client has openssl make a connection and send a text, and leaves when the log
// tells of what comes of it.
func (d *demoLive) client(t *testing.T, until, text, address string, args ...string) {
	t.Helper()
	cmd := exec.Command("openssl", append([]string{"s_client", "-connect", address}, args...)...)
	cmd.Env = append(os.Environ(), "OPENSSL_CONF="+os.DevNull)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	begun := strings.Count(d.log.String(), until)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(in, text); err != nil && text != "" {
		t.Error(err)
	}
	d.wait(t, until, begun+1)
	closed := strings.Count(d.log.String(), "connection closed")
	in.Close()
	_ = cmd.Wait() // it may have been refused
	if text != "" {
		d.wait(t, "connection closed", closed+1)
	}
}

// forPage is the log from the sockets on, without what differs between runs.
func (d *demoLive) forPage(t *testing.T) string {
	t.Helper()
	text := d.log.String()
	start := strings.Index(text, `level=INFO msg="TLS sockets are open"`)
	if start < 0 {
		t.Fatalf("no sockets are open:\n%s", text)
	}
	text = regexp.MustCompile(`(?m)^(time=\S+ |mi: .*\n)`).ReplaceAllString(text[start:], "")
	for in, shown := range d.ports {
		text = strings.ReplaceAll(text, in, shown)
	}
	peers := map[string]string{}
	return regexp.MustCompile(`peer=127\.0\.0\.\d:\d+`).ReplaceAllStringFunc(text, func(peer string) string {
		if peers[peer] == "" {
			address, _, _ := strings.Cut(peer, ":")
			peers[peer] = fmt.Sprintf("%s:%d", address, 40001+len(peers))
		}
		return peers[peer]
	})
}
