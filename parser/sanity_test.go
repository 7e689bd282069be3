package parser

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// parseText parses a script without files and holds the result against all
// that is true of every parse.
func parseText(t testing.TB, d *Dialect, text string) *File {
	t.Helper()
	return parseWith(t, "test.cfg", text, Options{Dialect: d})
}

func parseWith(t testing.TB, name, text string, o Options) *File {
	t.Helper()
	f, err := Parse(name, text, o)
	if err != nil {
		t.Fatalf("parse %s: %v", name, err)
	}
	checkFile(t, f)
	return f
}

// checkFile fails the test where a file breaks a rule that holds whatever the
// text was.
func checkFile(t testing.TB, f *File) {
	t.Helper()
	c := sanity{file: f, seen: map[Node]bool{}}
	c.statements()
	c.comments()
	c.findings()
	for i, problem := range c.problems {
		if i == 10 {
			t.Fatalf("and %d more", len(c.problems)-i)
		}
		t.Error(problem)
	}
}

type sanity struct {
	file     *File
	seen     map[Node]bool
	problems []string
}

func (c *sanity) complain(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// at names a node in a complaint.
func (c *sanity) at(n Node) string {
	return fmt.Sprintf("%T at %s", n, c.file.Sources.Position(n.Pos()))
}

func (c *sanity) before(a, b Pos) bool { return c.file.Sources.Compare(a, b) <= 0 }

func (c *sanity) statements() {
	var last Node
	for _, s := range c.file.Statements {
		c.extent(s)
		if last != nil && !c.before(last.End(), s.Pos()) {
			c.complain("%s begins before the end of %s", c.at(s), c.at(last))
		}
		last = s
		Walk(s, func(n Node) bool {
			c.node(n)
			return true
		})
	}
}

func (c *sanity) extent(n Node) {
	sources := c.file.Sources
	from, to := sources.Source(n.Pos()), sources.Source(n.End())
	if from == nil || to == nil {
		c.complain("%T has the extent %d to %d, which is nowhere", n, n.Pos(), n.End())
		return
	}
	if int(n.End()-to.Base()) > len(to.Text) || !c.before(n.Pos(), n.End()) {
		c.complain("%s has the extent %d to %d", c.at(n), n.Pos(), n.End())
	}
}

func (c *sanity) node(n Node) {
	if c.seen[n] {
		c.complain("%s is visited twice", c.at(n))
	}
	c.seen[n] = true
	c.leaf(n)
	end := n.Pos()
	for _, child := range Children(n) {
		c.extent(child)
		if !c.before(end, child.Pos()) {
			c.complain("%s begins before what stands before it in %s", c.at(child), c.at(n))
		}
		end = child.End()
	}
	if !c.before(end, n.End()) {
		c.complain("%s ends before what is within", c.at(n))
	}
}

// leaf compares a node that is a single token with the text at its place.
func (c *sanity) leaf(n Node) {
	var want string
	switch n := n.(type) {
	case *String:
		want = n.Raw
	case *Var:
		want = n.Raw
	case *Ident:
		want = n.Name
	case *Operand:
		want = n.Name
	case *Number:
		if want = n.Raw; want[0] == '-' || want[0] == '+' {
			return // blanks and comments may follow the sign
		}
	default:
		return
	}
	src := c.file.Sources.Source(n.Pos())
	at := n.Pos() - src.Base()
	if have := src.Text[at : at+n.End()-n.Pos()]; have != want {
		c.complain("%s stands at %q and says %q", c.at(n), have, want)
	}
}

func (c *sanity) comments() {
	for _, comment := range c.file.Comments {
		src := c.file.Sources.Source(comment.From)
		text := src.Text[comment.From-src.Base() : comment.To-src.Base()]
		if !strings.HasPrefix(text, "#") && !strings.HasPrefix(text, "/*") {
			c.complain("comment at %s is %q", c.file.Sources.Position(comment.From), text)
		}
	}
	if !slices.IsSortedFunc(c.file.Comments, func(a, b Extent) int { return c.file.Sources.Compare(a.From, b.From) }) {
		c.complain("comments are out of order")
	}
}

func (c *sanity) findings() {
	f := c.file
	if !slices.IsSortedFunc(f.Findings, func(a, b Finding) int { return f.Sources.Compare(a.At, b.At) }) {
		c.complain("findings are out of order")
	}
	for _, finding := range f.Findings {
		c.finding(finding)
	}
}

func (c *sanity) finding(f Finding) {
	at, span := c.file.Sources.Position(f.At), f.Span
	switch {
	case span.Start != at:
		c.complain("finding %q is at %s and says %s", f.Message, at, span.Start)
	case span.End.File != span.Start.File || span.End.Offset < span.Start.Offset:
		c.complain("finding %q spans %s to %s", f.Message, span.Start, span.End)
	case f.Message == "" || strings.HasSuffix(f.Message, ".") || strings.ToValidUTF8(f.Message, "") != f.Message:
		c.complain("finding has the message %q", f.Message)
	case strings.Contains(f.Message, "\n") || strings.Contains(f.Help, "\n"):
		c.complain("finding %q has more than a line", f.Message)
	}
	for _, related := range f.Related {
		if !related.Span.IsValid() || related.Message == "" {
			c.complain("finding %q has a related place without place or text", f.Message)
		}
	}
}

// checkTokens splits a text into tokens and checks that they are in order and
// that between them is nothing but blanks, comments and what was told of.
func checkTokens(t testing.TB, d *Dialect, text string) {
	t.Helper()
	s := newScanner(d, "test.cfg", text, nil)
	covered := make([]bool, len(text))
	end := 0
	for _, tok := range s.tokens() {
		from, to := int(tok.at-s.src.base), int(tok.end()-s.src.base)
		if from < end || to > len(text) || text[from:to] != tok.text {
			t.Fatalf("token %q stands at %d to %d, after %d", tok.text, from, to, end)
		}
		if tok.kind != kindEOF {
			if from == to {
				t.Fatalf("token at %d has no text", from)
			}
			cover(covered, from, to)
		}
		end = to
	}
	for _, comment := range s.comments {
		cover(covered, int(comment.From-s.src.base), int(comment.To-s.src.base))
	}
	for _, f := range s.findings {
		to := f.Span.End.Offset
		if f.Rule == ruleUnclosed.ID {
			to = len(text)
		}
		cover(covered, f.Span.Start.Offset, to)
	}
	if strings.Contains(text, "include_file") || strings.Contains(text, "import_file") || len(s.findings) > maxErrors {
		return // the name of a file is no token, and not every finding is told
	}
	for i, is := range covered {
		if !is && !strings.ContainsRune(" \t\b\r\n\\", rune(text[i])) {
			t.Fatalf("byte %d, the first of %.20q, is in no token", i, text[i:])
		}
	}
}

func cover(covered []bool, from, to int) {
	for i := from; i < to; i++ {
		covered[i] = true
	}
}
