package route

import (
	"regexp"
	"sync"

	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/parser"
)

// withPattern compares with a regular expression of the script.
func (c *compiler) withPattern(n *parser.Binary, left value, y *parser.String) condition {
	op, sem := n.Op, c.program.semantics
	re := c.pattern(y)
	return func(r *run) truth {
		v := left(r)
		switch {
		case re == nil:
			return truthError
		case v.IsNull():
			return truthOf(op == "!~")
		}
		return sem.match(op, textOf(v), re)
	}
}

// pattern compiles a regular expression; nil if it cannot be run.
func (c *compiler) pattern(s *parser.String) *regexp.Regexp {
	re, err := compilePattern(s.Value())
	if err != nil {
		c.report(ruleRegex, s, err.Error(), "")
		return nil
	}
	return re
}

// compilePattern makes a regular expression ready, which matches without regard to
// case.
func compilePattern(text string) (*regexp.Regexp, error) {
	return pv.CompileRegex(text, pv.RegexOptions{IgnoreCase: true})
}

// patternCache has the regular expressions that variables held.
type patternCache struct {
	mu  sync.Mutex
	all map[string]cachedPattern
}

type cachedPattern struct {
	re  *regexp.Regexp
	err error
}

const maxPatterns = 256

func (p *patternCache) compile(text string) (*regexp.Regexp, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if found, ok := p.all[text]; ok {
		return found.re, found.err
	}
	re, err := compilePattern(text)
	if p.all == nil || len(p.all) >= maxPatterns {
		p.all = map[string]cachedPattern{}
	}
	p.all[text] = cachedPattern{re, err}
	return re, err
}
