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
			properties := []gitHubProperty{{"file", r.Base.display(f.Name)}, {"title", unreadable}}
			gitHubCommand(buffer, diag.Error, properties, f.whyUnread())
		}
		for _, d := range f.Diagnostics {
			properties := append(gitHubPlace(r, f, d.Span), gitHubProperty{"title", r.rule(d).title()})
			gitHubCommand(buffer, d.Severity, properties, message(d.Message, d.Help))
		}
	}
	return buffer.Flush() // the buffer keeps the first error
}

type gitHubProperty struct{ name, value string }

// gitHubPlace gives columns only within a line: GitHub takes no others.
func gitHubPlace(r *Report, f *File, span diag.Span) []gitHubProperty {
	properties := []gitHubProperty{{"file", r.Base.display(f.fileOf(span))}}
	add := func(name string, value int) {
		properties = append(properties, gitHubProperty{name, strconv.Itoa(value)})
	}
	if span.IsValid() {
		add("line", span.Start.Line)
		add("endLine", span.End.Line)
	}
	if span.IsValid() && span.Start.Line == span.End.Line {
		add("col", f.column(span.Start))
		add("endColumn", f.column(span.End))
	}
	return properties
}

// What a runner undoes in a message, and in a property.
var (
	gitHubData  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	gitHubValue = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// gitHubCommand writes ::severity name=value,…::message.
func gitHubCommand(w io.Writer, severity diag.Severity, properties []gitHubProperty, message string) {
	pairs := make([]string, len(properties))
	for i, p := range properties {
		pairs[i] = p.name + "=" + gitHubValue.Replace(safe(p.value))
	}
	fmt.Fprintf(w, "::%s %s::%s\n", severity, strings.Join(pairs, ","), gitHubData.Replace(message))
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
