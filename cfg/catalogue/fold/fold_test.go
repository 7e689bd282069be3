package main

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue/internal/span"
)

var update = flag.Bool("update", false, "write testdata/folded.txt anew")

// sharedSnapshots are the snapshots that the committed data file is made of.
const sharedSnapshots = "../../../../shared/facts/catalogue"

func readShared(t *testing.T) []snapshot {
	t.Helper()
	if _, err := os.Stat(sharedSnapshots); err != nil {
		t.Skipf("no snapshots here: %v", err)
	}
	snapshots, err := readSnapshots(sharedSnapshots)
	if err != nil {
		t.Fatal(err)
	}
	return snapshots
}

func TestCommittedFileIsCurrent(t *testing.T) {
	want, err := fold(readShared(t))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../catalogue.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("catalogue.txt is stale, run go generate (-snapshots +committed):\n%s", diff)
	}
}

// Folding loses nothing: what the catalogue says about a version is what that
// version's snapshot said.
func TestUnfold(t *testing.T) {
	for _, want := range readShared(t) {
		t.Run(want.Version, func(t *testing.T) {
			v, err := catalogue.ParseVersion(want.Version)
			if err != nil {
				t.Fatal(err)
			}
			if err := normalise(&want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, unfold(t, catalogue.For(v)), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("snapshot and catalogue differ (-snapshot +catalogue):\n%s", diff)
			}
		})
	}
}

// unfold writes what a catalogue says as a normalised snapshot, but for what
// extra.txt adds.
func unfold(t *testing.T, c *catalogue.Catalogue) snapshot {
	t.Helper()
	s := snapshot{Version: c.Version().String(), Core: unfoldCore(c.Core()), Modules: map[string]module{}}
	for _, name := range c.Modules() {
		m, ok := c.Module(name)
		if !ok {
			t.Fatalf("%v lists %q but does not have it", c.Version(), name)
		}
		s.Modules[m.Name] = unfoldModule(m)
	}
	extra, err := os.ReadFile("../extra.txt")
	if err != nil {
		t.Fatal(err)
	}
	n, _ := span.Number(s.Version)
	for text := range strings.SplitSeq(string(extra), "\n\n") {
		withoutExtra(s.Modules, text, n)
	}
	return s
}

// withoutExtra takes away what a block of extra.txt adds in a version.
func withoutExtra(modules map[string]module, block string, version uint16) {
	title, lines, _ := strings.Cut(block, "\n")
	_, title, _ = strings.Cut(title, "\t")
	versions, name, _ := strings.Cut(title, "\t")
	m, ok := modules[name]
	if !ok {
		return
	}
	if versions != span.Life { // no block of catalogue.txt: all of the module is extra
		delete(modules, name)
		return
	}
	for text := range strings.Lines(lines) {
		fields := strings.Split(strings.TrimSpace(text), "\t")
		if !span.Contains(fields[1], version) {
			continue
		}
		m.Params = slices.DeleteFunc(m.Params, func(p param) bool {
			return fields[0] == "param" && p.Name == fields[2]
		})
		m.AsyncFunctions = slices.DeleteFunc(m.AsyncFunctions, func(f function) bool {
			return fields[0] == "async" && f.Name == fields[2]
		})
	}
	modules[name] = m
}

func unfoldCore(c *catalogue.Core) core {
	u := core{
		Globals: map[string][]string{}, Statements: map[string][]string{},
		Variables: c.Variables, Routes: c.Routes, Protocols: c.Protocols,
		Functions: unfoldFunctions(c.Functions),
	}
	for _, g := range c.Globals {
		u.Globals[g.Name] = g.Kinds
	}
	for _, s := range c.Statements {
		for _, shape := range s.Shapes {
			u.Statements[s.Name] = append(u.Statements[s.Name], string(shape))
		}
	}
	return u
}

func unfoldModule(m *catalogue.Module) module {
	u := module{
		Type: string(m.Type), Dir: m.Folder, MI: m.MI, Variables: m.Variables,
		Functions: unfoldFunctions(m.Functions), AsyncFunctions: unfoldFunctions(m.AsyncFunctions),
		Depends: unfoldDependencies(m.Depends),
	}
	for _, p := range m.Params {
		if p.Types&catalogue.IntValue != 0 {
			u.Params = append(u.Params, param{p.Name, "int", p.Callback})
		}
		if p.Types&catalogue.StringValue != 0 {
			u.Params = append(u.Params, param{p.Name, "str", p.Callback})
		}
	}
	for _, d := range m.ParamDepends {
		u.ParamDepends = append(u.ParamDepends,
			paramDependency{d.Param, d.Condition, unfoldDependencies(d.Requires)})
	}
	return u
}

func unfoldFunctions(functions []catalogue.Function) []function {
	unfolded := make([]function, len(functions))
	for i, f := range functions {
		u := function{Name: f.Name}
		if f.Args != catalogue.TypedArgs {
			u.Args = strconv.Itoa(f.Args)
		}
		for _, p := range f.Params {
			u.Params = append(u.Params, argument{p.Type, p.Optional})
		}
		for bit, kind := range routeKinds {
			if f.Routes.Contains(1 << bit) {
				u.Routes = append(u.Routes, kind)
			}
		}
		unfolded[i] = u
	}
	return unfolded
}

func unfoldDependencies(deps []catalogue.Dependency) []dependency {
	unfolded := make([]dependency, len(deps))
	for i, d := range deps {
		unfolded[i] = dependency{Type: string(d.Type), Missing: string(d.Missing)}
		if d.Module != "" {
			unfolded[i].Module = &d.Module
		}
	}
	return unfolded
}

// testdata/snapshots has three versions that go through all that can change:
// things that come, go, return and change their type or arguments.
func TestFold(t *testing.T) {
	out := filepath.Join(t.TempDir(), "folded.txt")
	if err := run("testdata/snapshots", out); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/folded.txt"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("folded file (-want +got):\n%s", diff)
	}
}

func TestFoldRefuses(t *testing.T) {
	withModule := func(m module) snapshot {
		return snapshot{Version: "9.1", Modules: map[string]module{"m": m}}
	}
	tests := map[string]struct {
		snapshots []snapshot
		want      string
	}{
		"version":       {[]snapshot{{Version: "devel"}}, `snapshot with the version "devel": expected MAJOR.MINOR`},
		"same version":  {[]snapshot{{Version: "9.1"}, {Version: "9.1"}}, `two snapshots of version "9.1"`},
		"65 versions":   {manySnapshots(65), "65 versions: the catalogue has room for 64"},
		"route kind":    {[]snapshot{withModule(module{Functions: []function{{Name: "f", Routes: []string{"SIDE"}}}})}, `module "m" of 9.1: function "f": unknown route kind "SIDE"`},
		"arguments":     {[]snapshot{withModule(module{AsyncFunctions: []function{{Name: "f", Args: "MANY"}}})}, `module "m" of 9.1: function "f": unknown number of arguments "MANY"`},
		"missing":       {[]snapshot{withModule(module{Depends: []dependency{{Missing: "cry"}}})}, `module "m" of 9.1: dependency: unknown reaction "cry" to a missing module`},
		"core function": {[]snapshot{{Version: "9.1", Core: core{Functions: []function{{Name: "f", Args: "?"}}}}}, `core of 9.1: function "f": unknown number of arguments "?"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := fold(test.snapshots)
			if err == nil || err.Error() != test.want {
				t.Errorf("error %q, want %q", err, test.want)
			}
		})
	}
}

func manySnapshots(n int) []snapshot {
	snapshots := make([]snapshot, n)
	for i := range snapshots {
		snapshots[i].Version = "9." + strconv.Itoa(i)
	}
	return snapshots
}

func TestRunWithoutSnapshots(t *testing.T) {
	if err := run(t.TempDir(), filepath.Join(t.TempDir(), "out")); err == nil {
		t.Error("an empty folder is folded without an error")
	}
}
