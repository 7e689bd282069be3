package cfg

import (
	"fmt"
	"path"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// loadModule loads a module by the base name of its file: where the file is, is
// a matter of the server's machine.
func (in *interpreter) loadModule(s *parser.LoadModule) {
	file := s.Module.Value()
	name, isModule := strings.CutSuffix(path.Base(file), ".so")
	if !isModule {
		in.notModule(s, file)
		return
	}
	if earlier := in.Loaded(name); earlier != nil {
		f := in.report(ruleLoadedTwice, s.Module, "module %q is loaded already", name)
		f.Diagnostic = f.WithRelated(earlier.At, "loaded first here")
		return
	}
	m, ok := in.catalogue.Module(name)
	if !ok {
		in.unknownModule(s, name)
		return
	}
	if !in.mpath && !path.IsAbs(file) && !in.failed["mpath told"] {
		in.failed["mpath told"] = true
		in.report(ruleModulePath, s.Module, "mpath is not set before the first loadmodule").
			Help = `set mpath="/usr/lib/opensips/modules/", or wherever the server has its modules`
	}
	in.Modules = append(in.Modules, &Module{Module: m, Path: file, At: in.span(s), node: s.Module})
}

// notModule reports a name without ".so", which the server takes for the name
// of a file as it stands.
func (in *interpreter) notModule(s *parser.LoadModule, file string) {
	in.failed["module "+file] = true
	f := in.report(ruleUnknownModule, s.Module, "module %q is not found", file)
	if _, ok := in.catalogue.Module(file); ok {
		f.Help = fmt.Sprintf("write the name of the file: loadmodule \"%s.so\"", file)
	} else {
		f.Help = `expected the name of a module file, such as "tls_mgm.so"`
	}
}

func (in *interpreter) unknownModule(s *parser.LoadModule, name string) {
	in.failed["module "+name] = true
	versions := catalogue.History(catalogue.KindModule, "", name)
	if !versions.IsEmpty() {
		f := in.report(ruleUnknownModule, s.Module, "%s", in.otherVersion(fmt.Sprintf("module %q", name), versions))
		f.Help = in.catalogue.Advice(catalogue.KindModule, "", name)
		return
	}
	f := in.report(ruleUnknownModule, s.Module, "unknown module %q", name)
	if near := catalogue.Nearest(name, in.catalogue.Modules()); near != "" {
		f.Help = fmt.Sprintf("did you mean \"%s.so\"", near)
	} else {
		f.Help = fmt.Sprintf("it is none of the modules of %s", in.Version)
	}
}

// A modulePattern is the module name of a modparam: a POSIX extended regular
// expression over the whole name, without regard to case.
type modulePattern struct {
	plain string
	regex *regexp.Regexp
	err   error
}

func (p modulePattern) matches(name string) bool {
	if p.regex == nil {
		return strings.EqualFold(p.plain, name)
	}
	return p.regex.MatchString(name)
}

func (in *interpreter) pattern(text string) modulePattern {
	if p, known := in.patterns[text]; known {
		return p
	}
	p := modulePattern{plain: text}
	if strings.ContainsAny(text, `.[]()*+?{}|^$\`) {
		p.regex, p.err = compilePOSIX("^(" + text + ")$")
	}
	if in.patterns == nil {
		in.patterns = map[string]modulePattern{}
	}
	in.patterns[text] = p
	return p
}

func compilePOSIX(expr string) (*regexp.Regexp, error) {
	tree, err := syntax.Parse(expr, syntax.POSIX|syntax.FoldCase)
	if err != nil {
		return nil, err
	}
	return regexp.Compile(tree.String())
}

func (in *interpreter) modParam(s *parser.ModParam) {
	name := s.Module.Value()
	pattern := in.pattern(name)
	if pattern.err != nil {
		in.report(ruleModuleRegex, s.Module, "%q is no regular expression: %v", name, pattern.err)
		return
	}
	value := literal(s.Value)
	matched := false
	for _, m := range in.Modules {
		if pattern.matches(m.Name) {
			matched = true
			// The first module that refuses ends it.
			if !in.setParam(s, m, value) {
				return
			}
		}
	}
	if !matched {
		in.noModule(s, name)
	}
}

func literal(l parser.Literal) Value {
	switch l := l.(type) {
	case *parser.Number:
		return Value{Int: l.Int(), IsInt: true}
	case *parser.String:
		return Value{Text: l.Value()}
	case *parser.Strings:
		return Value{Text: l.Value()}
	}
	return Value{}
}

// noModule reports a modparam that matches no module that is loaded so far.
func (in *interpreter) noModule(s *parser.ModParam, name string) {
	if in.failed["module "+name] || in.failed["loadmodule"] {
		return
	}
	f := in.report(ruleModuleNotLoaded, s.Module, "no module matching %q is loaded", name)
	bare := strings.TrimSuffix(name, ".so")
	if later := in.loadedLater(s, bare); later.IsValid() {
		f.Diagnostic = f.WithRelated(later, "loaded only here")
		f.Help = "statements act in their order: put the loadmodule before the modparam"
		return
	}
	switch near := catalogue.Nearest(bare, in.loadedNames()); {
	case bare != name && in.Loaded(bare) != nil:
		f.Help = fmt.Sprintf("write %q, without .so", bare)
	case near != "":
		f.Help = fmt.Sprintf("did you mean %q", near)
	default:
		if _, ok := in.catalogue.Module(bare); ok {
			f.Help = fmt.Sprintf("add loadmodule \"%s.so\" before it", bare)
		}
	}
}

func (in *interpreter) loadedNames() []string {
	names := make([]string, len(in.Modules))
	for i, m := range in.Modules {
		names[i] = m.Name
	}
	return names
}

func (in *interpreter) loadedLater(after parser.Node, name string) diag.Span {
	for _, s := range in.File.Statements {
		l, ok := s.(*parser.LoadModule)
		if ok && in.File.Sources.Compare(l.Pos(), after.Pos()) > 0 && path.Base(l.Module.Value()) == name+".so" {
			return in.span(l)
		}
	}
	return diag.Span{}
}

// setParam sets a parameter of a module. It reports whether the module took
// it.
func (in *interpreter) setParam(s *parser.ModParam, m *Module, value Value) bool {
	name := s.Name.Value()
	param, ok := m.Param(name)
	if !ok {
		in.unknownParam(s, m, name)
		return false
	}
	if !accepts(param, value) {
		in.wrongType(s, m, param, value)
		return false
	}
	in.Params = append(in.Params, &Param{Module: m.Name, Name: name, Value: value, At: in.span(s.Value), node: s.Value})
	if set := paramSetters[m.Name]; set != nil {
		return set(in, s, name, value)
	}
	return true
}

// paramSetters are the modules whose parameters mean something to us.
var paramSetters = map[string]func(in *interpreter, s *parser.ModParam, name string, value Value) bool{
	"tls_mgm": (*interpreter).setTLSParam,
	"httpd":   (*interpreter).setHTTPParam,
	"mi_json": (*interpreter).setHTTPParam,
	"mi_http": (*interpreter).setHTTPParam,
}

func accepts(param catalogue.Param, value Value) bool {
	if value.IsInt {
		return param.Types&catalogue.IntValue != 0
	}
	return param.Types&catalogue.StringValue != 0
}

func (in *interpreter) unknownParam(s *parser.ModParam, m *Module, name string) {
	versions := catalogue.History(catalogue.KindParam, m.Name, name)
	advice := in.catalogue.Advice(catalogue.KindParam, m.Name, name)
	if !versions.IsEmpty() {
		in.report(ruleUnknownParam, s.Name, "%s",
			in.otherVersion(fmt.Sprintf("parameter %q of %s", name, m.Name), versions)).Help = advice
		return
	}
	f := in.report(ruleUnknownParam, s.Name, "module %s has no parameter %q", m.Name, name)
	f.Help = advice
	if advice != "" {
		return
	}
	var names []string
	for _, p := range m.Params {
		names = append(names, p.Name)
	}
	if near := catalogue.Nearest(name, names); near != "" {
		f.Help = fmt.Sprintf("did you mean %q", near)
	} else if other := in.moduleWithParam(name); other != "" {
		f.Help = fmt.Sprintf("module %s has a parameter of that name", other)
	}
}

// moduleWithParam is a loaded module that has the parameter.
func (in *interpreter) moduleWithParam(name string) string {
	for _, m := range in.Modules {
		if _, ok := m.Param(name); ok {
			return m.Name
		}
	}
	return ""
}

func (in *interpreter) wrongType(s *parser.ModParam, m *Module, param catalogue.Param, value Value) {
	found := "string " + quoted(value.Text)
	help := "write the number without quotes"
	if value.IsInt {
		found = "number " + fmt.Sprint(value.Int)
		help = fmt.Sprintf("write it in quotes: \"%d\"", value.Int)
	}
	in.report(ruleParamType, s.Value, "parameter %q of %s takes a %s, found %s", param.Name, m.Name, param.Types, found).Help = help
}

func quoted(text string) string {
	const longest = 40
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return fmt.Sprintf("%q", text)
}
