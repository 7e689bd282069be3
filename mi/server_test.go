package mi

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

const whichCall = `{"jsonrpc":"2.0","id":1,"method":"which"}`

// rawPost is a request as it goes over the wire.
func rawPost(body string, header ...string) []byte {
	var b strings.Builder
	b.WriteString("POST /mi HTTP/1.1\r\nHost: 127.0.0.1:8888\r\nContent-Type: application/json\r\n")
	for i := 0; i < len(header); i += 2 {
		b.WriteString(header[i] + ": " + header[i+1] + "\r\n")
	}
	b.WriteString("Content-Length: " + Int(len(body)).text() + "\r\n\r\n" + body)
	return []byte(b.String())
}

func TestNewServerRefusesStrangers(t *testing.T) {
	open := newHandler(t, HandlerConfig{}, Which())
	locked := newHandler(t, HandlerConfig{Token: "s3cret"}, Which())
	verify := &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool()}
	anyCA := &tls.Config{ClientAuth: tls.VerifyClientCertIfGiven}
	tests := []struct {
		name    string
		handler *Handler
		cfg     ServerConfig
		want    string // part of the error, empty for none
	}{
		{"default", open, ServerConfig{}, ""},
		{"loopback", open, ServerConfig{Listen: "127.1.2.3:0"}, ""},
		{"loopback, IPv6", open, ServerConfig{Listen: "[::1]:0"}, ""},
		{"localhost", open, ServerConfig{Listen: "localhost:0"}, ""},
		{"unix", open, ServerConfig{Listen: "unix:/run/mi.sock"}, ""},
		{"all addresses", open, ServerConfig{Listen: ":8888"}, "remote access is not allowed"},
		{"one address", open, ServerConfig{Listen: "10.0.0.1:8888"}, "remote access is not allowed"},
		{"a name", open, ServerConfig{Listen: "example.com:8888"}, "remote access is not allowed"},
		{"token is not enough", locked, ServerConfig{Listen: ":8888"}, "remote access is not allowed"},
		{"allowed without token", open, ServerConfig{Listen: ":8888", AllowRemote: true}, "needs a token or verified client certificates"},
		{"allowed with TLS alone", open, ServerConfig{Listen: ":8888", AllowRemote: true, TLS: &tls.Config{}}, "needs a token or verified client certificates"},
		{"allowed with token", locked, ServerConfig{Listen: ":8888", AllowRemote: true}, ""},
		{"allowed with certificates", open, ServerConfig{Listen: ":8888", AllowRemote: true, TLS: verify}, ""},
		{"certificates of any CA", locked, ServerConfig{TLS: anyCA}, "ClientCAs is not set"},
		{"no port", open, ServerConfig{Listen: "localhost"}, "expected HOST:PORT or unix:PATH"},
		{"a port alone", open, ServerConfig{Listen: "8888"}, "expected HOST:PORT or unix:PATH"},
		{"no number", open, ServerConfig{Listen: "127.0.0.1:mi"}, "expected HOST:PORT or unix:PATH"},
		{"no such port", open, ServerConfig{Listen: "127.0.0.1:99999"}, "expected HOST:PORT or unix:PATH"},
		{"a URL", open, ServerConfig{Listen: "http://127.0.0.1:8888"}, "expected HOST:PORT or unix:PATH"},
		{"unix without a path", open, ServerConfig{Listen: "unix:"}, "expected HOST:PORT or unix:PATH"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := NewServer(tt.handler, tt.cfg)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got error %v, want %q", err, tt.want)
			}
		})
	}
}

// TestListenIPv4 checks that every address of IPv4 is none of IPv6.
func TestListenIPv4(t *testing.T) {
	server, err := NewServer(newHandler(t, HandlerConfig{Token: "s3cret"}, Which()), ServerConfig{Listen: "0.0.0.0:0", AllowRemote: true})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := server.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if at := listener.Addr().(*net.TCPAddr); at.IP.To4() == nil {
		t.Errorf("it listens on %v", at)
	}
}

// foreign is a listener that says it has another address.
type foreign struct{ net.Listener }

func (foreign) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 8888} }

func TestServeRefusesForeignListener(t *testing.T) {
	server, err := NewServer(newHandler(t, HandlerConfig{}, Which()), ServerConfig{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := server.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Serve(t.Context(), foreign{listener}); err == nil || !strings.Contains(err.Error(), "remote access is not allowed") {
		t.Errorf("got error %v", err)
	}
	if _, err := listener.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the listener is still open: %v", err)
	}
}

func TestRunTwice(t *testing.T) {
	h := newHandler(t, HandlerConfig{}, Which())
	address := serve(t, h)
	server, err := NewServer(h, ServerConfig{Listen: address})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("got error %v", err)
	}
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mi.sock")
	dead, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	dead.(*net.UnixListener).SetUnlinkOnClose(false)
	dead.Close() // as after a crash

	h := newHandler(t, HandlerConfig{}, Which())
	t.Run("serving", func(t *testing.T) {
		serveConfig(t, h, ServerConfig{Listen: "unix:" + path, SocketMode: 0o660})
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != fs.ModeSocket|0o660 {
			t.Errorf("the socket's mode is %v", info.Mode())
		}
		if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
			t.Errorf("left behind: %v", left)
		}
		client, err := NewClient(ClientConfig{URL: "unix:" + path})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		if got, err := client.Call(t.Context(), "which", nil); err != nil || string(got) != `["which"]` {
			t.Errorf("got %s and %v", got, err)
		}
		second, err := NewServer(h, ServerConfig{Listen: "unix:" + path})
		if err != nil {
			t.Fatal(err)
		}
		if err := second.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "address already in use") {
			t.Errorf("a second server: %v", err)
		}
	})
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
}

func TestUnixSocketRefusesFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(path, []byte("data"), 0o600); err != nil {
		t.Fatal(err)
	}
	server, err := NewServer(newHandler(t, HandlerConfig{}, Which()), ServerConfig{Listen: "unix:" + path})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "not a socket") {
		t.Errorf("got error %v", err)
	}
	if data := readFile(t, path); string(data) != "data" {
		t.Errorf("the file now holds %q", data)
	}
}

// syncBuffer is a log that may be read while it is written.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func TestBareConnectionIsSilent(t *testing.T) {
	for name, config := range map[string]*tls.Config{"http": nil, "https": selfSigned(t)} {
		t.Run(name, func(t *testing.T) {
			var log syncBuffer
			h := newHandler(t, HandlerConfig{Log: slog.New(slog.NewTextHandler(&log, nil))}, Which())
			address := serveConfig(t, h, ServerConfig{Listen: "127.0.0.1:0", TLS: config})
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			conn.Close()
			// A whole exchange later the server has seen the first connection end.
			client, err := NewClient(ClientConfig{URL: name + "://" + address + "/mi", TLS: &tls.Config{InsecureSkipVerify: true}})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			if _, err := client.Call(t.Context(), "which", nil); err != nil {
				t.Fatal(err)
			}
			if lines := strings.Count(log.String(), "\n"); lines != 1 || !strings.Contains(log.String(), "command=which") {
				t.Errorf("logged:\n%s", log.String())
			}
		})
	}
}

func TestConnectionLog(t *testing.T) {
	var log bytes.Buffer
	l := connectionLog{slog.New(slog.NewTextHandler(&log, nil))}
	for _, line := range []string{"http: TLS handshake error from 127.0.0.1:1: EOF\n", "http: TLS handshake error from 127.0.0.1:1: remote error: tls: bad certificate\n"} {
		if n, err := l.Write([]byte(line)); n != len(line) || err != nil {
			t.Errorf("Write: %d, %v", n, err)
		}
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "bad certificate") {
		t.Errorf("logged:\n%s", got)
	}
}

// selfSigned makes the TLS configuration of a server.
func selfSigned(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mi test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:        true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}}}
}

func TestClientCertificate(t *testing.T) {
	config := selfSigned(t)
	pool := x509.NewCertPool()
	pool.AddCert(config.Certificates[0].Leaf)
	config.ClientCAs, config.ClientAuth = pool, tls.VerifyClientCertIfGiven
	h := newHandler(t, HandlerConfig{Token: "s3cret"}, Which())
	address := serveConfig(t, h, ServerConfig{Listen: "127.0.0.1:0", TLS: config})
	for _, tt := range []struct {
		name         string
		token        string
		certificates []tls.Certificate
		want         int
	}{
		{"certificate", "", config.Certificates, 0},
		{"token", "s3cret", nil, 0},
		{"neither", "", nil, http.StatusUnauthorized},
		{"wrong token", "guess", nil, http.StatusUnauthorized},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client, err := NewClient(ClientConfig{URL: "https://" + address + "/mi", Token: tt.token, TLS: &tls.Config{RootCAs: pool, Certificates: tt.certificates}})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			_, err = client.Call(t.Context(), "which", nil)
			var status *StatusError
			if tt.want == 0 && err != nil || tt.want != 0 && (!errors.As(err, &status) || status.Status != tt.want) {
				t.Errorf("got error %v, want status %d", err, tt.want)
			}
		})
	}
}

// gate is a command that says when it runs and waits until it may end.
func gate() (cmd Command, running, release chan struct{}) {
	running, release = make(chan struct{}), make(chan struct{})
	return command("gate", func(ctx context.Context, _ Request) (Result, error) {
		running <- struct{}{}
		select {
		case <-release:
			return String("through"), nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}), running, release
}

const gateCall = `{"jsonrpc":"2.0","id":1,"method":"gate"}`

func TestTooManyAtOnce(t *testing.T) {
	cmd, running, release := gate()
	h := newHandler(t, HandlerConfig{MaxConcurrent: 1}, cmd, Which())
	address := serve(t, h)
	first := make(chan httpAnswer, 1)
	go func() { first <- exchangeBytes(t, address, rawPost(gateCall)) }()
	<-running
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(rawPost(whichCall)); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") != "1" {
		t.Errorf("got %s, Retry-After %q", response.Status, response.Header.Get("Retry-After"))
	}
	close(release)
	if got := <-first; !strings.Contains(got.Body, "through") {
		t.Errorf("the first request: %+v", got)
	}
	if got := exchangeBytes(t, address, rawPost(whichCall)); got.Status != http.StatusOK {
		t.Errorf("afterwards: %+v", got)
	}
}

func TestShutdownLetsRequestsFinish(t *testing.T) {
	cmd, running, release := gate()
	server, err := NewServer(newHandler(t, HandlerConfig{}, cmd), ServerConfig{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := server.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served, answered := make(chan error, 1), make(chan httpAnswer, 1)
	go func() { served <- server.Serve(ctx, listener) }()
	go func() { answered <- exchangeBytes(t, listener.Addr().String(), rawPost(gateCall)) }()
	<-running
	stop()
	for { // until nobody listens any more
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			break
		}
		conn.Close()
		runtime.Gosched()
	}
	close(release)
	if got := <-answered; !strings.Contains(got.Body, "through") {
		t.Errorf("the request under way: %+v", got)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func TestShutdownGivesUp(t *testing.T) {
	cmd, running, _ := gate()
	server, err := NewServer(newHandler(t, HandlerConfig{}, cmd), ServerConfig{Listen: "127.0.0.1:0", ShutdownTimeout: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := server.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, listener) }()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(rawPost(gateCall)); err != nil {
		t.Fatal(err)
	}
	<-running
	stop()
	if err := <-served; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Serve: %v", err)
	}
}

func TestSlowClientIsCutOff(t *testing.T) {
	address := serveConfig(t, newHandler(t, HandlerConfig{}, Which()), ServerConfig{
		Listen: "127.0.0.1:0", ReadHeaderTimeout: 250 * time.Millisecond, ReadTimeout: 250 * time.Millisecond,
	})
	for name, part := range map[string]string{
		"in the header": "POST /mi HTTP/1.1\r\nHost:",
		"in the body":   "POST /mi HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n{",
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := io.WriteString(conn, part); err != nil {
				t.Fatal(err)
			}
			answer, err := io.ReadAll(conn) // ends when the server hangs up
			if err != nil {
				t.Fatal(err)
			}
			if name == "in the body" && !strings.Contains(string(answer), "the request ended early") {
				t.Errorf("got %q", answer)
			}
		})
	}
}

func TestHeaderLimit(t *testing.T) {
	address := serveConfig(t, newHandler(t, HandlerConfig{}, Which()), ServerConfig{Listen: "127.0.0.1:0", MaxHeader: 1024})
	got := exchangeBytes(t, address, rawPost(whichCall, "X-Long", strings.Repeat("x", 8192)))
	if got.Status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("got %+v", got)
	}
}

// TestLongCommand runs a command for longer than an answer may take to write.
func TestLongCommand(t *testing.T) {
	slow := command("slow", func(ctx context.Context, _ Request) (Result, error) {
		select {
		case <-time.After(400 * time.Millisecond):
			return OK{}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
	address := serveConfig(t, newHandler(t, HandlerConfig{}, slow), ServerConfig{Listen: "127.0.0.1:0", WriteTimeout: 250 * time.Millisecond})
	got := exchangeBytes(t, address, rawPost(`{"jsonrpc":"2.0","id":1,"method":"slow"}`))
	if got.Body != `{"jsonrpc":"2.0","result":"OK","id":1}` {
		t.Errorf("got %+v", got)
	}
}
