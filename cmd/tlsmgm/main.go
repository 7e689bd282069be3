// Command tlsmgm is for the TLS configuration of OpenSIPS: it checks scripts as
// the server of a version reads them, serves the management interface for their
// TLS domains, and tells what each version offers.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
)

// The exit codes.
const (
	exitOK         = 0
	exitFindings   = 1 // the findings are worse than allowed
	exitUsage      = 2 // the command line is wrong
	exitUnreadable = 3 // an input could not be read, or the output not written
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// commandLine is what kong reads the arguments into: a field a subcommand, each
// in the file of its name.
type commandLine struct {
	Check      checkCommand      `cmd:"" help:"Check scripts as the server reads them."`
	Explain    explainCommand    `cmd:"" help:"Explain a rule of check."`
	Rules      rulesCommand      `cmd:"" help:"List the rules of check."`
	Serve      serveCommand      `cmd:"" help:"Serve the management interface for the TLS domains of a script."`
	Trace      traceCommand      `cmd:"" help:"Run a request through the route of a script, and show each step."`
	Connect    connectCommand    `cmd:"" help:"Connect to a server with the client domain of a script, and show the TLS variables."`
	MI         miCommand         `cmd:"" name:"mi" help:"Call a command of a management interface."`
	DB         dbCommand         `cmd:"" name:"db" help:"Make, fill and show the tls_mgm table of a database."`
	Params     paramsCommand     `cmd:"" help:"List the parameters of a module."`
	Version    versionCommand    `cmd:"" help:"Tell which tlsmgm this is, and which versions of OpenSIPS it knows."`
	Completion completionCommand `cmd:"" help:"Print a completion script for a shell."`
	Man        manCommand        `cmd:"" help:"Print the manual page."`
}

// Help is what --help says below the first line.
func (commandLine) Help() string {
	return `Examples:

    tlsmgm check /etc/opensips/opensips.cfg
    tlsmgm check --opensips 2.4 --format json opensips.cfg
    tlsmgm explain TLS303
    tlsmgm serve -f /etc/opensips/opensips.cfg
    tlsmgm trace -f opensips.cfg --request invite.sip
    tlsmgm connect tls:sip.example.com:5061 -f opensips.cfg
    tlsmgm mi tls_list
    tlsmgm params tls_mgm

Exit codes: 0 no error, 1 errors found, 2 wrong usage, 3 input could not be read.`
}

// streams are what a command reads from and writes to.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// A failure ends the program with a code; one without an error has been told
// already.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string {
	if f.err == nil {
		return fmt.Sprintf("exit code %d", f.code)
	}
	return f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

// wrongUsage makes the failure of a command line that asks for what cannot be.
func wrongUsage(format string, args ...any) error {
	return &failure{exitUsage, fmt.Errorf(format, args...)}
}

// exited is what kong's way out of a parse is turned into: it prints help and
// expects the program to end.
type exited int

// run is the program: it returns the exit code.
func run(args []string, in io.Reader, out, errOut io.Writer) (code int) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case exited:
			code = int(r)
		default:
			panic(r)
		}
	}()
	app, err := newParser(&commandLine{}, out, errOut)
	if err != nil {
		return fail(errOut, err)
	}
	command, err := app.Parse(args)
	if err != nil {
		code := fail(errOut, &failure{exitUsage, err})
		fmt.Fprintln(errOut, usageHint(err))
		return code
	}
	if err := command.Run(streams{in, out, errOut}); err != nil {
		return fail(errOut, err)
	}
	return exitOK
}

func newParser(grammar *commandLine, out, errOut io.Writer) (*kong.Kong, error) {
	return kong.New(grammar,
		kong.Name("tlsmgm"),
		kong.Description("TLS configuration of OpenSIPS: check and serve it, without a server."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, WrapUpperBound: 100}),
		kong.Writers(out, errOut),
		kong.Exit(func(code int) { panic(exited(code)) }),
		kong.Vars{
			"versions": scriptVersions(), "live": liveVersions(), "known": knownVersions(), "usual": catalogue.Default.String(),
			"formats": formatList(), "profiles": profileList(),
		},
	)
}

// fail tells of an error and gives its exit code.
func fail(errOut io.Writer, err error) int {
	f, ok := errors.AsType[*failure](err)
	if !ok {
		f = &failure{exitUnreadable, err}
	}
	if f.err != nil {
		fmt.Fprintf(errOut, "tlsmgm: %v\n", f.err)
	}
	return f.code
}

// usageHint names the help of the command that was called wrongly.
func usageHint(err error) string {
	help := "tlsmgm --help"
	if parse, ok := errors.AsType[*kong.ParseError](err); ok && parse.Context != nil {
		if command := parse.Context.Selected(); command != nil {
			help = command.FullPath() + " --help"
		}
	}
	return fmt.Sprintf("Run %q for the usage.", help)
}
