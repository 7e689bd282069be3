package transport

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"

	"github.com/opensips-tools/tlsmgm/mgm/certtest"
)

// holdVariable asks the test program to be a client with connections.
const holdVariable = "TRANSPORT_TEST_HOLD"

// holdConnections makes the connections that another test program asks for,
// tells so, and holds them until its standard input ends. They are in another
// process so that their memory is not that of the server.
func holdConnections() bool {
	address := os.Getenv(holdVariable)
	if address == "" {
		return false
	}
	n, _ := strconv.Atoi(os.Args[len(os.Args)-1])
	pair, err := tls.X509KeyPair([]byte(os.Getenv(holdVariable+"_CERT")), []byte(os.Getenv(holdVariable+"_KEY")))
	all := make([]*tls.Conn, n) // what nobody refers to is closed
	for i := range all {
		var conn *tls.Conn
		if err == nil {
			conn, err = tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{pair}})
		}
		if err == nil {
			err = ask(conn, "x")
		}
		if err != nil {
			fmt.Println(err)
			return true
		}
		all[i] = conn
	}
	fmt.Println("open")
	io.Copy(io.Discard, os.Stdin)
	runtime.KeepAlive(all)
	return true
}

// hold has another process make n connections with a certificate.
func hold(t testing.TB, address string, n int, id *certtest.Identity) (end func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$", "--", strconv.Itoa(n))
	cmd.Env = append(os.Environ(), holdVariable+"="+address,
		holdVariable+"_CERT="+string(id.PEM()), holdVariable+"_KEY="+string(id.KeyPEM(t)))
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "open\n" {
		t.Fatalf("the client says %q, %v", line, err)
	}
	return func() {
		in.Close()
		cmd.Wait()
	}
}

func inUse() uint64 {
	runtime.GC()
	runtime.GC() // what has finalizers
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// perConnection is the memory of n connections that wait for something to read.
func perConnection(t testing.TB, n int) uint64 {
	t.Helper()
	w := newWorld(t)
	s := serve(t, w.registry(t), Options{}, echo, "192.0.2.1:5061")
	mustDial(t, s.address(), trusting(w.issue(t, "first"))).Close() // makes what is made once
	before := inUse()
	defer hold(t, s.address(), n, w.issue(t, "phone"))()
	if got := len(s.all()); got < n {
		t.Fatalf("%d of %d connections are open", got, n)
	}
	return (inUse() - before) / uint64(n)
}

// TestIdleMemory bounds what a connection with a client certificate costs.
func TestIdleMemory(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector needs memory of its own")
	}
	const connections, most = 200, 60 << 10
	if got := perConnection(t, connections); got > most {
		t.Errorf("a connection takes %d bytes", got)
	} else {
		t.Logf("a connection takes %d bytes", got)
	}
}

func BenchmarkIdleConnections(b *testing.B) {
	const connections = 1000
	for b.Loop() {
		b.ReportMetric(float64(perConnection(b, connections)), "B/conn")
	}
}
