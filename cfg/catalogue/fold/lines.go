package main

import (
	"slices"
	"strings"
)

// lines are those of the core's block. A global has one for each kind of value
// and a statement one for each shape of its arguments, so that a new kind or
// shape is a new line.
func (c *core) lines() []line {
	var lines []line
	for name, valueKinds := range c.Globals {
		for _, kind := range valueKinds {
			lines = append(lines, line{"global", tabs(name, kind)})
		}
	}
	for name, shapes := range c.Statements {
		for _, shape := range shapes {
			lines = append(lines, line{"statement", tabs(name, shape)})
		}
	}
	return slices.Concat(lines, linesOf("function", c.Functions),
		names("variable", c.Variables), names("route", c.Routes), names("protocol", c.Protocols))
}

func (m *module) lines(name string) []line {
	var lines []line
	if m.Type != "default" {
		lines = append(lines, line{"type", m.Type})
	}
	if m.Dir != name {
		lines = append(lines, line{"dir", m.Dir})
	}
	return slices.Concat(lines, linesOf("depends", m.Depends),
		linesOf("param", m.Params), linesOf("param_depends", m.ParamDepends),
		linesOf("function", m.Functions), linesOf("async", m.AsyncFunctions),
		names("mi", m.MI), names("variable", m.Variables))
}

func linesOf[E interface{ fields() string }](kind string, entries []E) []line {
	lines := make([]line, len(entries))
	for i, e := range entries {
		lines[i] = line{kind, e.fields()}
	}
	return lines
}

func names(kind string, list []string) []line {
	lines := make([]line, len(list))
	for i, name := range list {
		lines[i] = line{kind, name}
	}
	return lines
}

func (p param) fields() string {
	if p.Callback {
		return tabs(p.Name, p.Type, "callback")
	}
	return tabs(p.Name, p.Type)
}

func (f function) fields() string { return tabs(f.Name, f.arguments(), f.routes()) }

// arguments is a number up to 2.4, and "(str, [int])" since 3.0.
func (f function) arguments() string {
	if f.Args != "" {
		return f.Args
	}
	types := make([]string, len(f.Params))
	for i, p := range f.Params {
		types[i] = p.Type
		if p.Optional {
			types[i] = "[" + p.Type + "]"
		}
	}
	return "(" + strings.Join(types, ", ") + ")"
}

func (f function) routes() string {
	switch {
	case len(f.Routes) == 0:
		return "none"
	case slices.Equal(f.Routes, routeKinds):
		return "all"
	}
	return strings.ToLower(strings.Join(f.Routes, ","))
}

func (d dependency) fields() string { return tabs(d.Type, d.module(), d.Missing) }

func (d dependency) module() string {
	if d.Module == nil {
		return "*"
	}
	return *d.Module
}

func (d paramDependency) fields() string {
	if len(d.Requires) == 0 {
		return tabs(d.Param, d.Condition, "none")
	}
	required := make([]string, len(d.Requires))
	for i, r := range d.Requires {
		required[i] = strings.ReplaceAll(r.fields(), "\t", " ")
	}
	return tabs(d.Param, d.Condition, strings.Join(required, ", "))
}

func tabs(fields ...string) string { return strings.Join(fields, "\t") }
