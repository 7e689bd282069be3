package parser

// exp is a condition. "and" and "or" have the same precedence, as the server
// has it.
func (r *reader) exp() Expr {
	start := r.here()
	x := r.notExp()
	for r.kind() == kindAndOr {
		op := r.next()
		y := r.notExp()
		x = &Binary{r.from(start), op.text, x, y}
	}
	return x
}

func (r *reader) notExp() Expr {
	start := r.here()
	switch r.kind() {
	case kindNot:
		op := r.next()
		r.grow(1)
		x := r.notExp()
		r.shrink(1)
		return &Unary{r.from(start), op.text, x}
	case kindLParen:
		open := r.openParen()
		r.grow(1)
		x := r.exp()
		r.closeParen(`")"`, open)
		r.shrink(1)
		return &Paren{r.from(start), x}
	case kindLBracket:
		open := r.next()
		r.grow(1)
		x := r.arith()
		r.close(kindRBracket, `"]"`, open)
		r.shrink(1)
		return &Arith{r.from(start), x}
	}
	return r.expElem()
}

func (r *reader) expElem() Expr {
	switch t := r.peek(); t.kind {
	case kindVar:
		v := r.scriptVar()
		switch r.kind() {
		case kindEqualOp, kindOrderOp, kindMatchOp:
			return r.comparison(v)
		case kindAssign, kindAssignOp:
			return r.assignment(v)
		}
		return v
	case kindOperand, kindMyself:
		return r.oldCondition(true)
	case kindNumber:
		return r.unsigned()
	case kindIf:
		return r.ifAction()
	case kindLBrace:
		return r.block(false)
	case kindIdent, kindStatement, kindRoute:
		return r.call()
	case kindArithOp:
		if r.atSign() {
			return r.signed()
		}
	}
	r.fail(wantCondition)
	return nil
}

// comparison goes on after the variable on its left side.
func (r *reader) comparison(v *Var) Expr {
	op := r.next()
	equal, match := op.kind == kindEqualOp, op.kind == kindMatchOp
	var y Expr
	switch k := r.kind(); {
	case k == kindVar:
		y = r.scriptVar()
	case k == kindString:
		y = r.stringToken()
	case k == kindIdent && r.dialect.has.BareIdentifierOperand:
		y = r.ident()
	case !match && r.atNumber():
		y = r.signed()
	case equal && k == kindNull:
		y = &Null{r.next().extent()}
	case equal && k == kindMyself:
		y = &Myself{r.next().extent()}
	case equal && r.dialect.has.NetworkOperand && r.atAddress():
		y = r.network()
	default:
		r.fail(r.operandWant(match))
	}
	return &Binary{r.from(v.From), op.text, v, y}
}

func (r *reader) operandWant(match bool) string {
	if match {
		return "a string or a script variable"
	}
	return wantValue
}

func (r *reader) atNumber() bool { return r.kind() == kindNumber || r.atSign() }

func (r *reader) atAddress() bool {
	switch r.kind() {
	case kindIPv4, kindIPv6, kindNetwork, kindLBracket:
		return true
	}
	return false
}

// An operandKind is what the old conditions compare an operand with.
type operandKind int

const (
	operandMethod operandKind = iota
	operandURI
	operandIP
	operandPort
	operandProto
	operandFamily
	operandLength
)

var operandKinds = map[string]operandKind{
	"method": operandMethod, "uri": operandURI, "status": operandURI, "from_uri": operandURI, "to_uri": operandURI,
	"src_ip": operandIP, "dst_ip": operandIP, "src_port": operandPort, "dst_port": operandPort,
	"proto": operandProto, "af": operandFamily, "msg:len": operandLength,
}

// oldCondition is a comparison of method, src_ip and the like. Host names and
// networks without quotes may stand in a condition only, not within arithmetic.
func (r *reader) oldCondition(condition bool) Expr {
	t := r.next()
	if t.kind == kindMyself {
		return r.myselfCondition(t)
	}
	x := &Operand{t.extent(), t.text}
	kind := operandKinds[t.text]
	op := r.operandOperator(kind)
	y := r.operandValue(kind, op, condition)
	return &Binary{r.from(x.From), op.text, x, y}
}

func (r *reader) operandOperator(kind operandKind) *token {
	switch r.kind() {
	case kindEqualOp, kindOrderOp:
		return r.next()
	case kindMatchOp:
		if kind == operandMethod || kind == operandURI || kind == operandIP {
			return r.next()
		}
	}
	r.fail(wantComparison)
	return nil
}

func (r *reader) operandValue(kind operandKind, op *token, condition bool) Expr {
	equal := op.kind == kindEqualOp
	switch k := r.kind(); kind {
	case operandMethod:
		if k == kindIdent {
			return r.ident()
		}
		return r.stringToken()
	case operandURI, operandIP:
		return r.uriOrIPValue(kind, equal, condition)
	case operandProto:
		return r.protocol()
	case operandLength:
		if k == kindMaxLen {
			t := r.next()
			return &Ident{t.extent(), t.text}
		}
	}
	return r.unsigned()
}

func (r *reader) uriOrIPValue(kind operandKind, equal, condition bool) Expr {
	switch k := r.kind(); {
	case k == kindString:
		return r.stringToken()
	case equal && k == kindMyself:
		return &Myself{r.next().extent()}
	case condition && k == kindIdent:
		return r.restOfHostName(r.ident())
	case condition && equal && kind == operandIP && r.atHost():
		return r.network()
	}
	r.fail("a string, an address, a host name or \"myself\"")
	return nil
}

func (r *reader) myselfCondition(t *token) Expr {
	x := &Myself{t.extent()}
	op := r.expect(kindEqualOp, "\"==\" or \"!=\"")
	t = r.peek()
	if kind := operandKinds[t.text]; t.kind != kindOperand || kind != operandURI && kind != operandIP {
		r.fail("\"uri\", \"src_ip\" or another address of the message")
	}
	r.next()
	return &Binary{r.from(x.From), op.text, x, &Operand{t.extent(), t.text}}
}

// assignment goes on after the variable on the left side.
func (r *reader) assignment(v *Var) *Assign {
	if k := r.kind(); k != kindAssign && k != kindAssignOp {
		r.fail(wantAssignment)
	}
	op := r.next()
	a := &Assign{Var: v, Op: op.text}
	if r.kind() == kindNull && (op.text == "=" || op.text == ":=") {
		a.Value = &Null{r.next().extent()}
	} else {
		a.Value = r.arith()
	}
	a.Extent = r.from(v.From)
	return a
}

// arith is an arithmetic expression: the operators on bits bind less than the
// others, which all bind alike.
func (r *reader) arith() Expr {
	start := r.here()
	x := r.sum()
	for r.kind() == kindBitOp {
		op := r.next()
		y := r.sum()
		x = &Binary{r.from(start), op.text, x, y}
	}
	return x
}

func (r *reader) sum() Expr {
	start := r.here()
	x := r.arithTerm()
	for r.kind() == kindArithOp {
		op := r.next()
		y := r.arithTerm()
		x = &Binary{r.from(start), op.text, x, y}
	}
	return x
}

func (r *reader) arithTerm() Expr {
	start := r.here()
	switch t := r.peek(); t.kind {
	case kindBitNot:
		r.next()
		r.grow(1)
		x := r.arithTerm()
		r.shrink(1)
		return &Unary{r.from(start), t.text, x}
	case kindLParen:
		r.openParen()
		r.grow(1)
		x := r.arith()
		r.closeParen(`")"`, t)
		r.shrink(1)
		return &Paren{r.from(start), x}
	case kindString:
		return r.stringToken()
	case kindVar:
		v := r.scriptVar()
		if k := r.kind(); k == kindEqualOp || k == kindOrderOp || k == kindMatchOp {
			return r.comparison(v)
		}
		return v
	case kindOperand, kindMyself:
		return r.oldCondition(false)
	case kindIdent:
		return r.wordOrCall()
	case kindStatement, kindRoute:
		return r.call()
	}
	if r.atNumber() {
		return r.signed()
	}
	r.fail(wantValue)
	return nil
}

// wordOrCall is a bare word that stands for a string, or a call.
func (r *reader) wordOrCall() Expr {
	before := r.at
	word := r.ident()
	if r.kind() != kindLParen && r.dialect.has.BareIdentifierOperand {
		return word
	}
	r.at = before
	return r.call()
}
