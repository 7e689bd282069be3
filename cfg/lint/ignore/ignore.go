// Package ignore reads remarks to tlsmgm in the comments of a script, which say
// that findings are meant to be:
//
//	modparam("tls_mgm", "verify_cert", "[web]0") # tlsmgm:ignore TLS303 browsers have none
//
//	# tlsmgm:ignore TLS009, TLS402 until the old phones are gone
//	modparam("tls_mgm", "tls_method", "TLSv1_2")
//
//	# tlsmgm:ignore-file TLS119 one key for all of the lab
//
// A remark behind something is for its line, one on a line of its own for the
// next line that has anything else, and one that says ignore-file for its file.
// Errors of reading and starting cannot be ignored: the server does not.
package ignore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Rule is what is known of a rule that a remark names.
type Rule struct {
	ID string // as findings have it
	// Looked says that the rule looked at this script, so that it would have
	// found what is there.
	Looked bool
}

// Lookup finds the rule of an ID or a name.
type Lookup func(name string) (rule Rule, known bool)

// Apply says which findings are left when those that a script has remarks for are
// taken out, and what is wrong with the remarks. Advice is for a rule that is
// not known; it may be empty.
func Apply(file *parser.File, findings diag.List, lookup Lookup, advice func(name string) string) (left []bool, problems diag.List) {
	a := &applier{lookup: lookup, advice: advice, byLine: map[place][]*use{}, byFile: map[string][]*use{}}
	for _, r := range find(file) {
		a.add(r)
	}
	left = make([]bool, len(findings))
	for i, d := range findings {
		left[i] = !a.ignores(d, file)
	}
	for _, u := range a.uses {
		if !u.used && u.rule.Looked {
			a.problems = append(a.problems, u.withoutEffect())
		}
	}
	order := map[string]int{}
	for i, source := range file.Sources.All() {
		order[source.Name] = max(order[source.Name], i)
	}
	slices.SortStableFunc(a.problems, func(a, b diag.Diagnostic) int {
		if a.Span.Start.File != b.Span.Start.File {
			return order[a.Span.Start.File] - order[b.Span.Start.File]
		}
		return a.Span.Start.Offset - b.Span.Start.Offset
	})
	return left, a.problems
}

// place is a line of a file.
type place struct {
	file string
	line int
}

// use is one rule of a remark.
type use struct {
	rule    Rule
	name    word
	used    bool
	refused *diag.Diagnostic // the first error that it was for
}

type applier struct {
	lookup   Lookup
	advice   func(string) string
	uses     []*use
	byLine   map[place][]*use
	byFile   map[string][]*use
	problems diag.List
}

// add takes up a remark.
func (a *applier) add(r remark) {
	if r.malformed != "" {
		a.problems = append(a.problems, diag.New(ruleUnknown, r.span, r.malformed).
			WithHelp("write tlsmgm:ignore or tlsmgm:ignore-file, the rules, and why"))
		return
	}
	for _, name := range r.rules {
		rule, known := a.lookup(name.text)
		if !known {
			d := diag.New(ruleUnknown, name.span, fmt.Sprintf("unknown rule %s", diag.Quote(name.text)))
			d.Help = a.advice(name.text)
			a.problems = append(a.problems, d)
			continue
		}
		u := &use{rule: rule, name: name}
		a.uses = append(a.uses, u)
		if r.wholeFile {
			a.byFile[r.span.Start.File] = append(a.byFile[r.span.Start.File], u)
		} else {
			at := place{r.span.Start.File, r.line}
			a.byLine[at] = append(a.byLine[at], u)
		}
	}
	if r.reason == "" {
		a.problems = append(a.problems, diag.New(ruleReason, r.span, "the remark does not say why").
			WithHelp("write the reason behind the rules: whoever reads it next year will ask"))
	}
}

// ignores reports whether there is a remark for a finding.
func (a *applier) ignores(d diag.Diagnostic, file *parser.File) (ignored bool) {
	at := place{d.Span.Start.File, d.Span.Start.Line}
	if at.file == "" {
		at.file = file.Sources.All()[0].Name
	}
	for _, u := range slices.Concat(a.byLine[at], a.byFile[at.file]) {
		switch {
		case u.rule.ID != d.Rule:
		case d.Stage != diag.Lint && d.Severity == diag.Error:
			if u.refused == nil {
				u.refused = &d
			}
		default:
			u.used, ignored = true, true
		}
	}
	return ignored
}

// withoutEffect tells about a rule of a remark that found nothing, or whose
// findings stay.
func (u *use) withoutEffect() diag.Diagnostic {
	if u.refused != nil {
		what := map[diag.Stage]string{diag.Read: "the server does not take the script", diag.Start: "the server does not start"}[u.refused.Stage]
		return diag.New(ruleRefused, u.name.span, fmt.Sprintf("%s cannot be ignored: %s because of it", u.rule.ID, what)).
			WithRelated(u.refused.Span, "it is here").
			WithHelp("mend it, and remove the remark")
	}
	return diag.New(ruleUnused, u.name.span, fmt.Sprintf("nothing to ignore: %s finds nothing here", u.rule.ID)).
		WithHelp("remove the remark")
}

// remark is a comment that is meant for tlsmgm.
type remark struct {
	span      diag.Span
	wholeFile bool
	line      int // that it is for
	rules     []word
	reason    string
	malformed string // what is wrong with it
}

// word is a word of a comment.
type word struct {
	text string
	span diag.Span
}

// find reads the comments of all files of a script. Those of a file that is
// included twice are there twice, and read once.
func find(file *parser.File) (remarks []remark) {
	seen := map[diag.Position]bool{}
	for _, comment := range file.Comments {
		source := file.Sources.Source(comment.From)
		from := int(comment.From - source.Base())
		text := source.Text[from:min(int(comment.To-source.Base()), len(source.Text))]
		start, text, ok := remarkOf(text)
		if !ok {
			continue
		}
		r := remark{span: spanOf(file, comment.From+parser.Pos(start), len(text))}
		if seen[r.span.Start] {
			continue
		}
		seen[r.span.Start] = true
		r.read(file, comment.From+parser.Pos(start), text)
		r.line = lineFor(file, source, comment)
		remarks = append(remarks, r)
	}
	return remarks
}

const prefix = "tlsmgm:"

// remarkOf gives the text of a remark without what makes it a comment, and where
// it begins; ok is false for any other comment.
func remarkOf(comment string) (start int, text string, ok bool) {
	text = strings.TrimLeft(comment, "#/* \t\r\n")
	start = len(comment) - len(text)
	if strings.HasPrefix(comment, "/*") {
		text = strings.TrimSuffix(text, "*/")
	}
	return start, strings.TrimRight(text, " \t\r\n"), strings.HasPrefix(text, prefix)
}

func spanOf(file *parser.File, from parser.Pos, length int) diag.Span {
	return file.Sources.Span(parser.Extent{From: from, To: from + parser.Pos(length)})
}

// read splits a remark into what it does, the rules, and the reason. The rules
// are separated by commas; what looks like an ID is a rule without one too.
func (r *remark) read(file *parser.File, at parser.Pos, text string) {
	var words []word
	for i := 0; i < len(text); {
		n := strings.IndexAny(text[i:], " \t\r\n,")
		if n < 0 {
			n = len(text) - i
		}
		if n > 0 {
			words = append(words, word{text[i : i+n], spanOf(file, at+parser.Pos(i), n)})
			i += n
			continue
		}
		if text[i] == ',' {
			words = append(words, word{",", diag.Span{}})
		}
		i++
	}
	switch words[0].text {
	case prefix + "ignore":
	case prefix + "ignore-file":
		r.wholeFile = true
	default:
		r.malformed = fmt.Sprintf("unknown remark %s", diag.Quote(words[0].text))
		return
	}
	words = words[1:]
	expected := true // the next word is a rule whatever it looks like
	for len(words) > 0 && (expected || words[0].text == "," || isID(words[0].text)) {
		if expected = words[0].text == ","; !expected {
			r.rules = append(r.rules, words[0])
		}
		words = words[1:]
	}
	if r.rules == nil {
		r.malformed = "the remark names no rule"
		return
	}
	for _, w := range words {
		if strings.Trim(w.text, "-:.,;–—") != "" {
			r.reason += w.text
		}
	}
}

// isID reports whether a word looks like the ID of a lint rule.
func isID(text string) bool {
	digits := strings.TrimPrefix(strings.ToUpper(text), "TLS")
	return len(digits) == 3 && len(text) == 6 && strings.Trim(digits, "0123456789") == ""
}

// lineFor is the line that a comment is for: its own if something stands before
// it, else the next that has anything but comments.
func lineFor(file *parser.File, source *parser.Source, comment parser.Extent) int {
	from := file.Sources.Position(comment.From)
	if strings.TrimSpace(source.Line(from.Line)[:from.Column-1]) != "" {
		return from.Line
	}
	to := file.Sources.Position(comment.To)
	line := to.Line
	if to.Column > 1 { // behind a comment in /* */ there may be something
		if strings.TrimSpace(source.Line(line)[min(to.Column-1, len(source.Line(line))):]) != "" {
			return line
		}
		line++
	}
	for last := file.Sources.Position(source.Base() + parser.Pos(len(source.Text))).Line; line < last; line++ {
		if text := strings.TrimSpace(source.Line(line)); text != "" && !strings.HasPrefix(text, "#") {
			break
		}
	}
	return line
}
