package lint_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/cfg/lint"
)

func ids(rules []*lint.Rule) string {
	var list []string
	for _, r := range rules {
		list = append(list, r.ID)
	}
	return strings.Join(list, " ")
}

func TestChoice(t *testing.T) {
	some := slices.DeleteFunc(lint.Rules(), func(r *lint.Rule) bool { return r.ID > "TLS003" })
	for text, want := range map[string]string{
		"TLS117":                "TLS117",
		"tls117":                "TLS117",
		"readable-key":          "TLS117",
		"-TLS002":               "TLS001 TLS003",
		"-shared-name, TLS117":  "TLS002 TLS003 TLS117",
		"TLS45,-TLS451,-TLS456": "TLS452 TLS453 TLS454 TLS455",
		"-TLS0":                 "",
		"all,-TLS":              "",
		"-all,TLS101":           "TLS101",
	} {
		choice, err := lint.ParseChoice(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		chosen := choice.Of(some)
		if have := ids(chosen); have != want {
			t.Errorf("%q chooses %q, want %q", text, have, want)
		}
		if chosen == nil {
			t.Errorf("%q: nil, which [lint.Run] takes for all", text)
		}
	}
	if have := ids(lint.Choice{}.Of(some)); have != "TLS001 TLS002 TLS003" {
		t.Errorf("no choice is %q", have)
	}
}

func TestChoiceErrors(t *testing.T) {
	for _, text := range []string{"", "TLS999", "TLS117,", "--TLS117", "undefined-domain", "T", "-"} {
		if _, err := lint.ParseChoice(text); err == nil || !strings.HasPrefix(err.Error(), "no lint rule matches ") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
