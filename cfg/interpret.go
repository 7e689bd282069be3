package cfg

import (
	"fmt"
	"slices"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Load reads a script and runs its statements. The error is about reading the
// file; what is wrong inside it is in Config.Diagnostics.
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

// Parse is Load for a text that the caller has.
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

func (o Options) version() catalogue.Version {
	if o.Version == 0 {
		return catalogue.Default
	}
	return o.Version
}

// Interpret runs the statements of a tree, which must be of the same version.
func Interpret(name string, file *parser.File, o Options) *Config {
	dir := o.ConfigDir
	if dir == "" {
		dir = DefaultConfigDir
	}
	in := &interpreter{
		catalogue: catalogue.For(o.version()),
		findings:  slices.Clone(file.Findings),
		failed:    map[string]bool{},
		configDir: dir,
		Config: &Config{Name: name, Version: o.version(), File: file, TLS: TLS{
			DefaultServer: domain.New(domain.Server, "", dir),
			DefaultClient: domain.New(domain.Client, "", dir),
			DB:            DB{Columns: map[string]Setting[string]{}},
		}},
	}
	in.TLS.DefaultServer.Default, in.TLS.DefaultClient.Default = true, true
	for _, s := range file.Statements {
		in.statement(s)
	}
	in.diagnose()
	in.finish()
	return in.Config
}

// diagnose moves what was found since the last time into the diagnostics, by
// its place.
func (in *interpreter) diagnose() {
	slices.SortStableFunc(in.findings, func(a, b parser.Finding) int { return in.File.Sources.Compare(a.At, b.At) })
	for _, f := range in.findings {
		in.Diagnostics = append(in.Diagnostics, f.Diagnostic)
	}
	in.findings = in.findings[:0]
}

// An interpreter runs the statements of a script.
type interpreter struct {
	*Config
	catalogue *catalogue.Catalogue
	configDir string
	findings  []parser.Finding

	// failed holds what could not be loaded or defined, so that what depends
	// on it is not told about as well: "module tls_mgm", "domain sv1". With
	// "module" alone it could be any module.
	failed   map[string]bool
	mpath    bool // was set
	routes   routeTable
	patterns map[string]modulePattern
}

func (in *interpreter) statement(s parser.Statement) {
	switch s := s.(type) {
	case *parser.Global:
		in.global(s)
	case *parser.Listen:
		in.listen(s)
	case *parser.Alias:
		in.alias(s)
	case *parser.Blacklist:
		in.blacklist(s)
	case *parser.LoadModule:
		in.loadModule(s)
	case *parser.ModParam:
		in.modParam(s)
	case *parser.Route:
		in.route(s)
	case *parser.BadStatement:
		in.badStatement(s)
	}
}

// badStatement remembers what a statement that could not be read might have
// done.
func (in *interpreter) badStatement(s *parser.BadStatement) {
	src := in.File.Sources.Source(s.From)
	text := src.Text[s.From-src.Base():]
	for _, word := range []string{"loadmodule", "listen", "modparam"} {
		if len(text) >= len(word) && text[:len(word)] == word {
			in.failed[word] = true
		}
	}
}

// finish does what the server does when all is read. It does not come that far
// where the script has an error, so what is wrong then is a warning until the
// others are mended.
func (in *interpreter) finish() {
	if in.File.Unread || in.failed["loadmodule"] {
		return
	}
	accepted := in.Accepted()
	in.dependencies()
	in.transports()
	if !accepted {
		for i := range in.findings {
			in.findings[i].Severity = max(in.findings[i].Severity, diag.Warning)
		}
	}
	in.diagnose()
}

func (in *interpreter) span(n parser.Node) diag.Span { return in.File.Sources.Span(n) }

// report adds a finding at a node and returns it for more to be said.
func (in *interpreter) report(rule *diag.Rule, n parser.Node, format string, args ...any) *parser.Finding {
	d := diag.New(rule, in.span(n), fmt.Sprintf(format, args...))
	for _, at := range in.File.Sources.Includes(n.Pos()) {
		d.Related = append(d.Related, diag.Related{Span: diag.Span{Start: at, End: at}, Message: "included from here"})
	}
	in.findings = append(in.findings, parser.Finding{At: n.Pos(), Diagnostic: d})
	return &in.findings[len(in.findings)-1]
}
