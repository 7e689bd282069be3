package route_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg/route"
)

var update = flag.Bool("update", false, "write the golden files anew")

// recorder keeps the events as lines of JSON.
type recorder struct {
	t   testing.TB
	out bytes.Buffer
}

func (r *recorder) Trace(e route.Event) {
	encoder := json.NewEncoder(&r.out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(e); err != nil {
		r.t.Error(err)
	}
}

// TestTraces compares the events of runs with golden files.
func TestTraces(t *testing.T) {
	files, err := filepath.Glob("testdata/trace/*.cfg")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			p, _ := compile(t, v23, script(t, strings.TrimPrefix(filepath.ToSlash(file), "testdata/")), route.Options{Assume: map[string]int{"lookup": -1}})
			r := &recorder{t: t}
			traced := p.Run(t.Context(), scope(t, v23), route.Env{Tracer: r})
			golden := strings.TrimSuffix(file, ".cfg") + ".golden"
			if *update {
				if err := os.WriteFile(golden, r.out.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), r.out.String()); diff != "" {
				t.Errorf("(-want +have):\n%s", diff)
			}
			if strings.Contains(r.out.String(), "secret") {
				t.Error("a password is in the trace")
			}
			// The run is the same without a tracer.
			plain := p.Run(t.Context(), scope(t, v23), route.Env{})
			if diff := cmp.Diff(plain, traced, cmp.AllowUnexported(route.Relay{})); diff != "" {
				t.Errorf("with a tracer (-without +with):\n%s", diff)
			}
		})
	}
}

// An event is read back as it was written.
func TestEventJSON(t *testing.T) {
	code := int64(-1)
	for _, e := range []route.Event{
		{Kind: route.KindCondition, At: route.Position{File: "a.cfg", Line: 2, Column: 3}, Text: "($rm)", Value: true},
		{
			Kind: route.KindCall, Function: "save", Args: []any{"location", nil}, Code: &code, Stub: true,
			Variables: []route.Variable{{Name: "$rd", Value: "x"}, {Name: "$avp(x)"}},
		},
		{Kind: route.KindLog, Level: route.Info, Output: "text\n"},
		{Kind: route.KindEnd, End: route.EndDrop},
	} {
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var back route.Event
		if err := json.Unmarshal(text, &back); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(e, back); diff != "" {
			t.Errorf("%s (-want +have):\n%s", text, diff)
		}
	}
}
