package parser

import "fmt"

// A routeHead says what stands between the kind of a route and its body.
type routeHead struct {
	name     presence
	interval bool // timer_route: [name, seconds]
	mode     bool // event_route: [name, sync] or [name, async]
}

type presence int

const (
	absent presence = iota
	optional
	required
)

var routeHeads = map[string]routeHead{
	"route":         {name: optional},
	"onreply_route": {name: optional},
	"failure_route": {name: required},
	"branch_route":  {name: required},
	"error_route":   {name: absent},
	"local_route":   {name: absent},
	"startup_route": {name: absent},
	"timer_route":   {name: required, interval: true},
	"event_route":   {name: required, mode: true},
}

// route is a route with its body. An error in either is noted in r.errors, and
// the body goes on behind it.
func (r *reader) route() *Route {
	kind := r.next()
	route := &Route{Kind: &Ident{kind.extent(), kind.text}}
	if e := attempt(func() { r.routeHead(route, routeHeads[kind.text]) }); e != nil {
		if !r.skipToBody() {
			panic(e)
		}
		r.note(e)
	}
	route.Body = r.block(true)
	route.Extent = r.from(route.Kind.From)
	return route
}

// attempt returns the syntax error that f throws, if any.
func attempt(f func()) (e *syntaxError) {
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case *syntaxError:
			e = thrown
		default:
			panic(thrown)
		}
	}()
	f()
	return nil
}

// skipToBody goes on from an error in a head to the { behind it, if that plainly
// belongs to the same route.
func (r *reader) skipToBody() bool {
	for at := r.at; ; at++ {
		switch r.tokens[at].kind {
		case kindLBrace:
			r.at = at
			return true
		case kindEOF, kindRBrace, kindSemicolon, kindRoute, kindRouteKind, kindGlobal, kindKeyword:
			return false
		}
	}
}

func (r *reader) routeHead(route *Route, head routeHead) {
	want := `"{"`
	switch {
	case head.name == required || head.name == optional && r.kind() == kindLBracket:
		r.routeBrackets(route, head)
	case head.name == optional:
		want = `"[" or "{"`
	}
	if r.kind() != kindLBrace {
		e := r.wrong(want)
		if head.name == absent && r.kind() == kindLBracket {
			e.help = fmt.Sprintf("there is only one %s, without a name", route.Kind.Name)
		}
		panic(e)
	}
}

// routeBrackets are the name of a route and what its kind has with it.
func (r *reader) routeBrackets(route *Route, head routeHead) {
	if r.kind() != kindLBracket {
		e := r.wrong(`"["`)
		e.help = fmt.Sprintf("a %s has a name: %s[name]", route.Kind.Name, route.Kind.Name)
		panic(e)
	}
	r.next()
	route.Name = r.routeName()
	if head.interval {
		if r.kind() != kindComma {
			e := r.wrong(`","`)
			e.help = "a timer_route has an interval in seconds: timer_route[name, 60]"
			panic(e)
		}
		r.next()
		route.Interval = r.unsigned()
	}
	if head.mode && r.accept(kindComma) {
		if r.kind() != kindSync && r.peek().text != "async" {
			r.fail("\"sync\" or \"async\"")
		}
		t := r.next()
		route.Mode = &Ident{t.extent(), t.text}
	}
	r.expect(kindRBracket, `"]"`)
}

// routeName is a word, a number or a string.
func (r *reader) routeName() *RouteName {
	switch t := r.peek(); t.kind {
	case kindIdent:
		r.next()
		return &RouteName{t.extent(), t.text}
	case kindNumber:
		n := r.unsigned()
		return &RouteName{n.Extent, n.ipByte()}
	case kindString:
		s := r.stringToken()
		return &RouteName{s.Extent, s.Value()}
	}
	r.fail("the name of a route")
	return nil
}

// atStatement reports whether a statement plainly begins here. None can within
// a body, so one there means that a bracket is missing.
func (r *reader) atStatement() bool {
	t := r.peek()
	if t.kind == kindEOF {
		return false
	}
	switch next := r.tokens[r.at+1].kind; t.kind {
	case kindRouteKind:
		return true
	case kindRoute:
		return next == kindLBracket || next == kindLBrace
	case kindGlobal:
		return next == kindAssign
	case kindKeyword:
		return t.text == "loadmodule" && next == kindString || t.text == "modparam" && next == kindLParen
	}
	return false
}
