package parser

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseVar(t *testing.T) {
	tests := map[string]Variable{
		"$ru":                     {Name: "ru"},
		"$(ru)":                   {Name: "ru"},
		"$err.rcode":              {Name: "err.rcode"},
		"$T_branch_idx":           {Name: "T_branch_idx"},
		"$avp(x)":                 {Name: "avp", Inner: "x"},
		"$(avp(x))":               {Name: "avp", Inner: "x"},
		"$hdr(Call-ID)":           {Name: "hdr", Inner: "Call-ID"},
		"$avp( a b )":             {Name: "avp", Inner: " a b "},
		"$avp(a(b)c)":             {Name: "avp", Inner: "a(b)c"},
		"$avp($var(x))":           {Name: "avp", Inner: "$var(x)"},
		"$(avp(x)[0])":            {Name: "avp", Inner: "x", Index: "0"},
		"$(avp(x)[*])":            {Name: "avp", Inner: "x", Index: "*"},
		"$(avp(x)[-1])":           {Name: "avp", Inner: "x", Index: "-1"},
		"$(branch[1])":            {Name: "branch", Index: "1"},
		"$(avp(x)[$(avp(i)[0])])": {Name: "avp", Inner: "x", Index: "$(avp(i)[0])"},
		"$(ru{uri.host})":         {Name: "ru", Transformations: []Transformation{{"uri", "host", ""}}},
		"$(avp(x)[0]{s.len})":     {Name: "avp", Inner: "x", Index: "0", Transformations: []Transformation{{"s", "len", ""}}},
		"$(rU{s.substr,0,2}{s.int})": {Name: "rU", Transformations: []Transformation{
			{"s", "substr", "0,2"}, {"s", "int", ""},
		}},
		"$(rU{s.select,1,,})":           {Name: "rU", Transformations: []Transformation{{"s", "select", "1,,"}}},
		"$(rU{ s.len } {s.int} )":       {Name: "rU", Transformations: []Transformation{{"s", "len", ""}, {"s", "int", ""}}},
		"$(rU{param.value,{s.len},x})":  {Name: "rU", Transformations: []Transformation{{"param", "value", "{s.len},x"}}},
		"$(rU{re.subst,/^(.*)$/a.b/g})": {Name: "rU", Transformations: []Transformation{{"re", "subst", "/^(.*)$/a.b/g"}}},
		"$(<reply>rs)":                  {Context: "reply", Name: "rs"},
		"$(<request>hdr(From)[0])":      {Context: "request", Name: "hdr", Inner: "From", Index: "0"},
		"$$":                            {Name: "$"},
	}
	for raw, want := range tests {
		have, err := ParseVar(raw)
		if diff := cmp.Diff(want, have); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +have):\n%s", raw, err, diff)
		}
	}
}

func TestParseVarErrors(t *testing.T) {
	tests := map[string]struct {
		at   int
		want string
	}{
		"":                       {0, `expected "$", found the end`},
		"ru":                     {0, `expected "$", found "ru"`},
		"$":                      {1, `expected the name of a variable after "$", found the end`},
		"$(":                     {2, `expected the name of a variable after "$(", found the end`},
		"$()":                    {2, `expected the name of a variable after "$(", found ")"`},
		"$-x":                    {1, `expected the name of a variable after "$", found "-x"`},
		"$avp(":                  {5, `the name in brackets of "$avp(" is not closed: expected ")", found the end`},
		"$avp()":                 {5, `the name in brackets of "$avp()" is empty`},
		"$avp(a(b)":              {9, `the name in brackets of "$avp(a(b)" is not closed: expected ")", found the end`},
		"$(tls_version":          {13, `expected "(", "[", "{" or ")" after "tls_version", found the end`},
		"$(tls_version\n":        {13, `expected "(", "[", "{" or ")" after "tls_version", found the end of the line`},
		"$(avp(list)0[]{s.len})": {11, `expected "[", "{" or ")" after "(list)", found "0[]{s.len})"`},
		"$(avp(list)[0[{s.len})": {22, `the index of "$(avp(list)[0[{s.len})" is not closed: expected "]", found the end`},
		"$(avp(list)[0;{s.len})": {22, `the index of "$(avp(list)[0;{s.len})" is not closed: expected "]", found the end`},
		"$(avp(list)[0={s.len})": {22, `the index of "$(avp(list)[0={s.len})" is not closed: expected "]", found the end`},
		"$(avp(list)[*]])":       {14, `expected "{" or ")" after "[*]", found "])"`},
		"$(avp(list)[0] s.len})": {14, `expected "{" or ")" after "[0]", found " s.len})"`},
		"$(avp(list)[])":         {12, `the index of "$(avp(list)[])" is empty`},
		"$(ru{s.len)":            {11, `a transformation of "$(ru{s.len)" is not closed: expected "}", found the end`},
		"$(ru{s.len}x)":          {11, `expected "{" or ")" after the transformation, found "x)"`},
		"$(ru{len})":             {5, `expected {class.name} as a transformation, found "{len}"`},
		"$(ru{.len})":            {5, `expected {class.name} as a transformation, found "{.len}"`},
		"$(ru{s.})":              {5, `expected {class.name} as a transformation, found "{s.}"`},
		"$(ru{})":                {5, `a transformation of "$(ru{})" is empty`},
		"$(<reply)":              {3, `the context in "$(<reply)" is empty or not closed`},
		"$(<>ru)":                {3, `the context in "$(<>ru)" is empty or not closed`},
		"$ru{s.len}":             {3, `expected the end of the variable after "$ru", found "{s.len}": an index or a transformation stands in brackets with the name, $(ru…)`},
		"$avp(x)[0]":             {7, `expected the end of the variable after "$avp(x)", found "[0]": an index or a transformation stands in brackets with the name, $(avp(x)…)`},
		"$ru:x":                  {3, `expected the end of the variable after "$ru", found ":x"`},
		"$(ru)x":                 {5, `expected the end of the variable after "$(ru)", found "x"`},
	}
	for raw, test := range tests {
		_, err := ParseVar(raw)
		at := -1
		if wrong, ok := errors.AsType[*VariableError](err); ok {
			at = wrong.Offset
		}
		if err == nil || err.Error() != test.want || at != test.at {
			t.Errorf("%q at %d: %v, want at %d: %s", raw, at, err, test.at, test.want)
		}
	}
}

// In a text a variable ends where it can.
func TestScanVar(t *testing.T) {
	tests := map[string]string{
		"$ru/x": "$ru", "$ru and": "$ru", "$ru{s.len}": "$ru", "$(ru{s.len})x": "$(ru{s.len})", "$avp(x)[0]": "$avp(x)", "$$ru": "$$",
	}
	for text, want := range tests {
		if _, n, err := ScanVar(text); err != nil || text[:n] != want {
			t.Errorf("%s: %q, %v, want %q", text, text[:n], err, want)
		}
	}
}

// The server refuses a variable at the byte where we do.
func TestVariableRecordings(t *testing.T) {
	for _, version := range []string{"2.3", "2.4"} {
		checked := 0
		for _, v := range readLines[verdict](t, facts+"/mutants/"+version+"/verdicts.jsonl") {
			for _, e := range v.Errors {
				raw, at, state, ok := recordedVariable(e)
				if !ok || state == "0" || state == "5" {
					continue // the name is unknown, or takes nothing in brackets
				}
				checked++
				_, err := ParseVar(raw)
				if wrong, ok := errors.AsType[*VariableError](err); !ok || wrong.Offset != at {
					t.Errorf("%s: %v, recorded: %s", raw, err, e)
				}
			}
		}
		if checked == 0 {
			t.Errorf("nothing was recorded of %s", version)
		}
	}
}

// recordedVariable takes "wrong char [0/48] in [$(avp(list)0[])] at [11 (2)]"
// apart: the variable, the place of the byte, and the state of the server.
func recordedVariable(message string) (raw string, at int, state string, ok bool) {
	_, rest, ok := strings.Cut(message, "] in [")
	if !ok || !strings.Contains(message, "wrong char [") {
		return "", 0, "", false
	}
	end := strings.LastIndex(rest, "] at [")
	_, err := fmt.Sscanf(rest[end:], "] at [%d (%1s)]", &at, &state)
	return rest[:end], at, state, err == nil
}
