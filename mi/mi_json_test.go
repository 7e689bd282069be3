package mi

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestQueryParams(t *testing.T) {
	tests := []struct {
		query string
		want  textParams
	}{
		{"", nil},
		{"params=", nil},
		{"params", nil},
		{"other=a", nil},
		{"params=a", textParams{"a"}},
		{"params=a,b", textParams{"a", "b"}},
		{"params=a,,b,", textParams{"a", "", "b", ""}},
		{"x=y&params=a&params=b", textParams{"a"}},
		{"params=a%2Cb%20c+d", textParams{"a", "b c d"}},
		{"p%61rams=a=b", textParams{"a=b"}},
		{"params=100%,%zz,%4,%41%", textParams{"100%", "%zz", "%4", "A%"}},
		{"params=a;b", textParams{"a;b"}},
		{"PARAMS=a", nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, queryParams(tt.query)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.query, diff)
		}
	}
}

func FuzzQueryParams(f *testing.F) {
	for _, query := range []string{"params=a,b", "params=%zz%41,+", "a=b&params=%2c", "params=%e9%", "%", "params=%f"} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		if want, err := url.QueryUnescape(query); err == nil && unescape(query) != want {
			t.Errorf("%q: unescaped to %q, want %q", query, unescape(query), want)
		}
		params := queryParams(query)
		if slices.Equal(params, textParams{""}) {
			t.Errorf("%q: one empty parameter", query)
		}
		// What was read can be written and read again.
		again := queryParams("params=" + url.QueryEscape(strings.Join(params, ",")))
		if !slices.Equal(params, again) {
			t.Errorf("%q: %q came back as %q", query, params, again)
		}
	})
}

// TestTreeNamedParams checks that a parameter without a position is taken by its
// name, or refused: a dry run that reloads is the worst that could come of it.
func TestTreeNamedParams(t *testing.T) {
	flag := func(name string) Param { return Param{Name: name, Kind: Flag, Optional: true, ByName: true} }
	alone := echo(flag("dry_run"), flag("strict"))
	alone.Name = "alone"
	both := echo(Param{Name: "who"}, flag("dry_run"))
	both.Name = "both"
	h := newHandler(t, HandlerConfig{}, alone, both)
	tests := []struct{ target, want string }{
		{"/json/alone?params=dry_run=1", `{"dry_run": "yes"}`},
		{"/json/alone?params=strict=1,dry_run=0", `{"dry_run": "no", "strict": "yes"}`},
		{"/json/alone?params=dry_run", `{"error": {"code": 400, "message": "parameter \"dry_run\" is not 1 or 0"}}`},
		{"/json/alone?params=dry_run=maybe", `{"error": {"code": 400, "message": "parameter \"dry_run\" is not 1 or 0"}}`},
		{"/json/alone?params=ignored", `{}`},
		{"/json/both?params=dry_run=1,a", `{"who": "a", "dry_run": "yes"}`},
		{"/json/both?params=a=b", `{"who": "a=b"}`},
		{"/json/both?params=dry_run=1", `{"error": {"code": 400, "message": "Too few or too many arguments"}}`},
	}
	for _, tt := range tests {
		t.Run(tt.target, func(t *testing.T) {
			if got := get(t, h, tt.target); got.Body != tt.want {
				t.Errorf("got %s, want %s", got.Body, tt.want)
			}
		})
	}
}

func TestTreeForm(t *testing.T) {
	list := echo(Param{Name: "who"}, Param{Name: "times", Kind: Number, Optional: true}, Param{Name: "rest", Kind: TextList, Optional: true})
	h := newHandler(t, HandlerConfig{}, append(trouble(), list, Which(), Help())...)
	tests := []struct{ target, want string }{
		{"/json/echo?params=a", `{"who": "a"}`},
		{"/json/echo?params=a,2,x,y", `{"who": "a", "times": "2", "rest": [{"value":"x"}, {"value":"y"}]}`},
		{"/json/echo?params=%22%5C%ff", `{"who": "\"\\�"}`},
		{"/json/echo", `{"error": {"code": 400, "message": "Too few or too many arguments"}}`},
		{"/json/echo?params=a,b", `{"error": {"code": 400, "message": "parameter \"times\" is not a whole number"}}`},
		{"/json/help?params=help,x", `{"error": {"code": 400, "message": "Too few or too many arguments"}}`},
		{"/json/help?params=nosuch", `{"error": {"code": 404, "message": "unknown MI command"}}`},
		{"/json/fails?params=ignored", `{"error": {"code": 404, "message": "No such thing"}}`},
		{"/json/breaks", `{"error": {"code": 500, "message": "Internal server error"}}`},
		{"/json/panics", `{"error": {"code": 500, "message": "Internal server error"}}`},
		{"/json/panics_later", `{"error": {"code": 500, "message": "Internal server error"}}`},
		{"/json/nothing", `{}`},
		{"/json/nosuch", `{"error": {"code": 500, "message": "Command not found"}}`},
		{"/json//echo", `{"error": {"code": 500, "message": "Command not found"}}`},
		{"/json/../json/echo", `{"error": {"code": 500, "message": "Command not found"}}`},
		{"/json/", `{"error": {"code": 500, "message": "Internal server error"}}`},
	}
	for _, tt := range tests {
		t.Run(tt.target, func(t *testing.T) {
			want := httpAnswer{http.StatusOK, "application/json", tt.want}
			if diff := cmp.Diff(want, get(t, h, tt.target)); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRoots(t *testing.T) {
	commands := table(t)
	h, err := NewHandler(commands, HandlerConfig{Root: "/rpc/v1/", TreeRoot: "old"})
	if err != nil {
		t.Fatal(err)
	}
	unknown := httpAnswer{http.StatusBadRequest, "text/html", "<html><body>Unable to parse URL!</body></html>"}
	for target, known := range map[string]bool{
		"/rpc/v1": true, "/rpc/v1/": true, "/rpc/v1/x/y": true, "/rpc/v12": false, "/mi": false,
		"/old": true, "/old/": true, "/old/which": true, "/json/which": false, "/older": false, "/": false,
	} {
		r := httptest.NewRequest(http.MethodPost, "http://localhost"+target, nil)
		if got := do(h, r); (got != unknown) != known {
			t.Errorf("%s: got %+v", target, got)
		}
	}
	off, err := NewHandler(commands, HandlerConfig{DisableTree: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := get(t, off, "/json/which"); got != unknown {
		t.Errorf("the 2.x form is off: got %+v", got)
	}
	for _, cfg := range []HandlerConfig{{Root: "/"}, {TreeRoot: "//"}, {Root: "a", TreeRoot: "/a/"}, {Root: "{x}"}} {
		if _, err := NewHandler(commands, cfg); err == nil {
			t.Errorf("NewHandler took the roots %q and %q", cfg.Root, cfg.TreeRoot)
		}
	}
}
