package main

import (
	"time"

	"github.com/alecthomas/kong"

	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/manpage"
)

type manCommand struct{}

// Help is what --help says below the first line.
func (manCommand) Help() string {
	return `Prints the manual page in the macros of man(7).

Examples:

    tlsmgm man | man -l -
    tlsmgm man > /usr/local/share/man/man1/tlsmgm.1`
}

// Run prints the page.
func (manCommand) Run(std streams, app *kong.Kong) error {
	return manpage.Write(std.out, app.Model, buildVersion(), time.Now().UTC().Format(time.DateOnly))
}
