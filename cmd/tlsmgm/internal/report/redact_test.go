package report

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

func TestRedact(t *testing.T) {
	for text, want := range map[string]string{
		`modparam("tls_mgm", "db_url", "mysql://root:pw@db:3306/x")`:  `modparam("tls_mgm", "db_url", "mysql://root:**@db:3306/x")`,
		`"postgres://u:a@b:c/d@host/db", "e@f"`:                       `"postgres://u:*******@host/db", "e@f"`,
		`'mysql://u:it"s@h/d'`:                                        `'mysql://u:****@h/d'`,
		`"mysql://u:it's@h/d"`:                                        `"mysql://u:****@h/d"`,
		`"mysql://u:a\"b@h/d"`:                                        `"mysql://u:****@h/d"`,
		`"mysql://u:two words@h/d"`:                                   `"mysql://u:*********@h/d"`,
		`mysql://u:pw@h/d`:                                            `mysql://u:**@h/d`,
		`found string "mysql://u:secr…`:                               `found string "mysql://u:****…`,
		`"mysql://u:a@h/d" and 'postgres://v:b@h/d'`:                  `"mysql://u:*@h/d" and 'postgres://v:*@h/d'`,
		`"mysql://u:@h/d"`:                                            `"mysql://u:@h/d"`,
		`"sqlite:///var/lib/opensips.db"`:                             `"sqlite:///var/lib/opensips.db"`,
		`"mysql://root@127.0.0.1:3306/x"`:                             `"mysql://root@127.0.0.1:3306/x"`,
		`rest_get("http://10.0.0.1:8080/users", "$var(b)"); x("a@b")`: `rest_get("http://10.0.0.1:8080/users", "$var(b)"); x("a@b")`,
		`"sip:alice:5061@example.net"`:                                `"sip:alice:5061@example.net"`,
	} {
		if got := redact(text); got != want {
			t.Errorf("redact(%s)\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestRedactKeepsPlaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{
			"mysql://", "u", ":", "@", "h", "/", `"`, `'`, `\`, " ", "é", "\xff", "…",
		})).Draw(t, "text"), "")
		got := redact(text)
		if len(got) != len(text) {
			t.Fatalf("%q is %d bytes long, was %d", got, len(got), len(text))
		}
		for i := range len(text) {
			if got[i] != text[i] && got[i] != '*' {
				t.Fatalf("byte %d of %q is %q", i, text, got[i])
			}
		}
	})
}

// No form of the report has the password, wherever it comes from.
func TestPasswordsStayOut(t *testing.T) {
	const secret = "hunter2"
	script := `modparam("tls_mgm", "db_url" "mysql://opensips:` + secret + `@db/opensips")`
	r := &Report{OpenSIPS: catalogue.Default, Files: []File{{
		Name: "a.cfg", Read: Rejected, Sources: []*parser.Source{{Name: "a.cfg", Text: script}},
		Diagnostics: diag.List{{
			Span:    span("a.cfg", 1, 30, 1, 60),
			Message: `expected ",", found string "mysql://opensips:` + secret + `@db/opensips"`,
			Help:    "not mysql://opensips:" + secret + "@db",
			Related: []diag.Related{{Message: "mysql://opensips:" + secret + "@db"}},
		}},
	}}}
	for _, f := range Formats() {
		got := written(t, f, r)
		if strings.Contains(got, secret) {
			t.Errorf("%s has the password:\n%s", f.Name, got)
		}
		if f.Name == "text" && !strings.Contains(got, `"db_url" "mysql://opensips:*******@db/opensips"`) {
			t.Errorf("text:\n%s", got)
		}
		if strings.Contains(written(t, f, fullReport()), secret) {
			t.Errorf("%s has the password of a fix, or of a file that could not be read", f.Name)
		}
	}
}

func TestCleanScript(t *testing.T) {
	have := CleanScript("-\tmodparam(\"tls_mgm\", \"db_url\", \"mysql://u:secret@h/d\")\n+\x1b[31mred\r\n")
	want := "-\tmodparam(\"tls_mgm\", \"db_url\", \"mysql://u:******@h/d\")\n+\\x1b[31mred\\r\n"
	if have != want {
		t.Errorf("%q, want %q", have, want)
	}
}
