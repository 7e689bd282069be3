package route

import (
	"cmp"
	"regexp"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/parser"
)

// semantics is what versions do differently when they compare.
type semantics struct {
	// matchesEmpty: an empty text is matched against regular expressions; before,
	// it fits neither =~ nor !~.
	matchesEmpty bool
	// nullDiffers: NULL !~ $x is true; before, only NULL != $x was.
	nullDiffers bool
}

// comparesAnew is the first version with the newer comparisons.
const comparesAnew = catalogue.Version(2<<8 | 4)

func semanticsOf(v catalogue.Version) semantics {
	return semantics{matchesEmpty: v >= comparesAnew, nullDiffers: v >= comparesAnew}
}

// comparison compiles a comparison of a variable or of an operand such as src_ip.
func (c *compiler) comparison(n *parser.Binary) condition {
	switch x := n.X.(type) {
	case *parser.Operand:
		return c.operandComparison(n, x, n.Y)
	case *parser.Myself:
		if y, ok := n.Y.(*parser.Operand); ok {
			return c.operandComparison(n, y, x)
		}
	case *parser.Var:
		return c.variableComparison(n, x)
	}
	do := c.bad(n, "the comparison has an error")
	return func(r *run) truth { do(r); return truthEnd }
}

func (c *compiler) variableComparison(n *parser.Binary, x *parser.Var) condition {
	left, op := c.variable(x), n.Op
	switch y := n.Y.(type) {
	case *parser.Null:
		return func(r *run) truth { return truthOf(left(r).IsNull() == (op == "==")) }
	case *parser.Var:
		return c.withVariable(n, left, c.variable(y))
	case *parser.Network:
		return c.withNetwork(n, left, y)
	case *parser.String:
		if isMatch(op) {
			return c.withPattern(n, left, y)
		}
		return c.withLiteral(n, left, pv.TextValue(y.Value()))
	case *parser.Ident:
		return c.withLiteral(n, left, pv.TextValue(y.Name))
	case *parser.Number:
		return c.withLiteral(n, left, pv.IntValue(y.Int()))
	case *parser.Myself:
		// The grammar has it, but no server can compare it.
		c.report(ruleStatement, n, "comparing a variable with myself is an error in each version, which counts as false",
			"write uri == myself, or is_myself(\"$rd\") from 2.4 on")
		return func(r *run) truth { left(r); return truthError }
	}
	do := c.bad(n, "the comparison has an error")
	return func(r *run) truth { do(r); return truthEnd }
}

func isMatch(op string) bool { return op == "=~" || op == "!~" }

// isUnlike reports whether an operator holds for what has nothing in common.
func isUnlike(op string) bool { return op == "!=" || op == "!~" }

// withLiteral compares with a text or a number of the script. NULL differs from
// each. The number that a variable has is a text too, but no text is a number.
func (c *compiler) withLiteral(n *parser.Binary, left value, right pv.Value) condition {
	op, at, relation := n.Op, c.site(n), relations[n.Op]
	unlike := truthOf(isUnlike(op))
	return func(r *run) truth {
		v := left(r)
		switch {
		case v.IsNull():
			return unlike
		case !right.IsInt:
			return relation.holds(compareFold(textOf(v), right.Text))
		case v.IsInt:
			return relation.holds(cmp.Compare(v.Int, right.Int))
		}
		r.warn(at, "a text cannot be compared with a number by %s", op)
		return truthError
	}
}

func typeName(v pv.Value) string {
	switch {
	case v.IsNull():
		return "NULL"
	case isNumber(v):
		return "number"
	}
	return "text"
}

// isNumber reports whether a value is a number in the first place. One that is
// also a text, such as the port of a URI, is a text.
func isNumber(v pv.Value) bool { return v.IsInt && !v.IsText }

// relation is the set of orders that a comparison operator holds for: a bit for
// less, equal and greater each.
type relation uint8

const (
	less relation = 1 << iota
	equal
	greater
)

// relations are the operators but =~ and !~.
var relations = map[string]relation{
	"==": equal, "!=": less | greater, "<": less, "<=": less | equal, ">": greater, ">=": greater | equal,
}

// holds reports whether the operator holds for an order as package cmp gives it.
func (r relation) holds(order int) truth { return truthOf(r&(1<<(order+1)) != 0) }

// compareFold orders texts byte by byte, with ASCII letters as lower case.
func compareFold(x, y string) int {
	for i := range min(len(x), len(y)) {
		if a, b := lower(x[i]), lower(y[i]); a != b {
			return cmp.Compare(a, b)
		}
	}
	return cmp.Compare(len(x), len(y))
}

func lower(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

// withVariable compares two variables, as numbers if both are, else as texts
// without regard to case; =~ and !~ take the right one for a regular expression.
func (c *compiler) withVariable(n *parser.Binary, left, right value) condition {
	op, at, relation, sem := n.Op, c.site(n), relations[n.Op], c.program.semantics
	return func(r *run) truth {
		x, y := left(r), right(r)
		switch {
		case x.IsNull() && y.IsNull():
			return truthOf(op == "==" || op == "=~" && sem.nullDiffers)
		case x.IsNull() || y.IsNull():
			return truthOf(op == "!=" || op == "!~" && sem.nullDiffers)
		case isMatch(op):
			return r.matchVariable(at, op, textOf(x), textOf(y))
		case x.IsInt && y.IsInt:
			return relation.holds(cmp.Compare(x.Int, y.Int))
		}
		return relation.holds(compareFold(textOf(x), textOf(y)))
	}
}

func (r *run) matchVariable(at *site, op, text, pattern string) truth {
	re, err := r.program.patterns.compile(pattern)
	if err != nil {
		r.warn(at, "%v", err)
		return truthError
	}
	return r.program.semantics.match(op, text, re)
}

func (s semantics) match(op, text string, re *regexp.Regexp) truth {
	if text == "" && !s.matchesEmpty {
		return truthNo
	}
	return truthOf(re.MatchString(text) == (op == "=~"))
}
