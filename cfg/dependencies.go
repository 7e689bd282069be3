package cfg

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
)

// dependencies checks that what the loaded modules and the parameters that are
// set need is loaded too, in any order.
func (in *interpreter) dependencies() {
	for _, m := range in.Modules {
		for _, d := range m.Depends {
			in.dependency(d, m.node, fmt.Sprintf("module %s", m.Name))
		}
	}
	for _, p := range in.Params {
		for _, d := range in.Loaded(p.Module).ParamDepends {
			if d.Param == p.Name {
				in.paramDependency(p, d)
			}
		}
	}
}

func (in *interpreter) paramDependency(p *Param, d catalogue.ParamDependency) {
	needs := conditions[d.Condition]
	if needs == nil {
		needs = ifSet
	}
	for _, required := range d.Requires {
		if needs(p.Value, required) {
			in.dependency(required, p.node, fmt.Sprintf("parameter %q of %s", p.Name, p.Module))
		}
	}
}

// conditions say, by the name that OpenSIPS has for them, for which values a
// parameter needs another module. The others do for every number but 0 and for
// every text.
var conditions = map[string]func(Value, catalogue.Dependency) bool{
	"dialog_support": func(v Value, _ catalogue.Dependency) bool { return v.Int == 0 }, // it disables something
	"restore_mode":   func(v Value, _ catalogue.Dependency) bool { return v.Text != "" && v.Text != "none" },
	"wmode_preset":   namesStorage,
	"rr_persist":     namesStorage,
	"hep":            tracesTo,
}

func ifSet(v Value, _ catalogue.Dependency) bool {
	if v.IsInt {
		return v.Int != 0
	}
	return v.Text != ""
}

// namesStorage is for modes such as "full-sharing-cachedb" or "load-from-sql",
// which say themselves what they store in.
func namesStorage(v Value, d catalogue.Dependency) bool {
	switch d.Type {
	case catalogue.SQLModule:
		return strings.Contains(v.Text, "sql")
	case catalogue.CacheModule:
		return strings.Contains(v.Text, "cachedb")
	}
	return ifSet(v, d)
}

// tracesTo is for [name]uri=…, where the URI may be of a HEP server, a SIP one
// or a database.
func tracesTo(v Value, d catalogue.Dependency) bool {
	if v.IsInt {
		return v.Int != 0
	}
	_, uri, _ := strings.Cut(v.Text, "uri=")
	switch {
	case strings.HasPrefix(uri, "hep:"):
		return d.Module != ""
	case uri == "", strings.HasPrefix(uri, "sip:"):
		return false
	}
	return d.Module == ""
}

// dependency reports a module that is not loaded and is needed by what stands
// there. Each is told about once, but an error also after a warning.
func (in *interpreter) dependency(d catalogue.Dependency, where parser.Node, what string) {
	satisfied := func(m *Module) bool { return satisfies(m, d) }
	if d.Missing == catalogue.IgnoreMissing || slices.ContainsFunc(in.Modules, satisfied) {
		return
	}
	rule, verb := ruleDependency, "needs"
	if d.Missing == catalogue.WarnIfMissing {
		rule, verb = ruleSoftDependency, "expects"
	}
	need, help := "module "+d.Module, fmt.Sprintf("add loadmodule \"%s.so\"", d.Module)
	if d.Module == "" {
		need = "a " + moduleTypes[d.Type].words + " module"
		help = fmt.Sprintf("add the one that you use, such as loadmodule \"%s.so\"", moduleTypes[d.Type].example)
	}
	told := cause{catalogue.Kind(rule.ID), need}
	if d.Module != "" && (in.lost.modules[d.Module] || in.met(cause{catalogue.KindModule, d.Module})) || in.met(told) {
		return
	}
	in.report(rule, where, "%s %s %s, which is not loaded", what, verb, need).Help = help
	in.because(told)
}

// moduleTypes are the types that a dependency may ask for any module of.
var moduleTypes = map[catalogue.ModuleType]struct{ words, example string }{
	catalogue.SQLModule:   {"database (db_…)", "db_mysql"},
	catalogue.CacheModule: {"cache (cachedb_…)", "cachedb_local"},
	catalogue.AAAModule:   {"AAA", "aaa_radius"},
}

func satisfies(m *Module, d catalogue.Dependency) bool {
	if d.Module != "" {
		return m.Name == d.Module
	}
	return m.Type == d.Type
}
