package pv

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/parser"
)

// maxAVPValues is how many values one $avp may have, so that a loop ends.
const maxAVPValues = 10000

// Var is the value of $var(name). One that was never set is 0, as in 2.3.
func (s *Scope) Var(name string) Value {
	if v := s.vars.find(name); v != nil {
		return *v
	}
	return IntValue(0)
}

// SetVar sets $var(name). NULL stays NULL, as 2.3 does (though the manual says
// that it becomes 0). It is an error if the text is longer than [MaxText].
func (s *Scope) SetVar(name string, v Value) error {
	v, err := storable(v)
	if err != nil {
		return fmt.Errorf("setting $var(%s): %w", name, err)
	}
	*s.vars.at(name) = v
	return nil
}

// storable is the value as it is kept: its number wraps.
func storable(v Value) (Value, error) {
	if len(v.Text) > MaxText {
		return v, fmt.Errorf("the text has %d bytes: expected at most %d", len(v.Text), MaxText)
	}
	if v.IsInt {
		v.Int = Wrap(v.Int)
	}
	return v, nil
}

// VarNames are the $var that were set, in alphabetical order.
func (s *Scope) VarNames() []string {
	var all []string
	for _, v := range s.vars.list {
		all = append(all, v.name)
	}
	slices.Sort(all)
	return all
}

// AVPNames are the $avp that have a value, in alphabetical order.
func (s *Scope) AVPNames() []string {
	var all []string
	for _, v := range s.avps.list {
		if len(v.value) > 0 {
			all = append(all, v.name)
		}
	}
	slices.Sort(all)
	return all
}

// AVP are the values of $avp(name), the newest first.
func (s *Scope) AVP(name string) []Value {
	values := slices.Clone(s.avpValues(parser.AVPName(name)))
	slices.Reverse(values)
	return values
}

// avpValues are the values of an $avp, the newest last.
func (s *Scope) avpValues(name string) []Value {
	if values := s.avps.find(name); values != nil {
		return *values
	}
	return nil
}

// Indices of an $avp and a header that are not numbers.
type indexKind uint8

const (
	noIndex indexKind = iota
	numberIndex
	allIndex
	appendIndex
)

// index is what stands in the square brackets of a variable.
type index struct {
	kind indexKind
	n    int64
	get  getter // of a number that a variable gives
}

// at is the index as a position from the start in a list of that length; false
// if there is none.
func (x index) at(s *Scope, length int) (int, bool) {
	n := x.n
	if x.get != nil {
		v := x.get(s)
		if !v.IsInt {
			return 0, false
		}
		n = v.Int
	}
	if n < 0 {
		n += int64(length)
	}
	return int(n), n >= 0 && n < int64(length)
}

// pick is the value of a list at an index, all of them behind each other for *.
func (x index) pick(s *Scope, values []string) Value {
	if x.kind == allIndex {
		return joined(values)
	}
	if i, ok := x.at(s, len(values)); ok {
		return TextValue(values[i])
	}
	return Value{}
}

// joined is what [*] gives; NULL if it is too long.
func joined(values []string) Value {
	if len(values) == 0 {
		return Value{}
	}
	if text := strings.Join(values, ", "); len(text) <= MaxText {
		return TextValue(text)
	}
	return Value{}
}

// avp is $(avp(name)[index]).
type avp struct {
	name  string
	named getter // gives the name, if it is not nil
	index index
}

func (a avp) key(s *Scope) (string, bool) {
	if a.named == nil {
		return a.name, true
	}
	name, ok := a.named(s).AsText()
	return parser.AVPName(name), ok && name != ""
}

func (a avp) get(s *Scope) Value {
	name, ok := a.key(s)
	values := s.avpValues(name)
	if !ok || len(values) == 0 {
		return Value{}
	}
	switch a.index.kind {
	case noIndex:
		return values[len(values)-1]
	case allIndex:
		return joinedValues(values)
	case appendIndex:
		return Value{}
	}
	if i, ok := a.index.at(s, len(values)); ok {
		return values[len(values)-1-i]
	}
	return Value{}
}

func joinedValues(values []Value) Value {
	var text []byte
	for i := len(values) - 1; i >= 0 && len(text) <= MaxText; i-- {
		if len(text) > 0 || i < len(values)-1 {
			text = append(text, ", "...)
		}
		text = values[i].Append(text)
	}
	return bounded(text)
}

func (a avp) set(s *Scope, v Value) error {
	name, ok := a.key(s)
	if !ok {
		return fmt.Errorf("setting an $avp: its name is NULL or empty")
	}
	v, err := storable(v)
	if err == nil {
		err = a.put(s, name, v)
	}
	if err != nil {
		return fmt.Errorf("setting $avp(%s): %w", name, err)
	}
	return nil
}

func (a avp) put(s *Scope, name string, v Value) error {
	kept := s.avps.at(name)
	values := *kept
	if a.index.kind == allIndex {
		values = values[:0]
	}
	switch {
	case a.index.kind == numberIndex:
		i, ok := a.index.at(s, len(values))
		switch {
		case a.index.get == nil && a.index.n < 0:
			return fmt.Errorf("the index %d is negative: expected 0 or more to write", a.index.n)
		case !ok && v.IsNull():
			return nil // nothing to delete
		case !ok:
			return fmt.Errorf("the index is out of range, there are %d values", len(values))
		case v.IsNull():
			values = slices.Delete(values, len(values)-1-i, len(values)-i)
		default:
			values[len(values)-1-i] = v
		}
	case v.IsNull():
		values = values[:max(len(values)-1, 0)]
	case len(values) >= maxAVPValues:
		return fmt.Errorf("it has %d values, more than that are not kept", len(values))
	case a.index.kind == appendIndex:
		values = slices.Insert(values, 0, v)
	default:
		values = append(values, v)
	}
	*kept = values
	return nil
}

// replace is := of an $avp: the value takes the place of all that there are.
func (a avp) replace(s *Scope, v Value) error {
	a.index = index{kind: allIndex}
	return a.set(s, v)
}
