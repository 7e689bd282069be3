package parser

// block is { … }; a route needs at least one action in it, a nested block does
// not.
func (r *reader) block(filled bool) *Block {
	open := r.expect(kindLBrace, `"{"`)
	r.grow(1)
	r.braces++
	b := &Block{}
	if filled && r.kind() == kindRBrace {
		e := r.wrong("an action")
		e.help = "the body of a route cannot be empty: write \"exit;\" or remove the route"
		r.note(e)
	}
	b.Actions = r.actions(open)
	if r.kind() == kindRBrace {
		r.next()
	}
	r.braces--
	r.shrink(1)
	b.Extent = r.from(open.at)
	return b
}

// actions reads up to the bracket that closes the block, or up to where the
// text shows that it is missing.
func (r *reader) actions(open *token) []Action {
	var actions []Action
	for {
		switch k := r.kind(); {
		case k == kindRBrace:
			return actions
		case k == kindEOF || r.atRoute():
			r.unclosed(open)
			return actions
		}
		actions = append(actions, r.action())
	}
}

// unclosed notes that the block that open begins has no end. The blocks around
// it have none either, which is not worth another error.
func (r *reader) unclosed(open *token) {
	if r.abandoned {
		return
	}
	r.abandoned = true
	e := r.wrong(`"}"`)
	e.other, e.otherText = open.extent(), "this bracket is still open"
	r.note(e)
}

// note keeps an error for the report and lets the reader go on. After too many
// of them it goes on at the end of the file.
func (r *reader) note(e *syntaxError) {
	if len(r.errors) < maxErrors {
		r.errors = append(r.errors, e)
		return
	}
	r.at, r.abandoned = len(r.tokens)-1, true
}

// action reads one action. If that fails it notes the error and goes on behind
// the action.
func (r *reader) action() (a Action) {
	start, before := r.here(), r.nesting
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *syntaxError:
			r.note(e)
			r.skipAction(r.braces - before.braces)
			r.nesting = before
			a = &BadAction{r.from(start)}
		case abandon:
			a = &BadAction{r.from(start)}
		default:
			panic(e)
		}
	}()
	return r.anyAction()
}

// skipAction goes on behind the action that has an error: behind its semicolon
// or the bracket that ends its last block. depth is how many brackets were
// opened since the action began.
func (r *reader) skipAction(depth int) {
	for {
		switch k := r.kind(); {
		case k == kindEOF || r.atRoute():
			return
		case k == kindSemicolon && depth == 0:
			r.next()
			return
		case k == kindLBrace:
			depth++
		case k == kindRBrace && depth == 0:
			return
		case k == kindRBrace:
			depth--
			r.next()
			if depth == 0 && r.kind() != kindElse {
				return
			}
			continue
		}
		r.next()
	}
}

func (r *reader) anyAction() Action {
	switch t := r.peek(); t.kind {
	case kindIdent, kindStatement, kindRoute:
		call := r.call()
		r.semicolon()
		return call
	case kindVar:
		assign := r.assignment(r.scriptVar())
		r.semicolon()
		return assign
	case kindIf:
		return r.ifAction()
	case kindWhile:
		return r.whileAction()
	case kindFor:
		return r.forEach()
	case kindSwitch:
		return r.switchAction()
	case kindSemicolon:
		return &Empty{r.next().extent()}
	case kindElse:
		return r.strayElse()
	}
	r.fail("an action")
	return nil
}

// semicolon ends an action. Where the next one plainly begins instead, the
// missing semicolon is all that is wrong.
func (r *reader) semicolon() {
	if r.accept(kindSemicolon) {
		return
	}
	e := r.wrong(`";"`)
	e.help = "end the action with a semicolon"
	switch r.kind() {
	case kindIdent, kindStatement, kindRoute, kindVar, kindIf, kindWhile, kindFor, kindSwitch,
		kindCase, kindDefault, kindBreak, kindRBrace, kindEOF, kindRouteKind:
		r.note(e)
	default:
		panic(e)
	}
}

// strayElse is an else without an if: most often the if has more than one
// action and no brackets. What follows is read as an action of its own.
func (r *reader) strayElse() Action {
	e := r.wrong("an action")
	e.help = "an else follows one action or one block: put the actions of the if in { }"
	r.note(e)
	r.next()
	return r.stm()
}

// stm is what may follow a condition: an action or a block, which may be empty.
func (r *reader) stm() Action {
	if r.kind() == kindLBrace {
		return r.block(false)
	}
	return r.anyAction()
}

func (r *reader) ifAction() *If {
	start := r.here()
	r.next()
	r.grow(2)
	n := &If{Cond: r.condition(), Then: r.stm()}
	if r.accept(kindElse) {
		r.grow(2)
		n.Else = r.stm()
		r.shrink(2)
	}
	r.shrink(2)
	n.Extent = r.from(start)
	return n
}

func (r *reader) whileAction() *While {
	start := r.here()
	r.next()
	r.grow(2)
	n := &While{Cond: r.condition(), Body: r.stm()}
	r.shrink(2)
	n.Extent = r.from(start)
	return n
}

// condition reads the condition of an if or a while. If it has an error and
// stands in brackets, the action behind the brackets is read all the same.
func (r *reader) condition() (x Expr) {
	start, before := r.here(), r.nesting
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *syntaxError:
			if !r.skipParens(before.parens) {
				panic(e)
			}
			r.note(e)
			r.nesting = before
			x = &Paren{r.from(start), nil}
		default:
			panic(e)
		}
	}()
	return r.exp()
}

// skipParens goes behind the bracket that closes all but some of those that are
// open; not over what cannot stand in a condition, nor to where the condition
// goes on.
func (r *reader) skipParens(but int) bool {
	if r.parens == but {
		return false
	}
	for r.parens > but {
		switch r.kind() {
		case kindLParen:
			r.parens++
		case kindRParen:
			r.parens--
		case kindEOF, kindSemicolon, kindLBrace, kindRBrace, kindRouteKind:
			return false
		case kindRoute:
			if r.atRoute() {
				return false
			}
		}
		r.next()
	}
	return r.kind() != kindAndOr
}

func (r *reader) forEach() *ForEach {
	start := r.here()
	r.next()
	r.expect(kindLParen, `"("`)
	n := &ForEach{Var: r.scriptVar()}
	r.expect(kindIn, "\"in\"")
	n.In = r.scriptVar()
	r.expect(kindRParen, `")"`)
	r.grow(3)
	n.Body = r.stm()
	r.shrink(3)
	n.Extent = r.from(start)
	return n
}

func (r *reader) switchAction() *Switch {
	start := r.here()
	r.next()
	r.expect(kindLParen, `"("`)
	n := &Switch{Var: r.scriptVar()}
	r.expect(kindRParen, `")"`)
	open := r.expect(kindLBrace, `"{"`)
	r.grow(6)
	r.braces++
	n.Cases = r.cases(open)
	r.expect(kindRBrace, `"}"`)
	r.braces--
	r.shrink(6)
	n.Extent = r.from(start)
	return n
}

// cases are one or more cases, and at most one default behind them.
func (r *reader) cases(open *token) []*Case {
	if r.kind() != kindCase {
		r.fail("\"case\"")
	}
	var cases []*Case
	for r.kind() == kindCase {
		cases = append(cases, r.caseOf(open))
	}
	if r.kind() == kindDefault {
		cases = append(cases, r.defaultCase(open))
	}
	if r.kind() != kindRBrace {
		e := r.wrong(`"}"`)
		switch r.kind() {
		case kindCase:
			e.help = "default is the last of a switch"
		case kindBreak:
			e.help = "break ends a case and nothing else: neither default nor what stands within an if"
		}
		e.other, e.otherText = open.extent(), "the switch begins here"
		panic(e)
	}
	return cases
}

func (r *reader) caseOf(open *token) *Case {
	start := r.here()
	r.next()
	n := &Case{Label: r.literal()}
	r.expect(kindColon, `":"`)
	n.Body = r.caseBody(open)
	if r.accept(kindBreak) {
		n.Break = true
		r.expect(kindSemicolon, `";"`)
		if k := r.kind(); k != kindCase && k != kindDefault && k != kindRBrace {
			e := r.wrong("\"case\", \"default\" or \"}\"")
			e.help = "break is the last of a case"
			r.note(e)
			n.Body = append(n.Body, r.caseBody(open)...)
		}
	}
	n.Extent = r.from(start)
	return n
}

func (r *reader) defaultCase(open *token) *Case {
	start := r.here()
	r.next()
	r.expect(kindColon, `":"`)
	n := &Case{Body: r.caseBody(open)}
	n.Extent = r.from(start)
	return n
}

func (r *reader) caseBody(open *token) []Action {
	var actions []Action
	for {
		switch k := r.kind(); {
		case k == kindCase || k == kindDefault || k == kindBreak || k == kindRBrace:
			return actions
		case k == kindEOF || r.atRoute():
			r.unclosed(open)
			panic(abandon{})
		}
		actions = append(actions, r.action())
	}
}

// abandon leaves a switch whose end is missing.
type abandon struct{}
