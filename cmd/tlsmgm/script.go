package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/lint"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/report"
	"github.com/opensips-tools/tlsmgm/parser"
)

// script is a script to check, with the flags as its settings complete them.
type script struct {
	*checkCommand
	name  string
	stdin func() (string, error) // nil for a file
}

// scripts are those of the command line.
func (c *checkCommand) scripts(std streams) (scripts []*script, err error) {
	known := map[string]*settings{"": {}}
	var first string
	for i, name := range c.Files {
		made := &script{name: name}
		if name == stdinArgument {
			made.name = c.StdinName
			made.stdin = sync.OnceValues(func() (string, error) { return readAll(std.in) })
		}
		file, err := c.find(made.name)
		if err != nil {
			return nil, err
		}
		if known[file] == nil {
			if known[file], err = readSettings(file); err != nil {
				return nil, err
			}
		}
		made.checkCommand = c.with(known[file])
		if i == 0 {
			first = file
		}
		scripts = append(scripts, made)
		// One report has one version, and one severity that is too much.
		if made.OpenSIPS != scripts[0].OpenSIPS || made.MaxSeverity != scripts[0].MaxSeverity {
			return nil, wrongUsage("%s and %s have settings, %s and %s, with different opensips or max-severity: check them one by one, or give --opensips and --max-severity",
				scripts[0].name, made.name, orNoSettings(first), orNoSettings(file))
		}
	}
	return scripts, nil
}

func orNoSettings(file string) string {
	if file == "" {
		return "none"
	}
	return relativeName(file)
}

// check reads the script, whose files it opens in files, has it started, and has
// the rules look.
func (s *script) check(ctx context.Context, files parser.FS) report.File {
	x := newExpander(ctx, s, files)
	config, err := s.load(x)
	if err != nil {
		return report.File{Name: s.name, Err: err}
	}
	started, err := s.start(ctx, config)
	if err != nil {
		return report.File{Name: s.name, Err: err}
	}
	file := report.File{
		Name:        s.name,
		Diagnostics: slices.Concat(config.Diagnostics, started.Diagnostics),
		Sources:     config.File.Sources.All(),
		Read:        reading(config),
		Start:       report.Starting(started.Verdict),
	}
	if !s.NoLint {
		in := lint.Input{
			Config: config, Files: started.files, Loader: started.loader, ConfigDir: s.configDir(), Rows: started.rows,
		}
		options := s.lintFlags.options()
		addLint(&file, lint.Run(in, options))
		applyRemarks(&file, in, options, &s.rules)
	}
	x.restore(&file)
	return file
}

func (s *script) load(x *expander) (*cfg.Config, error) {
	options := cfg.Options{Version: s.OpenSIPS.Version, FS: x, ConfigDir: s.configDir()}
	if s.stdin == nil {
		return cfg.Load(s.name, options)
	}
	text, err := s.stdin()
	if err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	if text, err = x.expand(s.name, text); err != nil {
		return nil, err
	}
	return cfg.Parse(s.name, text, options)
}

// readAll reads standard input, but not without end.
func readAll(in io.Reader) (string, error) {
	var text strings.Builder
	n, err := io.Copy(&text, io.LimitReader(in, parser.MaxInput+1))
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return "", path.Err
	}
	if err != nil {
		return "", err
	}
	if n > parser.MaxInput {
		return "", fmt.Errorf("is larger than %d MB, the most that is read", parser.MaxInput>>20)
	}
	return text.String(), nil
}

func reading(config *cfg.Config) report.Reading {
	if config.Accepted() {
		return report.Accepted
	}
	return report.Rejected
}
