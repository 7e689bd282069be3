package parser

import (
	_ "embed"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2/ebnf"
)

// handWritten is the part of the grammar that no struct tag says. A name such
// as HasAnyAddress or HasNoAddressTokens stands for nothing: what it is part of
// is there for the languages with, or without, that feature.
//
//go:embed grammar.ebnf
var handWritten string

// Grammar is the whole grammar of the dialect in EBNF, beginning with Script.
// Words in quotes are tokens, those in < > are kinds of token: word, number,
// string, variable, ipv4, ipv6, network; <other> is a value that is taken as it
// stands. What the language does not have is not in it.
func (d *Dialect) Grammar() (string, error) {
	g, err := d.build()
	if err != nil {
		return "", fmt.Errorf("build the grammar of %s: %w", d.version, err)
	}
	// The first production of participle is that of its root, and the second
	// that of its statements; later ones replace earlier ones of a name.
	tagged := strings.SplitN(g.whole.String(), "\n", 3)[2]
	tagged = strings.ReplaceAll(tagged, "<not>", `("not" | "!")`)
	text := strings.Join([]string{d.statementRules(), tagged, d.globalRules(), d.callRules(), handWritten}, "\n")
	all, err := ebnf.ParseString(text)
	if err != nil {
		return "", fmt.Errorf("read the grammar of %s: %w", d.version, err)
	}
	p := pruner{d: d, rules: make(map[string]*ebnf.Expression)}
	for _, rule := range all.Productions {
		p.rules[rule.Production] = rule.Expression
	}
	p.prune()
	return p.String(), nil
}

func (d *Dialect) statementRules() string {
	kinds := []string{"LoadModule", "ModParam", "Global", "Route"}
	for _, value := range d.globals {
		if rule := shapeRules[value.shape]; rule != "" && !slices.Contains(kinds, rule) {
			kinds = append(kinds, rule)
		}
	}
	slices.Sort(kinds[4:])
	return "Script = Statement+ .\nStatement = " + strings.Join(kinds, " | ") + " ."
}

// shapeRules name the productions of the globals that are more than a value.
var shapeRules = map[string]string{
	shapeListen: "Listen", shapeAlias: "Alias", shapeBlacklist: "Blacklist", shapeMemGroup: "MemGroup",
}

// globalRules lists the global parameters by the values that they take.
func (d *Dialect) globalRules() string {
	names := make(map[string][]string)
	for _, name := range slices.Sorted(maps.Keys(d.globals)) {
		if value := d.globals[name].rule(); value != "" {
			names[value] = append(names[value], fmt.Sprintf("%q", name))
		}
	}
	var alternatives []string
	for _, value := range slices.Sorted(maps.Keys(names)) {
		alternatives = append(alternatives, fmt.Sprintf("(%s) \"=\" (%s)", strings.Join(names[value], " | "), value))
	}
	if len(alternatives) == 0 {
		return ""
	}
	return "Global = " + strings.Join(alternatives, " | ") + " ."
}

// rule is the value in EBNF, empty for what is a statement of its own.
func (v valueKinds) rule() string {
	var rules []string
	for _, kind := range []struct {
		is   bool
		rule string
	}{
		{v.number && v.signed, "SignedNumber"},
		{v.number && !v.signed && !v.profile, "Number"},
		{v.profile, `Number ("use_auto_scaling_profile" <word>)?`},
		{v.str, "String"},
		{v.ident, "<word>"},
		{v.host, "Host"},
		{v.opaque, "<other>"},
	} {
		if kind.is {
			rules = append(rules, kind.rule)
		}
	}
	return strings.Join(rules, " | ")
}

// callRules lists the core functions with their arguments.
func (d *Dialect) callRules() string {
	var alternatives []string
	for _, name := range slices.Sorted(maps.Keys(d.statements)) {
		sig := d.statements[name]
		if sig.bare {
			alternatives = append(alternatives, fmt.Sprintf("%q", name))
		}
		for _, shape := range sig.shapes {
			args := make([]string, len(shape))
			for i, kind := range shape {
				args[i] = argRules[kind]
			}
			if last := len(shape) - 1; sig.joined && last >= 0 && shape[last] == argString {
				args[last] = "String+"
			}
			alternatives = append(alternatives, fmt.Sprintf("%q \"(\" %s \")\"", name, strings.Join(args, ` "," `)))
		}
	}
	if len(alternatives) == 0 {
		return ""
	}
	return "CoreCall = " + strings.Join(alternatives, " | ") + " ."
}

var argRules = [...]string{
	argInt: "Number", argSigned: "SignedNumber", argString: "String", argVar: "<variable>", argIdent: "<word>",
	argHost: "Host", argSocket: "SendSocket", argRoute: "RouteName", argParams: `RouteParam ("," RouteParam)*`,
	argCall: "ModuleCall", argExpr: "Condition",
}

// A pruner takes out of a grammar what a dialect does not have.
type pruner struct {
	d     *Dialect
	rules map[string]*ebnf.Expression
}

func (p *pruner) prune() {
	for again := true; again; {
		again = false
		for name, rule := range p.rules {
			if p.expression(rule); len(rule.Alternatives) == 0 {
				delete(p.rules, name)
				again = true
			}
		}
	}
}

func (p *pruner) expression(e *ebnf.Expression) {
	e.Alternatives = slices.DeleteFunc(e.Alternatives, func(s *ebnf.Sequence) bool { return !p.sequence(s) })
}

// sequence reports whether something is left of a sequence.
func (p *pruner) sequence(s *ebnf.Sequence) bool {
	possible := true
	s.Terms = slices.DeleteFunc(s.Terms, func(t *ebnf.Term) bool {
		is, condition := p.term(t)
		optional := t.Repetition == "?" || t.Repetition == "*"
		possible = possible && (is || optional)
		return condition || !is
	})
	return possible && len(s.Terms) > 0
}

// term reports whether the dialect has a term, and whether it is one that only
// asks that.
func (p *pruner) term(t *ebnf.Term) (is, condition bool) {
	switch {
	case t.Group != nil:
		p.expression(t.Group.Expr)
		return len(t.Group.Expr.Alternatives) > 0, false
	case t.Literal != "":
		return p.d.hasWord(t.Literal), false
	case strings.HasPrefix(t.Name, "HasNo"):
		return !p.hasFeature(t.Name[len("HasNo"):]), true
	case strings.HasPrefix(t.Name, "Has"):
		return p.hasFeature(t.Name[len("Has"):]), true
	case t.Name != "":
		return p.rules[t.Name] != nil, false
	}
	return true, false
}

func (p *pruner) hasFeature(name string) bool {
	return reflect.ValueOf(p.d.has).FieldByName(name).Bool()
}

// hasWord reports whether what stands in quotes is an operator or a word of the
// dialect.
func (d *Dialect) hasWord(quoted string) bool {
	text := quoted[1 : len(quoted)-1]
	if _, known := d.words[text]; known || !isLetter(text[0]) {
		return true
	}
	switch text {
	case "as", "async": // words by where they stand
		return true
	case "use_children":
		return d.has.UseChildren
	case "use_workers":
		return d.has.UseWorkers
	}
	return false
}

// String writes the productions that can be reached, from the first on in the
// order in which they are used.
func (p *pruner) String() string {
	var b strings.Builder
	seen := map[string]bool{"Script": true}
	for next := []string{"Script"}; len(next) > 0; next = next[1:] {
		rule := p.rules[next[0]]
		b.WriteString(written(next[0], rule))
		for _, name := range namesIn(rule) {
			if !seen[name] {
				seen[name] = true
				next = append(next, name)
			}
		}
	}
	return b.String()
}

// written is a production, with its alternatives on lines of their own where
// they are too long for one.
func written(name string, rule *ebnf.Expression) string {
	const longest = 100
	if line := fmt.Sprintf("%s = %s .\n", name, rule); len(line) <= longest {
		return line
	}
	alternatives := make([]string, len(rule.Alternatives))
	for i, s := range rule.Alternatives {
		alternatives[i] = s.String()
	}
	return fmt.Sprintf("%s =\n    %s .\n", name, strings.Join(alternatives, "\n  | "))
}

// namesIn lists the productions that an expression uses.
func namesIn(e *ebnf.Expression) []string {
	var names []string
	for _, s := range e.Alternatives {
		for _, t := range s.Terms {
			if t.Name != "" {
				names = append(names, t.Name)
			}
			if t.Group != nil {
				names = append(names, namesIn(t.Group.Expr)...)
			}
		}
	}
	return names
}
