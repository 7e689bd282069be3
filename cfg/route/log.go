package route

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/parser"
)

// defaultLogLevel is the level of xlog without one.
func defaultLogLevel(c *cfg.Config) Level {
	for _, name := range []string{"xlog_default_level", "xlog_level_default"} {
		if g := c.Global(name); g != nil {
			if n, err := strconv.Atoi(g.Text); err == nil {
				return Level(n)
			}
		}
	}
	return Error
}

// xlog logs a text with variables; xdbg does so at the level L_DBG.
func (c *compiler) xlog(n *parser.Call) step {
	at := c.site(n)
	if len(n.Args) == 0 {
		return c.bad(n, n.Name.Name+" needs a text")
	}
	level := c.xlogLevel(n)
	text := c.logText(n.Args[len(n.Args)-1])
	return func(r *run) int {
		reads := len(r.reads)
		r.logTraced(at, reads, level(r), text.text(r))
		return codeOK
	}
}

// logText is the text that is logged.
func (c *compiler) logText(n parser.Expr) format {
	if l, ok := n.(parser.Literal); ok {
		return c.format(n, textOf(literal(l)))
	}
	return format{{get: c.argument(n).get}, {}}
}

func (c *compiler) xlogLevel(n *parser.Call) func(*run) Level {
	level := c.logLevel
	if n.Name.Name == "xdbg" {
		level = Debug
	}
	if len(n.Args) < 2 {
		return func(*run) Level { return level }
	}
	name := textOf(literalText(n.Args[0]))
	if strings.HasPrefix(name, "$") {
		v := c.textArgument(n.Args[0], name)
		return func(r *run) Level {
			if got := v.get(r); got.IsInt {
				return Level(got.Int)
			}
			return level
		}
	}
	if len(name) > 2 {
		if named, ok := levels[name[2]]; ok {
			return func(*run) Level { return named }
		}
	}
	c.report(ruleStatement, n.Args[0], fmt.Sprintf("unknown log level %s: %s is taken", quoted(name), level),
		"expected one of L_ALERT, L_CRIT, L_ERR, L_WARN, L_NOTICE, L_INFO, L_DBG")
	return func(*run) Level { return level }
}

func literalText(n parser.Expr) pv.Value {
	if l, ok := n.(parser.Literal); ok {
		return literal(l)
	}
	return pv.Value{}
}

// log logs a text as it stands, at the level L_DBG without one.
func (c *compiler) log(n *parser.Call) step {
	at, level := c.site(n), Debug
	if len(n.Args) == 0 {
		return c.bad(n, "log needs a text")
	}
	if len(n.Args) > 1 {
		if l, ok := n.Args[0].(*parser.Number); ok {
			level = Level(l.Int())
		}
	}
	text := textOf(literalText(n.Args[len(n.Args)-1]))
	return func(r *run) int {
		r.log(at, level, text)
		return codeOK
	}
}

func (r *run) log(at *site, level Level, text string) { r.logTraced(at, len(r.reads), level, text) }

func (r *run) logTraced(at *site, reads int, level Level, text string) {
	if len(text) > r.program.maxLogText {
		text = text[:r.program.maxLogText]
	}
	l := Log{positionOf(at.at), level, text}
	if r.tracer != nil {
		r.trace(at, reads, Event{Kind: KindLog, Level: level, Output: text})
	}
	if r.env.Logger != nil {
		r.env.Logger.Log(l)
	}
	if r.use(at, text) {
		record(&r.result.Logs, l)
	}
}
