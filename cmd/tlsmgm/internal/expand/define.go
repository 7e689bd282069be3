// Package expand makes scripts of templates, and finds the places of a template
// that those of the script come from.
package expand

import (
	"regexp"
	"sort"
	"strings"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Mapping finds the place in a template for one in what was made of it.
type Mapping interface {
	// Span gives the span, and whether it is exact; where it is not, it is the
	// line.
	Span(made diag.Span) (_ diag.Span, exact bool)
}

// placeholder is a name that Define replaces: ${NAME}, @NAME@ or {{ NAME }}.
var placeholder = regexp.MustCompile(`\$\{([A-Za-z_][\w.-]*)\}|@([A-Za-z_][\w.-]*)@|\{\{[ \t]*([A-Za-z_][\w.-]*)[ \t]*\}\}`)

// Define puts values in the place of ${NAME}, @NAME@ and {{ NAME }}, where there
// is one. Values have no newlines, so that lines stay as they are. The mapping is
// nil if nothing is replaced.
func Define(text string, values map[string]string) (string, Mapping) {
	d := &defined{text: text}
	var made strings.Builder
	at := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(text, -1) {
		value, known := values[nameIn(text, m)]
		if !known {
			continue
		}
		made.WriteString(text[at:m[0]])
		d.places = append(d.places, replaced{from: m[0], to: m[1], madeFrom: made.Len(), madeTo: made.Len() + len(value)})
		made.WriteString(value)
		at = m[1]
	}
	if d.places == nil {
		return text, nil
	}
	made.WriteString(text[at:])
	return made.String(), d
}

// nameIn is the name of a match: of the one group of it that matched.
func nameIn(text string, match []int) string {
	for group := 2; group < len(match); group += 2 {
		if match[group] >= 0 {
			return text[match[group]:match[group+1]]
		}
	}
	return ""
}

// replaced is a placeholder, in offsets of the template and of what was made.
type replaced struct{ from, to, madeFrom, madeTo int }

type defined struct {
	text   string
	places []replaced
}

// Span widens what begins or ends within a value to the placeholder.
func (d *defined) Span(made diag.Span) (diag.Span, bool) {
	start, end := d.original(made.Start.Offset), d.original(made.End.Offset)
	if r := d.around(made.Start.Offset, made.Start.Offset+1); r != nil {
		start = r.from
	}
	if r := d.around(made.End.Offset-1, made.End.Offset); r != nil && made.End.Offset > made.Start.Offset {
		end = r.to
	}
	return diag.Span{Start: positionOf(made.Start.File, d.text, start), End: positionOf(made.End.File, d.text, max(start, end))}, true
}

// around is the placeholder whose value has the bytes from one offset to another,
// nil if there is none.
func (d *defined) around(from, to int) *replaced {
	i := sort.Search(len(d.places), func(i int) bool { return d.places[i].madeTo >= to })
	if i < len(d.places) && d.places[i].madeFrom <= from {
		return &d.places[i]
	}
	return nil
}

// original is the offset in the template of one outside of values.
func (d *defined) original(offset int) int {
	i := sort.Search(len(d.places), func(i int) bool { return d.places[i].madeTo > offset })
	if i == 0 {
		return offset
	}
	return offset + d.places[i-1].to - d.places[i-1].madeTo
}

// positionOf is the position of an offset of a text.
func positionOf(file, text string, offset int) diag.Position {
	offset = min(max(offset, 0), len(text))
	start := strings.LastIndexByte(text[:offset], '\n') + 1
	return diag.Position{File: file, Offset: offset, Line: strings.Count(text[:offset], "\n") + 1, Column: offset - start + 1}
}

// lines are the lines of a text, each with the offset at which it begins.
type lines struct {
	text   string
	starts []int
}

func newLines(text string) lines {
	l := lines{text: text, starts: []int{0}}
	for i := range len(text) {
		if text[i] == '\n' {
			l.starts = append(l.starts, i+1)
		}
	}
	return l
}

// line gives the nth line, from 1, without its end; ok is false if there is none.
func (l lines) line(n int) (text string, offset int, ok bool) {
	if n < 1 || n > len(l.starts) {
		return "", 0, false
	}
	end := len(l.text)
	if n < len(l.starts) {
		end = l.starts[n] - 1
	}
	return l.text[l.starts[n-1]:end], l.starts[n-1], true
}
