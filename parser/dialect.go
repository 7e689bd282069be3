package parser

import (
	"fmt"
	"io"
	"maps"
	"strings"
	"sync"

	"github.com/alecthomas/participle/v2/lexer"
)

// Language describes the opensips.cfg of one OpenSIPS version: its words, and
// what may follow each. It is plain data, so that a version is a set of values
// and not a parser of its own.
type Language struct {
	Version string // such as "2.3", for error texts

	// Globals are the global parameters with the kinds of value each takes:
	// "int", "signed", "string", "id", "host", "int use_auto_scaling_profile
	// id", or the shape of a statement: "socket", "hosts", "id colon lbrace
	// blacklist rbrace" and "string colon string...". A value of any other kind
	// is taken as it stands, see [Opaque].
	Globals map[string][]string
	// Statements are the core functions with their argument shapes, such as
	// "(string, int)"; "-" is the function without brackets.
	Statements map[string][]string
	// Routes are the kinds of route: "route", "failure_route", ….
	Routes []string
	// Reserved are the further words that are no identifiers.
	Reserved []string

	Has Features
}

// Features are the constructs that not every version has.
type Features struct {
	OldConditions         bool // method, uri, src_ip, … as operands: until 2.3
	BareIdentifierOperand bool // $x == word: until 2.3
	NetworkOperand        bool // $x == 10.0.0.0/8: from 2.4 on
	AddressTokens         bool // an IP address is one token: from 2.4 on
	AnyAddress            bool // listen=udp:*:5060
	UseChildren           bool // listen=… use_children 4: until 2.4
	Anycast               bool // listen=… anycast
	UseWorkers            bool // listen=… use_workers 4, in any order with the others: from 3.0 on
	SocketTag             bool // listen=… tag name, frag, reuse_port: from 3.1 on
	JoinedStrings         bool // xlog("a" "b")
	SignedRouteParams     bool // route(x, -1)
	VariableArguments     bool // function($var(x), 5): from 3.0 on
	ValueStrings          bool // modparam("m", "p", "a" "b"): from 3.0 on
}

// Dialect is a Language made ready for parsing. It is immutable and safe for
// concurrent use. It is participle's lexer definition as well.
type Dialect struct {
	version    string
	has        Features
	words      map[string]kind
	globals    map[string]valueKinds
	statements map[string]*signature
	build      func() (*grammar, error)
}

// NewDialect makes the dialect of a language; a shape that it does not know is
// an error.
func NewDialect(l Language) (*Dialect, error) {
	d := &Dialect{
		version:    l.Version,
		has:        l.Has,
		globals:    make(map[string]valueKinds, len(l.Globals)),
		statements: make(map[string]*signature, len(l.Statements)),
	}
	for name, kinds := range l.Globals {
		k, err := parseValueKinds(kinds)
		if err != nil {
			return nil, fmt.Errorf("global %s of %s: %w", name, l.Version, err)
		}
		d.globals[name] = k
	}
	for name, shapes := range l.Statements {
		sig, err := parseSignature(shapes)
		if err != nil {
			return nil, fmt.Errorf("core function %s of %s: %w", name, l.Version, err)
		}
		sig.joined = l.Has.JoinedStrings && name == "xlog"
		d.statements[name] = sig
	}
	d.words = wordKinds(l)
	d.build = sync.OnceValues(func() (*grammar, error) { return buildGrammar(d) })
	return d, nil
}

// Version is the OpenSIPS version of the dialect.
func (d *Dialect) Version() string { return d.version }

// fixedWords have the same meaning in every version that has them.
var fixedWords = map[string]kind{
	"if": kindIf, "else": kindElse, "while": kindWhile, "for": kindFor, "in": kindIn,
	"switch": kindSwitch, "case": kindCase, "default": kindDefault, "break": kindBreak, "esac": kindBreak,
	"and": kindAndOr, "or": kindAndOr, "not": kindNot, "null": kindNull, "NULL": kindNull, "any": kindAny,
	"myself": kindMyself, "max_len": kindMaxLen, "sync": kindSync,
	"yes": kindNumber, "true": kindNumber, "on": kindNumber, "enable": kindNumber,
	"no": kindNumber, "false": kindNumber, "off": kindNumber, "disable": kindNumber,
	"inet": kindNumber, "INET": kindNumber, "inet6": kindNumber, "INET6": kindNumber,
}

// oldConditions are the operands that 2.4 took away.
var oldConditions = map[string]bool{
	"method": true, "uri": true, "status": true, "from_uri": true, "to_uri": true, "src_ip": true, "src_port": true,
	"dst_ip": true, "dst_port": true, "proto": true, "af": true, "msg:len": true,
}

func wordKinds(l Language) map[string]kind {
	words := maps.Clone(fixedWords)
	for _, word := range l.Reserved {
		if _, known := words[word]; !known {
			words[word] = kindKeyword
		}
	}
	for word := range oldConditions {
		delete(words, word)
		if l.Has.OldConditions {
			words[word] = kindOperand
		}
	}
	if !l.Has.OldConditions {
		delete(words, "myself")
		delete(words, "max_len")
	}
	for name := range l.Globals {
		words[name] = kindGlobal
	}
	for name := range l.Statements {
		words[name] = kindStatement
	}
	for _, route := range l.Routes {
		words[route] = kindRouteKind
	}
	if l.Has.UseWorkers {
		words["use_auto_scaling_profile"] = kindSocketOption
	}
	if l.Has.SocketTag {
		words["tag"], words["frag"], words["reuse_port"] = kindSocketOption, kindSocketOption, kindSocketOption
	}
	words["route"] = kindRoute
	words["loadmodule"], words["modparam"] = kindKeyword, kindKeyword
	// These are tokens together with the blanks around them.
	delete(words, "as")
	delete(words, "use_children")
	delete(words, "use_workers")
	return words
}

// Symbols names the token kinds, for participle.
func (d *Dialect) Symbols() map[string]lexer.TokenType { return symbols }

// Lex splits a text into tokens, for participle. Includes are not followed.
func (d *Dialect) Lex(filename string, r io.Reader) (lexer.Lexer, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filename, err)
	}
	return participleLexer{newScanner(d, filename, string(text), nil)}, nil
}

// A valueKinds is what may stand after the "=" of a global parameter.
type valueKinds struct {
	number, signed, str, ident, host bool
	profile                          bool // the name of a profile may follow the number
	// shape is the one of a statement type of its own.
	shape string
	// opaque is set where there are further shapes, which the parser does not
	// know.
	opaque bool
}

func parseValueKinds(kinds []string) (valueKinds, error) {
	var v valueKinds
	for _, kind := range kinds {
		switch kind {
		case "int":
			v.number = true
		case "signed":
			v.number, v.signed = true, true
		case "string":
			v.str = true
		case "id":
			v.ident = true
		case "host":
			v.host = true
		case "int use_auto_scaling_profile id":
			v.number, v.profile = true, true
		case shapeListen, shapeAlias, shapeBlacklist, shapeMemGroup:
			v.shape = kind
		default:
			v.opaque = true
		}
	}
	if len(kinds) == 0 {
		return v, fmt.Errorf("no kind of value")
	}
	return v, nil
}

// The shapes of the global parameters that have a statement type of their own.
const (
	shapeListen    = "socket"
	shapeAlias     = "hosts"
	shapeBlacklist = "id colon lbrace blacklist rbrace"
	shapeMemGroup  = "string colon string..."
)

// want says in an error what the global takes.
func (v valueKinds) want() string {
	var want []string
	if v.number {
		want = append(want, "a number")
	}
	if v.str {
		want = append(want, "a string")
	}
	if v.ident {
		want = append(want, "a word")
	}
	if v.host {
		want = append(want, "an address or a host name")
	}
	return strings.Join(want, " or ")
}
