package parser

import (
	"fmt"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// A scanner splits a text into tokens, following its includes. It never fails:
// what it cannot read becomes a finding, and the text after it goes on.
//
// Comments and blanks are no tokens; participle would otherwise have to step
// over each of them.
type scanner struct {
	dialect *Dialect
	sources *Sources
	files   *includer // nil where includes are not followed

	src    *Source
	text   string
	at     int     // offset in text
	open   int     // offset of a string or variable without an end, in the main file
	outer  []frame // where to go on at the end of an include
	halted bool    // an include failed: the server stops reading

	comments []Extent
	findings []Finding
}

type frame struct {
	src *Source
	at  int
}

func newScanner(d *Dialect, name, text string, files *includer) *scanner {
	s := &scanner{dialect: d, sources: &Sources{}, files: files, open: -1}
	s.src, s.text = s.sources.add(name, text, 0), text
	const byteOrderMark = "\ufeff"
	if strings.HasPrefix(text, byteOrderMark) {
		s.at = len(byteOrderMark)
		s.find(ruleIgnoredBytes, 0, s.at, "byte order mark at the start of the file is ignored")
	}
	return s
}

func (s *scanner) find(rule *diag.Rule, from, to int, message string) *Finding {
	e := Extent{s.src.base + Pos(from), s.src.base + Pos(to)}
	d := diag.New(rule, s.sources.Span(e), message)
	d.Related = includedFrom(s.sources, e.From)
	switch n := len(s.findings); {
	case n > maxErrors && rule != ruleInclude:
		return &Finding{}
	case n == maxErrors && rule != ruleInclude:
		d.Message = fmt.Sprintf("%d such findings so far: the others are not told", maxErrors)
	}
	s.findings = append(s.findings, Finding{e.From, d})
	return &s.findings[len(s.findings)-1]
}

// tokens reads the whole input. The last token is the end of the file.
func (s *scanner) tokens() []token {
	const bytesPerToken = 5 // on the low side of what scripts have
	tokens := make([]token, 0, len(s.text)/bytesPerToken+16)
	for {
		t := s.next()
		tokens = append(tokens, t)
		if t.kind == kindEOF {
			return tokens
		}
	}
}

func (s *scanner) next() token {
	for {
		s.skipBlanks()
		if s.at < len(s.text) && !s.halted {
			if kind, n := s.scan(); n > 0 {
				t := token{s.text[s.at : s.at+n], s.src.base + Pos(s.at), kind}
				s.at += n
				return t
			}
			continue
		}
		if len(s.outer) == 0 || s.halted {
			return s.end()
		}
		s.leave()
	}
}

// end is the end of the input. What is not closed before it is taken for its
// place: that is where the error is.
func (s *scanner) end() token {
	at := min(s.at, len(s.text))
	if s.open >= 0 {
		at = s.open
	}
	return token{s.text[at:], s.src.base + Pos(at), kindEOF}
}

// participleLexer is the scanner as participle asks for it.
type participleLexer struct{ *scanner }

// Next gives the next token; its offset is a [Pos]. The error is always nil.
func (l participleLexer) Next() (lexer.Token, error) {
	t := l.next()
	return t.lexed(), nil
}

// leave goes back to the file that included this one.
func (s *scanner) leave() {
	last := len(s.outer) - 1
	s.src, s.text, s.at = s.outer[last].src, s.outer[last].src.Text, s.outer[last].at
	s.outer = s.outer[:last]
}

// isBlank is the white space that "as" and "use_children" need around them:
// not the newline.
func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\b' || c == '\r' }

func (s *scanner) skipBlanks() {
	for s.at < len(s.text) {
		c := s.text[s.at]
		switch {
		case c == '\n':
		case isBlank(c):
			// The blank belongs to the token of the word after it.
			if s.at+1 < len(s.text) && (s.text[s.at+1]|0x20 == 'a' || s.text[s.at+1]|0x20 == 'u') {
				if kind, _ := s.spacedWord(); kind != 0 {
					return
				}
			}
		case c == '\\' && strings.HasPrefix(s.text[s.at:], "\\\n"):
			s.at++
		default:
			return
		}
		s.at++
	}
}

// scan finds the token that begins here and its length. A length of 0 means
// that there was none, and that the scanner has moved on.
func (s *scanner) scan() (kind, int) {
	c := s.text[s.at]
	switch class[c] {
	case classLetter:
		return s.word()
	case classDigit:
		return s.number()
	case classColon:
		if n := ipv6Length(s.text[s.at:]); n > 0 {
			return kindIPv6, n
		}
		return s.operator()
	case classPunct:
		return s.operator()
	case classDollar:
		return s.scriptVar()
	case classQuote:
		return s.quoted(c)
	case classHash:
		s.lineComment()
		return 0, 0
	case classSlash:
		if strings.HasPrefix(s.text[s.at:], "/*") {
			s.blockComment()
			return 0, 0
		}
		return s.operator()
	case classBlank:
		return s.spacedWord()
	default:
		s.skipUnknown()
		return 0, 0
	}
}

// The classes of bytes by what a token that begins with one can be.
const (
	classOther = iota
	classLetter
	classDigit
	classColon
	classPunct
	classDollar
	classQuote
	classHash
	classSlash
	classBlank
)

var class = func() (t [256]uint8) {
	for c := range t {
		switch {
		case isLetter(byte(c)):
			t[c] = classLetter
		case isDigit(byte(c)):
			t[c] = classDigit
		case isBlank(byte(c)):
			t[c] = classBlank
		}
	}
	for _, c := range []byte("=!<>&|^~+-*%;,.(){}[]") {
		t[c] = classPunct
	}
	t[':'], t['$'], t['#'], t['/'] = classColon, classDollar, classHash, classSlash
	t['"'], t['\''] = classQuote, classQuote
	return t
}()

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isWord(c byte) bool   { return isLetter(c) || isDigit(c) || c == '_' }
func isHex(c byte) bool    { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

func wordLength(text string) int {
	n := 0
	for n < len(text) && isWord(text[n]) {
		n++
	}
	return n
}

// compoundWords are the keywords that go on where an identifier ends; the
// longest match wins.
var compoundWords = []string{"msg:len", "uri:host", "uri:port", "mem-group"}

func (s *scanner) word() (kind, int) {
	text := s.text[s.at:]
	n := wordLength(text)
	if n < len(text) && (text[n] == ':' || text[n] == '-') {
		if isHex(text[0]) && text[n] == ':' {
			if v6 := ipv6Length(text); v6 > n {
				return kindIPv6, v6
			}
		}
		for _, compound := range compoundWords {
			if kind, known := s.dialect.words[compound]; known && strings.HasPrefix(text, compound) {
				return kind, len(compound)
			}
		}
	}
	kind, known := s.dialect.words[text[:n]]
	if known {
		return kind, n
	}
	if text[:n] == "include_file" || text[:n] == "import_file" {
		s.include(n)
		return 0, 0
	}
	return kindIdent, n
}

// spacedWord is " as ", " use_children " or " use_workers ", which are tokens
// with the blank before and the blank after them. A blank without such a word is
// skipped.
func (s *scanner) spacedWord() (kind, int) {
	text := s.text[s.at:]
	n := wordLength(text[1:]) + 1
	if n < len(text) && isBlank(text[n]) {
		switch text[1:n] {
		case "as", "AS":
			return kindAs, n + 1
		case "use_children", "USE_CHILDREN":
			if s.dialect.has.UseChildren {
				return kindUseChildren, n + 1
			}
		case "use_workers", "USE_WORKERS":
			if s.dialect.has.UseWorkers {
				return kindUseChildren, n + 1
			}
		}
	}
	return 0, 0
}

func (s *scanner) number() (kind, int) {
	text := s.text[s.at:]
	if n := ipv6Length(text); n > 0 {
		return kindIPv6, n
	}
	if s.dialect.has.AddressTokens {
		if kind, n := addressLength(text); n > 0 {
			return kind, n
		}
	}
	return kindNumber, numberLength(text)
}

func numberLength(text string) int {
	if text[0] != '0' {
		n := 1
		for n < len(text) && isDigit(text[n]) {
			n++
		}
		return n
	}
	n := 1
	if len(text) > 2 && text[1] == 'x' && isHex(text[2]) {
		for n = 3; n < len(text) && isHex(text[n]); n++ {
		}
		return n
	}
	for n < len(text) && text[n] >= '0' && text[n] <= '7' {
		n++
	}
	return n
}

// operators by their first byte, the longest first.
var operators = func() (t [256][]operator) {
	for _, op := range []operator{
		{"==", kindEqualOp},
		{"=~", kindMatchOp},
		{"=", kindAssign},
		{"!=", kindEqualOp},
		{"!~", kindMatchOp},
		{"!", kindNot},
		{">=", kindOrderOp},
		{">>", kindBitOp},
		{">", kindOrderOp},
		{"<=", kindOrderOp},
		{"<<", kindBitOp},
		{"<", kindOrderOp},
		{"&&", kindAndOr},
		{"&=", kindAssignOp},
		{"&", kindBitOp},
		{"||", kindAndOr},
		{"|=", kindAssignOp},
		{"|", kindBitOp},
		{"^=", kindAssignOp},
		{"^", kindBitOp},
		{"~", kindBitNot},
		{":=", kindAssignOp},
		{":", kindColon},
		{"+=", kindAssignOp},
		{"+", kindArithOp},
		{"-=", kindAssignOp},
		{"-", kindArithOp},
		{"*=", kindAssignOp},
		{"*", kindArithOp},
		{"/=", kindAssignOp},
		{"/", kindArithOp},
		{"%=", kindAssignOp},
		{"%", kindArithOp},
		{";", kindSemicolon},
		{",", kindComma},
		{".", kindDot},
		{"(", kindLParen},
		{")", kindRParen},
		{"{", kindLBrace},
		{"}", kindRBrace},
		{"[", kindLBracket},
		{"]", kindRBracket},
	} {
		t[op.text[0]] = append(t[op.text[0]], op)
	}
	return t
}()

type operator struct {
	text string
	kind kind
}

func operatorAt(text string) (op operator, ok bool) {
	for _, op := range operators[text[0]] {
		if strings.HasPrefix(text, op.text) {
			return op, true
		}
	}
	return operator{}, false
}

func (s *scanner) operator() (kind, int) {
	op, _ := operatorAt(s.text[s.at:])
	return op.kind, len(op.text)
}

// scriptVar scans a "$…" as the server does: within brackets up to the one that
// closes the first, outside them up to a blank, a comma, a semicolon or an
// operator; "and", "or" and "not" count as operators even inside a name.
func (s *scanner) scriptVar() (kind, int) {
	text := s.text[s.at:]
	depth := 0
	for n := 1; n < len(text); n++ {
		switch c := text[n]; {
		case c == '(':
			depth++
		case c == ')' && depth == 0:
			return kindVar, n
		case c == ')':
			if depth--; depth == 0 {
				return kindVar, n + 1
			}
		case depth == 0 && endsBareVar(text[n:]):
			return kindVar, n
		}
	}
	s.unclosed(fmt.Sprintf("script variable %s is not closed before the end of the file", quote(shorten(text))), ")")
	return 0, 0
}

func endsBareVar(rest string) bool {
	switch c := rest[0]; c {
	case ' ', '\t', '\r', '\n', ';', ',':
		return true
	case ':':
		return strings.HasPrefix(rest, ":=")
	case 'a':
		return strings.HasPrefix(rest, "and")
	case 'o':
		return strings.HasPrefix(rest, "or")
	case 'n':
		return strings.HasPrefix(rest, "not")
	default:
		return c == '/' || class[c] == classPunct && strings.IndexByte(".{}[]", c) < 0
	}
}

func (s *scanner) quoted(quote byte) (kind, int) {
	text := s.text[s.at:]
	for n := 1; n < len(text); n++ {
		switch {
		case text[n] == quote:
			return kindString, n + 1
		case text[n] == '\\' && quote == '"':
			n++
		}
	}
	s.unclosed("string is not closed before the end of the file", string(quote))
	return 0, 0
}

// unclosed notes a string or a variable that has no end. It is no token.
func (s *scanner) unclosed(message, missing string) {
	s.find(ruleUnclosed, s.at, s.at+1, message).Help = "add the missing " + missing
	if len(s.outer) == 0 {
		s.open = s.at
	}
	s.at = len(s.text)
}

func (s *scanner) lineComment() {
	start := s.at
	if n := strings.IndexByte(s.text[start:], '\n'); n >= 0 {
		s.at += n
	} else {
		s.at = len(s.text)
		s.find(ruleCommentAtEnd, start, s.at, "comment at the end of the file has no newline").
			Help = "end the file with a newline: a real server reads this comment as script and stops"
	}
	s.comment(start)
}

func (s *scanner) comment(start int) {
	s.comments = append(s.comments, Extent{s.src.base + Pos(start), s.src.base + Pos(s.at)})
}

func (s *scanner) blockComment() {
	start, depth := s.at, 0
	for s.at < len(s.text) {
		switch rest := s.text[s.at:]; {
		case strings.HasPrefix(rest, "/*"):
			depth++
			s.at += 2
		case strings.HasPrefix(rest, "*/"):
			s.at += 2
			if depth--; depth == 0 {
				s.comment(start)
				return
			}
		default:
			s.at++
		}
	}
	s.find(ruleUnclosedComment, start, start+2, "comment is not closed: everything up to the end of the file is part of it").
		Help = "comments nest: each /* needs a */ of its own"
	s.comment(start)
}

// skipUnknown passes over bytes that begin no token. The server's scanner
// prints such bytes and goes on.
func (s *scanner) skipUnknown() {
	start := s.at
	for s.at < len(s.text) && class[s.text[s.at]] == classOther && s.text[s.at] != '\n' {
		s.at++
	}
	if s.at == start {
		s.at++
	}
	s.find(ruleIgnoredBytes, start, s.at, fmt.Sprintf("%s is no part of the language and is ignored", quote(shorten(s.text[start:s.at]))))
}
