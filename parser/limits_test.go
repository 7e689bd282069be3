package parser

import (
	"strings"
	"testing"
)

// A hugeScript is a script that grows with n where a parser may run out of
// stack, or of time.
type hugeScript struct {
	name string
	text func(n int) string
	// want is part of the first error; empty where there is none.
	want string
}

func repeated(before, text, after string) func(int) string {
	return func(n int) string { return before + strings.Repeat(text, n) + after }
}

// nested puts one within the other.
func nested(before, open, inner, closing, after string) func(int) string {
	return func(n int) string {
		return before + strings.Repeat(open, n) + inner + strings.Repeat(closing, n) + after
	}
}

// fewer takes a tenth of what the others take, for what participle reads.
func fewer(text func(n int) string) func(int) string {
	return func(n int) string { return text(n / 10) }
}

const tooDeep = "nested too deeply"

var hugeScripts = []hugeScript{
	{"parens", nested("route { if ", "(", "$a", ")", " exit; }\n"), tooDeep},
	{"parens in a value", nested("route { $a = ", "(", "1", ")", "; }\n"), tooDeep},
	{"parens without end", repeated("route { if ", "(", ""), tooDeep},
	{"brackets", nested("route { if ", "([", "$a", "])", " exit; }\n"), "expected a value"},
	{"nots", repeated("route { if (", "!", "$a) exit; }\n"), tooDeep},
	{"bit nots", repeated("route { $a = ", "~", "1; }\n"), tooDeep},
	{"ifs", repeated("route {\n", "if ($a) ", "exit; }\n"), tooDeep},
	{"blocks", nested("route {\n", "if ($a) { ", "exit;", " }", " }\n"), tooDeep},
	{"blocks without end", repeated("route {\n", "if ($a) {\n", ""), tooDeep},
	{"blocks in conditions", nested("route {\n", "if {", "exit;", "}", " exit; }\n"), tooDeep},
	{"ifs in conditions", repeated("route {\n", "if (", ""), tooDeep},
	{"else ifs", repeated("route { exit;\n", "if ($a) exit; else ", "exit; }\n"), tooDeep},
	{"whiles", repeated("route { ", "while ($a) ", "exit; }\n"), tooDeep},
	{"fors", repeated("route { ", "for ($a in $(b)) ", "exit; }\n"), tooDeep},
	{"switches", nested("route { ", "switch ($a) { case 1: ", "exit;", "}", " }\n"), tooDeep},
	{"assignments in conditions", repeated("route { if ($a = ", "f() + ", "1) exit; }\n"), ""},
	{"and chain", repeated("route { if ($a", " && $a", ") exit; }\n"), ""},
	{"sum", repeated("route { $a = 1", " + 1", "; }\n"), ""},
	{"actions", repeated("route {\n", "f();\n", "}\n"), ""},
	{"empty actions", repeated("route {", ";", "}\n"), ""},
	{"one line of actions", repeated("route {", "f(\"x\"); ", "}\n"), ""},
	{"cases", repeated("route { switch ($a) {\n", "case 1: exit;\n", "} }\n"), ""},
	{"arguments", repeated("route { f(\"a\"", ", \"a\"", "); }\n"), ""},
	{"empty arguments", repeated("route { f(", ",", "); }\n"), ""},
	{"joined strings", repeated("route { xlog(\"a\"", " \"a\"", "); }\n"), ""},
	{"route parameters", repeated("route { route(a", ", 1", "); }\n"), ""},
	{"routes", repeated("", "route[a] { exit; }\n", ""), ""},
	{"routes on a line", repeated("", "route[a] { exit; } ", ""), ""},
	{"modparams", repeated("", "modparam(\"a\", \"b\", 1)\n", ""), ""},
	{"signed modparams", fewer(repeated("", "modparam(\"a\", \"b\", -1)\n", "")), ""},
	{"modparams on a line", fewer(repeated("", "modparam(\"a\", \"b\", -1) ", "")), ""},
	{"globals on a line", repeated("", "children=1 ", ""), ""},
	{"listens", fewer(repeated("", "listen=udp:10.0.0.1:5060\n", "")), ""},
	{"names", fewer(repeated("alias=a", " b.c", "\n")), ""},
	{"labels", repeated("alias=a", ".b", "\n"), ""},
	{"rules", fewer(repeated("dst_blacklist=a:{(tcp,10.0.0.1,1,\"\")", ",(tcp,10.0.0.1,1,\"\")", "}\n")), ""},
	{"modules of a group", fewer(repeated("mem-group=\"a\":\"b\"", " \"b\"", "\n")), ""},
	{"string", repeated("log_name=\"", "a\\n", "\"\n"), ""},
	{"word", repeated("log_facility=", "a", "\n"), ""},
	{"number", repeated("children=", "1", "\n"), ""},
	{"variable", repeated("route { $var(", "a", ") = 1; }\n"), ""},
	{"brackets in a variable", nested("route { $", "(", "a", ")", " = 1; }\n"), ""},
	{"comments", repeated("children=1", "/**/", "\n"), ""},
	{"nested comments", nested("children=1 ", "/*", "a", "*/", "\n"), ""},
	{"line comments", repeated("", "#\n", "children=1\n"), ""},
	{"blanks", repeated("children=1", " ", "\nchildren=2\n"), ""},
	{"blank lines", repeated("children=1", " \n", "children=2\n"), ""},
	{"hex groups", repeated("alias=", "a:", "\n"), "expected"},
	{"dots", repeated("listen=udp:", "1.", "\n"), "expected"},

	{"missing semicolons", repeated("route {\n", "f()\n", "}\n"), `expected ";"`},
	{"bad actions", repeated("route {\n", "f(;\n", "}\n"), "expected a string"},
	{"bad conditions", repeated("route {\n", "if ($a == ) f();\n", "}\n"), "expected a value"},
	{"bad conditions in each other", nested("route {\n", "if (", "f(;", " x)", " exit; }\n"), tooDeep},
	{"bad statements", repeated("", "listen=\n", ""), "expected a protocol"},
	{"bad statements on a line", repeated("", "listen= ", ""), "expected a protocol"},
	{"words", repeated("", "a ", "\n"), "expected a statement"},
	{"words in a route", repeated("route {", " a", "}\n"), "expected \"(\""},
	{"semicolons", repeated("", ";", "\n"), "expected a statement"},
	{"closing brackets", repeated("route { exit; ", "}", "\n"), "expected a statement"},
	{"closing brackets on lines", repeated("route { exit;\n", "}\n", "\n"), "expected a statement"},
	{"opening brackets", repeated("route ", "{", "\n"), "expected an action"},
	{"heads of routes", repeated("", "route[a\n", ""), "expected \"]\""},
	{"routes without end", repeated("", "route { ", ""), "expected \"}\""},
	{"routes without end on lines", repeated("", "route {\n f();\n", ""), "expected \"}\""},
	{"routes in routes", nested("", "route { if ($a) {\n", "f();", "} }", "\n"), "expected \"}\""},
	{"switches without end", repeated("route {\n", "switch ($a) { case 1:\n", ""), tooDeep},
	{"breaks", repeated("route { switch ($a) { case 1: ", "break; ", "} }\n"), "expected \"case\""},
	{"elses", repeated("route { f(); ", "else ", "f(); }\n"), "expected an action"},
	{"odd bytes", repeated("children=1 ", "\x00\n", "\n"), ""},
	{"quotes", repeated("", "\"\n", "\n"), "expected a statement"},
	{"unknown globals", repeated("", "a=1\n", ""), ""},
	{"unknown globals on a line", repeated("", "a=1 ", "\n"), ""},
	{"garbage", repeated("", "}\x01;)= \"$a\" {[ \n1::2 route( if ", "\n"), "expected a statement"},
}

func TestHugeScripts(t *testing.T) {
	n := 100_000
	if raceDetector {
		n = 20_000
	}
	d := dialect23(t)
	for _, huge := range hugeScripts {
		t.Run(huge.name, func(t *testing.T) {
			t.Parallel()
			f, err := Parse("huge.cfg", huge.text(n), Options{Dialect: d})
			if err != nil {
				t.Fatal(err)
			}
			line, message := firstError(f)
			if strings.HasPrefix(message, "unknown global") {
				line, message = 0, ""
			}
			if line == 0 != (huge.want == "") || !strings.Contains(message, huge.want) {
				t.Errorf("first error in line %d: %q, want %q", line, message, huge.want)
			}
			if n := len(f.Findings); n > 2*(maxErrors+1) {
				t.Errorf("%d findings", n)
			}
		})
	}
}

// What is true of every parse is true of these.
func TestHugeScriptsAreSane(t *testing.T) {
	const n = 11_000 // more than fit into each other
	d := dialect23(t)
	for _, huge := range hugeScripts {
		t.Run(huge.name, func(t *testing.T) {
			t.Parallel()
			text := huge.text(n)
			parseText(t, d, text)
			checkTokens(t, d, text)
		})
	}
}
