package cfg_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

// included is what the scripts of the fuzz target can include.
var included = fstest.MapFS{"inc.cfg": {Data: []byte(tls + "include_file \"inc.cfg\"\n")}}

// FuzzInterpret reads any text as any version: it must not panic, and what it
// finds must lie in the text and be the same each time.
func FuzzInterpret(f *testing.F) {
	seeds, err := filepath.Glob("testdata/*.cfg")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range seeds {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for i := range catalogue.Versions() {
			f.Add(string(text), i)
		}
	}
	for _, r := range allExamples() {
		for _, e := range r.examples {
			if script, _ := unmark(wholeScript(e.script)); len(script) < 1<<10 {
				f.Add(script, 3)
			}
		}
	}
	f.Add("include_file \"inc.cfg\"\n"+usual, 4)
	f.Fuzz(func(t *testing.T, text string, version int) {
		versions := catalogue.Versions()
		v := versions[uint(version)%uint(len(versions))]
		if _, err := cfg.Dialect(v); err != nil {
			t.Skip(err)
		}
		checkSound(t, text, v)
	})
}

// checkSound reads a text twice.
func checkSound(t testing.TB, text string, v catalogue.Version) *cfg.Config {
	t.Helper()
	o := cfg.Options{Version: v, FS: included}
	c, err := cfg.Parse("fuzz.cfg", text, o)
	if err != nil {
		t.Fatal(err)
	}
	checkSpans(t, c)
	again, err := cfg.Parse("fuzz.cfg", text, o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c.Diagnostics, again.Diagnostics); diff != "" {
		t.Errorf("read twice, the findings differ:\n%s", diff)
	}
	checkConfig(t, c)
	return c
}

// checkConfig holds the parts of a Config against each other.
func checkConfig(t testing.TB, c *cfg.Config) {
	t.Helper()
	listed := map[string]bool{"": true}
	for _, m := range c.Modules {
		if listed[m.Name] || c.Loaded(m.Name) != m {
			t.Errorf("module %q is listed twice, or not found", m.Name)
		}
		listed[m.Name] = true
	}
	for _, p := range c.Params {
		if !listed[p.Module] || c.Param(p.Module, p.Name) == nil {
			t.Errorf("parameter %q of %q is of no loaded module, or not found", p.Name, p.Module)
		}
	}
	ordered := append(c.TLS.Ordered(domain.Server), c.TLS.Ordered(domain.Client)...)
	if len(ordered) != len(c.TLS.Domains) {
		t.Errorf("%d TLS domains, %d in order", len(c.TLS.Domains), len(ordered))
	}
	for _, d := range c.TLS.Domains {
		if c.TLS.Domain(d.Kind, d.Name) != d || !slices.Contains(ordered, d) || d.From.IsDefault() {
			t.Errorf("TLS domain %q is not found, or from nowhere", d.Name)
		}
	}
	for _, l := range c.Listeners {
		if l.Proto != strings.ToLower(l.Proto) || l.Host == "" && c.Accepted() {
			t.Errorf("listener %+v", l)
		}
	}
	if _, found := firstError(c); found == c.Accepted() {
		t.Errorf("accepted %t with errors %t", c.Accepted(), found)
	}
}

// pieces are about the tokens of a script.
var pieces = regexp.MustCompile(`(?s)"(?:[^"\\]|\\.)*"|'[^']*'|\w+|\s+|.`)

// TestMutants changes tokens of good scripts: whatever comes out is read without
// a panic, with spans that lie in the text.
func TestMutants(t *testing.T) {
	scripts := [][]string{pieces.FindAllString(usual+tls+relay+"route { t_relay(); }\n", -1)}
	for _, name := range []string{
		"testdata/proxy.cfg", factsDir + "/mutants/2.3/sink23.cfg", factsDir + "/mutants/2.3/tls23.cfg", factsDir + "/mutants/2.4/sink24.cfg",
	} {
		if text, err := os.ReadFile(name); err == nil {
			scripts = append(scripts, pieces.FindAllString(string(text), -1))
		}
	}
	versions := catalogue.Versions()
	rapid.Check(t, func(t *rapid.T) {
		script := slices.Clone(rapid.SampledFrom(scripts).Draw(t, "script"))
		for range rapid.IntRange(1, 4).Draw(t, "changes") {
			at := rapid.IntRange(0, len(script)-1).Draw(t, "at")
			other := rapid.IntRange(0, len(script)-1).Draw(t, "other")
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				script = slices.Delete(script, at, at+1)
			case 1:
				script = slices.Insert(script, at, script[other])
			case 2:
				script[at], script[other] = script[other], script[at]
			default:
				script[at] = script[at][:len(script[at])/2] + script[other]
			}
		}
		v := rapid.SampledFrom(versions).Draw(t, "version")
		if _, err := cfg.Dialect(v); err != nil {
			t.Skip(err)
		}
		text := strings.Join(script, "")
		c, err := cfg.Parse("mutant.cfg", text, cfg.Options{Version: v, FS: included})
		if err != nil {
			t.Fatal(err)
		}
		checkSpans(t, c)
	})
}
