package cfg

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/parser"
)

// failures are what could not be read, loaded or defined. What depends on one
// of them is not told about as well.
type failures struct {
	modules       map[string]bool
	anyModule     bool // a loadmodule without a name that could be read
	strangeModule bool // one that no version has, whose functions nobody knows
	domains       map[string]*domain.Definition
	anyDomain     bool // a modparam that could not be read
	sockets       bool // a listen
}

// anyOf reports whether one of the modules is lost; those that have something,
// or none if nobody is known to have it.
func (f *failures) anyOf(modules []string) bool {
	return f.anyModule || len(modules) == 0 && f.strangeModule ||
		slices.ContainsFunc(modules, func(m string) bool { return f.modules[m] })
}

// transport reports whether a module that carries SIP is lost.
func (f *failures) transport() bool {
	for name := range f.modules {
		if strings.HasPrefix(name, "proto_") {
			return true
		}
	}
	return false
}

// loseDomain remembers a domain that was to be defined, so that its settings
// can still be checked.
func (in *interpreter) loseDomain(kind domain.Kind, text string) {
	name, _, _ := strings.Cut(text, "=")
	if in.lost.domains[name] == nil {
		in.lost.domains[name] = domain.New(kind, name, in.configDir)
	}
}

// loseParam remembers what a refused modparam might have done.
func (in *interpreter) loseParam(s *parser.ModParam, value Value) {
	kind, defines := domainKinds[s.Name.Value()]
	if !defines {
		_, _, err := domain.ParseDefinition(domain.Server, value.Text, domain.BracketsSince)
		defines = err == nil
	}
	if defines {
		in.loseDomain(kind, value.Text)
	}
}

// badStatement remembers what a statement that could not be read might have
// done.
func (in *interpreter) badStatement(s *parser.BadStatement) {
	text := in.textOf(s)
	files := moduleFiles(text)
	for _, name := range files {
		in.lost.modules[name] = true
	}
	switch {
	case strings.HasPrefix(text, "loadmodule") && len(files) == 0:
		in.lost.anyModule = true
	case strings.HasPrefix(text, "listen"), strings.HasPrefix(text, "socket"):
		in.lost.sockets = true
	}
	if strings.Contains(text, "modparam") || strings.Contains(text, "_domain") {
		in.lost.anyDomain = true
	}
}

// textOf is the text of a node, up to the end of the file where it begins.
func (in *interpreter) textOf(n parser.Node) string {
	src := in.File.Sources.Source(n.Pos())
	from := min(int(n.Pos()-src.Base()), len(src.Text))
	to := len(src.Text)
	if end := int(n.End() - src.Base()); end >= from && end < to {
		to = end
	}
	return src.Text[from:to]
}

// moduleFiles are the modules whose files a piece of a script names.
func moduleFiles(text string) (names []string) {
	for {
		before, rest, found := strings.Cut(text, ".so")
		if !found {
			return names
		}
		start := strings.LastIndexFunc(before, func(r rune) bool { return !isModuleName(r) }) + 1
		if name := before[start:]; name != "" {
			names = append(names, name)
		}
		text = rest
	}
}

func isModuleName(r rune) bool {
	return r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// A cause is something whose lack is told about once, where it is first met,
// however many places suffer from it.
type cause struct {
	kind catalogue.Kind
	name string
}

// kindDomain is the kind of a cause that is a TLS domain.
const kindDomain catalogue.Kind = "domain"

// A repeat counts the places behind the first that suffer from a cause.
type repeat struct {
	finding int // index in interpreter.findings, until it is told
	more    int
	told    bool
}

// met reports whether a cause was told about before, and counts the place if
// it was.
func (in *interpreter) met(c cause) bool {
	r := in.causes[c]
	if r == nil {
		return false
	}
	r.more++
	return true
}

// because makes the last finding the one that tells about a cause.
func (in *interpreter) because(c cause) {
	in.causes[c] = &repeat{finding: len(in.findings) - 1}
}

// tellRepeats says with each cause how many places suffer from it. It must come
// before the findings are sorted.
func (in *interpreter) tellRepeats() {
	for _, r := range in.causes {
		if r.more == 0 || r.told {
			r.told = true
			continue
		}
		r.told = true
		f := &in.findings[r.finding]
		text := fmt.Sprintf("%d more places below need it", r.more)
		if r.more == 1 {
			text = "1 more place below needs it"
		}
		if f.Help != "" {
			text = f.Help + "; " + text
		}
		f.Help = text
	}
}
