package pv

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"

	"github.com/opensips-tools/tlsmgm/parser"
)

func regexTransformations() []transformation {
	return []transformation{{
		name: "re.subst", args: "/expression/replacement/flags", about: "with what matches replaced; flags i, s, g",
		compile: compileSubst,
	}}
}

// substitution is an expression such as /a/b/g.
type substitution struct {
	re   *regexp.Regexp
	with []replacement
	all  bool
}

// replacement is a text, and behind it a group of the match or a variable.
type replacement struct {
	text  string
	group int // -1 for none
	get   getter
}

// compiledSubst is a substitution that a variable gave, nil if it is none.
type compiledSubst struct {
	text string
	sub  *substitution
}

func compileSubst(c *call) (transform, error) {
	text := strings.TrimLeft(c.rest, blanks)
	if text == "" {
		return nil, c.missing("an expression such as /a/b/g")
	}
	if text[0] != '$' {
		c.rest = ""
		sub, err := parseSubst(text, c.variable.sub)
		if err != nil {
			return nil, fmt.Errorf("script variable $%s: {%s}: %w", c.variable.Name, c.name, err)
		}
		return func(s *Scope, v Value) Value { return sub.apply(s, v) }, nil
	}
	a, err := c.next("an expression")
	if err != nil {
		return nil, err
	}
	var last atomic.Pointer[compiledSubst]
	sub := c.variable.sub
	return func(s *Scope, v Value) Value {
		text, ok := a.str(s)
		if !ok {
			return Value{}
		}
		compiled := last.Load()
		if compiled == nil || compiled.text != text {
			compiled = &compiledSubst{text: text}
			if parsed, err := parseSubst(text, sub); err == nil {
				compiled.sub = parsed
			}
			last.Store(compiled)
		}
		if compiled.sub == nil {
			return Value{}
		}
		return compiled.sub.apply(s, v)
	}, nil
}

// parseSubst reads an expression: its first byte divides the parts.
func parseSubst(text string, variable func(string) (getter, error)) (*substitution, error) {
	// { and } are written with a backslash within a transformation.
	text = strings.NewReplacer(`\\`, `\\`, `\{`, "{", `\}`, "}").Replace(text)
	parts := splitDelimited(text)
	if len(parts) != 3 {
		return nil, fmt.Errorf("expected an expression such as /a/b/g, found %q", text)
	}
	options, all := RegexOptions{Lines: true}, false
	for _, flag := range parts[2] {
		switch flag {
		case 'i':
			options.IgnoreCase = true
		case 's':
			options.Lines = false
		case 'g':
			all = true
		default:
			return nil, fmt.Errorf("expected the flags i, s or g, found %q", flag)
		}
	}
	re, err := CompileRegex(parts[0], options)
	if err != nil {
		return nil, err
	}
	with, err := parseReplacement(parts[1], re.NumSubexp(), variable)
	return &substitution{re, with, all}, err
}

// splitDelimited divides a text at its first byte, where no backslash stands
// before it. The backslash goes away.
func splitDelimited(text string) []string {
	if len(text) < 3 {
		return nil
	}
	delimiter := text[0]
	parts := []string{""}
	for i := 1; i < len(text); i++ {
		last := &parts[len(parts)-1]
		switch {
		case text[i] == '\\' && i+1 < len(text) && len(parts) < 3:
			i++
			if text[i] != delimiter {
				*last += `\`
			}
			*last += text[i : i+1]
		case text[i] == delimiter && len(parts) < 3:
			parts = append(parts, "")
		default:
			*last += text[i : i+1]
		}
	}
	return parts
}

func parseReplacement(text string, groups int, variable func(string) (getter, error)) ([]replacement, error) {
	var with []replacement
	var plain strings.Builder
	end := func(r replacement) {
		r.text = plain.String()
		plain.Reset()
		with = append(with, r)
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			if d := int(text[i]) - '0'; d >= 0 && d <= 9 {
				if d > groups {
					return nil, fmt.Errorf("the replacement has \\%d: expected at most \\%d", d, groups)
				}
				end(replacement{group: d})
				continue
			}
			plain.WriteByte(text[i])
		case c == '$':
			_, n, err := parser.ScanVar(text[i:])
			if err != nil {
				return nil, fmt.Errorf("the replacement: %w", err)
			}
			get, err := variable(text[i : i+n])
			if err != nil {
				return nil, err
			}
			end(replacement{group: -1, get: get})
			i += n - 1
		case c == '\\':
			return nil, errors.New("the replacement ends in a backslash")
		default:
			plain.WriteByte(c)
		}
	}
	end(replacement{group: -1})
	return with, nil
}

// apply gives the value as it is if nothing matches.
func (sub *substitution) apply(s *Scope, v Value) Value {
	in, _ := v.AsText()
	if in == "" {
		return Value{}
	}
	limit := 1
	if sub.all {
		limit = -1
	}
	matches := sub.re.FindAllStringSubmatchIndex(in, limit)
	if matches == nil {
		return v
	}
	var out []byte
	at := 0
	for _, m := range matches {
		out = append(out, in[at:m[0]]...)
		for _, r := range sub.with {
			out = append(out, r.text...)
			switch {
			case r.get != nil:
				if text, ok := r.get(s).AsText(); ok {
					out = append(out, text...)
				}
			case r.group >= 0 && m[2*r.group] >= 0:
				out = append(out, in[m[2*r.group]:m[2*r.group+1]]...)
			}
			if len(out) > MaxText {
				return Value{}
			}
		}
		at = m[1]
	}
	return bounded(append(out, in[at:]...))
}
