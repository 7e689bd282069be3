package parser

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// A made is a text that was generated, and the dump of the tree that it has to
// have.
type made struct{ text, tree string }

// makeValue generates what may stand in an assignment.
func makeValue(t *rapid.T, depth int) made {
	if depth == 0 {
		return rapid.SampledFrom([]made{
			{"1", "1"},
			{"0x1f", "0x1f"},
			{"yes", "yes"},
			{"-7", "-7"},
			{`"a b"`, `"a b"`},
			{`'c'`, `'c'`},
			{"word", "word"},
			{"$ru", "$ru"},
			{"$avp(x)", "$avp(x)"},
			{"$(rU{s.len})", "$(rU{s.len})"},
			{"f()", "(Call f [])"},
			{`f("x", 1)`, `(Call f ["x" 1])`},
		}).Draw(t, "value")
	}
	// Two levels: what the bit operators join, and what the others do.
	x := makeSum(t, depth-1)
	for range rapid.IntRange(0, 2).Draw(t, "bit operators") {
		x = binary(t, x, makeSum(t, depth-1), "&", "|", "^", "<<", ">>")
	}
	return x
}

func makeSum(t *rapid.T, depth int) made {
	x := makeTerm(t, depth)
	for range rapid.IntRange(0, 2).Draw(t, "operators") {
		x = binary(t, x, makeTerm(t, depth), "+", "-", "*", "/", "%")
	}
	return x
}

func makeTerm(t *rapid.T, depth int) made {
	switch {
	case depth > 0 && rapid.Bool().Draw(t, "bracket"):
		return paren(makeValue(t, depth))
	case depth > 0 && rapid.Bool().Draw(t, "not"):
		x := makeTerm(t, depth-1)
		return made{"~ " + x.text, "(Unary ~ " + x.tree + ")"}
	}
	return makeValue(t, 0)
}

func binary(t *rapid.T, x, y made, operators ...string) made {
	op := rapid.SampledFrom(operators).Draw(t, "operator")
	return made{x.text + " " + op + " " + y.text, "(Binary " + op + " " + x.tree + " " + y.tree + ")"}
}

func paren(x made) made { return made{"(" + x.text + ")", "(Paren " + x.tree + ")"} }

// makeCondition generates what may stand behind an if.
func makeCondition(t *rapid.T, depth int) made {
	x := makeOperand(t, depth)
	for range rapid.IntRange(0, 2).Draw(t, "and or") {
		x = binary(t, x, makeOperand(t, depth), "and", "or", "&&", "||")
	}
	return x
}

func makeOperand(t *rapid.T, depth int) made {
	kinds := []string{"comparison", "call", "variable", "old"}
	if depth > 0 {
		kinds = append(kinds, "bracket", "not", "arithmetic")
	}
	switch rapid.SampledFrom(kinds).Draw(t, "kind") {
	case "bracket":
		return paren(makeCondition(t, depth-1))
	case "not":
		x := makeOperand(t, depth-1)
		op := rapid.SampledFrom([]string{"!", "not"}).Draw(t, "not")
		return made{op + " " + x.text, "(Unary " + op + " " + x.tree + ")"}
	case "arithmetic":
		x := makeValue(t, depth-1)
		return made{"[" + x.text + " ]", "(Arith " + x.tree + ")"}
	case "comparison":
		y := rapid.SampledFrom([]made{{`"x"`, `"x"`}, {"5", "5"}, {"-5", "-5"}, {"$tu", "$tu"}, {"word", "word"}}).Draw(t, "operand")
		return binary(t, made{"$avp(a)", "$avp(a)"}, y, "==", "!=", "<", ">", "<=", ">=")
	case "call":
		return made{`is_method("A")`, `(Call is_method ["A"])`}
	case "old":
		return made{`method == "A"`, `(Binary == method "A")`}
	}
	return made{"$var(v)", "$var(v)"}
}

// makeAction generates an action.
func makeAction(t *rapid.T, depth int) made {
	kinds := []string{"call", "exit", "assign", "empty"}
	if depth > 0 {
		kinds = append(kinds, "if", "if else", "while", "for", "switch")
	}
	switch rapid.SampledFrom(kinds).Draw(t, "action") {
	case "if":
		cond, then := makeCondition(t, depth-1), makeBlock(t, depth-1)
		return made{"if (" + cond.text + ") " + then.text, "(If (Paren " + cond.tree + ") " + then.tree + ")"}
	case "if else":
		// The if before else is in brackets: a bare one could take the else.
		cond, then, otherwise := makeCondition(t, depth-1), makeBlock(t, depth-1), makeAction(t, depth-1)
		return made{
			"if (" + cond.text + ") " + then.text + " else " + otherwise.text,
			"(If (Paren " + cond.tree + ") " + then.tree + " " + otherwise.tree + ")",
		}
	case "while":
		cond, body := makeCondition(t, depth-1), makeAction(t, depth-1)
		return made{"while (" + cond.text + ") " + body.text, "(While (Paren " + cond.tree + ") " + body.tree + ")"}
	case "for":
		body := makeBlock(t, depth-1)
		return made{"for ($var(i) in $(avp(l)[*])) " + body.text, "(ForEach $var(i) $(avp(l)[*]) " + body.tree + ")"}
	case "switch":
		one, other := makeActions(t, depth-1), makeActions(t, depth-1)
		return made{
			"switch ($var(s)) { case 1: " + one.text + " break; default: " + other.text + " }",
			"(Switch $var(s) [(Case 1 [" + one.tree + "] break) (Case [" + other.tree + "])])",
		}
	case "call":
		return made{`f("a",, 3);`, `(Call f ["a" nil 3])`}
	case "exit":
		return made{"exit;", "(Call exit core bare [])"}
	case "assign":
		value := makeValue(t, min(depth, 2))
		op := rapid.SampledFrom([]string{"=", ":=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^="}).Draw(t, "assignment")
		return made{"$var(v) " + op + " " + value.text + ";", "(Assign $var(v) " + op + " " + value.tree + ")"}
	}
	return made{";", "(Empty)"}
}

func makeActions(t *rapid.T, depth int) made {
	var texts, trees []string
	for range rapid.IntRange(0, 3).Draw(t, "actions") {
		a := makeAction(t, depth)
		texts, trees = append(texts, a.text), append(trees, a.tree)
	}
	return made{strings.Join(texts, " "), strings.Join(trees, " ")}
}

func makeBlock(t *rapid.T, depth int) made {
	actions := makeActions(t, depth)
	return made{"{ " + actions.text + " }", "(Block [" + actions.tree + "])"}
}

// A script that is put together by the grammar has the tree that it was put
// together as.
func TestGeneratedScripts(t *testing.T) {
	d := dialect23(t)
	rapid.Check(t, func(rt *rapid.T) {
		actions := makeActions(rt, 3)
		f := parseText(t, d, "route {; "+actions.text+" }\n")
		want := strings.TrimSuffix("(Route route (Block [(Empty) "+actions.tree, " ") + "]))"
		if diff := cmp.Diff(want, dumpFile(f)); diff != "" || len(f.Findings) > 0 {
			rt.Fatalf("%s\n%s(-want +have):\n%s", actions.text, findings(f), diff)
		}
	})
}

// What stands between the tokens does not matter.
func TestBlanksDoNotMatter(t *testing.T) {
	d := dialect23(t)
	text := sample(t, 8<<10)
	tokens := newScanner(d, "sample.cfg", text, nil).tokens()
	want := dumpFile(parseText(t, d, text))
	rapid.Check(t, func(rt *rapid.T) {
		blank := rapid.SampledFrom([]string{" ", "\n", "\t", "\r\n", "  ", " /* if ( \" */ ", " # } '\n", " \\\n"})
		var b strings.Builder
		for _, tok := range tokens {
			b.WriteString(tok.text)
			b.WriteString(blank.Draw(rt, "blank"))
		}
		f := parseText(t, d, b.String()+"\n")
		if have := dumpFile(f); have != want || len(f.Findings) > 0 {
			rt.Fatalf("%s(-want +have):\n%s", findings(f), cmp.Diff(want, have))
		}
	})
}

// One wrong token is worth a few errors, not one for each line behind it.
func TestErrorsDoNotSpread(t *testing.T) {
	const most = 8
	d := dialect23(t)
	text := sample(t, 8<<10)
	tokens := newScanner(d, "sample.cfg", text, nil).tokens()
	rapid.Check(t, func(rt *rapid.T) {
		at := rapid.IntRange(0, len(tokens)-2).Draw(rt, "token")
		replacement := rapid.SampledFrom([]string{"", "", ";", "(", ")", "{", "}", ",", "=", "5", "word", "$ru", "if", "else", "route", "exit", "modparam"}).Draw(rt, "replacement")
		from := int(tokens[at].at) - 1 // the places of the first source begin at 1
		broken := text[:from] + " " + replacement + " " + text[from+len(tokens[at].text):]
		f := parseText(t, d, broken)
		errors := slices.DeleteFunc(slices.Clone(f.Findings), func(f Finding) bool { return f.Severity != diag.Error })
		if len(errors) > most {
			rt.Fatalf("%q for %q in line %d makes %d errors:\n%s", replacement, tokens[at].text, f.Sources.Position(tokens[at].at).Line, len(errors), findings(f))
		}
	})
}

// What is read without participle is what participle reads.
func TestPlainStatements(t *testing.T) {
	d := dialect3x(t)
	grammar, err := d.build()
	if err != nil {
		t.Fatal(err)
	}
	words := []string{"loadmodule", "modparam", "(", ")", ",", `"a"`, `'b'`, "5", "-", "+", "word", "children"}
	patterns := [][]string{
		{"loadmodule", `"a"`},
		{"modparam", "(", `"a"`, ",", `"b"`, ",", `"c"`, ")"},
		{"modparam", "(", `"a"`, ",", `"b"`, ",", "5", ")"},
		{"modparam", "(", `"a"`, ",", `"b"`, ",", "-", "5", ")"},
		{"modparam", "(", `"a"`, ",", `"b"`, ",", `"c"`, `"d"`, ")"},
	}
	plainly := 0
	rapid.Check(t, func(rt *rapid.T) {
		text := slices.Clone(rapid.SampledFrom(patterns).Draw(rt, "pattern"))
		for range rapid.IntRange(0, 2).Draw(rt, "changes") {
			text[rapid.IntRange(0, len(text)-1).Draw(rt, "at")] = rapid.SampledFrom(words).Draw(rt, "word")
		}
		read := func(method func(*parse) Statement) (string, int) {
			s := newScanner(d, "test.cfg", strings.Join(text, " ")+"\n", nil)
			p := &parse{grammar: grammar, reader: reader{dialect: d, sources: s.sources, tokens: s.tokens()}, file: &File{Sources: s.sources}}
			var statement Statement
			if e := attempt(func() { statement = method(p) }); e != nil {
				return e.Message(), 0
			}
			if statement == nil {
				return "", 0
			}
			return fmt.Sprintf("%s at %d", dump(statement), statement.Pos()), p.at
		}
		plain, plainEnd := read((*parse).plain)
		if plain == "" {
			return
		}
		plainly++
		if tagged, taggedEnd := read((*parse).tagged); tagged != plain || taggedEnd != plainEnd {
			rt.Fatalf("%s: %s to %d, participle has %s to %d", text, plain, plainEnd, tagged, taggedEnd)
		}
	})
	if plainly == 0 {
		t.Error("no statement was plain")
	}
}

// A dialect serves any number of parses at once.
func TestConcurrentParses(t *testing.T) {
	d := dialect23(t)
	text := sample(t, 10<<10)
	want := dumpFile(parseText(t, d, text))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			f, err := Parse("sample.cfg", text, Options{Dialect: d})
			if err != nil || dumpFile(f) != want {
				t.Errorf("another tree than before, or %v", err)
			}
		})
	}
	group.Wait()
}
