package cfg

import (
	"fmt"
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
			ValueStrings:          c.Has(catalogue.ValueStrings),
			UseWorkers:            c.Has(catalogue.UseWorkers),
			SocketTag:             c.Has(catalogue.SocketTag),
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
var dialects = sync.OnceValue(func() map[catalogue.Version]func() (*parser.Dialect, error) {
	all := map[catalogue.Version]func() (*parser.Dialect, error){}
	for _, v := range catalogue.Versions() {
		all[v] = sync.OnceValues(func() (*parser.Dialect, error) { return parser.NewDialect(Language(v)) })
	}
	return all
})

// Dialect is the dialect of a version, the same one on each call. The error is
// about a version that the catalogue does not have, or a shape of its language
// that the parser does not know.
func Dialect(v catalogue.Version) (*parser.Dialect, error) {
	build := dialects()[v]
	if build == nil {
		return nil, fmt.Errorf("unknown OpenSIPS version %s", v)
	}
	return build()
}
