package completion

import (
	"fmt"
	"strings"
)

// zsh makes a script that can be sourced, and autoloaded from $fpath.
func zsh(p *program) string {
	var b strings.Builder
	fmt.Fprintf(&b, "#compdef %s\n\n", p.name)
	zshFunction(&b, "_"+p.name, p.commands)
	fmt.Fprintf(&b, `if [[ $funcstack[1] == _%[1]s ]]; then
	_%[1]s "$@"
else
	compdef _%[1]s %[1]s
fi
`, p.name)
	return b.String()
}

// zshFunction offers the commands of one level; those below another have a
// function of their own.
func zshFunction(b *strings.Builder, name string, commands []command) {
	for _, c := range commands {
		if c.commands != nil {
			zshFunction(b, name+"_"+c.name, c.commands)
		}
	}
	fmt.Fprintf(b, `%s() {
	local curcontext=$curcontext state line
	local -a commands
	commands=(
`, name)
	for _, c := range commands {
		fmt.Fprintf(b, "\t\t%s\n", zshQuote(zshEscape(c.name)+":"+c.about))
	}
	b.WriteString(`	)
	_arguments -C '1:command:->command' '*::argument:->argument'
	case $state in
	command) _describe command commands ;;
	argument)
		case $words[1] in
`)
	for _, c := range commands {
		fmt.Fprintf(b, "\t\t%s)\n\t\t\t", c.name)
		if c.commands != nil {
			b.WriteString(name + "_" + c.name)
		} else {
			zshArguments(b, c)
		}
		b.WriteString("\n\t\t\t;;\n")
	}
	b.WriteString(`		esac
		;;
	esac
}

`)
}

func zshArguments(b *strings.Builder, c command) {
	b.WriteString("_arguments")
	for _, spec := range zshSpecs(c) {
		fmt.Fprintf(b, " \\\n\t\t\t\t%s", zshQuote(spec))
	}
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
			if f.value.many {
				long, short = "*"+long, "*"+short
			}
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
