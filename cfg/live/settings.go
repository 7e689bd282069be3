package live

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/transport"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// settings are what the script sets of connections, besides their domains.
type settings struct {
	connections int           // tcp_max_connections
	idle        seconds       // tcp_connection_lifetime
	message     seconds       // tcp_max_msg_time
	chunks      limit         // tls_max_msg_chunks
	pong        bool          // tls_crlf_pingpong
	signature   signature     // server_signature, server_header
	grace       time.Duration // of connections when the program ends
}

// limit is a number with the place where the script sets it.
type limit struct {
	name string
	n    int
	at   diag.Span
}

// String names the parameter and the place, as what is said of a connection ends.
func (l limit) String() string {
	if !l.at.IsValid() {
		return l.name + ", by default"
	}
	return fmt.Sprintf("%s, %s:%d", l.name, l.at.Start.File, l.at.Start.Line)
}

// seconds is a limit in seconds.
type seconds struct{ limit }

// duration is at least a second: OpenSIPS looks at these times once a second.
func (s seconds) duration() time.Duration { return max(time.Duration(s.n)*time.Second, time.Second) }

// defaultMessageTime is the tcp_max_msg_time of OpenSIPS, in seconds.
const defaultMessageTime = 4

func settingsOf(c *cfg.Config) settings {
	chunks := c.ProtoTLS.MaxMsgChunks
	return settings{
		connections: max(number(c, "tcp_max_connections", transport.DefaultMaxConnections).n, 1),
		idle:        seconds{number(c, "tcp_connection_lifetime", int(transport.DefaultIdleTimeout/time.Second))},
		message:     seconds{number(c, "tcp_max_msg_time", defaultMessageTime)},
		chunks:      limit{"tls_max_msg_chunks", chunks.Value, chunks.At},
		pong:        c.ProtoTLS.CRLFPingPong.Value != 0,
		signature:   signatureOf(c),
	}
}

// number is a global parameter that is a number.
func number(c *cfg.Config, name string, otherwise int) limit {
	if g := c.Global(name); g != nil {
		if n, err := strconv.Atoi(g.Text); err == nil {
			return limit{name, n, g.At}
		}
	}
	return limit{name: name, n: otherwise}
}

// signature is what tells in a reply who wrote it.
type signature struct {
	server string   // value of the Server header; empty for none
	extra  []string // the header in its place, where the script names another
}

// signatureOf is as OpenSIPS has it: server_header is the whole line. The default
// says whose reply it is, so that nobody takes this program for the real server.
func signatureOf(c *cfg.Config) signature {
	if g := c.Global("server_signature"); g != nil && isOff(g.Text) {
		return signature{}
	}
	g := c.Global("server_header")
	if g == nil {
		return signature{server: fmt.Sprintf("tlsmgm (OpenSIPS %v)", c.Version)}
	}
	name, value, ok := strings.Cut(g.Text, ":")
	switch {
	case !ok || strings.ContainsAny(name, " \t\r\n") || name == "":
		return signature{}
	case strings.EqualFold(name, "Server"):
		return signature{server: strings.TrimSpace(value)}
	}
	return signature{extra: []string{g.Text}}
}

// isOff reports whether a switch of the script is off.
func isOff(text string) bool {
	switch strings.ToLower(text) {
	case "0", "no", "off", "false", "disable":
		return true
	}
	return false
}

// tellSignature warns of a server_header that makes no header. OpenSIPS writes it
// all the same, which breaks its replies.
func (s settings) tellSignature(c *cfg.Config, log *slog.Logger) {
	g := c.Global("server_header")
	if g == nil || s.signature.server != "" || len(s.signature.extra) > 0 || isOff(textOf(c.Global("server_signature"))) {
		return
	}
	log.Warn(`server_header is no header and is left out of replies; a server sends it as it is: write "Server: …"`, "script", g.At.Start.String())
}

func textOf(g *cfg.Global) string {
	if g == nil {
		return ""
	}
	return g.Text
}

// reply are the options of a reply with the script's headers.
func (s signature) reply(headers []string) sipmsg.ReplyOptions {
	return sipmsg.ReplyOptions{Server: s.server, Extra: append(slices.Clip(s.extra), headers...)}
}

// transport are the options of the sockets.
func (s settings) transport(c *cfg.Config, log *slog.Logger) transport.Options {
	return transport.Options{
		Log:                  log,
		HandshakeTimeoutFrom: origin(c.TLS.HandshakeTimeout), SendTimeoutFrom: origin(c.TLS.SendTimeout),
		MaxConnections: s.connections, IdleTimeout: s.idle.duration(), Grace: s.grace,
	}
}

// origin is where the script sets a setting.
func origin(s cfg.Setting[int]) domain.Origin {
	if !s.IsSet() {
		return domain.Origin{}
	}
	return domain.InScript(s.At)
}
