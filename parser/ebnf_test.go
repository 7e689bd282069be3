package parser

import (
	"strconv"
	"strings"
	"testing"

	"github.com/alecthomas/participle/v2/ebnf"
	"pgregory.net/rapid"
)

// A derivation makes sentences of a grammar.
type derivation struct {
	t      *rapid.T
	rules  map[string]*ebnf.Expression
	height map[string]int // of the lowest tree of a production
	words  []string
}

// lexemes are tokens of each kind.
var lexemes = map[string][]string{
	"word": {"word", "INVITE", "a1_b"}, "number": {"5", "0", "0x1f", "017", "yes", "off"}, "string": {`"text"`, `'text'`, `""`},
	"variable": {"$ru", "$avp(x)", "$(hdr(From)[0]{s.len})"}, "ipv4": {"192.0.2.1"}, "ipv6": {"2001:db8::1", "::"},
	"network": {"10.0.0.0/8", "10.0.0.0/255.0.0.0"}, "other": {"a { b c }", `"x" y`},
}

func newDerivation(t testing.TB, d *Dialect) *derivation {
	t.Helper()
	text, err := d.Grammar()
	if err != nil {
		t.Fatal(err)
	}
	grammar, err := ebnf.ParseString(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	g := &derivation{rules: map[string]*ebnf.Expression{}, height: map[string]int{}}
	for _, rule := range grammar.Productions {
		g.rules[rule.Production] = rule.Expression
	}
	// Each round finds the productions that are one higher than those before.
	for range g.rules {
		for name, rule := range g.rules {
			if h := g.expressionHeight(rule); h >= 0 && g.height[name] == 0 {
				g.height[name] = h + 1
			}
		}
	}
	return g
}

// expressionHeight is the height of the lowest tree of an expression, -1 if
// none is known.
func (g *derivation) expressionHeight(e *ebnf.Expression) int {
	lowest := -1
	for _, s := range e.Alternatives {
		if h := g.sequenceHeight(s); h >= 0 && (lowest < 0 || h < lowest) {
			lowest = h
		}
	}
	return lowest
}

func (g *derivation) sequenceHeight(s *ebnf.Sequence) int {
	highest := 0
	for _, t := range s.Terms {
		h := 0
		switch {
		case t.Repetition == "?" || t.Repetition == "*":
		case t.Group != nil:
			h = g.expressionHeight(t.Group.Expr)
		case t.Name != "":
			if h = g.height[t.Name]; h == 0 {
				h = -1
			}
		}
		if h < 0 {
			return -1
		}
		highest = max(highest, h)
	}
	return highest
}

// expression draws an alternative; without room for more, the lowest.
func (g *derivation) expression(e *ebnf.Expression, room int) {
	var fitting []*ebnf.Sequence
	for _, s := range e.Alternatives {
		if g.sequenceHeight(s) <= max(room, g.expressionHeight(e)) {
			fitting = append(fitting, s)
		}
	}
	for _, t := range rapid.SampledFrom(fitting).Draw(g.t, "alternative").Terms {
		times := 1
		switch t.Repetition {
		case "?":
			times = rapid.IntRange(0, min(1, max(room, 0))).Draw(g.t, "optional")
		case "*":
			times = rapid.IntRange(0, min(2, max(room, 0))).Draw(g.t, "repeated")
		case "+":
			times = rapid.IntRange(1, 2).Draw(g.t, "repeated")
		}
		for range times {
			g.term(t, room)
		}
	}
}

func (g *derivation) term(t *ebnf.Term, room int) {
	switch {
	case t.Group != nil:
		g.expression(t.Group.Expr, room)
	case t.Name != "":
		g.expression(g.rules[t.Name], room-1)
	case t.Token != "":
		g.words = append(g.words, rapid.SampledFrom(lexemes[t.Token]).Draw(g.t, t.Token))
	default:
		text, err := strconv.Unquote(t.Literal)
		if err != nil {
			g.t.Fatal(err)
		}
		g.words = append(g.words, text)
	}
}

// What the grammar says is what the parser takes.
func TestGrammarSentences(t *testing.T) {
	dialects := map[string]*Dialect{"2.3": dialect23(t), "2.4": dialect24(t), "3.x": dialect3x(t)}
	for name, d := range dialects {
		t.Run(name, func(t *testing.T) { testSentences(t, d) })
	}
}

func TestFactGrammars(t *testing.T) {
	for _, version := range factVersions {
		t.Run(version, func(t *testing.T) { testSentences(t, factDialect(t, version)) })
	}
}

func testSentences(t *testing.T, d *Dialect) {
	t.Helper()
	g := newDerivation(t, d)
	for name, rule := range g.rules {
		for _, used := range namesIn(rule) {
			if g.rules[used] == nil {
				t.Errorf("%s uses %s, which the grammar does not have", name, used)
			}
		}
		if g.height[name] == 0 {
			t.Errorf("%s has no sentence", name)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		g.t, g.words = rt, nil
		g.expression(g.rules["Statement"], rapid.IntRange(0, 12).Draw(rt, "room"))
		text := strings.Join(g.words, " ") + "\n"
		if f := parseText(t, d, text); len(f.Findings) > 0 {
			rt.Fatalf("%s%s", text, findings(f))
		}
	})
}

// The grammar of a dialect is in testdata for a reader, and for the
// documentation.
func TestGrammarText(t *testing.T) {
	for name, d := range map[string]*Dialect{"2.3": dialect23(t), "2.4": dialect24(t), "3.x": dialect3x(t)} {
		text, err := d.Grammar()
		if err != nil {
			t.Fatal(err)
		}
		checkGolden(t, "testdata/grammar/"+name+".ebnf", text)
	}
}
