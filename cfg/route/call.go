package route

import (
	"strconv"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/parser"
)

// number is a number with its text, as the server has most numbers.
func number(n int64) pv.Value { return pv.BothValue(strconv.FormatInt(n, 10), n) }

// An argument is compiled from what stands in a call.
type argument struct {
	get      value
	variable *pv.Variable // if it is one variable, for what writes to it
}

// callSite is a call that is compiled.
type callSite struct {
	*site
	name string
	args []argument
	// flags are what 2.x writes behind a variable, as in "$avp(x)/g".
	flags string
}

// call compiles a call: a statement of the language, a function that is run, or a
// stub.
func (c *compiler) call(n *parser.Call) step {
	name := n.Name.Name
	if n.Core {
		if do := c.statement(n); do != nil {
			return do
		}
	}
	code, assumed := c.assume[strings.ToLower(name)]
	f := functionsByName[name]
	site := &callSite{site: c.site(n), name: name}
	for _, a := range n.Args {
		compiled, flags := c.argument(a), ""
		if f != nil && f.flagged {
			compiled, flags = c.flagged(a)
		}
		site.args = append(site.args, compiled)
		site.flags += flags
	}
	if assumed || f == nil {
		if !assumed {
			code = codeOK
		}
		return func(r *run) int { return r.stub(site, code) }
	}
	return func(r *run) int { return r.function(site, f) }
}

// function runs a function for real.
func (r *run) function(site *callSite, f *function) int {
	reads := len(r.reads)
	first := len(r.args)
	args := r.evaluate(site)
	code := f.do(r, site, args)
	if r.tracer != nil {
		r.traceCall(site, reads, args, code, false)
	}
	r.args = r.args[:first]
	return code
}

func (r *run) traceCall(site *callSite, reads int, args []pv.Value, code int, stub bool) {
	value := int64(code)
	shown := plainAll(args)
	for i := range shown {
		if text, ok := shown[i].(string); ok {
			shown[i] = withoutPasswords(text)
		}
	}
	r.trace(site.site, reads, Event{Kind: KindCall, Function: site.name, Args: shown, Code: &value, Stub: stub})
}

// evaluate puts the values of the arguments on top of r.args.
func (r *run) evaluate(site *callSite) []pv.Value {
	first := len(r.args)
	for i := range site.args {
		r.args = append(r.args, site.args[i].get(r))
	}
	return r.args[first:len(r.args):len(r.args)]
}

// stub notes a call of a function that is not run.
func (r *run) stub(site *callSite, code int) int {
	reads := len(r.reads)
	first := len(r.args)
	args := r.evaluate(site)
	if len(r.result.Stubs) < maxRecords {
		s := Stub{At: positionOf(site.at), Function: site.name, Code: code}
		for _, v := range args {
			s.Args = append(s.Args, withoutPasswords(v.String()))
		}
		r.result.Stubs = append(r.result.Stubs, s)
	}
	if r.tracer != nil {
		r.traceCall(site, reads, args, code, true)
	}
	r.args = r.args[:first]
	return code
}

// textOf is a value as a text, NULL as an empty one.
func textOf(v pv.Value) string {
	text, _ := v.AsText()
	return text
}

// numberOf is a value as a number; a text may be written as one, 0x too.
func numberOf(v pv.Value) (int64, bool) {
	if v.IsInt {
		return v.Int, true
	}
	n, err := strconv.ParseInt(strings.TrimSpace(v.Text), 0, 32)
	return n, err == nil && v.IsText
}

// flagged is an argument that may have flags behind a variable, as 2.x writes them.
func (c *compiler) flagged(n parser.Expr) (a argument, flags string) {
	if s, ok := n.(*parser.String); ok {
		name, flags, cut := strings.Cut(s.Value(), "/")
		if _, err := parser.ParseVar(name); err == nil && cut && strings.Trim(flags, "abcdefghijklmnopqrstuvwxyz") == "" {
			return c.textArgument(n, name), flags
		}
	}
	return c.argument(n), ""
}

// argument compiles an argument. A text may have variables in it.
func (c *compiler) argument(n parser.Expr) argument {
	switch n := n.(type) {
	case nil:
		return fixed(pv.Value{})
	case *parser.Number:
		return fixed(number(n.Int()))
	case *parser.String:
		return c.textArgument(n, n.Value())
	case *parser.Strings:
		return c.textArgument(n, n.Value())
	case *parser.Var:
		return argument{c.variable(n), c.compiled(n)}
	case *parser.Null:
		return fixed(pv.Value{})
	case *parser.RouteName:
		return fixed(pv.TextValue(n.Text))
	default:
		return fixed(pv.TextValue(c.site(n).text()))
	}
}

func fixed(v pv.Value) argument {
	return argument{get: func(*run) pv.Value { return v }}
}

// textArgument is a text with variables, or one variable as 2.x writes it. A $
// that begins no variable stands for itself, as in a regular expression.
func (c *compiler) textArgument(n parser.Node, text string) argument {
	if !strings.Contains(text, "$") {
		return fixed(pv.TextValue(text))
	}
	if _, err := parser.ParseVar(text); err == nil {
		v := c.compiledText(n, text)
		if v == nil {
			return fixed(pv.Value{})
		}
		return argument{func(r *run) pv.Value { return r.get(v) }, v}
	}
	format := c.format(n, text)
	return argument{get: func(r *run) pv.Value { return pv.TextValue(format.text(r)) }}
}
