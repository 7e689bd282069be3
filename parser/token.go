package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// A token is a word, an operator or a literal of the text.
type token struct {
	text string
	at   Pos
	kind kind
}

func (t *token) end() Pos { return t.at + Pos(len(t.text)) }

func (t *token) extent() Extent { return Extent{t.at, t.end()} }

// lexed is the token as participle has it; the offset is a Pos.
func (t *token) lexed() lexer.Token {
	return lexer.Token{Type: lexer.TokenType(t.kind), Value: t.text, Pos: lexer.Position{Offset: int(t.at)}}
}

func fromLexed(t *lexer.Token) token {
	return token{t.Value, Pos(t.Pos.Offset), kind(t.Type)}
}

// A kind is what a token is to the grammar. A keyword has a kind of its own
// only where the part of the grammar that is written by hand asks for it; the
// struct tags match the others by their text.
type kind int32

const (
	kindEOF = kind(lexer.EOF)

	kindIdent kind = iota
	kindNumber
	kindString
	kindVar
	kindIPv6
	kindIPv4    // one token from 2.4 on
	kindNetwork // one token from 2.4 on
	kindGlobal
	kindStatement // a core function
	kindRoute     // route, which is a statement of a route as well
	kindRouteKind // failure_route and the other kinds of route
	kindOperand   // method, src_ip and the other old conditions
	kindMyself
	kindNull
	kindAny
	kindMaxLen
	kindIf
	kindElse
	kindWhile
	kindFor
	kindIn
	kindSwitch
	kindCase
	kindDefault
	kindBreak
	kindSync
	kindAs
	kindUseChildren  // or use_workers
	kindSocketOption // tag and the like, from 3.0 on
	kindKeyword      // any other reserved word

	kindEqualOp  // == !=
	kindOrderOp  // > < >= <=
	kindMatchOp  // =~ !~
	kindAssign   // =
	kindAssignOp // := += -= *= /= %= &= |= ^=
	kindAndOr    // and && or ||
	kindNot      // not !
	kindBitOp    // & | ^ << >>
	kindArithOp  // + - * / %
	kindBitNot   // ~

	kindSemicolon
	kindComma
	kindColon
	kindDot
	kindLParen
	kindRParen
	kindLBrace
	kindRBrace
	kindLBracket
	kindRBracket
)

// symbols names the kinds that struct tags refer to.
var symbols = map[string]lexer.TokenType{
	"EOF": lexer.EOF, "Ident": lexer.TokenType(kindIdent), "Number": lexer.TokenType(kindNumber),
	"String": lexer.TokenType(kindString), "As": lexer.TokenType(kindAs),
	"UseChildren": lexer.TokenType(kindUseChildren), "SocketOption": lexer.TokenType(kindSocketOption),
	"Not": lexer.TokenType(kindNot),
}

// describe says in an error what token was found.
func describe(t *token) string {
	switch t.kind {
	case kindEOF:
		switch {
		case strings.HasPrefix(t.text, "$"):
			return "end of file within this script variable"
		case t.text != "":
			return "end of file within this string"
		}
		return "end of file"
	case kindString:
		return "string " + shorten(t.text)
	case kindNumber:
		return "number " + shorten(t.text)
	default:
		return quote(strings.TrimSpace(t.text))
	}
}

const longestShown = 40 // bytes of a token in an error

func shorten(text string) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	if line, _, more := strings.Cut(text, "\n"); more {
		text = line + "…"
	}
	if len(text) > longestShown {
		text = strings.ToValidUTF8(text[:longestShown], "") + "…"
	}
	return text
}
