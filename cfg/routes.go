package cfg

import (
	"fmt"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
)

// maxRoutes is how many routes of a kind the server has room for, the default
// one included.
const maxRoutes = 100

// A routeTable remembers which routes are defined.
type routeTable struct {
	defined map[string]*Route // by kind and name
	count   map[string]int    // by kind
	told    map[string]bool
}

// route notes a route and checks what its body does.
func (in *interpreter) route(s *parser.Route) {
	r := &Route{Kind: s.Kind.Name, Node: s, At: in.span(s.Kind)}
	if s.Name != nil {
		r.Name = s.Name.Text
	}
	if r.Kind == "route" && isZero(r.Name) {
		r.Name = "" // route[0] is the main route
	}
	in.addRoute(r)
	in.Routes = append(in.Routes, r)
	if s.Body != nil {
		in.body(s, catalogue.RouteKind(r.Kind))
	}
}

func isZero(name string) bool { return name != "" && strings.Trim(name, "0") == "" }

// addRoute reports a route that is defined already. Timer routes may share a
// name.
func (in *interpreter) addRoute(r *Route) {
	t := &in.routes
	if t.defined == nil {
		t.defined, t.count, t.told = map[string]*Route{}, map[string]int{}, map[string]bool{}
	}
	key := r.Kind + "[" + r.Name + "]"
	if earlier := t.defined[key]; earlier != nil && r.Kind != "timer_route" {
		what := fmt.Sprintf("%s[%s]", r.Kind, r.Name)
		if r.Name == "" {
			what = "the default " + r.Kind
		}
		f := in.report(ruleDuplicateRoute, r.Node.Kind, "%s is defined already", what)
		f.Diagnostic = f.WithRelated(earlier.At, "defined first here")
		return
	}
	t.defined[key] = r
	if t.count[r.Kind]++; t.count[r.Kind] >= maxRoutes && r.Name != "" && !t.told[r.Kind] {
		t.told[r.Kind] = true
		in.report(ruleTooManyRoutes, r.Node.Kind, "there are more than %d routes of the kind %s", maxRoutes-1, r.Kind)
	}
}

// body checks the actions of a route against what is loaded so far.
func (in *interpreter) body(s *parser.Route, kind catalogue.Routes) {
	parser.Walk(s.Body, func(n parser.Node) bool {
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
