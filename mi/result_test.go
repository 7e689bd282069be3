package mi

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestResultForms(t *testing.T) {
	tests := []struct {
		name       string
		result     Result
		json, tree string
	}{
		{"ok", OK{}, `"OK"`, `{}`},
		{"text", String("a\"b\\c\n\r\t\x01/é"), `"a\"b\\c\n\r\t\u0001/é"`, `{"": "a\"b\\c\n\r\t\u0001/é"}`},
		{"empty text", String(""), `""`, `{"": {}}`},
		{"number", Int(-7), `-7`, `{"": "-7"}`},
		{"flags", List{Bool(true), Bool(false)}, `[true,false]`, `{"": [{"value":"yes"}, {"value":"no"}]}`},
		{"names", List{String("a"), String("b")}, `["a","b"]`, `{"": [{"value":"a"}, {"value":"b"}]}`},
		{"no names", List{}, `[]`, `{"": []}`},
		{"fields", Object{{"a", String("x")}, {"b", Int(1)}, {"c", Bool(true)}, {"d", String("")}}, `{"a":"x","b":1,"c":true,"d":""}`, `{"a": "x", "b": "1", "c": "yes", "d": {}}`},
		{"no fields", Object{}, `{}`, `{}`},
		{
			"nested",
			Object{{"skipped", List{Object{{"id", Int(3)}}, List{Int(4)}}}, {"sum", Object{{"n", Int(1)}}}},
			`{"skipped":[{"id":3},[4]],"sum":{"n":1}}`,
			`{"skipped": [{"children":{"id": "3"}}, {"children":{"": [{"value":"4"}]}}], "sum": {"children":{"n": "1"}}}`,
		},
		{"processes", processList{{ID: 1, PID: 22, Type: "timer"}, {ID: 2, PID: 23, Type: `"`}}, `{"Processes":[{"ID":1,"PID":22,"Type":"timer"},{"ID":2,"PID":23,"Type":"\""}]}`, `{"Process": [{"attributes":{"ID": "1", "PID": "22", "Type": "timer"}}, {"attributes":{"ID": "2", "PID": "23", "Type": "\""}}]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			const before = "kept"
			if got := string(tt.result.AppendJSON([]byte(before))); got != before+tt.json {
				t.Errorf("AppendJSON: got %s, want %s", got, tt.json)
			}
			if got := string(tt.result.AppendTree([]byte(before))); got != before+tt.tree {
				t.Errorf("AppendTree: got %s, want %s", got, tt.tree)
			}
		})
	}
}

// plain is the value as encoding/json knows it.
func plain(v Value) any {
	switch v := v.(type) {
	case String:
		return strings.ToValidUTF8(string(v), "")
	case Int:
		return float64(v)
	case Bool:
		return bool(v)
	case List:
		list := []any{}
		for _, e := range v {
			list = append(list, plain(e))
		}
		return list
	case Object:
		object := map[string]any{}
		for _, m := range v {
			object[m.Name] = plain(m.Value)
		}
		return object
	}
	return nil
}

func anyValue(depth int) *rapid.Generator[Value] {
	scalar := rapid.OneOf(
		rapid.Map(rapid.String(), func(s string) Value { return String(s) }),
		rapid.Map(rapid.Int64Range(-1<<53, 1<<53), func(n int64) Value { return Int(n) }),
		rapid.Map(rapid.Bool(), func(b bool) Value { return Bool(b) }),
	)
	if depth == 0 {
		return scalar
	}
	inner := anyValue(depth - 1)
	list := rapid.Map(rapid.SliceOfN(inner, 0, 4), func(l []Value) Value { return List(l) })
	object := rapid.Custom(func(t *rapid.T) Value {
		o := Object{}
		for _, name := range rapid.SliceOfNDistinct(rapid.String(), 0, 4, rapid.ID[string]).Draw(t, "names") {
			o = append(o, Member{name, inner.Draw(t, "value")})
		}
		return o
	})
	return rapid.OneOf(scalar, list, object)
}

func TestValuesAreSoundJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyValue(3).Draw(t, "value")
		var got any
		if err := json.Unmarshal(v.AppendJSON(nil), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(plain(v), got); diff != "" {
			t.Fatal(diff)
		}
		var tree map[string]any
		if err := json.Unmarshal(v.AppendTree(nil), &tree); err != nil {
			t.Fatalf("tree form: %v", err)
		}
	})
}

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", "\"\\\n\x00\x1f\x7f", "é€😀", "a\xffb\xc3", "\u2028<&>", "\ufffd"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var got string
		text := appendString(nil, s)
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if want := string([]rune(s)); got != want || !utf8.Valid(text) {
			t.Errorf("%q came back as %q", s, got)
		}
	})
}
