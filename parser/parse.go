package parser

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Options say how to read a script.
type Options struct {
	Dialect *Dialect
	// FS opens included files. Without one, an include is an error.
	FS FS
}

// ParseFile reads and parses a script that o.FS has. The error is about the
// file itself: it could not be read. What is wrong inside it is in
// File.Findings.
func ParseFile(name string, o Options) (*File, error) {
	if o.FS == nil {
		o.FS = noFiles{}
	}
	text, err := ReadFile(o.FS, name, MaxInput)
	if err != nil {
		return nil, fmt.Errorf("read script: %w", err)
	}
	return Parse(name, text, o)
}

// Parse parses a script. The name is what positions call it, and where the
// files beside it are looked for. The error is about the dialect or the size of
// the text; what is wrong inside it is in File.Findings.
func Parse(name, text string, o Options) (*File, error) {
	if len(text) > MaxInput {
		return nil, fmt.Errorf("parse %s: the text %w", name, errTooLarge)
	}
	grammar, err := o.Dialect.build()
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", name, err)
	}
	if o.FS == nil {
		o.FS = noFiles{}
	}
	s := newScanner(o.Dialect, name, text, &includer{o.FS, MaxInput - len(text)})
	p := &parse{grammar: grammar, reader: reader{dialect: o.Dialect, sources: s.sources, tokens: s.tokens()}}
	p.file = &File{Sources: s.sources, Comments: s.comments, Findings: s.findings, Unread: s.halted}
	p.statements()
	f := p.file
	slices.SortStableFunc(f.Findings, func(a, b Finding) int { return f.Sources.Compare(a.At, b.At) })
	return f, nil
}

// parse goes through the statements of a script.
type parse struct {
	reader
	grammar    *grammar
	file       *File
	errorCount int

	// What participle was given of the tokens last.
	lex                  *lexer.PeekingLexer
	chunkStart, chunkEnd int
}

func (p *parse) statements() {
	if p.kind() == kindEOF && !p.file.Unread {
		p.report(&syntaxError{at: *p.peek(), want: "a statement"})
	}
	for p.kind() != kindEOF {
		p.start, p.nesting = p.at, nesting{}
		p.file.Statements = append(p.file.Statements, p.statement())
	}
}

func (p *parse) statement() (s Statement) {
	start := p.here()
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *syntaxError:
			p.recover(e)
			s = &BadStatement{p.from(start)}
		default:
			panic(e)
		}
	}()
	switch p.kind() {
	case kindRoute, kindRouteKind:
		s = p.route()
	case kindRBrace:
		if p.unclosed == 0 {
			p.fail("a statement")
		}
		// It closes a route that has ended for us where a statement stands
		// within, which has been told.
		p.unclosed--
		p.next()
		s = &BadStatement{}
	case kindGlobal, kindIdent:
		if g := p.global(); g != nil {
			s = g
			break
		}
		s = p.tagged()
	default:
		if s = p.plain(); s == nil {
			s = p.tagged()
		}
	}
	return p.finish(s, start)
}

// tagged lets participle parse a statement.
func (p *parse) tagged() Statement {
	name := p.peek().text
	if p.kind() == kindGlobal {
		name = p.dialect.globals[name].shape
	}
	parser := p.grammar.parsers[name]
	if parser == nil {
		p.fail("a statement")
	}
	lex, err := p.participle()
	if err == nil {
		var s Statement
		if s, err = parser(lex); err == nil {
			p.at = p.chunkStart + lex.Cursor()
			return s
		}
	}
	p.lex = nil // its cursor is anywhere
	panic(unexpected(err, *p.peek()))
}

// chunkLength is about how many tokens participle is given at once. It copies
// them, some of them often while its slice grows, so a whole file is too much
// and a single statement too little.
const chunkLength = 240

// participle is the lexer of participle, set to the statement here.
func (p *parse) participle() (*lexer.PeekingLexer, error) {
	if p.lex == nil || p.at >= p.chunkEnd {
		end := p.endOfChunk()
		// The first token behind the last statement is for its error.
		lex, err := lexer.Upgrade(&chunk{p.tokens[p.at : end+1]})
		if err != nil {
			return nil, err
		}
		p.lex, p.chunkStart, p.chunkEnd = lex, p.at, end
	}
	for p.lex.Cursor() < p.at-p.chunkStart {
		p.lex.Next()
	}
	return p.lex, nil
}

// endOfChunk is the first token of a statement that is not for participle any
// more: of a route, or one that is too far away.
func (p *parse) endOfChunk() int {
	for end := p.at + 1; ; end++ {
		switch t := &p.tokens[end]; {
		case t.kind == kindEOF || t.kind == kindRoute || t.kind == kindRouteKind:
			return end
		case end-p.at >= chunkLength && p.beginsStatement(end):
			return end
		}
	}
}

// A chunk gives tokens to participle.
type chunk struct {
	tokens []token
}

// Next gives the next token, or the end.
func (c *chunk) Next() (lexer.Token, error) {
	if len(c.tokens) == 0 {
		return lexer.EOFToken(lexer.Position{}), nil
	}
	t := c.tokens[0].lexed()
	c.tokens = c.tokens[1:]
	return t, nil
}

// finish fills in what participle leaves open.
func (p *parse) finish(s Statement, start Pos) Statement {
	if e, ok := s.(interface{ setExtent(Extent) }); ok {
		e.setExtent(p.from(start))
	}
	p.checkFeatures(s)
	switch s := s.(type) {
	case *Route:
		p.reportNoted()
	case *Global:
		if s.Unknown {
			p.skipLine()
		}
	case *Blacklist:
		for _, rule := range s.Rules {
			rule.Extent = Extent{rule.Proto.From, rule.Pattern.To}
		}
	}
	return s
}

func (e *Extent) setExtent(x Extent) { *e = x }

// recover notes why a statement could not be read and goes on behind it.
func (p *parse) recover(e *syntaxError) {
	p.goTo(e.at.at)
	if e.after == nil {
		e.after = p.last()
	}
	p.reportNoted()
	if e.after == nil {
		p.explainStart(e)
		p.next()
	}
	p.report(e)
	p.skipStatement()
}

// goTo goes on to the token at a place. Behind an include the places are not in
// order, so it has to be that one.
func (p *parse) goTo(place Pos) {
	for at := p.at; at < len(p.tokens); at++ {
		if p.tokens[at].at == place {
			p.at = at
			return
		}
	}
}

// reportNoted reports what was wrong in a route that was read nevertheless.
func (p *parse) reportNoted() {
	for _, e := range p.errors {
		p.report(e)
	}
	p.errors, p.abandoned = nil, false
}

func (p *parse) report(e *syntaxError) {
	sources := p.file.Sources
	rule := ruleSyntax
	message := e.Message()
	if e.rule == ruleTooDeep.ID {
		rule, message = ruleTooDeep, "nested too deeply for the parser of the server"
	}
	at := e.at.extent()
	if lines := strings.LastIndexByte(e.at.text, '\n'); lines >= 0 && e.at.kind == kindString {
		// The server tells where such a string ends, and the quote that is one
		// too many or too few can be at either end.
		e.relate(Extent{at.From, at.From + 1}, "the string begins here")
		at.From += Pos(lines) + 1
	}
	d := diag.New(rule, sources.Span(at), message)
	if d.Help = e.help; e.help == "" {
		d.Help = p.advise(e)
	}
	for _, related := range e.related {
		d = d.WithRelated(sources.Span(related), related.text)
	}
	d.Related = append(d.Related, includedFrom(sources, at.From)...)
	p.add(at.From, d)
}

// maxErrors is how many syntax errors of a script are told.
const maxErrors = 1000

// add adds a finding. After too many of them the rest of the script is not
// worth reading: most likely it is none.
func (p *parse) add(at Pos, d diag.Diagnostic) {
	if p.errorCount == maxErrors {
		return
	}
	p.file.Findings = append(p.file.Findings, Finding{at, d})
	if p.errorCount++; p.errorCount == maxErrors {
		tooMany := diag.New(ruleTooMany, d.Span, fmt.Sprintf("%d errors found: the rest of the script is not read", maxErrors))
		p.file.Findings = append(p.file.Findings, Finding{at, tooMany})
		p.file.Unread = true
		p.at = len(p.tokens) - 1
	}
}

// wanted makes words of the part of the grammar that participle expected.
func wanted(message string) string {
	_, expect, ok := strings.Cut(message, "(expected ")
	if !ok {
		return "a statement"
	}
	expect = strings.TrimSuffix(expect, ")")
	word, _, _ := strings.Cut(expect, " ")
	if strings.HasPrefix(word, `"`) {
		return word
	}
	return grammarWords[strings.Trim(word, "<>?+*()")]
}

// grammarWords name the productions that participle may find missing.
var grammarWords = map[string]string{
	"statement": "a statement", "Statement": "a statement", "ident": "a word", "Ident": "a word",
	"string": "a string", "String": "a string", "number": "a number", "Number": "a number",
	"Literal": "a string or a number", "Socket": "proto:host or proto:host:port",
	"AliasName": "an address or a host name", "BlacklistRule": "a rule in brackets",
	"Port": "a port number", "Network": "an address or a network",
}
