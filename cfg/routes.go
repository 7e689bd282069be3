package cfg

import (
	"fmt"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
)

// maxRoutes is how many names the server has room for among the routes of a
// kind. The default route has a place of its own.
const maxRoutes = 99

// routeNames are the names of the routes of one kind. A route that is called
// takes a place as well, defined or not.
type routeNames struct {
	defined map[string]*Route
	known   map[string]bool
	told    bool
}

func (in *interpreter) namesOf(kind string) *routeNames {
	names := in.routes[kind]
	if names == nil {
		names = &routeNames{defined: map[string]*Route{}, known: map[string]bool{}}
		in.routes[kind] = names
	}
	return names
}

// route notes a route and checks what its body does.
func (in *interpreter) route(s *parser.Route) {
	r := &Route{Kind: s.Kind.Name, Node: s, At: in.span(s.Kind)}
	if s.Name != nil {
		r.Name = s.Name.Text
	}
	if r.Kind == mainRoute && isZero(r.Name) {
		r.Name = "" // route[0] is the main route
	}
	if s.Name != nil || !in.lostName(s) {
		in.addRoute(r)
	}
	in.Routes = append(in.Routes, r)
	if s.Body != nil {
		in.check(s.Body, catalogue.RouteKind(r.Kind))
	}
}

const mainRoute = "route"

// lostName reports whether a route without a name was to have one that could
// not be read.
func (in *interpreter) lostName(s *parser.Route) bool {
	head := strings.TrimPrefix(in.textOf(s), s.Kind.Name)
	return strings.HasPrefix(strings.TrimLeft(head, " \t\r\n"), "[")
}

// isZero reports whether the server reads the name of a route as the number 0.
func isZero(name string) bool {
	digits := strings.TrimLeft(name, " \t\n\v\f\r")
	if digits != "" && strings.IndexByte("+-", digits[0]) >= 0 {
		digits = digits[1:]
	}
	return digits != "" && strings.Trim(digits, "0") == ""
}

// addRoute reports a route that is defined already. Timer routes may share a
// name.
func (in *interpreter) addRoute(r *Route) {
	names := in.namesOf(r.Kind)
	if earlier := names.defined[r.Name]; earlier != nil && r.Kind != "timer_route" {
		what := fmt.Sprintf("%s[%s]", r.Kind, shown(r.Name))
		if r.Name == "" {
			what = "the default " + r.Kind
		}
		relate(in.report(ruleDuplicateRoute, r.Node.Kind, "%s is defined already", what), earlier.At, "defined first here")
		return
	}
	names.defined[r.Name] = r
	if r.Name != "" && r.Kind != "timer_route" {
		in.countRoute(r.Kind, r.Name, r.Node.Kind)
	}
}

// countRoute gives a named route its place, if it has none yet.
func (in *interpreter) countRoute(kind, name string, at parser.Node) {
	names := in.namesOf(kind)
	names.known[name] = true
	if len(names.known) > maxRoutes && !names.told {
		names.told = true
		in.report(ruleTooManyRoutes, at, "there are more than %d names of routes of the kind %s", maxRoutes, kind)
	}
}

// check checks the actions within a node against what is loaded so far. kind is
// that of the route around it.
func (in *interpreter) check(n parser.Node, kind catalogue.Routes) {
	parser.Walk(n, func(n parser.Node) bool {
		switch n := n.(type) {
		case *parser.Call:
			return in.call(n, kind)
		case *parser.Var:
			in.variable(n)
		case *parser.Assign:
			in.assign(n)
		case *parser.ForEach:
			in.forEach(n)
		case *parser.Network:
			in.network(n)
			return false
		case *parser.IP:
			in.host(n)
		case *parser.Binary:
			in.comparison(n)
		case *parser.RouteName:
			in.countRoute(mainRoute, n.Text, n)
		}
		return true
	})
}

// comparison checks a protocol that is compared with the operand proto.
func (in *interpreter) comparison(n *parser.Binary) {
	operand, ok := n.X.(*parser.Operand)
	if !ok || operand.Name != "proto" {
		return
	}
	if name, ok := n.Y.(*parser.Ident); ok {
		in.protocol(name)
	}
}
