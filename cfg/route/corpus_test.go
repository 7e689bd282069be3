package route_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/route"
)

const corpus = "../../../shared/corpus"

// TestCorpus runs the request route of each public script with an INVITE, as the
// version that accepts it or as 2.3.
func TestCorpus(t *testing.T) {
	f, err := os.Open(filepath.Join(corpus, "index.jsonl"))
	if err != nil {
		t.Skip("no corpus here")
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	var ran, acted int
	for lines.Scan() {
		var script struct {
			File    string
			Verdict map[string]json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &script); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(corpus, "files", filepath.Base(script.File)))
		if err != nil {
			t.Fatal(err)
		}
		for _, version := range []catalogue.Version{v23, v34} {
			r := runCorpus(t, script.File, string(text), version)
			ran++
			if len(r.Relays)+len(r.Replies)+len(r.Stubs) > 0 {
				acted++
			}
		}
	}
	if ran < 1200 || acted < 600 {
		t.Errorf("%d runs, of which %d did something", ran, acted)
	}
}

func runCorpus(t *testing.T, name, text string, version catalogue.Version) route.Result {
	t.Helper()
	c, err := cfg.Parse(name, text, cfg.Options{Version: version})
	if err != nil {
		t.Fatal(err)
	}
	p, _ := route.Compile(c, route.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r := p.Run(ctx, scope(t, version), route.Env{})
	if r.End == route.EndLimit && c.Accepted() {
		t.Errorf("%s as %s: %s", name, version, r.Message)
	}
	if r.End == route.EndError && c.Accepted() && c.Global("route") == nil && len(c.Routes) > 0 {
		t.Logf("%s as %s: %s", name, version, r.Message)
	}
	return r
}
