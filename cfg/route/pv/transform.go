package pv

import (
	"strings"
	"sync"

	"github.com/opensips-tools/tlsmgm/parser"
)

// transform gives a value for another, which is not NULL.
type transform = func(*Scope, Value) Value

// transformation is one {class.name,…}.
type transformation struct {
	name    string // with the class
	args    string // for the page
	about   string
	compile func(*call) (transform, error)
}

// transformations has them under their names.
var transformations = sync.OnceValue(func() map[string]*transformation {
	found := map[string]*transformation{}
	for _, t := range transformationList() {
		found[t.name] = &t
	}
	return found
})

func transformationList() []transformation {
	var all []transformation
	for _, class := range [][]transformation{
		textTransformations(), escapeTransformations(), uriTransformations(), viaTransformations(), paramTransformations(),
		nameAddrTransformations(), ipTransformations(), csvTransformations(), sdpTransformations(), regexTransformations(),
	} {
		all = append(all, class...)
	}
	return all
}

// aliases are other names of transformations.
var aliases = map[string]string{"uri.domain": "uri.host", "via.domain": "via.host", "uri.scheme": "uri.schema"}

// transformed applies the transformations of the variable one after the other.
// Each gives NULL for NULL.
func (b *builder) transformed(get getter) (getter, error) {
	list := make([]transform, 0, len(b.Transformations))
	for _, tr := range b.Transformations {
		t, err := b.transformation(tr)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return func(s *Scope) Value {
		v := get(s)
		for _, t := range list {
			if v.IsNull() {
				break
			}
			v = t(s, v)
		}
		return v
	}, nil
}

func (b *builder) transformation(tr parser.Transformation) (transform, error) {
	name := strings.ToLower(tr.Class + "." + tr.Name)
	if usual, ok := aliases[name]; ok {
		name = usual
	}
	t, ok := transformations()[name]
	if !ok {
		return nil, noTransformation(name, "")
	}
	c := &call{name: name, rest: tr.Args, variable: b}
	f, err := t.compile(c)
	if err == nil && strings.Trim(c.rest, blanks) != "" {
		err = shapeError(b.Name, "has too many arguments in {%s}", name) // which may be secrets
	}
	return f, err
}

// call is a transformation with its arguments.
type call struct {
	name     string
	rest     string // of the arguments, that is not read yet
	variable *builder
}

// arg is an argument, which a variable may give.
type arg struct {
	text string
	n    int64
	get  getter
}

func (c *call) missing(what string) error {
	return shapeError(c.variable.Name, "has too few arguments in {%s}: expected %s", c.name, what)
}

// next reads the argument before the next comma. Blanks around it do not count.
func (c *call) next(what string) (arg, error) {
	c.rest = strings.TrimLeft(c.rest, blanks)
	if c.rest == "" {
		return arg{}, c.missing(what)
	}
	if c.rest[0] == '$' {
		return c.variableArg()
	}
	text, rest, _ := strings.Cut(c.rest, ",")
	c.rest = rest
	return arg{text: strings.TrimRight(text, blanks)}, nil
}

func (c *call) variableArg() (arg, error) {
	_, n, err := parser.ScanVar(c.rest)
	if err != nil {
		return arg{}, shapeError(c.variable.Name, "has a malformed argument in {%s}: %v", c.name, err)
	}
	get, err := c.variable.sub(c.rest[:n])
	if err != nil {
		return arg{}, err
	}
	c.rest = strings.TrimLeft(c.rest[n:], blanks)
	if c.rest != "" && c.rest[0] != ',' {
		return arg{}, shapeError(c.variable.Name, "has %q behind an argument in {%s}: expected a comma", c.rest, c.name)
	}
	c.rest = strings.TrimPrefix(c.rest, ",")
	return arg{get: get}, nil
}

// number is the next argument, which has to be a number or a variable.
func (c *call) number(what string) (arg, error) {
	a, err := c.next(what)
	if err != nil || a.get != nil {
		return a, err
	}
	n, ok := ParseInt(a.text)
	if !ok {
		return a, shapeError(c.variable.Name, "has the argument %q in {%s}: expected %s", a.text, c.name, what)
	}
	a.n = n
	return a, nil
}

// more reports whether there is another argument.
func (c *call) more() bool { return strings.Trim(c.rest, blanks) != "" }

// num is the value of a number; false if a variable does not give one.
func (a arg) num(s *Scope) (int64, bool) {
	if a.get == nil {
		return a.n, true
	}
	v := a.get(s)
	return v.Int, v.IsInt
}

// str is the value of a text; false if a variable does not give one, or none that
// has a byte.
func (a arg) str(s *Scope) (string, bool) {
	if a.get == nil {
		return a.text, true
	}
	text, ok := a.get(s).AsText()
	return text, ok && text != ""
}

// onText is a transformation of a text without arguments; false is NULL.
func onText(name, about string, f func(string) (string, bool)) transformation {
	return transformation{name: name, about: about, compile: func(*call) (transform, error) {
		return func(_ *Scope, v Value) Value {
			in, _ := v.AsText()
			out, ok := f(in)
			if !ok || len(out) > MaxText {
				return Value{}
			}
			return TextValue(out)
		}, nil
	}}
}

// onValue is a transformation without arguments, of a text that has a byte.
func onValue(name, about string, f func(string) Value) transformation {
	return transformation{name: name, about: about, compile: func(*call) (transform, error) {
		return func(_ *Scope, v Value) Value {
			if in, _ := v.AsText(); in != "" {
				return f(in)
			}
			return Value{}
		}, nil
	}}
}

// withName is a transformation of a text that has a byte, by a name.
func withName(name, about string, f func(text, name string) Value) transformation {
	return transformation{name: name, args: "name", about: about, compile: func(c *call) (transform, error) {
		a, err := c.next("a name")
		return func(s *Scope, v Value) Value {
			in, _ := v.AsText()
			wanted, ok := a.str(s)
			if !ok || in == "" {
				return Value{}
			}
			return f(in, wanted)
		}, err
	}}
}

// withPosition is a transformation of a list, by a place in it.
func withPosition(name, about string, f func(text string, n int64) Value) transformation {
	return transformation{name: name, args: "index", about: about, compile: func(c *call) (transform, error) {
		a, err := c.number("a number")
		return func(s *Scope, v Value) Value {
			in, _ := v.AsText()
			n, ok := a.num(s)
			if !ok || in == "" {
				return Value{}
			}
			return f(in, n)
		}, err
	}}
}

// bounded is a text, or NULL if it is too long.
func bounded(text []byte) Value {
	if len(text) > MaxText {
		return Value{}
	}
	return TextValue(string(text))
}
