// Package tracetext writes traces of requests and probes of servers for people.
package tracetext

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/opensips-tools/tlsmgm/cfg/route"
	"github.com/opensips-tools/tlsmgm/cfg/trace"
)

// Write writes what came in, a line for each step with what it read and did below
// it, and a summary. What it takes from the script and the request is safe for
// terminals.
func Write(w io.Writer, r *trace.Run) error {
	t := &writer{Writer: bufio.NewWriter(w)}
	t.head(r)
	for _, e := range r.Steps {
		t.width = max(t.width, utf8.RuneCountInString(place(e.At)))
	}
	if len(r.Steps) > 0 {
		fmt.Fprintln(t)
	}
	for i := range r.Steps {
		t.step(r.Steps, i)
	}
	fmt.Fprintln(t)
	t.summary(r)
	return t.Flush()
}

// writer keeps the first error for Flush.
type writer struct {
	*bufio.Writer
	width int // of the places of steps
}

// labelWidth is that of the words before what came in and before the summary.
const labelWidth = 12

func (t *writer) line(label, format string, args ...any) {
	fmt.Fprintf(t, "%-*s%s\n", labelWidth, label, safe(fmt.Sprintf(format, args...)))
}

func (t *writer) head(r *trace.Run) {
	t.line("request", "%s: %s %s from %v", r.Request.Name, r.Request.Method, r.Request.URI, r.Request.Source)
	t.line("socket", "%v", r.Socket)
	if d := r.Domain; d != nil {
		t.line("domain", "server domain %q%s", d.Name, certificate(d.Subject))
		version, _ := r.Variables.Lookup("$tls_version")
		suite, _ := r.Variables.Lookup("$tls_cipher_info")
		client := "no client certificate"
		if subject, ok := r.Variables.Lookup("$tls_peer_subject"); ok {
			client = fmt.Sprintf("client certificate %s: %s", subject, d.Verified)
		}
		if version != "" {
			t.line("session", "%s, %s, %s", version, suite, client)
		}
	}
	for _, note := range r.Notes {
		t.line("note", "%s", note)
	}
}

func certificate(subject string) string {
	if subject == "" {
		return ""
	}
	return ", certificate " + subject
}

// place is file:line of a step.
func place(p route.Position) string {
	if p.Line == 0 {
		return ""
	}
	return safe(p.File) + ":" + strconv.Itoa(p.Line)
}

// step writes a step in its column, and what it did below.
func (t *writer) step(steps []route.Event, i int) {
	e := &steps[i]
	title, below := titleOf(e), about(e)
	if e.Kind == route.KindEnd {
		return // it is in the summary
	}
	if i > 0 && e.Kind == route.KindCall && e.At == steps[i-1].At && (steps[i-1].Kind == route.KindRelay || steps[i-1].Kind == route.KindReply) {
		below = []string{returned(e)} // the rest is told already
	} else {
		fmt.Fprintf(t, "%-*s  %s%s\n", t.width, place(e.At), indent(e.Depth), title)
	}
	for _, line := range below {
		fmt.Fprintf(t, "%*s    %s%s\n", t.width, "", indent(e.Depth), line)
	}
}

// deepest is how deep route calls are shown as such.
const deepest = 20

func indent(depth int) string { return strings.Repeat("  ", min(depth, deepest)) }

// titleOf is the step itself.
func titleOf(e *route.Event) string {
	text := shown(e.Text)
	switch e.Kind {
	case route.KindEnter:
		if len(e.Args) > 0 {
			text += "(" + list(e.Args) + ")"
		}
	case route.KindLeave:
		return text + " " + returned(e)
	case route.KindCondition:
		switch e.Value {
		case "error":
			return text + " is an error, which counts as false"
		case "end":
			return text + " ends the script"
		}
		return fmt.Sprintf("%s is %v", text, e.Value)
	case route.KindSwitch:
		return fmt.Sprintf("switch (%s): %s", text, caseOf(e.Match))
	case route.KindLoop:
		return fmt.Sprintf("for: %s = %s", safe(e.Target), value(e.Value))
	case route.KindCall:
		if e.Function != "exit" && e.Function != "drop" && e.Function != "return" {
			text += " " + returned(e)
		}
	case route.KindWarning:
		return "warning: " + safe(e.Message)
	}
	return text
}

func caseOf(match string) string {
	if match == "" || match == "default" {
		return "default"
	}
	return "case " + shown(match)
}

func returned(e *route.Event) string {
	if e.Code == nil {
		return "returned nothing"
	}
	return fmt.Sprintf("returned %d", *e.Code)
}

// about is what a step read, and what it did.
func about(e *route.Event) []string {
	var lines []string
	if len(e.Variables) > 0 {
		var read []string
		for _, v := range e.Variables {
			if text := safe(v.Name) + " = " + value(v.Value); !slices.Contains(read, text) {
				read = append(read, text)
			}
		}
		lines = append(lines, "with "+strings.Join(read, ", "))
	}
	switch e.Kind {
	case route.KindAssign:
		if set := value(e.Value); e.Text != e.Target+" = "+set {
			lines = append(lines, fmt.Sprintf("%s is set to %s", safe(e.Target), set))
		}
	case route.KindCall:
		if e.Stub {
			lines = append(lines, fmt.Sprintf("not run here: %s(%s)", safe(e.Function), list(e.Args)))
		}
	case route.KindLog:
		lines = append(lines, fmt.Sprintf("%v: %s", e.Level, shown(strings.TrimRight(e.Output, "\r\n"))))
	case route.KindReply:
		lines = append(lines, fmt.Sprintf("reply %d %s", e.Reply.Code, shown(e.Reply.Reason)))
		for _, h := range e.Reply.Headers {
			lines = append(lines, "with the header "+shown(h))
		}
	case route.KindRelay:
		lines = append(lines, relay(e.Relay)...)
	}
	return lines
}

// relay is a decision in lines.
func relay(d *route.Relay) []string {
	if d.Error != "" {
		return []string{fmt.Sprintf("no destination in %s %s: %s", d.From, shown(d.URI), safe(d.Error))}
	}
	to := "relay to " + trace.Destination(d)
	if d.From != route.FromArgument {
		to += fmt.Sprintf(", %s is %s", d.From, d.URI)
	}
	if d.Why != "" {
		to += ": " + d.Why
	}
	lines := []string{safe(to)}
	if client := clientDomain(d); client != "" {
		lines = append(lines, safe(client))
	}
	for _, note := range d.Notes {
		lines = append(lines, "note: "+safe(note))
	}
	return lines
}

// clientDomain is the client domain with what it was found by; empty where there
// is no TLS.
func clientDomain(d *route.Relay) string {
	c := trace.ClientOf(d)
	condition := ""
	if !d.TLS && d.IfTLS != nil {
		condition = "if DNS leads to TLS: "
	}
	switch {
	case c == nil && d.TLS:
		return "there is no client domain"
	case c == nil:
		return ""
	}
	rule := c.Rule
	if d.AVP != "" && !strings.EqualFold(d.AVP, c.Name) {
		rule += fmt.Sprintf("; none is called %q", d.AVP)
	}
	return fmt.Sprintf("%sclient domain %q%s (%s)", condition, c.Name, certificate(c.Subject), rule)
}

func (t *writer) summary(r *trace.Run) {
	if r.Refused != nil {
		t.line("refused", "%s", r.Refused.Reason)
		if r.Refused.Help != "" {
			t.line("help", "%s", r.Refused.Help)
		}
	}
	if r.Result == nil {
		return
	}
	for i := range r.Result.Relays {
		d := &r.Result.Relays[i]
		if d.Error != "" {
			t.line("relay", "none, %s", d.Error)
			continue
		}
		to := trace.Destination(d)
		if client := clientDomain(d); client != "" {
			to += ", " + client
		}
		t.line("relay", "%s", to)
	}
	for _, reply := range r.Result.Replies {
		t.line("reply", "%d %s", reply.Code, reply.Reason)
	}
	for _, h := range r.Result.Headers {
		t.line("header", "%s", h)
	}
	for _, s := range r.Result.Stubs {
		t.line("not run", "%s(%s) returned %d, %s", s.Function, strings.Join(s.Args, ", "), s.Code, place(s.At))
	}
	end := string(r.Result.End)
	if r.Result.Message != "" {
		end += ", " + r.Result.Message
	}
	t.line("end", "%s", end)
	for _, o := range r.Expectations {
		if o.Met {
			t.line("met", "%s", o.Expected)
		} else {
			t.line("not met", "%s", o)
		}
	}
}

func list(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = value(v)
	}
	return strings.Join(texts, ", ")
}

// value is a value of a variable: a text in quotes, a number, or NULL.
func value(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return `"` + shown(v) + `"`
	}
	return fmt.Sprint(v)
}

// longest is how much of a text is shown, in characters. JSON has all.
const longest = 160

var lineEnds = regexp.MustCompile(`[ \t]*[\r\n]+[ \t]*`)

// shown is a text in one line that is not too long.
func shown(text string) string {
	text = safe(lineEnds.ReplaceAllString(text, " "))
	if utf8.RuneCountInString(text) <= longest {
		return text
	}
	return string([]rune(text)[:longest]) + "…"
}

// safe escapes what does not print, such as escape sequences.
func safe(text string) string {
	printable := func(r rune) bool { return unicode.IsPrint(r) && r != utf8.RuneError }
	if strings.IndexFunc(text, func(r rune) bool { return !printable(r) }) < 0 {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case printable(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		text = text[size:]
	}
	return b.String()
}
