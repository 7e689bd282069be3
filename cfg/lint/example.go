package lint

import "strings"

// Text is the script of the example, without what it says to the tests.
func (e Example) Text() string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimPrefix(strings.TrimPrefix(e.Script, "\n"), "# whole\n")) {
		line, _, found := strings.Cut(line, " # want")
		b.WriteString(line)
		if found {
			b.WriteString("\n")
		}
	}
	return b.String()
}
