package posixre

import (
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	tests := []struct {
		pattern   string
		yes, no   []string
		different string // what package regexp alone would make of it
	}{
		{pattern: `^sip:201`, yes: []string{"sip:2015@x", "SIP:201"}, no: []string{"xsip:201", "sip:2"}},
		{pattern: `a.c`, yes: []string{"abc", "a\nc"}, no: []string{"ac"}, different: "the dot"},
		{pattern: `c$`, yes: []string{"abc"}, no: []string{"abc\n"}},
		{pattern: `[\.]x`, yes: []string{`\x`, ".x"}, no: []string{"ax"}, different: "the backslash in a set"},
		{pattern: `[]a]b`, yes: []string{"]b", "ab"}, no: []string{"b"}},
		{pattern: `[^]a]b`, yes: []string{"xb"}, no: []string{"]b", "ab"}},
		{pattern: `[[:digit:]]+-[a-c^]`, yes: []string{"12-B", "1-^"}, no: []string{"x-d"}},
		{pattern: `[[.-.]]1[[=a=]]`, yes: []string{"-1a"}, no: []string{"1a"}},
		{pattern: `\d+`, yes: []string{"d", "dd"}, no: []string{"1"}, different: "an escaped letter"},
		{pattern: `\w\s\S\W`, yes: []string{"a b."}, no: []string{"a bc"}},
		{pattern: `a*?b`, yes: []string{"b", "aab"}, no: []string{"a"}},
		{pattern: `x(ab)**y`, yes: []string{"xy", "xababy"}, no: []string{"xay"}, different: "a repeated repetition"},
		{pattern: `^a{,2}$`, yes: []string{"", "aa"}, no: []string{"aaa"}, different: "an interval without a start"},
		{pattern: `^a{2}{2}$`, yes: []string{"aaaa"}, no: []string{"aa", "aaa"}},
		{pattern: `a)b`, yes: []string{"a)b"}, no: []string{"ab"}, different: "a lone bracket"},
		{pattern: `(^|;)lr(=on)?`, yes: []string{"lr", "x;LR=on"}, no: []string{"xlr"}},
		{pattern: `ä+`, yes: []string{"xää"}, no: []string{"a"}},
		{pattern: `\ä`, yes: []string{"ä"}, no: []string{"a"}},
		{pattern: `\<ab\>`, yes: []string{"x ab y"}, no: []string{"xab"}},
		{pattern: `a\{1\}`, yes: []string{"a{1}"}, no: []string{"a"}},
	}
	for _, test := range tests {
		re, err := Compile(test.pattern)
		if err != nil {
			t.Errorf("%q: %v", test.pattern, err)
			continue
		}
		for _, text := range test.yes {
			if !re.MatchString(text) {
				t.Errorf("%q, as %q, does not match %q", test.pattern, re, text)
			}
		}
		for _, text := range test.no {
			if re.MatchString(text) {
				t.Errorf("%q, as %q, matches %q", test.pattern, re, text)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	for pattern, want := range map[string]string{
		`(a`:       "not closed",
		`*a`:       "nothing to repeat",
		`[a`:       "not closed",
		`a\`:       "ends in a backslash",
		`(a)\1`:    "back reference",
		`a{2000}`:  "more than 1000 times",
		`a{b}`:     "no number of times",
		"a\xff":    "invalid UTF-8",
		`[[:foo:]`: "not closed",
	} {
		if _, err := Compile(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", pattern, err, want)
		}
	}
}

// What the C library takes is translated, or the error says why not.
func FuzzCompile(f *testing.F) {
	for _, pattern := range []string{`^sip:(\+|00)?[0-9]{3,}@`, `[]\]*`, `a**|b+?`, `\<[[:alpha:]]\>`, `)`, `x{,3}{2}`, "ä"} {
		f.Add(pattern, "sip:+123@example.com")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		re, err := Compile(pattern)
		if (Problem(pattern) != "") && err == nil {
			t.Errorf("%q is compiled in spite of: %s", pattern, Problem(pattern))
		}
		if err == nil {
			re.MatchString(text)
		}
	})
}
