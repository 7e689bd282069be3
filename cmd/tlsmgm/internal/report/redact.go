package report

import (
	"regexp"
	"strings"
	"sync"
)

// passwords finds the password of scheme://user:password@host: in double quotes,
// in single ones, without any, and in a text that was cut off before the @. It
// ends at the last @, as OpenSIPS has it.
var passwords = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(
		`"\s*\w[\w+.-]*://[^":@/]*:((?:[^"\\]|\\.)*)@` +
			`|'\s*\w[\w+.-]*://[^':@/]*:([^']*)@` +
			`|\w[\w+.-]*://[^\s"':@/]*:([^\s"']*)@` +
			`|\w[\w+.-]*://[^\s"':@/]*:([^\s"'@/]*)…`,
	)
})

// redactBytes bounds the part of a long line that is searched, on either side of
// what is to be shown.
const redactBytes = 1 << 15

// redact puts a * for each byte of a password in a text, so that every other
// byte stays where it is.
func redact(text string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	matches := passwords().FindAllStringSubmatchIndex(text, -1)
	if matches == nil {
		return text
	}
	hidden := []byte(text)
	for _, m := range matches {
		for group := 2; group < len(m); group += 2 {
			for i := m[group]; i >= 0 && i < m[group+1]; i++ {
				hidden[i] = '*'
			}
		}
	}
	return string(hidden)
}

// redactAround is redact for the part of a line around a place, all of it unless
// it is very long.
func redactAround(line string, at int) string {
	start, end := max(at-redactBytes, 0), min(at+redactBytes, len(line))
	return line[:start] + redact(line[start:end]) + line[end:]
}
