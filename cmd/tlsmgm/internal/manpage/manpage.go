// Package manpage writes the manual page of a kong command line, in the macros
// of man(7).
package manpage

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Write writes the page of all commands. version and date, such as 2026-11-28,
// stand at its foot.
func Write(w io.Writer, app *kong.Application, version, date string) error {
	p := page{bufio.NewWriter(w)}
	fmt.Fprintf(p.w, ".TH %q 1 %q %q %q\n", strings.ToUpper(app.Name), date, app.Name+" "+version, "User Commands")
	p.macro("SH", "NAME")
	p.line(app.Name + " - " + strings.TrimSuffix(app.Help, "."))
	p.macro("SH", "SYNOPSIS")
	p.macro("B", app.Name)
	p.macro("I", "command")
	p.line("[...]")
	p.macro("SH", "DESCRIPTION")
	p.prose(app.Detail)
	p.macro("SH", "COMMANDS")
	for _, command := range app.Leaves(true) {
		p.command(command)
	}
	return p.w.Flush()
}

// page writes to a buffer, which keeps the first error.
type page struct{ w *bufio.Writer }

func (p page) command(n *kong.Node) {
	p.macro("SS", n.Summary())
	p.prose(n.Help + "\n\n" + n.Detail)
	for _, arg := range n.Positional {
		p.item(arg.Summary(), arg.Help)
	}
	for _, group := range n.AllFlags(true) {
		for _, flag := range group {
			if flag.Name != "help" {
				p.item(flagUsage(flag), flag.Help)
			}
		}
	}
}

func flagUsage(f *kong.Flag) string {
	text := "--" + f.Name
	if !f.IsBool() {
		text += "=" + f.FormatPlaceHolder()
	}
	if f.Short != 0 {
		text = "-" + string(f.Short) + ", " + text
	}
	return text
}

func (p page) item(term, help string) {
	p.macro("TP")
	p.macro("B", term)
	p.line(help)
}

// prose writes paragraphs that are apart by empty lines. Those that are indented
// are examples and keep their lines.
func (p page) prose(text string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	for i, paragraph := range strings.Split(text, "\n\n") {
		if i > 0 {
			p.macro("PP")
		}
		if strings.HasPrefix(paragraph, " ") {
			p.example(paragraph)
			continue
		}
		p.line(strings.ReplaceAll(paragraph, "\n", " "))
	}
}

func (p page) example(text string) {
	p.macro("nf")
	for line := range strings.Lines(text) {
		p.line(strings.TrimRight(line, "\n"))
	}
	p.macro("fi")
}

// macro writes a request with its arguments.
func (p page) macro(name string, args ...string) {
	fmt.Fprint(p.w, ".", name)
	for _, arg := range args {
		fmt.Fprintf(p.w, ` "%s"`, strings.ReplaceAll(escape(arg), `"`, `\(dq`))
	}
	fmt.Fprintln(p.w)
}

// line writes text. A dot or an apostrophe at its beginning would make it a
// request.
func (p page) line(text string) {
	text = escape(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	fmt.Fprintln(p.w, text)
}

// escape keeps backslashes as they are, and hyphens from becoming dashes, so
// that options can be copied.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\e`, `-`, `\-`, "…", "...").Replace(text)
}
