package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// routeKinds are the route kinds a function may be called from, in the order
// the data file lists them in.
var routeKinds = []string{"REQUEST", "FAILURE", "ONREPLY", "BRANCH", "ERROR", "LOCAL", "STARTUP", "TIMER", "EVENT"}

// routeMacros are names that snapshots give for several route kinds at once:
// ALL is the core's, ANY the rtpengine module's own.
var routeMacros = map[string][]string{
	"ALL": routeKinds,
	"ANY": {"REQUEST", "ONREPLY", "FAILURE", "BRANCH", "LOCAL"},
}

// argsMacros are names that snapshots give for a number of arguments: the one
// of the jabber module.
var argsMacros = map[string]string{"XJ_NO_SCRIPT_F": "1"}

// normalise writes a snapshot in the one way the data file can say: lists
// whose order and repetitions mean nothing are sorted sets, a parameter of two
// types is two parameters, and macros of OpenSIPS' sources are their values.
func normalise(s *snapshot) error {
	if err := s.Core.normalise(); err != nil {
		return fmt.Errorf("core of %s: %w", s.Version, err)
	}
	for name, m := range s.Modules {
		if err := m.normalise(); err != nil {
			return fmt.Errorf("module %q of %s: %w", name, s.Version, err)
		}
		s.Modules[name] = m
	}
	return nil
}

func (c *core) normalise() error {
	for name, kinds := range c.Globals {
		c.Globals[name] = set(kinds)
	}
	for name, shapes := range c.Statements {
		c.Statements[name] = set(shapes)
	}
	c.Variables, c.Routes, c.Protocols = set(c.Variables), set(c.Routes), set(c.Protocols)
	return normaliseFunctions(&c.Functions)
}

func (m *module) normalise() error {
	m.Params = setOf(slices.Concat(apart(m.Params)...), compareParams)
	m.MI, m.Variables = set(m.MI), set(m.Variables)
	if err := normaliseDependencies(m.Depends); err != nil {
		return err
	}
	m.Depends = setOf(m.Depends, byText)
	for _, d := range m.ParamDepends {
		if err := normaliseDependencies(d.Requires); err != nil {
			return err
		}
	}
	m.ParamDepends = setOf(m.ParamDepends, byText)
	if err := normaliseFunctions(&m.Functions); err != nil {
		return err
	}
	return normaliseFunctions(&m.AsyncFunctions)
}

// apart splits each parameter into one for each of its types.
func apart(params []param) [][]param {
	parts := make([][]param, len(params))
	for i, p := range params {
		for t := range strings.SplitSeq(p.Type, "|") {
			parts[i] = append(parts[i], param{p.Name, t, p.Callback})
		}
	}
	return parts
}

func normaliseFunctions(functions *[]function) error {
	for i := range *functions {
		f := &(*functions)[i]
		if number, ok := argsMacros[f.Args]; ok {
			f.Args = number
		}
		if _, err := strconv.Atoi(f.Args); f.Args != "" && err != nil {
			return fmt.Errorf("function %q: unknown number of arguments %q", f.Name, f.Args)
		}
		var err error
		if f.Routes, err = expandRoutes(f.Routes); err != nil {
			return fmt.Errorf("function %q: %w", f.Name, err)
		}
	}
	*functions = setOf(*functions, byText)
	return nil
}

func expandRoutes(routes []string) ([]string, error) {
	var kinds []string
	for _, route := range routes {
		if macro, ok := routeMacros[route]; ok {
			kinds = append(kinds, macro...)
			continue
		}
		if !slices.Contains(routeKinds, route) {
			return nil, fmt.Errorf("unknown route kind %q", route)
		}
		kinds = append(kinds, route)
	}
	return setOf(kinds, func(a, b string) int {
		return cmp.Compare(slices.Index(routeKinds, a), slices.Index(routeKinds, b))
	}), nil
}

func normaliseDependencies(deps []dependency) error {
	for i, d := range deps {
		deps[i].Missing = strings.TrimLeft(d.Missing, "(") // a slip in the snapshot of 4.0
		switch deps[i].Missing {
		case "abort", "warn", "silent":
		default:
			return fmt.Errorf("dependency: unknown reaction %q to a missing module", d.Missing)
		}
	}
	return nil
}

func compareParams(a, b param) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type))
}

// byText orders entries as the data file does: by the text of their fields.
func byText[E interface{ fields() string }](a, b E) int { return cmp.Compare(a.fields(), b.fields()) }

func set(words []string) []string { return setOf(words, cmp.Compare[string]) }

func setOf[E any](list []E, compare func(a, b E) int) []E {
	sorted := slices.SortedFunc(slices.Values(list), compare)
	return slices.CompactFunc(sorted, func(a, b E) bool { return compare(a, b) == 0 })
}
