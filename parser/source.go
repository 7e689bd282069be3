package parser

import (
	"slices"
	"strings"
	"sync"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Pos is a place in the text of a [Sources]. The zero Pos is no place.
type Pos uint32

// IsValid reports whether p is a place.
func (p Pos) IsValid() bool { return p > 0 }

// Extent is where a node stands: from its first byte to the one after its
// last.
type Extent struct {
	From, To Pos
}

// Pos is where the node begins.
func (e Extent) Pos() Pos { return e.From }

// End is the place after the node's last byte.
func (e Extent) End() Pos { return e.To }

// Source is the text of one file as it was read. A file that is included
// twice is two sources.
type Source struct {
	Name       string
	Text       string
	IncludedAt Pos // of the include_file or import_file; invalid for the main file

	base      Pos
	lineOnce  sync.Once
	lineStart []int
}

// Base is the place of the first byte of the text.
func (s *Source) Base() Pos { return s.base }

// lines gives the offset at which each line begins. Only a file with findings
// pays for it.
func (s *Source) lines() []int {
	s.lineOnce.Do(func() {
		s.lineStart = append(s.lineStart, 0)
		for i := 0; ; {
			n := strings.IndexByte(s.Text[i:], '\n')
			if n < 0 {
				return
			}
			i += n + 1
			s.lineStart = append(s.lineStart, i)
		}
	})
	return s.lineStart
}

func (s *Source) position(offset int) diag.Position {
	lines := s.lines()
	line, exact := slices.BinarySearch(lines, offset)
	if !exact {
		line--
	}
	return diag.Position{File: s.Name, Offset: offset, Line: line + 1, Column: offset - lines[line] + 1}
}

// Line is the text of a line, counted from 1, without its end.
func (s *Source) Line(n int) string {
	lines := s.lines()
	if n < 1 || n > len(lines) {
		return ""
	}
	end := len(s.Text)
	if n < len(lines) {
		end = lines[n] - 1
	}
	return strings.TrimSuffix(s.Text[lines[n-1]:end], "\r")
}

// Sources are the main file and all that it includes, in the order in which
// they were opened. It is safe for concurrent use once the parse is over.
type Sources struct {
	all  []*Source
	next Pos
}

// All lists the sources, the main file first.
func (s *Sources) All() []*Source { return s.all }

func (s *Sources) add(name, text string, includedAt Pos) *Source {
	if s.next == 0 {
		s.next = 1
	}
	src := &Source{Name: name, Text: text, IncludedAt: includedAt, base: s.next}
	// One more than the text, so that the end of a file is a place of its own.
	s.next += Pos(len(text)) + 1
	s.all = append(s.all, src)
	return src
}

// Source is the source in which p lies, nil for an invalid p.
func (s *Sources) Source(p Pos) *Source {
	if !p.IsValid() {
		return nil
	}
	i, exact := slices.BinarySearchFunc(s.all, p, func(src *Source, p Pos) int { return int(src.base) - int(p) })
	if !exact {
		i--
	}
	if i < 0 {
		return nil
	}
	return s.all[i]
}

// Position says where p is in its file.
func (s *Sources) Position(p Pos) diag.Position {
	src := s.Source(p)
	if src == nil {
		return diag.Position{}
	}
	return src.position(min(int(p-src.base), len(src.Text)))
}

// Span is the extent of a node in its file. A node that begins in one file and
// ends in another, as one with an include inside can, ends where it begins.
func (s *Sources) Span(n Node) diag.Span {
	return s.between(n.Pos(), n.End())
}

func (s *Sources) between(from, to Pos) diag.Span {
	span := diag.Span{Start: s.Position(from)}
	span.End = span.Start
	if src := s.Source(from); src != nil && src == s.Source(to) && to >= from {
		span.End = s.Position(to)
	}
	return span
}

// Includes are the places of the include statements through which p was
// reached, the innermost first; none for a place of the main file.
func (s *Sources) Includes(p Pos) []diag.Position {
	var chain []diag.Position
	for src := s.Source(p); src != nil && src.IncludedAt.IsValid(); src = s.Source(src.IncludedAt) {
		chain = append(chain, s.Position(src.IncludedAt))
	}
	return chain
}

// Compare orders two places as the server meets them: what is included comes
// where its include stands.
func (s *Sources) Compare(a, b Pos) int {
	if s.Source(a) == s.Source(b) {
		return int(a) - int(b)
	}
	return slices.Compare(s.path(a), s.path(b))
}

func (s *Sources) path(p Pos) []Pos {
	var path []Pos
	for src := s.Source(p); src != nil; src = s.Source(p) {
		path = append(path, p)
		p = src.IncludedAt
	}
	slices.Reverse(path)
	return path
}
