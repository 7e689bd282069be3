package catalogue

import (
	"cmp"
	"slices"
	"strings"
)

// Module is what a module offers. Its lists are sorted by name.
type Module struct {
	Name   string
	Type   ModuleType
	Folder string // where OpenSIPS' sources have it, below modules/; mostly the name

	Params         []Param
	Functions      []Function
	AsyncFunctions []Function // what async() and launch() may call
	MI             []string   // MI commands
	Variables      []string   // without the "$"

	Depends      []Dependency      // what must be loaded with the module
	ParamDepends []ParamDependency // what must be loaded once a parameter is set
}

// ModuleType tells modules that can stand in for each other: a dependency may
// ask for any module of a type.
type ModuleType string

// The types of modules. OpenSIPS 1.11 has no types: all are DefaultModule.
const (
	DefaultModule ModuleType = "default"
	SQLModule     ModuleType = "sqldb"   // a db_… module
	CacheModule   ModuleType = "cachedb" // a cachedb_… module
	AAAModule     ModuleType = "aaa"
)

// Param is a parameter that modparam sets.
type Param struct {
	Name string
	// Types are the types of value it takes: any other is a type mismatch.
	Types ValueTypes
	// Callback tells that the module is handed each value it is set to, where
	// of other parameters only the last value counts.
	Callback bool
}

// ValueTypes is a set of types that a modparam value may have.
type ValueTypes uint8

// The types of modparam values.
const (
	StringValue ValueTypes = 1 << iota
	IntValue
)

// String is "string", "integer" or "string or integer".
func (t ValueTypes) String() string {
	switch t {
	case StringValue:
		return "string"
	case IntValue:
		return "integer"
	case StringValue | IntValue:
		return "string or integer"
	}
	return "nothing"
}

// Dependency is another module that must be loaded too.
type Dependency struct {
	Type    ModuleType
	Module  string // empty: any module of the type will do
	Missing Missing
}

// Missing is what OpenSIPS does when a dependency is not loaded.
type Missing string

// The reactions to a missing module.
const (
	AbortIfMissing Missing = "abort" // refuse to start
	WarnIfMissing  Missing = "warn"
	IgnoreMissing  Missing = "silent" // it only orders the initialisation
)

// ParamDependency tells what a module needs once a parameter is set.
type ParamDependency struct {
	Param string
	// Condition is OpenSIPS' name for what the value must be like, such as
	// "db_mode" or "sqldb_url".
	Condition string
	Requires  []Dependency // empty where the condition alone decides what
}

// Param is the parameter of that name; names are case-sensitive.
func (m *Module) Param(name string) (Param, bool) {
	i, ok := slices.BinarySearchFunc(m.Params, name, func(p Param, name string) int {
		return cmp.Compare(p.Name, name)
	})
	if !ok {
		return Param{}, false
	}
	return m.Params[i], true
}

// Function lists the functions of that name; there may be several, for
// different arguments or route kinds.
func (m *Module) Function(name string) []Function { return functionsNamed(m.Functions, name) }

// AsyncFunction lists the functions of that name that async() and launch()
// may call.
func (m *Module) AsyncFunction(name string) []Function { return functionsNamed(m.AsyncFunctions, name) }

// HasVariable reports whether the module has a variable of that name, given
// without the "$".
func (m *Module) HasVariable(name string) bool {
	_, ok := slices.BinarySearch(m.Variables, name)
	return ok
}

func decodeModule(b block, v Version) *Module {
	m := &Module{Type: DefaultModule}
	for _, text := range b.parts() {
		for e := range entriesAt(text, v) {
			m.add(e)
		}
	}
	if b.extra != "" {
		m.sort()
	}
	return m
}

// add adds what a line of the module's block says.
func (m *Module) add(e entry) {
	switch e.kind {
	case "module":
		m.Name = e.next()
		m.Folder = cmp.Or(m.Folder, m.Name)
	case "type":
		m.Type = ModuleType(e.next())
	case "dir":
		m.Folder = e.next()
	case "depends":
		m.Depends = append(m.Depends, dependencyOf(e.next(), e.next(), e.next()))
	case "param":
		m.addParam(e)
	case "param_depends":
		m.ParamDepends = append(m.ParamDepends, paramDependencyOf(e))
	case "function":
		m.Functions = append(m.Functions, functionOf(e))
	case "async":
		m.AsyncFunctions = append(m.AsyncFunctions, functionOf(e))
	case "mi":
		m.MI = append(m.MI, e.next())
	case "variable":
		m.Variables = append(m.Variables, e.next())
	}
}

// sort brings lists into order that were read from two parts.
func (m *Module) sort() {
	slices.SortStableFunc(m.Params, func(a, b Param) int { return cmp.Compare(a.Name, b.Name) })
	byName := func(a, b Function) int { return cmp.Compare(a.Name, b.Name) }
	slices.SortStableFunc(m.Functions, byName)
	slices.SortStableFunc(m.AsyncFunctions, byName)
	slices.Sort(m.MI)
	slices.Sort(m.Variables)
}

// addParam adds a parameter, or to the last one a further type.
func (m *Module) addParam(e entry) {
	p := Param{Name: e.next(), Types: valueTypeOf(e.next()), Callback: e.next() == "callback"}
	if last := len(m.Params) - 1; last >= 0 && m.Params[last].Name == p.Name {
		m.Params[last].Types |= p.Types
		return
	}
	m.Params = append(m.Params, p)
}

func valueTypeOf(text string) ValueTypes {
	if text == "int" {
		return IntValue
	}
	return StringValue
}

func dependencyOf(moduleType, module, missing string) Dependency {
	if module == "*" {
		module = ""
	}
	return Dependency{ModuleType(moduleType), module, Missing(missing)}
}

func paramDependencyOf(e entry) ParamDependency {
	d := ParamDependency{Param: e.next(), Condition: e.next()}
	for required := strings.TrimSuffix(e.next(), "none"); required != ""; {
		var one string
		one, required, _ = strings.Cut(required, ", ")
		moduleType, rest, _ := strings.Cut(one, " ")
		module, missing, _ := strings.Cut(rest, " ")
		d.Requires = append(d.Requires, dependencyOf(moduleType, module, missing))
	}
	return d
}
