package catalogue

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue/internal/span"
)

// fieldCounts are the numbers of fields, least and most, of each kind of line.
var fieldCounts = map[string][2]int{
	"versions": {1, 1}, "core": {0, 0}, "module": {1, 1}, "type": {1, 1}, "dir": {1, 1},
	"depends": {3, 3}, "param": {2, 3}, "param_depends": {3, 3}, "global": {2, 2}, "statement": {2, 2},
	"function": {3, 3}, "async": {3, 3}, "mi": {1, 1}, "variable": {1, 1}, "route": {1, 1}, "protocol": {1, 1},
	"feature": {2, 2}, "reserved": {1, 1}, "signed": {2, 2}, "refused": {2, 2}, "deprecated": {2, 2}, "advice": {3, 3},
}

// The reader forgives what it cannot read, so the files must hold nothing of
// the kind.
func TestDataIsWellFormed(t *testing.T) {
	for name, text := range map[string]string{"catalogue.txt": catalogueText, "extra.txt": extraText, "language.txt": languageText} {
		for e := range entries(text) {
			line := e.kind + "\t" + e.versions + "\t" + e.fields
			var fields []string
			if e.fields != "" {
				fields = strings.Split(e.fields, "\t")
			}
			counts, known := fieldCounts[e.kind]
			if !known || len(fields) < counts[0] || len(fields) > counts[1] || slices.Contains(fields, "") {
				t.Errorf("%s: wrong fields in %q", name, line)
			}
			if problem := rangeProblem(e.versions); problem != "" {
				t.Errorf("%s: %s in %q", name, problem, line)
			}
		}
	}
}

// rangeProblem says what is wrong with the notation of ranges.
func rangeProblem(notation string) string {
	if notation == span.Life {
		return ""
	}
	for one := range strings.SplitSeq(notation, ",") {
		since, until, isRange := strings.Cut(one, "-")
		for _, end := range []string{since, until} {
			n, ok := span.Number(end)
			if end != "" && (!ok || !slices.Contains(Versions(), Version(n))) {
				return "unknown version " + end
			}
		}
		if isRange && since == "" && until == "" {
			return "an open range among others"
		}
	}
	if rangesOf(notation).IsEmpty() {
		return "an empty range"
	}
	return ""
}

// Each block has its lines sorted, which lookups rely on, and none twice.
func TestBlocksAreSorted(t *testing.T) {
	for name, b := range blocks() {
		for _, text := range b.parts() {
			last := map[string]string{}
			for e := range entries(text) {
				if e.fields <= last[e.kind] && e.kind != "core" {
					t.Errorf("block %q: %s %q after %q", name, e.kind, e.fields, last[e.kind])
				}
				last[e.kind] = e.fields
			}
		}
	}
}

func TestIndex(t *testing.T) {
	ix := newIndex("# comment\nversions\t-\t1.0 1.1\n\ncore\t-\nglobal\t-\ta\tint\n\nmodule\t1.1-\tz\nmi\t-\tm\n\nmodule\t-\tb\n",
		"module\t1.0\tc\n\nmodule\t-\tz\nmi\t-\ta\n")
	if diff := cmp.Diff([]Version{0x100, 0x101}, ix.versions); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"b", "c", "z"}, ix.names); diff != "" {
		t.Errorf("modules (-want +got):\n%s", diff)
	}
	if want := (block{"1.1-", "module\t1.1-\tz\nmi\t-\tm", "module\t-\tz\nmi\t-\ta\n"}); ix.modules["z"] != want {
		t.Errorf("block of z: %+v, want %+v", ix.modules["z"], want)
	}
	if want := (block{"-", "core\t-\nglobal\t-\ta\tint", ""}); ix.core != want {
		t.Errorf("block of the core: %+v, want %+v", ix.core, want)
	}
}

// FuzzDecode feeds the readers any text: they must come to an end without a
// panic, and a line of a version must not change what another version has.
func FuzzDecode(f *testing.F) {
	f.Add(extraText)
	f.Add(facts().modules["tls_mgm"].text)
	f.Add(facts().modules["usrloc"].text)
	f.Add(languageText)
	f.Add(facts().core.text[:2000])
	f.Add("function\t-\tf\t(str, [int]\tall\nfunction\t\tf\nparam\t-\nglobal\t-\ng\t-\t\t\t\n\n\nparam_depends\t-\ta\tb\tc d e, f")
	f.Fuzz(func(t *testing.T, text string) {
		newIndex(text)
		language := decodeLanguage(text, Default)
		core := decodeCore(text, Default, language)
		module := decodeModule(block{text: text}, Default)
		const foreign = "\nparam\t2.4-\tx\tint\nglobal\t-2.2\tx\tint\nfeature\t1.11\tx\ty\nfunction\t4.0\tx\t1\tall"
		if diff := cmp.Diff(module, decodeModule(block{text: text + foreign}, Default)); diff != "" {
			t.Errorf("lines of other versions change a module (-without +with):\n%s", diff)
		}
		if diff := cmp.Diff(core, decodeCore(text+foreign, Default, language)); diff != "" {
			t.Errorf("lines of other versions change the core (-without +with):\n%s", diff)
		}
		if len(decodeLanguage(text+foreign, Default).features) != len(language.features) {
			t.Error("a line of another version adds a feature")
		}
	})
}
