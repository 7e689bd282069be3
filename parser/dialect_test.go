package parser

import (
	"slices"
	"strings"
	"testing"
)

// testLanguage is a language that is large enough for the scripts of the tests,
// as 2.3 has it or, with later, as 2.4.
func testLanguage(later bool) Language {
	l := Language{
		Version: "2.3",
		Globals: map[string][]string{
			"advertised_address": {"host"}, "alias": {"hosts"}, "auto_aliases": {"int"}, "children": {"int"},
			"debug_mode": {"int"}, "disable_503_translation": {"int"}, "dst_blacklist": {"id colon lbrace blacklist rbrace"},
			"listen": {"socket"}, "log_facility": {"id"}, "log_level": {"signed"}, "log_name": {"string"},
			"log_stderror": {"int"}, "mem-group": {"string colon string..."}, "memlog": {"signed"}, "mhomed": {"int"},
			"mpath": {"string"}, "open_files_limit": {"int"}, "port": {"int"}, "server_header": {"string"},
			"tcp_children": {"int"}, "tos": {"int", "id"}, "wdir": {"string", "id"},
		},
		Statements: map[string][]string{
			"append_branch": {"(string, string)", "(string)", "()", "-"}, "assert": {"(expression, string)"},
			"async": {"(call, route)"}, "cache_fetch": {"(string, string, var)"},
			"cache_store": {"(string, string, string)", "(string, string, string, int)", "(string, string, string, var)"},
			"drop":        {"()", "-"}, "error": {"(string, string)"}, "exit": {"()", "-"}, "force_rport": {"()", "-"},
			"force_send_socket": {"(socket)"}, "forward": {"(string)", "()"}, "isbflagset": {"(int, int)", "(int, id)", "(int)", "(id)"},
			"isflagset": {"(int)", "(id)"}, "launch": {"(call, route)", "(call)"}, "log": {"(string)", "(signed, string)"},
			"prefix": {"(string)"}, "remove_branch": {"(int)", "(var)"}, "return": {"(signed)", "(var)", "()", "-"},
			"revert_uri": {"()", "-"}, "route": {"(route)", "(route, params...)"}, "set_advertised_address": {"(host)"},
			"setbflag": {"(int, int)", "(int, id)", "(int)", "(id)"}, "setflag": {"(int)", "(id)"}, "seturi": {"(string)"},
			"strip": {"(int)"}, "xlog": {"(string)", "(string, string)"},
		},
		Routes:   []string{"route", "onreply_route", "failure_route", "branch_route", "error_route", "local_route", "startup_route", "timer_route", "event_route"},
		Reserved: []string{"uri:host", "uri:port"},
		Has: Features{
			OldConditions: true, BareIdentifierOperand: true, AnyAddress: true, UseChildren: true, JoinedStrings: true,
		},
	}
	if later {
		l.Version = "2.4"
		l.Reserved = append(l.Reserved, "anycast")
		l.Has = Features{
			NetworkOperand: true, AddressTokens: true, AnyAddress: true, UseChildren: true, Anycast: true,
			JoinedStrings: true, SignedRouteParams: true,
		}
	}
	return l
}

func newDialect(t testing.TB, l Language) *Dialect {
	t.Helper()
	d, err := NewDialect(l)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// dialect23 is the small language of the tests as 2.3 has it.
func dialect23(t testing.TB) *Dialect { return newDialect(t, testLanguage(false)) }

// dialect24 is the small language of the tests as 2.4 has it.
func dialect24(t testing.TB) *Dialect { return newDialect(t, testLanguage(true)) }

// dialect3x is the small language of the tests with what 3.x brought.
func dialect3x(t testing.TB) *Dialect {
	l := testLanguage(true)
	l.Version = "3.4"
	l.Globals["socket"] = []string{"socket"}
	l.Globals["udp_workers"] = []string{"int", "int use_auto_scaling_profile id"}
	l.Globals["auto_scaling_profile"] = []string{"auto_scale_profile_def"}
	l.Globals["dst_blacklist"] = []string{"id slash blst_flags blst_def", "id blst_def"}
	l.Statements["return"] = []string{"(var)", "(var, return_params)", "(signed)", "(signed, return_params)", "()", "(return_params)", "-"}
	l.Has.UseChildren = false
	l.Has.UseWorkers, l.Has.SocketTag, l.Has.VariableArguments, l.Has.ValueStrings = true, true, true, true
	return newDialect(t, l)
}

// What 3.x brought is data of the language, not code of a version.
func TestLaterLanguage(t *testing.T) {
	d := dialect3x(t)
	testTrees(t, d, "", "\n", []treeTest{
		{`socket=udp:127.0.0.1:5060`, `(Listen socket (Socket udp (IP 127.0.0.1) (Port 5060)))`},
		{`socket = tls:[::1]:5061 use_workers 4 as 203.0.113.1`, `(Listen socket (Socket tls (IP ::1) (Port 5061)) (Advertised (IP 203.0.113.1)) 4)`},
		{
			`socket=bin:*:5555 anycast tag a as b.c use_auto_scaling_profile P frag reuse_port`,
			`(Listen socket (Socket bin (AnyHost) (Port 5555)) (Advertised (HostName b.c)) anycast a P frag reuseport)`,
		},
		{"listen=udp:eth0 tag a\nsocket=udp:eth1", `(Listen listen (Socket udp (HostName eth0)) a) (Listen socket (Socket udp (HostName eth1)))`},
		{`modparam("a", "b", "c" 'd' "e")`, `(ModParam "a" "b" (Strings ["c" 'd' "e"]))`},
		{"udp_workers=4\nudp_workers = 8 use_auto_scaling_profile P", `(Global udp_workers 4) (Global udp_workers 8 P)`},
		{
			"auto_scaling_profile = P { scale up to 8 on 80% for 4 cycles\n scale down to 2 on 20% }\nchildren=2",
			`(Global auto_scaling_profile (Opaque)) (Global children 2)`,
		},
		{"dst_blacklist = gw: { (tcp, 192.0.2.1, 5060, \"\"),\n (udp, 192.0.2.2, 5060, \"\") }\nchildren=2", `(Global dst_blacklist (Opaque)) (Global children 2)`},
	})
	testActions(t, d, []treeTest{
		{`f($var(x), 5, "a", -1);`, `(Call f [$var(x) 5 "a" -1])`},
		{`f(,$(avp(x)[0]{s.len}),);`, `(Call f [nil $(avp(x)[0]{s.len}) nil])`},
		{`if (f($ru)) exit;`, `(If (Paren (Call f [$ru])) (Call exit core bare []))`},
		{`return(1); return($x, "a", 2); return(-1, NULL);`, `(Call return core [1]) (Call return core [$x "a" 2]) (Call return core [-1 (Null)])`},
		{`return("a", $x);`, `(Call return core ["a" $x])`},
		{`route(a, -1, $x);`, `(Call route core [(RouteName a) -1 $x])`},
	})
}

// The same is an error where the language does not have it.
func TestEarlierLanguage(t *testing.T) {
	tests := map[string]string{
		`route { f($ru); }`:                   `expected a string after "(", found "$ru"`,
		`modparam("a", "b", "c" "d")`:         `expected ")" after string "c", found string "d"`,
		`listen=udp:a tag b`:                  `expected a statement after "a", found "tag"`,
		`listen=udp:a use_workers 2`:          `expected a statement after "a", found "use_workers"`,
		`listen=udp:a anycast`:                `"anycast" is not in the grammar of 2.3`,
		`listen=udp:a use_children 2 as b`:    `expected a statement, found "as" behind the other options of the socket`,
		`route { route(a, -1); }`:             `expected a string, a number, a script variable or NULL after ",", found "-"`,
		`route { return(1, 2); }`:             `expected ")" after number 1, found ","`,
		`route { if ($x == 10.0.0.1) exit; }`: `expected ")" after number 10, found "."`,
		`children=4 use_auto_scaling_profile`: `expected a statement after number 4, found "use_auto_scaling_profile"`,
	}
	d := dialect23(t)
	for text, want := range tests {
		f := parseText(t, d, text+"\n")
		if len(f.Findings) != 1 || f.Findings[0].Message != want {
			t.Errorf("%s: want %s, have\n%s", text, want, findings(f))
		}
	}
	for name, change := range map[string]func(*Language){
		"any address":    func(l *Language) { l.Has.AnyAddress = false },
		"use_children":   func(l *Language) { l.Has.UseChildren = false },
		"joined strings": func(l *Language) { l.Has.JoinedStrings = false },
	} {
		l := testLanguage(false)
		change(&l)
		f := parseText(t, newDialect(t, l), "listen=udp:*:5060 use_children 4\nroute { xlog(\"a\" \"b\"); }\n")
		if len(f.Findings) != 1 {
			t.Errorf("without %s:\n%s", name, findings(f))
		}
	}
}

func TestNewDialectRefuses(t *testing.T) {
	tests := map[string]Language{
		`global log_level of 2.3: no kind of value`: {
			Version: "2.3", Globals: map[string][]string{"log_level": {}},
		},
		`core function exit of 2.3: shape "int" has no brackets`: {
			Version: "2.3", Statements: map[string][]string{"exit": {"int"}},
		},
		`core function exit of 2.3: shape "(float)" has an unknown kind of argument "float"`: {
			Version: "2.3", Statements: map[string][]string{"exit": {"(float)"}},
		},
		`core function exit of 2.3: 65 shapes are more than 64`: {
			Version: "2.3", Statements: map[string][]string{"exit": slices.Repeat([]string{"()"}, 65)},
		},
	}
	for want, l := range tests {
		if _, err := NewDialect(l); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// Every version that the facts know makes a dialect, which reads what all of
// them have.
func TestFactDialects(t *testing.T) {
	const script = "loadmodule \"tm.so\"\nmodparam(\"tm\", \"fr_timeout\", 5)\nunheard_of=1\n" +
		"route {\n\tif (is_method(\"INVITE\") && $rU != NULL) {\n\t\txlog(\"$rU\\n\");\n\t\troute(relay);\n\t}\n\texit;\n}\n" +
		"route[relay] { if (!t_relay()) { sl_reply_error(); } }\nfailure_route[a] { ; }\nonreply_route { ; }\n"
	for _, version := range factVersions {
		t.Run(version, func(t *testing.T) {
			d := factDialect(t, version)
			if d.Version() != version {
				t.Errorf("version %s", d.Version())
			}
			f := parseText(t, d, script)
			if len(f.Findings) > 0 || len(f.Statements) != 7 {
				t.Errorf("%d statements, findings:\n%s", len(f.Statements), findings(f))
			}
			if _, err := d.Grammar(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Every word of every version can be used as the facts say.
func TestFactWords(t *testing.T) {
	for _, version := range factVersions {
		t.Run(version, func(t *testing.T) {
			l := factLanguage(t, version)
			d := newDialect(t, l)
			for name, kinds := range l.Globals {
				for _, kind := range kinds {
					value, known := sampleValues[kind]
					if !known {
						t.Errorf("%s has the kind %q", name, kind)
					}
					expectSilence(t, d, name+" = "+value+"\n")
				}
			}
			for name, shapes := range l.Statements {
				for _, shape := range shapes {
					expectSilence(t, d, "route { "+name+sampleArgs(t, name, shape)+"; }\n")
				}
			}
		})
	}
}

func expectSilence(t *testing.T, d *Dialect, text string) {
	t.Helper()
	if f := parseText(t, d, text); len(f.Findings) > 0 {
		t.Errorf("%s%s", text, findings(f))
	}
}

// sampleValues are values of the kinds that the facts know.
var sampleValues = map[string]string{
	"int": "1", "signed": "-1", "string": `"a"`, "id": "word", "host": "a.b", "hosts": "a.b udp:10.0.0.1", "socket": "udp:10.0.0.1:5060",
	"id colon lbrace blacklist rbrace": `a:{(tcp,10.0.0.1,5060,"")}`, "string colon string...": `"a": "b" "c"`,
	"int use_auto_scaling_profile id": "1 use_auto_scaling_profile a", "auto_scale_profile_def": "a { scale up }",
	"id blst_def": `a: {(tcp,10.0.0.1,5060,"")}`, "id slash blst_flags blst_def": `a/f: {(tcp,10.0.0.1,5060,"")}`,
	"mpath_def_list": `"a" "b"`, "host colon port": "a.b:5060", "listen_lst": "10.0.0.1:5060",
	"sslv2": "SSLv2", "sslv23": "SSLv23", "sslv3": "SSLv3", "tlsv1": "TLSv1", "tlsv1_2": "TLSv1_2",
}

// sampleArgs are arguments of a shape.
func sampleArgs(t *testing.T, name, shape string) string {
	t.Helper()
	args := map[string]string{
		"int": "1", "signed": "-1", "string": `"a"`, "id": "word", "host": "a.b", "socket": "udp:10.0.0.1:5060", "var": "$var(a)",
		"route": "a", "params...": `"a", 1, $b`, "return_params": `"a", 1`, "call": "f()", "expression": "$a == 1",
	}
	if shape == "-" {
		return ""
	}
	var texts []string
	for word := range strings.SplitSeq(strings.Trim(shape, "()"), ",") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		text, known := args[word]
		if !known {
			t.Errorf("%s has an argument of the kind %q", name, word)
		}
		texts = append(texts, text)
	}
	return "(" + strings.Join(texts, ", ") + ")"
}
