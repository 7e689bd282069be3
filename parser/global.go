package parser

import "strings"

// global is a global parameter with a single value; nil for another statement,
// with nothing read. What the version does not have is for the interpreter to
// tell about.
func (p *parse) global() *Global {
	name := p.peek()
	if name.kind == kindIdent {
		return p.unknownGlobal()
	}
	kinds := p.dialect.globals[name.text]
	if kinds.shape != "" {
		return nil
	}
	g := &Global{Name: &Ident{p.next().extent(), name.text}}
	p.expect(kindAssign, `"="`)
	g.Value = p.globalValue(kinds)
	if kinds.profile && p.is(kindSocketOption, "use_auto_scaling_profile") {
		p.next()
		g.Profile = p.ident()
	}
	g.Extent = p.from(g.Name.From)
	return g
}

func (p *parse) globalValue(kinds valueKinds) Expr {
	switch k := p.kind(); {
	case kinds.host && p.atHost():
		return p.host()
	case kinds.number && (k == kindNumber || kinds.signed && p.atSign()):
		return p.signed()
	case kinds.str && k == kindString:
		return p.stringToken()
	case kinds.ident && k == kindIdent:
		return p.ident()
	case kinds.opaque:
		return p.opaque()
	}
	p.fail(kinds.want())
	return nil
}

// opaque is a value that goes on to the next statement.
func (p *parse) opaque() *Opaque {
	start := p.here()
	if p.endsStatement(p.at) {
		p.fail("a value")
	}
	p.skipStatement()
	return &Opaque{p.from(start)}
}

// unknownGlobal is word = …, up to the end of the line: what value it takes
// nobody knows.
func (p *parse) unknownGlobal() *Global {
	if p.tokens[p.at+1].kind != kindAssign {
		return nil
	}
	g := &Global{Name: p.ident(), Unknown: true}
	p.next()
	switch p.kind() {
	case kindString:
		g.Value = p.stringToken()
	case kindNumber:
		g.Value = p.signed()
	case kindIdent:
		g.Value = p.ident()
	}
	g.Extent = p.from(g.Name.From)
	return g
}

// skipLine goes on to the next line, or behind the brackets that are opened on
// this one.
func (p *parse) skipLine() {
	for depth := 0; p.kind() != kindEOF && (depth > 0 || !p.firstOnLine(p.peek())); {
		switch p.next().kind {
		case kindLBrace, kindLParen:
			depth++
		case kindRBrace, kindRParen:
			depth--
		}
	}
}

// skipStatement goes on to where the next statement plainly begins.
func (p *parse) skipStatement() {
	for depth := 0; depth > 0 || !p.endsStatement(p.at); {
		switch p.next().kind {
		case kindEOF:
			return
		case kindLBrace:
			depth++
		case kindRBrace:
			depth = max(depth-1, 0)
		}
	}
}

// endsStatement reports whether the token plainly belongs to the next
// statement: it is a word that begins one, and the first on its line.
func (p *parse) endsStatement(at int) bool {
	t := &p.tokens[at]
	return t.kind == kindEOF || p.beginsStatement(at) && p.firstOnLine(t)
}

func (p *parse) beginsStatement(at int) bool {
	switch t := &p.tokens[at]; t.kind {
	case kindGlobal, kindRoute, kindRouteKind:
		return true
	case kindKeyword:
		return t.text == "loadmodule" || t.text == "modparam"
	case kindIdent:
		return p.tokens[at+1].kind == kindAssign
	}
	return false
}

func (r *reader) firstOnLine(t *token) bool {
	src := r.sources.Source(t.at)
	before := strings.TrimRight(src.Text[:t.at-src.Base()], " \t\r\b")
	return before == "" || before[len(before)-1] == '\n'
}

// indent is the white space before the line on which a token stands.
func (r *reader) indent(t *token) string {
	const widest = 200
	src := r.sources.Source(t.at)
	line := src.Line(src.position(int(t.at - src.Base())).Line)
	line = line[:min(len(line), widest)]
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}

// misplaced looks for the bracket that is missing where a route has no end: the
// first block that ends with a bracket further left than the block begins is
// most likely closed by that of another.
func (r *reader) misplaced() (open, closing *token) {
	var opened []*token
	for i := r.start; i < r.at; i++ {
		switch t := &r.tokens[i]; {
		case t.kind == kindLBrace:
			opened = append(opened, t)
		case t.kind == kindRBrace && len(opened) > 0:
			open, opened = opened[len(opened)-1], opened[:len(opened)-1]
			if r.firstOnLine(t) && isFurtherLeft(r.indent(t), r.indent(open)) {
				return open, t
			}
		}
	}
	return nil, nil
}

func isFurtherLeft(indent, than string) bool {
	return len(indent) < len(than) && strings.HasPrefix(than, indent)
}
