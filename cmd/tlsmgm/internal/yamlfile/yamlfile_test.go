package yamlfile

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type number int

func (n *number) UnmarshalText(text []byte) error {
	i, err := strconv.Atoi(string(text))
	if err != nil {
		return fmt.Errorf("expected a number, found %q", text)
	}
	*n = number(i)
	return nil
}

type all struct {
	Root   string
	Expiry number
	Names  []string
	Rules  []string
}

func decode(text string) (a all, err error) {
	err = Decode("x.yaml", []byte(text), []Field{
		{"root", &a.Root},
		{"expiry", &a.Expiry},
		{"names", &a.Names},
		{"rules", Entries(func(key, value string) error {
			switch {
			case key == "bad":
				return &KeyError{fmt.Errorf("no rule %q", key)}
			case value != "off" && value != "on":
				return fmt.Errorf("expected on or off, found %q", value)
			}
			a.Rules = append(a.Rules, key+"="+value)
			return nil
		})},
	})
	return a, err
}

func TestDecode(t *testing.T) {
	for text, want := range map[string]all{
		"":                                   {},
		"\n\n":                               {},
		"# nothing\n":                        {},
		"---\n":                              {},
		"root: a b\nexpiry: 14\n":            {Root: "a b", Expiry: 14},
		"root: 2.10\nexpiry: '14'\n":         {Root: "2.10", Expiry: 14},
		"root: off\n":                        {Root: "off"},
		"names: a.example\n":                 {Names: []string{"a.example"}},
		"names: [a.example, 192.0.2.1]\n":    {Names: []string{"a.example", "192.0.2.1"}},
		"names:\n- a.example\n":              {Names: []string{"a.example"}},
		"names: []\n":                        {},
		"rules:\n  TLS303: off\n  a: on\n":   {Rules: []string{"TLS303=off", "a=on"}},
		"{\"rules\": {\"TLS303\": \"off\"}}": {Rules: []string{"TLS303=off"}},
	} {
		have, err := decode(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%q: -want +have\n%s", text, diff)
		}
	}
}

func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		"roots: x\n":                      `x.yaml:1:1: unknown setting "roots": did you mean "root"`,
		"a: 1\nsomething: 2\n":            "x.yaml:1:1: unknown setting \"a\": expected one of root, expiry, names, rules\nx.yaml:2:1: unknown setting \"something\": expected one of root, expiry, names, rules",
		"\nexpiry: soon\n":                `x.yaml:2:9: expiry: expected a number, found "soon"`,
		"root:\n":                         `x.yaml:1:6: root: expected a value, found nothing`,
		"root: ''\n":                      `x.yaml:1:7: root: expected a value, found nothing`,
		"root: [a]\n":                     `x.yaml:1:7: root: expected a value, found a list`,
		"names: {a: b}\n":                 `x.yaml:1:8: names: expected a value, found keys with values`,
		"rules: off\n":                    `x.yaml:1:8: rules: expected keys with values, found "off"`,
		"rules:\n  TLS303: maybe\n":       `x.yaml:2:11: TLS303: expected on or off, found "maybe"`,
		"rules:\n  bad: off\n":            `x.yaml:2:3: no rule "bad"`,
		"rules:\n  [a]: off\n":            `x.yaml:2:3: expected a name, found a list`,
		"- a\n":                           `x.yaml:1:1: expected settings, such as "expiry: 14", found a list`,
		"expiry\n":                        `x.yaml:1:1: expected settings, such as "expiry: 14", found "expiry"`,
		"root: &r a\nnames: [*r]\n":       `x.yaml:2:9: names: expected a value, found an alias`,
		"root: a\nroot: b\n":              `x.yaml:2:1: "root" is given twice`,
		"root: \"a\n":                     "x.yaml:",
		"root: a\n\tnames: b\n":           "x.yaml:",
		"root: \xff\n":                    "x.yaml:",
		"a: &a [*a, *a]\nroot: b: c: d\n": "x.yaml:",
	} {
		_, err := decode(text)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v\nwant %s", text, err, want)
		}
		if _, ok := errors.AsType[*Error](err); !ok {
			t.Errorf("%q: the error is a %T", text, err)
		}
	}
}

// FuzzDecode looks for texts that break the reader, or whose errors have no
// place.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"root: a\nexpiry: 3\nnames: [a, b]\nrules:\n  TLS1: off\n", "a: &a [*a]\n", "<<: {root: x}\n", "--- x\n--- y\n",
		"root: |\n  a\n  b\n", "? root\n: a\n", "%YAML 1.2\n---\nroot: !!str 3\n", "{root: [", "names: [&a x, *a]", "\xef\xbb\xbfroot: a",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := decode(text)
		if err == nil {
			return
		}
		placed, ok := errors.AsType[*Error](err)
		if !ok || placed.Line < 1 || placed.Err.Error() == "" {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
