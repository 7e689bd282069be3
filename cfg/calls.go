package cfg

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// call checks a function call. It reports whether the walk shall go on with the
// arguments.
func (in *interpreter) call(c *parser.Call, kind catalogue.Routes) bool {
	if c.Core {
		return in.coreCall(c, kind)
	}
	in.function(c, kind, moduleFunctions)
	return true
}

// coreCall checks the arguments that the server looks into while reading.
func (in *interpreter) coreCall(c *parser.Call, kind catalogue.Routes) bool {
	switch c.Name.Name {
	case "async", "launch":
		in.async(c, kind)
		return false
	case "avp_printf", "pv_printf":
		in.printf(c)
	case "script_trace":
		in.scriptTrace(c)
	case "append_branch":
		in.appendBranch(c)
	case "force_send_socket":
		if len(c.Args) == 1 {
			if s, ok := c.Args[0].(*parser.Socket); ok {
				in.protocol(s.Proto)
			}
		}
	}
	return true
}

// async checks the function that async or launch calls, which the module must
// have for that, and what else stands in the call.
func (in *interpreter) async(c *parser.Call, kind catalogue.Routes) {
	for _, arg := range c.Args {
		called, ok := arg.(*parser.Call)
		if !ok {
			in.check(arg, kind)
			continue
		}
		in.function(called, catalogue.NoRoutes, asyncFunctions)
		for _, arg := range called.Args {
			if arg != nil {
				in.check(arg, kind)
			}
		}
	}
}

// numbers reports arguments that are numbers where the version takes strings
// only.
func (in *interpreter) numbers(c *parser.Call) bool {
	if in.catalogue.Has(catalogue.VariableArguments) {
		return false
	}
	found := false
	for _, arg := range c.Args {
		if n, ok := arg.(*parser.Number); ok {
			found = true
			in.report(ruleArgument, n, "argument %s of %s is a number", n.Raw, c.Name.Name).Help = fmt.Sprintf("up to 2.4 arguments are strings: write \"%s\"", n.Raw)
		}
	}
	return found
}

// argumentTypes notes an argument of a type that the function does not take. The
// server looks at that when all is read.
func (in *interpreter) argumentTypes(c *parser.Call, functions []catalogue.Function) {
	var first *lateFinding
	for _, f := range functions {
		if !f.Accepts(len(c.Args)) {
			continue
		}
		bad := badArgument(c, f.Params)
		if bad == nil {
			return
		}
		if first == nil {
			first = bad
		}
	}
	if first != nil {
		in.late = append(in.late, *first)
	}
}

// A lateFinding is about an argument, for when all is read.
type lateFinding struct {
	node          parser.Node
	message, help string
}

// badArgument is the first argument that does not fit its type.
func badArgument(c *parser.Call, types []catalogue.Argument) *lateFinding {
	for i, arg := range c.Args {
		if i >= len(types) {
			return nil
		}
		wanted := argumentWords[types[i].Type]
		switch arg.(type) {
		case nil:
			if !types[i].Optional {
				return &lateFinding{c.Name, fmt.Sprintf("argument %d of %s is missing", i+1, c.Name.Name), "expected " + wanted}
			}
		case *parser.Number:
			if types[i].Type != "int" {
				return wrongArgument(c, i, wanted, "a number")
			}
		case *parser.String:
			if types[i].Type != "str" && types[i].Type != "regex" {
				return wrongArgument(c, i, wanted, "a string")
			}
		}
	}
	return nil
}

func wrongArgument(c *parser.Call, i int, wanted, found string) *lateFinding {
	return &lateFinding{c.Args[i], fmt.Sprintf("argument %d of %s is %s", i+1, c.Name.Name, found), "expected " + wanted}
}

// argumentWords word the types of arguments from 3.0 on.
var argumentWords = map[string]string{
	"str": "a string or a script variable", "regex": "a string or a script variable",
	"int": "a number or a script variable", "var": "a script variable",
}

// A functionSet is one of the lists of functions that a module has.
type functionSet struct {
	of   func(m *catalogue.Module, name string) []catalogue.Function
	kind catalogue.Kind
	word string
}

var (
	moduleFunctions = functionSet{(*catalogue.Module).Function, catalogue.KindFunction, "function"}
	asyncFunctions  = functionSet{(*catalogue.Module).AsyncFunction, catalogue.KindAsyncFunction, "asynchronous function"}
)

// function looks a function up by name, number of arguments and kind of route
// among the modules loaded so far.
func (in *interpreter) function(c *parser.Call, kind catalogue.Routes, set functionSet) {
	named := in.functions(c.Name.Name, set)
	allowed, counted := catalogue.NoRoutes, false
	for _, f := range named.all {
		if f.Accepts(len(c.Args)) {
			counted = true
			allowed |= f.Routes
		}
	}
	switch {
	case len(named.all) == 0:
		in.unknownFunction(c, set)
	case in.numbers(c):
		// The server does not look any further.
	case !counted:
		in.report(ruleUnknownFunction, c.Name, "%s %s of %s takes %s, found %d",
			set.word, c.Name.Name, named.owner, argCounts(named.all), len(c.Args))
	case set.kind == catalogue.KindFunction && (allowed == catalogue.NoRoutes || !allowed.Contains(kind)):
		in.wrongRoute(c, allowed, kind)
	default:
		in.argumentTypes(c, named.all)
	}
}

// offered are the functions of one name, with who has the last of them.
type offered struct {
	all   []catalogue.Function
	owner string
}

// functions are those of a name that the core and the modules loaded so far
// have.
func (in *interpreter) functions(name string, set functionSet) offered {
	key := topic{kind: set.kind, name: name}
	found, known := in.offers[key]
	if known {
		return found
	}
	if set.kind == catalogue.KindFunction {
		if found.all = in.catalogue.Core().Function(name); len(found.all) > 0 {
			found.owner = "the core"
		}
	}
	for _, m := range in.Modules {
		if fs := set.of(m.Module, name); len(fs) > 0 {
			found = offered{append(found.all, fs...), m.Name}
		}
	}
	in.offers[key] = found
	return found
}

func (in *interpreter) wrongRoute(c *parser.Call, allowed, kind catalogue.Routes) {
	f := in.report(ruleFunctionRoute, c.Name, "%s cannot be called from %s", c.Name.Name, kind)
	if allowed == catalogue.NoRoutes {
		f.Help = "it is there for other modules only"
	} else {
		f.Help = "it can be called from " + allowed.String()
	}
}

// argCounts words the numbers of arguments that functions take, such as "0 or 1
// arguments".
func argCounts(functions []catalogue.Function) string {
	const most = 16 // more than any function takes
	var counts []string
	for n := range most {
		if slices.ContainsFunc(functions, func(f catalogue.Function) bool { return f.Accepts(n) }) {
			counts = append(counts, strconv.Itoa(n))
		}
	}
	switch last := len(counts) - 1; {
	case last < 0:
		return "no such number of arguments"
	case last > 0:
		return strings.Join(counts[:last], ", ") + " or " + counts[last] + " arguments"
	case counts[0] == "1":
		return "1 argument"
	default:
		return counts[0] + " arguments"
	}
}

func (in *interpreter) unknownFunction(c *parser.Call, set functionSet) {
	name := c.Name.Name
	plain := "unknown " + set.word + " " + shown(name)
	a := in.advice.about(topic{kind: set.kind, name: name}, plain, func(a advice) advice {
		if a = a.needs(in.catalogue.Providers(set.kind, name), set.word+" "+name); len(a.providers) > 0 {
			return a
		}
		if set.kind == catalogue.KindAsyncFunction {
			return in.asyncHelp(a, name)
		}
		a.help = in.catalogue.Advice(catalogue.KindStatement, "", name)
		a = a.elsewhere(catalogue.KindStatement, name, in.Version).elsewhere(set.kind, name, in.Version)
		return in.nearestOf(in.nearestOf(a, set.kind, name, "%s"), catalogue.KindStatement, name, "%s")
	})
	in.needsModule(ruleUnknownFunction, c.Name, a)
}

// asyncHelp is about a function that no module has for async.
func (in *interpreter) asyncHelp(a advice, name string) advice {
	if len(in.functions(name, moduleFunctions).all) > 0 {
		a.message = fmt.Sprintf("function %s cannot be called asynchronously", name)
		return a
	}
	return in.nearestOf(a.elsewhere(catalogue.KindAsyncFunction, name, in.Version), catalogue.KindAsyncFunction, name, "%s")
}

// needs completes the advice on something that only modules have.
func (a advice) needs(providers []string, what string) advice {
	a.providers = slices.DeleteFunc(providers, func(m string) bool { return m == "" })
	if len(a.providers) > 0 {
		a.message = fmt.Sprintf("%s needs module %s, which is not loaded before it", what, strings.Join(a.providers, " or "))
		a.help = fmt.Sprintf("add loadmodule \"%s.so\"", a.providers[0])
	}
	return a
}

// needsModule reports what an unloaded module may have: once for each module,
// and not if it could not be loaded, which was told then.
func (in *interpreter) needsModule(rule *diag.Rule, n parser.Node, a advice) {
	if in.lost.anyOf(slices.Concat(a.providers, a.others)) {
		return
	}
	for _, module := range a.providers {
		if in.met(cause{catalogue.KindModule, module}) {
			return
		}
	}
	f := in.report(rule, n, "%s", a.message)
	f.Help = a.help
	for _, module := range a.providers {
		in.because(cause{catalogue.KindModule, module})
		if later := in.later.module(in, n, module); later.IsValid() {
			relate(f, later, "loaded only here")
			f.Help = "statements act in their order: put the loadmodule before the route"
		}
	}
}

// appendBranch checks the q value of append_branch("uri", "q").
func (in *interpreter) appendBranch(c *parser.Call) {
	if len(c.Args) != 2 {
		return
	}
	q, ok := c.Args[1].(*parser.String)
	if !ok {
		return
	}
	if !isQValue(strings.Trim(q.Value(), " \t\r\n")) {
		in.report(ruleArgument, q, "expected a q value from 0 to 1, found %s", diag.Quote(q.Value()))
	}
}

// isQValue reports whether a text is a number from 0 to 1, such as 0.75.
func isQValue(text string) bool {
	whole, fraction, point := strings.Cut(text, ".")
	switch whole {
	case "0":
		return strings.Trim(fraction, "0123456789") == ""
	case "1":
		return strings.Trim(fraction, "0") == ""
	}
	return whole == "" && point && strings.Trim(fraction, "0123456789") == ""
}

// printf checks the variable that avp_printf and pv_printf write to.
func (in *interpreter) printf(c *parser.Call) {
	if len(c.Args) != 2 {
		return
	}
	switch target := c.Args[0].(type) {
	case *parser.Var:
		in.writable(target, target.Raw)
	case *parser.String:
		in.variableText(target, target.Value())
		in.writable(target, target.Value())
	}
}
