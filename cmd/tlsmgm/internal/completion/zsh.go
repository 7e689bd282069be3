package completion

import (
	"fmt"
	"strings"
)

// zsh makes a script that can be sourced, and autoloaded from $fpath.
func zsh(p *program) string {
	var b strings.Builder
	fmt.Fprintf(&b, `#compdef %[1]s

_%[1]s() {
	local curcontext=$curcontext state line
	local -a commands
	commands=(
`, p.name)
	for _, c := range p.commands {
		fmt.Fprintf(&b, "\t\t%s\n", zshQuote(zshEscape(c.name)+":"+c.about))
	}
	b.WriteString(`	)
	_arguments -C '1:command:->command' '*::argument:->argument'
	case $state in
	command) _describe command commands ;;
	argument)
		case $words[1] in
`)
	for _, c := range p.commands {
		fmt.Fprintf(&b, "\t\t%s)\n\t\t\t_arguments", c.name)
		for _, spec := range zshSpecs(c) {
			fmt.Fprintf(&b, " \\\n\t\t\t\t%s", zshQuote(spec))
		}
		b.WriteString("\n\t\t\t;;\n")
	}
	fmt.Fprintf(&b, `		esac
		;;
	esac
}

if [[ $funcstack[1] == _%[1]s ]]; then
	_%[1]s "$@"
else
	compdef _%[1]s %[1]s
fi
`, p.name)
	return b.String()
}

// zshSpecs are the arguments of zsh's _arguments for a command.
func zshSpecs(c command) []string {
	var specs []string
	for _, f := range c.flags {
		about := "[" + zshEscape(f.about) + "]"
		long, short := "--"+f.long+about, "-"+f.short+about
		if f.value != nil {
			action := zshAction(f.value)
			long, short = "--"+f.long+"="+about+action, "-"+f.short+"+"+about+action
		}
		specs = append(specs, long)
		if f.short != "" {
			specs = append(specs, short)
		}
	}
	if c.argument != nil {
		position := "1"
		if c.argument.many {
			position = "*"
		}
		specs = append(specs, position+zshAction(c.argument))
	}
	return specs
}

func zshAction(v *values) string {
	action := " "
	switch {
	case v.files:
		action = "_files"
	case len(v.words) > 0:
		action = "(" + strings.Join(v.words, " ") + ")"
	}
	return ":" + zshEscape(v.name) + ":" + action
}

// zshEscape protects what ends the parts of a spec.
func zshEscape(text string) string {
	return strings.NewReplacer(`\`, `\\`, ":", `\:`, "[", `\[`, "]", `\]`).Replace(text)
}

func zshQuote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
