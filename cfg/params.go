package cfg

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// A modulePattern is the module name of a modparam: a POSIX extended regular
// expression over the whole name, without regard to case.
type modulePattern struct {
	plain string
	regex *regexp.Regexp // nil for a plain name
	err   error
}

func (p modulePattern) matches(name string) bool {
	if p.regex == nil {
		return strings.EqualFold(p.plain, name)
	}
	return p.regex.MatchString(name)
}

func (p modulePattern) matchesAny(names map[string]bool) bool {
	for name := range names {
		if p.matches(name) {
			return true
		}
	}
	return false
}

func (in *interpreter) pattern(text string) modulePattern {
	if p, known := in.patterns[text]; known {
		return p
	}
	p := modulePattern{plain: text}
	if strings.ContainsAny(text, `.[]()*+?{}|^$\`) {
		p.regex, p.err = compilePOSIX("^(" + text + ")$")
	}
	in.patterns[text] = p
	return p
}

func compilePOSIX(expr string) (*regexp.Regexp, error) {
	tree, err := syntax.Parse(expr, syntax.POSIX|syntax.FoldCase)
	if bad, ok := errors.AsType[*syntax.Error](err); ok {
		return nil, errors.New(bad.Code.String()) // the rest tells of brackets that the script does not have
	}
	if err != nil {
		return nil, err
	}
	return regexp.Compile(tree.String())
}

func (in *interpreter) modParam(s *parser.ModParam) {
	name := s.Module.Value()
	value := literal(s.Value)
	pattern := in.pattern(name)
	if pattern.err != nil {
		in.loseParam(s, value)
		in.report(ruleModuleRegex, s.Module, "%s is no regular expression: %v", diag.Quote(name), pattern.err)
		return
	}
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
		in.loseParam(s, value)
		in.noModule(s, name, pattern)
	}
}

func literal(l parser.Literal) Value {
	switch l := l.(type) {
	case *parser.Number:
		return Value{Int: l.Int(), IsInt: true}
	case interface{ Value() string }:
		return Value{Text: l.Value()}
	}
	return Value{}
}

// setParam sets a parameter of a module. It reports whether the module took
// it.
func (in *interpreter) setParam(s *parser.ModParam, m *Module, value Value) bool {
	name := s.Name.Value()
	param, ok := m.Param(name)
	if !ok {
		in.unknownParam(s, m, name, value)
		return false
	}
	if !accepts(param, value) {
		in.loseParam(s, value)
		in.wrongType(s, m, param, value)
		return false
	}
	p := &Param{Module: m.Name, Name: name, Value: value, At: in.span(s.Value), node: s.Value}
	if m.Name == "tls_mgm" && !in.setTLSParam(s, p) {
		return false
	}
	in.Params = append(in.Params, p)
	in.params[paramKey{m.Name, name}] = p
	in.setTyped(p)
	return true
}

func accepts(param catalogue.Param, value Value) bool {
	if value.IsInt {
		return param.Types&catalogue.IntValue != 0
	}
	return param.Types&catalogue.StringValue != 0
}

// unknownParam reports a parameter that the module does not have. One that the
// manual of tls_mgm has is set as the manual means it.
func (in *interpreter) unknownParam(s *parser.ModParam, m *Module, name string, value Value) {
	in.loseParam(s, value)
	if meant, ok := manualSpellings[paramKey{m.Name, name}]; ok && in.Loaded(meant.module) != nil {
		in.setTyped(&Param{Module: meant.module, Name: meant.name, Value: value, At: in.span(s.Value)})
	}
	plain := fmt.Sprintf("module %s has no parameter %s", m.Name, diag.Quote(name))
	a := in.advice.about(topic{catalogue.KindParam, m.Name, name}, plain, func(a advice) advice {
		a.help = in.catalogue.Advice(catalogue.KindParam, m.Name, name)
		if versions := catalogue.History(catalogue.KindParam, m.Name, name); !versions.IsEmpty() {
			a.message = otherVersion(fmt.Sprintf("parameter %q of %s", name, m.Name), versions, in.Version)
			return a
		}
		return a.nearest(name, "%q", paramNames(m)).ofModule(in.moduleWithParam(name))
	})
	in.report(ruleUnknownParam, s.Name, "%s", a.message).Help = a.help
}

// manualSpellings are the parameters that the manual of tls_mgm calls otherwise
// than the modules do (its sections 1.8.27 and 1.8.30).
var manualSpellings = map[paramKey]paramKey{
	{"tls_mgm", "cipher_list_col"}:     {"tls_mgm", "ciphers_list_col"},
	{"proto_tls", "client_domain_avp"}: {"tls_mgm", "client_domain_avp"},
}

func paramNames(m *Module) []string {
	names := make([]string, len(m.Params))
	for i, p := range m.Params {
		names[i] = p.Name
	}
	return names
}

// ofModule completes the advice with another module that has the parameter.
func (a advice) ofModule(module string) advice {
	if module != "" && a.help == "" {
		a.help = fmt.Sprintf("module %s has a parameter of that name", module)
	}
	return a
}

// moduleWithParam is a loaded module that has the parameter, empty if none has.
func (in *interpreter) moduleWithParam(name string) string {
	for _, m := range in.Modules {
		if _, ok := m.Param(name); ok {
			return m.Name
		}
	}
	return ""
}

func (in *interpreter) wrongType(s *parser.ModParam, m *Module, param catalogue.Param, value Value) {
	wanted, found, help := "an integer", "string "+diag.Quote(value.Text), ""
	if value.IsInt {
		number := strconv.FormatInt(value.Int, 10)
		wanted, found, help = "a string", "number "+number, fmt.Sprintf("write it in quotes: \"%s\"", number)
	} else if _, err := strconv.ParseInt(value.Text, 0, 64); err == nil {
		help = "write the number without quotes"
	}
	in.report(ruleParamType, s.Value, "parameter %q of %s takes %s, found %s", param.Name, m.Name, wanted, found).Help = help
}
