package report

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
	"pgregory.net/rapid"
)

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("a", 150) + "X" + strings.Repeat("b", 150)
	for _, tt := range []struct {
		name     string
		line     string
		from, to int
		text     string
		marks    string
	}{
		{"word", `log_level=3`, 0, 9, `log_level=3`, `^^^^^^^^^`},
		{"empty span", `exit`, 4, 4, `exit`, `    ^`},
		{"empty line", ``, 0, 0, ``, `^`},
		{"beyond the line", `exit`, 9, 12, `exit`, `    ^`},
		{"tabs before", "\t\tx=1", 2, 3, `        x=1`, `        ^`},
		{"tab in the middle", "ab\tx=1", 3, 4, `ab  x=1`, `    ^`},
		{"tab marked", "a\tb", 1, 2, `a   b`, ` ^^^`},
		{"letters of two bytes", "é=ü", 3, 5, "é=ü", "  ^"},
		{"wide letters", "日本=x", 7, 8, "日本=x", "     ^"},
		{"wide letters marked", "日本=x", 0, 6, "日本=x", "^^^^"},
		{"combining mark", "e\u0301=x", 4, 5, "e\u0301=x", "  ^"},
		{"no UTF-8", "\xff\xfe=x", 2, 3, `\xff\xfe=x`, `        ^`},
		{"within a letter", "日=x", 1, 2, `日=x`, `^`},
		{"half a letter", "\xe6\x97=x", 2, 3, `\xe6\x97=x`, `        ^`},
		{"escape sequence", "\x1b[2Jx", 0, 4, `\x1b[2Jx`, `^^^^^^^`},
		{"C1 control", "\u009b2Jx", 4, 5, `\u009b2Jx`, `        ^`},
		{"turned direction", "\u202ex", 3, 4, `\u202ex`, `      ^`},
		{
			"long line", long, 150, 151,
			"…" + strings.Repeat("a", 40) + "X" + strings.Repeat("b", 58) + "…",
			strings.Repeat(" ", 41) + "^",
		},
		{
			"long line from its start", long, 0, 3,
			strings.Repeat("a", 100) + "…", "^^^",
		},
		{
			"end of a long line", long, 301, 301,
			"…" + strings.Repeat("b", 40), strings.Repeat(" ", 41) + "^",
		},
		{
			"span longer than what is shown", long, 140, 301,
			"…" + strings.Repeat("a", 50) + "X" + strings.Repeat("b", 48) + "…",
			strings.Repeat(" ", 41) + strings.Repeat("^", 59),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, indent, marked := excerpt(tt.line, tt.from, tt.to)
			if text != tt.text {
				t.Errorf("text\n got %q\nwant %q", text, tt.text)
			}
			if marks := strings.Repeat(" ", indent) + strings.Repeat("^", marked); marks != tt.marks {
				t.Errorf("marks\n got %q\nwant %q", marks, tt.marks)
			}
		})
	}
}

// columns is how wide a terminal shows a text, counted without the code under
// test.
func columns(text string) int {
	n := 0
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me):
		case width.LookupRune(r).Kind() == width.EastAsianWide, width.LookupRune(r).Kind() == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

func TestExcerptOfAnything(t *testing.T) {
	piece := rapid.OneOf(
		rapid.String(),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.Just("\t"), rapid.Just("日"), rapid.Just("\u0301"), rapid.Just("\x1b[31m"),
	)
	rapid.Check(t, func(t *rapid.T) {
		line := strings.Join(rapid.SliceOf(piece).Draw(t, "line"), "")
		from := rapid.IntRange(0, len(line)+2).Draw(t, "from")
		to := rapid.IntRange(from, len(line)+4).Draw(t, "to")
		text, indent, marked := excerpt(line, from, to)
		if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Fatalf("not safe to show: %q", text)
		}
		// A cut at either end, and a last character that is wider than the
		// room left: an escaped one takes up to ten columns.
		shown := columns(text)
		if shown > excerptWidth+len(`\U0010ffff`)+1 {
			t.Fatalf("%d columns: %q", shown, text)
		}
		if marked < 1 || indent+marked > shown+1 {
			t.Fatalf("%d marks from column %d, below %d columns", marked, indent, shown)
		}
		if strings.IndexFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) >= 0 {
			return
		}
		if from < to && to <= len(line) && !strings.Contains(text[indent:], line[from:min(to, from+marked)]) {
			t.Fatalf("%q is not what is marked in %q", line[from:to], text)
		}
	})
}

func TestSafe(t *testing.T) {
	for text, want := range map[string]string{
		`no module "x"`:        `no module "x"`,
		"日本 é":                 "日本 é",
		"\x1b]0;title\a":       `\x1b]0;title\a`,
		"line\nbreak\ttab\r":   `line\nbreak\ttab\r`,
		"a\xffb":               `a\xffb`,
		"\u202eevil\u2066":     `\u202eevil\u2066`,
		"\x7f\u0085\U000e0001": `\x7f\u0085\U000e0001`,
	} {
		if got := safe(text); got != want {
			t.Errorf("safe(%q)\n got %s\nwant %s", text, got, want)
		}
	}
}

func BenchmarkExcerpt(b *testing.B) {
	line := strings.Repeat("modparam(\"tls_mgm\", \"certificate\", \"[dom]/etc/x.pem\")\t", 20000)
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		excerpt(line, len(line)/2, len(line)/2+8)
	}
}
