package parser

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// A signature is what a core function takes.
type signature struct {
	bare   bool // may stand without brackets
	shapes [][]argKind
	joined bool // adjacent strings in the last place are one
}

type argKind uint8

const (
	argInt argKind = iota
	argSigned
	argString
	argVar
	argIdent
	argHost
	argSocket
	argRoute
	argParams
	argCall
	argExpr
)

// argKinds are the words that shapes are written with.
var argKinds = map[string]argKind{
	"int": argInt, "signed": argSigned, "string": argString, "var": argVar, "id": argIdent, "host": argHost,
	"socket": argSocket, "route": argRoute, "params...": argParams, "return_params": argParams, "call": argCall, "expression": argExpr,
}

var argWants = [...]string{
	argInt: "a number", argSigned: "a number", argString: "a string", argVar: "a script variable", argIdent: "a word",
	argHost: "an address or a host name", argSocket: "proto:host or proto:host:port", argRoute: "the name of a route",
	argParams: "a value", argCall: "a function", argExpr: "a condition",
}

func parseSignature(shapes []string) (*signature, error) {
	sig := &signature{}
	for _, shape := range shapes {
		if shape == "-" {
			sig.bare = true
			continue
		}
		inner, ok := strings.CutPrefix(shape, "(")
		inner, ok2 := strings.CutSuffix(inner, ")")
		if !ok || !ok2 {
			return nil, fmt.Errorf("shape %q has no brackets", shape)
		}
		var kinds []argKind
		for word := range strings.SplitSeq(inner, ",") {
			if word = strings.TrimSpace(word); word == "" {
				continue
			}
			kind, known := argKinds[word]
			if !known {
				return nil, fmt.Errorf("shape %q has an unknown kind of argument %q", shape, word)
			}
			kinds = append(kinds, kind)
		}
		sig.shapes = append(sig.shapes, kinds)
	}
	if len(sig.shapes) > 64 {
		return nil, fmt.Errorf("%d shapes are more than 64", len(sig.shapes))
	}
	return sig, nil
}

// call is a call of a core function, a route or a function of a module.
func (r *reader) call() *Call {
	t := r.next()
	c := &Call{Name: &Ident{t.extent(), t.text}, Core: t.kind != kindIdent}
	switch {
	case !c.Core:
		r.moduleArgs(c)
	default:
		r.coreArgs(c, r.dialect.statements[t.text])
	}
	c.Extent = r.from(c.Name.From)
	return c
}

// moduleArgs are strings with commas between them; a position may be empty. The
// reader takes numbers too, which the server tells about and refuses later;
// variables without quotes came with 3.0.
func (r *reader) moduleArgs(c *Call) {
	if r.kind() != kindLParen {
		e := r.wrong(`"("`)
		e.help = r.adviseBareWord(c.Name.Name)
		panic(e)
	}
	open := r.openParen()
	for r.kind() != kindRParen {
		c.Args = append(c.Args, r.moduleArg())
		if r.kind() != kindComma {
			break
		}
		r.next()
		if r.kind() == kindRParen {
			c.Args = append(c.Args, nil)
		}
	}
	r.closeParen(`"," or ")"`, open)
}

// adviseBareWord says what a word without brackets may have been meant for.
func (r *reader) adviseBareWord(word string) string {
	old, isOld := operandVariables[word]
	switch k := r.kind(); {
	case isOld && (k == kindEqualOp || k == kindOrderOp || k == kindMatchOp || k == kindColon):
		return "up to 2.3 this was an operand of its own: write " + old
	case k == kindAssign || k == kindAssignOp || k == kindEqualOp || k == kindOrderOp || k == kindMatchOp:
		return fmt.Sprintf("a variable begins with a $: write $%s or $var(%s)", word, word)
	case k == kindSemicolon || k == kindRParen || k == kindAndOr:
		return fmt.Sprintf("to call the function write %s(), a text stands in quotes", word)
	}
	return "a call has its arguments in brackets"
}

// operandVariables are the variables that have what the operands had.
var operandVariables = map[string]string{
	"method": "$rm", "uri": "$ru", "status": "$rs", "from_uri": "$fu", "to_uri": "$tu", "src_ip": "$si", "src_port": "$sp",
	"dst_ip": "$Ri", "dst_port": "$Rp", "proto": "$pr", "af": "$af", "msg": "$ml",
}

func (r *reader) moduleArg() Expr {
	switch k := r.kind(); {
	case k == kindComma:
		return nil
	case k == kindString:
		return r.stringToken()
	case k == kindNumber:
		return r.unsigned()
	case r.dialect.has.VariableArguments && k == kindVar:
		return r.scriptVar()
	case r.dialect.has.VariableArguments && r.atSign():
		return r.signed()
	}
	e := r.wrong("a string")
	if r.kind() == kindVar {
		e.help = fmt.Sprintf("up to 2.4 an argument is a string: write \"%s\"", shorten(r.peek().text))
	}
	panic(e)
}

// coreArgs reads the arguments of a core function. All shapes that fit so far
// are followed at once, so that the error is at the first token that fits none.
func (r *reader) coreArgs(c *Call, sig *signature) {
	if sig == nil {
		r.fail("an action of this version")
	}
	if r.kind() != kindLParen {
		if !sig.bare {
			r.fail(`"("`)
		}
		c.Bare = true
		return
	}
	open := r.openParen()
	if r.kind() == kindRParen && slices.ContainsFunc(sig.shapes, func(s []argKind) bool { return len(s) == 0 }) {
		r.closeParen(`")"`, open)
		return
	}
	live := uint64(1)<<len(sig.shapes) - 1
	for at := 0; ; at++ {
		live = r.coreArg(c, sig, live, at)
		more, done := sig.after(live, at)
		switch {
		case more && r.accept(kindComma):
			continue
		case !done:
			r.fail(`","`)
		case more:
			r.closeParen(`"," or ")"`, open)
		default:
			r.closeParen(`")"`, open)
		}
		return
	}
}

// each calls f for the live shapes that have an argument at a position.
func (s *signature) each(live uint64, at int, f func(shape int, kind argKind)) {
	for ; live != 0; live &= live - 1 {
		i := bits.TrailingZeros64(live)
		if shape := s.shapes[i]; at < len(shape) {
			f(i, shape[at])
		} else if repeats(shape) {
			f(i, argParams)
		}
	}
}

// repeats reports whether the last argument of a shape may stand any number of
// times.
func repeats(shape []argKind) bool { return len(shape) > 0 && shape[len(shape)-1] == argParams }

// after says whether the live shapes go on behind an argument, and whether one
// ends there.
func (s *signature) after(live uint64, at int) (more, done bool) {
	for ; live != 0; live &= live - 1 {
		shape := s.shapes[bits.TrailingZeros64(live)]
		more = more || len(shape) > at+1 || repeats(shape)
		done = done || len(shape) <= at+1
	}
	return more, done
}

// coreArg reads one argument and returns the shapes that it fits.
func (r *reader) coreArg(c *Call, sig *signature, live uint64, at int) uint64 {
	var fits uint64
	var kind argKind
	sig.each(live, at, func(shape int, k argKind) {
		if r.begins(k) {
			fits |= 1 << shape
			kind = k
		}
	})
	if fits == 0 {
		e := r.wrong(sig.want(live, at))
		panic(e)
	}
	arg := r.argument(kind)
	if s, ok := arg.(*String); ok && sig.joined && r.kind() == kindString {
		arg = r.joinedStrings(s)
		// What is joined is the last argument.
		for i, shape := range sig.shapes {
			if len(shape) > at+1 {
				fits &^= 1 << i
			}
		}
	}
	c.Args = append(c.Args, arg)
	return fits
}

func (s *signature) want(live uint64, at int) string {
	var wants []string
	s.each(live, at, func(_ int, kind argKind) {
		if !slices.Contains(wants, argWants[kind]) {
			wants = append(wants, argWants[kind])
		}
	})
	if len(wants) == 0 {
		return `")"`
	}
	return strings.Join(wants, " or ")
}

// begins reports whether an argument of the kind can begin here.
func (r *reader) begins(kind argKind) bool {
	switch k := r.kind(); kind {
	case argInt:
		return k == kindNumber
	case argSigned:
		return r.atNumber()
	case argString:
		return k == kindString
	case argVar:
		return k == kindVar
	case argIdent:
		return k == kindIdent
	default:
		return true
	}
}

func (r *reader) argument(kind argKind) Expr {
	switch kind {
	case argInt, argSigned:
		return r.signed()
	case argString:
		return r.stringToken()
	case argVar:
		return r.scriptVar()
	case argIdent:
		return r.ident()
	case argHost:
		return r.host()
	case argSocket:
		return r.socket(false)
	case argRoute:
		return r.routeName()
	case argParams:
		return r.routeParam()
	case argCall:
		return r.asyncCall()
	default:
		return r.exp()
	}
}

// asyncCall is the function that async or launch calls, always of a module.
func (r *reader) asyncCall() *Call {
	if r.kind() != kindIdent {
		r.fail("a function of a module")
	}
	return r.call()
}

func (r *reader) joinedStrings(first *String) *Strings {
	s := &Strings{Parts: []*String{first}}
	for r.kind() == kindString {
		s.Parts = append(s.Parts, r.stringToken())
	}
	s.Extent = r.from(first.From)
	return s
}

// routeParam is a value that a route is called with.
func (r *reader) routeParam() Expr {
	switch k := r.kind(); {
	case k == kindString:
		return r.stringToken()
	case k == kindNumber:
		return r.unsigned()
	case k == kindVar:
		return r.scriptVar()
	case k == kindNull:
		return &Null{r.next().extent()}
	case r.dialect.has.SignedRouteParams && r.atSign():
		return r.signed()
	}
	r.fail("a string, a number, a script variable or NULL")
	return nil
}
