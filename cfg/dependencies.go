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

func (in *interpreter) dependency(d catalogue.Dependency, where parser.Node, what string) {
	if d.Missing == catalogue.IgnoreMissing || slices.ContainsFunc(in.Modules, func(m *Module) bool { return satisfies(m, d) }) {
		return
	}
	if d.Module != "" && (in.lost.modules[d.Module] || in.met(cause{catalogue.KindModule, d.Module})) {
		return
	}
	rule := ruleDependency
	if d.Missing == catalogue.WarnIfMissing {
		rule = ruleSoftDependency
	}
	need, help := fmt.Sprintf("module %s", d.Module), fmt.Sprintf("add loadmodule \"%s.so\"", d.Module)
	if d.Module == "" {
		need, help = "a "+moduleTypes[d.Type]+" module", ""
	}
	in.report(rule, where, "%s needs %s, which is not loaded", what, need).Help = help
}

var moduleTypes = map[catalogue.ModuleType]string{
	catalogue.SQLModule:   "database (db_…)",
	catalogue.CacheModule: "cache (cachedb_…)",
	catalogue.AAAModule:   "AAA",
}

func satisfies(m *Module, d catalogue.Dependency) bool {
	if d.Module != "" {
		return m.Name == d.Module
	}
	return m.Type == d.Type
}
