package tracetext

import (
	"bufio"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg/probe"
)

// WriteProbe writes what became of a connection: the client domain, the
// handshake, the verification, the chain of the server, a table of the variables,
// and the reply.
func WriteProbe(w io.Writer, r *probe.Report) error {
	t := &writer{Writer: bufio.NewWriter(w)}
	target := r.Target.String()
	if at := "tls:" + r.Address.String(); at != target {
		target += ", " + at
	}
	t.line("server", "%s", target)
	t.line("domain", "client domain %q%s (%s)", r.Domain.Name, certificate(r.Domain.Subject), r.Domain.Rule)
	t.line("timeout", "%s", r.Timeout)
	t.handshake(r)
	for i, c := range r.Chain {
		label := ""
		if i == 0 {
			label = "chain"
		}
		t.line(label, "%d %s, issued by %s, valid until %s", i, c.Subject, c.Issuer, c.NotAfter.Format(time.DateOnly))
	}
	t.variables(r)
	t.reply(r)
	return t.Flush()
}

func (t *writer) handshake(r *probe.Report) {
	version, _ := r.Variables.Lookup("$tls_version")
	suite, _ := r.Variables.Lookup("$tls_cipher_info")
	if version != "" {
		t.line("handshake", "%s, %s", version, suite)
	}
	if v := r.Verification; v != nil {
		text := v.Text
		if v.Code != 0 {
			text += fmt.Sprintf(" (error %d)", v.Code)
			if !r.Domain.Verify {
				text += ", which does not matter: verify_cert is 0"
			}
		}
		t.line("verified", "%s", text)
		if v.Reason != "" {
			t.line("", "%s", v.Reason)
		}
		if v.Help != "" {
			t.line("help", "%s", v.Help)
		}
	}
	if f := r.Failure; f != nil {
		t.line("failed", "at the step %q: %s", f.Step, f.Reason)
		if f.Help != "" {
			t.line("help", "%s", f.Help)
		}
	}
}

func (t *writer) variables(r *probe.Report) {
	if len(r.Variables) == 0 {
		return
	}
	fmt.Fprintln(t)
	table := tabwriter.NewWriter(t, 0, 0, 2, ' ', 0)
	for _, v := range r.Variables {
		value := "NULL"
		if v.Value != nil {
			value = safe(*v.Value)
		}
		fmt.Fprintf(table, "%s\t%s\n", v.Name, value)
	}
	_ = table.Flush() // the error comes from that of t
}

func (t *writer) reply(r *probe.Report) {
	if r.Sent == "" && r.NoReply == "" {
		return
	}
	fmt.Fprintln(t)
	if r.Sent != "" {
		t.line("sent", "%s", r.Sent)
	}
	if r.Reply != nil {
		t.line("reply", "SIP/2.0 %d %s", r.Reply.Code, r.Reply.Reason)
		for _, h := range r.Reply.Headers {
			t.line("", "%s", h)
		}
	}
	if r.NoReply != "" {
		t.line("reply", "%s", r.NoReply)
	}
}
