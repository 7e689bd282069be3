package pv

import "fmt"

// An UnsupportedError names a variable, a form of one, or a transformation that a
// server may know and that is not run here.
type UnsupportedError struct {
	Kind string // "script variable" or "transformation"
	Name string // "$ds", "{ip.resolve}"
	Help string // why not or what to do; may be empty
}

func (e *UnsupportedError) Error() string {
	text := fmt.Sprintf("cannot run %s %q", e.Kind, e.Name)
	if e.Help != "" {
		text += ": " + e.Help
	}
	return text
}

func noVariable(name, help string) error {
	return &UnsupportedError{"script variable", "$" + name, help}
}

func noTransformation(name, help string) error {
	return &UnsupportedError{"transformation", "{" + name + "}", help}
}

// shapeError says that a variable is not written as it has to be.
func shapeError(name, format string, args ...any) error {
	return fmt.Errorf("script variable $%s %s", name, fmt.Sprintf(format, args...))
}
