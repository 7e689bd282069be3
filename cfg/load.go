package cfg

import (
	"fmt"
	"slices"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/parser"
)

// Options say how to read a script.
type Options struct {
	// Version is the OpenSIPS that the script is for; zero is
	// [catalogue.Default].
	Version catalogue.Version
	// FS opens included files, and the script for Load. Without one, includes
	// fail.
	FS parser.FS
	// ConfigDir is the directory that the server was built with, where its
	// default certificate lies; empty is [DefaultConfigDir].
	ConfigDir string
}

// DefaultConfigDir is where a packaged server has its configuration.
const DefaultConfigDir = "/etc/opensips/"

func (o Options) version() catalogue.Version {
	if o.Version == 0 {
		return catalogue.Default
	}
	return o.Version
}

func (o Options) configDir() string {
	if o.ConfigDir == "" {
		return DefaultConfigDir
	}
	return o.ConfigDir
}

// Load reads a script from the FS of the options and runs its statements. The
// error is about reading the file; what is wrong inside it is in
// Config.Diagnostics.
func Load(name string, o Options) (*Config, error) {
	dialect, err := Dialect(o.version())
	if err != nil {
		return nil, fmt.Errorf("language of %s: %w", o.version(), err)
	}
	file, err := parser.ParseFile(name, parser.Options{Dialect: dialect, FS: o.FS})
	if err != nil {
		return nil, err
	}
	return Interpret(name, file, o), nil
}

// Parse is [Load] for a text that the caller has. The name is what positions
// call it, and where the files beside it are looked for.
func Parse(name, text string, o Options) (*Config, error) {
	dialect, err := Dialect(o.version())
	if err != nil {
		return nil, fmt.Errorf("language of %s: %w", o.version(), err)
	}
	file, err := parser.Parse(name, text, parser.Options{Dialect: dialect, FS: o.FS})
	if err != nil {
		return nil, err
	}
	return Interpret(name, file, o), nil
}

// Interpret runs the statements of a tree, which must have been parsed with the
// [Dialect] of the same version. It does not change the tree.
func Interpret(name string, file *parser.File, o Options) *Config {
	in := &interpreter{
		Config: &Config{
			Name: name, Version: o.version(), File: file, TLS: defaultTLS(o.configDir()),
			globals: map[string]*Global{}, modules: map[string]*Module{}, params: map[paramKey]*Param{},
		},
		catalogue: catalogue.For(o.version()),
		configDir: o.configDir(),
		findings:  slices.Clone(file.Findings),
		lost:      failures{modules: map[string]bool{}, domains: map[string]*domain.Definition{}},
		causes:    map[cause]*repeat{},
		patterns:  map[string]modulePattern{},
		routes:    map[string]*routeNames{},
		offers:    map[topic]offered{},

		moduleVariables: map[string]bool{},
	}
	in.defaultSettings()
	for _, s := range file.Statements {
		in.statement(s)
	}
	in.resolve()
	in.diagnose()
	in.finish()
	return in.Config
}
