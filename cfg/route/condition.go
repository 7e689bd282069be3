package route

import (
	"slices"

	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/parser"
)

// truth is the value of a condition. An error is neither yes nor no: it ends a
// chain of and or of or, "not" leaves it, and an if takes it for no. A call with
// the code 0 ends the script (as 2.3 does).
type truth int

const (
	truthYes   truth = 1
	truthNo    truth = 0
	truthError truth = -1
	truthEnd   truth = -127
)

func truthOf(b bool) truth {
	if b {
		return truthYes
	}
	return truthNo
}

func (t truth) not() truth {
	if t < truthNo {
		return t
	}
	return truthYes - t
}

type condition func(*run) truth

// link is an operand of a chain of "and" and "or", with the one before it.
type link struct {
	or   bool
	cond condition
}

// condition compiles a condition. Chains of "and" and "or", which have the same
// precedence, are nested in X as deeply as they are long, so they are followed by
// a loop.
func (c *compiler) condition(n parser.Expr) condition {
	var links []link
	for {
		b, ok := n.(*parser.Binary)
		if !ok || !isLogical(b.Op) {
			break
		}
		links = append(links, link{b.Op == "or" || b.Op == "||", c.term(b.Y)})
		n = b.X
	}
	first := c.term(n)
	if len(links) == 0 {
		return first
	}
	slices.Reverse(links)
	return func(r *run) truth {
		v := first(r)
		for i := range links {
			if links[i].or && v == truthNo || !links[i].or && v == truthYes {
				v = links[i].cond(r)
			} else if v < truthNo {
				return v
			}
		}
		return v
	}
}

func isLogical(op string) bool { return op == "and" || op == "&&" || op == "or" || op == "||" }

// term is a condition without "and" or "or" at its top.
func (c *compiler) term(n parser.Expr) condition {
	defer c.within()()
	switch n := n.(type) {
	case *parser.Paren:
		if n.X == nil {
			break
		}
		return c.condition(n.X)
	case *parser.Unary:
		cond := c.term(n.X)
		return func(r *run) truth { return cond(r).not() }
	case *parser.Binary:
		return c.comparison(n)
	case *parser.Arith:
		return c.arithCondition(n.X)
	case *parser.Number:
		v := truthOf(n.Int() != 0)
		return func(*run) truth { return v }
	case *parser.Var:
		value := c.variable(n)
		return func(r *run) truth { return truthOf(holds(value(r))) }
	case parser.Action:
		return c.actionTerm(n)
	}
	do := c.bad(n, "the condition has an error")
	return func(r *run) truth { do(r); return truthEnd }
}

// arithCondition is an arithmetic expression as a condition. A variable alone holds
// if it is not NULL, even if it is 0 (as 2.3 does).
func (c *compiler) arithCondition(n parser.Expr) condition {
	switch n := n.(type) {
	case *parser.Paren:
		if n.X != nil {
			return c.arithCondition(n.X)
		}
	case *parser.Var:
		value := c.variable(n)
		return func(r *run) truth { return truthOf(!value(r).IsNull()) }
	case *parser.Call:
		return c.actionTerm(n)
	case *parser.Binary:
		if !isArithmetic(n.Op) {
			return c.comparison(n)
		}
	}
	value := c.arith(n)
	return func(r *run) truth {
		v := value(r)
		return truthOf(!v.none && holds(v.Value))
	}
}

// holds reports whether a value counts as true: a number other than 0, or a text
// that is not empty.
func holds(v pv.Value) bool {
	if isNumber(v) {
		return v.Int != 0
	}
	return v.IsText && v.Text != ""
}

// actionTerm is a call or another action as a condition.
func (c *compiler) actionTerm(n parser.Action) condition {
	list := c.body(n)
	return func(r *run) truth {
		switch code := r.list(list); {
		case code > 0:
			return truthYes
		case code == codeEnd:
			return truthEnd
		}
		return truthNo
	}
}
