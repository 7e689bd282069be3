package mi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// wrongParamCount is the text of a real 3.x server.
const wrongParamCount = "Too few or too many parameters"

// Request is one call of a command.
type Request struct {
	Name     string    // the name it was called by
	Commands *Commands // the table the command stands in
	args     map[string]argument
}

// argument is the value of one parameter, in the field of its kind.
type argument struct {
	text   string
	number int64
	list   []string
	flag   bool
}

// Has reports whether the parameter was given.
func (r Request) Has(name string) bool {
	_, ok := r.args[name]
	return ok
}

// Text gives a Text parameter, or "" where it was not given.
func (r Request) Text(name string) string { return r.args[name].text }

// Number gives a Number parameter, or 0 where it was not given.
func (r Request) Number(name string) int64 { return r.args[name].number }

// List gives a TextList parameter, or nil where it was not given.
func (r Request) List(name string) []string { return r.args[name].list }

// Flag gives a Flag parameter, or false where it was not given.
func (r Request) Flag(name string) bool { return r.args[name].flag }

// params are a call's parameters as they came, before it is known what the
// command takes.
type params interface {
	// bind fits them to the declared ones; its error is an *Error.
	bind(declared []Param) (map[string]argument, error)
}

// textParams are positional parameters of the 2.x form, and NAME=VALUE for those
// that have no position: who asks for a dry run must not get a real one. A
// command that takes none by position ignores the others, as 2.3 does.
type textParams []string

func (given textParams) bind(declared []Param) (map[string]argument, error) {
	args := make(map[string]argument, len(declared))
	given, err := given.bindNamed(declared, args)
	if err != nil {
		return nil, err
	}
	declared = byPosition(declared)
	if len(declared) == 0 {
		return args, nil
	}
	for _, p := range declared {
		if len(given) == 0 {
			if !p.Optional {
				return nil, invalidParams(wrongParamCount)
			}
			break
		}
		if p.Kind == TextList {
			args[p.Name] = argument{list: given}
			return args, nil
		}
		arg, err := p.argument(given[0])
		if err != nil {
			return nil, err
		}
		args[p.Name] = arg
		given = given[1:]
	}
	if len(given) > 0 {
		return nil, invalidParams(wrongParamCount)
	}
	return args, nil
}

// bindNamed puts the parameters without a position into args and gives the rest.
func (given textParams) bindNamed(declared []Param, args map[string]argument) (textParams, error) {
	rest := make(textParams, 0, len(given))
	for _, text := range given {
		name, value, _ := strings.Cut(text, "=")
		i := paramIndex(declared, name)
		if i < 0 || !declared[i].ByName {
			rest = append(rest, text)
			continue
		}
		arg, err := declared[i].argument(value)
		if err != nil {
			return nil, err
		}
		args[name] = arg
	}
	return rest, nil
}

// positionalParams are the elements of a JSON array.
type positionalParams []json.RawMessage

func (given positionalParams) bind(declared []Param) (map[string]argument, error) {
	declared = byPosition(declared)
	if len(given) > len(declared) {
		return nil, invalidParams(wrongParamCount)
	}
	named := make(namedParams, len(given))
	for i, value := range given {
		named[i] = namedParam{declared[i].Name, value}
	}
	return named.bind(declared)
}

// namedParams are the members of a JSON object, no name twice.
type namedParams []namedParam

type namedParam struct {
	name  string
	value json.RawMessage
}

func (given namedParams) bind(declared []Param) (map[string]argument, error) {
	if len(given) > len(declared) {
		return nil, invalidParams(wrongParamCount)
	}
	args := make(map[string]argument, len(given))
	for _, g := range given {
		i := paramIndex(declared, g.name)
		if i < 0 {
			return nil, invalidParams(fmt.Sprintf("there is no parameter %q", g.name))
		}
		arg, err := declared[i].decode(g.value)
		if err != nil {
			return nil, err
		}
		args[g.name] = arg
	}
	for _, p := range declared {
		if _, ok := args[p.Name]; !ok && !p.Optional {
			return nil, invalidParams(wrongParamCount)
		}
	}
	return args, nil
}

// byPosition are the parameters that can be given without their name.
func byPosition(declared []Param) []Param {
	if !slices.ContainsFunc(declared, func(p Param) bool { return p.ByName }) {
		return declared
	}
	return slices.DeleteFunc(slices.Clone(declared), func(p Param) bool { return p.ByName })
}

func paramIndex(declared []Param, name string) int {
	for i, p := range declared {
		if p.Name == name {
			return i
		}
	}
	return -1
}

// decode reads a parameter from JSON.
func (p Param) decode(raw json.RawMessage) (argument, error) {
	if p.Kind == TextList {
		var list []*string
		if err := json.Unmarshal(raw, &list); err != nil || raw[0] != '[' {
			return argument{}, p.wrongType("a list of strings")
		}
		texts := make([]string, len(list))
		for i, s := range list {
			if s == nil {
				return argument{}, p.wrongType("a list of strings")
			}
			texts[i] = *s
		}
		return argument{list: texts}, nil
	}
	switch c := raw[0]; {
	case c == '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return argument{}, p.wrongType("a string")
		}
		return p.argument(s)
	case c == '-' || c >= '0' && c <= '9', p.Kind == Flag:
		return p.argument(string(raw))
	}
	return argument{}, p.wrongType("a string or a number")
}

// argument makes a Text, Number or Flag of a text.
func (p Param) argument(s string) (argument, error) {
	switch {
	case p.Kind == Text:
		return argument{text: s}, nil
	case p.Kind == Flag && (s == "1" || s == "true"):
		return argument{flag: true}, nil
	case p.Kind == Flag && (s == "0" || s == "false"):
		return argument{}, nil
	case p.Kind == Flag:
		return argument{}, p.wrongType("1 or 0")
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return argument{}, p.wrongType("a whole number")
	}
	return argument{number: n}, nil
}

func (p Param) wrongType(want string) error {
	return invalidParams(fmt.Sprintf("parameter %q is not %s", p.Name, want))
}
