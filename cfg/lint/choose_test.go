package lint_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/lint"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
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

// A rule shows all there is of its kind only if it is chosen and gets to see what
// it needs.
func TestShows(t *testing.T) {
	config, err := cfg.Parse("opensips.cfg", "loadmodule \"tls_mgm.so\"\n", cfg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	table := *config
	table.TLS.DB.URL.Value, table.TLS.DB.URL.At = "sqlite:///tls.db", config.Modules[0].At
	opened := lint.Input{Config: config, Files: tlsctx.OS{}}
	tests := []struct {
		id   string
		in   lint.Input
		o    lint.Options
		want bool
	}{
		{"TLS303", opened, lint.Options{}, true},
		{"TLS303", lint.Input{Config: config}, lint.Options{}, true},
		{"TLS303", opened, lint.Options{Rules: []*lint.Rule{}}, false},
		{"TLS101", opened, lint.Options{}, true},
		{"TLS101", lint.Input{Config: config}, lint.Options{}, false},
		{"TLS203", opened, lint.Options{}, false}, // of 3.0
		{"TLS451", opened, lint.Options{}, false},
		{"TLS451", opened, lint.Options{Profile: lint.LookupProfile("modern")}, true},
		{"TLS303", lint.Input{Config: &table}, lint.Options{}, false},
		{"TLS303", lint.Input{Config: &table, Rows: []mgm.Row{}}, lint.Options{}, true},
	}
	for _, tt := range tests {
		if have := tt.in.Shows(lint.Lookup(tt.id), tt.o); have != tt.want {
			t.Errorf("%s with %+v: %v", tt.id, tt.o, have)
		}
	}
}
