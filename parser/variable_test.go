package parser_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/parser"
)

func TestParseVar(t *testing.T) {
	for _, test := range []struct {
		text string
		want parser.Variable
	}{
		{"$ru", parser.Variable{Name: "ru"}},
		{"$(ru)", parser.Variable{Name: "ru"}},
		{"$ru.x", parser.Variable{Name: "ru.x"}},
		{"$ruri.user", parser.Variable{Name: "ruri.user"}},
		{"$avp(x)", parser.Variable{Name: "avp", Inner: "x", HasInner: true}},
		{"$avp(x)[0] anything", parser.Variable{Name: "avp", Inner: "x", HasInner: true}},
		{"$ru and more", parser.Variable{Name: "ru"}},
		{"$(avp($var(x)))", parser.Variable{Name: "avp", Inner: "$var(x)", HasInner: true}},
		{"$(hdr(From)[-1])", parser.Variable{Name: "hdr", Inner: "From", HasInner: true, Index: "-1"}},
		{"$(avp(x)[$(avp(y)[0])])", parser.Variable{Name: "avp", Inner: "x", HasInner: true, Index: "$(avp(y)[0])"}},
		{"$(ru{uri.user})", parser.Variable{Name: "ru", Transformations: []parser.Transformation{{Class: "uri", Name: "user"}}}},
		{"$(<reply>hdr(To))", parser.Variable{Context: "reply", Name: "hdr", Inner: "To", HasInner: true}},
		{
			"$(hdr(X)[*]{s.select,1,;}{re.subst,/a/b/})", parser.Variable{
				Name: "hdr", Inner: "X", HasInner: true, Index: "*",
				Transformations: []parser.Transformation{{"s", "select", "1,;"}, {"re", "subst", "/a/b/"}},
			},
		},
		{"$(x{s.eval,{y}})", parser.Variable{Name: "x", Transformations: []parser.Transformation{{"s", "eval", "{y}"}}}},
	} {
		got, err := parser.ParseVar(test.text)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.text, diff)
		}
	}
}

func TestParseVarErrors(t *testing.T) {
	for text, want := range map[string]string{
		"ru":            `expected "$"`,
		"":              `expected "$"`,
		"$":             `expected a name after "$", found nothing`,
		"$(":            "expected a name",
		"$()":           `found ")"`,
		"$-":            `found "-"`,
		"$avp(x":        `expected ")" to close the inner name`,
		"$avp()":        "expected an inner name",
		"$(ru":          `expected ")", found nothing`,
		"$(ru x)":       `expected ")", found " "`,
		"$(avp(x)[0)":   `expected "]" to close the index`,
		"$(avp(x)[])":   "expected an index",
		"$(avp(x)0[])":  `expected ")", found "0"`,
		"$(ru{uri.user": `expected "}" to close the transformation`,
		"$(ru{user})":   "expected a transformation such as {s.len}",
		"$(ru{s.len}x)": `expected ")", found "x"`,
		"$(<reply":      `expected ">" to close the context`,
		"$(<reply>)":    "expected a name",
	} {
		if v, err := parser.ParseVar(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %+v, %v, want %q", text, v, err, want)
		}
	}
}

func FuzzParseVar(f *testing.F) {
	for _, text := range []string{"$ru", "$(avp(x)[0]{s.len})", "$(<reply>hdr(To))", "$(ru{uri.param,a}{s.int})"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := parser.ParseVar(text)
		if err == nil && (v.Name == "" || v.HasInner == (v.Inner == "")) {
			t.Errorf("%q: got %+v", text, v)
		}
	})
}
