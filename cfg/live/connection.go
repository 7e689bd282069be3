package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg/route"
	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
	"github.com/opensips-tools/tlsmgm/mgm/transport"
	"github.com/opensips-tools/tlsmgm/mgm/variables"
)

// connection is one that is open.
type connection struct {
	*transport.Conn
	server   *Server
	log      *slog.Logger // its lines name the peer
	calm     *slog.Logger // for what the peer can cause as often as it likes
	messages int
}

// serve serves a connection: it reads messages until the peer has no more.
func (s *Server) serve(ctx context.Context, raw *transport.Conn) {
	c := &connection{Conn: raw, server: s}
	peer := slog.String("peer", raw.Remote().String())
	c.log, c.calm = s.options.Log.With(peer), s.calm.With(peer)
	c.tellOpen(ctx)
	if raw.Socket().Proto == "wss" {
		c.log.Info("connection closed: of wss the TLS handshake is all that is tried")
		return
	}
	source := &source{Conn: raw, settings: &s.settings}
	reader := sipmsg.NewReader(source, sipmsg.DefaultLimit)
	source.pending = reader.Pending
	for {
		message, err := reader.Next()
		source.next()
		if err == nil {
			c.messages++
			c.message(ctx, message)
			continue
		}
		if !c.goOn(err) {
			return
		}
	}
}

// tellOpen logs the connection, in the words of the script's variables.
func (c *connection) tellOpen(ctx context.Context) {
	if !c.log.Enabled(ctx, slog.LevelInfo) {
		return
	}
	session := c.Session()
	attrs := []any{
		"socket", c.ScriptAddress().String(), "proto", c.Socket().Proto, "domain", c.Domain().DisplayName(),
		"version", variable(session, "tls_version"), "cipher", variable(session, "tls_cipher_info"),
	}
	switch {
	case session.Peer != nil:
		attrs = append(attrs, "peer_subject", variable(session, "tls_peer_subject"), "verification", session.Verification.Code.String())
	case c.Domain().VerifyCert.On:
		attrs = append(attrs, "peer_certificate", "none")
	default:
		attrs = append(attrs, "peer_certificate", "not asked for")
	}
	c.log.Info("TLS connection open", attrs...)
}

// variable is the text of a variable of the connection; empty for NULL.
func variable(s *variables.Session, name string) string {
	v, ok := variables.Lookup(name)
	if !ok {
		return ""
	}
	return v.Value(s).Text
}

// errChunks ends a connection as tls_max_msg_chunks says.
var errChunks = errors.New("a message came in too many parts")

// source is the connection as its messages are read from it: it bounds the time
// and the reads that a message takes from its first byte on. Between messages the
// idle timeout of the connection counts.
type source struct {
	*transport.Conn
	settings *settings
	pending  func() int

	reads    int  // that left the message incomplete
	full     bool // the last read filled its buffer: the next goes on with the same record
	timed    bool // the message has its deadline
	deadline bool // the connection has one
}

// next begins with the next message.
func (s *source) next() { s.reads, s.full, s.timed = 0, false, false }

// Read reads once, which is the content of one TLS record at most, as a server
// reads.
func (s *source) Read(b []byte) (int, error) {
	if err := s.limit(s.pending() > 0); err != nil {
		return 0, err
	}
	n, err := s.Conn.Read(b)
	s.full = n == len(b)
	return n, err
}

// limit counts a read of a message that has begun, and sets the deadline.
func (s *source) limit(begun bool) error {
	if begun && !s.full {
		s.reads++
		if s.reads >= s.settings.chunks.n {
			return errChunks
		}
	}
	switch {
	case begun && !s.timed:
		s.timed, s.deadline = true, true
		return s.SetReadDeadline(time.Now().Add(s.settings.message.duration()))
	case !begun && s.deadline:
		s.deadline = false
		return s.SetReadDeadline(time.Time{})
	}
	return nil
}

// goOn deals with what is no message, and says whether the connection is of
// further use.
func (c *connection) goOn(err error) bool {
	malformed, isMalformed := errors.AsType[*sipmsg.MalformedError](err)
	switch {
	case errors.Is(err, sipmsg.ErrPing):
		return c.pong()
	case isMalformed:
		return c.refuse(malformed)
	}
	c.tellEnd(err)
	return false
}

// pong answers a keep-alive. (tls_crlf_drop has nothing to do: a single CRLF is
// never answered.)
func (c *connection) pong() bool {
	c.log.Debug("keep-alive", "answered", c.server.settings.pong)
	if !c.server.settings.pong {
		return true
	}
	if _, err := io.WriteString(c, "\r\n"); err != nil {
		c.tellEnd(err)
		return false
	}
	return true
}

// refuse answers what is no proper message, as far as there can be an answer.
func (c *connection) refuse(m *sipmsg.MalformedError) bool {
	attrs := []any{"reason", m.Error()}
	if m.Status != 0 {
		attrs = append(attrs, "answer", m.Status)
		if err := c.send(m.Partial, route.Reply{Code: m.Status}); err != nil {
			attrs = append(attrs, "not_sent", err.Error())
		}
	}
	if m.Close {
		attrs = append(attrs, "connection", "closed, because the end of the message is not known")
	}
	c.calm.Warn("message refused", attrs...)
	return !m.Close
}

// tellEnd logs why the connection ends.
func (c *connection) tellEnd(err error) {
	set := &c.server.settings
	log := c.log.With("messages", c.messages)
	refused, isRefused := errors.AsType[*transport.HandshakeError](err)
	switch {
	case isRefused:
		c.calm.Warn("TLS connection refused by the peer", "step", string(refused.Step), "reason", refused.Reason, "help", refused.Help)
	case errors.Is(err, transport.ErrStopped):
		log.Debug("connection closed: the program ends")
	case errors.Is(err, transport.ErrIdle):
		log.Info("connection closed", "reason", fmt.Sprintf("nothing was sent or received for %v (%v)", set.idle.duration(), set.idle))
	case errors.Is(err, errChunks):
		c.calm.Warn("connection closed", "reason", fmt.Sprintf("a message was not complete after %d reads (%v)", set.chunks.n, set.chunks))
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.calm.Warn("connection closed", "reason", fmt.Sprintf("a message was not complete within %v (%v)", set.message.duration(), set.message))
	case errors.Is(err, io.ErrUnexpectedEOF):
		c.calm.Warn("connection closed by the peer", "reason", err.Error())
	case errors.Is(err, io.EOF):
		log.Info("connection closed by the peer")
	default:
		log.Info("connection ended", "reason", err.Error())
	}
}

// send sends a reply on the connection that the request came on.
func (c *connection) send(request *sipmsg.Message, r route.Reply) error {
	o := c.server.settings.signature.reply(r.Headers)
	o.Source = c.Remote()
	text, err := sipmsg.Reply(request, r.Code, r.Reason, o)
	if err != nil {
		return err
	}
	_, err = c.Write(text)
	return err
}
