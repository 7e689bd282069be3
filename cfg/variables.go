package cfg

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// variable checks a script variable that stands without quotes; those inside
// strings are looked at when the server starts.
func (in *interpreter) variable(v *parser.Var) { in.variableText(v, v.Raw) }

// variableText checks a script variable that begins a text.
func (in *interpreter) variableText(n parser.Node, text string) {
	spec, _, err := parser.ScanVar(text)
	if err != nil {
		in.report(ruleUnknownVariable, n, "malformed script variable %s: %v", diag.Quote(text), err)
		return
	}
	if !in.hasVariable(spec.Name) {
		in.unknownVariable(n, spec.Name, text)
		return
	}
	if problem := shapeProblem(&spec, in.Version); problem != "" {
		in.report(ruleUnknownVariable, n, "script variable $%s %s", spec.Name, problem)
	}
}

// hasVariable reports whether the core or a module loaded so far has a variable.
func (in *interpreter) hasVariable(name string) bool {
	if in.catalogue.Core().HasVariable(name) {
		return true
	}
	has, known := in.moduleVariables[name]
	if !known {
		has = slices.ContainsFunc(in.Modules, func(m *Module) bool { return m.HasVariable(name) })
		in.moduleVariables[name] = has
	}
	return has
}

// unknownVariable names the module that has the variable, or one with a similar
// name.
func (in *interpreter) unknownVariable(n parser.Node, name, text string) {
	plain := "unknown script variable $" + shown(name)
	a := in.advice.about(topic{kind: catalogue.KindVariable, name: name}, plain, func(a advice) advice {
		if a = a.needs(in.catalogue.Providers(catalogue.KindVariable, name), "script variable $"+name); len(a.providers) > 0 {
			return a
		}
		return in.nearestOf(a.elsewhere(catalogue.KindVariable, name, in.Version), catalogue.KindVariable, name, "$%s")
	})
	if word := in.wordAfter(n); word != "" && len(a.providers) == 0 {
		a.help = fmt.Sprintf("the server ends a bare name before %q: write it in brackets, as in $(%s…)", word, shown(strings.TrimPrefix(text, "$")))
	}
	in.needsModule(ruleUnknownVariable, n, a)
}

// wordAfter is the operator that goes on directly behind a node, if one does:
// $command ends at "and".
func (in *interpreter) wordAfter(n parser.Node) string {
	src := in.File.Sources.Source(n.End())
	rest := src.Text[min(int(n.End()-src.Base()), len(src.Text)):]
	for _, word := range []string{"and", "or", "not"} {
		if strings.HasPrefix(rest, word) {
			return word
		}
	}
	return ""
}

// shapeProblem is what is wrong with the inner name, the index or the
// transformations of a variable that exists, or empty.
func shapeProblem(v *parser.Variable, version catalogue.Version) string {
	switch needs, known := innerNames[v.Name]; {
	case known && needs && v.Inner == "":
		return "needs a name in brackets"
	case known && !needs && v.Inner != "":
		return "takes no name in brackets"
	case v.Index != "" && slices.Contains(withoutIndex, v.Name):
		return "takes no index"
	case v.Index != "" && !isIndex(v.Index):
		return fmt.Sprintf("has the index %s: expected a number, * or a script variable", diag.Quote(v.Index))
	}
	for _, t := range v.Transformations {
		if !isTransformation(t, version) {
			return fmt.Sprintf("has the unknown transformation %s", diag.Quote("{"+t.Class+"."+t.Name+"}"))
		}
	}
	return ""
}

// isIndex reports whether the server takes an index.
func isIndex(text string) bool {
	if text == "*" || strings.HasPrefix(text, "$") {
		return true
	}
	return strings.Trim(strings.TrimPrefix(text, "-"), "0123456789") == ""
}

func isTransformation(t parser.Transformation, v catalogue.Version) bool {
	names, known := transformations[strings.ToLower(t.Class)]
	if !known {
		return v > lastFixedTransformations
	}
	name, _, _ := strings.Cut(strings.ToLower(t.Name), " ")
	return names == nil || slices.Contains(names, name) || v > lastFixedTransformations
}

// scriptTrace checks the variables in the text that script_trace prints, which
// the server reads at once.
func (in *interpreter) scriptTrace(c *parser.Call) {
	if len(c.Args) < 2 {
		return
	}
	format, ok := c.Args[1].(*parser.String)
	if !ok {
		return
	}
	for text := format.Value(); ; {
		at := strings.IndexByte(text, '$')
		switch {
		case at < 0:
			return
		case strings.HasPrefix(text[at:], "$$"):
			text = text[at+2:]
		default:
			in.variableText(format, text[at:])
			text = text[at+1:]
		}
	}
}

func (in *interpreter) assign(a *parser.Assign) {
	in.writable(a.Var, a.Var.Raw)
	if _, null := a.Value.(*parser.Null); !null || a.Op != ":=" {
		return
	}
	if spec, err := parser.ParseVar(a.Var.Raw); err == nil && spec.Name != "avp" && in.isWritable(spec.Name) {
		in.report(ruleReadOnly, a.Var, "only $avp(…) can be set to NULL with :=, not $%s", spec.Name).Help = "use = instead"
	}
}

// writable reports a variable that cannot be assigned to.
func (in *interpreter) writable(n parser.Node, raw string) {
	spec, err := parser.ParseVar(raw)
	switch {
	case err != nil || !in.hasVariable(spec.Name):
		// told as an unknown variable
	case !in.isWritable(spec.Name):
		in.report(ruleReadOnly, n, "script variable $%s is read-only", spec.Name)
	case len(spec.Transformations) > 0:
		in.report(ruleReadOnly, n, "the left side of an assignment has a transformation").Help = "assign to the variable itself"
	}
}

func (in *interpreter) isWritable(name string) bool {
	if in.catalogue.Core().HasVariable(name) {
		return slices.Contains(writableCore, name)
	}
	return !strings.HasPrefix(name, "tls_") && !slices.Contains(readOnlyOfModules, name)
}

func (in *interpreter) forEach(n *parser.ForEach) {
	if n.Var == nil {
		return // after an error
	}
	spec, err := parser.ParseVar(n.Var.Raw)
	if err == nil && in.hasVariable(spec.Name) && !slices.Contains(iterators, spec.Name) {
		in.report(ruleReadOnly, n.Var, "for takes a $var(…) or an $avp(…) to go through a list, not $%s", spec.Name)
	}
}
