package catalogue

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue/internal/span"
)

// Catalogue is what one version of OpenSIPS offers.
type Catalogue struct {
	version  Version
	core     func() *Core
	language func() *language

	mu      sync.Mutex
	modules map[string]*Module // those read so far
}

// catalogues holds one catalogue a version, none of which has read anything
// when it is made.
var catalogues = sync.OnceValue(func() map[Version]*Catalogue {
	all := make(map[Version]*Catalogue)
	for _, v := range facts().versions {
		all[v] = newCatalogue(v)
	}
	return all
})

func newCatalogue(v Version) *Catalogue {
	c := &Catalogue{version: v, modules: make(map[string]*Module)}
	c.language = sync.OnceValue(func() *language { return decodeLanguage(languageText, v) })
	c.core = sync.OnceValue(func() *Core { return decodeCore(facts().core.text, v, c.language()) })
	return c
}

// For is the catalogue of a version, the same one on each call. It panics if
// v is not one of [Versions]; [ParseVersion] refuses those with an error.
func For(v Version) *Catalogue {
	c, ok := catalogues()[v]
	if !ok {
		panic(fmt.Sprintf("catalogue: no OpenSIPS version %s", v))
	}
	return c
}

// Version is the version whose catalogue this is.
func (c *Catalogue) Version() Version { return c.version }

// Core is what OpenSIPS offers without any module.
func (c *Catalogue) Core() *Core { return c.core() }

// Modules lists the names of the modules, sorted.
func (c *Catalogue) Modules() []string {
	ix := facts()
	return slices.DeleteFunc(slices.Clone(ix.names), func(name string) bool {
		return !span.Contains(ix.modules[name].versions, uint16(c.version))
	})
}

// Module is the module of that name, as in loadmodule without the ".so". The
// second result is false if this version has no such module: [History] tells
// which do.
func (c *Catalogue) Module(name string) (*Module, bool) {
	b, ok := facts().modules[name]
	if !ok || !span.Contains(b.versions, uint16(c.version)) {
		return nil, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	m, ok := c.modules[name]
	if !ok {
		m = decodeModule(b, c.version)
		c.modules[name] = m
	}
	return m, true
}

// Has reports whether the language of this version has the feature. A feature
// that language.txt does not list, no version has.
func (c *Catalogue) Has(f Feature) bool { return slices.Contains(c.language().features, f) }

// Reserved lists, sorted, the words that the grammar itself takes, such as
// "if" and "modparam", without the names that [Catalogue.Core] lists.
func (c *Catalogue) Reserved() []string { return c.language().reserved }

// Keywords lists, sorted, all words that the lexer does not take for plain
// identifiers: the reserved words and the names of the core's globals,
// statements and route kinds. The core's functions and protocols are none.
func (c *Catalogue) Keywords() []string {
	words := make(map[string]struct{})
	for _, word := range slices.Concat(c.Reserved(), c.Core().Routes) {
		words[word] = struct{}{}
	}
	for _, g := range c.Core().Globals {
		words[g.Name] = struct{}{}
	}
	for _, s := range c.Core().Statements {
		words[s.Name] = struct{}{}
	}
	return slices.Sorted(maps.Keys(words))
}
