package parser

import "testing"

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
