package parser

import "fmt"

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
		case k == kindEOF || r.atStatement():
			r.missingEnd(open)
			return actions
		}
		actions = append(actions, r.action())
	}
}

// missingEnd notes that the block that open begins has no end. The blocks around
// it have none either, which is not worth another error.
func (r *reader) missingEnd(open *token) {
	if r.abandoned {
		return
	}
	e := r.wrong(`"}"`).relate(open.extent(), "this bracket is still open")
	if open, closing := r.misplaced(); open != nil {
		e.relate(open.extent(), "this bracket may be the one that is not closed").
			relate(closing.extent(), "because this one, which now closes it, stands further left")
	}
	r.note(e)
	r.abandoned = true
	r.unclosed++
}

// note keeps an error for the report and lets the reader go on. After too many
// of them it goes on at the end of the file.
func (r *reader) note(e *syntaxError) {
	if len(r.errors) < maxErrors {
		r.errors = append(r.errors, e)
		// What is still open at the end of the file follows from this error.
		r.abandoned = r.abandoned || e.at.kind == kindEOF
		return
	}
	r.at, r.abandoned = len(r.tokens)-1, true
}

// action reads one action. If that fails it notes the error and goes on behind
// the action.
func (r *reader) action() (a Action) {
	start, first, before := r.here(), r.at, r.nesting
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *syntaxError:
			r.note(e)
			vars := r.varsFrom(first)
			r.skipAction(r.braces - before.braces)
			r.nesting = before
			a = &BadAction{r.from(start), vars}
		case abandon:
			a = &BadAction{Extent: r.from(start)}
		default:
			panic(e)
		}
	}()
	return r.anyAction()
}

// varsFrom are the variables from a token on to here.
func (r *reader) varsFrom(first int) []*Var {
	var vars []*Var
	for i := first; i < r.at; i++ {
		if t := &r.tokens[i]; t.kind == kindVar {
			vars = append(vars, &Var{t.extent(), t.text})
		}
	}
	return vars
}

// skipAction goes on behind the action that has an error: behind its semicolon
// or the bracket that ends its last block. depth is how many brackets were
// opened since the action began.
func (r *reader) skipAction(depth int) {
	for {
		switch k := r.kind(); {
		case k == kindEOF || r.atStatement():
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
	case kindCase, kindDefault, kindBreak:
		e := r.wrong("an action")
		e.help = fmt.Sprintf("%s stands in a switch only, and not within an if there", t.text)
		panic(e)
	case kindRParen:
		e := r.wrong("an action")
		e.help = "there is one ) more than ("
		panic(e)
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
	switch r.kind() {
	case kindIdent, kindStatement, kindRoute, kindVar, kindIf, kindElse, kindWhile, kindFor, kindSwitch,
		kindCase, kindDefault, kindBreak, kindRBrace, kindEOF, kindRouteKind:
		e.help = "end the action with a semicolon"
		end := r.last().end()
		r.note(e.relate(Extent{end, end}, "the semicolon is missing here"))
	case kindRParen:
		e.help = "there is one ) more than ("
		panic(e)
	case kindNumber:
		if r.last().kind == kindStatement {
			e.help = fmt.Sprintf("put the value in brackets: %s(%s)", r.last().text, r.peek().text)
		}
		panic(e)
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
func (r *reader) condition() Expr {
	start, first, before := r.here(), r.at, r.nesting
	x, e := r.tryExp()
	if e == nil {
		return x
	}
	vars := r.varsFrom(first)
	if !r.skipParens(before.parens) {
		panic(e)
	}
	r.note(e)
	r.nesting = before
	return &BadExpr{r.from(start), vars}
}

// tryExp is attempt for an expression.
func (r *reader) tryExp() (x Expr, e *syntaxError) {
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case *syntaxError:
			e = thrown
		default:
			panic(thrown)
		}
	}()
	return r.exp(), nil
}

// skipParens goes behind the bracket that closes all but some of those that are
// open, or to the block where one plainly is not closed; not over what cannot
// stand in a condition, nor to where the condition goes on.
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
		case kindLBrace:
			return true
		case kindEOF, kindSemicolon, kindRBrace:
			return false
		}
		if r.atStatement() {
			return false
		}
		r.next()
	}
	return r.kind() != kindAndOr
}

func (r *reader) forEach() *ForEach {
	start := r.here()
	r.next()
	n := &ForEach{}
	if e := attempt(func() { r.forHead(n) }); e != nil {
		if !r.skipForHead() {
			panic(e)
		}
		r.note(e)
	}
	r.grow(3)
	n.Body = r.stm()
	r.shrink(3)
	n.Extent = r.from(start)
	return n
}

func (r *reader) forHead(n *ForEach) {
	r.expect(kindLParen, `"("`)
	n.Var = r.scriptVar()
	if r.kind() != kindIn {
		e := r.wrong(`"in"`)
		e.help = "there is only one kind of for: for ($var(x) in $(avp(list)[*]))"
		panic(e)
	}
	r.next()
	n.In = r.scriptVar()
	r.expect(kindRParen, `")"`)
}

// skipForHead goes on from an error in the head of a for to its body, if that
// plainly is one.
func (r *reader) skipForHead() bool {
	for at := r.at; ; at++ {
		switch r.tokens[at].kind {
		case kindRParen:
			r.at = at + 1
			return true
		case kindLBrace:
			r.at = at
			return true
		case kindEOF, kindRBrace, kindRoute, kindRouteKind, kindKeyword:
			return false
		}
	}
}

func (r *reader) switchAction() *Switch {
	start := r.here()
	r.next()
	n := &Switch{}
	if e := attempt(func() { r.switchHead(n) }); e != nil {
		if !r.skipSwitchHead() {
			panic(e)
		}
		r.note(e)
	}
	r.grow(6)
	r.braces++
	n.Cases = r.cases(r.last())
	r.braces--
	r.shrink(6)
	n.Extent = r.from(start)
	return n
}

func (r *reader) switchHead(n *Switch) {
	r.expect(kindLParen, `"("`)
	n.Var = r.scriptVar()
	r.expect(kindRParen, `")"`)
	r.expect(kindLBrace, `"{"`)
}

// longestHead is how many tokens away the end of a head may be that has an
// error; what is further away is of something else.
const longestHead = 5

// skipSwitchHead goes on from an error in the head of a switch to its first
// case.
func (r *reader) skipSwitchHead() bool {
	for at := r.at; at < min(r.at+longestHead, len(r.tokens)); at++ {
		switch r.tokens[at].kind {
		case kindLBrace:
			r.at = at + 1
			return true
		case kindCase:
			r.at = at
			return true
		case kindSemicolon, kindRBrace:
			return false
		}
	}
	return false
}

// cases are one or more cases and at most one default behind them, with the
// bracket that ends the switch.
func (r *reader) cases(open *token) []*Case {
	var cases []*Case
	for afterDefault := false; ; {
		k := r.kind()
		switch {
		case k == kindEOF || r.atStatement():
			r.missingEnd(open)
			panic(abandon{})
		case k == kindRBrace && len(cases) > 0:
			r.next()
			return cases
		case afterDefault:
			r.noteCase(open, `"}"`, "default is the last of a switch")
		case k != kindCase && (k != kindDefault || len(cases) == 0):
			r.noteCase(open, `"case"`, "a switch begins with a case")
		}
		if k == kindRBrace {
			r.next()
			return nil
		}
		afterDefault = k == kindDefault
		cases = append(cases, r.caseOf(open))
	}
}

// noteCase notes what a switch cannot have here. It is read all the same.
func (r *reader) noteCase(open *token, want, help string) {
	e := r.wrong(want)
	e.help = help
	r.note(e.relate(open.extent(), "the switch begins here"))
}

// caseOf is a case or the default, with all that stands before the next.
func (r *reader) caseOf(open *token) *Case {
	start, isDefault := r.here(), r.kind() == kindDefault
	n := &Case{}
	if e := attempt(func() { r.caseHead(n) }); e != nil {
		r.note(e)
		r.skipCaseHead()
	}
	n.Body = r.caseBody(open)
	for r.kind() == kindBreak {
		if isDefault {
			r.noteCase(open, `"}"`, "break ends a case, not the default")
		}
		r.next()
		r.semicolon()
		n.Break = true
		if k := r.kind(); k != kindCase && k != kindDefault && k != kindRBrace && k != kindEOF && !isDefault {
			r.noteCase(open, `"case", "default" or "}"`, "break is the last of a case")
		}
		n.Body = append(n.Body, r.caseBody(open)...)
	}
	n.Extent = r.from(start)
	return n
}

// caseHead is what stands before the actions of a case, if it is one.
func (r *reader) caseHead(n *Case) {
	switch r.kind() {
	case kindCase:
		r.next()
		n.Label = r.literal()
	case kindDefault:
		r.next()
	default:
		return
	}
	r.expect(kindColon, `":"`)
}

// skipCaseHead goes behind the colon of a case that has an error before it.
func (r *reader) skipCaseHead() {
	for at := r.at; at < min(r.at+longestHead, len(r.tokens)); at++ {
		switch r.tokens[at].kind {
		case kindColon:
			r.at = at + 1
			return
		case kindSemicolon, kindLBrace, kindRBrace:
			return
		}
	}
}

func (r *reader) caseBody(open *token) []Action {
	var actions []Action
	for {
		switch k := r.kind(); {
		case k == kindCase || k == kindDefault || k == kindBreak || k == kindRBrace:
			return actions
		case k == kindEOF || r.atStatement():
			r.missingEnd(open)
			panic(abandon{})
		}
		actions = append(actions, r.action())
	}
}

// abandon leaves a switch whose end is missing.
type abandon struct{}
