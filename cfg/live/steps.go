package live

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"

	"github.com/opensips-tools/tlsmgm/cfg/route"
)

// steps logs what a run does that a server would do otherwise, in its place among
// the lines of the script and the replies.
type steps struct {
	log    *slog.Logger
	lines  int
	warned map[route.Position]bool
}

// maxSteps is how many lines a run may have of steps: a loop has thousands.
const maxSteps = 100

// Trace implements [route.Tracer].
func (s *steps) Trace(e route.Event) {
	switch {
	case e.Kind == route.KindCall && e.Stub:
		s.tell(slog.LevelInfo, "function not run here", "function", e.Function, "arguments", arguments(e.Args), "returned", *e.Code, "script", e.At.String())
	case e.Kind == route.KindRelay:
		s.tell(slog.LevelInfo, "relay decided, nothing is sent on", relayAttributes(e.Relay)...)
	case e.Kind == route.KindWarning && !s.warned[e.At]:
		if s.warned == nil {
			s.warned = map[route.Position]bool{}
		}
		s.warned[e.At] = true
		s.tell(slog.LevelWarn, "script warning", "reason", e.Message, "script", e.At.String())
	}
}

func (s *steps) tell(level slog.Level, message string, attributes ...any) {
	s.lines++
	switch {
	case s.lines <= maxSteps:
		s.log.Log(context.Background(), level, message, attributes...)
	case s.lines == maxSteps+1:
		s.log.Warn("more steps of this route are left out", "shown", maxSteps)
	}
}

// arguments are those of a call, with NULL as scripts print it.
func arguments(args []any) []string {
	all := make([]string, len(args))
	for i, a := range args {
		if all[i] = fmt.Sprint(a); a == nil {
			all[i] = "<null>"
		}
	}
	return all
}

func relayAttributes(r *route.Relay) []any {
	attributes := []any{"function", r.Function, "from", string(r.From)}
	if r.Error != "" {
		return append(attributes, "error", r.Error, "script", r.At.String())
	}
	attributes = append(attributes, "destination", r.Proto+":"+net.JoinHostPort(r.Host, strconv.Itoa(int(r.Port))))
	client, condition := r.Client, ""
	if client == nil && r.IfTLS != nil {
		client, condition = r.IfTLS, "if DNS leads to TLS: "
	}
	switch {
	case client != nil:
		attributes = append(attributes, "client_domain", condition+client.Name, "found_by", client.Rule, "certificate", client.Subject)
	case r.TLS:
		attributes = append(attributes, "client_domain", "none")
	}
	if r.AVP != "" {
		attributes = append(attributes, "avp", r.AVP)
	}
	return append(attributes, "script", r.At.String())
}
