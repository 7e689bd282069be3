package catalogue

import (
	"slices"
	"strings"
)

// Core is what OpenSIPS offers without any module. Its lists are sorted by
// name.
type Core struct {
	Globals    []Global
	Statements []Statement
	Functions  []Function // since 3.1; before, the core's functions are statements
	Variables  []string   // without the "$"
	Routes     []string   // the statements that open a route, such as "failure_route"
	Protocols  []string   // what a socket may begin with; all but a few need their proto_ module
}

// Global is a global parameter: name = value.
type Global struct {
	Name string
	// Kinds are the kinds of value it takes: "int", "string", "id" (a bare
	// identifier), "host", "hosts", "socket", or several grammar symbols in a
	// row, such as "int use_auto_scaling_profile id".
	Kinds []string
	// Signed tells that an int may have a sign.
	Signed bool
	// Support tells whether OpenSIPS still takes the parameter it knows.
	Support Support
}

// Support is what OpenSIPS does with something its grammar knows.
type Support int

// The degrees of support.
const (
	Supported  Support = iota
	Deprecated         // it works, with a warning that it will not for ever
	Refused            // it is an error that says what to use instead
)

// Statement is a command of the grammar itself.
type Statement struct {
	Name string
	// Shapes are the argument lists it takes.
	Shapes []Shape
	// Signed tells that an int among the arguments may have a sign.
	Signed bool
}

// Shape is one argument list of a statement: "(int, string)", "()", or "-"
// for none, without brackets.
type Shape string

// Bare is the shape of a statement that stands without brackets.
const Bare Shape = "-"

// Args lists the kinds of the arguments: "int", "string", "var", "id",
// "route", "host", "socket", "call", "expression", "return_params"; "params..."
// stands for one or more. It is empty for "()" and for [Bare].
func (s Shape) Args() []string {
	inside := strings.TrimSuffix(strings.TrimPrefix(string(s), "("), ")")
	if inside == "" || s == Bare {
		return nil
	}
	return strings.Split(inside, ", ")
}

// Global is the global parameter of that name; names are case-sensitive.
func (c *Core) Global(name string) (Global, bool) {
	i, ok := slices.BinarySearchFunc(c.Globals, name, func(g Global, name string) int {
		return strings.Compare(g.Name, name)
	})
	if !ok {
		return Global{}, false
	}
	return c.Globals[i], true
}

// Statement is the statement of that name.
func (c *Core) Statement(name string) (Statement, bool) {
	i, ok := slices.BinarySearchFunc(c.Statements, name, func(s Statement, name string) int {
		return strings.Compare(s.Name, name)
	})
	if !ok {
		return Statement{}, false
	}
	return c.Statements[i], true
}

// Function lists the core's functions of that name; there are none before 3.1.
func (c *Core) Function(name string) []Function { return functionsNamed(c.Functions, name) }

// HasVariable reports whether the core has a variable of that name, given
// without the "$".
func (c *Core) HasVariable(name string) bool {
	_, ok := slices.BinarySearch(c.Variables, name)
	return ok
}

func decodeCore(text string, v Version, l *language) *Core {
	c := &Core{}
	for e := range entriesAt(text, v) {
		switch e.kind {
		case "global":
			c.addGlobal(e.next(), e.next())
		case "statement":
			c.addStatement(e.next(), Shape(e.next()))
		case "function":
			c.Functions = append(c.Functions, functionOf(e))
		case "variable":
			c.Variables = append(c.Variables, e.next())
		case "route":
			c.Routes = append(c.Routes, e.next())
		case "protocol":
			c.Protocols = append(c.Protocols, e.next())
		}
	}
	c.apply(l)
	return c
}

// addGlobal adds a global, or to the last one a further kind of value.
func (c *Core) addGlobal(name, kind string) {
	if last := len(c.Globals) - 1; last >= 0 && c.Globals[last].Name == name {
		c.Globals[last].Kinds = append(c.Globals[last].Kinds, kind)
		return
	}
	c.Globals = append(c.Globals, Global{Name: name, Kinds: []string{kind}})
}

// addStatement adds a statement, or to the last one a further shape.
func (c *Core) addStatement(name string, shape Shape) {
	if last := len(c.Statements) - 1; last >= 0 && c.Statements[last].Name == name {
		c.Statements[last].Shapes = append(c.Statements[last].Shapes, shape)
		return
	}
	c.Statements = append(c.Statements, Statement{Name: name, Shapes: []Shape{shape}})
}

// apply adds what is kept by hand about globals and statements.
func (c *Core) apply(l *language) {
	for i := range c.Globals {
		g := &c.Globals[i]
		g.Signed, g.Support = l.signed[topic{KindGlobal, g.Name}], l.support[topic{KindGlobal, g.Name}]
	}
	for i := range c.Statements {
		s := &c.Statements[i]
		s.Signed = l.signed[topic{KindStatement, s.Name}]
	}
}
