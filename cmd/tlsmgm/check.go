package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/lint"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/report"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// stdinArgument is the file name that stands for standard input.
const stdinArgument = "-"

type checkCommand struct {
	OpenSIPS scriptVersion `name:"opensips" placeholder:"VERSION" complete:"scripts" help:"OpenSIPS version that the scripts are for: ${versions}. The default is ${usual}."`
	outputFlags
	MaxSeverity tolerance `placeholder:"SEVERITY" complete:"severities" help:"Worst severity that still counts as success: none, notice, warning (the default) or error. All findings are shown whatever it is."`
	Color       string    `enum:"auto,always,never" default:"auto" placeholder:"WHEN" help:"Colour the text: auto (the default: on a terminal, unless NO_COLOR is set), always or never."`
	StdinName   string    `default:"<stdin>" placeholder:"NAME" complete:"file" help:"What to call standard input. With a path, includes are looked for beside it."`
	startFlags
	lintFlags
	settingsFlags
	baselineFlags
	Files []string `arg:"" name:"file" complete:"file" help:"Script to check, such as /etc/opensips/opensips.cfg; - is standard input."`
}

// Help is what --help says below the first line.
func (checkCommand) Help() string {
	return `Reads each script with all that it includes, says what "opensips -C" of that version would say and whether the server would start, and lists every error in one run. For the start it opens the certificates, keys and other files that the script names, and its tls_mgm table if that is an SQLite file. Nothing of OpenSIPS has to be installed.

Lint rules look for TLS settings with which a server starts but that are wrong, weak or about to break. They change nothing about what is said of the server.

Examples:

    tlsmgm check /etc/opensips/opensips.cfg
    tlsmgm check --max-severity notice site/*.cfg
    tlsmgm check --no-files opensips.cfg
    tlsmgm check --root image/ image/etc/opensips/opensips.cfg
    tlsmgm check --rules=-TLS303,-TLS120 --expiry 14 opensips.cfg
    tlsmgm check --format text,sarif=results.sarif opensips.cfg
    m4 opensips.m4 | tlsmgm check --stdin-name opensips.m4 -

Exit codes: 0 nothing worse than --max-severity, 1 something worse, 2 wrong usage, 3 a script could not be read, or a report not be written.`
}

// Validate refuses what no single flag can see.
func (c *checkCommand) Validate() error {
	i := slices.Index(c.Files, stdinArgument)
	if i >= 0 && slices.Contains(c.Files[i+1:], stdinArgument) {
		return errors.New("standard input can be read only once")
	}
	_, err := c.outputs()
	return err
}

// Run checks the scripts.
func (c *checkCommand) Run(std streams) error {
	outputs, err := c.open(c.Files)
	if err != nil {
		return err
	}
	scripts, err := c.scripts()
	if err != nil {
		return err
	}
	findings := report.Report{
		OpenSIPS: scripts[0].OpenSIPS.Version, Rules: ruleInfos(), Tolerated: scripts[0].MaxSeverity.worst,
		Version: releasedVersion(), Base: reportBase(),
	}
	for i, script := range scripts {
		file, err := script.check(context.Background(), c.Files[i], std.in)
		if err != nil {
			fmt.Fprintf(std.err, "tlsmgm: %v\n", err)
		}
		findings.Files = append(findings.Files, file)
	}
	if err := applyBaselines(&findings, scripts, std); err != nil {
		return err
	}
	switch {
	case findings.Unread() > 0:
		findings.ExitCode = exitUnreadable
	case findings.Exceeded():
		findings.ExitCode = exitFindings
	}
	if err := writeReports(outputs, &findings, c.Color, std); err != nil {
		return err
	}
	if findings.ExitCode != exitOK {
		return &failure{code: findings.ExitCode}
	}
	return nil
}

// scripts gives the flags for each script, completed by its settings.
func (c *checkCommand) scripts() (scripts []*checkCommand, err error) {
	known := map[string]*settings{"": {}}
	var first string
	for i, name := range c.Files {
		if name == stdinArgument {
			name = c.StdinName
		}
		file, err := c.find(name)
		if err != nil {
			return nil, err
		}
		if known[file] == nil {
			if known[file], err = readSettings(file); err != nil {
				return nil, err
			}
		}
		script := c.with(known[file])
		if i == 0 {
			first = file
		}
		// One report has one version, and one severity that is too much.
		if i > 0 && (script.OpenSIPS != scripts[0].OpenSIPS || script.MaxSeverity != scripts[0].MaxSeverity) {
			return nil, wrongUsage("%s and %s have settings, %s and %s, with different opensips or max-severity: check them one by one, or give --opensips and --max-severity",
				c.Files[0], c.Files[i], orNoSettings(first), orNoSettings(file))
		}
		scripts = append(scripts, script)
	}
	return scripts, nil
}

func orNoSettings(file string) string {
	if file == "" {
		return "none"
	}
	return relativeName(file)
}

// check reads one script. What comes with an error is a file that could not be
// read.
func (c *checkCommand) check(ctx context.Context, name string, in io.Reader) (report.File, error) {
	config, name, err := c.load(name, in)
	if err != nil {
		return report.File{Name: name, Err: err}, err
	}
	started, err := c.start(ctx, config)
	if err != nil {
		return report.File{Name: name, Err: err}, err
	}
	file := report.File{
		Name:        name,
		Diagnostics: slices.Concat(config.Diagnostics, started.Diagnostics),
		Sources:     config.File.Sources.All(),
		Read:        reading(config),
		Start:       report.Starting(started.Verdict),
	}
	if !c.NoLint {
		in := lint.Input{
			Config: config, Files: started.files, Loader: started.loader, ConfigDir: c.configDir(), Rows: started.rows,
		}
		options := c.lintFlags.options()
		addLint(&file, lint.Run(in, options))
		applyRemarks(&file, in, options, &c.rules)
	}
	return file, nil
}

func (c *checkCommand) load(argument string, in io.Reader) (config *cfg.Config, name string, err error) {
	options := cfg.Options{Version: c.OpenSIPS.Version, FS: parser.OS{}, ConfigDir: c.configDir()}
	if argument != stdinArgument {
		config, err = cfg.Load(argument, options)
		return config, argument, err
	}
	text, err := readAll(in)
	if err != nil {
		return nil, c.StdinName, fmt.Errorf("read standard input: %w", err)
	}
	config, err = cfg.Parse(c.StdinName, text, options)
	return config, c.StdinName, err
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

// useColor decides by --color, and for auto by NO_COLOR (see no-color.org) and
// by whether w is a terminal that knows colours.
func useColor(when string, w io.Writer) bool {
	if when != "auto" {
		return when == "always"
	}
	f, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}

// A tolerance is the worst severity that a run may meet and still succeed; for
// "none" it is one below the mildest.
type tolerance struct {
	worst diag.Severity
	given bool
}

// UnmarshalText reads "none" or the name of a severity.
func (t *tolerance) UnmarshalText(text []byte) error {
	t.given = true
	if string(text) == "none" {
		t.worst = diag.Notice + 1
		return nil
	}
	if err := t.worst.UnmarshalText(text); err != nil {
		return fmt.Errorf("expected none, notice, warning or error, found %q", text)
	}
	return nil
}

// A scriptVersion is a version of OpenSIPS whose scripts can be read.
type scriptVersion struct {
	catalogue.Version
}

// The versions between which scripts can be read. The catalogue knows others
// too.
const (
	oldestScript catalogue.Version = 2<<8 | 1
	newestScript catalogue.Version = 2<<8 | 4
)

// UnmarshalText reads a version such as "2.3".
func (v *scriptVersion) UnmarshalText(text []byte) error {
	version, err := catalogue.ParseVersion(string(text))
	if err != nil || version < oldestScript || version > newestScript {
		return fmt.Errorf("cannot read scripts of OpenSIPS %q: expected one of %s", text, scriptVersions())
	}
	v.Version = version
	return nil
}

// scriptVersions lists the versions whose scripts can be read.
func scriptVersions() string {
	var names []string
	for _, v := range catalogue.Versions() {
		if v >= oldestScript && v <= newestScript {
			names = append(names, v.String())
		}
	}
	return strings.Join(names, ", ")
}
