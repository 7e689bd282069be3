package mi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func rpcError(code, data, id string) string {
	message := map[string]string{
		"-32700": "Parse error", "-32600": "Invalid Request", "-32601": "Method not found", "-32602": "Invalid params",
	}[code]
	if data != "" {
		data = `,"data":` + data
	}
	return `{"jsonrpc":"2.0","error":{"code":` + code + `,"message":"` + message + `"` + data + `},"id":` + id + `}`
}

func TestJSONRPC(t *testing.T) {
	ok := func(id string) string { return `{"jsonrpc":"2.0","result":"OK","id":` + id + `}` }
	deep := strings.Repeat("[", 100_000)
	tests := []struct{ name, body, want string }{
		{"white space around", "\r\n\t {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tls_reload\"} \n", ok("1")},
		{"members in any order", `{"params":{},"method":"tls_reload","id":1,"jsonrpc":"2.0"}`, ok("1")},
		{"unknown members", `{"jsonrpc":"2.0","id":1,"method":"tls_reload","extra":[{}]}`, ok("1")},
		{"alias", `{"jsonrpc":"2.0","id":1,"method":"tls_mgm:reload"}`, ok("1")},
		{"escaped name", `{"jsonrpc":"2.0","\u0069d":1,"method":"tls\u005freload"}`, ok("1")},
		{"id zero", `{"jsonrpc":"2.0","id":0,"method":"tls_reload"}`, ok("0")},
		{"id larger than any integer", `{"jsonrpc":"2.0","id":123456789012345678901234567890,"method":"tls_reload"}`, ok("123456789012345678901234567890")},
		{"id beyond floating point", `{"jsonrpc":"2.0","id":-1.0e+999,"method":"tls_reload"}`, ok("-1.0e+999")},
		{"id with escapes", `{"jsonrpc":"2.0","id":"\u0041\/é\ud800","method":"tls_reload"}`, ok(`"\u0041\/é\ud800"`)},
		{"empty id", `{"jsonrpc":"2.0","id":"","method":"tls_reload"}`, ok(`""`)},
		{"id true", `{"jsonrpc":"2.0","id":true,"method":"tls_reload"}`, rpcError("-32600", "", "null")},
		{"id list", `{"jsonrpc":"2.0","id":[1],"method":"tls_reload"}`, rpcError("-32600", "", "null")},
		{"id object", `{"jsonrpc":"2.0","id":{"a":1},"method":"tls_reload"}`, rpcError("-32600", "", "null")},
		{"ID is not id", `{"jsonrpc":"2.0","ID":7,"id":1,"method":"tls_reload"}`, ok("1")},
		{"Method is not method", `{"jsonrpc":"2.0","id":1,"Method":"tls_reload"}`, rpcError("-32600", "", "1")},
		{"version as a number", `{"jsonrpc":2.0,"id":1,"method":"tls_reload"}`, rpcError("-32600", "", "1")},
		{"params a number", `{"jsonrpc":"2.0","id":1,"method":"tls_reload","params":5}`, rpcError("-32600", "", "1")},
		{"invalid without id", `{"jsonrpc":"2.0","method":5}`, rpcError("-32600", "", "null")},
		{"null params without id", `{"jsonrpc":"2.0","method":"tls_reload","params":null}`, rpcError("-32600", "", "null")},
		{"method twice", `{"jsonrpc":"2.0","id":1,"method":"tls_list","method":"tls_reload"}`, rpcError("-32600", `"two members \"method\""`, "1")},
		{"id twice", `{"jsonrpc":"2.0","id":1,"id":2,"method":"tls_reload"}`, rpcError("-32600", `"two members \"id\""`, "null")},
		{"extra member twice", `{"jsonrpc":"2.0","id":1,"x":1,"x":1,"method":"tls_reload"}`, rpcError("-32600", `"two members \"x\""`, "1")},
		{"empty method", `{"jsonrpc":"2.0","id":1,"method":""}`, rpcError("-32601", "", "1")},
		{"a string", `"tls_reload"`, rpcError("-32600", "", "null")},
		{"a number", `17`, rpcError("-32600", "", "null")},
		{"null", `null`, rpcError("-32600", "", "null")},
		{"NaN", `{"jsonrpc":"2.0","id":NaN,"method":"tls_reload"}`, rpcError("-32700", "", "null")},
		{"single quotes", `{'jsonrpc':'2.0'}`, rpcError("-32700", "", "null")},
		{"white space only", " \n", rpcError("-32700", "", "null")},
		{"byte order mark", "\ufeff{}", rpcError("-32700", "", "null")},
		{"raw control character", "{\"jsonrpc\":\"2.0\",\"id\":\"\x01\",\"method\":\"tls_reload\"}", rpcError("-32700", "", "null")},
		{"second request", `{"jsonrpc":"2.0","id":1,"method":"tls_reload"}{"jsonrpc":"2.0","id":2,"method":"tls_reload"}`, rpcError("-32700", `"something follows the request at byte 46"`, "null")},
		{"not UTF-8", "{\"jsonrpc\":\"2.0\",\"id\":\"\xff\",\"method\":\"tls_reload\"}", rpcError("-32700", `"the request is not UTF-8"`, "null")},
		{"unclosed and deep", deep, rpcError("-32700", "", "null")},
		{"too deep", `{"jsonrpc":"2.0","id":1,"method":"tls_reload","params":` + deep + strings.Repeat("]", len(deep)) + `}`, rpcError("-32700", "", "null")},
		{"deep", `{"jsonrpc":"2.0","id":1,"method":"tls_reload","params":` + deep[:500] + strings.Repeat("]", 500) + `}`, rpcError("-32602", `"Too few or too many parameters"`, "1")},

		{"batch", `[{"jsonrpc":"2.0","id":"a","method":"tls_reload"}, 7, {"jsonrpc":"2.0","method":"tls_reload"}, {"jsonrpc":"2.0","id":2,"method":"nosuch"}, []]`, `[` + ok(`"a"`) + `,` + rpcError("-32600", "", "null") + `,` + rpcError("-32601", "", "2") + `,` + rpcError("-32600", "", "null") + `]`},
		{"batch of one", `[{"jsonrpc":"2.0","id":1,"method":"tls_reload"}]`, `[` + ok("1") + `]`},
		{"batch too long", `[1,2,3,4,5,6]`, rpcError("-32600", `"a batch may hold 5 requests"`, "null")},
		{"batch cut off", `[{"jsonrpc":"2.0","id":1,"method":"tls_reload"},`, rpcError("-32700", "", "null")},
	}
	commands := table(t)
	h, err := NewHandler(commands, HandlerConfig{MaxBatch: 5})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := httpAnswer{http.StatusOK, "application/json", tt.want}
			if diff := cmp.Diff(want, post(t, h, tt.body)); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFailingCommands(t *testing.T) {
	tests := []struct{ method, want string }{
		{"fails", `"error":{"code":404,"message":"No such thing"}`},
		{"breaks", `"error":{"code":500,"message":"Internal server error"}`},
		{"panics", `"error":{"code":500,"message":"Internal server error"}`},
		{"panics_later", `"error":{"code":500,"message":"Internal server error"}`},
		{"waits", `"error":{"code":500,"message":"Command timed out"}`},
		{"nothing", `"result":"OK"`},
	}
	h := newHandler(t, HandlerConfig{CommandTimeout: time.Millisecond}, trouble()...)
	for _, tt := range tests {
		t.Run(tt.method, func(t *testing.T) {
			call := `{"jsonrpc":"2.0","id":1,"method":"` + tt.method + `"}`
			want := `{"jsonrpc":"2.0",` + tt.want + `,"id":1}`
			if got := post(t, h, call); got.Body != want || got.Status != http.StatusOK {
				t.Errorf("got %+v, want %s", got, want)
			}
			if got := post(t, h, "["+call+","+call+"]"); got.Body != "["+want+","+want+"]" {
				t.Errorf("in a batch: got %s", got.Body)
			}
		})
	}
}

func TestNotification(t *testing.T) {
	var runs atomic.Int32
	h := newHandler(t, HandlerConfig{}, append(trouble(), command("count", func(context.Context, Request) (Result, error) {
		runs.Add(1)
		return OK{}, nil
	}))...)
	for _, body := range []string{
		`{"jsonrpc":"2.0","method":"count"}`,
		`[{"jsonrpc":"2.0","method":"count"},{"jsonrpc":"2.0","method":"count"}]`,
		`{"jsonrpc":"2.0","method":"nosuch"}`,
		`{"jsonrpc":"2.0","method":"count","params":["x"]}`,
		`{"jsonrpc":"2.0","method":"count","params":{"x":1,"x":2}}`,
		`{"jsonrpc":"2.0","method":"panics"}`,
	} {
		if got := post(t, h, body); got != (httpAnswer{Status: http.StatusAccepted}) {
			t.Errorf("%s: got %+v", body, got)
		}
	}
	if n := runs.Load(); n != 3 {
		t.Errorf("the command ran %d times, want 3", n)
	}
}

func TestContentType(t *testing.T) {
	h := newHandler(t, HandlerConfig{}, Which())
	for contentType, want := range map[string]int{
		"application/json":                  200,
		"APPLICATION/JSON":                  200,
		"application/json;charset=utf-8":    200,
		"application/json; charset":         200,
		"application/json-rpc":              200,
		"application/jsonrequest":           200,
		"":                                  415,
		"text/plain":                        415,
		"application/jsonp":                 415,
		"application/x-www-form-urlencoded": 415,
		"text/plain; a=application/json":    415,
		";":                                 415,
	} {
		r := httptest.NewRequest(http.MethodPost, "http://localhost/mi", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"which"}`))
		if contentType != "" {
			r.Header.Set("Content-Type", contentType)
		}
		got := do(h, r)
		if got.Status != want || !json.Valid([]byte(got.Body)) {
			t.Errorf("%q: got %+v, want status %d", contentType, got, want)
		}
	}
}

func TestBodyLimit(t *testing.T) {
	h := newHandler(t, HandlerConfig{MaxBody: 100}, Which())
	call := `{"jsonrpc":"2.0","id":1,"method":"which"}`
	if got := post(t, h, call+strings.Repeat(" ", 100-len(call))); got.Status != http.StatusOK {
		t.Errorf("at the limit: %+v", got)
	}
	want := httpAnswer{http.StatusRequestEntityTooLarge, "application/json", rpcError("-32600", `"the request is longer than 100 bytes"`, "null")}
	long := call + strings.Repeat(" ", 101-len(call))
	if diff := cmp.Diff(want, post(t, h, long)); diff != "" {
		t.Errorf("announced length (-want +got):\n%s", diff)
	}
	r := httptest.NewRequest(http.MethodPost, "http://localhost/mi", strings.NewReader(long))
	r.Header.Set("Content-Type", "application/json")
	r.ContentLength = -1
	if diff := cmp.Diff(want, do(h, r)); diff != "" {
		t.Errorf("chunked (-want +got):\n%s", diff)
	}
}

func TestRequestCutOff(t *testing.T) {
	address := serve(t, newHandler(t, HandlerConfig{}, Which()))
	request := "POST /mi HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n"
	want := httpAnswer{http.StatusBadRequest, "application/json", rpcError("-32700", `"the request ended early"`, "null")}
	if diff := cmp.Diff(want, exchangeBytes(t, address, []byte(request))); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

// TestLargeBatch has answers that do not fit into one buffer.
func TestLargeBatch(t *testing.T) {
	text := strings.Repeat("x", flushSize/2)
	h := newHandler(t, HandlerConfig{}, command("long", func(context.Context, Request) (Result, error) { return String(text), nil }))
	calls := strings.Repeat(`,{"jsonrpc":"2.0","id":1,"method":"long"}`, 9)
	got := post(t, h, "["+calls[1:]+"]")
	want := "[" + strings.Repeat(`,{"jsonrpc":"2.0","result":"`+text+`","id":1}`, 9)[1:] + "]"
	if got.Status != http.StatusOK || got.Type != "application/json" || got.Body != want {
		t.Errorf("got status %d, type %q and %d bytes, want %d", got.Status, got.Type, len(got.Body), len(want))
	}
}

func FuzzJSONRPC(f *testing.F) {
	for _, body := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"which"}`,
		`{"jsonrpc":"2.0","id":"x","method":"help","params":{"mi_cmd":"which"}}`,
		`[{"jsonrpc":"2.0","method":"get_statistics","params":[["core:"]]},{"id":null}]`,
		`{"jsonrpc":"2.0","id":1e400,"method":"\ud800","params":[null]}`,
		`{"id":1,"id":2}`, "\xff", "[", "", "[[[[]]]]", `{"jsonrpc":"2.0","id":1,"method":"which"}x`,
	} {
		f.Add([]byte(body))
	}
	h, err := NewHandler(table(f), HandlerConfig{MaxBatch: 4})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got := post(t, h, string(body))
		if got.Status == http.StatusAccepted && got.Body == "" {
			return
		}
		if !json.Valid([]byte(got.Body)) {
			t.Fatalf("%q: answered %q", body, got.Body)
		}
		if !json.Valid(body) && !strings.Contains(got.Body, `"code":-32700`) {
			t.Fatalf("%q is no JSON, but the answer is %s", body, got.Body)
		}
		var request map[string]json.RawMessage
		if json.Unmarshal(body, &request) != nil || strings.Contains(got.Body, "two members") {
			return
		}
		if id, ok := request["id"]; ok && isID(id) && !strings.HasSuffix(got.Body, `,"id":`+string(id)+`}`) && !strings.Contains(got.Body, "not UTF-8") {
			t.Fatalf("%q: the answer does not have the id: %s", body, got.Body)
		}
	})
}
