package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr"`
		Line    int           `xml:"line,attr,omitempty"`
		Failure *junitOutcome `xml:"failure"`
		Error   *junitOutcome `xml:"error"`
		Skipped *junitOutcome `xml:"skipped"`
	}
	junitOutcome struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",cdata"`
	}
)

// WriteJUnit writes the report as the results of tests: a suite for each script,
// and in it a test for each finding, or one that passes. A finding that counts as
// success is a test that was skipped, so that the tests fail when the run does.
func WriteJUnit(w io.Writer, r *Report) error {
	suites := junitSuites{Name: "tlsmgm check"}
	for i := range r.Files {
		suite := newJUnitSuite(r, &r.Files[i])
		suites.Suites = append(suites.Suites, suite)
		suites.Tests += suite.Tests
		suites.Failures += suite.Failures
		suites.Errors += suite.Errors
		suites.Skipped += suite.Skipped
	}
	return writeXML(w, suites)
}

func newJUnitSuite(r *Report, f *File) junitSuite {
	suite := junitSuite{Name: safe(f.Name)}
	names := map[string]int{}
	for _, d := range f.Diagnostics {
		suite.add(newJUnitCase(r, f, d, names))
	}
	only := junitCase{Name: "check", Class: safe(f.Name), File: safe(f.Name)}
	switch {
	case f.Read == "":
		only.Error = &junitOutcome{Message: oneLine(f.whyUnread()), Type: unreadable}
		suite.add(only)
	case len(f.Diagnostics) == 0:
		suite.add(only)
	}
	return suite
}

func (s *junitSuite) add(c junitCase) {
	s.Cases = append(s.Cases, c)
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
}

// newJUnitCase names the test after the rule and the message, not the place:
// readers follow a test by its name from run to run.
func newJUnitCase(r *Report, f *File, d diag.Diagnostic, names map[string]int) junitCase {
	name := d.Rule + ": " + oneLine(d.Message)
	names[name]++
	if n := names[name]; n > 1 {
		name += fmt.Sprintf(" (%d)", n)
	}
	outcome := &junitOutcome{Message: oneLine(d.Message), Text: plainText(f, d)}
	test := junitCase{Name: name, Class: safe(f.Name), File: safe(f.fileOf(d.Span)), Line: d.Span.Start.Line}
	if r.exceeds(d) {
		outcome.Type = d.Severity.String()
		test.Failure = outcome
	} else {
		outcome.Message = d.Severity.String() + ": " + outcome.Message
		test.Skipped = outcome
	}
	return test
}

// oneLine is a text for an attribute, which keeps no lines.
func oneLine(text string) string { return strings.ReplaceAll(clean(text), "\n", "; ") }

// writeXML writes a document. What is in it has been made safe, and so is text
// that XML allows.
func writeXML(w io.Writer, document any) error {
	text, err := xml.MarshalIndent(document, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	return err
}
