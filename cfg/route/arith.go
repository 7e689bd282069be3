package route

import (
	"slices"

	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/parser"
)

// result is the value of an arithmetic expression.
type result struct {
	pv.Value
	none  bool // it has no value, not even NULL: its operands do not fit
	read  bool // it is that of a variable, whose numbers are texts too
	error bool // a comparison in it failed, or a call ended the script
}

type arith func(*run) result

// operation is an operator with its right side.
type operation struct {
	op    operator
	right arith
	at    *site
}

// operator is an arithmetic operator.
type operator uint8

const (
	plus operator = iota + 1
	minus
	times
	divide
	modulo
	bitAnd
	bitOr
	bitXor
	shiftLeft
	shiftRight
)

var operators = map[string]operator{
	"+": plus, "-": minus, "*": times, "/": divide, "%": modulo, "&": bitAnd, "|": bitOr, "^": bitXor, "<<": shiftLeft, ">>": shiftRight,
}

var operatorTexts = [...]string{
	plus: "+", minus: "-", times: "*", divide: "/", modulo: "%", bitAnd: "&", bitOr: "|", bitXor: "^", shiftLeft: "<<", shiftRight: ">>",
}

// String is the operator as a script has it.
func (o operator) String() string { return operatorTexts[o] }

// arith compiles an arithmetic expression. Chains are nested in X, so they are
// followed by a loop.
func (c *compiler) arith(n parser.Expr) arith {
	var ops []operation
	for {
		b, ok := n.(*parser.Binary)
		if !ok || !isArithmetic(b.Op) {
			break
		}
		ops = append(ops, operation{operators[b.Op], c.arithTerm(b.Y), c.site(b)})
		n = b.X
	}
	first := c.arithTerm(n)
	if len(ops) == 0 {
		return first
	}
	slices.Reverse(ops)
	return func(r *run) result {
		v := first(r)
		for i := range ops {
			if v.none {
				return result{none: true}
			}
			right := ops[i].right(r)
			v = r.operate(&ops[i], v, right)
		}
		return v
	}
}

func isArithmetic(op string) bool { return operators[op] != 0 }

func (c *compiler) arithTerm(n parser.Expr) arith {
	defer c.within()()
	switch n := n.(type) {
	case *parser.Paren:
		if n.X == nil {
			break
		}
		return c.arith(n.X)
	case *parser.Number:
		return constant(pv.IntValue(n.Int()))
	case *parser.String:
		return constant(pv.TextValue(n.Value()))
	case *parser.Ident:
		return constant(pv.TextValue(n.Name))
	case *parser.Null:
		return constant(pv.Value{})
	case *parser.Var:
		value := c.variable(n)
		return func(r *run) result { return result{Value: value(r), read: true} }
	case *parser.Unary:
		return c.bitNot(n)
	case *parser.Binary:
		if isArithmetic(n.Op) {
			return c.arith(n)
		}
		cond := c.comparison(n)
		return func(r *run) result {
			t := cond(r)
			return result{Value: pv.IntValue(int64(t)), error: t < truthNo}
		}
	case *parser.Call:
		return c.callValue(n)
	}
	do := c.bad(n, "the expression has an error")
	return func(r *run) result { do(r); return result{none: true, error: true} }
}

func constant(v pv.Value) arith {
	return func(*run) result { return result{Value: v} }
}

func (c *compiler) bitNot(n *parser.Unary) arith {
	x, at := c.arithTerm(n.X), c.site(n)
	return func(r *run) result {
		v := x(r)
		switch {
		case v.none:
			return v
		case !v.IsInt:
			r.warn(at, "~ takes a number, not a %s", typeName(v.Value))
			return result{none: true}
		}
		return result{Value: pv.IntValue(int64(^int32(v.Int)))}
	}
}

// callValue is the code of a call as a number.
func (c *compiler) callValue(n *parser.Call) arith {
	list := c.body(n)
	return func(r *run) result {
		code := r.list(list)
		return result{Value: pv.IntValue(int64(code)), error: code == codeEnd}
	}
}

// operate does an operation as 2.3 does: the left side says whether numbers or
// texts are meant, and NULL on the right is 0 or empty.
func (r *run) operate(o *operation, x, y result) result {
	switch {
	case y.none:
	case isNumber(x.Value) && (y.IsInt || y.IsNull()):
		return r.number(o, int32(x.Int), int32(y.Int))
	case isNumber(x.Value):
		// a text on the right side
	case o.op == plus && (y.isText() || y.IsNull()):
		if text := x.Text + textOf(y.Value); r.use(o.at, text) {
			return result{Value: pv.TextValue(text)}
		}
		return result{none: true}
	case x.IsText && y.isText():
		return r.bits(o, x.Text, textOf(y.Value))
	}
	r.warn(o.at, "%s cannot be done with a %s and a %s", o.op, typeName(x.Value), typeName(y.Value))
	return result{none: true}
}

// isText reports whether the value can be taken for a text.
func (v result) isText() bool { return v.IsText || v.IsInt && v.read }

// shiftMask is what a shift is taken modulo of, as the processor does with 32 bits.
const shiftMask = 31

// number computes with 32 bits, which wrap.
func (r *run) number(o *operation, x, y int32) result {
	v, ok := compute(o.op, x, y)
	if !ok {
		r.warn(o.at, "division by 0")
		return result{none: true}
	}
	return result{Value: pv.IntValue(int64(v))}
}

// compute is false for a division by 0.
func compute(op operator, x, y int32) (v int32, ok bool) {
	switch op {
	case plus:
		return x + y, true
	case minus:
		return x - y, true
	case times:
		return x * y, true
	case bitAnd:
		return x & y, true
	case bitOr:
		return x | y, true
	case bitXor:
		return x ^ y, true
	case shiftLeft:
		return x << (uint32(y) & shiftMask), true
	case shiftRight:
		return x >> (uint32(y) & shiftMask), true
	}
	switch {
	case y == 0:
		return 0, false
	case op == divide:
		return x / y, true
	}
	return x % y, true
}

// bits does an operation on the bytes of two texts of the same length.
func (r *run) bits(o *operation, x, y string) result {
	if len(x) != len(y) || o.op != bitAnd && o.op != bitOr && o.op != bitXor {
		r.warn(o.at, "%s cannot be done with texts of %d and %d bytes", o.op, len(x), len(y))
		return result{none: true}
	}
	out := []byte(x)
	for i := range out {
		v, _ := compute(o.op, int32(x[i]), int32(y[i]))
		out[i] = byte(v)
	}
	return result{Value: pv.TextValue(string(out))}
}
