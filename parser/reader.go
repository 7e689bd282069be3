package parser

import (
	"fmt"
	"strings"
)

// A reader is the part of the parser that is written by hand. It goes through
// tokens and throws a *syntaxError at one that does not fit; whoever can go on
// behind it catches that.
type reader struct {
	dialect *Dialect
	sources *Sources // nil within participle
	tokens  []token
	at      int // the next token
	start   int // the first token of the statement

	nesting
	abandoned bool // the end of a block is missing
	errors    []*syntaxError
	unclosed  int // routes without an end so far
}

// nesting is how deep the reader is in brackets, for those who go on behind an
// error.
type nesting struct {
	// height stands for the parse stack of the server, which is limited.
	height int
	braces int // { that are open
	parens int // ( that are open
}

// maxHeight is where the server's parser gives up. Its stack holds a symbol
// for each open bracket, and three for each open block of an if.
const maxHeight = 9900

func (r *reader) peek() *token { return &r.tokens[r.at] }

func (r *reader) kind() kind { return r.tokens[r.at].kind }

// next takes a token; the end of the file stays where it is.
func (r *reader) next() *token {
	t := &r.tokens[r.at]
	if t.kind != kindEOF {
		r.at++
	}
	return t
}

// last is the token before the next one, nil at the start of a statement.
func (r *reader) last() *token {
	if r.at == r.start {
		return nil
	}
	return &r.tokens[r.at-1]
}

// is reports whether the next token is that operator or word.
func (r *reader) is(kind kind, text string) bool {
	t := r.peek()
	return t.kind == kind && t.text == text
}

func (r *reader) accept(kind kind) bool {
	if r.kind() != kind {
		return false
	}
	r.next()
	return true
}

func (r *reader) expect(kind kind, want string) *token {
	if r.kind() != kind {
		r.fail(want)
	}
	return r.next()
}

// What is expected at places that there is advice for.
const (
	wantHost       = "an address or a host name"
	wantDot        = `"." of an IPv4 address`
	wantAssignment = "an assignment operator"
	wantComparison = "a comparison operator"
	wantCondition  = "a condition"
	wantValue      = "a value"
)

func (r *reader) fail(want string) { panic(r.wrong(want)) }

func (r *reader) wrong(want string) *syntaxError {
	return &syntaxError{at: *r.peek(), want: want, after: r.last()}
}

// grow notes that n more symbols lie on the parse stack.
func (r *reader) grow(n int) {
	r.height += n
	if r.height > maxHeight {
		e := r.wrong("less nesting")
		e.rule = ruleTooDeep.ID
		panic(e)
	}
}

func (r *reader) shrink(n int) { r.height -= n }

// openParen takes the ( that is next.
func (r *reader) openParen() *token {
	r.parens++
	return r.next()
}

// closeParen expects the ) for a (.
func (r *reader) closeParen(want string, open *token) {
	r.close(kindRParen, want, open)
	r.parens--
}

// close expects a closing bracket.
func (r *reader) close(kind kind, want string, open *token) {
	if r.kind() == kind {
		r.next()
		return
	}
	panic(r.wrong(want).relate(open.extent(), "to close this bracket"))
}

// from is the extent from a place to the last token read.
func (r *reader) from(start Pos) Extent {
	last := r.last()
	if last == nil {
		return Extent{start, start}
	}
	return Extent{start, last.end()}
}

func (r *reader) here() Pos { return r.peek().at }

func (r *reader) ident() *Ident {
	t := r.expect(kindIdent, "a word")
	return &Ident{t.extent(), t.text}
}

// wordOrAny is a bare word or "any".
func (r *reader) wordOrAny() *Ident {
	if r.kind() != kindAny {
		return r.ident()
	}
	t := r.next()
	return &Ident{t.extent(), t.text}
}

func (r *reader) stringToken() *String {
	t := r.expect(kindString, "a string")
	return &String{t.extent(), t.text}
}

func (r *reader) unsigned() *Number {
	t := r.expect(kindNumber, "a number")
	return &Number{t.extent(), t.text}
}

func (r *reader) atSign() bool { return r.is(kindArithOp, "-") || r.is(kindArithOp, "+") }

// signed is a number with or without a sign before it.
func (r *reader) signed() *Number {
	if !r.atSign() {
		return r.unsigned()
	}
	sign := r.next()
	n := r.unsigned()
	return &Number{Extent{sign.at, n.To}, sign.text + n.Raw}
}

func (r *reader) literal() Literal {
	switch {
	case r.kind() == kindString:
		return r.stringToken()
	case r.kind() == kindNumber || r.atSign():
		return r.signed()
	}
	r.fail("a string or a number")
	return nil
}

func (r *reader) scriptVar() *Var {
	t := r.expect(kindVar, "a script variable")
	return &Var{t.extent(), t.text}
}

// listenSocket is the socket of a listen, where the host may be a *.
func (r *reader) listenSocket() *Socket { return r.socket(true) }

func (r *reader) socket(star bool) *Socket {
	start := r.here()
	s := &Socket{Proto: r.protocol()}
	r.expect(kindColon, `":"`)
	if star && r.is(kindArithOp, "*") {
		s.Host = &AnyHost{r.next().extent()}
	} else {
		s.Host = r.host()
	}
	s.Port = r.optionalPort()
	s.Extent = r.from(start)
	return s
}

func (r *reader) protocol() *Ident {
	if r.kind() != kindIdent {
		r.fail("a protocol")
	}
	return r.ident()
}

func (r *reader) optionalPort() *Port {
	if !r.accept(kindColon) {
		return nil
	}
	return r.port()
}

func (r *reader) port() *Port {
	switch t := r.peek(); t.kind {
	case kindNumber:
		n := r.unsigned()
		return &Port{n.Extent, n.Int()}
	case kindAny:
		return &Port{Extent: r.next().extent()}
	}
	r.fail("a port number")
	return nil
}

func (r *reader) advertised() *Advertised {
	start := r.here()
	a := &Advertised{Host: r.host(), Port: r.optionalPort()}
	a.Extent = r.from(start)
	return a
}

// aliasName is host, any:host[:port] or proto:host[:port].
func (r *reader) aliasName() *AliasName {
	if !r.atHost() && r.kind() != kindAny {
		panic(noMatch{})
	}
	start := r.here()
	a := &AliasName{}
	switch t := r.peek(); t.kind {
	case kindAny:
		a.Proto = r.wordOrAny()
		r.expect(kindColon, `":"`)
		a.Host, a.Port = r.host(), r.optionalPort()
	case kindIdent:
		name := r.ident()
		if r.accept(kindColon) {
			a.Proto, a.Host, a.Port = name, r.host(), r.optionalPort()
		} else {
			a.Host = r.restOfHostName(name)
		}
	default:
		a.Host = r.host()
	}
	a.Extent = r.from(start)
	return a
}

func (r *reader) atHost() bool {
	switch r.kind() {
	case kindIdent, kindString, kindNumber, kindLBracket, kindIPv4, kindIPv6:
		return true
	}
	return false
}

func (r *reader) host() Host {
	switch r.kind() {
	case kindIdent:
		return r.restOfHostName(r.ident())
	case kindString:
		return r.stringToken()
	}
	if ip := r.address(); ip != nil {
		return ip
	}
	r.fail(wantHost)
	return nil
}

// restOfHostName goes on after the first label: more labels after dots and
// dashes.
func (r *reader) restOfHostName(first *Ident) Host {
	if r.kind() != kindDot && !r.is(kindArithOp, "-") {
		return &HostName{first.Extent, first.Name}
	}
	var name strings.Builder
	name.WriteString(first.Name)
	for r.kind() == kindDot || r.is(kindArithOp, "-") {
		name.WriteString(r.next().text)
		if r.kind() != kindIdent {
			e := r.wrong("a label of the host name")
			e.help = "put the host name in quotes: without them a label begins with a letter and is no keyword"
			panic(e)
		}
		name.WriteString(r.next().text)
	}
	return &HostName{r.from(first.From), name.String()}
}

// address is an IPv4 or IPv6 address, nil if there is none.
func (r *reader) address() *IP {
	switch r.kind() {
	case kindIPv6, kindIPv4:
		t := r.next()
		return &IP{Extent: t.extent(), Text: t.text}
	case kindLBracket:
		open := r.next()
		t := r.expect(kindIPv6, "an IPv6 address")
		r.expect(kindRBracket, `"]"`)
		return &IP{Extent: r.from(open.at), Text: t.text}
	case kindNumber:
		return r.dottedAddress()
	}
	return nil
}

func (r *reader) dottedAddress() *IP { return r.restOfDotted(r.unsigned()) }

func (r *reader) restOfDotted(first *Number) *IP {
	octets := []string{first.ipByte()}
	for range 3 {
		r.expect(kindDot, wantDot)
		octets = append(octets, r.unsigned().ipByte())
	}
	return &IP{Extent: r.from(first.From), Text: strings.Join(octets, "."), dotted: true}
}

// ipByte is one of the four numbers of an address: the server takes them in
// any notation.
func (n *Number) ipByte() string { return fmt.Sprint(n.Int()) }

// network is an address, with a mask or a number of bits after a slash.
func (r *reader) network() *Network {
	start := r.here()
	if r.kind() == kindNetwork {
		return networkToken(r.next())
	}
	n := &Network{IP: r.address()}
	if n.IP == nil {
		r.fail("an address or a network")
	}
	if r.is(kindArithOp, "/") {
		r.next()
		r.mask(n)
	}
	n.Extent = r.from(start)
	return n
}

func (r *reader) mask(n *Network) {
	if r.kind() != kindNumber {
		if n.Mask = r.address(); n.Mask == nil {
			r.fail("a mask such as 255.0.0.0 or 8")
		}
		return
	}
	first := r.unsigned()
	if r.kind() != kindDot {
		n.Bits = first
		return
	}
	n.Mask = r.restOfDotted(first)
}

// networkToken splits the single token that a network is from 2.4 on.
func networkToken(t *token) *Network {
	at := strings.IndexByte(t.text, '/')
	e := t.extent()
	slash := e.From + Pos(at)
	n := &Network{Extent: e, IP: &IP{Extent: Extent{e.From, slash}, Text: t.text[:at]}}
	mask := Extent{slash + 1, e.To}
	if rest := t.text[at+1:]; strings.Contains(rest, ".") {
		n.Mask = &IP{Extent: mask, Text: rest}
	} else {
		n.Bits = &Number{mask, rest}
	}
	return n
}
