package manpage_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/manpage"
)

type serve struct {
	File  string   `short:"f" placeholder:"FILE" help:"Script to serve."`
	Watch bool     `help:"Watch the files."`
	Names []string `arg:"" optional:"" help:"Names, \\fBbold\\fR or not."`
}

func (serve) Help() string {
	return "Serves.\nOn and on.\n\nExamples:\n\n    prog serve -f x.cfg\n    .hidden 'y'"
}

const want = `.TH "PROG" 1 "2026-11-28" "prog v1" "User Commands"
.SH "NAME"
prog \- does things
.SH "SYNOPSIS"
.B "prog"
.I "command"
[...]
.SH "DESCRIPTION"
.SH "COMMANDS"
.SS "serve [<names> ...] [flags]"
Serve it.
.PP
Serves. On and on.
.PP
Examples:
.PP
.nf
    prog serve \-f x.cfg
    .hidden 'y'
.fi
.TP
.B "[<names> ...]"
Names, \efBbold\efR or not.
.TP
.B "\-f, \-\-file=FILE"
Script to serve.
.TP
.B "\-\-watch"
Watch the files.
`

func TestWrite(t *testing.T) {
	var grammar struct {
		Serve serve `cmd:"" help:"Serve it."`
	}
	app, err := kong.New(&grammar, kong.Name("prog"), kong.Description("does things."))
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := manpage.Write(&page, app.Model, "v1", "2026-11-28"); err != nil {
		t.Fatal(err)
	}
	if got := page.String(); strings.ReplaceAll(got, "…", "...") != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	lint(t, page.Bytes())
}

// lint has mandoc read a page, where it is installed.
func lint(t *testing.T, page []byte) {
	t.Helper()
	if _, err := exec.LookPath("mandoc"); err != nil {
		return
	}
	c := exec.Command("mandoc", "-T", "lint", "-W", "warning")
	c.Stdin = bytes.NewReader(page)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("mandoc: %v\n%s", err, out)
	}
}
