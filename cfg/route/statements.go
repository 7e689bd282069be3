package route

import (
	"fmt"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/parser"
)

// statement compiles a call that belongs to the language: it steers the run, or
// its arguments are not just values. It is nil for other calls.
func (c *compiler) statement(n *parser.Call) step {
	switch n.Name.Name {
	case "route":
		return c.routeCall(n)
	case "return":
		return c.returnAction(n)
	case "exit", "drop":
		return c.leave(n, n.Name.Name == "drop")
	case "assert":
		return c.assert(n)
	case "async", "launch":
		return c.async(n, n.Name.Name == "async")
	case "xlog", "xdbg":
		return c.xlog(n)
	case "log":
		return c.log(n)
	}
	return nil
}

// routeCall calls another route with parameters, of which $param is one.
func (c *compiler) routeCall(n *parser.Call) step {
	at := c.site(n)
	name, ok := first(n.Args).(*parser.RouteName)
	if !ok {
		return c.bad(n, "the name of the route is missing")
	}
	args := &callSite{site: at, name: "route"}
	for _, a := range n.Args[1:] {
		args.args = append(args.args, c.parameter(a))
	}
	find := c.routeNamed(name)
	if find == nil {
		message := fmt.Sprintf("route %q is not defined", name.Text)
		c.reportRoute(name, message)
		return func(r *run) int {
			r.fail(EndError, at, "%s", message)
			return codeEnd
		}
	}
	return func(r *run) int {
		reads := len(r.reads)
		code := find(r)
		if code == nil {
			r.warn(at, "a route with this name is not defined")
			r.scope.ReturnCode = codeFalse
			return codeFalse
		}
		var params []pv.Value
		if len(args.args) > 0 {
			params = make([]pv.Value, len(args.args))
			for i := range args.args {
				params[i] = args.args[i].get(r)
			}
		}
		result := r.call(code, at, params, reads)
		r.scope.ReturnCode = int64(result)
		return result
	}
}

func first(args []parser.Expr) parser.Expr {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}

// parameter is a parameter of a route call, whose texts are taken as they stand.
func (c *compiler) parameter(n parser.Expr) argument {
	if s, ok := n.(*parser.String); ok {
		return fixed(pv.TextValue(s.Value()))
	}
	return c.argument(n)
}

// routeNamed finds a route when it is called: a fixed one, or one whose name has
// variables. It is nil for a fixed one that is not defined.
func (c *compiler) routeNamed(name *parser.RouteName) func(*run) *routeCode {
	if code := c.program.route(name.Text); code != nil {
		return func(*run) *routeCode { return code }
	}
	if !strings.Contains(name.Text, "$") {
		return nil
	}
	text := c.textArgument(name, name.Text)
	return func(r *run) *routeCode { return r.program.route(textOf(text.get(r))) }
}

// route is the route of that name, as a call has it; 0 is the main one.
func (p *Program) route(name string) *routeCode {
	if name == "0" {
		name = ""
	}
	return p.find("route", name)
}

func (c *compiler) reportRoute(name *parser.RouteName, message string) {
	var names []string
	for _, r := range c.config.Routes {
		if r.Kind == "route" && r.Name != "" {
			names = append(names, r.Name)
		}
	}
	help := fmt.Sprintf("define it: route[%s] { … }", name.Text)
	if near := catalogue.Nearest(name.Text, names); near != "" {
		help = fmt.Sprintf("did you mean %q", near)
	}
	c.report(ruleRoute, name, message, help)
}

// returnAction ends the route with a code; a code of 0 ends the script.
func (c *compiler) returnAction(n *parser.Call) step {
	var code func(*run) int
	switch a := first(n.Args).(type) {
	case nil:
		code = func(*run) int { return codeOK }
	case *parser.Number:
		fixed := int(a.Int())
		code = func(*run) int { return fixed }
	case *parser.Var:
		v := c.variable(a)
		code = func(r *run) int { return returned(v(r)) }
	default:
		return c.bad(n, "return takes a number or a variable")
	}
	site := &callSite{site: c.site(n), name: "return"}
	return func(r *run) int {
		reads := len(r.reads)
		value := code(r)
		r.signal |= signalReturn
		if r.tracer != nil {
			r.traceCall(site, reads, nil, value, false)
		}
		return value
	}
}

// returned is the code that the value of a variable stands for (as 2.3 does).
func returned(v pv.Value) int {
	switch {
	case v.IsNull():
		return codeFalse
	case v.IsInt:
		return int(int32(v.Int))
	}
	return codeOK
}

// leave is exit and drop.
func (c *compiler) leave(n *parser.Call, drop bool) step {
	site := &callSite{site: c.site(n), name: n.Name.Name}
	return func(r *run) int {
		r.signal |= signalExit
		r.dropped = r.dropped || drop
		if r.tracer != nil {
			r.traceCall(site, len(r.reads), nil, codeEnd, false)
		}
		return codeEnd
	}
}

// assert ends the script if its condition does not hold and asserts are on.
func (c *compiler) assert(n *parser.Call) step {
	enabled := false
	if g := c.config.Global("enable_asserts"); g != nil {
		enabled = g.Text == "1"
	}
	if !enabled || len(n.Args) == 0 {
		return func(*run) int { return codeFalse } // the condition is not looked at
	}
	cond, at := c.tracedCondition(n.Args[0]), c.site(n)
	message := ""
	if len(n.Args) > 1 {
		message = textOf(literalText(n.Args[1]))
	}
	return func(r *run) int {
		if cond(r) == truthYes {
			return codeOK
		}
		r.log(at, Critical, "ASSERTION FAILED - "+message)
		return codeEnd
	}
}

// async calls its function at once. The route to go on in runs right behind it,
// and then the script ends; that of launch, which reports only, is not run.
func (c *compiler) async(n *parser.Call, ends bool) step {
	inner, ok := first(n.Args).(*parser.Call)
	if !ok {
		return c.bad(n, "the function is missing")
	}
	do, at := c.call(inner), c.site(n)
	if !ends {
		return do
	}
	var resume func(*run) *routeCode
	if len(n.Args) > 1 {
		if name, ok := n.Args[1].(*parser.RouteName); ok {
			if resume = c.routeNamed(name); resume == nil {
				c.reportRoute(name, fmt.Sprintf("route %q is not defined", name.Text))
			}
		}
	}
	return func(r *run) int {
		r.scope.ReturnCode = int64(do(r))
		if resume == nil || r.signal != 0 {
			return codeEnd
		}
		if code := resume(r); code != nil {
			r.call(code, at, nil, len(r.reads))
		}
		return codeEnd
	}
}
