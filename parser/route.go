package parser

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

// route is a route with its body. An error in the head ends it; one in the body
// is noted in r.errors, and the body goes on behind it.
func (r *reader) route() *Route {
	kind := r.next()
	route := &Route{Kind: &Ident{kind.extent(), kind.text}}
	r.routeHead(route, routeHeads[kind.text])
	route.Body = r.block(true)
	route.Extent = r.from(route.Kind.From)
	return route
}

func (r *reader) routeHead(route *Route, head routeHead) {
	if head.name == absent || head.name == optional && r.kind() != kindLBracket {
		return
	}
	r.expect(kindLBracket, `"["`)
	route.Name = r.routeName()
	if head.interval {
		r.expect(kindComma, `","`)
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

// atRoute reports whether a route begins here. None can within a body, so one
// there means that a bracket is missing.
func (r *reader) atRoute() bool {
	switch r.kind() {
	case kindRouteKind:
		return true
	case kindRoute:
		before := r.at
		r.next()
		k := r.kind()
		r.at = before
		return k == kindLBracket || k == kindLBrace
	}
	return false
}
