package cfg

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// An interpreter runs the statements of a script.
type interpreter struct {
	*Config
	catalogue *catalogue.Catalogue
	configDir string

	findings []parser.Finding // since the last time that they were diagnosed
	late     []lateFinding    // for when all is read
	lost     failures
	causes   map[cause]*repeat
	advice   adviser

	hasModulePath  bool // mpath was set
	toldModulePath bool
	patterns       map[string]modulePattern
	routes         map[string]*routeNames // by kind
	later          laterDefinitions

	// What the modules loaded so far offer, as far as it was asked for.
	offers          map[topic]offered
	moduleVariables map[string]bool
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

// resolve settles what is known only when all statements have run.
func (in *interpreter) resolve() {
	for _, l := range in.Listeners {
		in.resolvePorts(l)
	}
	if url := in.Global("db_default_url"); url != nil && !in.TLS.DB.URL.IsSet() {
		in.TLS.DB.URL = Setting[string]{url.Text, url.At}
	}
}

// finish checks what the server checks when all is read. It does not come that
// far where the script has an error, so what is wrong then is a warning until
// the others are mended.
func (in *interpreter) finish() {
	if in.File.Unread || in.lost.anyModule {
		return
	}
	accepted := in.Accepted()
	for _, late := range in.late {
		in.report(ruleArgument, late.node, "%s", late.message).Help = late.help
	}
	in.dependencies()
	in.transports()
	if !accepted {
		for i := range in.findings {
			in.findings[i].Severity = max(in.findings[i].Severity, diag.Warning)
		}
	}
	in.diagnose()
}

// diagnose moves what was found since the last time into the diagnostics, by
// its place.
func (in *interpreter) diagnose() {
	in.tellRepeats()
	slices.SortStableFunc(in.findings, func(a, b parser.Finding) int { return in.File.Sources.Compare(a.At, b.At) })
	for _, f := range in.findings {
		in.Diagnostics = append(in.Diagnostics, f.Diagnostic)
	}
	in.findings = in.findings[:0]
}

func (in *interpreter) span(n parser.Node) diag.Span { return in.File.Sources.Span(n) }

// report adds a finding at a node and returns it for more to be said, before
// the next one is added.
func (in *interpreter) report(rule *diag.Rule, n parser.Node, format string, args ...any) *parser.Finding {
	d := diag.New(rule, in.span(n), fmt.Sprintf(format, args...))
	for _, at := range in.File.Sources.Includes(n.Pos()) {
		d.Related = append(d.Related, diag.Related{Span: diag.Span{Start: at, End: at}, Message: "included from here"})
	}
	in.findings = append(in.findings, parser.Finding{At: n.Pos(), Diagnostic: d})
	return &in.findings[len(in.findings)-1]
}

// relate adds a place to a finding; it stands before the includes that led to
// the finding.
func relate(f *parser.Finding, at diag.Span, message string) {
	if at.IsValid() {
		f.Related = slices.Insert(f.Related, 0, diag.Related{Span: at, Message: message})
	}
}

// shown is a name as messages have it: cut, if it is too long to be one.
func shown(name string) string {
	const longest = 60
	if len(name) > longest {
		return strings.ToValidUTF8(name[:longest], "") + "…"
	}
	return name
}
