package live

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/route"
	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
	"github.com/opensips-tools/tlsmgm/mgm/transport"
)

// message runs the request route for a request, and logs what came of it.
func (s *Server) message(ctx context.Context, c *transport.Conn, log *slog.Logger, m *sipmsg.Message) {
	log = log.With("method", m.Method(), "call_id", m.CallID())
	if !m.IsRequest() {
		log.Info("reply received, which no route is run for", "code", m.Status())
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.options.RunTime)
	defer cancel()
	scope := &pv.Scope{
		Version: s.config.Version, Message: m, TLS: c.Session(), Proto: c.Socket().Proto,
		Source: c.Remote(), Socket: c.ScriptAddress(), MessageID: s.messages.Add(1), Now: s.options.Now,
	}
	result := s.program.Run(ctx, scope, route.Env{
		Clients: Clients{s.registry.Domains()},
		Replier: &replier{server: s, conn: c, log: log, request: m},
		Logger:  scriptLog{log},
	})
	tellResult(log, &result)
}

// replier sends what the script replies.
type replier struct {
	server  *Server
	conn    *transport.Conn
	log     *slog.Logger
	request *sipmsg.Message
}

// Reply implements [route.Replier]. An error is what the function of the script
// fails with.
func (r *replier) Reply(reply route.Reply) error {
	log := r.log.With("code", reply.Code, "script", reply.At.String())
	if err := r.server.send(r.conn, r.request, reply); err != nil {
		log.Warn("reply not sent", "reason", err.Error())
		return err
	}
	log.Info("reply sent", "phrase", reply.Reason)
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

// tellResult logs what a run decided and what a server would have done that was
// not done here.
func tellResult(log *slog.Logger, r *route.Result) {
	for _, stub := range r.Stubs {
		log.Info("function not run here", "function", stub.Function, "arguments", stub.Args, "returned", stub.Code, "script", stub.At.String())
	}
	for _, relay := range r.Relays {
		log.Info("relay decided, nothing is sent on", relayAttributes(&relay)...)
	}
	for _, w := range r.Warnings {
		log.Warn(w.Message, "script", w.At.String())
	}
	if r.End == route.EndError || r.End == route.EndLimit {
		log.Error("route ended early", "end", string(r.End), "reason", r.Message)
	}
}

func relayAttributes(r *route.Relay) []any {
	attributes := []any{"script", r.At.String(), "function", r.Function, "from", string(r.From)}
	if r.Error != "" {
		return append(attributes, "error", r.Error)
	}
	attributes = append(attributes, "destination", r.Proto+":"+net.JoinHostPort(r.Host, strconv.Itoa(int(r.Port))))
	client, condition := r.Client, ""
	if client == nil && r.IfTLS != nil {
		client, condition = r.IfTLS, "if DNS leads to TLS: "
	}
	if client != nil {
		attributes = append(attributes, "client_domain", condition+client.Name, "found_by", client.Rule, "certificate", client.Subject)
	}
	if r.AVP != "" {
		attributes = append(attributes, "avp", r.AVP)
	}
	return attributes
}

// Describe names the sockets for people: as the script has them, and where they
// are open if that is somewhere else.
func (s *Server) Describe() []string { return describe(s.sockets, s.Addresses()) }

func describe(sockets []transport.Socket, addresses []net.Addr) []string {
	lines := make([]string, len(sockets))
	for i, socket := range sockets {
		lines[i] = fmt.Sprintf("%s:%v", socket.Proto, socket.Script)
		if bound := addresses[i].String(); bound != socket.Script.String() {
			lines[i] += " at " + bound
		}
	}
	return lines
}
