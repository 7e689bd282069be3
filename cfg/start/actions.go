package start

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// actions looks at what the actions of the routes refer to.
func (s *starter) actions() {
	defined := map[string]bool{"0": true}
	for _, r := range s.config.Routes {
		if r.Kind == "route" {
			defined[r.Name] = true
		}
	}
	for _, r := range s.config.Routes {
		if r.Node.Body == nil {
			continue
		}
		parser.Walk(r.Node.Body, func(n parser.Node) bool {
			switch n := n.(type) {
			case *parser.Call:
				s.routeCall(n, defined)
				s.formats(n)
			case *parser.Binary:
				s.match(n)
			}
			return true
		})
	}
}

func (s *starter) at(n parser.Node) diag.Span { return s.config.File.Sources.Span(n) }

// routeCall checks that a route that is called, or that async goes on in, is
// defined.
func (s *starter) routeCall(c *parser.Call, defined map[string]bool) {
	if !c.Core || !slices.Contains([]string{"route", "async", "launch"}, c.Name.Name) {
		return
	}
	for _, arg := range c.Args {
		name, ok := arg.(*parser.RouteName)
		if !ok || defined[name.Text] {
			continue
		}
		d := diag.New(ruleUndefinedRoute, s.at(name), fmt.Sprintf("route %q is not defined", name.Text))
		var names []string
		for _, r := range s.config.Routes {
			if r.Kind == "route" && r.Name != "" {
				names = append(names, r.Name)
			}
		}
		if near := catalogue.Nearest(name.Text, names); near != "" {
			d.Help = fmt.Sprintf("did you mean %q", near)
		} else {
			d.Help = fmt.Sprintf("define it: route[%s] { … }", name.Text)
		}
		s.report(d)
	}
}

// match checks the regular expression on the right side of =~ or !~.
func (s *starter) match(b *parser.Binary) {
	if b.Op != "=~" && b.Op != "!~" {
		return
	}
	text, ok := b.Y.(*parser.String)
	if !ok {
		return
	}
	if problem := regexProblem(text.Value()); problem != "" {
		s.report(diag.New(ruleRegex, s.at(text), fmt.Sprintf("%s is no regular expression: %s", text.Raw, problem)))
	}
}

// logFunctions are the core functions that replace variables in their texts.
var logFunctions = []string{"xlog", "xdbg"}

// formats checks the variables in a text that is logged.
func (s *starter) formats(c *parser.Call) {
	if !c.Core || !slices.Contains(logFunctions, c.Name.Name) || len(c.Args) == 0 {
		return
	}
	last := c.Args[len(c.Args)-1]
	text := ""
	switch arg := last.(type) {
	case *parser.String:
		text = arg.Value()
	case *parser.Strings:
		text = arg.Value()
	}
	for raw := range variablesIn(text) {
		s.formatVariable(last, raw)
	}
}

func (s *starter) formatVariable(at parser.Node, raw string) {
	v, err := parser.ParseVar(raw)
	if err != nil {
		s.report(diag.New(ruleFormat, s.at(at), fmt.Sprintf("malformed script variable %q: %v", raw, err)).
			WithHelp("write $$ for a $ that begins no variable"))
		return
	}
	if hasVariable(s.config, v.Name) {
		return
	}
	d := diag.New(ruleFormat, s.at(at), fmt.Sprintf("unknown script variable $%s", v.Name))
	c := catalogue.For(s.config.Version)
	if providers := c.Providers(catalogue.KindVariable, v.Name); len(providers) > 0 {
		d.Message = fmt.Sprintf("script variable $%s needs module %s, which is not loaded", v.Name, strings.Join(providers, " or "))
		d.Help = fmt.Sprintf("add loadmodule \"%s.so\"", providers[0])
	} else if near := catalogue.Nearest(v.Name, c.Names(catalogue.KindVariable)); near != "" {
		d.Help = fmt.Sprintf("did you mean $%s", near)
	}
	s.report(d)
}

func hasVariable(c *cfg.Config, name string) bool {
	return catalogue.For(c.Version).Core().HasVariable(name) ||
		slices.ContainsFunc(c.Modules, func(m *cfg.Module) bool { return m.HasVariable(name) })
}
