package lint

import (
	"iter"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// scriptFacts are what the routes do that rules ask for. Only what is constant
// in the script is known; nothing is computed.
type scriptFacts struct {
	assigns []assign
	uses    []use
	calls   []call
	// opaque are the AVPs that something other than an assignment may set: they
	// are arguments of functions or go through a list.
	opaque map[string]bool
}

// assign is an assignment to a script variable.
type assign struct {
	variable parser.Variable
	value    string // if it is constant
	constant bool
	null     bool // it is set to NULL
	at       diag.Span
	valueAt  diag.Span
}

// use is a script variable that is read.
type use struct {
	name   string
	logged bool // only to be logged
	at     diag.Span
	route  *cfg.Route
}

// call is a call of a function.
type call struct {
	*parser.Call
	at    diag.Span
	route *cfg.Route
}

// readScript goes through all routes once.
func (s *subject) readScript() *scriptFacts {
	f := &scriptReader{subject: s, facts: &scriptFacts{opaque: map[string]bool{}}}
	for _, r := range s.Config.Routes {
		if r.Node.Body != nil {
			f.route = r
			parser.Walk(r.Node.Body, f.node)
		}
	}
	return f.facts
}

type scriptReader struct {
	*subject
	facts *scriptFacts
	route *cfg.Route
}

func (r *scriptReader) span(n parser.Node) diag.Span { return r.Config.File.Sources.Span(n) }

func (r *scriptReader) node(n parser.Node) bool {
	switch n := n.(type) {
	case *parser.Assign:
		r.assign(n)
	case *parser.Call:
		r.call(n)
	case *parser.Var:
		r.use(n, n.Raw, false)
	case *parser.ForEach:
		if n.Var != nil {
			r.touch(n.Var.Raw)
		}
	case *parser.String:
		r.text(n, n.Value(), false)
	}
	// The arguments of functions are looked at with the call.
	_, isCall := n.(*parser.Call)
	return !isCall
}

func (r *scriptReader) assign(n *parser.Assign) {
	v, err := parser.ParseVar(n.Var.Raw)
	if err != nil {
		return
	}
	a := assign{variable: v, at: r.span(n)}
	switch value := n.Value.(type) {
	case *parser.String:
		a.value, a.valueAt = value.Value(), r.span(value)
		a.constant = !strings.Contains(a.value, "$")
	case *parser.Number:
		a.value, a.valueAt, a.constant = value.Raw, r.span(value), true
	case *parser.Null:
		a.null = true
	}
	if n.Op != "=" && n.Op != ":=" {
		a.constant = false
	}
	r.facts.assigns = append(r.facts.assigns, a)
}

// logFunctions only show their arguments.
var logFunctions = []string{"xlog", "xdbg", "log"}

func (r *scriptReader) call(n *parser.Call) {
	r.facts.calls = append(r.facts.calls, call{n, r.span(n), r.route})
	logged := slices.Contains(logFunctions, n.Name.Name)
	for _, arg := range n.Args {
		if arg == nil {
			continue
		}
		parser.Walk(arg, func(in parser.Node) bool {
			switch in := in.(type) {
			case *parser.Call:
				r.call(in)
				return false
			case *parser.Var:
				r.use(in, in.Raw, logged)
				r.touchUnless(logged, in.Raw)
			case *parser.String:
				r.text(in, in.Value(), logged)
				for raw := range variablesIn(in.Value()) {
					r.touchUnless(logged, raw)
				}
			case *parser.Assign:
				r.assign(in)
			}
			return true
		})
	}
}

func (r *scriptReader) touchUnless(logged bool, raw string) {
	if !logged {
		r.touch(raw)
	}
}

// touch notes that something may set an AVP.
func (r *scriptReader) touch(raw string) {
	if v, err := parser.ParseVar(raw); err == nil && v.Name == "avp" {
		r.facts.opaque[parser.AVPName(v.Inner)] = true
	}
}

func (r *scriptReader) use(n parser.Node, raw string, logged bool) {
	if v, err := parser.ParseVar(raw); err == nil {
		r.facts.uses = append(r.facts.uses, use{v.Name, logged, r.span(n), r.route})
	}
}

func (r *scriptReader) text(n parser.Node, text string, logged bool) {
	for raw := range variablesIn(text) {
		r.use(n, raw, logged)
	}
}

// variablesIn yields the script variables of a text.
func variablesIn(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for {
			at := strings.IndexByte(text, '$')
			if at < 0 {
				return
			}
			text = text[at:]
			_, n, err := parser.ScanVar(text)
			if err != nil {
				n = 1
			} else if !yield(text[:n]) {
				return
			}
			text = text[n:]
		}
	}
}

// clientAVP is the AVP that holds the name of the client domain; false if none
// is set.
func (p *Pass) clientAVP() (name string, at diag.Span, ok bool) {
	name, ok = cfg.AVPOf(p.Config.TLS.ClientDomainAVP)
	return name, p.Config.TLS.ClientDomainAVP.At, ok
}

// assignedTo are the assignments to an AVP. It is complete if every one of them
// is constant and nothing else may set the AVP.
func (f *scriptFacts) assignedTo(avp string) (all []assign, complete bool) {
	complete = !f.opaque[avp]
	for _, a := range f.assigns {
		if a.variable.Name == "avp" && parser.AVPName(a.variable.Inner) == avp {
			all = append(all, a)
			complete = complete && (a.constant || a.null)
		}
	}
	return all, complete
}
