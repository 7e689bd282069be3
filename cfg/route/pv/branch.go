package pv

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxBranches is how many branches 2.3 takes, with the request itself.
const maxBranches = 12

// branchField is a field of $branch(field).
type branchField struct {
	get func(*Branch) Value
	set func(*Branch, Value) error
}

func textField(of func(*Branch) *string, needed bool) branchField {
	return branchField{
		get: func(b *Branch) Value { return textOrNull(*of(b)) },
		set: func(b *Branch, v Value) error {
			text, _ := v.AsText()
			if needed && text == "" || len(text) > MaxText {
				return fmt.Errorf("expected a text, found %s", shown(v))
			}
			*of(b) = text
			return nil
		},
	}
}

func branchFieldOf(name string) (branchField, bool) {
	switch strings.ToLower(name) {
	case "", "uri":
		return textField(func(b *Branch) *string { return &b.URI }, true), true
	case "duri":
		return textField(func(b *Branch) *string { return &b.Destination }, false), true
	case "path":
		return textField(func(b *Branch) *string { return &b.Path }, false), true
	case "q":
		return branchField{branchQ, setBranchQ}, true
	case "flags":
		return branchField{
			get: func(b *Branch) Value { return IntValue(b.Flags) },
			set: func(b *Branch, v Value) error {
				if !v.IsNull() && !v.IsInt {
					return fmt.Errorf("expected a number or NULL, found %s", shown(v))
				}
				b.Flags = v.Int
				return nil
			},
		}, true
	case "socket":
		return branchField{
			get: func(b *Branch) Value { return textOrNull(b.Socket) },
			set: func(b *Branch, v Value) (err error) {
				b.Socket, err = socketText(v)
				return err
			},
		}, true
	}
	return branchField{}, false
}

// branchQ is the q value as headers have it: 0, 0.5, 1.
func branchQ(b *Branch) Value {
	if !b.HasQ {
		return TextValue("")
	}
	return TextValue(strconv.FormatFloat(float64(b.Q)/1000, 'f', -1, 64))
}

func setBranchQ(b *Branch, v Value) error {
	if !v.IsNull() && !v.IsInt {
		return fmt.Errorf("expected a number or NULL, found %s", shown(v))
	}
	b.Q, b.HasQ = min(v.Int, 1000), v.IsInt && v.Int >= 0
	return nil
}

func compileBranch(b *builder) (access, error) {
	field, ok := branchFieldOf(b.Inner)
	if !ok {
		return access{}, shapeError(b.Name, "has the field %q: expected uri, duri, q, path, flags or socket", b.Inner)
	}
	x := b.index
	a := access{get: func(s *Scope) Value { return readBranch(s, x, field) }}
	if b.Inner == "" {
		a.set = addBranch
		return a, nil
	}
	a.set = func(s *Scope, v Value) error {
		i, ok := x.at(s, len(s.Request.Branches))
		if !ok || x.kind == allIndex {
			return fmt.Errorf("setting $branch(%s): there is no such branch, only %d", b.Inner, len(s.Request.Branches))
		}
		if err := field.set(&s.Request.Branches[i], v); err != nil {
			return fmt.Errorf("setting $branch(%s): %w", b.Inner, err)
		}
		return nil
	}
	return a, nil
}

func readBranch(s *Scope, x index, field branchField) Value {
	branches := s.Request.Branches
	if x.kind == allIndex {
		var uris []string
		for i := range branches {
			uris = append(uris, branches[i].URI)
		}
		return joined(uris)
	}
	if i, ok := x.at(s, len(branches)); ok {
		return field.get(&branches[i])
	}
	return Value{}
}

func addBranch(s *Scope, v Value) error {
	if err := s.asRequest("branch"); err != nil {
		return err
	}
	text, ok := v.AsText()
	if !ok || text == "" || len(text) > MaxText {
		return wrongType("branch", "a URI", v)
	}
	if len(s.Request.Branches) >= maxBranches-1 {
		return errors.New("setting $branch: there are " + strconv.Itoa(maxBranches) + " branches already")
	}
	s.Request.Branches = append(s.Request.Branches, Branch{URI: text})
	return nil
}
