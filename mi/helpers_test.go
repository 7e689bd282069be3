package mi

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// post gives a body to a handler without a network between.
func post(t testing.TB, h http.Handler, body string) httpAnswer {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://localhost/mi", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return do(h, r)
}

func get(t testing.TB, h http.Handler, target string) httpAnswer {
	t.Helper()
	return do(h, httptest.NewRequest(http.MethodGet, "http://localhost"+target, nil))
}

func do(h http.Handler, r *http.Request) httpAnswer {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return httpAnswer{w.Code, w.Header().Get("Content-Type"), w.Body.String()}
}

// command makes a command that does what run does.
func command(name string, run func(context.Context, Request) (Result, error), params ...Param) Command {
	return Command{Name: name, Module: "test", Help: "is for tests", Params: params, Run: run}
}

// echo answers with the parameters it was given.
func echo(params ...Param) Command {
	return command("echo", func(_ context.Context, r Request) (Result, error) {
		given := Object{}
		for _, p := range params {
			if !r.Has(p.Name) {
				continue
			}
			var value Value
			switch p.Kind {
			case Text:
				value = String(r.Text(p.Name))
			case Number:
				value = Int(r.Number(p.Name))
			case Flag:
				value = Bool(r.Flag(p.Name))
			case TextList:
				list := List{}
				for _, s := range r.List(p.Name) {
					list = append(list, String(s))
				}
				value = list
			}
			given = append(given, Member{p.Name, value})
		}
		return given, nil
	}, params...)
}

var errSecret = errors.New("dial mysql://user:secret@db")

// trouble are commands that fail in every way.
func trouble() []Command {
	return []Command{
		command("fails", func(context.Context, Request) (Result, error) {
			return nil, &Error{Code: 404, Message: "No such thing", Cause: errSecret}
		}),
		command("breaks", func(context.Context, Request) (Result, error) { return nil, errSecret }),
		command("panics", func(context.Context, Request) (Result, error) { panic("out of luck") }),
		command("panics_later", func(context.Context, Request) (Result, error) { return badResult{}, nil }),
		command("waits", func(ctx context.Context, _ Request) (Result, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}),
		command("nothing", func(context.Context, Request) (Result, error) { return nil, nil }),
	}
}

// badResult panics after a part of it is written.
type badResult struct{}

func (badResult) AppendJSON(dst []byte) []byte { panic(append(dst, `{"half":`...)) }
func (badResult) AppendTree(dst []byte) []byte { panic(append(dst, `{"half":`...)) }
