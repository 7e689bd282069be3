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
	fishCommands("__fish_use_subcommand", "", p.commands, add)
	return b.String()
}

// fishCommands offers the commands of one level, which are wanted when a
// condition holds, and what stands behind each. above is what must stand before
// them.
func fishCommands(wanted, above string, commands []command, add func(format string, args ...any)) {
	for _, c := range commands {
		add("-n %s -a %s -d %s", fishCondition(wanted), c.name, fishQuote(c.about))
	}
	for _, c := range commands {
		seen := above + "__fish_seen_subcommand_from " + c.name
		if c.commands != nil {
			none := seen + "; and not __fish_seen_subcommand_from " + strings.Join(commandNames(c.commands), " ")
			fishCommands(none, seen+"; and ", c.commands, add)
			continue
		}
		for _, f := range c.flags {
			add("-n %s %s -d %s", fishQuote(seen), fishFlag(f), fishQuote(f.about))
		}
		if c.argument != nil {
			add("-n %s %s", fishQuote(seen), strings.TrimPrefix(fishValue(c.argument), "-r "))
		}
	}
}

// fishCondition quotes a condition of more than one word.
func fishCondition(condition string) string {
	if strings.Contains(condition, " ") {
		return fishQuote(condition)
	}
	return condition
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
