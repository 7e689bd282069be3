package route

import "testing"

func TestWithoutPasswords(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "",
		"sip:user:password@host":                "sip:user:password@host", // no URL of a database
		"mysql://user:pass@host/db":             "mysql://user:…@host/db",
		"mysql://user:p@ss:w@host/db":           "mysql://user:…@host/db",
		"mysql://user@host/db":                  "mysql://user@host/db",
		`q("a", "mysql://u:p@h/d", "b@c")`:      `q("a", "mysql://u:…@h/d", "b@c")`,
		"postgres://a:b@c x://d:e@f":            "postgres://a:…@c x://d:…@f",
		"http://host/path":                      "http://host/path",
		"redis://:secret@host and text@mailbox": "redis://:…@host and text@mailbox",
	} {
		if got := withoutPasswords(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
