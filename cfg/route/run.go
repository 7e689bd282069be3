package route

import (
	"context"
	"fmt"

	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Codes of actions. An action with a code of 0 ends the script.
const (
	codeOK          = 1
	codeFalse       = -1
	codeUnspecified = -1 // of an empty list of actions
	codeEnd         = 0
)

// Limits on what a run keeps.
const (
	maxWarnings  = 100
	maxRecords   = 10_000   // of each kind
	maxRunMemory = 64 << 20 // of all texts that a run makes, bytes
	maxNesting   = 100_000  // of statements within each other, over all routes
)

type signal uint8

const (
	signalReturn signal = 1 << iota
	signalExit
)

// step does an action and returns its code.
type step func(*run) int

// A run is the state of one run.
type run struct {
	ctx     context.Context
	scope   *pv.Scope
	message *sipmsg.Message // an empty one where the route runs without
	env     Env
	program *Program
	tracer  Tracer

	signal  signal
	dropped bool
	steps   int
	depth   int // of route calls
	nesting int
	memory  int
	result  Result

	otherFlags   []string // those that are not of the message or its first branch
	replyHeaders []string
	warned       map[Position]bool
	reads        []Variable
	args         []pv.Value // of the calls that are going on
}

// Run runs the request route for the message of the scope. ctx and the options of
// [Compile] limit it. The scope keeps what the script sets; Run fills in its route
// type, if it has none, and where the run is. A program can be run by several
// goroutines at once, each with a scope of its own.
func (p *Program) Run(ctx context.Context, s *pv.Scope, env Env) Result {
	return p.start(ctx, p.main, s, env)
}

// RunRoute is [Program.Run] from another route than the request route, by its kind
// and name, such as "branch_route" and "1". It is an error if the script does not
// define it.
func (p *Program) RunRoute(ctx context.Context, kind, name string, s *pv.Scope, env Env) (Result, error) {
	code := p.find(kind, name)
	if code == nil {
		return Result{}, fmt.Errorf("the script has no %s[%s]", kind, name)
	}
	return p.start(ctx, code, s, env), nil
}

func (p *Program) start(ctx context.Context, code *routeCode, s *pv.Scope, env Env) Result {
	r := &run{ctx: ctx, scope: s, env: env, program: p, tracer: env.Tracer, steps: p.maxSteps}
	r.depth = -1
	if s.RouteType == "" && code != nil {
		s.RouteType = code.routeType()
	}
	if r.message = s.Message; r.message == nil {
		r.message = &sipmsg.Message{}
	}
	if code == nil {
		r.fail(EndError, &site{}, "the script has no request route")
	} else {
		r.result.Code = int64(r.call(code, code.site, nil, 0))
	}
	r.depth = 0
	r.finish()
	return r.result
}

// finish settles how the run ended.
func (r *run) finish() {
	if r.result.End == "" {
		switch {
		case r.dropped:
			r.result.End = EndDrop
		case r.signal&signalExit != 0:
			r.result.End = EndExit
		default:
			r.result.End = EndOfRoute
		}
	}
	if r.tracer != nil {
		code := r.result.Code
		r.tracer.Trace(Event{
			Kind: KindEnd, At: r.result.At, End: r.result.End, Code: &code, Message: r.result.Message,
		})
	}
}

// fail ends the run.
func (r *run) fail(end End, n *site, format string, args ...any) {
	r.signal |= signalExit
	if r.result.End != "" {
		return
	}
	r.result.End, r.result.At = end, positionOf(n.at)
	r.result.Message = fmt.Sprintf(format, args...)
	if n.at.IsValid() {
		r.result.Message = fmt.Sprintf("%s:%d: %s", n.at.File, n.at.Line, r.result.Message)
	}
}

// checkEvery is how many steps a run goes between looks at its context.
const checkEvery = 256

// tick counts a step. It is false if the run has to end.
func (r *run) tick(n *site) bool {
	r.steps--
	if r.steps%checkEvery != 0 {
		return true
	}
	if err := r.ctx.Err(); err != nil {
		r.fail(EndLimit, n, "the run was stopped: %v", context.Cause(r.ctx))
		return false
	}
	if r.steps <= 0 {
		r.fail(EndLimit, n, "the run was stopped after %d steps", r.program.maxSteps)
		return false
	}
	return true
}

// use counts the bytes of a text that the run made. It is false if the text is too
// long, or the run has to end.
func (r *run) use(n *site, text string) bool {
	if len(text) > pv.MaxText {
		r.warn(n, "a text of %d bytes is too long", len(text))
		return false
	}
	r.memory += len(text)
	if r.memory > maxRunMemory {
		r.fail(EndLimit, n, "the run was stopped after it had made %d MB of texts", maxRunMemory>>20)
		return false
	}
	return true
}

// list runs actions, as far as none of them ends the route or the script, and
// returns the code of the last one.
func (r *run) list(actions []action) int {
	code := codeUnspecified
	for i := range actions {
		a := &actions[i]
		if !r.tick(a.site) {
			return codeEnd
		}
		r.scope.Line = a.at.Line
		if r.scope.File != a.at.File {
			r.scope.File = a.at.File
		}
		code = a.do(r)
		if code == codeEnd {
			r.signal |= signalExit
		}
		if a.setsCode {
			r.scope.ReturnCode = int64(code)
		}
		if r.signal != 0 {
			break
		}
	}
	return code
}

// call runs a route and returns its code. reads is as for [run.trace]: the variables
// of the parameters are told with the route.
func (r *run) call(code *routeCode, from *site, params []pv.Value, reads int) int {
	if r.depth+1 > r.program.maxDepth || r.nesting+code.nesting > maxNesting {
		r.fail(EndLimit, from, "routes call each other more than %d deep", r.depth+1)
		return codeEnd
	}
	outer := r.scope.Params
	r.scope.Params = params
	r.depth++
	r.nesting += code.nesting
	if r.tracer != nil {
		r.trace(code.site, reads, Event{Kind: KindEnter, Route: code.name, Args: plainAll(params), Text: code.title()})
	}
	result := r.list(code.actions)
	r.signal &^= signalReturn
	if r.tracer != nil {
		value := int64(result)
		r.trace(code.site, len(r.reads), Event{Kind: KindLeave, Route: code.name, Code: &value, Text: code.title()})
	}
	r.nesting -= code.nesting
	r.depth--
	r.scope.Params = outer
	return result
}

// record keeps a record, as far as there is room.
func record[T any](list *[]T, item T) {
	if len(*list) < maxRecords {
		*list = append(*list, item)
	}
}

// site is a place in the script that steps are told and limits are reported with.
type site struct {
	at     diag.Position
	source string // the whole text of the file
	end    int    // offset of the end of the node
}

// text is what the script has there, without passwords.
func (s *site) text() string {
	if s.at.Offset > s.end || s.end > len(s.source) {
		return ""
	}
	return withoutPasswords(s.source[s.at.Offset:s.end])
}
