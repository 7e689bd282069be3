package mi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/mux"
)

// request is a which of a client with the given header.
func request(host string, header ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://localhost/mi", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"which"}`))
	r.Host = host
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func cameInOn(r *http.Request, address net.Addr) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, address))
}

func TestHosts(t *testing.T) {
	h := newHandler(t, HandlerConfig{Hosts: []string{"MI.example.com.", "proxy:8888"}}, Which())
	for host, want := range map[string]int{
		"localhost":            200,
		"LOCALHOST:8888":       200,
		"a.localhost":          200,
		"127.0.0.1":            200,
		"127.9.9.9:1":          200,
		"[::1]:8888":           200,
		"[::1]":                200,
		"[::ffff:127.0.0.1]:1": 200,
		"mi.EXAMPLE.com":       200,
		"mi.example.com.:80":   200,
		"proxy":                200,
		"10.0.0.1:8888":        200, // the address the request came in on
		"":                     200, // HTTP/1.0
		"10.0.0.2:8888":        403,
		"example.com":          403,
		"localhost.evil.com":   403,
		"xlocalhost":           403,
		"127.0.0.1.evil.com":   403,
		"mi.example.com.evil":  403,
		"a:b:c":                403,
		"*":                    403,
	} {
		r := cameInOn(request(host), &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 8888})
		if got := do(h, r); got.Status != want {
			t.Errorf("host %q: got %+v, want %d", host, got, want)
		}
	}
	unix := cameInOn(request("whatever"), &net.UnixAddr{Name: "/run/mi.sock", Net: "unix"})
	if got := do(h, unix); got.Status != http.StatusOK {
		t.Errorf("over a unix socket: %+v", got)
	}
	any := newHandler(t, HandlerConfig{Hosts: []string{"*"}}, Which())
	if got := do(any, request("example.com")); got.Status != http.StatusOK {
		t.Errorf("with all hosts allowed: %+v", got)
	}
}

func TestOrigins(t *testing.T) {
	h := newHandler(t, HandlerConfig{Origins: []string{"https://Panel.example.com/"}}, Which(), TLSReload(func(context.Context) (Result, error) { return nil, nil }))
	tests := []struct {
		name, header, value string
		want                int
	}{
		{"own", "Origin", "http://localhost:8888", 200},
		{"own, other case", "Origin", "http://LocalHost:8888", 200},
		{"configured", "Origin", "https://panel.example.com", 200},
		{"configured, other scheme", "Origin", "http://panel.example.com", 403},
		{"other site", "Origin", "https://evil.example", 403},
		{"other port", "Origin", "http://localhost:3000", 403},
		{"opaque", "Origin", "null", 403},
		{"nonsense", "Origin", "http://%zz", 403},
		{"fetched by own page", "Sec-Fetch-Site", "same-origin", 200},
		{"typed", "Sec-Fetch-Site", "none", 200},
		{"fetched by other site", "Sec-Fetch-Site", "cross-site", 403},
		{"fetched by neighbour", "Sec-Fetch-Site", "same-site", 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := do(h, request("localhost:8888", tt.header, tt.value)); got.Status != tt.want {
				t.Errorf("JSON-RPC: got %+v, want %d", got, tt.want)
			}
			r := httptest.NewRequest(http.MethodGet, "http://localhost:8888/json/tls_reload", nil)
			r.Header.Set(tt.header, tt.value)
			if got := do(h, r); got.Status != tt.want {
				t.Errorf("2.x form: got %+v, want %d", got, tt.want)
			}
		})
	}
}

func TestToken(t *testing.T) {
	h := newHandler(t, HandlerConfig{Token: "s3cret"}, Which())
	for authorization, want := range map[string]int{
		"Bearer s3cret":  200,
		"bearer s3cret":  200,
		"Bearer  s3cret": 200,
		"Bearer s3cre":   401,
		"Bearer s3cretx": 401,
		"Bearer":         401,
		"Bearer ":        401,
		"Basic s3cret":   401,
		"s3cret":         401,
		"":               401,
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, request("localhost", "Authorization", authorization))
		if w.Code != want {
			t.Errorf("%q: got %d, want %d", authorization, w.Code, want)
		}
		if challenge := w.Header().Get("WWW-Authenticate"); (challenge != "") != (want == 401) {
			t.Errorf("%q: challenged with %q", authorization, challenge)
		}
	}
	verified := request("localhost")
	verified.TLS = &tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{{}}}}
	if got := do(h, verified); got.Status != http.StatusOK {
		t.Errorf("with a verified certificate: %+v", got)
	}
	unverified := request("localhost")
	unverified.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{{}}}
	if got := do(h, unverified); got.Status != http.StatusUnauthorized {
		t.Errorf("with an unverified certificate: %+v", got)
	}
}

func TestMount(t *testing.T) {
	h := newHandler(t, HandlerConfig{Token: "s3cret", Mount: func(r *mux.Router) {
		r.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
		r.HandleFunc("/broken", func(http.ResponseWriter, *http.Request) { panic("out of luck") })
	}}, Which())
	for target, want := range map[string]int{"/metrics": http.StatusTeapot, "/broken": http.StatusInternalServerError, "/other": http.StatusBadRequest} {
		r := httptest.NewRequest(http.MethodGet, "http://localhost"+target, nil)
		if got := do(h, r); got.Status != http.StatusUnauthorized {
			t.Errorf("%s without the token: %+v", target, got)
		}
		r.Header.Set("Authorization", "Bearer s3cret")
		if got := do(h, r); got.Status != want {
			t.Errorf("%s: got %+v, want %d", target, got, want)
		}
	}
}
