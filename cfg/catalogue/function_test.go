package catalogue

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestFunction(t *testing.T) {
	tests := []struct {
		version, module, name string
		want                  []Function
	}{
		{"2.3", "tls_mgm", "is_peer_verified", []Function{{"is_peer_verified", 0, nil, RequestRoute}}},
		{"3.4", "tls_mgm", "is_peer_verified", []Function{{"is_peer_verified", TypedArgs, nil, RequestRoute}}},
		{"2.3", "tls_mgm", "is_peer", nil},
		{"2.3", "tls_mgm", "zzz", nil},
		{"2.3", "sl", "sl_send_reply", []Function{{"sl_send_reply", 2, nil, RequestRoute | ErrorRoute}}},
		{"3.4", "callops", "call_transfer", []Function{
			{"call_transfer", TypedArgs, []Argument{{"str", false}, {"str", false}}, AllRoutes},
			{"call_transfer", TypedArgs, []Argument{{"str", false}, {"str", false}, {"str", false}, {"str", true}}, AllRoutes},
		}},
	}
	for _, test := range tests {
		got := moduleAt(t, test.version, test.module).Function(test.name)
		if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s() of %s (-want +got):\n%s", test.name, test.version, diff)
		}
	}
	if got := moduleAt(t, "2.3", "exec").AsyncFunction("exec"); len(got) == 0 || !got[0].Accepts(1) {
		t.Errorf("async exec() of 2.3: %+v", got)
	}
}

func TestAccepts(t *testing.T) {
	optional := func(optional ...bool) Function {
		f := Function{Args: TypedArgs}
		for _, o := range optional {
			f.Params = append(f.Params, Argument{"str", o})
		}
		return f
	}
	tests := []struct {
		function Function
		want     []bool // for 0, 1, 2 and 3 arguments
	}{
		{Function{Args: 0}, []bool{true, false, false, false}},
		{Function{Args: 2}, []bool{false, false, true, false}},
		{optional(), []bool{true, false, false, false}},
		{optional(false, true), []bool{false, true, true, false}},
		{optional(true, true), []bool{true, true, true, false}},
		{optional(true, false), []bool{false, false, true, false}},
	}
	for _, test := range tests {
		var got []bool
		for n := range 4 {
			got = append(got, test.function.Accepts(n))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%+v accepts (-want +got):\n%s", test.function, diff)
		}
	}
}

func TestRoutes(t *testing.T) {
	tests := map[Routes]string{
		NoRoutes:                    "no route",
		AllRoutes:                   "all routes",
		RequestRoute:                "route",
		RequestRoute | FailureRoute: "route, failure_route",
		OnreplyRoute | EventRoute:   "onreply_route, event_route",
		BranchRoute | ErrorRoute:    "branch_route, error_route",
		LocalRoute | StartupRoute:   "local_route, startup_route",
		TimerRoute:                  "timer_route",
	}
	for routes, want := range tests {
		if got := routes.String(); got != want {
			t.Errorf("routes %b read %q, want %q", routes, got, want)
		}
	}
	if !AllRoutes.Contains(TimerRoute) || RequestRoute.Contains(RequestRoute|EventRoute) {
		t.Error("Contains takes a part for the whole")
	}
}

// Every statement that opens a route has its kind.
func TestRouteKind(t *testing.T) {
	var all Routes
	for _, statement := range For(Default).Core().Routes {
		kind := RouteKind(statement)
		if kind == NoRoutes || kind.String() != statement {
			t.Errorf("RouteKind(%q) = %v", statement, kind)
		}
		all |= kind
	}
	if all != AllRoutes {
		t.Errorf("the statements of 2.3 open %v", all)
	}
	for _, word := range []string{"", "request_route", "loadmodule"} {
		if kind := RouteKind(word); kind != NoRoutes {
			t.Errorf("RouteKind(%q) = %v", word, kind)
		}
	}
}
