package route

import (
	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/parser"
)

// ifAction is if with its else. An error in the condition counts as false; a code
// of 0 within it ends the script (as 2.3 does).
func (c *compiler) ifAction(n *parser.If) step {
	defer c.within()()
	cond := c.tracedCondition(n.Cond)
	then, otherwise := c.body(n.Then), c.body(n.Else)
	return func(r *run) int {
		v := cond(r)
		if v == truthEnd || r.signal != 0 {
			r.scope.ReturnCode = 0
			return codeEnd
		}
		branch := otherwise
		if v == truthYes {
			branch = then
		}
		if len(branch) == 0 {
			r.scope.ReturnCode = int64(v)
			return codeOK
		}
		code := r.list(branch)
		r.scope.ReturnCode = int64(code)
		return code
	}
}

// tracedCondition is a condition that is told about as a whole.
func (c *compiler) tracedCondition(n parser.Expr) condition {
	cond := c.condition(n)
	at := c.site(n)
	return func(r *run) truth {
		if r.tracer == nil {
			return cond(r)
		}
		reads := len(r.reads)
		v := cond(r)
		e := Event{Kind: KindCondition, Value: v == truthYes}
		if v != truthYes && v != truthNo {
			e.Value = "error"
			if v == truthEnd {
				e.Value = "end"
			}
		}
		r.trace(at, reads, e)
		return v
	}
}

// switchCase is a case with the place in the actions of all cases.
type switchCase struct {
	label   pv.Value
	text    string
	actions []action
	stop    bool // it has a break
}

func (k *switchCase) matches(v pv.Value) bool {
	if k.label.IsInt {
		return v.IsInt && v.Int == k.label.Int
	}
	return !v.IsNull() && compareFold(textOf(v), k.label.Text) == 0
}

// switchAction runs the first case that matches, and those behind it up to a
// break; else the default (as 2.3 does).
func (c *compiler) switchAction(n *parser.Switch) step {
	defer c.within()()
	value := c.variable(n.Var)
	at := c.site(n)
	if n.Var != nil {
		at = c.site(n.Var)
	}
	var cases []switchCase
	var otherwise []action
	for _, k := range n.Cases {
		actions := c.actions(k.Body)
		if k.Label == nil {
			otherwise = actions
			continue
		}
		cases = append(cases, switchCase{literal(k.Label), c.site(k.Label).text(), actions, k.Break})
	}
	return func(r *run) int {
		reads := len(r.reads)
		v := value(r)
		first := 0
		for first < len(cases) && !cases[first].matches(v) {
			first++
		}
		if r.tracer != nil {
			match := "default"
			if first < len(cases) {
				match = cases[first].text
			}
			r.trace(at, reads, Event{Kind: KindSwitch, Value: plain(v), Match: match})
		}
		if first == len(cases) {
			if len(otherwise) == 0 {
				return codeOK
			}
			return r.list(otherwise)
		}
		return r.fallThrough(cases[first:])
	}
}

func (r *run) fallThrough(cases []switchCase) int {
	code := codeOK
	for i := range cases {
		if len(cases[i].actions) > 0 {
			code = r.list(cases[i].actions)
		}
		if r.signal != 0 || cases[i].stop {
			break
		}
	}
	return code
}

// literal is the value of a literal.
func literal(l parser.Literal) pv.Value {
	switch l := l.(type) {
	case *parser.Number:
		return pv.IntValue(l.Int())
	case *parser.String:
		return pv.TextValue(l.Value())
	case *parser.Strings:
		return pv.TextValue(l.Value())
	}
	return pv.Value{}
}
