package cfg

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
)

// call checks a function call. It reports whether the walk shall go on with the
// arguments.
func (in *interpreter) call(c *parser.Call, kind catalogue.Routes) bool {
	if c.Core {
		return in.coreCall(c)
	}
	if in.numbers(c) {
		return true
	}
	in.function(c, kind, moduleFunctions)
	return true
}

// coreCall checks the arguments that the server looks into while reading.
func (in *interpreter) coreCall(c *parser.Call) bool {
	switch c.Name.Name {
	case "async", "launch":
		in.async(c)
		return false
	case "avp_printf", "pv_printf":
		in.printf(c)
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
// have for that.
func (in *interpreter) async(c *parser.Call) {
	if len(c.Args) == 0 {
		return
	}
	called, ok := c.Args[0].(*parser.Call)
	if ok && !in.numbers(called) {
		in.function(called, catalogue.NoRoutes, asyncFunctions)
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
	name, n := c.Name.Name, len(c.Args)
	var named, counted []catalogue.Function
	owner := ""
	for _, f := range in.functions(name, set, &owner) {
		named = append(named, f)
		if !f.Accepts(n) {
			continue
		}
		counted = append(counted, f)
		if f.Routes.Contains(kind) && (f.Routes != catalogue.NoRoutes || set.kind == catalogue.KindAsyncFunction) {
			return
		}
	}
	switch {
	case len(counted) > 0:
		in.wrongRoute(c, counted, kind)
	case len(named) > 0:
		in.report(ruleUnknownFunction, c.Name, "%s %s of %s takes %s, found %d", set.word, name, owner, argCounts(named), n)
	default:
		in.unknownFunction(c, set)
	}
}

func (in *interpreter) functions(name string, set functionSet, owner *string) []catalogue.Function {
	var all []catalogue.Function
	if set.kind == catalogue.KindFunction {
		if all = in.catalogue.Core().Function(name); len(all) > 0 {
			*owner = "the core"
		}
	}
	for _, m := range in.Modules {
		if fs := set.of(m.Module, name); len(fs) > 0 {
			all, *owner = append(all, fs...), m.Name
		}
	}
	return all
}

func (in *interpreter) wrongRoute(c *parser.Call, counted []catalogue.Function, kind catalogue.Routes) {
	allowed := catalogue.NoRoutes
	for _, f := range counted {
		allowed |= f.Routes
	}
	f := in.report(ruleFunctionRoute, c.Name, "%s cannot be called from %s", c.Name.Name, kind)
	if allowed == catalogue.NoRoutes {
		f.Help = "it is there for other modules only"
	} else {
		f.Help = "it can be called from " + allowed.String()
	}
}

// argCounts words the numbers of arguments that a function takes.
func argCounts(functions []catalogue.Function) string {
	var counts []int
	for n := range maxArgs {
		if slices.ContainsFunc(functions, func(f catalogue.Function) bool { return f.Accepts(n) }) {
			counts = append(counts, n)
		}
	}
	if len(counts) == 0 {
		return "no such number of arguments"
	}
	words := make([]string, len(counts))
	for i, n := range counts {
		words[i] = strconv.Itoa(n)
	}
	text := words[0]
	if last := len(words) - 1; last > 0 {
		text = strings.Join(words[:last], ", ") + " or " + words[last]
	}
	if text == "1" {
		return "1 argument"
	}
	return text + " arguments"
}

const maxArgs = 16 // more than any function takes

func (in *interpreter) unknownFunction(c *parser.Call, set functionSet) {
	name := c.Name.Name
	providers := in.catalogue.Providers(set.kind, name)
	if in.failed["loadmodule"] || slices.ContainsFunc(providers, func(m string) bool { return in.failed["module "+m] }) {
		return
	}
	f := in.report(ruleUnknownFunction, c.Name, "unknown %s %s", set.word, name)
	switch {
	case len(providers) > 0:
		f.Message = fmt.Sprintf("%s %s needs module %s, which is not loaded before it", set.word, name, strings.Join(providers, " or "))
		f.Help = fmt.Sprintf("add loadmodule \"%s.so\"", providers[0])
	case set.kind == catalogue.KindAsyncFunction && in.isFunction(name):
		f.Message = fmt.Sprintf("function %s cannot be called asynchronously", name)
	default:
		f.Help = in.functionHelp(name, set)
	}
}

func (in *interpreter) isFunction(name string) bool {
	owner := ""
	return len(in.functions(name, moduleFunctions, &owner)) > 0
}

// functionHelp tells of other versions that have the function, or of one with a
// similar name.
func (in *interpreter) functionHelp(name string, set functionSet) string {
	for _, p := range catalogue.Places(set.kind, name) {
		where := "the core"
		if p.Module != "" {
			where = "module " + p.Module
		}
		return fmt.Sprintf("%s has it in %s, this is %s", where, p.Versions, in.Version)
	}
	if versions := catalogue.History(catalogue.KindStatement, "", name); !versions.IsEmpty() {
		return fmt.Sprintf("the core has it in %s, this is %s", versions, in.Version)
	}
	candidates := in.catalogue.Names(set.kind)
	if set.kind == catalogue.KindFunction {
		candidates = append(slices.Clone(candidates), in.catalogue.Names(catalogue.KindStatement)...)
	}
	if near := catalogue.Nearest(name, candidates); near != "" {
		return fmt.Sprintf("did you mean %s", near)
	}
	return ""
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
	if v, err := strconv.ParseFloat(q.Value(), 64); err != nil || v < 0 || v > 1 {
		in.report(ruleArgument, q, "expected a q value from 0 to 1, found %q", q.Value())
	}
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
		in.writable(target, target.Value())
	}
}
