package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/expand"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/report"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/yamlfile"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// templateFlags say how scripts are made of templates.
type templateFlags struct {
	Define     definitions `placeholder:"NAME=VALUE" help:"Put VALUE in the place of $${NAME}, @NAME@ and {{ NAME }} in the script and what it includes. Can be repeated."`
	Preprocess string      `placeholder:"COMMAND" help:"Check what COMMAND makes of the script, which it gets on standard input, such as 'm4 -s'. Its #line remarks tell the places of findings."`
}

// definitions are the values of names.
type definitions map[string]string

var definedName = regexp.MustCompile(`^[A-Za-z_][\w.-]*$`)

// UnmarshalText reads NAME=VALUE, once for each flag.
func (d *definitions) UnmarshalText(text []byte) error {
	name, value, ok := strings.Cut(string(text), "=")
	if !ok {
		return fmt.Errorf("expected NAME=VALUE, found %q", text)
	}
	return d.add(name, value)
}

// add defines a name.
func (d *definitions) add(name, value string) error {
	switch {
	case !definedName.MatchString(name):
		return &yamlfile.KeyError{Err: fmt.Errorf("expected a name of letters, digits, _, . and -, found %q", name)}
	case strings.Contains(value, "\n"):
		return errors.New("the value has a newline, and lines are to stay as they are")
	}
	if *d == nil {
		*d = definitions{}
	}
	(*d)[name] = value
	return nil
}

// over gives the definitions with others below them.
func (d definitions) over(others definitions) definitions {
	if len(others) == 0 {
		return d
	}
	made := maps.Clone(others)
	maps.Copy(made, d)
	return made
}

// expander is the files of a script as it is made of templates.
type expander struct {
	parser.FS
	ctx      context.Context
	s        *script
	made     map[string][]expand.Mapping // the last first
	sources  map[string]string           // the templates
	unmapped bool                        // the script was made without a mapping
}

func newExpander(ctx context.Context, s *script, files parser.FS) *expander {
	return &expander{FS: files, ctx: ctx, s: s, made: map[string][]expand.Mapping{}, sources: map[string]string{}}
}

// Open gives what is made of a file.
func (x *expander) Open(name string) (fs.File, error) {
	if x.s.Define == nil && x.s.Preprocess == "" {
		return x.FS.Open(name)
	}
	text, err := parser.ReadFile(x.FS, name, parser.MaxInput)
	if err != nil {
		return nil, err
	}
	if text, err = x.expand(name, text); err != nil {
		return nil, err
	}
	return newTextFile(name, text), nil
}

// expand makes a script, or a file that it includes, of a template.
func (x *expander) expand(name, template string) (string, error) {
	text := template
	if x.s.Preprocess != "" && name == x.s.name {
		var err error
		if text, err = preprocess(x.ctx, x.s.Preprocess, template); err != nil {
			return "", fmt.Errorf("preprocess %s with %q: %w", name, x.s.Preprocess, err)
		}
		mapping := expand.Markers(name, template, text, func(name string) (string, bool) {
			text, err := parser.ReadFile(x.FS, name, parser.MaxInput)
			return text, err == nil
		})
		if mapping != nil {
			x.made[name] = []expand.Mapping{mapping}
		}
		x.unmapped = mapping == nil && text != template
	}
	text, mapping := expand.Define(text, x.s.Define)
	if mapping != nil {
		x.made[name] = append([]expand.Mapping{mapping}, x.made[name]...)
	}
	x.sources[name] = template
	return text, nil
}

// preprocessTimeout is how long a preprocessor may take.
const preprocessTimeout = time.Minute

// preprocess has a shell command make a script of a template.
func preprocess(ctx context.Context, command, template string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, preprocessTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", command) //nolint:gosec // it is the user's
	cmd.WaitDelay = time.Second
	cmd.Stdin = strings.NewReader(template)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &limited{buffer: &out}, &limited{buffer: &errOut}
	err := cmd.Run()
	if ctx.Err() != nil {
		err = fmt.Errorf("took longer than %v", preprocessTimeout)
	}
	if err != nil {
		said, _, _ := strings.Cut(strings.TrimSpace(errOut.String()), "\n")
		if said != "" {
			err = fmt.Errorf("%w: %s", err, report.Clean(said))
		}
		return "", err
	}
	return out.String(), nil
}

// limited takes as much as a script may have.
type limited struct{ buffer *bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if l.buffer.Len()+len(p) > parser.MaxInput {
		return 0, errors.New("more than a script may have")
	}
	return l.buffer.Write(p)
}

// restore puts the findings where they are in the templates, whose texts replace
// what was made of them. Fixes are for what was made, and dropped.
func (x *expander) restore(file *report.File) {
	if len(x.made) > 0 {
		for i := range file.Diagnostics {
			d := &file.Diagnostics[i]
			d.Span = x.original(d.Span)
			d.Related = slices.Clone(d.Related)
			for j := range d.Related {
				d.Related[j].Span = x.original(d.Related[j].Span)
			}
		}
		var sources []*parser.Source
		for _, source := range file.Sources {
			if x.made[source.Name] != nil {
				source = &parser.Source{Name: source.Name, Text: x.sources[source.Name], IncludedAt: source.IncludedAt}
			}
			sources = append(sources, source)
		}
		for _, mappings := range x.made {
			for _, m := range mappings {
				for name, text := range expand.Texts(m) {
					sources = append(sources, &parser.Source{Name: name, Text: text})
				}
			}
		}
		file.Sources, file.Fixes = sources, nil
	}
	if x.unmapped {
		file.Fixes = nil
		if len(file.Diagnostics) > 0 {
			file.Diagnostics = append(file.Diagnostics, expand.WithoutPositions(file.Name, x.s.Preprocess))
		}
	}
	if left, found := expand.Detect(file.Sources, file.Diagnostics); found {
		file.Diagnostics, file.Fixes = left, nil
	}
}

func (x *expander) original(span diag.Span) diag.Span {
	if !span.IsValid() {
		return span
	}
	for _, m := range x.made[span.Start.File] {
		span, _ = m.Span(span)
	}
	return span
}
