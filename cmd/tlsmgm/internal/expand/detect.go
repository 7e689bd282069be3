package expand

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// The rules about templates.
var (
	ruleTemplate = &diag.Rule{
		ID: "template", Stage: diag.Read, Severity: diag.Error,
		Doc: "A script has placeholders of m4, Jinja, ERB or others, which the server does not know. What is made of the template can be checked.",
	}
	rulePositions = &diag.Rule{
		ID: "template-positions", Stage: diag.Lint, Severity: diag.Notice,
		Doc: "What a preprocessor makes of a script does not say which line comes from where, so that findings have the places of the result.",
	}
)

// Rules lists the rules about templates.
func Rules() []*diag.Rule { return []*diag.Rule{ruleTemplate, rulePositions} }

// kinds are the languages of templates, by what they look like. None of it can
// stand where the parser finds an error in a script that is none.
var kinds = []struct {
	name  string
	looks *regexp.Regexp
	help  string
}{
	{"a Jinja template", regexp.MustCompile(`\{\{-?[ \t]*[A-Za-z_"'(][^\n]*?\}\}|\{%[-+]?[ \t]*[a-z][^\n]*?%\}|\{#[^\n]*?#\}`), helpDefine},
	{"an ERB template", regexp.MustCompile(`<%[-=#]?[^\n]*?%>`), helpOutput},
	{"an m4 template", regexp.MustCompile(`^[ \t]*(?:dnl\b[^\n]*|(?:define|undefine|divert|undivert|changequote|changecom|ifdef|ifelse|pushdef|popdef|s?include|m4_\w+)\()`), helpM4},
	{"a template", regexp.MustCompile(`\$\{[A-Za-z_][^}\n]*\}|@[A-Za-z_][\w.-]*@|%%[A-Za-z_]\w*%%`), helpDefine},
}

const (
	helpOutput = "check what is made of it: COMMAND | tlsmgm check --stdin-name FILE -, or --preprocess COMMAND"
	helpM4     = "check what m4 makes of it: --preprocess 'm4 -s'"
	helpDefine = "give the values: --define NAME=VALUE, or check what is made of it: --preprocess COMMAND"
)

// Detect looks for syntax errors that come from placeholders, and tells about the
// template in their place. With one such line the other findings stay; with
// several, most of what is told of a script comes of the template, so that left is
// the one.
func Detect(sources []*parser.Source, findings diag.List) (left diag.List, found bool) {
	if !slices.ContainsFunc(findings, isSyntax) {
		return findings, false
	}
	var at []diag.Span // the placeholders, a line each
	var kind int
	errors, syntax, theirs := 0, 0, map[int]bool{}
	for i, d := range findings {
		if d.Stage != diag.Read || !d.Span.IsValid() {
			continue
		}
		span, k := placeholderAt(sources, d.Span)
		if isSyntax(d) {
			errors++
		}
		if k < 0 {
			continue
		}
		theirs[i] = true
		if at == nil {
			kind = k
		}
		if isSyntax(d) {
			syntax++
		}
		if !slices.Contains(at, span) {
			at = append(at, span)
		}
	}
	if syntax == 0 || syntax*2 < errors {
		return findings, false
	}
	if len(at) == 1 {
		for i, d := range findings {
			if !theirs[i] {
				left = append(left, d)
			}
		}
		return append(diag.List{notice(kind, at, 0)}, left...), true
	}
	return diag.List{notice(kind, at, len(findings)-len(theirs))}, true
}

// shown is how many places of placeholders are told.
const shown = 3

func notice(kind int, at []diag.Span, others int) diag.Diagnostic {
	message := fmt.Sprintf("looks like %s, which the server does not know", kinds[kind].name)
	if others == 1 {
		message += "; 1 finding is left out"
	} else if others > 1 {
		message += fmt.Sprintf("; %d findings are left out", others)
	}
	d := diag.New(ruleTemplate, at[0], message)
	d.Help = kinds[kind].help
	for i, span := range at[1:] {
		if i == shown {
			break
		}
		d = d.WithRelated(span, "another placeholder")
	}
	return d
}

func isSyntax(d diag.Diagnostic) bool {
	return d.Severity == diag.Error && slices.ContainsFunc(parser.Rules(), func(r *diag.Rule) bool { return r.ID == d.Rule })
}

// placeholderAt is the placeholder in the line of an error; the kind is -1 if there
// is none.
func placeholderAt(sources []*parser.Source, at diag.Span) (span diag.Span, kind int) {
	i := slices.IndexFunc(sources, func(s *parser.Source) bool { return s.Name == at.Start.File })
	if i < 0 {
		return span, -1
	}
	line, offset := sources[i].Line(at.Start.Line), at.Start.Offset-(at.Start.Column-1)
	for k := range kinds {
		if m := kinds[k].looks.FindStringIndex(line); m != nil {
			place := func(in int) diag.Position {
				return diag.Position{File: at.Start.File, Offset: offset + in, Line: at.Start.Line, Column: in + 1}
			}
			return diag.Span{Start: place(m[0]), End: place(m[1])}, k
		}
	}
	return span, -1
}

// WithoutPositions tells that the places of findings are those of what a command
// made of a template.
func WithoutPositions(file, command string) diag.Diagnostic {
	start := diag.Position{File: file, Line: 1, Column: 1}
	return diag.New(rulePositions, diag.Span{Start: start, End: start},
		fmt.Sprintf("findings have the places of what %s makes of this file", diag.Quote(command))).
		WithHelp("have it write #line, as m4 -s does")
}
