package route

import (
	"strings"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// quoted is a text as diagnostics have it.
func quoted(text string) string { return diag.Quote(text) }

// withoutPasswords hides the passwords of the URLs in a text, such as the one of a
// database. What is shown of a script ends up in logs.
func withoutPasswords(text string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "://")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString("://")
		end := strings.IndexAny(rest, " \t\r\n\"'<>")
		if end < 0 {
			end = len(rest)
		}
		if at := strings.LastIndexByte(rest[:end], '@'); at >= 0 {
			user, _, hasPassword := strings.Cut(rest[:at], ":")
			if hasPassword {
				user += ":…"
			}
			b.WriteString(user)
			rest = rest[at:]
		}
		text = rest
	}
}
