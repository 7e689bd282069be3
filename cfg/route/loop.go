package route

import (
	"fmt"
	"strconv"
	"sync"

	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/parser"
)

// while runs its body at most max_while_loops times; then it goes on behind it, as
// 2.3 does.
func (c *compiler) while(n *parser.While) step {
	defer c.within()()
	cond, body, at := c.tracedCondition(n.Cond), c.body(n.Body), c.site(n)
	return func(r *run) int {
		code := codeOK
		for loops := 0; ; loops++ {
			if loops >= r.program.maxLoops {
				r.warn(at, "the loop was left after %d rounds, which max_while_loops allows", loops)
				return code
			}
			if !r.tick(at) {
				return codeEnd
			}
			v := cond(r)
			switch {
			case v == truthEnd || r.signal != 0:
				return codeEnd
			case v != truthYes || len(body) == 0:
				return codeOK
			}
			code = r.list(body)
			if r.signal != 0 {
				return code
			}
			r.scope.ReturnCode = int64(code)
		}
	}
}

// elements reads the values of a list one after the other.
type elements struct {
	list parser.Variable
	mu   sync.Mutex
	read []*pv.Variable // by index, as far as they were needed
}

// at is the variable of an element.
func (e *elements) at(i int) (*pv.Variable, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for len(e.read) <= i {
		v := e.list
		v.Index = strconv.Itoa(len(e.read))
		compiled, err := pv.Compile(v)
		if err != nil {
			return nil, fmt.Errorf("element %d of $%s: %w", i, v.Name, err)
		}
		e.read = append(e.read, compiled)
	}
	return e.read[i], nil
}

// forEach is for ($var(x) in $(avp(y)[*])).
func (c *compiler) forEach(n *parser.ForEach) step {
	defer c.within()()
	body, at := c.body(n.Body), c.site(n)
	if n.Var == nil || n.In == nil {
		return c.bad(n, "the for has an error")
	}
	target := c.compiled(n.Var)
	list, err := parser.ParseVar(n.In.Raw)
	switch {
	case target == nil || target.Set == nil || c.compiled(n.In) == nil:
		return c.bad(n, "the for has a variable that is not supported")
	case err != nil || list.Index != "*":
		// 2.3 tells about it and goes on behind the loop.
		c.report(ruleStatement, n.In, fmt.Sprintf("for goes through all of a list: the index of %s is not [*]", n.In.Raw), "write $(name[*])")
		return func(*run) int { return codeFalse }
	}
	loop := &forLoop{
		elements: elements{list: list}, target: target, body: body, at: at, head: fmt.Sprintf("for (%s in %s)", n.Var.Raw, n.In.Raw),
	}
	return func(r *run) int { return r.forEach(loop) }
}

type forLoop struct {
	elements elements
	target   *pv.Variable
	body     []action
	at       *site
	head     string // as the script has it
}

func (r *run) forEach(f *forLoop) int {
	code := codeOK
	for i := 0; ; i++ {
		if !r.tick(f.at) {
			return codeEnd
		}
		element, err := f.elements.at(i)
		if err != nil {
			r.warn(f.at, "%v", err)
			return codeFalse
		}
		v := element.Get(r.scope)
		if v.IsNull() {
			return code
		}
		if err := f.target.Set(r.scope, v); err != nil {
			r.warn(f.at, "%s is not set: %v", f.target.Raw, err)
			return codeFalse
		}
		if r.tracer != nil {
			r.trace(f.at, len(r.reads), Event{Kind: KindLoop, Target: f.target.Raw, Value: plain(v), Text: f.head})
		}
		if len(f.body) > 0 {
			code = r.list(f.body)
		}
		if r.signal != 0 {
			return code
		}
	}
}
