package route

import (
	"errors"
	"fmt"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/parser"
)

// value reads a variable.
type value func(*run) pv.Value

// variable compiles a variable that is read. One that is not supported is NULL.
func (c *compiler) variable(n *parser.Var) value {
	if n == nil {
		return c.read(nil, "")
	}
	return c.read(c.compiled(n), n.Raw)
}

func (c *compiler) read(v *pv.Variable, raw string) value {
	if v != nil {
		return func(r *run) pv.Value { return r.get(v) }
	}
	return func(r *run) pv.Value {
		if r.tracer != nil {
			r.reads = append(r.reads, Variable{Name: raw})
		}
		return pv.Value{}
	}
}

// get reads a variable and tells about it.
func (r *run) get(v *pv.Variable) pv.Value {
	got := v.Get(r.scope)
	if r.tracer != nil {
		r.reads = append(r.reads, Variable{v.Raw, plain(got)})
	}
	return got
}

// compiled is a variable made ready, nil if it is not supported, which is told.
func (c *compiler) compiled(n *parser.Var) *pv.Variable {
	if n == nil {
		return nil
	}
	return c.compiledText(n, n.Raw)
}

func (c *compiler) compiledText(n parser.Node, raw string) *pv.Variable {
	if v, known := c.variables[raw]; known {
		return v
	}
	var v *pv.Variable
	spec, err := parser.ParseVar(raw)
	if err == nil {
		v, err = pv.Compile(spec)
	}
	if err != nil {
		v = nil
		help := ""
		if unsupported := (*pv.UnsupportedError)(nil); errors.As(err, &unsupported) {
			help = unsupported.Help
		}
		c.report(ruleVariable, n, fmt.Sprintf("script variable %s: %v", raw, err), help)
	}
	c.variables[raw] = v
	return v
}

// assign compiles an assignment. Its code is 1, or -1 if there is no value or the
// variable does not take it.
func (c *compiler) assign(n *parser.Assign) step {
	a := assignment{at: c.site(n), target: c.compiled(n.Var), op: operators[strings.TrimSuffix(n.Op, "=")]}
	switch {
	case a.target == nil:
	case a.target.Set == nil:
		c.report(ruleVariable, n.Var, "script variable "+n.Var.Raw+" cannot be set", "")
	case n.Op == ":=" && a.target.Replace != nil:
		a.write = a.target.Replace
	default:
		a.write = a.target.Set
	}
	right, name := c.arith(n.Value), n.Var.Raw
	return func(r *run) int {
		reads := len(r.reads)
		v := right(r)
		code := codeFalse
		switch {
		case v.none || v.error:
			r.warn(a.at, "the right side has no value")
		case a.write != nil:
			v.Value, code = r.assign(&a, v.Value)
		}
		if r.tracer != nil {
			result := int64(code)
			r.trace(a.at, reads, Event{Kind: KindAssign, Target: name, Value: plain(v.Value), Code: &result})
		}
		return code
	}
}

// An assignment sets a variable.
type assignment struct {
	at     *site
	target *pv.Variable
	write  func(*pv.Scope, pv.Value) error // nil for a variable that cannot be set
	op     operator                        // of += and the like, else 0
}

// assign does an assignment. It returns the new value and the code.
func (r *run) assign(a *assignment, v pv.Value) (pv.Value, int) {
	if a.op != 0 {
		var ok bool
		if v, ok = r.combine(a, r.get(a.target), v); !ok {
			return v, codeFalse
		}
	}
	if v.IsText && !r.use(a.at, v.Text) {
		return v, codeFalse
	}
	if err := a.write(r.scope, v); err != nil {
		r.warn(a.at, "%s is not set: %v", a.target.Raw, err)
		return v, codeFalse
	}
	return v, codeOK
}

// combine is the value of +=, -= and the like: numbers are computed with, texts
// only put together (as 3.0 and later do for each variable).
func (r *run) combine(a *assignment, x, y pv.Value) (pv.Value, bool) {
	switch {
	case x.IsNull() || y.IsNull():
		r.warn(a.at, "%s= takes no NULL", a.op)
		return y, false
	case x.IsText && y.IsText && a.op == plus:
		return pv.TextValue(x.Text + y.Text), true
	case x.IsInt && y.IsInt && !(x.IsText && y.IsText):
		v, ok := compute(a.op, int32(x.Int), int32(y.Int))
		if !ok {
			r.warn(a.at, "division by 0")
		}
		return pv.IntValue(int64(v)), ok
	}
	r.warn(a.at, "%s= cannot be done with a %s and a %s", a.op, typeName(x), typeName(y))
	return y, false
}
