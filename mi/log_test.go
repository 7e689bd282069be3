package mi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// logged runs requests and gives the log's lines.
func logged(t *testing.T, run func(h *Handler), list ...Command) []map[string]any {
	t.Helper()
	var log bytes.Buffer
	run(newHandler(t, HandlerConfig{Token: "s3cret", Log: slog.New(slog.NewJSONHandler(&log, nil))}, list...))
	if strings.Contains(log.String(), "s3cret") || strings.Contains(log.String(), "guess") || strings.Contains(log.String(), ":secret@") {
		t.Errorf("the log holds a secret:\n%s", log.String())
	}
	var lines []map[string]any
	for line := range strings.Lines(log.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fields)
	}
	return lines
}

func authorized(body string) *http.Request {
	r := request("localhost", "Authorization", "Bearer s3cret")
	r.Body = io.NopCloser(strings.NewReader(body))
	return r
}

func TestLog(t *testing.T) {
	tests := []struct {
		name    string
		request *http.Request
		want    []map[string]any // of each line, the fields that count
	}{
		{"done", authorized(whichCall), []map[string]any{{"level": "INFO", "msg": "command done", "command": "which", "status": "ok", "method": "POST", "path": "/mi"}}},
		{"not found", authorized(`{"jsonrpc":"2.0","id":1,"method":"` + strings.Repeat("x", 500) + `"}`), []map[string]any{{"level": "WARN", "command": strings.Repeat("x", 80) + "…", "status": -32601.0}}},
		{"failed", authorized(`{"jsonrpc":"2.0","id":1,"method":"fails"}`), []map[string]any{{"level": "WARN", "msg": "command failed", "command": "fails", "status": 404.0, "error": "No such thing (code 404)", "cause": "out of order"}}},
		{"panicked", authorized(`{"jsonrpc":"2.0","id":1,"method":"panics"}`), []map[string]any{
			{"level": "ERROR", "msg": "command panicked", "command": "panics", "panic": "out of luck"},
			{"level": "WARN", "command": "panics", "status": 500.0, "cause": "panic: out of luck"},
		}},
		{"fails with a URL", authorized(`{"jsonrpc":"2.0","id":1,"method":"breaks"}`), []map[string]any{{"level": "WARN", "status": 500.0, "cause": "dial mysql://…@db"}}},
		{"not JSON", authorized("nonsense"), []map[string]any{{"level": "WARN", "msg": "request refused", "status": 200.0, "error": "Parse error (code -32700)"}}},
		{"invalid", authorized("{}"), []map[string]any{{"level": "WARN", "msg": "request refused", "status": 200.0, "error": "Invalid Request (code -32600)"}}},
		{"wrong token", request("localhost", "Authorization", "Bearer guess"), []map[string]any{{"level": "WARN", "msg": "request refused", "status": 401.0}}},
		{"wrong host", request("evil.example"), []map[string]any{{"level": "WARN", "status": 403.0, "error": `host "evil.example" is not served here`}}},
	}
	commands := []Command{
		Which(),
		command("fails", func(context.Context, Request) (Result, error) {
			return nil, &Error{Code: 404, Message: "No such thing", Cause: errors.New("out of order")}
		}),
		command("breaks", func(context.Context, Request) (Result, error) { return nil, errSecret }),
		command("panics", func(context.Context, Request) (Result, error) { panic("out of luck") }),
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lines := logged(t, func(h *Handler) { do(h, tt.request) }, commands...)
			if len(lines) != len(tt.want) {
				t.Fatalf("got %d lines, want %d: %v", len(lines), len(tt.want), lines)
			}
			for i, want := range tt.want {
				for key, value := range want {
					if lines[i][key] != value {
						t.Errorf("line %d: %s is %v, want %v", i+1, key, lines[i][key], value)
					}
				}
				if lines[i]["request_id"] == "" || lines[i]["request_id"] != lines[0]["request_id"] {
					t.Errorf("line %d: request_id is %v", i+1, lines[i]["request_id"])
				}
			}
		})
	}
}

func TestRequestID(t *testing.T) {
	if id := RequestID(t.Context()); id != "" {
		t.Errorf("outside of a request the id is %q", id)
	}
	var seen string
	h := newHandler(t, HandlerConfig{}, command("which", func(ctx context.Context, _ Request) (Result, error) {
		seen = RequestID(ctx)
		return OK{}, nil
	}))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request("localhost"))
	if sent := w.Header().Get("X-Request-Id"); seen == "" || sent != seen {
		t.Errorf("the command saw the id %q, the client got %q", seen, sent)
	}
}
