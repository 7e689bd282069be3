package route

import (
	"cmp"
	"net/netip"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
	"github.com/opensips-tools/tlsmgm/parser"
)

// operandComparison compares an operand that has a word of its own, up to 2.3.
func (c *compiler) operandComparison(n *parser.Binary, x *parser.Operand, y parser.Expr) condition {
	cond := c.operandTerm(n, x, y)
	if cond == nil {
		do := c.bad(n, "the comparison has an error")
		return func(r *run) truth { do(r); return truthEnd }
	}
	return cond
}

// textOperands are the operands that are texts; ok is false where there is none.
var textOperands = map[string]func(*run) (text string, ok bool){
	"method":   func(r *run) (string, bool) { return r.message.Method(), true },
	"uri":      func(r *run) (string, bool) { return r.scope.CurrentURI(), true },
	"from_uri": func(r *run) (string, bool) { u := r.message.From().URI; return u, u != "" },
	"to_uri":   func(r *run) (string, bool) { u := r.message.To().URI; return u, u != "" },
	"status":   func(r *run) (string, bool) { return statusText(r.message), !r.message.IsRequest() },
}

// addressOperands are the operands that are addresses.
var addressOperands = map[string]func(*run) netip.Addr{
	"src_ip": func(r *run) netip.Addr { return r.scope.Source.Addr().Unmap() },
	"dst_ip": func(r *run) netip.Addr { return r.scope.Socket.Addr().Unmap() },
}

// Address families as Linux numbers them.
const (
	familyIPv4 = 2
	familyIPv6 = 10
)

// maxMessage is max_len, the longest message that a server takes.
const maxMessage = 65535

// numberOperands are the operands that are numbers.
var numberOperands = map[string]func(*run) int64{
	"src_port": func(r *run) int64 { return int64(r.scope.Source.Port()) },
	"dst_port": func(r *run) int64 { return int64(r.scope.Socket.Port()) },
	"msg:len":  func(r *run) int64 { return int64(len(r.message.Raw())) },
	"af": func(r *run) int64 {
		if r.scope.Source.Addr().Unmap().Is4() {
			return familyIPv4
		}
		return familyIPv6
	},
}

func statusText(m *sipmsg.Message) string {
	return number(int64(m.Status())).Text
}

func (c *compiler) operandTerm(n *parser.Binary, x *parser.Operand, y parser.Expr) condition {
	if text, ok := textOperands[x.Name]; ok {
		return c.textOperand(n, x, y, text)
	}
	if address, ok := addressOperands[x.Name]; ok {
		return c.addressOperand(n, y, address)
	}
	if number, ok := numberOperands[x.Name]; ok {
		return numberOperand(n.Op, y, number)
	}
	if proto, ok := y.(*parser.Ident); ok && x.Name == "proto" {
		return func(r *run) truth { return truthOf(strings.EqualFold(r.scope.Proto, proto.Name) == (n.Op == "==")) }
	}
	return nil
}

func (c *compiler) textOperand(n *parser.Binary, x *parser.Operand, y parser.Expr, text func(*run) (string, bool)) condition {
	op := n.Op
	if _, ok := y.(*parser.Myself); ok {
		return uriIsMyself(op, x.Name, text)
	}
	if s, ok := y.(*parser.String); ok && isMatch(op) {
		re := c.pattern(s)
		return func(r *run) truth {
			v, ok := text(r)
			r.readOperand(x.Name, v, ok)
			if re == nil || !ok {
				return truthError
			}
			return truthOf(re.MatchString(v) == (op == "=~"))
		}
	}
	want, ok := operandText(y)
	if !ok {
		return nil
	}
	relation := relations[op]
	return func(r *run) truth {
		v, ok := text(r)
		r.readOperand(x.Name, v, ok)
		if !ok {
			return truthError
		}
		return relation.holds(compareFold(v, want))
	}
}

// readOperand tells what an operand was.
func (r *run) readOperand(name, text string, ok bool) {
	if r.tracer == nil {
		return
	}
	v := Variable{Name: name}
	if ok {
		v.Value = text
	}
	r.reads = append(r.reads, v)
}

// operandText is the text that an operand is compared with, written with or
// without quotes.
func operandText(y parser.Expr) (string, bool) {
	switch y := y.(type) {
	case *parser.String:
		return y.Value(), true
	case *parser.Ident:
		return y.Name, true
	case *parser.HostName:
		return y.Name, true
	case *parser.IP:
		return y.Text, true
	case *parser.Number:
		return number(y.Int()).Text, true
	}
	return "", false
}

// addressOperand compares src_ip or dst_ip. A host name equals no address, since
// names are not looked up.
func (c *compiler) addressOperand(n *parser.Binary, y parser.Expr, address func(*run) netip.Addr) condition {
	op := n.Op
	is := c.addressTest(n, y)
	if is == nil {
		return nil
	}
	return func(r *run) truth {
		ip := address(r)
		if r.tracer != nil {
			r.reads = append(r.reads, Variable{operandName(n), ip.String()})
		}
		v := is(r, ip)
		if isUnlike(op) {
			return v.not()
		}
		return v
	}
}

func operandName(n *parser.Binary) string {
	for _, e := range []parser.Expr{n.X, n.Y} {
		if o, ok := e.(*parser.Operand); ok {
			return o.Name
		}
	}
	return ""
}

// addressTest is whether an address is what it is compared with.
func (c *compiler) addressTest(n *parser.Binary, y parser.Expr) func(*run, netip.Addr) truth {
	if !isMatch(n.Op) && n.Op != "==" && n.Op != "!=" {
		return nil
	}
	switch y := y.(type) {
	case *parser.Myself:
		return func(r *run, ip netip.Addr) truth { return truthOf(r.program.self.is(ip.String(), 0)) }
	case *parser.Network:
		network, ok := networkOf(y)
		if !ok {
			return nil
		}
		return func(_ *run, ip netip.Addr) truth { return truthOf(network.contains(ip)) }
	case *parser.String:
		if isMatch(n.Op) {
			re := c.pattern(y)
			return func(_ *run, ip netip.Addr) truth {
				if re == nil || n.Op == "!~" { // which no server can do with an address
					return truthError
				}
				return truthOf(re.MatchString(ip.String()))
			}
		}
	}
	want, ok := operandText(y)
	if !ok {
		return nil
	}
	wanted, err := netip.ParseAddr(want)
	if err != nil {
		c.report(ruleStatement, y, "the host name "+want+" is not looked up: no address is equal to it", "write its address")
	}
	return func(_ *run, ip netip.Addr) truth { return truthOf(err == nil && ip == wanted.Unmap()) }
}

func numberOperand(op string, y parser.Expr, number func(*run) int64) condition {
	want := int64(maxMessage)
	switch y := y.(type) {
	case *parser.Number:
		want = y.Int()
	case *parser.Ident: // max_len
	default:
		return nil
	}
	relation := relations[op]
	return func(r *run) truth { return relation.holds(cmp.Compare(number(r), want)) }
}
