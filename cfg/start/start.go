// Package start judges whether a server would start with a script: what a real
// one does after reading it, when it opens certificates, keys and the database
// and looks at what the actions of the routes refer to.
package start

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Verdict is what a start comes to.
type Verdict string

// The verdicts.
const (
	Runs    Verdict = "runs"
	Stops   Verdict = "stops"
	Unknown Verdict = "unknown" // something was not looked at
)

// Options say what is looked at.
type Options struct {
	// Files opens certificates, keys and the like; nil leaves them alone, and
	// the verdict open.
	Files tlsctx.Files
	// ConfigDir is the directory that the server was built with, with a slash
	// at its end; empty is [cfg.DefaultConfigDir].
	ConfigDir string
	// Passphrase is for private keys that are encrypted.
	Passphrase []byte
	// Source opens the table of the script's db_url. It is not called for a
	// script without one. Nil leaves the database alone.
	Source func(c *cfg.Config) (mgm.Source, error)
	Now    func() time.Time // nil is time.Now
	// Loader reads the files of the domains, for those who look at them before or
	// after, see [mgm.Options]; nil makes one.
	Loader *tlsctx.Loader
}

// Result is what was found.
type Result struct {
	Verdict     Verdict
	Diagnostics diag.List // what reading did not find
	// Registry holds the TLS domains, nil where the server would not have any:
	// it stops, or tls_mgm is not loaded.
	Registry *mgm.Registry
}

// Check does what a start does. All problems are told, not only the first.
func Check(ctx context.Context, c *cfg.Config, o Options) Result {
	s := &starter{config: c, options: o, verdict: Runs}
	if !c.Accepted() || slices.ContainsFunc(c.Diagnostics, stopsStart) {
		s.verdict = Stops
	}
	s.actions()
	if c.Loaded("tls_mgm") != nil {
		s.tls(ctx)
	}
	s.diagnostics.SortByPosition()
	return Result{s.verdict, s.diagnostics, s.registry}
}

type starter struct {
	config      *cfg.Config
	options     Options
	verdict     Verdict
	diagnostics diag.List
	registry    *mgm.Registry
}

// report adds a finding; an error stops the start. On a script that the server
// does not accept it does not come so far, so that an error is a warning until
// those of reading are mended.
func (s *starter) report(d diag.Diagnostic) {
	if d.Severity == diag.Error {
		s.verdict = Stops
		if !s.config.Accepted() {
			d.Severity = diag.Warning
		}
	}
	s.diagnostics = append(s.diagnostics, d)
}

// unknown leaves the verdict open unless it is certain already.
func (s *starter) unknown() {
	if s.verdict == Runs {
		s.verdict = Unknown
	}
}

// tls builds the domains of the script and of the table.
func (s *starter) tls(ctx context.Context) {
	s.library()
	source := s.database()
	if s.options.Files == nil {
		s.unknown()
		return
	}
	registry, problems, err := mgm.NewRegistry(ctx, Script(s.config), mgm.Options{
		Version: s.config.Version, ConfigDir: s.configDir(), Files: s.options.Files,
		Passphrase: s.options.Passphrase, Source: source, Now: s.options.Now,
		Loader: s.options.Loader,
	})
	for _, p := range mergeDefaults(problems) {
		if !s.toldWhenRead(p) {
			s.domainProblem(p)
		}
	}
	if err != nil {
		s.report(diag.New(ruleDatabase, s.config.TLS.DB.URL.At, err.Error()))
	}
	if registry == nil {
		return
	}
	s.registry = registry
	report := registry.LastReport()
	for _, p := range report.Skipped {
		s.report(diag.New(ruleRowSkipped, s.config.TLS.DB.URL.At, "row is skipped: "+p.String()).WithHelp("%s", p.Help))
	}
	for _, p := range report.Warnings {
		s.report(diag.New(ruleRowSetting, s.config.TLS.DB.URL.At, p.String()).WithHelp("%s", p.Help))
	}
}

func (s *starter) configDir() string {
	if s.options.ConfigDir == "" {
		return cfg.DefaultConfigDir
	}
	return s.options.ConfigDir
}

// Script is what a script says of TLS domains, for a registry.
func Script(c *cfg.Config) mgm.Script {
	s := mgm.Script{
		Domains:          c.TLS.Domains,
		HandshakeTimeout: time.Duration(c.TLS.HandshakeTimeout.Value) * time.Millisecond,
		SendTimeout:      time.Duration(c.TLS.SendTimeout.Value) * time.Millisecond,
	}
	if c.HasDefaultDomains() {
		s.DefaultServer, s.DefaultClient = c.TLS.DefaultServer, c.TLS.DefaultClient
	}
	return s
}

// A sharedProblem is a problem of one domain, or of both default domains, which
// a parameter without a [domain] sets together.
type sharedProblem struct {
	mgm.DomainProblem
	both bool
}

// mergeDefaults tells once what is wrong with both default domains.
func mergeDefaults(problems []mgm.DomainProblem) []sharedProblem {
	type key struct{ param, rule, message string }
	first := map[key]int{}
	var merged []sharedProblem
	for _, p := range problems {
		k := key{p.Param, p.Rule, p.Message}
		if i, known := first[k]; known && p.Domain.Default {
			merged[i].both = true
			continue
		}
		if p.Domain.Default {
			first[k] = len(merged)
		}
		merged = append(merged, sharedProblem{DomainProblem: p})
	}
	return merged
}

func (p sharedProblem) domains() string {
	switch {
	case p.both:
		return "default client and server domain"
	case p.Domain.Default:
		return fmt.Sprintf("default %s domain", p.Domain.Kind)
	}
	return fmt.Sprintf("%s domain %q", p.Domain.Kind, p.Domain.Name)
}

// toldWhenRead reports whether reading told already that the start refuses a
// setting, and with better advice.
func (s *starter) toldWhenRead(p sharedProblem) bool {
	return p.Severity == diag.Error && slices.ContainsFunc(s.config.Diagnostics, func(d diag.Diagnostic) bool {
		return stopsStart(d) && d.Span == p.From.Span()
	})
}

// stopsStart reports whether the reader told what the start refuses.
func stopsStart(d diag.Diagnostic) bool { return d.Stage == diag.Start && d.Severity == diag.Error }

// domainProblem tells about a setting of a domain where it was set, else where
// the domain is defined.
func (s *starter) domainProblem(p sharedProblem) {
	at := p.From.Span()
	if !at.IsValid() {
		at = p.Domain.From.Span()
	}
	if !at.IsValid() {
		at = s.config.Loaded("tls_mgm").At
	}
	d := diag.Diagnostic{
		Span: at, Severity: p.Severity, Stage: diag.Start, Rule: p.Rule,
		Message: fmt.Sprintf("%s: %s", p.domains(), p.Message), Help: p.Help,
	}
	if p.From.IsDefault() && d.Help == "" {
		d.Help = fmt.Sprintf("%s is not set for it, so that the built-in default is used", p.Param)
	}
	if at != p.Domain.From.Span() {
		d = d.WithRelated(p.Domain.From.Span(), "the domain is defined here")
	}
	s.report(d)
}
