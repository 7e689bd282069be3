package mi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func newClient(t testing.TB, cfg ClientConfig) *Client {
	t.Helper()
	client, err := NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func TestNewClientRefuses(t *testing.T) {
	for url, want := range map[string]string{
		"127.0.0.1:8888":                    "cannot be read",
		"localhost:8888/mi":                 "expected a URL such as",
		"ftp://localhost/mi":                "expected a URL such as",
		"http://":                           "expected a URL such as",
		"ftp://user:secret@localhost/mi":    "expected a URL such as",
		"http://user:secret@local host/%zz": "cannot be read",
	} {
		_, err := NewClient(ClientConfig{URL: url})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: got error %v, want %q", url, err, want)
		}
	}
}

func TestClientCalls(t *testing.T) {
	list := echo(Param{Name: "who"}, Param{Name: "times", Kind: Number, Optional: true})
	h := newHandler(t, HandlerConfig{Token: "s3cret"}, append(trouble(), list, Which())...)
	client := newClient(t, ClientConfig{URL: "http://" + serve(t, h) + "/mi", Token: "s3cret"})
	tests := []struct {
		method string
		params any
		want   string
		err    *Error
	}{
		{"echo", []any{"a", 2}, `{"who":"a","times":2}`, nil},
		{"echo", map[string]any{"who": "<é>"}, `{"who":"<é>"}`, nil},
		{"nothing", nil, `"OK"`, nil},
		{"echo", nil, "", &Error{Code: CodeInvalidParams, Message: "Invalid params", Data: wrongParamCount}},
		{"nosuch", nil, "", &Error{Code: CodeMethodNotFound, Message: "Method not found"}},
		{"fails", nil, "", &Error{Code: 404, Message: "No such thing"}},
		{"echo", "text", "", &Error{Code: CodeInvalidRequest, Message: "Invalid Request"}},
	}
	for _, tt := range tests {
		got, err := client.Call(t.Context(), tt.method, tt.params)
		if tt.err == nil {
			if err != nil || string(got) != tt.want {
				t.Errorf("%s %v: got %s and %v, want %s", tt.method, tt.params, got, err, tt.want)
			}
			continue
		}
		var e *Error
		if !errors.As(err, &e) || *e != *tt.err {
			t.Errorf("%s %v: got error %v, want %v", tt.method, tt.params, err, tt.err)
		}
	}
	if err := client.Notify(t.Context(), "nothing", nil); err != nil {
		t.Error(err)
	}
	if _, err := client.Call(t.Context(), "echo", func() {}); err == nil {
		t.Error("a function went over the wire")
	}
}

// TestClientRoot gives the client no path.
func TestClientRoot(t *testing.T) {
	server := serve(t, newHandler(t, HandlerConfig{Root: "control"}, trouble()...))
	for _, url := range []string{"http://" + server, "http://" + server + "/"} {
		client := newClient(t, ClientConfig{URL: url, Root: "control"})
		if got, err := client.Call(t.Context(), "nothing", nil); err != nil || string(got) != `"OK"` {
			t.Errorf("%s: %s, %v", url, got, err)
		}
	}
}

// TestClientAnswers gives the client what other servers may answer.
func TestClientAnswers(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		want   string // part of the error, empty for none
	}{
		{"result", 200, `{"jsonrpc":"2.0","result":{"a":1},"id":1}`, ""},
		{"null", 200, `{"jsonrpc":"2.0","result":null,"id":1}`, ""},
		{"error", 200, `{"jsonrpc":"2.0","error":{"code":500,"message":"DB url not set"},"id":1}`, "DB url not set (code 500)"},
		{"error with data", 200, `{"error":{"code":-32602,"message":"Invalid params","data":"too few"},"id":1}`, "Invalid params: too few (code -32602)"},
		{"error with other data", 200, `{"error":{"code":1,"message":"m","data":{"a":1}},"id":1}`, `m: {"a":1} (code 1)`},
		{"error with another status", 415, `{"error":{"code":-32600,"message":"Invalid Request"},"id":null}`, "Invalid Request (code -32600)"},
		{"status", 404, "not here\nat all", "the server answered 404 Not Found: not here"},
		{"status without text", 503, "", "the server answered 503 Service Unavailable"},
		{"redirect", 302, "", "the server answered 302 Found"},
		{"not JSON", 200, "<html>", "the answer is not JSON"},
		{"nothing", 200, "", "the answer is not JSON"},
		{"neither", 200, `{"id":1}`, "neither result nor error"},
		{"other id", 200, `{"result":1,"id":2}`, "the answer is to request 2, not to 1"},
		{"id as a string", 200, `{"result":1,"id":"1"}`, `the answer is to request "1", not to 1`},
		{"too long", 200, `{"result":"` + strings.Repeat("x", 1000) + `","id":1}`, "the answer is longer than 500 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			}))
			defer server.Close()
			client := newClient(t, ClientConfig{URL: server.URL, MaxBody: 500})
			_, err := client.Call(t.Context(), "anything", nil)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "call anything: ")) {
				t.Errorf("got error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestClientRequest(t *testing.T) {
	var bodies []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, r.Header.Get("Content-Type")+" "+r.Header.Get("Authorization")+" "+string(body))
		if strings.Contains(string(body), `"id"`) {
			var request struct{ ID json.RawMessage }
			_ = json.Unmarshal(body, &request)
			_, _ = io.WriteString(w, `{"result":1,"id":`+string(request.ID)+`}`)
			return
		}
		w.WriteHeader(http.StatusForbidden)
	}))
	defer server.Close()
	client := newClient(t, ClientConfig{URL: server.URL, Token: "t"})
	for range 2 {
		if _, err := client.Call(t.Context(), "ps", nil); err != nil {
			t.Fatal(err)
		}
	}
	var status *StatusError
	if err := client.Notify(t.Context(), "kill", []string{"now"}); !errors.As(err, &status) || status.Status != http.StatusForbidden {
		t.Errorf("Notify: %v", err)
	}
	want := []string{
		`application/json Bearer t {"jsonrpc":"2.0","id":1,"method":"ps"}`,
		`application/json Bearer t {"jsonrpc":"2.0","id":2,"method":"ps"}`,
		`application/json Bearer t {"jsonrpc":"2.0","method":"kill","params":["now"]}`,
	}
	for i := range want {
		if i >= len(bodies) || bodies[i] != want[i] {
			t.Errorf("request %d is not %s: %q", i+1, want[i], bodies)
		}
	}
}

func TestClientGivesUp(t *testing.T) {
	h := newHandler(t, HandlerConfig{}, trouble()...)
	url := "http://" + serve(t, h) + "/mi"
	slow := newClient(t, ClientConfig{URL: url, Timeout: 10 * time.Millisecond})
	var timeout interface{ Timeout() bool }
	if _, err := slow.Call(t.Context(), "waits", nil); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("timeout: got error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newClient(t, ClientConfig{URL: url}).Call(ctx, "waits", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got error %v", err)
	}
	if _, err := newClient(t, ClientConfig{URL: "unix:/nowhere/mi.sock"}).Call(t.Context(), "which", nil); err == nil {
		t.Error("called a server that is not there")
	}
}
