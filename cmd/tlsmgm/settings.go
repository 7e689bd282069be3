package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/lint"
	"github.com/opensips-tools/tlsmgm/cfg/lint/ignore"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/rewrite"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/yamlfile"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// settingsName is the file that is looked for beside a script and above it.
const settingsName = ".tlsmgm.yaml"

// settingsFlags say where the settings of a project are.
type settingsFlags struct {
	Config   string `placeholder:"FILE" complete:"file" xor:"config" help:"File with settings. Without it, .tlsmgm.yaml is looked for in the directory of the script and those above it, up to the root of the repository."`
	NoConfig bool   `xor:"config" help:"Look for no file with settings."`
}

// settings are those of a project. The zero value sets nothing.
type settings struct {
	file        string // empty if there is none
	opensips    scriptVersion
	root        string
	cfgDir      string
	paths       pathMap
	names       []string
	expiry      wholeDays
	profile     profileName
	maxSeverity tolerance
	baseline    string
	define      definitions
	rules       ruleSettings
}

// ruleSettings turn rules on and off and change their severities, one after the
// other.
type ruleSettings struct {
	off        map[string]bool
	severities map[string]diag.Severity
}

// find gives the file with the settings of a script; empty if there is none.
func (f *settingsFlags) find(script string) (string, error) {
	if f.NoConfig || f.Config != "" {
		return f.Config, nil
	}
	dir, err := filepath.Abs(filepath.Dir(script))
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		candidate := filepath.Join(dir, settingsName)
		switch _, err := os.Stat(candidate); {
		case err == nil:
			return candidate, nil
		case !errors.Is(err, fs.ErrNotExist):
			return "", fmt.Errorf("look for settings: %w", err)
		}
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil || dir == filepath.Dir(dir) {
			return "", nil
		}
	}
}

// maxSettings is more than any file with settings has, in bytes.
const maxSettings = 1 << 20

// readSettings reads a file with settings.
func readSettings(file string) (*settings, error) {
	name := relativeName(file)
	text, err := parser.ReadFile(parser.OS{}, file, maxSettings)
	if err != nil {
		return nil, fmt.Errorf("read settings %s: %w", name, rewrite.Plain(err))
	}
	s := &settings{file: name}
	if err := yamlfile.Decode(name, []byte(text), s.fields()); err != nil {
		return nil, &failure{exitUsage, err}
	}
	// Paths are those from the file, so that it does not matter where it is used.
	places := []*string{&s.root, &s.baseline}
	for i := range s.paths {
		places = append(places, &s.paths[i].to)
	}
	for _, place := range places {
		if *place != "" && !filepath.IsAbs(*place) {
			*place = filepath.Join(filepath.Dir(name), *place)
		}
	}
	return s, nil
}

// relativeName is how a file is called in messages: from the working directory,
// unless that is longer.
func relativeName(file string) string {
	dir, err := os.Getwd()
	if err != nil || !filepath.IsAbs(file) {
		return file
	}
	if relative, err := filepath.Rel(dir, file); err == nil && len(relative) < len(file) {
		return relative
	}
	return file
}

func (s *settings) fields() []yamlfile.Field {
	return []yamlfile.Field{
		{Key: "opensips", Into: &s.opensips},
		{Key: "root", Into: &s.root},
		{Key: "cfg-dir", Into: &s.cfgDir},
		{Key: "map", Into: yamlfile.Entries(s.paths.add)},
		{Key: "names", Into: &s.names},
		{Key: "expiry", Into: &s.expiry},
		{Key: "profile", Into: &s.profile},
		{Key: "max-severity", Into: &s.maxSeverity},
		{Key: "baseline", Into: &s.baseline},
		{Key: "define", Into: yamlfile.Entries(s.define.add)},
		{Key: "rules", Into: yamlfile.Entries(s.rules.set)},
	}
}

// set reads RULE: on, off, error, warning or notice.
func (s *ruleSettings) set(pattern, value string) error {
	ids, err := idsThatChange(pattern)
	if err != nil {
		return &yamlfile.KeyError{Err: err}
	}
	if s.off == nil {
		s.off, s.severities = map[string]bool{}, map[string]diag.Severity{}
	}
	severity := diag.Notice
	if value != "on" && value != "off" {
		if err := severity.UnmarshalText([]byte(value)); err != nil {
			return fmt.Errorf("expected on, off, error, warning or notice, found %q", value)
		}
	}
	for _, id := range ids {
		s.off[id] = value == "off"
		if value != "on" && value != "off" {
			s.severities[id] = severity
		}
	}
	return nil
}

// idsThatChange are the rules of a pattern, if a project may change what they do.
func idsThatChange(pattern string) (ids []string, err error) {
	byID := func(r *diag.Rule) bool { return r.ID == pattern }
	if slices.ContainsFunc(ignore.Rules(), byID) {
		return []string{pattern}, nil
	}
	if slices.ContainsFunc(serverRules(), byID) {
		return nil, fmt.Errorf("rule %q is about what the server does, and stays as it is", pattern)
	}
	rules, err := lint.Matching(pattern)
	if err != nil {
		if advice := didYouMean(pattern); advice != "" {
			err = fmt.Errorf("%w: %s", err, advice)
		}
		return nil, err
	}
	for _, r := range rules {
		ids = append(ids, r.ID)
	}
	return ids, nil
}

// on are the lint rules that are not off.
func (s *ruleSettings) on() []*lint.Rule {
	return slices.DeleteFunc(lint.Rules(), func(r *lint.Rule) bool { return s.off[r.ID] })
}

// apply changes what is told about remarks, as lint.Run does for its rules.
func (s *ruleSettings) apply(list diag.List) diag.List {
	var left diag.List
	for _, d := range list {
		if s.off[d.Rule] {
			continue
		}
		if severity, changed := s.severities[d.Rule]; changed {
			d.Severity = severity
		}
		left = append(left, d)
	}
	return left
}

// pathMap says where files are that a script expects elsewhere.
type pathMap []pathMapping

type pathMapping struct {
	from string // absolute and clean
	to   string
}

// add reads FROM: TO.
func (m *pathMap) add(from, to string) error {
	if !path.IsAbs(from) {
		return &yamlfile.KeyError{Err: fmt.Errorf("expected an absolute path, as scripts have, found %q", from)}
	}
	*m = append(*m, pathMapping{path.Clean(from), to})
	return nil
}

// lookup gives the place of a file, by the longest path that it is below.
func (m pathMap) lookup(name string) (place string, ok bool) {
	name = path.Clean(name)
	var best pathMapping
	for _, mapping := range m {
		if below(name, mapping.from) && len(mapping.from) > len(best.from) {
			best = mapping
		}
	}
	if best.from == "" {
		return "", false
	}
	return filepath.Join(best.to, name[len(best.from):]), true
}

// below reports whether a clean path is another, or below it.
func below(name, dir string) bool {
	rest, ok := strings.CutPrefix(name, strings.TrimSuffix(dir, "/"))
	return ok && (rest == "" || rest[0] == '/')
}

// mappedFiles opens files where the map says they are, and others as usual.
type mappedFiles struct {
	tlsctx.Files
	paths pathMap
}

func (f mappedFiles) Open(name string) (fs.File, error) {
	if place, ok := f.paths.lookup(name); ok {
		return tlsctx.OS{}.Open(place)
	}
	return f.Files.Open(name)
}

// with completes the flags by the settings. What a flag says counts.
func (c *checkCommand) with(s *settings) *checkCommand {
	made := *c
	made.OpenSIPS.Version = cmp.Or(c.OpenSIPS.Version, s.opensips.Version, catalogue.Default)
	if !c.MaxSeverity.given {
		made.MaxSeverity = s.maxSeverity
	}
	if !made.MaxSeverity.given {
		made.MaxSeverity = tolerance{worst: diag.Warning, given: true}
	}
	made.Root, made.CfgDir = cmp.Or(c.Root, s.root), cmp.Or(c.CfgDir, s.cfgDir)
	made.paths = s.paths
	made.Expiry, made.Name = cmp.Or(c.Expiry, s.expiry), slices.Concat(c.Name, s.names)
	made.Profile.Profile = cmp.Or(c.Profile.Profile, s.profile.Profile)
	made.Baseline = cmp.Or(c.Baseline, s.baseline)
	made.Define = c.Define.over(s.define)
	made.rules = s.rules
	return &made
}
