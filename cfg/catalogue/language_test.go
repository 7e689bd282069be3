package catalogue

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHas(t *testing.T) {
	tests := map[Feature]string{
		OldConditions:         "until 2.3",
		BareIdentifierOperand: "until 2.3",
		NetworkOperand:        "since 2.4",
		JoinedStrings:         "since 2.2",
		UseChildren:           "2.2–2.4",
		VariableArguments:     "since 3.0",
		SocketStatement:       "since 3.1",
		"time_travel":         "no version",
	}
	for feature, want := range tests {
		var have Ranges
		for i, v := range Versions() {
			if For(v).Has(feature) {
				have.set |= 1 << i
			}
		}
		if have.String() != want {
			t.Errorf("%s: %v, want %s", feature, have, want)
		}
	}
}

// The constants and the features of language.txt are the same.
func TestFeatureConstants(t *testing.T) {
	var listed []string
	for _, note := range Features() {
		listed = append(listed, string(note.Feature))
		if note.Doc == "" || note.Versions.IsEmpty() {
			t.Errorf("feature %q: %q in %v", note.Feature, note.Doc, note.Versions)
		}
	}
	slices.Sort(listed)
	if diff := cmp.Diff(featureConstants(t), listed); diff != "" {
		t.Errorf("features (-constants +language.txt):\n%s", diff)
	}
}

func featureConstants(t *testing.T) []string {
	file, err := parser.ParseFile(token.NewFileSet(), "language.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var constants []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Feature" {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			constants = append(constants, text)
		}
		return true
	})
	slices.Sort(constants)
	return constants
}

// What language.txt says agrees with what the snapshots say of the same thing.
func TestLanguageAgreesWithFacts(t *testing.T) {
	for feature, fact := range map[Feature]Ranges{
		SocketStatement: History(KindGlobal, "", "socket"),
		UseWorkers:      History(KindGlobal, "", "udp_workers"),
	} {
		for _, note := range Features() {
			if note.Feature == feature && note.Versions != fact {
				t.Errorf("%s: %v, but the facts say %v", feature, note.Versions, fact)
			}
		}
	}
	for e := range entries(languageText) {
		switch e.kind {
		case "signed", "refused", "deprecated":
			versions, topic := rangesOf(e.versions), topicOf(&e)
			if known := History(topic.kind, "", topic.name); known.and(versions).IsEmpty() {
				t.Errorf("%s %s %q: %v, but it exists %v", e.kind, topic.kind, topic.name, versions, known)
			}
		}
	}
}

func TestReserved(t *testing.T) {
	for word, want := range map[string]string{
		"if": "every version", "launch": "since 2.3", "method": "until 2.3", "use_children": "2.2–2.4", "tag": "since 3.1",
	} {
		var have Ranges
		for i, v := range Versions() {
			if slices.Contains(For(v).Reserved(), word) {
				have.set |= 1 << i
			}
		}
		if have.String() != want {
			t.Errorf("%q is reserved in %v, want %s", word, have, want)
		}
	}
}

func TestAdvice(t *testing.T) {
	tests := []struct {
		version, module, name string
		kind                  Kind
		want                  string
	}{
		{"2.3", "", "debug", KindGlobal, "use log_level"},
		{"2.1", "", "debug", KindGlobal, ""},
		{"2.1", "", "tls_certificate", KindGlobal, `use modparam("proto_tls", "certificate", "FILE")`},
		{"2.3", "", "tls_certificate", KindGlobal, `use modparam("tls_mgm", "certificate", "FILE")`},
		{"2.3", "", "socket", KindGlobal, "use listen"},
		{"3.4", "", "listen", KindGlobal, "use socket"},
		{"3.4", "", "siptrace", KindModule, `use loadmodule "tracer.so"`},
		{"3.4", "tls_mgm", "client_domain_avp", KindParam, "use client_tls_domain_avp"},
		{"2.3", "proto_tls", "client_domain_avp", KindParam, `use modparam("tls_mgm", "client_domain_avp", "AVP")`},
		{"2.3", "", "nonsense", KindGlobal, ""},
		{"2.3", "", "debug", KindModule, ""},
	}
	for _, test := range tests {
		if got := at(t, test.version).Advice(test.kind, test.module, test.name); got != test.want {
			t.Errorf("advice on %s %s %q of %s: %q, want %q",
				test.kind, test.module, test.name, test.version, got, test.want)
		}
	}
}

var (
	advisedParam  = regexp.MustCompile(`modparam\("(\w+)", "(\w+)"`)
	advisedModule = regexp.MustCompile(`loadmodule "([\w-]+)\.so"`)
	advisedGlobal = regexp.MustCompile(`^use ([a-z_]+)(=|$)`)
)

// Advice is given where it is needed, and what it names exists there.
func TestAdviceIsSound(t *testing.T) {
	for e := range entries(languageText) {
		if e.kind != "advice" {
			continue
		}
		versions, about, text := rangesOf(e.versions), topicOf(&e), e.next()
		if text == "" || versions.IsEmpty() {
			t.Errorf("advice on %v says %q in %v", about, text, versions)
		}
		owner, name, found := strings.Cut(about.name, ":")
		if !found {
			owner, name = "", about.name
		}
		if needless := History(about.kind, owner, name).and(versions); !needless.IsEmpty() && !unsupported(about, needless) {
			t.Errorf("advice on %s %q in %v, which has it", about.kind, about.name, needless)
		}
		for _, match := range advisedParam.FindAllStringSubmatch(text, -1) {
			expectAll(t, text, versions, History(KindParam, match[1], match[2]))
		}
		for _, match := range advisedModule.FindAllStringSubmatch(text, -1) {
			expectAll(t, text, versions, History(KindModule, "", match[1]))
		}
		if match := advisedGlobal.FindStringSubmatch(text); match != nil {
			kind := map[Kind]Kind{KindGlobal: KindGlobal, KindParam: KindParam}[about.kind]
			expectAll(t, text, versions, History(kind, owner, match[1]))
		}
	}
}

// unsupported reports whether all these versions refuse or deprecate a global.
func unsupported(about topic, versions Ranges) bool {
	for _, v := range Versions() {
		if g, ok := For(v).Core().Global(about.name); versions.Contains(v) && (!ok || g.Support == Supported) {
			return false
		}
	}
	return about.kind == KindGlobal
}

func expectAll(t *testing.T, text string, want, have Ranges) {
	t.Helper()
	if want.and(have) != want {
		t.Errorf("advice %q for %v, but that exists in %v", text, want, have)
	}
}
