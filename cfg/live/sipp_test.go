package live

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// relay takes TCP connections and makes a TLS connection for each: Debian's sipp is
// built without TLS.
func relay(t testing.TB, to string) (address string, stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var busy sync.WaitGroup
	busy.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			busy.Go(func() { join(t, near, to) })
		}
	})
	return l.Addr().String(), func() {
		l.Close()
		busy.Wait()
	}
}

// join copies both ways until sipp has closed its connection.
func join(t testing.TB, near net.Conn, to string) {
	defer near.Close()
	far, err := tls.Dial("tcp", to, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Errorf("connect for sipp: %v", err)
		return
	}
	defer far.Close()
	var back sync.WaitGroup
	back.Go(func() {
		io.Copy(near, far)
		near.Close()
	})
	io.Copy(far, near)
	far.Close()
	back.Wait()
}

// answeringCalls answers what the scenarios of sipp send.
const answeringCalls = "listen=tls:192.0.2.1:5061\n" + opening + `route {
	if (is_method("ACK"))
		exit;
	if (is_method("INVITE")) {
		sl_send_reply("100", "Trying");
		xlog("call $ci of $fU over $tls_version\n");
		sl_send_reply("180", "Ringing");
	}
	sl_send_reply("200", "OK");
}
`

// TestSipp has sipp make 1,000 calls of each scenario: over one connection, and over
// one for each call. All get their replies, and nothing of them stays.
func TestSipp(t *testing.T) {
	program, err := exec.LookPath("sipp")
	if err != nil {
		t.Skip("no sipp here")
	}
	for _, c := range []struct {
		scenario, transport string
		messages            int64 // of a call
		slow                bool  // with the race detector
	}{
		{"options", "t1", 1, false}, {"options", "tn", 1, true}, {"invite", "t1", 3, true}, {"invite", "tn", 3, false},
	} {
		t.Run(c.scenario+" "+c.transport, func(t *testing.T) {
			if c.slow && raceEnabled {
				t.Skip("the other two are enough for the race detector")
			}
			const calls = 1000
			w := newWorld(t)
			s := w.serve(t, answeringCalls, Options{Log: slog.New(slog.NewJSONHandler(io.Discard, nil))})
			address, stop := relay(t, s.address(0))
			descriptors := openFiles(t)
			probe := dial(t, s.address(0), nil)
			if probe.ask(t, request("OPTIONS", "sip:x", "probe")); serving() != 1 {
				t.Fatalf("%d connections are counted", serving())
			}
			probe.Close()
			sipp(t, program, c.scenario, c.transport, address, calls)
			if got := s.messages.Load() - 1; got != calls*c.messages { // but for the probe's
				t.Errorf("%d requests came, want %d", got, calls*c.messages)
			}
			settles(t, "connections", 0, serving)
			settles(t, "open files", descriptors, func() int { return openFiles(t) })
			stop()
		})
	}
}

// sipp makes calls. It ends with 0 if each went as the scenario has it.
func sipp(t testing.TB, program, scenario, transport, address string, calls int) {
	t.Helper()
	file, err := os.ReadFile("testdata/" + scenario + ".xml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir() // where it writes its files
	if err := os.WriteFile(dir+"/scenario.xml", file, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "-sf", "scenario.xml", "-t", transport, "-i", "127.0.0.1", "-m", strconv.Itoa(calls), "-r", strconv.Itoa(calls), "-l", "50",
		"-max_socket", strconv.Itoa(2*calls), "-recv_timeout", "30000", "-nostdin", "-trace_err", "-error_file", "errors", address)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		errors, _ := os.ReadFile(dir + "/errors")
		t.Fatalf("sipp: %v\n%s\n%s", err, errors, out)
	}
}

// settles waits until there are no more of something than there were.
func settles(t testing.TB, what string, before int, count func() int) {
	t.Helper()
	deadline := time.Now().Add(long)
	for count() > before {
		if time.Now().After(deadline) {
			t.Errorf("%d %s, before it was %d", count(), what, before)
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// serving counts the goroutines of connections.
func serving() int {
	stacks := make([]byte, 1<<20)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "transport.(*Server).admit.func")
}

// openFiles counts the descriptors of the program, where the system lists them.
func openFiles(t testing.TB) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(list)
}
