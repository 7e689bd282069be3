package pv

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/opensips-tools/tlsmgm/mgm/variables"
	"github.com/opensips-tools/tlsmgm/parser"
)

// entry is one variable, under all of its names.
type entry struct {
	names    []string
	inner    string // what stands in the round brackets, for the page; empty for nothing
	optional bool   // the brackets may be missing
	indexed  bool   // it takes an index
	writable bool
	group    string // on the page
	about    string
	compile  func(*builder) (access, error)
}

// get is an entry for a variable that has one value and is only read.
func get(names, group, about string, read getter) entry {
	return entry{
		names: strings.Fields(names), group: group, about: about,
		compile: func(*builder) (access, error) { return reads(read) },
	}
}

// getSet is an entry for a variable that has one value.
func getSet(names, group, about string, read getter, write setter) entry {
	return entry{
		names: strings.Fields(names), group: group, about: about, writable: true,
		compile: func(*builder) (access, error) { return access{get: read, set: write}, nil },
	}
}

// table has the entries under their names.
var table = sync.OnceValue(func() map[string]*entry {
	found := map[string]*entry{}
	for _, e := range entries() {
		for _, name := range e.names {
			found[name] = &e
		}
	}
	return found
})

// Supported reports whether this package runs the variable, by its name without
// the dollar sign. Not all forms of it have to be.
func Supported(name string) bool {
	if _, ok := table()[name]; ok {
		return true
	}
	_, ok := variables.Lookup(name)
	return ok
}

func entries() []entry {
	var all []entry
	for _, group := range [][]entry{
		scriptEntries(), requestEntries(), messageEntries(), headerEntries(), authEntries(), connectionEntries(), timeEntries(),
	} {
		all = append(all, group...)
	}
	return all
}

func scriptEntries() []entry {
	const group = "Script"
	return []entry{
		{names: []string{"var"}, inner: "name", writable: true, group: group, about: "variable of the script; 0 until it is set", compile: compileVar},
		{names: []string{"avp"}, inner: "name", indexed: true, writable: true, group: group, about: "stack of values; `=` pushes, `:=` replaces, NULL deletes; `[n]` (0 is the newest), `[*]`, `[append]`", compile: compileAVP},
		{names: []string{"param"}, inner: "number", group: group, about: "parameter of the route, from 1", compile: compileParam},
		get("rc retcode", group, "what the last function or route returned", func(s *Scope) Value { return IntValue(s.ReturnCode) }),
		get("cfg_line", group, "line of the script", func(s *Scope) Value { return IntValue(int64(s.Line)) }),
		get("cfg_file", group, "file of the script", func(s *Scope) Value { return textOrNull(s.File) }),
		get("rT", group, "type of the route", func(s *Scope) Value { return textOrNull(s.RouteType) }),
		get("pp", group, "process", func(*Scope) Value { return IntValue(int64(os.Getpid())) }),
		get("mi", group, "number of the message", func(s *Scope) Value { return IntValue(s.MessageID) }),
		get("mf", group, "names of the message flags that are set", func(s *Scope) Value { return TextValue(strings.Join(s.Flags, " ")) }),
		get("bf", group, "names of the branch flags that are set", func(s *Scope) Value { return TextValue(strings.Join(s.BranchFlags, " ")) }),
		{names: []string{"msg.flag"}, inner: "name", group: group, about: "whether the message flag is set", compile: compileFlag},
		get("err.class", group, "of the error that the error route handles: its class", func(s *Scope) Value { return IntValue(s.Failure.Class) }),
		get("err.level", group, "its severity", func(s *Scope) Value { return IntValue(s.Failure.Level) }),
		get("err.info", group, "its text", func(s *Scope) Value { return textOrNull(s.Failure.Info) }),
		get("err.rcode", group, "the code to reply with", func(s *Scope) Value { return IntValue(s.Failure.Code) }),
		get("err.rreason", group, "the reason to reply with", func(s *Scope) Value { return textOrNull(s.Failure.Reason) }),
		getSet("log_level", group, "log level; NULL sets it back", levelGet(logLevel), levelSet("log_level", logLevel)),
		getSet("xlog_level", group, "log level of xlog; NULL sets it back", levelGet(xlogLevel), levelSet("xlog_level", xlogLevel)),
		{names: []string{"C"}, inner: "colours", group: group, about: "escape sequence of a terminal for a text and a background colour", compile: compileColour},
		get("$", group, "a dollar sign", func(*Scope) Value { return TextValue("$") }),
	}
}

func compileVar(b *builder) (access, error) {
	if strings.HasPrefix(b.Inner, "$") {
		return access{}, noVariable("var("+b.Inner+")", "the name of a $var is fixed")
	}
	name := b.Inner
	return access{
		get: func(s *Scope) Value { return s.Var(name) },
		set: func(s *Scope, v Value) error { return s.SetVar(name, v) },
	}, nil
}

func compileAVP(b *builder) (access, error) {
	named, err := b.dynamic()
	if err != nil {
		return access{}, err
	}
	a := avp{name: parser.AVPName(b.Inner), named: named, index: b.index}
	return access{get: a.get, set: a.set, replace: a.replace}, nil
}

func compileParam(b *builder) (access, error) {
	named, err := b.dynamic()
	if err != nil {
		return access{}, err
	}
	if named == nil {
		n, err := strconv.ParseInt(b.Inner, 10, 32)
		if err != nil {
			return access{}, noVariable("param("+b.Inner+")", "only an event route has parameters with names")
		}
		if n < 1 {
			return access{}, shapeError(b.Name, "has the name %q: expected a number from 1, or a script variable", b.Inner)
		}
		return reads(func(s *Scope) Value { return s.param(n) })
	}
	return reads(func(s *Scope) Value {
		n, ok := named(s).AsInt()
		if !ok {
			return Value{}
		}
		return s.param(n)
	})
}

func (s *Scope) param(n int64) Value {
	if n < 1 || n > int64(len(s.Params)) {
		return Value{}
	}
	return s.Params[n-1]
}

func compileFlag(b *builder) (access, error) {
	name := b.Inner
	return reads(func(s *Scope) Value { return boolValue(slices.Contains(s.Flags, name)) })
}

func logLevel(s *Scope) *Level  { return &s.LogLevel }
func xlogLevel(s *Scope) *Level { return &s.XlogLevel }

func levelGet(of func(*Scope) *Level) getter {
	return func(s *Scope) Value { return IntValue(of(s).Value()) }
}

func levelSet(name string, of func(*Scope) *Level) setter {
	return func(s *Scope, v Value) error {
		level := of(s)
		if v.IsNull() {
			level.IsChanged = false
			return nil
		}
		if !v.IsInt {
			return wrongType(name, "a number or NULL", v)
		}
		level.Changed, level.IsChanged = v.Int, true
		return nil
	}
}

// The letters of colours, in the order of a terminal's numbers for them.
const colours = "srgybpcw"

func compileColour(b *builder) (access, error) {
	if len(b.Inner) != 2 {
		return access{}, shapeError(b.Name, "has the colours %q: expected two letters", b.Inner)
	}
	var codes []string
	for i, base := range []int{30, 40} {
		letter := b.Inner[i : i+1]
		n := strings.Index(colours, strings.ToLower(letter))
		switch {
		case letter == "x":
			n = 9 // the terminal's own
		case n < 0:
			return access{}, shapeError(b.Name, "has the colour %q: expected one of x%s", letter, colours)
		}
		codes = append(codes, strconv.Itoa(base+n))
	}
	v := TextValue("\x1b[0;" + strings.Join(codes, ";") + "m")
	return reads(func(*Scope) Value { return v })
}
