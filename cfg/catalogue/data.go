package catalogue

import (
	_ "embed"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue/internal/span"
)

// catalogueText says at its head how it is written.
//
//go:embed catalogue.txt
var catalogueText string

//go:embed extra.txt
var extraText string

//go:embed language.txt
var languageText string

// facts finds the blocks of the catalogue's texts, once. It reads only their
// first lines.
var facts = sync.OnceValue(func() *index { return newIndex(catalogueText, extraText) })

// index knows where the blocks are.
type index struct {
	versions []Version // ascending
	core     block
	names    []string // of the modules, sorted
	modules  map[string]block
}

// block is the core's or a module's part of the texts: a line for the block
// itself, then one for each thing it offers.
type block struct {
	versions string // in the notation of package span
	text     string
	extra    string // a second part, from a later text
}

func newIndex(texts ...string) *index {
	const moduleCount = 256
	ix := &index{names: make([]string, 0, moduleCount), modules: make(map[string]block, moduleCount)}
	for _, text := range texts {
		for text != "" {
			var one string
			one, text, _ = strings.Cut(text, "\n\n")
			ix.add(one)
		}
	}
	slices.Sort(ix.names)
	return ix
}

// add adds the block of that text, which its first line describes.
func (ix *index) add(text string) {
	for e := range entries(text) {
		switch e.kind {
		case "versions":
			ix.versions = versionsOf(e.fields)
		case "core":
			ix.core = block{versions: e.versions, text: text}
		case "module":
			ix.addModule(e.fields, e.versions, text)
		}
		return
	}
}

func (ix *index) addModule(name, versions, text string) {
	b, ok := ix.modules[name]
	if ok {
		b.extra = text
	} else {
		ix.names = append(ix.names, name)
		b = block{versions: versions, text: text}
	}
	ix.modules[name] = b
}

func versionsOf(list string) []Version {
	var versions []Version
	for word := range strings.FieldsSeq(list) {
		if n, ok := span.Number(word); ok {
			versions = append(versions, Version(n))
		}
	}
	return versions
}

// entry is one line of a data file: a kind, the versions that have it, and
// fields, which [entry.next] cuts off one by one.
type entry struct {
	kind, versions, fields string
}

// entries reads the lines of a text, without comments and empty lines.
func entries(text string) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		for text != "" {
			var line string
			line, text, _ = strings.Cut(text, "\n")
			if line == "" || line[0] == '#' {
				continue
			}
			kind, rest, _ := strings.Cut(line, "\t")
			versions, fields, _ := strings.Cut(rest, "\t")
			if !yield(entry{kind, versions, fields}) {
				return
			}
		}
	}
}

// entriesAt reads those lines of a text that version v has.
func entriesAt(text string, v Version) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		for e := range entries(text) {
			if (e.versions == span.Life || span.Contains(e.versions, uint16(v))) && !yield(e) {
				return
			}
		}
	}
}

// parts are the texts of the block.
func (b block) parts() []string {
	if b.extra == "" {
		return []string{b.text}
	}
	return []string{b.text, b.extra}
}

// next cuts off the entry's next field; there is no end of empty ones.
func (e *entry) next() string {
	field, rest, _ := strings.Cut(e.fields, "\t")
	e.fields = rest
	return field
}

// name is the entry's next field, without cutting it off.
func (e *entry) name() string {
	name, _, _ := strings.Cut(e.fields, "\t")
	return name
}
