package catalogue

import (
	"slices"
	"strconv"
	"strings"
)

// Function is a function that a script may call.
type Function struct {
	Name string
	// Args is the number of its arguments where those have no types, which is
	// how OpenSIPS looks functions up until 2.4. It is TypedArgs elsewhere.
	Args   int
	Params []Argument
	Routes Routes // where it may be called; a function of no route is for modules only
}

// TypedArgs is the Args of a function that has Params instead.
const TypedArgs = -1

// Argument is an argument with a type, as functions have them since 3.0.
type Argument struct {
	Type     string // "str", "int", "var" or "regex"
	Optional bool
}

// Accepts reports whether the function can be called with n arguments. An
// empty place between commas counts as an argument.
func (f *Function) Accepts(n int) bool {
	if f.Args != TypedArgs {
		return n == f.Args
	}
	required := len(f.Params)
	for required > 0 && f.Params[required-1].Optional {
		required--
	}
	return required <= n && n <= len(f.Params)
}

// Routes is a set of route kinds.
type Routes uint16

// The route kinds.
const (
	RequestRoute Routes = 1 << iota // the main route and those it calls
	FailureRoute
	OnreplyRoute
	BranchRoute
	ErrorRoute
	LocalRoute
	StartupRoute
	TimerRoute
	EventRoute
)

// The empty and the full set of route kinds.
const (
	NoRoutes  Routes = 0
	AllRoutes Routes = EventRoute<<1 - 1
)

// routeWords are the route kinds in the order of their bits, as the data file
// names them. A script's statement adds "_route", but for the first.
var routeWords = [...]string{"request", "failure", "onreply", "branch", "error", "local", "startup", "timer", "event"}

// Contains reports whether all route kinds of other are in the set.
func (r Routes) Contains(other Routes) bool { return r&other == other }

// String lists the statements of the route kinds, such as "route,
// failure_route", or is "all routes" or "no route".
func (r Routes) String() string {
	switch r {
	case NoRoutes:
		return "no route"
	case AllRoutes:
		return "all routes"
	}
	var statements []string
	for i, word := range routeWords {
		if r&(1<<i) != 0 {
			statements = append(statements, statementOf(word))
		}
	}
	return strings.Join(statements, ", ")
}

func statementOf(routeWord string) string {
	if routeWord == "request" {
		return "route"
	}
	return routeWord + "_route"
}

// RouteKind is the route kind that a statement such as "failure_route" opens,
// or NoRoutes for a statement that opens none.
func RouteKind(statement string) Routes {
	for i, word := range routeWords {
		if statementOf(word) == statement {
			return 1 << i
		}
	}
	return NoRoutes
}

func functionsNamed(functions []Function, name string) []Function {
	compare := func(f Function, name string) int { return strings.Compare(f.Name, name) }
	first, _ := slices.BinarySearchFunc(functions, name, compare)
	last := first
	for last < len(functions) && functions[last].Name == name {
		last++
	}
	return functions[first:last:last]
}

func functionOf(e entry) Function {
	f := Function{Name: e.next()}
	f.Args, f.Params = argumentsOf(e.next())
	f.Routes = routesOf(e.next())
	return f
}

// argumentsOf reads a number, or types as in "(str, [int])".
func argumentsOf(text string) (int, []Argument) {
	types, typed := strings.CutPrefix(text, "(")
	if !typed {
		n, _ := strconv.Atoi(text)
		return n, nil
	}
	types = strings.TrimSuffix(types, ")")
	if types == "" {
		return TypedArgs, nil
	}
	arguments := make([]Argument, 0, strings.Count(types, ",")+1)
	for types != "" {
		var one string
		one, types, _ = strings.Cut(types, ", ")
		plain := strings.Trim(one, "[]")
		arguments = append(arguments, Argument{Type: plain, Optional: plain != one})
	}
	return TypedArgs, arguments
}

func routesOf(text string) (routes Routes) {
	switch text {
	case "all":
		return AllRoutes
	case "none":
		return NoRoutes
	}
	for text != "" {
		var word string
		word, text, _ = strings.Cut(text, ",")
		if bit := slices.Index(routeWords[:], word); bit >= 0 {
			routes |= 1 << bit
		}
	}
	return routes
}
