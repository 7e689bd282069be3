package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"golang.org/x/term"

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
	fixFlags
	templateFlags
	Files []string `arg:"" name:"file" complete:"file" help:"Script to check, such as /etc/opensips/opensips.cfg; - is standard input."`
}

// Help is what --help says below the first line.
func (checkCommand) Help() string {
	return `Reads each script with all that it includes, says what "opensips -C" of that version would say and whether the server would start, and lists every error in one run. For the start it opens the certificates, keys and other files that the script names, and its tls_mgm table if that is an SQLite file; --db has it connect to a database server. Nothing of OpenSIPS has to be installed.

Lint rules look for TLS settings with which a server starts but that are wrong, weak or about to break. They change nothing about what is said of the server.

Examples:

    tlsmgm check /etc/opensips/opensips.cfg
    tlsmgm check --max-severity notice site/*.cfg
    tlsmgm check --no-files opensips.cfg
    tlsmgm check --root image/ image/etc/opensips/opensips.cfg
    tlsmgm check --rules=-TLS303,-TLS120 --expiry 14 opensips.cfg
    tlsmgm check --format text,sarif=results.sarif opensips.cfg
    tlsmgm check --preprocess 'm4 -s' opensips.m4

Exit codes: 0 nothing worse than --max-severity, 1 something worse, 2 wrong usage, 3 a script could not be read, or a report not be written.`
}

// Validate refuses what no single flag can see.
func (c *checkCommand) Validate() error {
	i := slices.Index(c.Files, stdinArgument)
	if i >= 0 && slices.Contains(c.Files[i+1:], stdinArgument) {
		return errors.New("standard input can be read only once")
	}
	if c.DB && c.NoFiles {
		return errors.New("--db reads a database, and --no-files leaves it alone")
	}
	if c.DryRun && !c.Fix {
		return errors.New("--dry-run shows what --fix would do, which is not given")
	}
	if c.Fix && c.WriteBaseline {
		return errors.New("--fix and --write-baseline are for one run each")
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
	scripts, err := c.scripts(std)
	if err != nil {
		return err
	}
	ctx := context.Background()
	findings, err := c.checkAll(ctx, scripts, parser.OS{}, std)
	if err != nil {
		return err
	}
	if c.Fix {
		changes, err := c.fix(ctx, scripts, findings, std)
		if err != nil {
			return err
		}
		if c.DryRun {
			return showChanges(changes, std)
		}
		if len(changes) > 0 {
			if findings, err = c.checkAll(ctx, scripts, parser.OS{}, std); err != nil {
				return err
			}
		}
	}
	if err := writeReports(outputs, findings, c.Color, std); err != nil {
		return err
	}
	if findings.ExitCode != exitOK {
		return &failure{code: findings.ExitCode}
	}
	return nil
}

// checkAll checks the scripts, whose files it opens in files, and makes the report.
func (c *checkCommand) checkAll(ctx context.Context, scripts []*script, files parser.FS, std streams) (*report.Report, error) {
	findings := &report.Report{
		OpenSIPS: scripts[0].OpenSIPS.Version, Rules: ruleInfos(), Tolerated: scripts[0].MaxSeverity.worst,
		Version: releasedVersion(), Base: reportBase(),
	}
	for _, s := range scripts {
		file := s.check(ctx, files)
		if file.Err != nil {
			fmt.Fprintf(std.err, "tlsmgm: %v\n", file.Err)
		}
		findings.Files = append(findings.Files, file)
	}
	dropUsedElsewhere(findings.Files)
	if err := applyBaselines(findings, scripts, std); err != nil {
		return nil, err
	}
	switch {
	case findings.Unread() > 0:
		findings.ExitCode = exitUnreadable
	case findings.Exceeded():
		findings.ExitCode = exitFindings
	}
	return findings, nil
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
