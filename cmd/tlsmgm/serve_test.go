package main

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/opensips-tools/tlsmgm/mgm/certtest/certfiles"
)

// TestServer runs the scripts of the commands that serve, call and fill a table.
// Each finds certificates in $WORK (default, sv1, cl1 and other, as NAME.pem and
// NAME.key) and a free port in $PORT.
func TestServer(t *testing.T) {
	pairs := map[string]certfiles.Pair{}
	for _, name := range []string{"default", "sv1", "cl1", "other"} {
		pairs[name] = certfiles.SelfSigned(t, name+".example.org")
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/serve",
		Setup: func(env *testscript.Env) error {
			var errs []error
			for name, pair := range pairs {
				base := filepath.Join(env.WorkDir, name)
				errs = append(errs, os.WriteFile(base+".pem", pair.Certificate, 0o600), os.WriteFile(base+".key", pair.Key, 0o600))
			}
			env.Values["secret"] = pairs["sv1"].Secret()
			port, err := freePort()
			env.Setenv("PORT", port)
			env.Setenv("GORACE", "atexit_sleep_ms=0") // a race detector waits a second at each exit
			errs = append(errs, err)
			return errors.Join(errs...)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "await": await, "until": until, "send": send, "mode": mode, "nokey": noKey, "sip": sip,
		},
		UpdateScripts: *update,
	})
}

// freePort is a port that nobody listens on, and nobody will soon: the system
// gives another one each time.
func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}

const patience = 20 * time.Second

// await is "await FILE": it waits until there is one.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await file")
	}
	for begun := time.Now(); time.Since(begun) < patience; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
	}
	ts.Fatalf("there is no %s", args[0])
}

// until is "until REGEXP PROGRAM ARGUMENT…": it runs the program until its
// output matches.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until regexp program [argument...]")
	}
	want, err := regexp.Compile(args[0])
	ts.Check(err)
	for begun := time.Now(); time.Since(begun) < patience; time.Sleep(50 * time.Millisecond) {
		if err := ts.Exec(args[1], args[2:]...); err == nil && want.MatchString(ts.ReadFile("stdout")) {
			return
		}
	}
	ts.Fatalf("no output matched %q", args[0])
}

// send is "send SIGNAL": it sends the program in the background a signal.
func send(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]os.Signal{"HUP": syscall.SIGHUP, "TERM": syscall.SIGTERM}
	if neg || len(args) != 1 || signals[args[0]] == nil {
		ts.Fatalf("usage: send HUP|TERM")
	}
	for _, program := range ts.BackgroundCmds() {
		ts.Check(program.Process.Signal(signals[args[0]]))
	}
}

// mode is "mode OCTAL FILE": it checks the mode of a file.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode octal file")
	}
	var want socketMode
	ts.Check(want.UnmarshalText([]byte(args[0])))
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := info.Mode() & fs.ModePerm; got != want.FileMode {
		ts.Fatalf("%s has mode %o", args[1], got)
	}
}

// noKey is "nokey": neither output of the last program holds a private key.
func noKey(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: nokey")
	}
	secret := regexp.MustCompile("PRIVATE KEY|" + regexp.QuoteMeta(ts.Value("secret").(string)))
	for _, stream := range []string{"stdout", "stderr"} {
		if secret.MatchString(ts.ReadFile(stream)) {
			ts.Fatalf("a private key is in %s", stream)
		}
	}
}

// sip is "sip [-cert NAME] ADDRESS FILE": it sends the lines of the file over TLS,
// with the certificate NAME.pem if that is given, and prints the reply. It fails if
// there is none.
func sip(ts *testscript.TestScript, neg bool, args []string) {
	config := &tls.Config{InsecureSkipVerify: true}
	if len(args) > 1 && args[0] == "-cert" {
		pair, err := tls.LoadX509KeyPair(ts.MkAbs(args[1]+".pem"), ts.MkAbs(args[1]+".key"))
		ts.Check(err)
		config.Certificates, args = []tls.Certificate{pair}, args[2:]
	}
	if len(args) != 2 {
		ts.Fatalf("usage: sip [-cert name] address file")
	}
	conn, err := tls.DialWithDialer(&net.Dialer{Timeout: patience}, "tcp", args[0], config)
	ts.Check(err)
	defer conn.Close()
	ts.Check(conn.SetDeadline(time.Now().Add(patience)))
	_, err = io.WriteString(conn, strings.ReplaceAll(ts.ReadFile(args[1]), "\n", "\r\n"))
	ts.Check(err)
	reply := bufio.NewReader(conn)
	for {
		line, err := reply.ReadString('\n')
		if (err != nil) != neg {
			ts.Fatalf("reply: %q, %v", line, err)
		}
		fmt.Fprintln(ts.Stdout(), strings.TrimRight(line, "\r\n"))
		if err != nil || line == "\r\n" {
			return
		}
	}
}
