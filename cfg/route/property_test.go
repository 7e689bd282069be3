package route_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/route"
)

// generator writes scripts that are right, as far as the grammar goes.
type generator struct{ *rapid.T }

func (g generator) oneOf(what string, choices ...string) string {
	return rapid.SampledFrom(choices).Draw(g.T, what)
}

// pick makes one of several texts.
func (g generator) pick(what string, choices ...func() string) string {
	return rapid.SampledFrom(choices).Draw(g.T, what)()
}

func fixed(text string) func() string { return func() string { return text } }

func (g generator) variable() string {
	return g.oneOf("variable", "$var(a)", "$var(b)", "$avp(l)", "$(avp(l)[*])", "$(avp(l)[1])", "$rU", "$ru", "$rd", "$rp", "$rm", "$si", "$param(1)",
		"$rc", "$hdr(Contact)", "$(hdr(Via)[0]{s.len})", "$(ru{uri.host})", "$tls_peer_verified", "$tls_version", "$avp(none)", "$du")
}

func (g generator) target() string {
	return g.oneOf("target", "$var(a)", "$var(b)", "$avp(l)", "$ru", "$rU", "$rd", "$rp", "$du", "$rm")
}

func (g generator) constant() string {
	return g.oneOf("constant", "0", "1", "-7", "2147483647", `""`, `"a"`, `"biloxi.com"`, `"sip:x@1.2.3.4;transport=tls"`, `"^b(o|i)+"`)
}

func (g generator) text() string {
	return g.oneOf("text", `"x"`, `"$var(a) $rU"`, `"$avp(l)"`, `"INVITE|ACK"`, `"404"`, `"tls:1.2.3.4"`, `"$"`, `"$var(a)$$"`)
}

func (g generator) call(version catalogue.Version) string {
	name := g.oneOf("function", "is_method", "is_peer_verified", "t_relay", "send_reply", "append_hf", "has_totag", "lookup", "setuser", "strip",
		"is_avp_set", "avp_delete", "mf_process_maxfwd_header", "append_to_reply", "unknown")
	if version < v34 {
		name = g.oneOf("core function", name, "isflagset(1)", "setflag(2)", "prefix(\"a\")", "sethost(\"b.org\")", "revert_uri", "xlog(\"$var(a)\")", "route(r1)", "route(r2, 1, $var(a))")
	}
	if strings.HasSuffix(name, ")") || name == "revert_uri" {
		return name
	}
	var args []string
	for range rapid.IntRange(0, 3).Draw(g.T, "arguments") {
		args = append(args, g.text())
	}
	if name == "strip" || name == "setuser" {
		args = []string{`"1"`}
		if name == "strip" {
			args = []string{"1"}
		}
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}

func (g generator) arith(depth int) string {
	if depth == 0 {
		return g.pick("operand", g.variable, g.constant)
	}
	op := g.oneOf("operator", "+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>")
	x := g.arith(depth-1) + " " + op + " " + g.arith(depth-1)
	if rapid.Bool().Draw(g.T, "brackets") {
		return "(" + x + ")"
	}
	return x
}

func (g generator) condition(depth int, version catalogue.Version) string {
	if depth > 0 {
		x := g.condition(depth-1, version) + " " + g.oneOf("link", "and", "or", "&&", "||") + " " + g.condition(depth-1, version)
		return g.pick("form", fixed(x), fixed("("+x+")"), fixed("!("+x+")"))
	}
	return g.pick("condition", g.variable, fixed("1"),
		func() string { return g.call(version) },
		func() string {
			return g.variable() + " " + g.oneOf("comparison", "==", "!=", "<", ">", "<=", ">=") + " " + g.constant()
		},
		func() string { return g.variable() + " == NULL" },
		func() string { return g.variable() + " != " + g.variable() },
		func() string {
			return g.variable() + g.oneOf("match", " =~ ", " !~ ") + g.pick("pattern", fixed(`"^b"`), g.variable)
		},
		func() string { return "[" + g.arith(1) + " ]" },
		func() string { return g.target() + " = " + g.arith(1) },
	)
}

func (g generator) actions(depth int, version catalogue.Version) string {
	var b strings.Builder
	for range rapid.IntRange(1, 4).Draw(g.T, "actions") {
		b.WriteString(g.action(depth, version) + "\n")
	}
	return b.String()
}

func (g generator) assignment() string {
	return g.target() + " " + g.oneOf("assignment", "=", ":=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=") + " " +
		g.arith(rapid.IntRange(0, 2).Draw(g.T, "depth")) + ";"
}

func (g generator) action(depth int, version catalogue.Version) string {
	if depth == 0 {
		return g.pick("simple", g.assignment, g.assignment, g.assignment,
			func() string { return g.call(version) + ";" },
			func() string { return "xlog(" + g.text() + ");" },
			func() string { return g.oneOf("end", "exit;", "drop;", "return(-1);", "return;", "return($var(a));") },
			fixed("route(r1);"), fixed(";"))
	}
	inner := func() string { return "{\n" + g.actions(depth-1, version) + "}" }
	cond := g.condition(rapid.IntRange(0, 2).Draw(g.T, "depth"), version)
	switch g.oneOf("kind", "if", "if else", "while", "for", "switch", "simple") {
	case "if":
		return "if (" + cond + ") " + inner()
	case "if else":
		return "if (" + cond + ") " + inner() + " else " + inner()
	case "while":
		return "while (" + cond + ") " + inner()
	case "for":
		return "for ($var(a) in $(avp(l)[*])) " + inner()
	case "switch":
		return "switch (" + g.variable() + ") {\ncase " + g.oneOf("label", "1", "-1", `"a"`) + ":\n" + g.actions(depth-1, version) +
			g.oneOf("break", "break;\n", "") + "case 2:\n" + g.actions(depth-1, version) + "default:\n" + g.actions(depth-1, version) + "}"
	}
	return g.action(0, version)
}

// TestAnyScriptEnds runs scripts that are made up: each ends within its limits, in
// the same way with a tracer and without.
func TestAnyScriptEnds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		version := rapid.SampledFrom([]catalogue.Version{v23, v24, v34}).Draw(rt, "version")
		g := generator{rt}
		text := "loadmodule \"tls_mgm.so\"\nmodparam(\"tls_mgm\", \"client_domain_avp\", \"l\")\n"
		for _, name := range []string{"", "[r1]", "[r2]"} {
			text += fmt.Sprintf("route%s {\n%s}\n", name, g.actions(rapid.IntRange(0, 3).Draw(rt, "depth"), version))
		}
		c, err := cfg.Parse("test.cfg", text, cfg.Options{Version: version})
		if err != nil {
			rt.Fatal(err)
		}
		for _, d := range c.Diagnostics {
			if d.Rule == "syntax" {
				rt.Fatalf("%s in\n%s", d, text)
			}
		}
		runBoth(rt, t, c, text)
	})
}

// runBoth runs a script with a tracer and without.
func runBoth(rt rapid.TB, t *testing.T, c *cfg.Config, text string) {
	p, _ := route.Compile(c, route.Options{MaxSteps: 4096, MaxDepth: 20})
	r := p.Run(t.Context(), scope(t, c.Version), route.Env{})
	record := &recorder{t: t}
	traced := p.Run(t.Context(), scope(t, c.Version), route.Env{Tracer: record})
	if diff := cmp.Diff(r, traced, cmpopts.IgnoreUnexported(route.Relay{})); diff != "" {
		rt.Fatalf("with a tracer (-without +with):\n%s\nof\n%s", diff, text)
	}
	switch r.End {
	case route.EndOfRoute, route.EndExit, route.EndDrop:
		if r.Message != "" {
			rt.Fatalf("%s: %s", r.End, r.Message)
		}
	case route.EndLimit, route.EndError:
		if r.Message == "" {
			rt.Fatalf("%s without a message", r.End)
		}
	default:
		rt.Fatalf("the run ended by %q", r.End)
	}
	if lines := strings.Split(strings.TrimSpace(record.out.String()), "\n"); !strings.Contains(lines[len(lines)-1], `"kind":"end"`) {
		rt.Fatalf("the trace ends with %s", lines[len(lines)-1])
	}
}

// FuzzRun runs what the parser makes of any text, errors and all.
func FuzzRun(f *testing.F) {
	for _, pattern := range []string{"testdata/*.cfg", "testdata/trace/*.cfg"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text), uint8(len(file)))
		}
	}
	f.Add("route { if (foo bar) exit; else { $x = ; } while ((($rm == )) { } route(", uint8(0))
	f.Add("route { switch () { case 1: default: } for ($var(x) in ) ; $var(x) = ~(\"a\" + [1]); }", uint8(1))
	f.Add("route { async(x(), y); assert(1 or 2, 3); return(\"x\"); xlog(); log(); drop(); }", uint8(2))
	f.Add(hundred, uint8(0))
	versions := []catalogue.Version{v23, v24, v34}
	f.Fuzz(func(t *testing.T, text string, version uint8) {
		c, err := cfg.Parse("test.cfg", text, cfg.Options{Version: versions[int(version)%len(versions)]})
		if err != nil {
			t.Skip()
		}
		runBoth(t, t, c, text)
	})
}
