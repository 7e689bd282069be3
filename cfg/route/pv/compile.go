package pv

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/opensips-tools/tlsmgm/mgm/variables"
	"github.com/opensips-tools/tlsmgm/parser"
)

type (
	getter = func(*Scope) Value
	setter = func(*Scope, Value) error
)

// access is how a variable is read and written.
type access struct {
	get     getter
	set     setter // nil if it cannot be written
	replace setter // nil if := is as =
}

func reads(get getter) (access, error) { return access{get: get}, nil }

// maxNesting is how deep variables may stand within others.
const maxNesting = 16

// builder makes the closures of one variable.
type builder struct {
	parser.Variable
	index index
	// sub compiles a variable within this one. It is a field so that the tables,
	// which use it, do not refer to themselves.
	sub func(text string) (getter, error)
	// format compiles a text, for the same reason.
	format func(text string) (*Format, error)
}

// Compile makes a variable ready. It is an [*UnsupportedError] if the variable or
// a transformation of it is not one that this package runs, and another error if
// it is not written as 2.x wants it: an unknown name in the brackets, an index
// where there is one value.
func Compile(v parser.Variable) (*Variable, error) { return compile(v, 0) }

func compile(v parser.Variable, depth int) (*Variable, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("script variables are nested more than %d deep", maxNesting)
	}
	b := &builder{Variable: v, format: CompileFormat}
	b.sub = func(text string) (getter, error) {
		inner, err := parser.ParseVar(text)
		if err != nil {
			return nil, fmt.Errorf("script variable $%s: %w", v.Name, err)
		}
		compiled, err := compile(inner, depth+1)
		if err != nil {
			return nil, err
		}
		return compiled.Get, nil
	}
	a, err := b.build()
	if err != nil {
		return nil, err
	}
	if len(v.Transformations) > 0 {
		if a.get, err = b.transformed(a.get); err != nil {
			return nil, err
		}
		a.set, a.replace = nil, nil
	}
	return &Variable{Raw: raw(v), Get: a.get, Set: a.set, Replace: a.replace}, nil
}

func (b *builder) build() (access, error) {
	if b.Context != "" {
		return access{}, noVariable("(<"+b.Context+">"+b.Name+")", "a route is run for one message, without another context")
	}
	if v, ok := variables.Lookup(b.Name); ok {
		if err := b.plain(); err != nil {
			return access{}, err
		}
		return reads(func(s *Scope) Value { return Value(v.Value(s.TLS)) })
	}
	e, ok := table()[b.Name]
	if !ok {
		return access{}, noVariable(b.Name, "")
	}
	switch {
	case b.Inner != "" && e.inner == "":
		return access{}, shapeError(b.Name, "takes no name in brackets")
	case b.Inner == "" && e.inner != "" && !e.optional:
		return access{}, shapeError(b.Name, "needs a name in brackets")
	case b.Index != "" && !e.indexed:
		return access{}, shapeError(b.Name, "takes no index")
	}
	var err error
	if b.index, err = b.parseIndex(); err != nil {
		return access{}, err
	}
	return e.compile(b)
}

// plain is an error if there is a name or an index in brackets.
func (b *builder) plain() error {
	if b.Inner != "" {
		return shapeError(b.Name, "takes no name in brackets")
	}
	if b.Index != "" {
		return shapeError(b.Name, "takes no index")
	}
	return nil
}

func (b *builder) parseIndex() (index, error) {
	switch text := b.Index; {
	case text == "":
		return index{}, nil
	case text == "*":
		return index{kind: allIndex}, nil
	case text[0] == '$':
		get, err := b.sub(text)
		return index{kind: numberIndex, get: get}, err
	case b.Name == "avp" && strings.EqualFold(text, "append"):
		return index{kind: appendIndex}, nil
	default:
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return index{}, shapeError(b.Name, "has the index %q: expected a number, * or a script variable", text)
		}
		return index{kind: numberIndex, n: n}, nil
	}
}

// dynamic is the name in the brackets if it is a variable itself, or nil.
func (b *builder) dynamic() (getter, error) {
	if !strings.HasPrefix(b.Inner, "$") {
		return nil, nil
	}
	return b.sub(b.Inner)
}

// raw writes the variable as scripts have it.
func raw(v parser.Variable) string {
	if v.Context == "" && v.Index == "" && len(v.Transformations) == 0 {
		if v.Inner == "" {
			return "$" + v.Name
		}
		return "$" + v.Name + "(" + v.Inner + ")"
	}
	var t strings.Builder
	t.WriteString("$(")
	if v.Context != "" {
		t.WriteString("<" + v.Context + ">")
	}
	t.WriteString(v.Name)
	if v.Inner != "" {
		t.WriteString("(" + v.Inner + ")")
	}
	if v.Index != "" {
		t.WriteString("[" + v.Index + "]")
	}
	for _, tr := range v.Transformations {
		t.WriteString("{" + tr.Class + "." + tr.Name)
		if tr.Args != "" {
			t.WriteString("," + tr.Args)
		}
		t.WriteString("}")
	}
	return t.String() + ")"
}
