package route_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/route"
	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
)

func TestFunctions(t *testing.T) {
	const globals = "listen=tls:192.0.2.1:5061\nalias=atlanta.com\n"
	const code = ` $var(code) = $rc; `
	tests := []struct{ actions, want string }{
		{`is_method("ACK|invite");` + code + `xlog("$var(code)");`, "1"},
		{`is_method("ACK | BYE");` + code + `xlog("$var(code)");`, "-1"},
		{`has_totag();` + code + `xlog("$var(code)");`, "-1"},
		{`is_present_hf("contact");` + code + `xlog("$var(code)");`, "1"},
		{`is_present_hf("Route");` + code + `xlog("$var(code)");`, "-1"},
		{`remove_hf("Contact");` + code + `xlog("$var(code) $hdr(Contact)");`, "1 <sip:alice@pc33.atlanta.com>"},
		{`mf_process_maxfwd_header("10");` + code + `xlog("$var(code)");`, "1"},

		{`setflag(3); setflag(4); resetflag(4); if (isflagset(3) and !isflagset(4)) { xlog("$mf"); }`, "3"},
		{`setflag(NAMED); if (isflagset(NAMED)) { xlog("$mf"); }`, "NAMED"},
		{`setbflag(1); if (isbflagset(0, 1) and !isbflagset(1, 1) and !isflagset(1)) { xlog("$bf"); }`, "1"},
		{`setbflag(2, 1); if (isbflagset(2, 1) and !isbflagset(1)) { xlog("[$bf]"); }`, "[]"},
		{`resetbflag(5); if (!isbflagset(5)) { log("not set"); }`, "not set"},

		{`seturi("sip:x@y.org:5070"); xlog("$ru");`, "sip:x@y.org:5070"},
		{`sethost("y.org"); xlog("$ru");`, "sip:bob@y.org"},
		{`rewritehostport("[2001:db8::1]:5070"); xlog("$ru");`, "sip:bob@[2001:db8::1]:5070"},
		{`sethp("y.org"); xlog("$ru");`, "sip:bob@y.org"},
		{`setport("5070"); xlog("$ru $rp");`, "sip:bob@biloxi.com:5070 5070"},
		{`setuser("eve"); xlog("$ru");`, "sip:eve@biloxi.com"},
		{`setuserpass("eve:pw"); xlog("$ru");`, "sip:eve:pw@biloxi.com"},
		{`prefix("00"); xlog("$ru");`, "sip:00bob@biloxi.com"},
		{`strip(1); xlog("$rU");`, "ob"},
		{`strip(9); xlog("$ru");`, "sip:biloxi.com"},
		{`strip_tail(2); xlog("$rU");`, "b"},
		{`strip_tail(9); xlog("$ru");`, "sip:biloxi.com"},
		{`setuser("eve"); revert_uri(); xlog("$ru");`, "sip:bob@biloxi.com"},
		{`seturi("no uri"); sethost("y.org");` + code + `xlog("$var(code)");`, "-1"},
		{`setdsturi("sip:z.org"); if (isdsturiset()) { xlog("$du"); }`, "sip:z.org"},
		{`setdsturi("sip:z.org"); resetdsturi(); if (!isdsturiset()) { xlog("$du"); }`, "<null>"},

		{`avp_printf("$avp(a)", "$rU at $rd"); xlog("$avp(a)");`, "bob at biloxi.com"},
		{`pv_printf($var(a), "<$rU>"); xlog("$var(a)");`, "<bob>"},
		{`avp_printf("$rm", "x");` + code + `xlog("$var(code)");`, "-1"},
		{`$avp(a) = 1; $avp(a) = 2; avp_delete("$avp(a)"); xlog("$(avp(a)[*])");`, "1"},
		{`$avp(a) = 1; $avp(a) = 2; avp_delete("$avp(a)/g"); xlog("$(avp(a)[*])");`, "<null>"},
		{`avp_delete("$avp(a)");` + code + `xlog("$var(code)");`, "-1"},
		{`$avp(a) = ""; if (is_avp_set("$avp(a)") and is_avp_set("$avp(a)/se") and !is_avp_set("$avp(a)/n")) { log("yes"); }`, "yes"},
		{`$avp(a) = 4; if (is_avp_set("$avp(a)/n") and !is_avp_set("$avp(a)/s") and !is_avp_set("$avp(a)/e")) { log("yes"); }`, "yes"},
		{`if (!is_avp_set("$avp(none)")) { log("no"); }`, "no"},

		{`if (append_branch() and force_rport()) { log("both"); }`, "both"},
		{`xlog("L_INFO", "two" " joined $$ $rm\n");`, "two joined $ INVITE\n"},
		{`log(1, "as it is: $rm"); xdbg("$rm"); log("x");`, "as it is: $rmINVITEx"},
		{`xlog("$cfg_line $cfg_file");`, "4 test.cfg"},
	}
	for _, test := range tests {
		p, _ := compile(t, v23, globals+"route {\n"+test.actions+"\n}\n", route.Options{})
		r := p.Run(t.Context(), scope(t, v23), route.Env{})
		if got := logged(r); got != test.want {
			t.Errorf("%s: %q, want %q; %v", test.actions, got, test.want, r.Warnings)
		}
	}
}

// Calls of 3.x have variables without quotes as arguments.
func TestFunctions3(t *testing.T) {
	r := runText(t, v34, `
		$var(m) = "ACK|INVITE";
		if (is_method($var(m)) && !is_myself($rd, 5061)) {
			seturi("sip:carol@chicago.com");
			setflag("A");
			send_reply(404, "not $rU");
		}
		avp_delete($avp(a), "g");
		if (isflagset("A")) { unknown($var(m), , "x", 5); }
		return($var(m));`)
	if len(r.Replies) != 1 || r.Replies[0].Reason != "not carol" || r.Code != 1 {
		t.Errorf("%+v", r)
	}
	want := []string{"ACK|INVITE", "<null>", "x", "5"}
	if len(r.Stubs) != 1 || !slices.Equal(r.Stubs[0].Args, want) {
		t.Errorf("stubs %+v, want the arguments %q", r.Stubs, want)
	}
}

func TestMaxForwards(t *testing.T) {
	p, _ := compile(t, v23, `route { mf_process_maxfwd_header("10"); return($rc); }`, route.Options{})
	for header, want := range map[string]int64{
		"Max-Forwards: 70": 1, "Max-Forwards: 1": 1, "Max-Forwards: 0": -1, "X-Other: 1": 2, "Max-Forwards: many": -2,
	} {
		if r := p.Run(t.Context(), scope(t, v23, "Max-Forwards: 70", header), route.Env{}); r.Code != want {
			t.Errorf("%s: %d, want %d", header, r.Code, want)
		}
	}
}

func TestIsMyself(t *testing.T) {
	p, _ := compile(t, v24, "listen=tls:192.0.2.1:5061\nalias=atlanta.com\n"+`route {
		if (is_myself("$rd") and is_myself("$rd", "$rp")) { log("both"); } else if (is_myself("$rd")) { log("host"); }
	}`, route.Options{})
	for uri, want := range map[string]string{
		"sip:192.0.2.1:5061": "both", "sip:192.0.2.1": "host", "sip:x@Atlanta.com:7": "both", "sip:biloxi.com": "",
	} {
		if got := logged(p.Run(t.Context(), scope(t, v24, "INVITE sip:bob@biloxi.com", "INVITE "+uri), route.Env{})); got != want {
			t.Errorf("%s: %q, want %q", uri, got, want)
		}
	}
}

func TestLogLevels(t *testing.T) {
	levels := func(version catalogue.Version, globals, actions string) string {
		p, _ := compile(t, version, globals+"\nroute {\n"+actions+"\n}\n", route.Options{})
		var all []string
		for _, l := range p.Run(t.Context(), scope(t, version), route.Env{}).Logs {
			all = append(all, l.Level.String())
		}
		return strings.Join(all, " ")
	}
	const each = `xlog("L_ALERT", "x"); xlog("L_CRIT", "x"); xlog("L_ERR", "x"); xlog("L_WARN", "x"); xlog("L_NOTICE", "x"); xlog("L_INFO", "x"); xlog("L_DBG", "x");`
	if got, want := levels(v23, "", each), "L_ALERT L_CRIT L_ERR L_WARN L_NOTICE L_INFO L_DBG"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	const more = `xlog("x"); xdbg("x"); log("x"); log(-3, "x"); log(2, "x"); $var(l) = 3; xlog("$var(l)", "x");`
	if got, want := levels(v23, "", more), "L_ERR L_DBG L_DBG L_ALERT L_NOTICE L_INFO"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := levels(v23, "xlog_default_level=2", `xlog("x");`); got != "L_NOTICE" {
		t.Errorf("%s", got)
	}
}

// replier refuses the second reply.
type replier struct{ sent []route.Reply }

func (r *replier) Reply(reply route.Reply) error {
	r.sent = append(r.sent, reply)
	if len(r.sent) == 2 {
		return errors.New("connection is closed")
	}
	return nil
}

type logger struct{ lines []string }

func (l *logger) Log(line route.Log) { l.lines = append(l.lines, line.Level.String()+" "+line.Text) }

func TestReplies(t *testing.T) {
	const text = `route {
		append_to_reply("X-A: 1\r\n");
		if (!send_reply("100", "Trying")) { log("first"); }
		append_to_reply("X-B: 2");
		if (!t_reply("$var(code)4", "no $rU")) { log("second"); }
		if (!sl_reply_error()) { log("third"); }
		if (!send_reply("700", "x")) { log("no code"); }
	}`
	p, _ := compile(t, v23, text, route.Options{})
	s := scope(t, v23)
	if err := s.SetVar("code", pv.TextValue("40")); err != nil {
		t.Fatal(err)
	}
	var sender replier
	var lines logger
	r := p.Run(t.Context(), s, route.Env{Replier: &sender, Logger: &lines})
	at := func(line, column int) route.Position {
		return route.Position{File: "test.cfg", Line: line, Column: column}
	}
	want := []route.Reply{
		{At: at(3, 8), Function: "send_reply", Code: 100, Reason: "Trying", Headers: []string{"X-A: 1"}},
		{At: at(5, 8), Function: "t_reply", Code: 404, Reason: "no bob", Headers: []string{"X-A: 1", "X-B: 2"}},
		{At: at(6, 8), Function: "sl_reply_error", Code: 500, Reason: "Server error occurred (1/SL)", Headers: []string{"X-A: 1", "X-B: 2"}},
	}
	if diff := cmp.Diff(want, r.Replies); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
	if diff := cmp.Diff(want, sender.sent); diff != "" {
		t.Errorf("sent (-want +have):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"L_DBG second", "L_DBG no code"}, lines.lines); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
	if len(r.Warnings) != 2 || !strings.Contains(r.Warnings[0].Message, "connection is closed") {
		t.Errorf("warnings %v", r.Warnings)
	}
	// An ACK gets no reply.
	r = p.Run(t.Context(), scope(t, v23, "INVITE", "ACK"), route.Env{Replier: &sender})
	if len(r.Replies) != 0 || logged(r) != "firstsecondthirdno code" {
		t.Errorf("%+v", r)
	}
}

func TestHeaders(t *testing.T) {
	r := runText(t, v23, `append_hf("P-hint: $rU\r\n"); insert_hf("X: y", "Call-ID");`)
	if diff := cmp.Diff([]string{"P-hint: bob", "X: y"}, r.Headers); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
}

// What is assumed counts for functions that are run as well.
func TestAssume(t *testing.T) {
	const text = `route { if (lookup("location") or Is_Method("x")) { log("a"); } if (is_method("INVITE")) { log("b"); } }`
	for _, test := range []struct {
		assume map[string]int
		want   string
	}{
		{nil, "ab"},
		{map[string]int{"LOOKUP": -1, "is_method": -1}, ""},
		{map[string]int{"lookup": 0}, ""},
	} {
		p, _ := compile(t, v23, text, route.Options{Assume: test.assume})
		if got := logged(p.Run(t.Context(), scope(t, v23), route.Env{})); got != test.want {
			t.Errorf("%v: %q, want %q", test.assume, got, test.want)
		}
	}
}
