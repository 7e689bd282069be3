package catalogue

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGlobal(t *testing.T) {
	tests := []struct {
		version string
		want    Global
	}{
		{"2.3", Global{"listen", []string{"socket"}, false, Supported}},
		{"2.3", Global{"chroot", []string{"id", "string"}, false, Supported}},
		{"2.3", Global{"log_level", []string{"int"}, true, Supported}},
		{"2.3", Global{"debug", []string{"int"}, true, Refused}},
		{"2.3", Global{"fork", []string{"int"}, false, Refused}},
		{"2.1", Global{"debug", []string{"int"}, true, Supported}},
		{"2.1", Global{"memlog", []string{"int"}, false, Supported}},
		{"2.2", Global{"mem_dump", []string{"int"}, true, Supported}},
		{"3.4", Global{"listen", []string{"socket"}, false, Deprecated}},
		{"3.4", Global{"tcp_workers", []string{"int", "int use_auto_scaling_profile id"}, false, Supported}},
	}
	for _, test := range tests {
		got, ok := at(t, test.version).Core().Global(test.want.Name)
		if diff := cmp.Diff(test.want, got); !ok || diff != "" {
			t.Errorf("%s of %s (-want +got):\n%s", test.want.Name, test.version, diff)
		}
	}
	for version, name := range map[string]string{"2.3": "socket", "2.1": "log_level", "3.1": "debug", "2.4": "Listen", "3.0": ""} {
		if g, ok := at(t, version).Core().Global(name); ok {
			t.Errorf("%s has a global %q: %+v", version, name, g)
		}
	}
}

func TestStatement(t *testing.T) {
	tests := []struct {
		version string
		want    Statement
	}{
		{"2.3", Statement{"log", []Shape{"(int, string)", "(string)"}, true}},
		{"2.3", Statement{"launch", []Shape{"(call)", "(call, route)"}, false}},
		{"2.3", Statement{"return", []Shape{"()", "(int)", "(var)", Bare}, true}},
		{"3.6", Statement{"assert", []Shape{"(expression)", "(expression, string)"}, false}},
	}
	for _, test := range tests {
		got, ok := at(t, test.version).Core().Statement(test.want.Name)
		if diff := cmp.Diff(test.want, got); !ok || diff != "" {
			t.Errorf("%s of %s (-want +got):\n%s", test.want.Name, test.version, diff)
		}
	}
	if s, ok := at(t, "3.1").Core().Statement("setflag"); ok {
		t.Errorf("3.1 has a statement %+v, want a function", s)
	}
}

func TestShapeArgs(t *testing.T) {
	tests := map[Shape][]string{
		"-":                        nil,
		"()":                       nil,
		"(int)":                    {"int"},
		"(route, params...)":       {"route", "params..."},
		"(string, string, int)":    {"string", "string", "int"},
		"(int, return_params)":     {"int", "return_params"},
		"(call, route, string)":    {"call", "route", "string"},
		"(string, var, int, int)":  {"string", "var", "int", "int"},
		"(expression, string)":     {"expression", "string"},
		"(string, string, string)": {"string", "string", "string"},
	}
	for shape, want := range tests {
		if diff := cmp.Diff(want, shape.Args()); diff != "" {
			t.Errorf("arguments of %q (-want +got):\n%s", shape, diff)
		}
	}
}

func TestCoreFunctionsAndVariables(t *testing.T) {
	if functions := at(t, "3.0").Core().Functions; functions != nil {
		t.Errorf("3.0 has %d core functions, want statements only", len(functions))
	}
	got := at(t, "3.4").Core().Function("setflag")
	if len(got) != 1 || !got[0].Accepts(1) || got[0].Accepts(0) || got[0].Routes != AllRoutes {
		t.Errorf("setflag() of 3.4: %+v", got)
	}
	for version, want := range map[string]bool{"2.1": false, "2.2": true} {
		if got := at(t, version).Core().HasVariable("log_level"); got != want {
			t.Errorf("%s has $log_level: %v, want %v", version, got, want)
		}
	}
}
