package route_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg/route"
)

func TestSwitch(t *testing.T) {
	const text = `route {
	switch ($var(x)) {
		case 1: log("one ");
		case 2: log("two "); break;
		case "three": log("three ");
		case -4: break;
		case "5": log("five "); return(5);
		default: log("default ");
	}
	log("end");
}`
	p, _ := compile(t, v23, text, route.Options{})
	for value, want := range map[any]string{
		1: "one two end", 2: "two end", "THREE": "three end", -4: "end", 5: "five ", "1": "default end", nil: "default end", "": "default end",
	} {
		s := scope(t, v23)
		if err := s.SetVar("x", valueOf(value)); err != nil {
			t.Fatal(err)
		}
		if got := logged(p.Run(t.Context(), s, route.Env{})); got != want {
			t.Errorf("%v: %q, want %q", value, got, want)
		}
	}
}

func TestEnds(t *testing.T) {
	tests := []struct {
		actions string
		end     route.End
		code    int64
		log     string
	}{
		{`log("a");`, route.EndOfRoute, 1, "a"},
		{`is_method("ACK");`, route.EndOfRoute, -1, ""}, // the code of a route without return is that of its last action
		{`return; log("a");`, route.EndOfRoute, 1, ""},
		{`return(3); log("a");`, route.EndOfRoute, 3, ""},
		{`return(-3);`, route.EndOfRoute, -3, ""},
		{`return(0); log("a");`, route.EndExit, 0, ""},
		{`$var(x) = 4; return($var(x));`, route.EndOfRoute, 4, ""},
		{`return($avp(none));`, route.EndOfRoute, -1, ""},
		{`return($rm);`, route.EndOfRoute, 1, ""},
		{`exit; log("a");`, route.EndExit, 0, ""},
		{`exit(); log("a");`, route.EndExit, 0, ""},
		{`drop; log("a");`, route.EndDrop, 0, ""},
		{`if (1) { drop(); } log("a");`, route.EndDrop, 0, ""},
		{`route(leaving); log("a");`, route.EndExit, 0, ""},
		{`route(halt); log("a");`, route.EndExit, 0, ""},
		{`while (1) { exit; } log("a");`, route.EndExit, 0, ""},
		{`while (1) { return(2); } log("a");`, route.EndOfRoute, 2, ""},
		{`if (1) { if (1) { return(2); } } log("a");`, route.EndOfRoute, 2, ""},
		{`$avp(a) = 1; for ($var(x) in $(avp(a)[*])) { return(2); } log("a");`, route.EndOfRoute, 2, ""},
		{`switch ($rm) { case "INVITE": exit; } log("a");`, route.EndExit, 0, ""},
		{`if (1) { log("a"); if (1) { exit; } } log("b");`, route.EndExit, 0, "a"},
		{`if (1) ; else log("a"); log("b");`, route.EndOfRoute, 1, "b"},
		{`if (0) { log("a"); } else if (1) { log("b"); } else log("c");`, route.EndOfRoute, 1, "b"},
		{`error("a", "b"); log("c");`, route.EndOfRoute, 1, "c"},
		{`assert($rm == "ACK", "no"); log("a");`, route.EndOfRoute, 1, "a"},
		{`route(many); xlog("$rc ");  if (route(bad)) exit; xlog("$rc $retcode");`, route.EndOfRoute, 1, "7 0 0"}, // an if without else leaves the value of its condition
		{`async(unknown_query("x"), many); log("a");`, route.EndExit, 0, ""},
		{`launch(unknown_query("x"), many); log("a");`, route.EndOfRoute, 1, "a"},
	}
	for _, test := range tests {
		p, _ := compile(t, v23, "route {\n"+test.actions+"\n}\n"+codes, route.Options{})
		r := p.Run(t.Context(), scope(t, v23), route.Env{})
		if r.End != test.end || r.Code != test.code || logged(r) != test.log {
			t.Errorf("%s: %s %d %q, want %s %d %q", test.actions, r.End, r.Code, logged(r), test.end, test.code, test.log)
		}
	}
}

func TestAssert(t *testing.T) {
	p, _ := compile(t, v23, "enable_asserts=1\nroute { assert($rm == \"INVITE\", \"one\"); assert($rm == \"ACK\", \"two\"); log(\"a\"); }", route.Options{})
	r := p.Run(t.Context(), scope(t, v23), route.Env{})
	if r.End != route.EndExit || logged(r) != "ASSERTION FAILED - two" || r.Logs[0].Level != route.Critical {
		t.Errorf("%+v", r)
	}
}

func TestLoops(t *testing.T) {
	for actions, want := range map[string]string{
		`$var(i) = 0; while ($var(i) < 5) { $var(i) += 1; } xlog("$var(i) $rc");`:                                   "5 1",
		`$var(i) = 0; while (1) $var(i) += 1; xlog("$var(i)");`:                                                     "100",
		`while (0) { log("a"); } log("b");`:                                                                         "b",
		`while ($rm == 5) { log("a"); } log("b");`:                                                                  "b",
		`$avp(a) = 1; $avp(a) = "two"; for ($var(x) in $(avp(a)[*])) xlog("$var(x) ");`:                             "two 1 ",
		`for ($var(x) in $(avp(none)[*])) xlog("$var(x) "); log("b");`:                                              "b",
		`for ($avp(x) in $(hdr(Via)[*])) xlog("$avp(x)");`:                                                          "SIP/2.0/TLS pc33.atlanta.com:5061;branch=z9hG4bK776asdhds",
		`$avp(a) = 1; for ($var(x) in $(avp(a)[0])) log("a"); log("b");`:                                            "b", // not [*]
		`$avp(a) = 1; for ($var(x) in $(avp(a)[*])) { $avp(b) = $var(x); } for ($var(y) in $(avp(b)[*])) log("c");`: "c",
	} {
		r := runText(t, v23, actions)
		if got := logged(r); got != want || r.End != route.EndOfRoute {
			t.Errorf("%s: %q %s %s, want %q", actions, got, r.End, r.Message, want)
		}
	}
	p, _ := compile(t, v23, "max_while_loops=7\nroute { while (1) { $var(i) += 1; } xlog(\"$var(i)\"); }", route.Options{})
	r := p.Run(t.Context(), scope(t, v23), route.Env{})
	if logged(r) != "7" || len(r.Warnings) != 1 || r.Warnings[0].At.Line != 2 {
		t.Errorf("%+v", r)
	}
}

func TestParams(t *testing.T) {
	const text = `route {
	$var(x) = "var";
	route(show, 1, "t$rm", $var(x), NULL, $avp(none));
	route(show);
	route(outer, "o");
}
route[outer] { route(show, $param(1), "i"); xlog("[$param(1)$param(2)]"); }
route[show] { xlog("[$param(1) $param(2) $param(3) $param(4) $param(5) $param(9)]"); }`
	p, findings := compile(t, v23, text, route.Options{})
	r := p.Run(t.Context(), scope(t, v23), route.Env{})
	want := "[1 t$rm var <null> <null> <null>][<null> <null> <null> <null> <null> <null>][o i <null> <null> <null> <null>][o<null>]"
	if got := logged(r); got != want || len(findings) > 0 {
		t.Errorf("%s %q, want %s", got, findings, want)
	}
}

func TestRunRoute(t *testing.T) {
	p, _ := compile(t, v23, `route { log("main"); } branch_route[1] { log("branch"); } route[x] { log("x"); } error_route { log("error"); }`, route.Options{})
	for _, test := range [][3]string{{"route", "", "main"}, {"branch_route", "1", "branch"}, {"route", "x", "x"}, {"error_route", "", "error"}} {
		r, err := p.RunRoute(t.Context(), test[0], test[1], scope(t, v23), route.Env{})
		if err != nil || logged(r) != test[2] {
			t.Errorf("%v: %+v, %v", test, r, err)
		}
	}
	if _, err := p.RunRoute(t.Context(), "route", "none", scope(t, v23), route.Env{}); err == nil || !strings.Contains(err.Error(), "no route[none]") {
		t.Errorf("error %v", err)
	}
	// A name may have variables, from 2.4 on; route(0) is the main one.
	p, _ = compile(t, v24, `route { $var(x) = "y"; route("a_$var(x)"); if (!route("$rm")) { log("none"); } } route[a_y] { log("found "); }`, route.Options{})
	if got := logged(p.Run(t.Context(), scope(t, v24), route.Env{})); got != "found none" {
		t.Errorf("%q", got)
	}
}

func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		"route {\n log(\"a\");\n route(none);\n log(\"b\");\n}": `test.cfg:3: route "none" is not defined`,
		"route {\n log(\"a\");\n foo bar;\n log(\"b\");\n}":     "test.cfg:3: the action has an error",
		"route {\n log(\"a\");\n if (foo bar) exit;\n}":         "test.cfg:3: the condition has an error",
		"loadmodule \"tm.so\"\n":                                "the script has no request route",
	} {
		p, _ := compile(t, v23, text, route.Options{})
		r := p.Run(t.Context(), scope(t, v23), route.Env{})
		if r.End != route.EndError || r.Message != want || strings.Contains(logged(r), "b") {
			t.Errorf("%s: %+v, want %s", text, r, want)
		}
	}
}

func TestLimits(t *testing.T) {
	const nested = "while (1) { while (1) { while (1) { while (1) { $var(i) += 1; } } } }"
	tests := []struct {
		name, text, want string
		options          route.Options
	}{
		{"steps", "route {\n" + nested + "\n}", "test.cfg:2: the run was stopped after 5120 steps", route.Options{MaxSteps: 5120}},
		{"depth", "route {\n route(a);\n}\nroute[a] {\n route(a);\n}", "test.cfg:5: routes call each other more than 100 deep", route.Options{}},
		{"depth of the main route", "route {\n route(0);\n}", "test.cfg:2: routes call each other more than 3 deep", route.Options{MaxDepth: 3}},
		{
			"branching", "route {\n" + strings.Repeat(" if (!route(a)) log(\"x\");\n", 3) + "}\nroute[a] {\n" + strings.Repeat("route(b);\n", 30) + "}\nroute[b] {\n" +
				strings.Repeat("route(c);\n", 30) + "}\nroute[c] {\n" + strings.Repeat("route(d);\n", 30) + "}\nroute[d] {\n" + strings.Repeat("$var(x) = 1;\n", 30) + "}\n",
			"the run was stopped after 100000 steps",
			route.Options{},
		},
		{"a list that grows", "route {\n $avp(a) = 1;\n for ($var(x) in $(avp(a)[*])) {\n  $avp(a) = 1;\n }\n}", "after 5120 steps", route.Options{MaxSteps: 5120}},
		{
			"nesting", "route {\n" + strings.Repeat("if (1) {", 3000) + "route(0);" + strings.Repeat("}", 3000) + "\n}", "deep",
			route.Options{MaxDepth: 1 << 20, MaxSteps: 1 << 30},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, _ := compile(t, v23, test.text, test.options)
			r := p.Run(t.Context(), scope(t, v23), route.Env{})
			if r.End != route.EndLimit || !strings.Contains(r.Message, test.want) {
				t.Errorf("%s: %s", r.End, r.Message)
			}
		})
	}
}

// A run ends when its context does.
func TestContext(t *testing.T) {
	p, _ := compile(t, v23, "route { while (1) { while (1) { while (1) { $var(i) += 1; } } } }", route.Options{MaxSteps: 1 << 40})
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	r := p.Run(ctx, scope(t, v23), route.Env{})
	if r.End != route.EndLimit || !strings.Contains(r.Message, "deadline exceeded") || !strings.HasPrefix(r.Message, "test.cfg:1: ") {
		t.Errorf("%s: %s", r.End, r.Message)
	}
}

// A text that doubles does not fill the memory.
func TestTexts(t *testing.T) {
	r := runText(t, v23, `$var(x) = "0123456789"; while (1) { $var(x) = $var(x) + $var(x); } xlog("$(var(x){s.len})");`)
	if logged(r) != "40960" || len(r.Warnings) == 0 || !strings.Contains(r.Warnings[0].Message, "too long") {
		t.Errorf("%q %v", logged(r), r.Warnings)
	}
	r = runText(t, v23, `$var(x) = "0123456789"; while (1) { $var(x) = $(var(x){s.encode.hexa}); } while (1) { while (1) { xlog("$var(x)$var(x)$var(x)$var(x)"); } }`)
	total := 0
	for _, l := range r.Logs {
		total = max(total, len(l.Text))
	}
	if total > 4096 || len(r.Logs) > 10_000 {
		t.Errorf("%d lines of up to %d bytes", len(r.Logs), total)
	}
	r = runText(t, v23, `$var(x) = "0123456789"; while ($(var(x){s.len}) < 40000) { $var(x) = $var(x) + $var(x); } while (1) { while (1) { $avp(l) = $var(x) + "x"; } }`)
	if r.End != route.EndLimit || !strings.Contains(r.Message, "64 MB") {
		t.Errorf("%s %s", r.End, r.Message)
	}
}

// A program is run by many at once, with a scope each.
func TestConcurrent(t *testing.T) {
	p, _ := compile(t, v24, hundred+`route[more] { $avp(l) = "^b"; if ($rU =~ $avp(l)) { for ($var(x) in $(avp(l)[*])) xlog("$var(x) $rU"); } }`, route.Options{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			user := fmt.Sprintf("b%d", i)
			for range 20 {
				s := scope(t, v24, "bob@biloxi", user+"@biloxi")
				p.Run(t.Context(), s, route.Env{})
				r, err := p.RunRoute(t.Context(), "route", "more", s, route.Env{})
				if got := logged(r); err != nil || got != "^b "+user {
					t.Errorf("%q %v", got, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestFindings(t *testing.T) {
	const text = `route {
	xlog("$DLG_status and $foo");
	if ($DLG_status == 5 || $rm =~ "(a") {
		route(hlper);
	}
	$rm = "x";
	$dlg_val(x) = 1;
	xlog("L_FOO", "x");
	if ($rd == myself) { exit; }
	if (src_ip == some.host) { exit; }
}
route[helper] { unknown_function("^a$|$/x"); }`
	_, findings := compile(t, v23, text, route.Options{})
	want := []string{
		`test.cfg:2:7: warning: script variable $DLG_status: … [run-variable]`,
		`test.cfg:2:7: warning: script variable $foo: … [run-variable]`,
		`test.cfg:3:33: warning: regular expression "(a": … [run-regex]`,
		`test.cfg:4:9: warning: route "hlper" is not defined [run-route]`,
		`test.cfg:6:2: warning: script variable $rm cannot be set [run-variable]`,
		`test.cfg:7:2: warning: script variable $dlg_val(x): … [run-variable]`,
		`test.cfg:8:7: warning: unknown log level "L_FOO": L_ERR is taken [run-statement]`,
		`test.cfg:9:6: warning: comparing a variable with myself is an error in each version, which counts as false [run-statement]`,
		`test.cfg:10:16: warning: the host name some.host is not looked up: no address is equal to it [run-statement]`,
	}
	if len(findings) != len(want) {
		t.Errorf("%d findings:\n%s", len(findings), strings.Join(findings, "\n"))
		return
	}
	for i, w := range want {
		start, end, _ := strings.Cut(w, "…")
		if !strings.HasPrefix(findings[i], start) || !strings.HasSuffix(findings[i], end) {
			t.Errorf("finding %s, want %s", findings[i], w)
		}
	}
}

func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range route.Rules() {
		if seen[r.ID] || r.Doc == "" || !strings.HasPrefix(r.ID, "run-") {
			t.Errorf("rule %+v", r)
		}
		seen[r.ID] = true
	}
	if diff := cmp.Diff(4, len(seen)); diff != "" {
		t.Error(diff)
	}
}

// Chains of operators are as long as a script has them.
func TestLongChains(t *testing.T) {
	const length = 50_000
	r := runText(t, v23, "$var(x) = 1"+strings.Repeat(" + 1", length)+"; if (1"+strings.Repeat(" and $var(x)", length)+") xlog(\"$var(x)\");")
	if got := logged(r); got != "50001" {
		t.Errorf("%q %s", got, r.Message)
	}
}
