package expand

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// marker is what m4 -s and cpp write to say where the next line is from: #line 3
// "stdin", or # 3 "stdin". The language takes both for comments.
var marker = regexp.MustCompile(`^#(?:line)? *(\d+)(?: +"([^"]*)")?[ \d]*$`)

// standardInput is what programs call it in their markers.
var standardInput = []string{"stdin", "-", "<stdin>", ""}

// Markers reads the markers in what a program made of a template, whose name and
// text are given. Open reads other files that they name; it may fail. The mapping
// is nil if there are none.
func Markers(name, template, made string, open func(name string) (string, bool)) Mapping {
	m := &marked{made: newLines(made), texts: map[string]lines{name: newLines(template)}, file: name}
	from, line := name, 0 // where the line is from, 0 for nowhere
	found := false
	for n := 1; ; n++ {
		text, _, ok := m.made.line(n)
		if !ok {
			break
		}
		if match := marker.FindStringSubmatch(strings.TrimSuffix(text, "\r")); match != nil {
			number, err := strconv.Atoi(match[1])
			if err == nil && number > 0 {
				found = true
				if match[2] != "" || line == 0 {
					from = match[2]
				}
				if slices.Contains(standardInput, from) {
					from = name
				}
				line = number
				m.origins = append(m.origins, origin{from, number})
				continue
			}
		}
		m.origins = append(m.origins, origin{from, line})
		if line > 0 {
			line++
		}
	}
	if !found {
		return nil
	}
	for _, o := range m.origins {
		if _, known := m.texts[o.file]; !known {
			text, _ := open(o.file)
			m.texts[o.file] = newLines(text)
		}
	}
	return m
}

// origin is where a line is from; line 0 is nowhere.
type origin struct {
	file string
	line int
}

type marked struct {
	file    string // the template
	made    lines
	origins []origin
	texts   map[string]lines
}

// Span keeps the columns where the line is as it was.
func (m *marked) Span(made diag.Span) (diag.Span, bool) {
	start, exactStart := m.position(made.Start)
	end, exactEnd := m.position(made.End)
	if !exactStart || !exactEnd || end.File != start.File || end.Offset < start.Offset {
		start, _ = m.inLine(made.Start, 0)
		end = m.endOfLine(start)
		return diag.Span{Start: start, End: end}, false
	}
	return diag.Span{Start: start, End: end}, true
}

func (m *marked) position(p diag.Position) (diag.Position, bool) {
	text, _, ok := m.made.line(p.Line)
	place, original := m.inLine(p, p.Column-1)
	return place, ok && text == original
}

// inLine is a place in the line that a position is from, and that line.
func (m *marked) inLine(p diag.Position, column int) (diag.Position, string) {
	o := origin{m.file, 1}
	if p.Line >= 1 && p.Line <= len(m.origins) && m.origins[p.Line-1].line > 0 {
		o = m.origins[p.Line-1]
	}
	text, offset, _ := m.texts[o.file].line(o.line)
	column = min(column, len(text))
	return diag.Position{File: o.file, Offset: offset + column, Line: o.line, Column: column + 1}, text
}

func (m *marked) endOfLine(p diag.Position) diag.Position {
	text, offset, _ := m.texts[p.File].line(p.Line)
	text = strings.TrimRight(text, " \t\r")
	return diag.Position{File: p.File, Offset: offset + len(text), Line: p.Line, Column: len(text) + 1}
}

// Texts are the texts of the files that the spans of a mapping are in, beside the
// template.
func Texts(m Mapping) map[string]string {
	texts := map[string]string{}
	if m, ok := m.(*marked); ok {
		for name, l := range m.texts {
			if name != m.file {
				texts[name] = l.text
			}
		}
	}
	return texts
}
