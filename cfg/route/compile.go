package route

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Options say how a script is run.
type Options struct {
	// Assume is what functions return that are not run for real, by name without
	// regard to case. It counts for functions that are run too. Without it a
	// stub returns 1.
	Assume map[string]int
	// Domains are names that are this server's own besides its sockets and
	// aliases, such as those in the table of the domain module.
	Domains []string
	// MaxSteps is how many actions and rounds of loops a run may take; 0 is
	// 100,000.
	MaxSteps int
	// MaxDepth is how deep routes may call each other; 0 is 100, as 2.3 has it.
	MaxDepth int
}

const (
	defaultSteps = 100_000
	defaultDepth = 100
	// defaultWhileLoops is how often a while loops without max_while_loops.
	defaultWhileLoops = 100
)

// Program is the routes of a script, ready to run. It does not change.
type Program struct {
	main   *routeCode
	routes map[routeKey]*routeCode

	maxSteps, maxDepth int
	maxLoops           int          // rounds of a while
	maxLogText         int          // bytes of a line
	clientAVP          *pv.Variable // of client_domain_avp; nil if there is none
	self               self
	semantics          semantics
	patterns           patternCache
}

type routeKey struct{ kind, name string }

// find is the route of a kind and name, nil if there is none.
func (p *Program) find(kind, name string) *routeCode { return p.routes[routeKey{kind, name}] }

// routeCode is a route.
type routeCode struct {
	*site
	kind, name string
	actions    []action
	nesting    int // the most statements within each other
}

// title is the head of the route as a script has it.
func (c *routeCode) title() string {
	if c.name == "" {
		return c.kind
	}
	return c.kind + "[" + c.name + "]"
}

// routeType is what $rT has of it.
func (c *routeCode) routeType() string {
	if c.kind == "route" {
		return "request_route"
	}
	return c.kind
}

// action is a step with its place.
type action struct {
	*site
	do       step
	setsCode bool // whether $rc is its code; if and route set it themselves
}

// Compile makes the routes of a script ready. What cannot be run as a server would
// is told in diagnostics of the [Rules]: a run does without it, or ends with an
// error where it comes to it.
func Compile(c *cfg.Config, o Options) (*Program, diag.List) {
	p := &Program{
		routes:     map[routeKey]*routeCode{},
		maxSteps:   cmp.Or(o.MaxSteps, defaultSteps),
		maxDepth:   cmp.Or(o.MaxDepth, defaultDepth) - 1,
		maxLoops:   globalNumber(c, "max_while_loops", defaultWhileLoops),
		maxLogText: globalNumber(c, "xlog_buf_size", pv.XlogBufSize),
		self:       selfOf(c, o.Domains),
		semantics:  semanticsOf(c.Version),
	}
	comp := &compiler{
		config: c, program: p, assume: map[string]int{},
		variables: map[string]*pv.Variable{}, logLevel: defaultLogLevel(c), told: map[string]bool{},
	}
	for name, code := range o.Assume {
		comp.assume[strings.ToLower(name)] = code
	}
	comp.declare()
	for _, r := range c.Routes {
		comp.route(r)
	}
	comp.clientAVP()
	return p, comp.diagnostics
}

// globalNumber is a global parameter that is a positive number.
func globalNumber(c *cfg.Config, name string, otherwise int) int {
	if g := c.Global(name); g != nil {
		if n, err := strconv.Atoi(g.Text); err == nil && n > 0 {
			return n
		}
	}
	return otherwise
}

// compiler makes the program.
type compiler struct {
	config      *cfg.Config
	program     *Program
	assume      map[string]int
	variables   map[string]*pv.Variable // by their text; nil for one that is not supported
	logLevel    Level
	diagnostics diag.List
	told        map[string]bool

	nesting, deepest int // of the statements around, in this route
}

// declare makes all routes known, so that each can be called before it stands.
func (c *compiler) declare() {
	for _, r := range c.config.Routes {
		key := routeKey{r.Kind, r.Name}
		if c.program.routes[key] != nil {
			continue // the first counts, as told while reading
		}
		c.program.routes[key] = &routeCode{site: c.site(r.Node.Kind), kind: r.Kind, name: r.Name}
	}
	c.program.main = c.program.find("route", "")
}

func (c *compiler) route(r *cfg.Route) {
	code := c.program.find(r.Kind, r.Name)
	if code.actions != nil || r.Node.Body == nil {
		return
	}
	c.nesting, c.deepest = 0, 0
	code.actions = c.actions(r.Node.Body.Actions)
	code.nesting = c.deepest
}

// within counts a statement that has others in it.
func (c *compiler) within() (leave func()) {
	c.nesting++
	c.deepest = max(c.deepest, c.nesting)
	return func() { c.nesting-- }
}

func (c *compiler) site(n parser.Node) *site {
	sources := c.config.File.Sources
	span := sources.Span(n)
	s := &site{at: span.Start, end: span.End.Offset}
	if src := sources.Source(n.Pos()); src != nil {
		s.source = src.Text
	}
	return s
}

// report adds a finding, once for each text and rule.
func (c *compiler) report(rule *diag.Rule, n parser.Node, message, help string) {
	key := rule.ID + "\x00" + message
	if c.told[key] {
		return
	}
	c.told[key] = true
	d := diag.New(rule, c.config.File.Sources.Span(n), message)
	d.Help = help
	c.diagnostics = append(c.diagnostics, d)
}

// actions compiles a list of actions; empty ones are left out, as the server does.
func (c *compiler) actions(nodes []parser.Action) []action {
	defer c.within()()
	list := make([]action, 0, len(nodes))
	for _, n := range nodes {
		if a, ok := c.action(n); ok {
			list = append(list, a)
		}
	}
	return list
}

// body is what stands behind a condition: an action or a block.
func (c *compiler) body(n parser.Action) []action {
	switch n := n.(type) {
	case nil:
		return nil
	case *parser.Block:
		return c.actions(n.Actions)
	default:
		return c.actions([]parser.Action{n})
	}
}

// action compiles one. It is false for an empty one.
func (c *compiler) action(n parser.Action) (action, bool) {
	a := action{site: c.site(n), setsCode: true}
	switch n := n.(type) {
	case *parser.Empty:
		return a, false
	case *parser.Block:
		list := c.actions(n.Actions)
		if len(list) == 0 {
			return a, false
		}
		a.do = func(r *run) int { return r.list(list) }
	case *parser.If:
		a.do, a.setsCode = c.ifAction(n), false
	case *parser.While:
		a.do = c.while(n)
	case *parser.ForEach:
		a.do = c.forEach(n)
	case *parser.Switch:
		a.do = c.switchAction(n)
	case *parser.Assign:
		a.do = c.assign(n)
	case *parser.Call:
		a.setsCode = n.Name.Name != "route" || !n.Core
		a.do = c.call(n)
	default:
		a.do = c.bad(n, "the action has an error")
	}
	return a, true
}

// bad is a statement that ends a run.
func (c *compiler) bad(n parser.Node, message string) step {
	c.report(ruleStatement, n, fmt.Sprintf("%s: a run that comes to it ends", message), "")
	at := c.site(n)
	return func(r *run) int {
		r.fail(EndError, at, "%s", message)
		return codeEnd
	}
}
