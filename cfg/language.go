package cfg

import (
	"strings"
	"sync"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
)

// Language is the language of a version, as the catalogue has it.
func Language(v catalogue.Version) parser.Language {
	c := catalogue.For(v)
	core := c.Core()
	l := parser.Language{
		Version:    v.String(),
		Globals:    make(map[string][]string, len(core.Globals)),
		Statements: make(map[string][]string, len(core.Statements)),
		Routes:     core.Routes,
		Reserved:   c.Reserved(),
		Has: parser.Features{
			OldConditions:         c.Has(catalogue.OldConditions),
			BareIdentifierOperand: c.Has(catalogue.BareIdentifierOperand),
			NetworkOperand:        c.Has(catalogue.NetworkOperand),
			AddressTokens:         c.Has(catalogue.AddressTokens),
			AnyAddress:            c.Has(catalogue.AnyAddress),
			UseChildren:           c.Has(catalogue.UseChildren),
			Anycast:               c.Has(catalogue.Anycast),
			JoinedStrings:         c.Has(catalogue.JoinedStrings),
			SignedRouteParams:     c.Has(catalogue.SignedRouteParams),
			VariableArguments:     c.Has(catalogue.VariableArguments),
		},
	}
	for _, g := range core.Globals {
		l.Globals[g.Name] = signed(g.Kinds, g.Signed)
	}
	for _, s := range core.Statements {
		l.Statements[s.Name] = signedShapes(s)
	}
	return l
}

func signed(kinds []string, sign bool) []string {
	if len(kinds) == 1 && kinds[0] == "int" && sign {
		return []string{"signed"}
	}
	return kinds
}

func signedShapes(s catalogue.Statement) []string {
	shapes := make([]string, len(s.Shapes))
	for i, shape := range s.Shapes {
		shapes[i] = string(shape)
		if s.Signed {
			shapes[i] = strings.ReplaceAll(shapes[i], "int", "signed")
		}
	}
	return shapes
}

// dialects are made when they are first asked for, and once: they are the same
// for every script.
var dialects sync.Map // catalogue.Version to func() (*parser.Dialect, error)

// Dialect is the dialect of a version.
func Dialect(v catalogue.Version) (*parser.Dialect, error) {
	build, _ := dialects.LoadOrStore(v, sync.OnceValues(func() (*parser.Dialect, error) {
		return parser.NewDialect(Language(v))
	}))
	return build.(func() (*parser.Dialect, error))()
}
