package lint_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/lint"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
)

// corpusDir has public scripts. Without it the tests here are skipped.
const corpusDir = "../../../shared/corpus"

// corpusScript is one of them.
type corpusScript struct {
	File  string
	Guess string `json:"guess_version"`
	Kind  string
	TLS   bool

	Verdicts map[string]struct{ Accepted bool }
}

// version is the one that a real server accepts it as, or else the one that it
// is most likely for.
func (s *corpusScript) version() catalogue.Version {
	for _, v := range []catalogue.Version{catalogue.Default, v24, v34} {
		if s.Verdicts[v.String()].Accepted {
			return v
		}
	}
	switch {
	case strings.Contains(s.File, "README_2.4"):
		return v24
	case strings.Contains(s.File, "README_3.0"):
		return v30
	case strings.HasPrefix(s.Guess, "3"):
		return v34
	}
	return catalogue.Default
}

const (
	v24 = catalogue.Version(2<<8 | 4)
	v30 = catalogue.Version(3 << 8)
	v34 = catalogue.Version(3<<8 | 4)
)

func corpus(t *testing.T) (all []corpusScript) {
	t.Helper()
	f, err := os.Open(filepath.Join(corpusDir, "index.jsonl"))
	if err != nil {
		t.Skip("no corpus here")
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var s corpusScript
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	if len(all) < 600 {
		t.Fatalf("only %d scripts", len(all))
	}
	return all
}

// read reads a script. The fragments of the manuals get what they need to be
// one.
func (s *corpusScript) read(t *testing.T) *cfg.Config {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(corpusDir, "files", s.File))
	if err != nil {
		t.Fatal(err)
	}
	script := string(text)
	if s.TLS && strings.HasSuffix(s.Kind, "fragment") {
		script = whole(strings.ReplaceAll("\n"+script, "\n...", "\n"), s.version())
	}
	config, err := cfg.Parse(s.File, script, cfg.Options{Version: s.version()})
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// TestCorpus counts the findings of each rule in the corpus. With -v it shows
// the first twenty of each, to be read: a change of the numbers is either a
// mistake put right or one made.
func TestCorpus(t *testing.T) {
	accepted := 0
	counts, scripts := map[string]int{}, map[string]int{}
	for _, s := range corpus(t) {
		seen := map[string]bool{}
		config := s.read(t)
		if config.Accepted() {
			accepted++
		}
		// Nobody has the files of the scripts.
		for _, f := range lint.Run(lint.Input{Config: config}, lint.Options{Now: certtest.Now()}) {
			if !f.Span.IsValid() || f.Message == "" {
				t.Errorf("malformed finding: %+v", f)
			}
			counts[f.Rule]++
			if !seen[f.Rule] {
				scripts[f.Rule]++
				seen[f.Rule] = true
			}
			const shown = 20
			if counts[f.Rule] <= shown {
				t.Logf("%s: %s", config.Version, f)
			}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d scripts are accepted\n\nrule    findings  scripts\n", accepted)
	for _, r := range lint.Rules() {
		fmt.Fprintf(&b, "%s  %8d %8d  %s\n", r.ID, counts[r.ID], scripts[r.ID], r.Name)
	}
	compareGolden(t, "testdata/corpus.txt", b.String())
}
