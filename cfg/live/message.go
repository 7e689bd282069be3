package live

import (
	"context"
	"log/slog"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/route"
	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
)

// message runs the request route for a request, and logs what comes of it.
func (c *connection) message(ctx context.Context, m *sipmsg.Message) {
	s := c.server
	log := c.log.With("call_id", m.CallID())
	if !m.IsRequest() {
		log.Info("reply received, which no route is run for", "code", m.Status(), "method", m.Method())
		return
	}
	log.Info("request received", "method", m.Method(), "uri", withoutPassword(m.RequestURI()))
	// What has arrived is finished, also when the program is about to end.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.options.RunTime)
	defer cancel()
	scope := &pv.Scope{
		Version: s.config.Version, Message: m, TLS: c.Session(), Proto: c.Socket().Proto,
		Source: c.Remote(), Socket: c.ScriptAddress(), MessageID: s.messages.Add(1), Now: s.options.Now, Started: s.started,
	}
	env := route.Env{Clients: Clients{s.registry.Domains()}, Replier: &replier{c, log, m}, Logger: scriptLog{log}}
	if log.Enabled(ctx, slog.LevelWarn) {
		env.Tracer = &steps{log: log}
	}
	result := s.program.Run(ctx, scope, env)
	tellEnd(log, m, &result)
}

// tellEnd logs how a run ended, as far as that is not seen from its steps.
func tellEnd(log *slog.Logger, m *sipmsg.Message, r *route.Result) {
	switch {
	case r.End == route.EndError || r.End == route.EndLimit:
		log.Error("route ended early", "reason", r.Message)
	case len(r.Replies) == 0 && len(r.Relays) == 0 && m.Method() != "ACK":
		log.Info("route ended without a reply or a relay", "end", string(r.End))
	default:
		log.Debug("route ended", "end", string(r.End), "code", r.Code)
	}
}

// withoutPassword is a URI for the log.
func withoutPassword(uri string) string {
	u, err := sipmsg.ParseURI(uri)
	if err != nil {
		return "(not readable)"
	}
	if u.Password != "" {
		u.Password = "***"
	}
	return u.String()
}

// replier sends what the script replies.
type replier struct {
	conn    *connection
	log     *slog.Logger
	request *sipmsg.Message
}

// Reply implements [route.Replier]. An error is what the function of the script
// fails with.
func (r *replier) Reply(reply route.Reply) error {
	attrs := []any{"code", reply.Code, "script", reply.At.String()}
	if err := r.conn.send(r.request, reply); err != nil {
		r.log.Warn("reply not sent", append(attrs, "reason", err.Error())...)
		return err
	}
	r.log.Info("reply sent", append(attrs, "phrase", reply.Reason)...)
	return nil
}

// scriptLog has the lines of the script in the log of the program.
type scriptLog struct{ log *slog.Logger }

// Log implements [route.Logger].
func (l scriptLog) Log(line route.Log) {
	l.log.Log(context.Background(), slogLevel(line.Level), strings.TrimRight(line.Text, "\r\n"), "script", line.At.String())
}

func slogLevel(l route.Level) slog.Level {
	switch {
	case l <= route.Error:
		return slog.LevelError
	case l == route.Warn:
		return slog.LevelWarn
	case l >= route.Debug:
		return slog.LevelDebug
	}
	return slog.LevelInfo
}
