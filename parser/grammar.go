package parser

import (
	"errors"
	"fmt"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// A grammar has participle's parsers of the statements whose shapes are in the
// struct tags of ast.go. Globals and routes depend on the words of the version
// and are read by hand, like the parts that a tag cannot say.
type grammar struct {
	whole *participle.Parser[statement]
	// parsers are those of the single statements, by their first word, or the
	// shape of the global that it is. To try them all in turn is what a parser
	// for all would do, at thrice the price.
	parsers map[string]func(*lexer.PeekingLexer) (Statement, error)
}

type statement struct {
	Node Statement `parser:"@@"`
}

func buildGrammar(d *Dialect) (*grammar, error) {
	whole, err := participle.Build[statement](
		participle.Lexer(d),
		// The default looks one token ahead and then blames the statement; 0
		// blames the token that is wrong.
		participle.UseLookahead(0),
		participle.ParseTypeWith(literalParser(d)),
		participle.Union[Statement](&ModParam{}, &LoadModule{}, &Listen{}, &Alias{}, &Blacklist{}, &MemGroup{}),
	)
	if err != nil {
		return nil, fmt.Errorf("build the grammar of %s: %w", d.version, err)
	}
	return &grammar{whole, map[string]func(*lexer.PeekingLexer) (Statement, error){
		"modparam":     production[ModParam](whole),
		"loadmodule":   production[LoadModule](whole),
		shapeListen:    production[Listen](whole),
		shapeAlias:     production[Alias](whole),
		shapeBlacklist: production[Blacklist](whole),
		shapeMemGroup:  production[MemGroup](whole),
	}}, nil
}

// production is the parser of one type of the grammar.
func production[T any, P interface {
	*T
	Statement
}](whole *participle.Parser[statement]) func(*lexer.PeekingLexer) (Statement, error) {
	parser, err := participle.ParserForProduction[T](whole)
	return func(lex *lexer.PeekingLexer) (Statement, error) {
		if err != nil {
			return nil, err
		}
		node, err := parser.ParseFromLexer(lex, participle.AllowTrailing(true))
		return P(node), err
	}
}

// read runs a method of the reader on the tokens that participle has left. A
// production that finds nothing of its own gives the next one a chance.
func read[T any](lex *lexer.PeekingLexer, production func(*reader) T) (node T, err error) {
	r := &reader{dialect: anyDialect, tokens: rest(lex)}
	defer func() {
		for range r.at {
			lex.Next()
		}
		switch e := recover().(type) {
		case nil:
		case *syntaxError:
			err = e
		case noMatch:
			err = participle.NextMatch
		default:
			panic(e)
		}
	}()
	return production(r), nil
}

// anyDialect allows everything: what the version does not have is told when the
// statement is complete.
var anyDialect = &Dialect{}

// rest are the tokens ahead that can be of one name or address, which stay where
// they are, and the one behind them for its error.
func rest(lex *lexer.PeekingLexer) []token {
	before := lex.MakeCheckpoint()
	defer lex.LoadCheckpoint(before)
	tokens := make([]token, 0, 16)
	for afterWord := false; ; {
		t := fromLexed(lex.Peek())
		isWord := t.kind < kindEqualOp
		if t.kind == kindEOF || isWord && afterWord || !isWord && !joinsNames(&t) {
			return append(tokens, t, token{at: t.at, kind: kindEOF})
		}
		afterWord = isWord
		tokens = append(tokens, t)
		lex.Next()
	}
}

// joinsNames reports whether an operator or a bracket can be part of a socket
// or an address.
func joinsNames(t *token) bool {
	switch t.kind {
	case kindColon, kindDot, kindArithOp, kindLBracket, kindRBracket:
		return true
	}
	return false
}

// readInto is read for the types that participle asks to parse themselves.
func readInto[T any](lex *lexer.PeekingLexer, dst *T, production func(*reader) *T) error {
	node, err := read(lex, production)
	if err == nil {
		*dst = *node
	}
	return err
}

// literalParser reads the value of a modparam.
func literalParser(d *Dialect) func(*lexer.PeekingLexer) (Literal, error) {
	return func(lex *lexer.PeekingLexer) (Literal, error) {
		value, err := read(lex, (*reader).literal)
		if s, ok := value.(*String); ok && d.has.ValueStrings && kind(lex.Peek().Type) == kindString {
			return joinStrings(lex, s)
		}
		return value, err
	}
}

// joinStrings goes on after the first of several strings.
func joinStrings(lex *lexer.PeekingLexer, first *String) (*Strings, error) {
	joined := &Strings{Extent: first.Extent, Parts: []*String{first}}
	for kind(lex.Peek().Type) == kindString {
		next := &String{}
		if err := next.Parse(lex); err != nil {
			return nil, err
		}
		joined.Parts, joined.To = append(joined.Parts, next), next.To
	}
	return joined, nil
}

// Parse reads the node for participle.
func (s *String) Parse(lex *lexer.PeekingLexer) error {
	t := fromLexed(lex.Peek())
	if t.kind != kindString {
		return &syntaxError{at: t, want: "a string"}
	}
	lex.Next()
	*s = String{t.extent(), t.text}
	return nil
}

// Parse reads the node for participle.
func (n *Number) Parse(lex *lexer.PeekingLexer) error {
	t := fromLexed(lex.Peek())
	if t.kind != kindNumber {
		return &syntaxError{at: t, want: "a number"}
	}
	lex.Next()
	*n = Number{t.extent(), t.text}
	return nil
}

// Parse reads the node for participle.
func (i *Ident) Parse(lex *lexer.PeekingLexer) error {
	t := fromLexed(lex.Peek())
	if t.kind != kindIdent && t.kind != kindAny {
		return &syntaxError{at: t, want: "a word"}
	}
	lex.Next()
	*i = Ident{t.extent(), t.text}
	return nil
}

// Parse reads the node for participle.
func (s *Socket) Parse(lex *lexer.PeekingLexer) error {
	return readInto(lex, s, (*reader).listenSocket)
}

// Parse reads the node for participle.
func (a *Advertised) Parse(lex *lexer.PeekingLexer) error {
	return readInto(lex, a, (*reader).advertised)
}

// Parse reads the node for participle.
func (a *AliasName) Parse(lex *lexer.PeekingLexer) error {
	return readInto(lex, a, (*reader).aliasName)
}

// Parse reads the node for participle.
func (n *Network) Parse(lex *lexer.PeekingLexer) error { return readInto(lex, n, (*reader).network) }

// Parse reads the node for participle.
func (p *Port) Parse(lex *lexer.PeekingLexer) error { return readInto(lex, p, (*reader).port) }

// noMatch ends a production that does not begin here.
type noMatch struct{}

// A syntaxError is an unexpected token. It travels as a panic from where it is
// found to where the reader can go on.
type syntaxError struct {
	at    token
	want  string
	after *token // nil at the start of a statement
	help  string
	rule  string
	// related are places that have to do with it, such as the bracket that is
	// still open.
	related []relatedPlace
}

type relatedPlace struct {
	Extent
	text string
}

func (e *syntaxError) relate(at Extent, text string) *syntaxError {
	e.related = append(e.related, relatedPlace{at, text})
	return e
}

func (e *syntaxError) Error() string            { return e.Message() }
func (e *syntaxError) Position() lexer.Position { return lexer.Position{Offset: int(e.at.at)} }

// Message is "expected X after Y, found Z".
func (e *syntaxError) Message() string {
	if e.after == nil {
		return fmt.Sprintf("expected %s, found %s", e.want, describe(&e.at))
	}
	return fmt.Sprintf("expected %s after %s, found %s", e.want, describe(e.after), describe(&e.at))
}

// unexpected makes the error of what participle says.
func unexpected(err error, found token) *syntaxError {
	if own, ok := errors.AsType[*syntaxError](err); ok {
		return own
	}
	e := &syntaxError{at: found, want: "a statement"}
	if other, ok := errors.AsType[*participle.UnexpectedTokenError](err); ok {
		e.at = fromLexed(&other.Unexpected)
		e.want = wanted(other.Message())
	}
	return e
}
