package main

import (
	"os"
	"strconv"
	"time"

	"github.com/alecthomas/kong"

	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/manpage"
)

type manCommand struct{}

// Help is what --help says below the first line.
func (manCommand) Help() string {
	return `Prints the manual page in the macros of man(7). Its date is today, or that of SOURCE_DATE_EPOCH, in seconds since 1970, for builds that are to give the same files each time.

Examples:

    tlsmgm man | man -l -
    tlsmgm man > /usr/local/share/man/man1/tlsmgm.1`
}

// Run prints the page.
func (manCommand) Run(std streams, app *kong.Kong) error {
	date, err := buildTime()
	if err != nil {
		return err
	}
	return manpage.Write(std.out, app.Model, buildVersion(), date.UTC().Format(time.DateOnly))
}

// buildTime is when what is made from the sources is said to be made.
func buildTime() (time.Time, error) {
	const variable = "SOURCE_DATE_EPOCH"
	text := os.Getenv(variable)
	if text == "" {
		return time.Now(), nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, wrongUsage("%s: expected seconds since 1970, found %q", variable, text)
	}
	return time.Unix(seconds, 0), nil
}
