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
		case $word in
		%[2]s) command=$word; break ;;
		esac
	done
	local words=''
	case $command:$prev in
`, p.name, strings.Join(commandNames(p), " | "))
	for _, c := range p.commands {
		for _, f := range c.flags {
			if f.value != nil {
				bashCase(&b, c.name+":--"+f.long, f.value.words)
			}
		}
	}
	b.WriteString("\t*)\n\t\tcase $command:$cur in\n")
	for _, c := range p.commands {
		bashCase(&b, "\t"+c.name+":-*", flagNames(c))
		if c.argument != nil && len(c.argument.words) > 0 {
			bashCase(&b, "\t"+c.name+":*", c.argument.words)
		}
	}
	bashCase(&b, "\t:*", commandNames(p))
	fmt.Fprintf(&b, `		esac
		;;
	esac
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
}

complete -o default -F _%[1]s %[1]s
`, p.name)
	return b.String()
}

func bashCase(b *strings.Builder, pattern string, words []string) {
	fmt.Fprintf(b, "\t%s) words='%s' ;;\n", pattern, strings.Join(words, " "))
}

func commandNames(p *program) []string {
	names := make([]string, len(p.commands))
	for i, c := range p.commands {
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
