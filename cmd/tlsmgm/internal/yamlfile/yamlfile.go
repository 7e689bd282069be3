// Package yamlfile reads settings from a YAML file strictly: a key that is not
// known, given twice or of the wrong kind is an error that names its place.
package yamlfile

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
)

// Field is one setting. Into is where its value goes: an
// [encoding.TextUnmarshaler] or *string for one value, *[]string for one or
// several, [Entries] for keys with values.
type Field struct {
	Key  string
	Into any
}

// Entries takes the keys and values of a mapping, in their order. An error is
// about the value, unless it is a [KeyError].
type Entries func(key, value string) error

// KeyError is an error about the key of an entry.
type KeyError struct{ Err error }

func (e *KeyError) Error() string { return e.Err.Error() }

func (e *KeyError) Unwrap() error { return e.Err }

// Error is what is wrong at a place of a file.
type Error struct {
	File         string
	Line, Column int // from 1; the column may be 0, if only the line is known
	Err          error
}

func (e *Error) Error() string {
	if e.Column == 0 {
		return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
	}
	return fmt.Sprintf("%s:%d:%d: %v", e.File, e.Line, e.Column, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Decode reads a file. All that is wrong with it is in the error, an [*Error]
// each. An empty file sets nothing.
func Decode(name string, text []byte, fields []Field) error {
	loader, err := yaml.NewLoader(bytes.NewReader(text))
	if err != nil {
		return malformed(name, err)
	}
	var root, more yaml.Node
	switch err := loader.Load(&root); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return malformed(name, err)
	}
	d := decoder{file: name}
	switch {
	case len(root.Content) == 0:
	case root.Content[0].Kind == yaml.ScalarNode && root.Content[0].Tag == "!!null":
	case root.Content[0].Kind != yaml.MappingNode:
		d.failf(root.Content[0], "expected settings, such as \"expiry: 14\", found %s", kindOf(root.Content[0]))
	default:
		d.fields(root.Content[0], fields)
	}
	if err := loader.Load(&more); err == nil {
		d.failf(&more, "expected the end, found another document")
	} else if !errors.Is(err, io.EOF) {
		d.errors = append(d.errors, malformed(name, err))
	}
	return errors.Join(d.errors...)
}

// malformed is an error of the YAML reader.
func malformed(name string, err error) error {
	load, ok := errors.AsType[*yaml.LoadError](err)
	if !ok {
		return &Error{name, 1, 0, err}
	}
	return &Error{name, max(load.Mark.Line, 1), load.Mark.Column, errors.New(load.Message)}
}

type decoder struct {
	file   string
	errors []error
}

func (d *decoder) fail(at *yaml.Node, err error) {
	d.errors = append(d.errors, &Error{d.file, at.Line, at.Column, err})
}

func (d *decoder) failf(at *yaml.Node, format string, args ...any) {
	d.fail(at, fmt.Errorf(format, args...))
}

// fields reads the settings.
func (d *decoder) fields(mapping *yaml.Node, fields []Field) {
	var names []string
	for _, f := range fields {
		names = append(names, f.Key)
	}
	d.pairs(mapping, func(key, value *yaml.Node) {
		i := slices.IndexFunc(fields, func(f Field) bool { return f.Key == key.Value })
		if i < 0 {
			advice := ": expected one of " + strings.Join(names, ", ")
			if nearest := catalogue.Nearest(key.Value, names); nearest != "" {
				advice = fmt.Sprintf(": did you mean %q", nearest)
			}
			d.failf(key, "unknown setting %q%s", key.Value, advice)
			return
		}
		d.value(key, value, fields[i].Into)
	})
}

// pairs goes through the keys and values of a mapping.
func (d *decoder) pairs(mapping *yaml.Node, do func(key, value *yaml.Node)) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key, value := mapping.Content[i], mapping.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode:
			d.failf(key, "expected a name, found %s", kindOf(key))
		case seen[key.Value]:
			d.failf(key, "%q is given twice", key.Value)
		default:
			seen[key.Value] = true
			do(key, value)
		}
	}
}

func (d *decoder) value(key, node *yaml.Node, into any) {
	switch into := into.(type) {
	case Entries:
		if node.Kind != yaml.MappingNode {
			d.failf(node, "%s: expected keys with values, found %s", key.Value, kindOf(node))
			return
		}
		d.entries(node, into)
	case *[]string:
		if node.Kind != yaml.SequenceNode {
			node = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{node}}
		}
		for _, item := range node.Content {
			if text, ok := d.scalar(key, item); ok {
				*into = append(*into, text)
			}
		}
	case *string:
		if text, ok := d.scalar(key, node); ok {
			*into = text
		}
	case encoding.TextUnmarshaler:
		if text, ok := d.scalar(key, node); ok {
			if err := into.UnmarshalText([]byte(text)); err != nil {
				d.failf(node, "%s: %w", key.Value, err)
			}
		}
	default:
		panic(fmt.Sprintf("yamlfile: no way to decode into %T", into))
	}
}

func (d *decoder) entries(mapping *yaml.Node, take Entries) {
	d.pairs(mapping, func(key, value *yaml.Node) {
		text, ok := d.scalar(key, value)
		if !ok {
			return
		}
		err := take(key.Value, text)
		if _, aboutKey := errors.AsType[*KeyError](err); aboutKey {
			d.fail(key, err)
		} else if err != nil {
			d.failf(value, "%s: %w", key.Value, err)
		}
	})
}

// scalar is the text of a value, whatever YAML takes it for: 2.10 is no number,
// and off no truth value.
func (d *decoder) scalar(key, node *yaml.Node) (string, bool) {
	if node.Kind != yaml.ScalarNode || node.Tag == "!!null" || node.Value == "" {
		d.failf(node, "%s: expected a value, found %s", key.Value, kindOf(node))
		return "", false
	}
	return node.Value, true
}

func kindOf(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "keys with values"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	if node.Tag == "!!null" || node.Value == "" {
		return "nothing"
	}
	return strconv.Quote(node.Value)
}
