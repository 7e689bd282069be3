package catalogue

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const sharedCorpus = "../../../shared/corpus"

// corpusScript is a public script with what real servers said of it.
type corpusScript struct {
	File     string
	Verdicts map[string]struct {
		Accepted      bool
		NotComparable *string `json:"not_comparable"`
		Errors        []string
	}
}

func readCorpus(t *testing.T) []corpusScript {
	t.Helper()
	lines, err := os.ReadFile(filepath.Join(sharedCorpus, "index.jsonl"))
	if err != nil {
		t.Skipf("no corpus here: %v", err)
	}
	var scripts []corpusScript
	for line := range strings.Lines(string(lines)) {
		var script corpusScript
		if err := json.Unmarshal([]byte(line), &script); err != nil {
			t.Fatal(err)
		}
		scripts = append(scripts, script)
	}
	return scripts
}

var (
	scriptComment = regexp.MustCompile(`(?s)/\*.*?\*/|("[^"\n]*")|#[^\n]*`)
	scriptGlobal  = regexp.MustCompile(`(?m)^[ \t]*([a-z_]+)[ \t]*=[^=~]`)
	scriptModule  = regexp.MustCompile(`loadmodule[ \t]+"(?:[^"]*/)?([^"/]+?)(?:\.so)?"`)
	scriptParam   = regexp.MustCompile(`modparam\s*\(\s*"(\w+)"\s*,\s*"([^"]+)"\s*,\s*(["']?)`)
)

var (
	scriptString   = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'[^']*'`)
	scriptCall     = regexp.MustCompile(`(^|[^$\w.:(])([a-z]\w*)\(`)
	scriptVariable = regexp.MustCompile(`\$\(?([a-zA-Z_][\w.]*)`)
)

// What a script that a real server accepts says, the catalogue of its version
// must know.
func TestAcceptedScriptsAreKnown(t *testing.T) {
	checked := 0
	for _, script := range readCorpus(t) {
		for version, verdict := range script.Verdicts {
			if !verdict.Accepted || verdict.NotComparable != nil {
				continue
			}
			text, err := os.ReadFile(filepath.Join(sharedCorpus, "files", script.File))
			if err != nil {
				t.Fatal(err)
			}
			checked++
			checkKnown(t, script.File, at(t, version), scriptComment.ReplaceAllString(string(text), "$1"))
		}
	}
	if checked == 0 {
		t.Error("no script was checked")
	}
}

var (
	refusedParam  = regexp.MustCompile(`parameter <(\w+)> not found in module <(\w+)>`)
	refusedModule = regexp.MustCompile(`module '([^']+?)(?:\.so)?' not found in`)
)

// What a real server does not find, the catalogue of its version must not have.
func TestRefusedNamesAreUnknown(t *testing.T) {
	// Modules that were not built for the recordings, for want of a library.
	unbuilt := []string{"osp", "tls_wolfssl"}
	checked := 0
	for _, script := range readCorpus(t) {
		for version, verdict := range script.Verdicts {
			errors := strings.Join(verdict.Errors, "\n")
			for _, match := range refusedParam.FindAllStringSubmatch(errors, -1) {
				checked++
				if m, ok := at(t, version).Module(match[2]); !ok {
					t.Errorf("%s: %s loads the module %q", script.File, version, match[2])
				} else if p, ok := m.Param(match[1]); ok {
					t.Errorf("%s: %s has no parameter %+v of %s", script.File, version, p, match[2])
				}
			}
			for _, match := range refusedModule.FindAllStringSubmatch(errors, -1) {
				checked++
				if _, ok := at(t, version).Module(match[1]); ok && !slices.Contains(unbuilt, match[1]) {
					t.Errorf("%s: %s has no module %q", script.File, version, match[1])
				}
			}
		}
	}
	if checked == 0 {
		t.Error("no refusal was checked")
	}
}

func checkKnown(t *testing.T, file string, c *Catalogue, script string) {
	t.Helper()
	head, _, _ := strings.Cut(script, "loadmodule")
	for _, match := range scriptGlobal.FindAllStringSubmatch(head, -1) {
		if g, ok := c.Core().Global(match[1]); !ok || g.Support == Refused {
			t.Errorf("%s: %v accepts the global %q", file, c.Version(), match[1])
		}
	}
	for _, match := range scriptModule.FindAllStringSubmatch(script, -1) {
		if _, ok := c.Module(match[1]); !ok {
			t.Errorf("%s: %v loads the module %q", file, c.Version(), match[1])
		}
	}
	checkCalls(t, file, c, script)
	for _, match := range scriptParam.FindAllStringSubmatch(script, -1) {
		m, ok := c.Module(match[1])
		if !ok {
			t.Errorf("%s: %v has the module %q", file, c.Version(), match[1])
			continue
		}
		want := IntValue
		if match[3] != "" {
			want = StringValue
		}
		if p, ok := m.Param(match[2]); !ok || p.Types&want == 0 {
			t.Errorf("%s: %v sets %s of %s to the type %v", file, c.Version(), match[2], match[1], want)
		}
	}
}

// checkCalls checks that a module the script loads, or the core, has what the
// routes call and read.
func checkCalls(t *testing.T, file string, c *Catalogue, script string) {
	t.Helper()
	loaded := map[string]bool{"": true}
	for _, match := range scriptModule.FindAllStringSubmatch(script, -1) {
		loaded[match[1]] = true
	}
	provided := func(kind Kind, name string) bool {
		return slices.ContainsFunc(c.Providers(kind, name), func(m string) bool { return loaded[m] })
	}
	bare := scriptString.ReplaceAllString(script, "")
	keywords := c.Keywords()
	for _, match := range scriptCall.FindAllStringSubmatch(bare, -1) {
		if name := match[2]; !slices.Contains(keywords, name) && !provided(KindFunction, name) && !provided(KindAsyncFunction, name) {
			t.Errorf("%s: %v calls %s()", file, c.Version(), name)
		}
	}
	for _, match := range scriptVariable.FindAllStringSubmatch(bare, -1) {
		if name := match[1]; !provided(KindVariable, name) {
			t.Errorf("%s: %v reads $%s", file, c.Version(), name)
		}
	}
}
