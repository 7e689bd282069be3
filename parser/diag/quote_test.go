package diag_test

import (
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

func TestQuote(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  `""`,
		"tls_mgm":                           `"tls_mgm"`,
		"a\"b\n\xff":                        `"a\"b\n\xff"`,
		strings.Repeat("x", 40):             `"` + strings.Repeat("x", 40) + `"`,
		strings.Repeat("x", 41):             `"` + strings.Repeat("x", 40) + `…"`,
		strings.Repeat("x", 39) + "éé":      `"` + strings.Repeat("x", 39) + `…"`,
		"mysql://user:pass@host/db":         `"mysql://user:…@host/db"`,
		"mysql://user:p@ss:w@host/db":       `"mysql://user:…@host/db"`,
		"mysql://user@host/db":              `"mysql://user:…@host/db"`,
		"mysql://:secret@host/db":           `"mysql://…:…@host/db"`,
		"[d]mysql://user:pass@host/db":      `"[d]mysql://user:…@host/db"`,
		"mysql://host/db":                   `"mysql://host/db"`,
		"sqlite:///etc/opensips/tls.sqlite": `"sqlite:///etc/opensips/tls.sqlite"`,
		"user@example.com":                  `"user@example.com"`,
	} {
		if got := diag.Quote(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}
