package serve

import (
	"io"
	"math"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// proxy stands between a client and a server, and cuts their connections.
type proxy struct {
	address string
	server  string
	left    atomic.Int64 // bytes that the server may still send

	mu   sync.Mutex
	open map[net.Conn]bool
	busy sync.WaitGroup
}

func newProxy(t *testing.T, server string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{address: listener.Addr().String(), server: server, open: map[net.Conn]bool{}}
	p.restore()
	p.busy.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			p.busy.Go(func() { p.serve(conn) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		p.cutAfter(0)
		p.mu.Lock()
		for conn := range p.open {
			conn.Close()
		}
		p.mu.Unlock()
		p.busy.Wait()
	})
	return p
}

// cutAfter lets the server send so many bytes more, over all connections.
func (p *proxy) cutAfter(bytes int64) { p.left.Store(bytes) }

func (p *proxy) restore() { p.left.Store(math.MaxInt64) }

func (p *proxy) track(conn net.Conn, open bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if open {
		p.open[conn] = true
		return
	}
	delete(p.open, conn)
}

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	for _, conn := range []net.Conn{client, server} {
		p.track(conn, true)
		defer p.track(conn, false)
	}
	p.busy.Go(func() {
		_, _ = io.Copy(server, client)
		server.Close()
	})
	buf := make([]byte, 16<<10)
	for {
		n, err := server.Read(buf)
		if err != nil || p.left.Add(int64(-n)) < 0 {
			return
		}
		if _, err := client.Write(buf[:n]); err != nil {
			return
		}
	}
}
