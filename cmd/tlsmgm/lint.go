package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg/lint"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/report"
)

// lintFlags say what the lint rules look at.
type lintFlags struct {
	NoLint  bool        `help:"Leave the lint rules out: tell only what the server would."`
	Rules   ruleChoice  `placeholder:"RULES" complete:"rules" help:"Lint rules that look, as IDs, names or beginnings of IDs: TLS1,-TLS117 are those of a group but for one; --rules=-TLS303 leaves one out. tlsmgm rules lists them."`
	Expiry  wholeDays   `placeholder:"DAYS" help:"Tell about certificates that end within so many days. The default is 30."`
	Profile profileName `placeholder:"NAME" complete:"profiles" help:"Hold the domains against a guideline: ${profiles}."`
	Name    []string    `sep:"none" placeholder:"HOST" help:"Host name or address that the server answers for, beside those of the script. Can be repeated."`

	rules ruleSettings // of the settings
}

// options are those of a run of the rules.
func (f *lintFlags) options() lint.Options {
	return lint.Options{
		Rules: f.Rules.Of(f.rules.on()), Severities: f.rules.severities,
		Expiry: f.Expiry.duration(), Profile: f.Profile.Profile, Names: f.Name,
	}
}

// ruleChoice is --rules.
type ruleChoice struct {
	lint.Choice
}

// UnmarshalText reads what lint.ParseChoice does.
func (c *ruleChoice) UnmarshalText(text []byte) (err error) {
	c.Choice, err = lint.ParseChoice(string(text))
	return err
}

// wholeDays is a number of days; 0 was not given.
type wholeDays int

// maxDays is longer than any certificate is valid, and fits a time.Duration.
const maxDays = 36500

// UnmarshalText reads a number of days such as "14", or "14d".
func (d *wholeDays) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(strings.TrimSuffix(string(text), "d"))
	if err != nil || n < 1 || n > maxDays {
		return fmt.Errorf("expected a number of days from 1 to %d, found %q", maxDays, text)
	}
	*d = wholeDays(n)
	return nil
}

func (d wholeDays) duration() time.Duration { return time.Duration(d) * 24 * time.Hour }

// profileName is a profile by its name; the zero value has none.
type profileName struct {
	*lint.Profile
}

// UnmarshalText reads the name.
func (p *profileName) UnmarshalText(text []byte) error {
	if p.Profile = lint.LookupProfile(string(text)); p.Profile == nil {
		return fmt.Errorf("unknown profile %q: expected %s", text, profileList())
	}
	return nil
}

func profileNames() (names []string) {
	for _, p := range lint.Profiles() {
		names = append(names, p.Name)
	}
	return names
}

func profileList() string {
	names := profileNames()
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// ruleNames are the lint rules for the completion of --rules.
func ruleNames() (names []string) {
	for _, r := range lint.Rules() {
		names = append(names, r.ID)
	}
	return names
}

// addLint puts the findings of the rules behind those of the server.
func addLint(file *report.File, findings []lint.Finding) {
	for i := range findings {
		if fix := findings[i].Fix; fix != nil {
			if file.Fixes == nil {
				file.Fixes = map[int][]report.Fix{}
			}
			file.Fixes[len(file.Diagnostics)] = []report.Fix{reportFix(fix)}
		}
		file.Diagnostics = append(file.Diagnostics, findings[i].Diagnostic)
	}
}

func reportFix(fix *lint.Fix) report.Fix {
	made := report.Fix{Message: fix.Title, Safe: fix.Safe}
	for _, e := range fix.Edits {
		made.Edits = append(made.Edits, report.Edit{Span: e.Span, Text: e.New})
	}
	return made
}
