package mi

import (
	"context"
	"fmt"
	"iter"
	"slices"
)

// Command is one command of the interface.
type Command struct {
	Name    string
	Aliases []string // further names, as 4.0 has tls_mgm:list for tls_list
	Module  string   // which module exports it, as help says
	Help    string   // one line
	Params  []Param  // in the order of positional parameters
	Run     func(context.Context, Request) (Result, error)
}

// ParamKind says what a parameter holds.
type ParamKind int

// The kinds of parameters.
const (
	Text     ParamKind = iota // a string; a number is taken as it is written
	Number                    // a whole number, or a string that holds one
	TextList                  // a list of strings; in the 2.x form all that is left
	Flag                      // true or false, also as 1 or 0
)

// Param is one parameter of a command. Optional ones stand last, and so does a
// TextList.
type Param struct {
	Name     string
	Kind     ParamKind
	Optional bool
	// ByName keeps an optional parameter from being given by its position: a
	// command of OpenSIPS that takes none can have further ones without another
	// answer to what its clients send. The 2.x form has no names, and so none
	// of these.
	ByName bool
}

// Commands is a table of commands. It does not change once made.
type Commands struct {
	list   []Command
	byName map[string]*Command
}

// NewCommands makes a table of the commands in the order given, which is the
// order in which they are listed. It refuses a command without name, help or
// function, a name used twice and parameters that cannot be told apart.
func NewCommands(list ...Command) (*Commands, error) {
	c := &Commands{list: slices.Clone(list), byName: make(map[string]*Command)}
	for i := range c.list {
		cmd := &c.list[i]
		if err := cmd.check(); err != nil {
			return nil, fmt.Errorf("command %q: %w", cmd.Name, err)
		}
		for name := range cmd.names() {
			if other := c.byName[name]; other != nil {
				return nil, fmt.Errorf("command %q: the name %q belongs to %q already", cmd.Name, name, other.Name)
			}
			c.byName[name] = cmd
		}
	}
	return c, nil
}

// Lookup finds a command by its name or an alias. Case matters, as in
// OpenSIPS.
func (c *Commands) Lookup(name string) (Command, bool) {
	if cmd := c.byName[name]; cmd != nil {
		return *cmd, true
	}
	return Command{}, false
}

// All gives the commands in the table's order.
func (c *Commands) All() iter.Seq[Command] { return slices.Values(c.list) }

// Names gives every name that can be called: each command's own, followed by
// its aliases.
func (c *Commands) Names() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range c.list {
			for name := range c.list[i].names() {
				if !yield(name) {
					return
				}
			}
		}
	}
}

// Call runs a command with its parameters as positional texts, as the 2.x form
// and a command line have them.
func (c *Commands) Call(ctx context.Context, name string, params ...string) (Result, error) {
	return c.run(ctx, name, textParams(params))
}

func (c *Commands) run(ctx context.Context, name string, given params) (Result, error) {
	cmd := c.byName[name]
	if cmd == nil {
		return nil, methodNotFound()
	}
	args, err := given.bind(cmd.Params)
	if err != nil {
		return nil, err
	}
	return cmd.Run(ctx, Request{Name: name, Commands: c, args: args})
}

func (cmd *Command) names() iter.Seq[string] {
	return func(yield func(string) bool) {
		if !yield(cmd.Name) {
			return
		}
		for _, alias := range cmd.Aliases {
			if !yield(alias) {
				return
			}
		}
	}
}

func (cmd *Command) check() error {
	switch {
	case slices.Contains(slices.Collect(cmd.names()), ""):
		return fmt.Errorf("it has an empty name")
	case cmd.Help == "":
		return fmt.Errorf("it has no help")
	case cmd.Run == nil:
		return fmt.Errorf("it has no function")
	}
	return checkParams(cmd.Params)
}

func checkParams(list []Param) error {
	for i, p := range list {
		rest := list[i+1:]
		switch {
		case p.Name == "":
			return fmt.Errorf("parameter %d has no name", i+1)
		case slices.ContainsFunc(rest, func(o Param) bool { return o.Name == p.Name }):
			return fmt.Errorf("parameter %q is there twice", p.Name)
		case p.Kind == TextList && len(rest) > 0:
			return fmt.Errorf("parameter %q is a list and not the last one", p.Name)
		case p.Optional && slices.ContainsFunc(rest, func(o Param) bool { return !o.Optional }):
			return fmt.Errorf("parameter %q is optional and one after it is not", p.Name)
		case p.ByName && !p.Optional:
			return fmt.Errorf("parameter %q has no position and is not optional", p.Name)
		}
	}
	return nil
}
