package completion

import (
	"fmt"
	"strings"
)

// fish offers file names unless told not to.
func fish(p *program) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# fish completion for %s\n\n", p.name)
	add := func(format string, args ...any) {
		fmt.Fprintf(&b, "complete -c %s %s\n", p.name, fmt.Sprintf(format, args...))
	}
	add("-f")
	for _, c := range p.commands {
		add("-n __fish_use_subcommand -a %s -d %s", c.name, fishQuote(c.about))
	}
	for _, c := range p.commands {
		when := fishQuote("__fish_seen_subcommand_from " + c.name)
		for _, f := range c.flags {
			add("-n %s %s -d %s", when, fishFlag(f), fishQuote(f.about))
		}
		if c.argument != nil {
			add("-n %s %s", when, strings.TrimPrefix(fishValue(c.argument), "-r "))
		}
	}
	return b.String()
}

func fishFlag(f flag) string {
	option := "-l " + f.long
	if f.short != "" {
		option += " -s " + f.short
	}
	if f.value != nil {
		option += " " + fishValue(f.value)
	}
	return option
}

func fishValue(v *values) string {
	switch {
	case v.files:
		return "-r -F"
	case len(v.words) > 0:
		return "-x -a " + fishQuote(strings.Join(v.words, " "))
	}
	return "-x"
}

func fishQuote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'"
}
