package catalogue

import (
	"iter"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue/internal/span"
)

// Kind is a kind of thing that the core or a module offers.
type Kind string

// The kinds.
const (
	KindModule        Kind = "module"
	KindParam         Kind = "param"
	KindFunction      Kind = "function"
	KindAsyncFunction Kind = "async"
	KindMI            Kind = "mi"
	KindVariable      Kind = "variable"
	KindGlobal        Kind = "global"    // of the core only
	KindStatement     Kind = "statement" // of the core only
	KindProtocol      Kind = "protocol"  // of the core only
)

// Place is where something is offered.
type Place struct {
	Module   string // empty for the core
	Versions Ranges
}

// History is the versions in which the module has something of that kind and
// name; the core, if module is empty. For [KindModule] it is the versions that
// have the module called name.
func History(kind Kind, module, name string) Ranges {
	var versions Ranges
	for _, place := range Places(kind, name) {
		if place.Module == module || kind == KindModule {
			versions = versions.or(place.Versions)
		}
	}
	return versions
}

// Places lists who has something of that kind and name in any version: the
// core first, then the modules by name.
func Places(kind Kind, name string) []Place {
	var places []Place
	for module, b := range blocks() {
		if versions := b.history(kind, name); !versions.IsEmpty() {
			places = append(places, Place{module, versions})
		}
	}
	return places
}

// Providers lists, sorted, the modules that have something of that kind and
// name in this version; the empty string stands for the core.
func (c *Catalogue) Providers(kind Kind, name string) []string {
	var modules []string
	for _, place := range Places(kind, name) {
		if place.Versions.Contains(c.version) {
			modules = append(modules, place.Module)
		}
	}
	return modules
}

// Names lists, sorted and each once, what there is of a kind in this version,
// in the core and all modules: the candidates for [Nearest].
func (c *Catalogue) Names(kind Kind) []string {
	var names []string
	for _, b := range blocks() {
		if !span.Contains(b.versions, uint16(c.version)) {
			continue
		}
		for _, text := range b.parts() {
			for e := range entriesAt(text, c.version) {
				if e.kind == string(kind) {
					names = append(names, e.name())
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// blocks goes through the core, under the empty name, and all modules.
func blocks() iter.Seq2[string, block] {
	return func(yield func(string, block) bool) {
		ix := facts()
		if !yield("", ix.core) {
			return
		}
		for _, name := range ix.names {
			if !yield(name, ix.modules[name]) {
				return
			}
		}
	}
}

// history is the versions in which the block has something.
func (b block) history(kind Kind, name string) Ranges {
	var versions Ranges
	for _, text := range b.parts() {
		if !strings.Contains(text, name) {
			continue
		}
		for e := range entries(text) {
			if e.kind == string(kind) && e.name() == name {
				versions = versions.or(rangesOf(e.versions))
			}
		}
	}
	return versions.and(rangesOf(b.versions))
}
