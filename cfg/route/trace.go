package route

import (
	"fmt"

	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
)

// Tracer is told each step of a run, in the order in which they are done: the
// calls within a condition before the condition.
type Tracer interface {
	Trace(e Event)
}

// Kind says what an [Event] is about.
type Kind string

// The kinds of events, with the fields that they have besides At, Depth, Kind
// and Text.
const (
	KindEnter     Kind = "enter"     // a route begins: Route, Args of its call, Variables in them
	KindLeave     Kind = "leave"     // a route ends: Route, Code
	KindCondition Kind = "condition" // of if and while: Value true, false or error; Variables
	KindSwitch    Kind = "switch"    // the variable of a switch: Value; Match is the case
	KindAssign    Kind = "assign"    // Value is what was assigned; Target, Variables, Code
	KindLoop      Kind = "loop"      // for takes its next element: Target, Value
	KindCall      Kind = "call"      // Function, Args, Code; Stub, Variables
	KindLog       Kind = "log"       // Level, Output
	KindRelay     Kind = "relay"     // Relay
	KindReply     Kind = "reply"     // Reply
	KindWarning   Kind = "warning"   // Message
	KindEnd       Kind = "end"       // the run ended: End, Code, Message
)

// Event is one step. It is plain data, made to be written as JSON.
type Event struct {
	Kind  Kind     `json:"kind"`
	At    Position `json:"at,omitzero"`
	Depth int      `json:"depth"` // how many routes are around the one that runs, from 0
	Text  string   `json:"text,omitempty"`

	Route     string     `json:"route,omitempty"`
	Function  string     `json:"function,omitempty"`
	Target    string     `json:"target,omitempty"`
	Args      []any      `json:"args,omitempty"`  // nil for NULL, a string or an int64
	Value     any        `json:"value,omitempty"` // bool of a condition, or "error"; else nil for NULL, a string or an int64
	Match     string     `json:"match,omitempty"`
	Code      *int64     `json:"code,omitempty"`
	Stub      bool       `json:"stub,omitempty"`
	Variables []Variable `json:"variables,omitempty"`

	Level   Level  `json:"level,omitempty"`
	Output  string `json:"output,omitempty"`
	Relay   *Relay `json:"relay,omitempty"`
	Reply   *Reply `json:"reply,omitempty"`
	End     End    `json:"end,omitempty"`
	Message string `json:"message,omitempty"`
}

// Variable is a variable that a step read, with its value: nil for NULL, a string
// or an int64.
type Variable struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
}

// plain is a value as events have it.
func plain(v pv.Value) any {
	switch {
	case v.IsNull():
		return nil
	case isNumber(v):
		return v.Int
	}
	return v.Text
}

func plainAll(values []pv.Value) []any {
	if len(values) == 0 {
		return nil
	}
	all := make([]any, len(values))
	for i, v := range values {
		all[i] = plain(v)
	}
	return all
}

// trace tells the tracer about a step at a node. reads is what r.reads had when
// the step began: the variables read since are the step's own.
func (r *run) trace(n *site, reads int, e Event) {
	e.At, e.Depth = positionOf(n.at), r.depth
	if e.Text == "" {
		e.Text = n.text()
	}
	if len(r.reads) > reads {
		e.Variables = append([]Variable(nil), r.reads[reads:]...)
		r.reads = r.reads[:reads]
	}
	r.tracer.Trace(e)
}

// warn notes what a server would log about the script.
func (r *run) warn(n *site, format string, args ...any) {
	if r.warned == nil {
		r.warned = map[Position]bool{}
	}
	at := positionOf(n.at)
	message := fmt.Sprintf(format, args...)
	if r.tracer != nil {
		r.trace(n, len(r.reads), Event{Kind: KindWarning, Message: message})
	}
	if !r.warned[at] && len(r.warned) < maxWarnings {
		r.warned[at] = true
		r.result.Warnings = append(r.result.Warnings, Warning{at, message})
	}
}
