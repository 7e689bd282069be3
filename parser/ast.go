package parser

import (
	"strconv"
	"strings"
)

// Node is a part of the tree. End is the place after its last byte.
type Node interface {
	Pos() Pos
	End() Pos
}

// Statement is a node that stands at the top level of a script.
type Statement interface {
	Node
	statement()
}

// Action is a node that does something within a route.
type Action interface {
	Node
	action()
}

// Expr is a node that has a value.
type Expr interface {
	Node
	expr()
}

// File is a script with all that it includes.
type File struct {
	Sources    *Sources
	Statements []Statement // in the order in which the server reads them
	Comments   []Extent
	Findings   []Finding // by place, as Sources.Compare orders them

	// Unread is set where the server gives up reading: an include failed, or a
	// limit was hit.
	Unread bool
}

// The statements.
type (
	// LoadModule is loadmodule "name.so".
	LoadModule struct {
		Extent
		Module *String `parser:"'loadmodule' @@"`
	}

	// ModParam is modparam("module", "name", value).
	ModParam struct {
		Extent
		Module *String `parser:"'modparam' '(' @@ ','"`
		Name   *String `parser:"@@ ','"`
		Value  Literal `parser:"@@ ')'"`
	}

	// Listen is listen = proto:host:port with what may follow; the order of
	// that is free from 3.0 on.
	Listen struct {
		Extent
		Keyword    string      `parser:"@( 'listen' | 'socket' ) '='"`
		Socket     *Socket     `parser:"@@"`
		Advertised *Advertised `parser:"( As @@"`
		Children   *Number     `parser:"| UseChildren @@"` // or use_workers
		Anycast    bool        `parser:"| @'anycast'"`
		Tag        *Ident      `parser:"| 'tag':SocketOption @@"`
		Profile    *Ident      `parser:"| 'use_auto_scaling_profile':SocketOption @@"`
		Frag       bool        `parser:"| @'frag':SocketOption"`
		ReusePort  bool        `parser:"| @'reuse_port':SocketOption )*"`
	}

	// Alias is alias = one or more names of this server.
	Alias struct {
		Extent
		Names []*AliasName `parser:"'alias' '=' @@+"`
	}

	// Blacklist is dst_blacklist = name:{ rule, … }.
	Blacklist struct {
		Extent
		Name  *Ident           `parser:"'dst_blacklist' '=' @@ ':' '{'"`
		Rules []*BlacklistRule `parser:"@@ ( ',' @@ )* '}'"`
	}

	// MemGroup is mem-group = "name": "module" "module" ….
	MemGroup struct {
		Extent
		Name    *String   `parser:"'mem-group' '=' @@ ':'"`
		Modules []*String `parser:"@@+"`
	}

	// Global is a global parameter with a single value.
	Global struct {
		Extent
		Name  *Ident
		Value Expr // *Number, *String, *Ident, *IP, *HostName or *Opaque; nil for an unknown one
		// Profile is the auto-scaling profile of tcp_workers and the like.
		Profile *Ident
		// Unknown is set for a name that the version does not have.
		Unknown bool
	}

	// Route is a block of actions of any kind.
	Route struct {
		Extent
		Kind     *Ident
		Name     *RouteName // nil where the kind has none, or after an error
		Interval *Number    // of a timer_route, in seconds
		Mode     *Ident     // sync or async, of an event_route
		Body     *Block
	}

	// BadStatement is what could not be read as a statement.
	BadStatement struct{ Extent }
)

func (*LoadModule) statement()   {}
func (*ModParam) statement()     {}
func (*Listen) statement()       {}
func (*Alias) statement()        {}
func (*Blacklist) statement()    {}
func (*MemGroup) statement()     {}
func (*Global) statement()       {}
func (*Route) statement()        {}
func (*BadStatement) statement() {}

// Parts of statements.
type (
	// Socket is proto:host or proto:host:port.
	Socket struct {
		Extent
		Proto *Ident
		Host  Host
		Port  *Port // nil if not given
	}

	// Advertised is the address after "as".
	Advertised struct {
		Extent
		Host Host
		Port *Port
	}

	// AliasName is a name of an alias statement, with or without protocol and
	// port.
	AliasName struct {
		Extent
		Proto *Ident // nil or "any" for every protocol
		Host  Host
		Port  *Port
	}

	// BlacklistRule is one of the rules of a dst_blacklist.
	BlacklistRule struct {
		Extent
		Negated bool     `parser:"@Not? '('"`
		Proto   *Ident   `parser:"@@ ','"`
		Network *Network `parser:"@@ ','"`
		Port    *Port    `parser:"@@ ','"`
		Pattern *String  `parser:"@@ ')'"`
	}

	// Port is a number or "any", which is 0.
	Port struct {
		Extent
		Number int64
	}

	// RouteName is the name in the brackets of a route, written as a word, a
	// number or a string.
	RouteName struct {
		Extent
		Text string
	}
)

// Literal is a *String, a *Number or, from 3.0 on, a *Strings.
type Literal interface {
	Expr
	literal()
}

// Host is a *IP, a *HostName, a *String or *AnyHost.
type Host interface {
	Expr
	host()
}

// The expressions.
type (
	// String is a string with its quotes.
	String struct {
		Extent
		Raw string
	}

	// Number is a number with its sign; words such as yes and off are numbers
	// too.
	Number struct {
		Extent
		Raw string
	}

	// Opaque is the value of a global parameter that this parser does not know
	// the shape of.
	Opaque struct{ Extent }

	// Ident is a bare word.
	Ident struct {
		Extent
		Name string
	}

	// Var is a script variable, such as $avp(x) or $(hdr(From)[0]{s.len}).
	Var struct {
		Extent
		Raw string
	}

	// Null is NULL.
	Null struct{ Extent }

	// Myself is the operand myself.
	Myself struct{ Extent }

	// Operand is one of the operands that have a word of their own, such as
	// method or src_ip.
	Operand struct {
		Extent
		Name string
	}

	// IP is an address, without the brackets that an IPv6 one may have.
	IP struct {
		Extent
		Text string

		dotted bool // put together from numbers and dots
	}

	// Network is an address with a mask or a number of bits.
	Network struct {
		Extent
		IP   *IP
		Mask *IP     // as an address, or nil
		Bits *Number // as a number of bits, or nil
	}

	// HostName is a host name without quotes.
	HostName struct {
		Extent
		Name string
	}

	// AnyHost is the * of a listen.
	AnyHost struct{ Extent }

	// Strings are adjacent strings, which the server joins.
	Strings struct {
		Extent
		Parts []*String
	}

	// Unary is not x, !x or ~x.
	Unary struct {
		Extent
		Op string
		X  Expr
	}

	// Binary is a comparison, a logical or an arithmetic operation. A chain of
	// them is nested in X, as deeply as the script has operators: do not follow
	// it by recursion, see [Walk].
	Binary struct {
		Extent
		Op   string
		X, Y Expr
	}

	// BadExpr is a condition that could not be read, with the variables before
	// the error.
	BadExpr struct {
		Extent
		Vars []*Var
	}

	// Paren is (x).
	Paren struct {
		Extent
		X Expr // nil after an error
	}

	// Arith is [x], an arithmetic expression as a condition.
	Arith struct {
		Extent
		X Expr
	}

	// Call is a call of a function, of the core or of a module. It is an
	// action as well.
	Call struct {
		Extent
		Name *Ident
		Core bool
		Bare bool   // without brackets
		Args []Expr // nil for an empty position
	}

	// Assign sets a variable. It is an action as well.
	Assign struct {
		Extent
		Var   *Var
		Op    string
		Value Expr
	}
)

// The actions.
type (
	// Block is { … }. It is an expression as well.
	Block struct {
		Extent
		Actions []Action
	}

	// If is if cond then, with else or without. It is an expression as well.
	If struct {
		Extent
		Cond Expr
		Then Action
		Else Action // nil without else
	}

	// While is while cond body.
	While struct {
		Extent
		Cond Expr
		Body Action
	}

	// ForEach is for (var in list) body.
	ForEach struct {
		Extent
		Var, In *Var
		Body    Action
	}

	// Switch is switch (var) { … }.
	Switch struct {
		Extent
		Var   *Var
		Cases []*Case
	}

	// Case is a case of a switch, or its default.
	Case struct {
		Extent
		Label Literal // nil for default
		Body  []Action
		Break bool
	}

	// Empty is a lone semicolon.
	Empty struct{ Extent }

	// BadAction is what could not be read as an action, with the variables
	// before the error.
	BadAction struct {
		Extent
		Vars []*Var
	}
)

func (*Block) action()     {}
func (*If) action()        {}
func (*While) action()     {}
func (*ForEach) action()   {}
func (*Switch) action()    {}
func (*Empty) action()     {}
func (*BadAction) action() {}
func (*Call) action()      {}
func (*Assign) action()    {}

func (*String) expr()    {}
func (*Strings) expr()   {}
func (*Number) expr()    {}
func (*Ident) expr()     {}
func (*Opaque) expr()    {}
func (*Var) expr()       {}
func (*Null) expr()      {}
func (*Myself) expr()    {}
func (*Operand) expr()   {}
func (*IP) expr()        {}
func (*Network) expr()   {}
func (*HostName) expr()  {}
func (*AnyHost) expr()   {}
func (*Unary) expr()     {}
func (*Binary) expr()    {}
func (*Paren) expr()     {}
func (*BadExpr) expr()   {}
func (*Arith) expr()     {}
func (*Call) expr()      {}
func (*Assign) expr()    {}
func (*Block) expr()     {}
func (*If) expr()        {}
func (*RouteName) expr() {}
func (*Socket) expr()    {}

func (*String) literal()  {}
func (*Strings) literal() {}
func (*Number) literal()  {}

func (*IP) host()       {}
func (*HostName) host() {}
func (*String) host()   {}
func (*AnyHost) host()  {}

// Int is the value of the number as the server has it: words count as 1 or 0,
// 0x and 0 begin hexadecimal and octal ones, and what does not fit into 32
// bits wraps.
func (n *Number) Int() int64 {
	digits, negative := n.Raw, false
	switch n.Raw[0] {
	case '+', '-':
		negative = n.Raw[0] == '-'
		digits = strings.TrimLeft(n.Raw[1:], " \t\r\n\b")
	}
	v := magnitude(digits)
	if negative {
		return -v
	}
	return v
}

const (
	inet  = 2  // AF_INET on Linux
	inet6 = 10 // AF_INET6 on Linux
)

func magnitude(digits string) int64 {
	switch digits {
	case "yes", "true", "on", "enable":
		return 1
	case "no", "false", "off", "disable":
		return 0
	case "inet", "INET":
		return inet
	case "inet6", "INET6":
		return inet6
	}
	v, err := strconv.ParseInt(digits, 0, 64)
	if err != nil {
		return -1
	}
	return int64(int32(v))
}

// Value is the text of the string with its escapes resolved: a double-quoted
// one knows \n \r \a \t \" \\ \xHH and \ooo, a single-quoted one none.
func (s *String) Value() string {
	text := strings.TrimSuffix(s.Raw[1:], s.Raw[:1])
	if s.Raw[0] == '\'' || !strings.Contains(text, "\\") {
		return text
	}
	return unescape(text)
}

// Value is the joined text of the strings.
func (s *Strings) Value() string {
	var b strings.Builder
	for _, part := range s.Parts {
		b.WriteString(part.Value())
	}
	return b.String()
}

func unescape(text string) string {
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b = append(b, text[i])
			continue
		}
		value, n := escape(text[i+1:])
		if n == 0 {
			b = append(b, '\\')
			continue
		}
		b = append(b, value...)
		i += n
	}
	return string(b)
}

// escape gives what stands for the escape sequence after a backslash and the
// sequence's length; 0 if it is none.
func escape(rest string) (value string, n int) {
	switch rest[0] {
	case 'n':
		return "\n", 1
	case 'r':
		return "\r", 1
	case 'a':
		return "\a", 1
	case 't':
		return "\t", 1
	case '"', '\\':
		return rest[:1], 1
	case '\n':
		return "", 1
	case 'x':
		return codeEscape(rest, 1, min(3, len(rest)), 16, 1)
	default:
		return codeEscape(rest, 0, min(3, len(rest)), 8, 2)
	}
}

// codeEscape reads the digits rest[from:to] as far as they are some; fewer than
// least are none.
func codeEscape(rest string, from, to, base, least int) (value string, n int) {
	end := from
	for end < to && isDigitOf(rest[end], base) {
		end++
	}
	if end-from < least {
		return "", 0
	}
	code, err := strconv.ParseUint(rest[from:end], base, 16)
	if err != nil {
		return "", 0
	}
	return string([]byte{byte(code)}), end
}

func isDigitOf(c byte, base int) bool {
	if base == 8 {
		return c >= '0' && c <= '7'
	}
	return isHex(c)
}
