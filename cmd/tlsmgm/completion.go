package main

import (
	"strings"

	"github.com/alecthomas/kong"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/completion"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/report"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"Shell to complete in: bash, zsh or fish."`
}

// Help is what --help says below the first line.
func (completionCommand) Help() string {
	return `Prints a script that lets the shell complete commands, flags and their values.

Examples:

    source <(tlsmgm completion bash)
    tlsmgm completion zsh > "${fpath[1]}/_tlsmgm"
    tlsmgm completion fish > ~/.config/fish/completions/tlsmgm.fish`
}

// Run prints the script.
func (c *completionCommand) Run(std streams, app *kong.Kong) error {
	return completion.Write(std.out, c.Shell, app.Model, map[string][]string{
		"scripts":    strings.Split(scriptVersions(), ", "),
		"live":       strings.Split(liveVersions(), ", "),
		"versions":   strings.Split(knownVersions(), ", "),
		"formats":    report.FormatNames(),
		"severities": {"none", "notice", "warning", "error"},
		"rules":      ruleNames(),
		"all-rules":  allRuleNames(),
		"profiles":   profileNames(),
		"modules":    catalogue.For(catalogue.Default).Modules(),
	})
}
