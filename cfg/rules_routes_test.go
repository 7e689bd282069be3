package cfg_test

import (
	"fmt"
	"strings"
)

// relay are the modules of a plain proxy.
const relay = `loadmodule "signaling.so" loadmodule "sl.so" loadmodule "tm.so"` + "\n"

// manyRoutes defines n routes with names.
func manyRoutes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "route[r%d] { exit; }\n", i)
	}
	return b.String()
}

var routeExamples = []ruleExamples{
	{"duplicate-route", []example{
		{name: "main", script: "route { exit; }\n«route» { exit; }", message: "the default route is defined already"},
		{name: "main by number", script: "route { exit; }\n«route»[0] { exit; }\n«route»[\"00\"] { exit; }\n«route»[\" +0\"] { exit; }\n«route»[\"\"] { exit; }"},
		{name: "named", script: "route[a] { exit; }\n«route»[\"a\"] { exit; }", message: "route[a] is defined already"},
		{name: "numbered", script: "route[16] { exit; }\n«route»[0x10] { exit; }"},
		{name: "failure", script: "failure_route[a] { exit; }\n«failure_route»[a] { exit; }"},
		{name: "event", script: "event_route[E_X] { exit; }\n«event_route»[E_X] { exit; }"},
		{name: "error", script: "error_route { exit; }\n«error_route» { exit; }"},
		{name: "onreply", script: "onreply_route { exit; }\n«onreply_route» { exit; }"},
		{name: "one of each kind", script: "route { exit; }\nroute[a] { exit; }\nroute[A] { exit; }\nfailure_route[a] { exit; }\nonreply_route { exit; }\nonreply_route[a] { exit; }\n" +
			"branch_route[a] { exit; }\nerror_route { exit; }\nlocal_route { exit; }\nstartup_route { exit; }\nevent_route[a] { exit; }"},
		{name: "not the number 0", script: "route { exit; }\nroute[\"+\"] { exit; }\nroute[\"0x\"] { exit; }\nroute[\"0 \"] { exit; }"},
		{name: "timers", script: "timer_route[a, 1] { exit; }\ntimer_route[a, 2] { exit; }"},
	}},
	{"too-many-routes", []example{
		{name: "defined", script: manyRoutes(99) + "«route»[one_more] { exit; }\nroute[and_more] { exit; }", message: "more than 99 names of routes of the kind route"},
		{name: "called", script: manyRoutes(99) + "route { route(«elsewhere»); }"},
		{name: "called by async", script: manyRoutes(99) + `loadmodule "cfgutils.so" route { async(usleep("1"), «elsewhere»); }`},
		{name: "just enough", script: "route { route(r1); }\n" + manyRoutes(99) + "failure_route[x] { exit; }"},
	}},
}

var callExamples = []ruleExamples{
	{"unknown-function", []example{
		{name: "nowhere", script: `route { «frobnicate»(); }`, message: "unknown function frobnicate"},
		{name: "misspelt", script: relay + `route { «t_rellay»(); }`, message: "unknown function t_rellay", help: "did you mean t_relay"},
		{name: "another case", script: relay + `route { «T_RELAY»(); }`, help: "did you mean t_relay"},
		{name: "not loaded", script: `route { «t_relay»(); }`, message: "function t_relay needs module tm, which is not loaded before it", help: `add loadmodule "tm.so"`},
		{name: "loaded too late", script: `route { «t_relay»(); }` + "\n" + relay, help: "put the loadmodule before the route"},
		{name: "told once", script: `route { «t_relay»(); t_newtran(); }`, help: "1 more place below needs it"},
		{name: "number of arguments", script: relay + `route { «t_relay»("a", "b", "c"); }`, message: "function t_relay of tm takes 0, 1 or 2 arguments, found 3"},
		{name: "one argument", script: relay + `route { «t_on_failure»(); }`, message: "takes 1 argument, found 0"},
		{name: "of a later version", script: `route { «get_accurate_time»("$var(a)", "$var(b)"); }`, help: "this is 2.3"},
		{name: "of the core before", script: `route { «setsflag»(3); }`, help: "the core has it until 2.1, this is 2.3"},
		{name: "with advice", script: `route { «setdebug»(3); }`, help: "set $log_level"},
		{name: "in a condition", script: `route { if («frobnicate»("x") && $rd == "y") exit; }`},
		{name: "asynchronous", script: relay + `route { async(«t_relay»(), done); } route[done] { exit; }`, message: "function t_relay cannot be called asynchronously"},
		{name: "asynchronous, not loaded", script: `route { async(«usleep»("10"), done); } route[done] { exit; }`, message: "asynchronous function usleep needs module cfgutils"},
		{name: "asynchronous, nowhere", script: `route { async(«frobnicate»(), done); } route[done] { exit; }`, message: "unknown asynchronous function frobnicate"},
		{name: "after an unknown module", script: bare + `mpath="/m/" loadmodule "proto_udp.so" listen=udp:127.0.0.1` + "\nroute { xlog(\"x\"); }"},
		{name: "known", script: relay + `loadmodule "cfgutils.so" route { t_relay("0x01"); t_reply("404", "No"); async(usleep("10"), done); } route[done] { t_on_failure("x"); }`},
		{name: "of 3.0", versions: "3.0", script: relay + `route { t_relay(, "udp:127.0.0.1"); t_reply(404, $var(reason)); }`},
	}},
	{"function-route", []example{
		{name: "from a reply", script: tls + `onreply_route { «is_peer_verified»(); }`, message: "is_peer_verified cannot be called from onreply_route", help: "it can be called from route"},
		{name: "from a timer", script: relay + `timer_route[t, 1] { «t_relay»(); }`},
		{name: "for other modules only", script: "route { «proto_init»(); }", help: "it is there for other modules only"},
		{name: "from the main route", script: tls + `route { is_peer_verified(); } route[x] { is_peer_verified(); }`},
	}},
	{"argument", []example{
		{name: "number", script: relay + `route { t_reply(«404», "Not Found"); }`, message: "argument 404 of t_reply is a number", help: `write "404"`},
		{name: "of async", script: `loadmodule "cfgutils.so" route { async(usleep(«10»), done); } route[done] { exit; }`},
		{name: "q value", script: `route { append_branch("sip:a@b", «"2"»); append_branch("sip:a@b", «"1.5"»); append_branch("sip:a@b", «"x"»); append_branch("sip:a@b", «""»); }`, message: "expected a q value from 0 to 1"},
		{name: "q values", script: `route { append_branch("sip:a@b", "0.5"); append_branch("sip:a@b", "1"); append_branch("sip:a@b", ".25"); append_branch("sip:a@b", " 1.0 "); append_branch("sip:a@b", "0"); append_branch("sip:a@b"); append_branch(); }`},
		{name: "strings", script: relay + `route { t_reply("404", "Not Found"); }`},
		{name: "types from 3.0 on", versions: "3.0", script: relay + `route { t_reply(«"404"», 5); t_reply(404, «5»); t_on_failure(«7»); }`, message: "argument 1 of t_reply is a string", help: "expected a number or a script variable"},
		{name: "missing from 3.0 on", versions: "3.0", script: relay + `route { «t_reply»(, "Not Found"); }`, message: "argument 1 of t_reply is missing"},
		{name: "good ones from 3.0 on", versions: "3.0", script: relay + `route { t_reply(404, "Not Found"); t_reply($var(code), $var(reason)); t_relay(, "udp:127.0.0.1:5060"); }`},
	}},
}

var variableExamples = []ruleExamples{
	{"unknown-variable", []example{
		{name: "misspelt", script: `route { if («$retcod» < 0) exit; }`, message: "unknown script variable $retcod", help: "did you mean $retcode"},
		{name: "assigned", script: `route { «$foobar» = 1; }`},
		{name: "of a module", script: `route { if («$tls_version» == "TLSv1") exit; }`, message: "script variable $tls_version needs module tls_mgm", help: "tls_mgm.so"},
		{name: "told once", script: `route { if («$tls_version» == "TLSv1" || $tls_peer_verified == 1) exit; }`, help: "1 more place below needs it"},
		{name: "of a later version", script: `route { if («$socket_in» == "x") exit; }`, help: "this is 2.3"},
		{name: "before an operator word", script: `route { if ($ru == «$comm»and and $rd == "x") exit; }`, help: "write it in brackets, as in $(comm…)"},
		{name: "no inner name", script: `route { if («$avp» == 1) exit; }`, message: "script variable $avp needs a name in brackets"},
		{name: "an inner name too many", script: `route { if («$rd(x)» == "a") exit; }`, message: "script variable $rd takes no name in brackets"},
		{name: "empty inner name", script: `route { if («$avp()» == 1) exit; }`, message: "malformed script variable"},
		{name: "no index", script: `route { if («$(avp(x)[])» == 1) exit; }`, message: "malformed script variable"},
		{name: "not an index", script: `route { if («$(avp(x)[first])» == 1) exit; }`, message: `has the index "first": expected a number, * or a script variable`},
		{name: "index of a single value", script: `route { if («$(rd[0])» == "a") exit; }`, message: "takes no index"},
		{name: "unknown class", script: `route { if («$(rd{x.len})» == 1) exit; }`, message: `has the unknown transformation "{x.len}"`},
		{name: "unknown transformation", script: `route { if («$(rd{s.length})» == 1) exit; }`, message: `"{s.length}"`},
		{name: "transformation without class", script: `route { if («$(rd{len})» == 1) exit; }`, message: "malformed script variable"},
		{name: "in script_trace", script: `route { script_trace(1, «"$rm from $si, ruri=$rv"», "me"); }`, message: "unknown script variable $rv"},
		{name: "in avp_printf", script: `route { avp_printf(«"$foobar"», "x"); }`},
		{name: "in strings", script: `route { xlog("$foobar $tls_version"); script_trace(1, "100$$ $rm $(ru{uri.user})", "me"); }`},
		{name: "good ones", script: tls + `route {
	if ($rd == "x" && $(ru{uri.user}{s.len}) > 3 || $(hdr(Via)[-1]) == NULL || $hdr(From) =~ "x") exit;
	if ($(avp(x)[*]) == 1 || $(avp(x)[$var(i)]) == 2 || $var(i) == 3 || $tls_version == "x" || $(tls_peer_subject{s.toupper}) == "x") exit;
	if ($(ct.fields(uri)[0]) == "x" || $(branch(uri)[1]) == "y" || $time(%H) == "10" || $(rb{sdp.line,m}) == "z") exit;
	$avp(x) = "a" + $fU;
}`},
	}},
	{"read-only", []example{
		{name: "core", script: `route { «$rm» = "ACK"; }`, message: "script variable $rm is read-only"},
		{name: "tls_mgm", script: tls + `route { «$tls_version» = "x"; }`},
		{name: "transaction", script: relay + `branch_route[b] { «$T_branch_idx» = 1; }`},
		{name: "transformation", script: `route { «$(ru{uri.user})» = "x"; }`, message: "the left side of an assignment has a transformation", help: "assign to the variable itself"},
		{name: "NULL", script: `route { «$var(a)» := NULL; }`, message: "only $avp(…) can be set to NULL with :=, not $var", help: "use = instead"},
		{name: "loop", script: `route { for («$ru» in $(avp(x)[*])) exit; }`, message: "for takes a $var(…) or an $avp(…)"},
		{name: "printed to", script: `route { avp_printf(«"$rm"», "x"); pv_printf(«$rm», "x"); }`},
		{name: "writable", script: relay + `route {
	$ru = "sip:a@b"; $rU = "a"; $rd = "b"; $rp = 5060; $du = "sip:c"; $fs = "udp:127.0.0.1:5060"; $avp(x) := NULL; $avp(x) = NULL;
	$var(a) = NULL; $branch = "sip:x@y"; $(branch(duri)[0]) = "sip:z"; $ru_q = 100; $T_fr_timeout = 5; $log_level = 4;
	for ($var(i) in $(avp(x)[*])) exit;
	for ($avp(i) in $(avp(x)[*])) exit;
	avp_printf("$avp(y)", "x"); pv_printf($var(y), "x");
}`},
	}},
}
