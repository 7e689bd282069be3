package start

import (
	"fmt"
	"strings"
)

// regexProblem says why a text is no POSIX extended regular expression to the C
// library, or is empty. The library takes more than Go's package does: back
// references, classes such as \w, and a lone closing bracket.
func regexProblem(text string) string {
	c := regexCheck{text: text, atStart: true}
	for c.i < len(text) && c.problem == "" {
		c.step()
	}
	if c.problem == "" && c.depth > 0 {
		return "\"(\" is not closed"
	}
	return c.problem
}

type regexCheck struct {
	text    string
	i       int
	depth   int  // open brackets
	atStart bool // nothing before that could be repeated
	problem string
}

func (c *regexCheck) step() {
	ch := c.text[c.i]
	c.i++
	start := c.atStart
	c.atStart = false
	switch ch {
	case '\\':
		if c.i == len(c.text) {
			c.problem = "it ends in a backslash"
		}
		c.i++
	case '(':
		c.depth++
		c.atStart = true
	case ')':
		c.depth = max(c.depth-1, 0)
	case '|', '^':
		c.atStart = true
	case '*', '+', '?':
		if start {
			c.problem = fmt.Sprintf("%q has nothing to repeat", ch)
		}
	case '[':
		c.set()
	case '{':
		c.interval(start)
	}
}

// set is a bracket expression. A ] right at its start belongs to it.
func (c *regexCheck) set() {
	rest := strings.TrimPrefix(c.text[c.i:], "^")
	skipped := len(c.text[c.i:]) - len(rest)
	if strings.HasPrefix(rest, "]") {
		rest, skipped = rest[1:], skipped+1
	}
	for at := 0; at < len(rest); at++ {
		switch {
		case rest[at] == ']':
			c.i += skipped + at + 1
			return
		case rest[at] == '[' && at+1 < len(rest) && strings.IndexByte(":.=", rest[at+1]) >= 0:
			end := strings.Index(rest[at+2:], rest[at+1:at+2]+"]")
			if end < 0 {
				c.problem = "a class within \"[\" is not closed"
				return
			}
			at += end + 3
		}
	}
	c.problem = "\"[\" is not closed"
}

// interval is {n}, {n,} or {n,m}.
func (c *regexCheck) interval(start bool) {
	end := strings.IndexByte(c.text[c.i:], '}')
	if end < 0 {
		c.problem = "\"{\" is not closed"
		return
	}
	inner := c.text[c.i : c.i+end]
	low, high, _ := strings.Cut(inner, ",")
	switch {
	case start:
		c.problem = "\"{\" has nothing to repeat"
	case strings.Trim(low, "0123456789") != "" || strings.Trim(high, "0123456789") != "" || inner == "":
		c.problem = fmt.Sprintf("%q is no number of times", "{"+inner+"}")
	}
	c.i += end + 1
}
