package cfg

import (
	"fmt"
	"path"
	"slices"
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
	isBuiltIn := slices.Contains(builtIn, name)
	if !isModule && !isBuiltIn {
		in.notModule(s, file)
		return
	}
	if earlier := in.Loaded(name); earlier != nil {
		relate(in.report(ruleLoadedTwice, s.Module, "module %s is loaded already", diag.Quote(name)), earlier.At, "loaded first here")
		return
	}
	m, ok := in.catalogue.Module(name)
	if !ok {
		in.unknownModule(s, name)
		return
	}
	if !in.hasModulePath && !path.IsAbs(file) && !isBuiltIn && !in.toldModulePath {
		in.toldModulePath = true
		in.report(ruleModulePath, s.Module, "mpath is not set before the first loadmodule").
			Help = `set mpath="/usr/lib/opensips/modules/", or wherever the server has its modules`
	}
	loaded := &Module{Module: m, Path: file, At: in.span(s), node: s.Module}
	in.Modules = append(in.Modules, loaded)
	in.modules[name] = loaded
	clear(in.offers)
	clear(in.moduleVariables)
}

// builtIn are the modules that are part of the opensips program: no file is
// looked for, and their names may go without ".so".
var builtIn = []string{"proto_tcp", "proto_udp"}

// notModule reports a name without ".so", which the server takes for the name
// of a file as it stands.
func (in *interpreter) notModule(s *parser.LoadModule, file string) {
	in.lost.modules[file] = true
	f := in.report(ruleUnknownModule, s.Module, "module %s is not found", diag.Quote(file))
	if _, ok := in.catalogue.Module(file); ok {
		f.Help = fmt.Sprintf("write the name of the file: loadmodule \"%s.so\"", file)
		return
	}
	f.Help = `expected the name of a module file, such as "tls_mgm.so"`
	in.lost.anyModule = true // it could be meant for any
}

func (in *interpreter) unknownModule(s *parser.LoadModule, name string) {
	in.lost.modules[name] = true
	plain := "unknown module " + diag.Quote(name)
	a := in.advice.about(topic{kind: catalogue.KindModule, name: name}, plain, func(a advice) advice {
		a.help = in.catalogue.Advice(catalogue.KindModule, "", name)
		versions := catalogue.History(catalogue.KindModule, "", name)
		if !versions.IsEmpty() {
			a.message = otherVersion(fmt.Sprintf("module %q", name), versions, in.Version)
		}
		if a.help != "" || !versions.IsEmpty() {
			return a
		}
		if near := catalogue.Nearest(name, in.catalogue.Modules()); near != "" {
			a.help = fmt.Sprintf("did you mean \"%s.so\"", near)
			a.providers = []string{near}
			return a
		}
		a.help = fmt.Sprintf("it is none of the modules of %s", in.Version)
		in.lost.strangeModule = true
		return a
	})
	for _, meant := range a.providers {
		in.lost.modules[meant] = true
	}
	in.report(ruleUnknownModule, s.Module, "%s", a.message).Help = a.help
}

// noModule reports a modparam that matches no module that is loaded so far.
func (in *interpreter) noModule(s *parser.ModParam, name string, pattern modulePattern) {
	if in.lost.anyModule || pattern.matchesAny(in.lost.modules) || in.met(cause{catalogue.KindModule, name}) {
		return
	}
	f := in.report(ruleModuleNotLoaded, s.Module, "no module matching %s is loaded", diag.Quote(name))
	in.because(cause{catalogue.KindModule, name})
	bare := strings.TrimSuffix(name, ".so")
	if later := in.later.module(in, s, bare); later.IsValid() {
		relate(f, later, "loaded only here")
		f.Help = "statements act in their order: put the loadmodule before the modparam"
		return
	}
	f.Help = in.advice.about(topic{kind: catalogue.KindModule, name: "modparam " + name}, "", func(a advice) advice {
		return in.unloadedHelp(a, name, bare)
	}).help
}

// unloadedHelp is about the first argument of a modparam, with and without the
// ".so" that it may have.
func (in *interpreter) unloadedHelp(a advice, name, bare string) advice {
	if bare != name && in.Loaded(bare) != nil {
		a.help = fmt.Sprintf("write %q, without .so", bare)
	}
	a = a.nearest(bare, "%q", in.loadedNames())
	if _, known := in.catalogue.Module(bare); known && a.help == "" {
		a.help = fmt.Sprintf("add loadmodule \"%s.so\" before it", bare)
	}
	if a.help == "" {
		a.help = "the first argument is the name of a module that is loaded before it"
	}
	return a
}

func (in *interpreter) loadedNames() []string {
	names := make([]string, len(in.Modules))
	for i, m := range in.Modules {
		names[i] = m.Name
	}
	return names
}

// laterDefinitions find what stands too late in a script. They are collected
// when they are first asked for.
type laterDefinitions struct {
	collected bool
	modules   map[string]*parser.LoadModule
	domains   map[string]*parser.String // the value of the first modparam that defines a name
}

func (l *laterDefinitions) collect(f *parser.File) {
	if l.collected {
		return
	}
	*l = laterDefinitions{true, map[string]*parser.LoadModule{}, map[string]*parser.String{}}
	for _, s := range f.Statements {
		switch s := s.(type) {
		case *parser.LoadModule:
			name := strings.TrimSuffix(path.Base(s.Module.Value()), ".so")
			if l.modules[name] == nil {
				l.modules[name] = s
			}
		case *parser.ModParam:
			l.collectDomain(s)
		}
	}
}

func (l *laterDefinitions) collectDomain(s *parser.ModParam) {
	if _, defines := domainKinds[s.Name.Value()]; !defines {
		return
	}
	if value, ok := s.Value.(*parser.String); ok {
		name, _, _ := strings.Cut(value.Value(), "=")
		if l.domains[name] == nil {
			l.domains[name] = value
		}
	}
}

// module is where a module is loaded behind a statement, if it is.
func (l *laterDefinitions) module(in *interpreter, after parser.Node, name string) diag.Span {
	l.collect(in.File)
	if s := l.modules[name]; s != nil && in.File.Sources.Compare(s.Pos(), after.Pos()) > 0 {
		return in.span(s)
	}
	return diag.Span{}
}

// domain is where a TLS domain is defined behind a statement, if it is.
func (l *laterDefinitions) domain(in *interpreter, after parser.Node, name string) diag.Span {
	l.collect(in.File)
	if s := l.domains[name]; s != nil && in.File.Sources.Compare(s.Pos(), after.Pos()) > 0 {
		return in.span(s)
	}
	return diag.Span{}
}
