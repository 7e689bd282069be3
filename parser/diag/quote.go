package diag

import (
	"cmp"
	"strconv"
	"strings"
)

// longestQuote is how many bytes of a text a message shows.
const longestQuote = 40

// Quote is a text of a script as messages have it: in quotes, cut if it is
// long, and without the password of a URL, since messages end up
// in logs.
func Quote(text string) string {
	text = withoutPassword(text)
	if len(text) > longestQuote {
		return strconv.Quote(strings.ToValidUTF8(text[:longestQuote], "") + "…")
	}
	return strconv.Quote(text)
}

// withoutPassword hides what stands between the colon behind the user and the
// last @ of a URL.
func withoutPassword(text string) string {
	scheme, rest, isURL := strings.Cut(text, "://")
	at := strings.LastIndexByte(rest, '@')
	if !isURL || at < 0 {
		return text
	}
	user, _, _ := strings.Cut(rest[:at], ":")
	return scheme + "://" + cmp.Or(user, "…") + ":…" + rest[at:]
}
