package route_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/route"
)

const corpus = "../../../shared/corpus"

// TestCorpus runs the request route of each public script with an INVITE, as 2.3 or
// as 3.4.
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
			Version string `json:"guess_version"`
		}
		if err := json.Unmarshal(lines.Bytes(), &script); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(corpus, "files", filepath.Base(script.File)))
		if err != nil {
			t.Fatal(err)
		}
		version := v23
		if strings.HasPrefix(script.Version, "3") || strings.HasPrefix(script.Version, "4") {
			version = v34
		}
		ran++
		if r := runCorpus(t, script.File, string(text), version); len(r.Relays)+len(r.Replies)+len(r.Stubs) > 0 {
			acted++
		}
	}
	if ran < 600 || acted < 300 {
		t.Errorf("%d runs, of which %d did something", ran, acted)
	}
}

// runCorpus runs a script. One that the version accepts must not come to a limit,
// nor to something that cannot be run.
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
	if c.Accepted() && len(c.Routes) > 0 && (r.End == route.EndLimit || r.End == route.EndError) {
		t.Errorf("%s as %s: %s", name, version, r.Message)
	}
	return r
}
