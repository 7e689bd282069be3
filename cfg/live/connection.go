package live

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/route"
	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/transport"
)

// origin is where the script sets a setting.
func origin(s cfg.Setting[int]) domain.Origin {
	if !s.IsSet() {
		return domain.Origin{}
	}
	return domain.InScript(s.At)
}

// messageTime is how long a message may take to arrive once it has begun (the
// default of tcp_max_msg_time: 4 s).
const messageTime = 4 * time.Second

// connection serves one connection: it reads messages until the peer has no more.
func (s *Server) connection(ctx context.Context, c *transport.Conn) {
	log := s.options.Log.With("peer", c.Remote().String(), "socket", c.ScriptAddress().String(), "domain", c.Domain().DisplayName())
	if c.Socket().Proto == "wss" {
		log.Info("WebSocket over TLS: the handshake is all that is tried here")
		return
	}
	source := &timedReader{conn: c}
	reader := sipmsg.NewReader(source, sipmsg.DefaultLimit)
	source.pending = reader.Pending
	for {
		message, err := reader.Next()
		if err == nil {
			s.message(ctx, c, log, message)
			continue
		}
		if !s.goOn(c, log, err) {
			return
		}
	}
}

// timedReader bounds the time that a message takes from its first byte on.
// Between messages the idle timeout of the connection counts.
type timedReader struct {
	conn    *transport.Conn
	pending func() int
	begun   bool
}

func (r *timedReader) Read(b []byte) (int, error) {
	if begun := r.pending() > 0; begun != r.begun {
		r.begun = begun
		var deadline time.Time
		if begun {
			deadline = time.Now().Add(messageTime)
		}
		if err := r.conn.SetReadDeadline(deadline); err != nil {
			return 0, err
		}
	}
	return r.conn.Read(b)
}

// goOn deals with what is no message, and says whether the connection is of
// further use.
func (s *Server) goOn(c *transport.Conn, log *slog.Logger, err error) bool {
	malformed, isMalformed := errors.AsType[*sipmsg.MalformedError](err)
	switch {
	case errors.Is(err, sipmsg.ErrPing):
		if s.config.ProtoTLS.CRLFPingPong.Value != 0 {
			_, err := io.WriteString(c, "\r\n")
			return err == nil
		}
		return true
	case isMalformed:
		log.Warn("message refused", "reason", malformed.Error(), "answer", malformed.Status)
		if malformed.Status != 0 {
			if err := s.send(c, malformed.Partial, route.Reply{Code: malformed.Status}); err != nil {
				log.Warn("reply not sent", "code", malformed.Status, "reason", err.Error())
			}
		}
		return !malformed.Close
	case errors.Is(err, io.EOF):
		log.Info("connection ended by the peer")
	default:
		log.Info("connection ended", "reason", err.Error())
	}
	return false
}

// send sends a reply on the connection that the request came on.
func (s *Server) send(c *transport.Conn, request *sipmsg.Message, r route.Reply) error {
	text, err := sipmsg.Reply(request, r.Code, r.Reason, sipmsg.ReplyOptions{Source: c.Remote(), Server: s.options.ServerTag, Extra: r.Headers})
	if err != nil {
		return err
	}
	_, err = c.Write(text)
	return err
}
