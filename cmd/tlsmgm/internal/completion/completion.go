// Package completion makes completion scripts for shells from kong's model of a
// command line.
package completion

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Write writes the script for a shell: bash, zsh or fish.
//
// The values that a flag or an argument can have are those of its enum tag, or
// what its complete tag says: "file" for file names, or else a key of words.
func Write(w io.Writer, shell string, app *kong.Application, words map[string][]string) error {
	p, err := newProgram(app, words)
	if err != nil {
		return err
	}
	script, ok := map[string]func(*program) string{"bash": bash, "zsh": zsh, "fish": fish}[shell]
	if !ok {
		return fmt.Errorf("no completion for shell %q", shell)
	}
	_, err = io.WriteString(w, script(p))
	return err
}

// A program is what the scripts need of the model.
type program struct {
	name     string
	commands []command
}

type command struct {
	name, about string
	commands    []command // those below it; it is not run by itself then
	flags       []flag
	argument    *values // nil for a command without arguments
}

type flag struct {
	long, about string
	short       string  // empty if there is none
	value       *values // nil for a switch
}

// values are what may stand in a place. Without words, anything may.
type values struct {
	name  string
	files bool
	words []string
	many  bool
}

func newProgram(app *kong.Application, words map[string][]string) (*program, error) {
	commands, err := newCommands(app.Node, words)
	return &program{app.Name, commands}, err
}

func newCommands(above *kong.Node, words map[string][]string) ([]command, error) {
	var commands []command
	for _, node := range above.Children {
		if node.Type != kong.CommandNode || node.Hidden {
			continue
		}
		c, err := newCommand(node, words)
		if err != nil {
			return nil, err
		}
		commands = append(commands, c)
	}
	return commands, nil
}

func newCommand(node *kong.Node, words map[string][]string) (c command, err error) {
	c.name, c.about = node.Name, brief(node.Help)
	if c.commands, err = newCommands(node, words); err != nil {
		return c, err
	}
	for _, level := range node.AllFlags(true) {
		for _, f := range level {
			flag, err := newFlag(f, words)
			if err != nil {
				return c, err
			}
			c.flags = append(c.flags, flag)
		}
	}
	if len(node.Positional) > 0 {
		c.argument, err = newValues(node.Positional[0], words)
	}
	return c, err
}

func newFlag(f *kong.Flag, words map[string][]string) (flag, error) {
	made := flag{long: f.Name, about: brief(f.Help)}
	if f.Short != 0 {
		made.short = string(f.Short)
	}
	if f.IsBool() {
		return made, nil
	}
	value, err := newValues(f.Value, words)
	made.value = value
	return made, err
}

func newValues(v *kong.Value, words map[string][]string) (*values, error) {
	made := &values{name: v.Name, many: v.IsCumulative()}
	switch key := v.Tag.Get("complete"); {
	case v.Enum != "":
		made.words = v.EnumSlice()
	case key == "file":
		made.files = true
	case key != "":
		list, ok := words[key]
		if !ok {
			return nil, fmt.Errorf("complete %q of %s: no such list of words", key, v.Summary())
		}
		made.words = list
	}
	return made, nil
}

// brief is the first clause of a help text, for the narrow lists of a shell.
func brief(help string) string {
	if i := strings.IndexAny(help, ".:;"); i >= 0 {
		help = help[:i]
	}
	return help
}
