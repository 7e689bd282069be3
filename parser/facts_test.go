package parser

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// facts are the recordings of real servers, which not every checkout has
// beside it.
const facts = "../../shared/facts"

// factVersions are the versions that the facts know, in order.
var factVersions = []string{"1.11", "2.1", "2.2", "2.3", "2.4", "3.0", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "4.0"}

// since reports whether a version is another or a later one.
func since(version, first string) bool {
	return slices.Index(factVersions, version) >= slices.Index(factVersions, first)
}

// factLanguage is the language of a version as the facts have it, with the
// features that they do not tell.
func factLanguage(t testing.TB, version string) Language {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(facts, "catalogue", version+".json"))
	if err != nil {
		t.Skip(err)
	}
	var catalogue struct {
		Core struct {
			Globals, Statements map[string][]string
			Routes              []string
		}
	}
	if err := json.Unmarshal(text, &catalogue); err != nil {
		t.Fatal(err)
	}
	core := catalogue.Core
	for _, name := range []string{"debug", "log_level", "memlog", "mem_log", "memdump", "mem_dump"} {
		if len(core.Globals[name]) > 0 && (name == "debug" || since(version, "2.2")) {
			core.Globals[name] = []string{"signed"}
		}
	}
	for _, name := range []string{"log", "return", "setdebug"} {
		for i, shape := range core.Statements[name] {
			core.Statements[name][i] = strings.ReplaceAll(shape, "int", "signed")
		}
	}
	return Language{
		Version: version, Globals: core.Globals, Statements: core.Statements, Routes: core.Routes,
		Reserved: factWords(version), Has: factFeatures(version),
	}
}

func factWords(version string) []string {
	words := []string{"uri:host", "uri:port"}
	if since(version, "2.4") {
		words = append(words, "anycast")
	}
	return words
}

func factFeatures(version string) Features {
	return Features{
		OldConditions: !since(version, "2.4"), BareIdentifierOperand: !since(version, "2.4"),
		NetworkOperand: since(version, "2.4"), AddressTokens: since(version, "2.4"), SignedRouteParams: since(version, "2.4"),
		AnyAddress: since(version, "2.2"), UseChildren: since(version, "2.2") && !since(version, "3.0"),
		Anycast: since(version, "2.4"), JoinedStrings: since(version, "2.2"), VariableArguments: since(version, "3.0"), ValueStrings: since(version, "3.0"),
		UseWorkers: since(version, "3.0"), SocketTag: since(version, "3.1"),
	}
}

func factDialect(t testing.TB, version string) *Dialect {
	t.Helper()
	return newDialect(t, factLanguage(t, version))
}

// A verdict is what a real server said of a script.
type verdict struct {
	Case      string
	Check     string
	Positions []position
	Errors    []string
}

// A position is [line, column, end column, message], or without the end column.
type position struct {
	line    int
	message string
}

func (p *position) UnmarshalJSON(text []byte) error {
	var fields []json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	if err := json.Unmarshal(fields[0], &p.line); err != nil {
		return err
	}
	return json.Unmarshal(fields[len(fields)-1], &p.message)
}

// readLines decodes a file of JSON values, one a line.
func readLines[T any](t *testing.T, name string) []T {
	t.Helper()
	f, err := os.Open(filepath.FromSlash(name))
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	var all []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var one T
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, one)
	}
	if err := lines.Err(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return all
}
