package cfg

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
)

// variable checks a script variable that stands without quotes; those inside
// strings are looked at when the server starts.
func (in *interpreter) variable(v *parser.Var) {
	spec, err := parser.ParseVar(v.Raw)
	if err != nil {
		in.report(ruleUnknownVariable, v, "malformed script variable %s: %v", quoted(v.Raw), err)
		return
	}
	if !in.hasVariable(spec.Name) {
		in.unknownVariable(v, spec.Name)
		return
	}
	if rule, known := innerNames[spec.Name]; known && rule != spec.HasInner {
		text := "needs a name in brackets"
		if spec.HasInner {
			text = "takes no name in brackets"
		}
		in.report(ruleUnknownVariable, v, "script variable $%s %s", spec.Name, text)
	}
}

func (in *interpreter) hasVariable(name string) bool {
	return in.catalogue.Core().HasVariable(name) ||
		slices.ContainsFunc(in.Modules, func(m *Module) bool { return m.HasVariable(name) })
}

// unknownVariable names the module that has the variable, or one with a similar
// name.
func (in *interpreter) unknownVariable(v *parser.Var, name string) {
	providers := in.catalogue.Providers(catalogue.KindVariable, name)
	if in.failed["loadmodule"] || slices.ContainsFunc(providers, func(m string) bool { return in.failed["module "+m] }) {
		return
	}
	f := in.report(ruleUnknownVariable, v, "unknown script variable $%s", name)
	if len(providers) > 0 {
		f.Message = fmt.Sprintf("script variable $%s needs module %s, which is not loaded before it", name, strings.Join(providers, " or "))
		f.Help = fmt.Sprintf("add loadmodule \"%s.so\"", providers[0])
		return
	}
	for _, word := range []string{"and", "or", "not"} {
		if end := v.End(); strings.HasPrefix(in.textAt(end), word) {
			f.Help = fmt.Sprintf("the server ends a bare name before %q: write it in brackets, as in $(%s…)", word, strings.TrimPrefix(v.Raw, "$"))
			return
		}
	}
	for _, p := range catalogue.Places(catalogue.KindVariable, name) {
		f.Help = fmt.Sprintf("it is in %s of %s, this is %s", placeName(p), p.Versions, in.Version)
		return
	}
	if near := catalogue.Nearest(name, in.catalogue.Names(catalogue.KindVariable)); near != "" {
		f.Help = fmt.Sprintf("did you mean $%s", near)
	}
}

func placeName(p catalogue.Place) string {
	if p.Module == "" {
		return "the core"
	}
	return "module " + p.Module
}

// textAt is the text of the script from a place on.
func (in *interpreter) textAt(p parser.Pos) string {
	src := in.File.Sources.Source(p)
	return src.Text[min(int(p-src.Base()), len(src.Text)):]
}

func (in *interpreter) assign(a *parser.Assign) {
	in.writable(a.Var, a.Var.Raw)
	if _, null := a.Value.(*parser.Null); !null || a.Op != ":=" {
		return
	}
	if spec, err := parser.ParseVar(a.Var.Raw); err == nil && spec.Name != "avp" && in.isWritable(spec.Name) {
		in.report(ruleReadOnly, a.Var, "only $avp(…) can be set to NULL with :=, not $%s", spec.Name).Help = "use = instead"
	}
}

// writable reports a variable that cannot be assigned to.
func (in *interpreter) writable(n parser.Node, raw string) {
	spec, err := parser.ParseVar(raw)
	switch {
	case err != nil || !in.hasVariable(spec.Name):
		// told as an unknown variable
	case !in.isWritable(spec.Name):
		in.report(ruleReadOnly, n, "script variable $%s is read-only", spec.Name)
	case len(spec.Transformations) > 0:
		in.report(ruleReadOnly, n, "the left side of an assignment has a transformation").Help = "assign to the variable itself"
	}
}

func (in *interpreter) isWritable(name string) bool {
	if in.catalogue.Core().HasVariable(name) {
		return writableCore[name]
	}
	return !readOnlyModuleVariable(name)
}

func (in *interpreter) forEach(n *parser.ForEach) {
	if n.Var == nil {
		return // after an error
	}
	spec, err := parser.ParseVar(n.Var.Raw)
	if err == nil && in.hasVariable(spec.Name) && !slices.Contains(iterators, spec.Name) {
		in.report(ruleReadOnly, n.Var, "for takes a $var(…) or an $avp(…) to go through a list, not $%s", spec.Name)
	}
}

// iterators are what for can go through a list with.
var iterators = []string{"var", "avp", "json"}

// writableCore are the core's variables that can be assigned to.
var writableCore = map[string]bool{
	"avp": true, "var": true, "branch": true, "du": true, "duri": true, "fs": true, "rd": true, "rp": true,
	"ru": true, "ruri": true, "rU": true, "ru_q": true, "ruri.domain": true, "ruri.user": true, "path": true,
	"log_level": true, "xlog_level": true,
}

// readOnlyModuleVariable knows the variables of tls_mgm and those that show the
// state of a transaction or a dialog. Of the others it is not known.
func readOnlyModuleVariable(name string) bool {
	return strings.HasPrefix(name, "tls_") || slices.Contains([]string{
		"T_branch_idx", "T_reply_code", "T_ruri", "T_id", "DLG_count", "DLG_lifetime", "DLG_status", "DLG_dir",
		"DLG_did", "DLG_end_reason", "stat",
	}, name)
}

// innerNames are the core's variables that are known to need a name in
// brackets, and those that are known to take none.
var innerNames = map[string]bool{
	"avp": true, "hdr": true, "hdrcnt": true, "var": true, "param": true,
	"rd": false, "ru": false, "rU": false, "rm": false, "rc": false, "retcode": false, "si": false, "sp": false,
	"fU": false, "fd": false, "fu": false, "tU": false, "td": false, "tu": false, "du": false, "rp": false,
	"ci": false, "cs": false, "ua": false, "ft": false, "tt": false, "pr": false, "proto": false, "rs": false, "rr": false,
	"Ri": false, "Rp": false, "ml": false, "mb": false, "mi": false, "oU": false, "od": false, "ou": false, "op": false,
}
