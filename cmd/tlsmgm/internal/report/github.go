package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// WriteGitHub writes each finding as a workflow command of GitHub Actions, which
// makes an annotation of it. Paths are relative to the root.
func WriteGitHub(w io.Writer, r *Report) error {
	buffer := bufio.NewWriter(w)
	for i := range r.Files {
		f := &r.Files[i]
		if f.Read == "" {
			gitHubCommand(buffer, diag.Error, []string{"file", r.Base.display(f.Name), "title", unreadable}, f.whyUnread())
		}
		for _, d := range f.Diagnostics {
			properties := append(gitHubPlace(r, f, d.Span), "title", r.rule(d).title())
			gitHubCommand(buffer, d.Severity, properties, message(d.Message, d.Help))
		}
	}
	return buffer.Flush() // the buffer keeps the first error
}

// gitHubPlace gives columns only within a line: GitHub takes no others.
func gitHubPlace(r *Report, f *File, span diag.Span) []string {
	properties := []string{"file", r.Base.display(f.fileOf(span))}
	if !span.IsValid() {
		return properties
	}
	properties = append(properties, "line", strconv.Itoa(span.Start.Line), "endLine", strconv.Itoa(span.End.Line))
	if span.Start.Line == span.End.Line {
		properties = append(properties, "col", strconv.Itoa(f.column(span.Start)), "endColumn", strconv.Itoa(f.column(span.End)))
	}
	return properties
}

// gitHubCommand writes ::severity name=value,…::message.
func gitHubCommand(w io.Writer, severity diag.Severity, properties []string, message string) {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	var pairs []string
	for i := 0; i < len(properties); i += 2 {
		pairs = append(pairs, properties[i]+"="+property.Replace(safe(properties[i+1])))
	}
	fmt.Fprintf(w, "::%s %s::%s\n", severity, strings.Join(pairs, ","), data.Replace(message))
}

// display is the path of a file below the root, or its name if it is elsewhere.
func (b Base) display(name string) string {
	if path, ok := b.relative(name); ok {
		return path
	}
	return name
}

// title names a rule in few words.
func (rule RuleInfo) title() string { return strings.TrimSpace(rule.ID + " " + rule.Name) }
