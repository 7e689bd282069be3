package completion

import (
	"fmt"
	"strings"
)

// bash completes file names by itself where the function offers nothing. It
// takes the = of --flag=value for a word of its own.
func bash(p *program) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# bash completion for %[1]s

_%[1]s() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command='' word
	if [[ $cur == = ]]; then
		cur=''
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}
	fi
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case $command/$word in
		%[2]s) command=$command/$word ;;
		esac
	done
	local words=''
	case $command:$prev in
`, p.name, strings.Join(bashPaths("", p.commands), " | "))
	bashValues(&b, "", p.commands)
	b.WriteString("\t*)\n\t\tcase $command:$cur in\n")
	bashOffers(&b, "", p.commands)
	fmt.Fprintf(&b, `		esac
		;;
	esac
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
}

complete -o default -F _%[1]s %[1]s
`, p.name)
	return b.String()
}

// bashPaths are the commands, each with those above it: /db, /db/list.
func bashPaths(above string, commands []command) []string {
	var paths []string
	for _, c := range commands {
		path := above + "/" + c.name
		paths = append(append(paths, path), bashPaths(path, c.commands)...)
	}
	return paths
}

// bashValues offers the values of flags.
func bashValues(b *strings.Builder, above string, commands []command) {
	for _, c := range commands {
		path := above + "/" + c.name
		bashValues(b, path, c.commands)
		for _, f := range c.flags {
			if f.value != nil {
				bashCase(b, path+":--"+f.long, f.value.words)
			}
		}
	}
}

// bashOffers offers flags, commands and arguments.
func bashOffers(b *strings.Builder, path string, commands []command) {
	for _, c := range commands {
		below := path + "/" + c.name
		bashCase(b, "\t"+below+":-*", flagNames(c))
		if c.argument != nil && len(c.argument.words) > 0 {
			bashCase(b, "\t"+below+":*", c.argument.words)
		}
		if c.commands != nil {
			bashOffers(b, below, c.commands)
		}
	}
	bashCase(b, "\t"+path+":*", commandNames(commands))
}

func bashCase(b *strings.Builder, pattern string, words []string) {
	fmt.Fprintf(b, "\t%s) words='%s' ;;\n", pattern, strings.Join(words, " "))
}

func commandNames(commands []command) []string {
	names := make([]string, len(commands))
	for i, c := range commands {
		names[i] = c.name
	}
	return names
}

func flagNames(c command) []string {
	names := make([]string, len(c.flags))
	for i, f := range c.flags {
		names[i] = "--" + f.long
	}
	return names
}
