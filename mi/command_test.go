package mi

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestNewCommandsRefuses(t *testing.T) {
	run := func(context.Context, Request) (Result, error) { return OK{}, nil }
	tests := []struct {
		name string
		list []Command
		want string
	}{
		{"no name", []Command{{Help: "h", Run: run}}, "empty name"},
		{"empty alias", []Command{{Name: "a", Aliases: []string{""}, Help: "h", Run: run}}, "empty name"},
		{"no help", []Command{{Name: "a", Run: run}}, "no help"},
		{"no function", []Command{{Name: "a", Help: "h"}}, "no function"},
		{"name twice", []Command{command("a", run), command("a", run)}, `the name "a" belongs to "a" already`},
		{"alias of another", []Command{command("a", run), {Name: "b", Aliases: []string{"a"}, Help: "h", Run: run}}, `command "b": the name "a" belongs to "a" already`},
		{"nameless parameter", []Command{command("a", run, Param{})}, "parameter 1 has no name"},
		{"parameter twice", []Command{command("a", run, Param{Name: "p"}, Param{Name: "p"})}, `parameter "p" is there twice`},
		{"list not last", []Command{command("a", run, Param{Name: "p", Kind: TextList}, Param{Name: "q"})}, `parameter "p" is a list and not the last one`},
		{"required without a position", []Command{command("a", run, Param{Name: "p", ByName: true})}, `parameter "p" has no position and is not optional`},
		{"required after optional", []Command{command("a", run, Param{Name: "p", Optional: true}, Param{Name: "q"})}, `parameter "p" is optional and one after it is not`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := NewCommands(tt.list...)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want %q", err, tt.want)
			}
		})
	}
}

// table has all commands of the package.
func table(t testing.TB) *Commands {
	t.Helper()
	started := time.Date(2026, time.November, 3, 7, 18, 46, 0, time.UTC)
	c, err := NewCommands(
		GetStatistics(func(context.Context) ([]Statistic, error) {
			return []Statistic{{"core", "rcv_requests", 12}, {"shmem", "used_size", 7}, {"tls_mgm", "used_size", 9}}, nil
		}),
		Uptime(started, func() time.Time { return started.Add(90*time.Second + time.Millisecond) }),
		Version("tlsmgm (1.0 (x86_64/linux))"),
		Which(),
		PS(func() []Process { return []Process{{PID: 42, Type: "attendant"}} }),
		Help(),
		TLSReload(func(context.Context) (Result, error) { return nil, nil }),
		TLSList(func(context.Context) (iter.Seq[DomainInfo], error) {
			return slices.Values([]DomainInfo{{Name: "dom1", Method: "SSLv23"}}), nil
		}),
	)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCommandsCall(t *testing.T) {
	tests := []struct {
		name   string
		params []string
		want   string // JSON
		err    *Error
	}{
		{"which", nil, `["get_statistics","uptime","version","which","ps","help","tls_reload","tls_mgm:reload","tls_list","tls_mgm:list"]`, nil},
		{"which", []string{"get_statistics"}, `[["statistics"]]`, nil},
		{"which", []string{"help"}, `[[],["mi_cmd"]]`, nil},
		{"which", []string{"tls_mgm:reload"}, `[[]]`, nil},
		{"which", []string{"nosuch"}, "", &Error{Code: 404, Message: "unknown MI command"}},
		{"help", []string{"tls_mgm:list"}, `{"Help":"lists the TLS domains","Exported by":"tls_mgm"}`, nil},
		{"help", nil, `{"Help":"says what a command does and which module it belongs to","Exported by":"core"}`, nil},
		{"help", []string{"nosuch"}, "", &Error{Code: 404, Message: "unknown MI command"}},
		{"version", nil, `{"Server":"tlsmgm (1.0 (x86_64/linux))"}`, nil},
		{"uptime", nil, `{"Now":"Tue Nov  3 07:20:16 2026","Up since":"Tue Nov  3 07:18:46 2026","Up time":"90 [sec]"}`, nil},
		{"ps", nil, `{"Processes":[{"ID":0,"PID":42,"Type":"attendant"}]}`, nil},
		{"get_statistics", []string{"core:", "shmem:"}, `{"core:rcv_requests":"12","shmem:used_size":"7"}`, nil},
		{"get_statistics", []string{"used_size", "core:rcv_requests", "shmem:"}, `{"shmem:used_size":"7","tls_mgm:used_size":"9","core:rcv_requests":"12"}`, nil},
		{"get_statistics", []string{"all"}, `{"core:rcv_requests":"12","shmem:used_size":"7","tls_mgm:used_size":"9"}`, nil},
		{"get_statistics", []string{"nosuch:", "core:nosuch", "nosuch"}, "", &Error{Code: 404, Message: "Statistics Not Found"}},
		{"get_statistics", nil, "", &Error{Code: CodeInvalidParams, Message: "Invalid params", Data: wrongParamCount}},
		{"tls_reload", nil, `"OK"`, nil},
		{"TLS_RELOAD", nil, "", &Error{Code: CodeMethodNotFound, Message: "Method not found"}},
	}
	for _, tt := range tests {
		t.Run(strings.Join(append([]string{tt.name}, tt.params...), " "), func(t *testing.T) {
			got, err := table(t).Call(t.Context(), tt.name, tt.params...)
			if tt.err != nil {
				if diff := cmp.Diff(error(tt.err), err); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if json := string(got.AppendJSON(nil)); json != tt.want {
				t.Errorf("got %s, want %s", json, tt.want)
			}
		})
	}
}

func TestCommandsAll(t *testing.T) {
	c := table(t)
	var names []string
	for cmd := range c.All() {
		names = append(names, cmd.Name)
		if found, ok := c.Lookup(cmd.Name); !ok || found.Help != cmd.Help {
			t.Errorf("Lookup(%q) found %q", cmd.Name, found.Name)
		}
	}
	if len(names) != 8 {
		t.Errorf("got %q", names)
	}
	for name := range c.Names() { // stopping early is fine
		if name != "get_statistics" {
			t.Errorf("the first name is %q", name)
		}
		break
	}
}

func TestTLSReload(t *testing.T) {
	cause := errors.New("no such table")
	tests := []struct {
		name   string
		result Result
		err    error
		want   *Error
	}{
		{"went well", nil, nil, nil},
		{"has something to say", Object{{"skipped", Int(1)}}, nil, nil},
		{"no database", nil, NoDatabaseError(), &Error{Code: 500, Message: "DB url not set"}},
		{"failed", nil, cause, &Error{Code: 500, Message: "Failed to reload", Cause: cause}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cmd := TLSReload(func(context.Context) (Result, error) { return tt.result, tt.err })
			got, err := cmd.Run(t.Context(), Request{})
			if tt.want != nil {
				var e *Error
				if !errors.As(err, &e) || *e != *tt.want {
					t.Errorf("got error %v, want %v", err, tt.want)
				}
				return
			}
			if err != nil || tt.result != nil && !cmp.Equal(tt.result, got) || tt.result == nil && got != (OK{}) {
				t.Errorf("got %v and %v", got, err)
			}
		})
	}
}

func TestParams(t *testing.T) {
	all := []Param{{Name: "who"}, {Name: "times", Kind: Number, Optional: true}, {Name: "rest", Kind: TextList, Optional: true}}
	count := `"data":"Too few or too many parameters"`
	tests := []struct{ name, params, want string }{
		{"positions", `["a",3,["x","y"]]`, `"result":{"who":"a","times":3,"rest":["x","y"]}`},
		{"names", `{"rest":[],"who":"a"}`, `"result":{"who":"a","rest":[]}`},
		{"required only", `["a"]`, `"result":{"who":"a"}`},
		{"number for text", `[1.50]`, `"result":{"who":"1.50"}`},
		{"text for number", `["a","-4"]`, `"result":{"who":"a","times":-4}`},
		{"escapes", `["\u0041\n"]`, `"result":{"who":"A\n"}`},
		{"none", `[]`, count},
		{"none by name", `{}`, count},
		{"required missing", `{"times":1}`, count},
		{"too many", `["a",1,[],"b"]`, count},
		{"unknown name", `{"who":"a","whom":"b"}`, `"data":"there is no parameter \"whom\""`},
		{"names are exact", `{"Who":"a"}`, `"data":"there is no parameter \"Who\""`},
		{"name twice", `{"who":"a","who":"b"}`, `"data":"parameter \"who\" is there twice"`},
		{"null", `[null]`, `"data":"parameter \"who\" is not a string or a number"`},
		{"flag", `[true]`, `"data":"parameter \"who\" is not a string or a number"`},
		{"object", `[{}]`, `"data":"parameter \"who\" is not a string or a number"`},
		{"fraction", `["a",1.5]`, `"data":"parameter \"times\" is not a whole number"`},
		{"huge number", `["a",1e400]`, `"data":"parameter \"times\" is not a whole number"`},
		{"too large number", `["a",9223372036854775808]`, `"data":"parameter \"times\" is not a whole number"`},
		{"text for list", `["a",1,"x"]`, `"data":"parameter \"rest\" is not a list of strings"`},
		{"null for list", `["a",1,null]`, `"data":"parameter \"rest\" is not a list of strings"`},
		{"null in list", `["a",1,[null]]`, `"data":"parameter \"rest\" is not a list of strings"`},
		{"number in list", `["a",1,["x",2]]`, `"data":"parameter \"rest\" is not a list of strings"`},
	}
	h := newHandler(t, HandlerConfig{}, echo(all...))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := post(t, h, `{"jsonrpc":"2.0","id":1,"method":"echo","params":`+tt.params+`}`)
			want := `{"jsonrpc":"2.0",` + tt.want + `,"id":1}`
			if strings.HasPrefix(tt.want, `"data"`) {
				want = `{"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params",` + tt.want + `},"id":1}`
			}
			if got.Body != want {
				t.Errorf("got  %s\nwant %s", got.Body, want)
			}
		})
	}
}

// TestParamsByName checks that parameters without a position change nothing for
// those who give none: what a command answers to positional ones it answers
// still.
func TestParamsByName(t *testing.T) {
	h := newHandler(t, HandlerConfig{},
		echo(
			Param{Name: "strict", Kind: Flag, Optional: true, ByName: true},
			Param{Name: "dry_run", Kind: Flag, Optional: true, ByName: true},
		))
	for params, want := range map[string]string{
		`{}`:                               `"result":{}`,
		`[]`:                               `"result":{}`,
		`{"strict":1}`:                     `"result":{"strict":true}`,
		`{"strict":"1","dry_run":"false"}`: `"result":{"strict":true,"dry_run":false}`,
		`{"dry_run":true,"strict":0}`:      `"result":{"strict":false,"dry_run":true}`,
		`[1]`:                              `"data":"Too few or too many parameters"`,
		`["x"]`:                            `"data":"Too few or too many parameters"`,
		`{"strict":2}`:                     `"data":"parameter \"strict\" is not 1 or 0"`,
		`{"strict":null}`:                  `"data":"parameter \"strict\" is not 1 or 0"`,
		`{"strict":[1]}`:                   `"data":"parameter \"strict\" is not 1 or 0"`,
	} {
		t.Run(params, func(t *testing.T) {
			got := post(t, h, `{"jsonrpc":"2.0","id":1,"method":"echo","params":`+params+`}`)
			if !strings.Contains(got.Body, want) {
				t.Errorf("got %s, want %s", got.Body, want)
			}
		})
	}
	if got := get(t, h, "/json/echo?params=x,y"); got.Body != "{}" {
		t.Errorf("the 2.x form answers %s, and nothing to a command without parameters", got.Body)
	}
}
