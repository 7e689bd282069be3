package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/report"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/rewrite"
)

// standardOutput is the file name that stands for standard output.
const standardOutput = "-"

// outputFlags say in which forms the findings are written, and where.
type outputFlags struct {
	Format []string   `sep:"none" placeholder:"FORMAT" complete:"formats" help:"Form of the findings: ${formats}. The default is text. FORMAT=FILE writes to a file; for several forms, separate them by commas or repeat the flag. template=TEXT fills in a text of yours, template=@FILE one in a file."`
	Output outputFile `placeholder:"FILE" complete:"file" help:"File for the form that has none of its own. It is replaced only once the report is complete."`
}

// An outputFile is a file to write. It has to have a name: an empty one is a
// variable that was forgotten.
type outputFile string

// UnmarshalText refuses the empty name.
func (f *outputFile) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return errors.New("expected the name of a file, found nothing")
	}
	*f = outputFile(text)
	return nil
}

// An output is a form of the report and where it goes.
type output struct {
	format   report.Format
	argument string
	file     string // empty if none was named
	write    report.WriteFunc
}

// formatList names the forms for the help.
func formatList() string {
	names := report.FormatNames()
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// outputs reads the flags.
func (o *outputFlags) outputs() ([]output, error) {
	var list []output
	for _, text := range o.Format {
		outputs, err := parseFormats(text)
		if err != nil {
			return nil, fmt.Errorf("--format: %w", err)
		}
		list = append(list, outputs...)
	}
	if list == nil {
		list = []output{{format: report.Formats()[0]}}
	}
	if err := o.assign(list); err != nil {
		return nil, err
	}
	return list, checkPlaces(list)
}

// parseFormats reads FORMAT[=FILE],… The argument of a template goes on to the
// end, commas and all.
func parseFormats(text string) ([]output, error) {
	var list []output
	for rest, more := text, true; more; {
		name, _, _ := strings.Cut(rest, ",")
		name, _, _ = strings.Cut(name, "=")
		format, err := report.FormatNamed(name)
		if err != nil {
			return nil, err
		}
		item := rest
		if format.Argument == "" {
			item, rest, more = strings.Cut(rest, ",")
		} else {
			more = false
		}
		_, value, given := strings.Cut(item, "=")
		switch {
		case format.Argument != "" && !given:
			return nil, fmt.Errorf("expected %s=%s or %s=@FILE, found %q", name, format.Argument, name, item)
		case format.Argument != "":
			list = append(list, output{format: format, argument: value})
		case given && value == "":
			return nil, fmt.Errorf("expected a file after %q", item)
		default:
			list = append(list, output{format: format, file: value})
		}
	}
	return list, nil
}

// assign gives the file of --output to the one form that has none.
func (o *outputFlags) assign(list []output) error {
	if o.Output == "" {
		return nil
	}
	var without []string
	for i := range list {
		if list[i].file == "" {
			without = append(without, list[i].format.Name)
		}
	}
	if len(without) != 1 {
		return fmt.Errorf("--output is for the one form without a file of its own, found %s", orNone(without))
	}
	i := slices.IndexFunc(list, func(out output) bool { return out.file == "" })
	list[i].file = string(o.Output)
	return nil
}

func orNone(names []string) string {
	if names == nil {
		return "none"
	}
	return strings.Join(names, " and ")
}

// checkPlaces refuses two forms in one place, except for lines, which can follow
// each other on standard output.
func checkPlaces(list []output) error {
	for i, out := range list {
		for _, earlier := range list[:i] {
			switch {
			case out.toStandardOutput() != earlier.toStandardOutput():
			case !out.toStandardOutput() && filepath.Clean(out.file) == filepath.Clean(earlier.file):
				return fmt.Errorf("%s and %s would both be written to %s", earlier.format.Name, out.format.Name, out.file)
			case out.toStandardOutput() && (out.format.Document || earlier.format.Document):
				return fmt.Errorf("%s and %s would both be written to standard output: give one a file, such as --format %s=FILE",
					earlier.format.Name, out.format.Name, out.format.Name)
			}
		}
	}
	return nil
}

func (out *output) toStandardOutput() bool { return out.file == "" || out.file == standardOutput }

// open makes what writes the forms, and reads the templates for that. It
// refuses to write over the scripts.
func (o *outputFlags) open(scripts []string) ([]output, error) {
	list, err := o.outputs()
	if err != nil {
		return nil, &failure{exitUsage, err}
	}
	for i := range list {
		out := &list[i]
		if slices.ContainsFunc(scripts, func(script string) bool { return sameFile(script, out.file) }) {
			return nil, wrongUsage("the report would be written over the script %s", out.file)
		}
		argument := out.argument
		if name, ok := strings.CutPrefix(argument, "@"); ok {
			text, err := os.ReadFile(name)
			if err != nil {
				return nil, fmt.Errorf("read the template: %w", err)
			}
			argument = string(text)
		}
		if out.write, err = out.format.Writer(argument); err != nil {
			return nil, wrongUsage("--format %s: %w", out.format.Name, err)
		}
	}
	return list, nil
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second) && first.Mode().IsRegular()
}

// writeReports writes all forms, whatever becomes of each.
func writeReports(list []output, findings *report.Report, color string, std streams) error {
	code := exitOK
	for _, out := range list {
		err := out.writeTo(std.out, findings, color)
		if err == nil {
			continue
		}
		wrong, failed := exitUnreadable, fmt.Errorf("write the findings: %w", err)
		if _, ok := errors.AsType[*report.TemplateError](err); ok {
			wrong, failed = exitUsage, fmt.Errorf("--format %s: %w", out.format.Name, err)
		}
		fmt.Fprintf(std.err, "tlsmgm: %v\n", failed)
		code = max(code, wrong)
	}
	if code != exitOK {
		return &failure{code: code}
	}
	return nil
}

func (out *output) writeTo(stdout io.Writer, findings *report.Report, color string) error {
	if out.toStandardOutput() {
		return out.write(stdout, findings, useColor(color, stdout))
	}
	var text bytes.Buffer
	if err := out.write(&text, findings, color == "always"); err != nil {
		return err
	}
	return replaceFile(out.file, text.Bytes())
}

// replaceFile writes a file so that whoever reads it meets the old content or
// the new one. What is no regular file, such as /dev/stderr, is written to as it
// is.
func replaceFile(path string, content []byte) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		err = renameInto(path, 0, content)
	case info.Mode().IsRegular():
		err = renameInto(path, info.Mode().Perm(), content)
	default:
		err = writeInto(path, content)
	}
	if err != nil {
		// The errors of the system name the other file, which nobody knows.
		return fmt.Errorf("%s: %w", path, rewrite.Plain(err))
	}
	return nil
}

// renameInto writes another file in the same folder and renames it. Without a
// mode, the file gets that of a new one.
func renameInto(path string, mode fs.FileMode, content []byte) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	const umaskDecides = 0o666 // as of what a shell writes
	return rewrite.Swap(path, umaskDecides, content, func(file *os.File) error {
		if mode == 0 {
			return nil
		}
		return file.Chmod(mode)
	})
}

// writeInto writes to what is no regular file.
func writeInto(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

// reportBase takes paths to be relative to the repository that the working
// directory is in, or to that directory if it is in none.
func reportBase() report.Base {
	dir, err := os.Getwd()
	if err != nil {
		return report.Base{}
	}
	for root := dir; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, ".git")); err == nil {
			return report.Base{Dir: dir, Root: root}
		}
		if root == filepath.Dir(root) {
			return report.Base{Dir: dir, Root: dir}
		}
	}
}
