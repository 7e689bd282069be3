package lint

import (
	"strings"

	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// modParamAt is the modparam whose value stands at a span, nil if there is none
// or if it sets something of several modules.
func (s *subject) modParamAt(value diag.Span) *parser.ModParam {
	m := s.modParams()[value.Start]
	if m == nil || strings.ContainsAny(m.Module.Value(), `.[]()*+?{}|^$\`) {
		return nil
	}
	return m
}

// findModParams indexes the modparams by the places of their values.
func (s *subject) findModParams() map[diag.Position]*parser.ModParam {
	found := map[diag.Position]*parser.ModParam{}
	for _, statement := range s.Config.File.Statements {
		if m, ok := statement.(*parser.ModParam); ok && m.Value != nil {
			found[s.Config.File.Sources.Position(m.Value.Pos())] = m
		}
	}
	return found
}

// removal is the edit that takes a statement out, with its line if nothing else
// is on it.
func (s *subject) removal(m *parser.ModParam) Edit {
	span := s.Config.File.Sources.Span(m)
	source := s.Config.File.Sources.Source(m.Pos())
	from, to := span.Start.Offset, span.End.Offset
	lineStart := strings.LastIndexByte(source.Text[:from], '\n') + 1
	rest, _, found := strings.Cut(source.Text[to:], "\n")
	if found && strings.TrimSpace(source.Text[lineStart:from]) == "" && strings.TrimSpace(rest) == "" {
		from, to = lineStart, to+len(rest)+1
	}
	base := source.Base()
	return Edit{Span: diag.Span{
		Start: s.Config.File.Sources.Position(base + parser.Pos(from)),
		End:   s.Config.File.Sources.Position(base + parser.Pos(to)),
	}}
}

// replaceValue is the fix that writes another value behind the [domain] of a
// parameter that stands at a span; nil where the value is not written as plainly
// as that.
func (p *Pass) replaceValue(at diag.Span, old, value string) *Fix {
	m := p.modParamAt(at)
	if m == nil {
		return nil
	}
	literal, ok := m.Value.(*parser.String)
	if !ok || strings.Count(literal.Raw, old) != 1 || strings.ContainsRune(literal.Raw, '\\') {
		return nil
	}
	span := p.Config.File.Sources.Span(literal)
	return &Fix{
		Title: "write " + quote(value) + " for " + quote(old),
		Edits: []Edit{{Span: span, New: strings.Replace(literal.Raw, old, value, 1)}},
	}
}
