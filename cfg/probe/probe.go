// Package probe makes a TLS connection to a server with the client domain that a
// script would choose, and tells what it is like: the variables, how the
// certificate of the server was verified, and what it replies to a request.
package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
	"github.com/opensips-tools/tlsmgm/cfg/trace"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/transport"
)

// Target is a server.
type Target struct {
	Host string // a name, or an address without brackets
	Port uint16
}

const tlsPort = 5061

// UnmarshalText reads tls:HOST:PORT. The port may be missing.
func (t *Target) UnmarshalText(text []byte) error {
	rest, isTLS := strings.CutPrefix(strings.ToLower(string(text)), "tls:")
	*t = Target{rest, tlsPort}
	if host, port, err := net.SplitHostPort(rest); err == nil {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return fmt.Errorf("expected a port from 1 to 65535, found %q", port)
		}
		*t = Target{host, uint16(n)}
	}
	t.Host = strings.TrimSuffix(strings.TrimPrefix(t.Host, "["), "]")
	if _, err := netip.ParseAddr(t.Host); !isTLS || t.Host == "" || err != nil && strings.ContainsAny(t.Host, ":/@;[] ") {
		return fmt.Errorf("expected tls:HOST:PORT, such as tls:sip.example.com:5061, found %q", text)
	}
	return nil
}

func (t Target) String() string {
	return "tls:" + net.JoinHostPort(t.Host, strconv.Itoa(int(t.Port)))
}

// MarshalText writes what UnmarshalText reads.
func (t Target) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// Options say how to connect.
type Options struct {
	Target Target
	// Domain is the value of the client_domain_avp; empty for none.
	Domain string
	// ServerName is asked for in the handshake (SNI); empty for none, as 2.3
	// has it.
	ServerName string
	// GoOn keeps a connection whose certificate does not verify, though the
	// domain asks for it.
	GoOn bool
	// Timeout takes the place of the script's for connecting and for the
	// handshake; 0 is the script's.
	Timeout time.Duration

	// Request makes the request to send, for the local address of the
	// connection; nil for none.
	Request      func(local netip.AddrPort) ([]byte, error)
	ReplyTimeout time.Duration // 0 is 5 s

	// Lookup gives the addresses of a host name; nil asks the resolver.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
}

const (
	defaultReplyTimeout = 5 * time.Second
	// settleTime is how long a server may take to refuse a connection of TLS
	// 1.3, whose handshake ends for the client before it does for the server.
	settleTime = 250 * time.Millisecond
)

// Connect connects. The error is about what is asked for; what becomes of the
// connection is in the report.
func Connect(ctx context.Context, config *cfg.Config, registry *mgm.Registry, o Options) (*Report, error) {
	address, err := o.resolve(ctx)
	if err != nil {
		return nil, err
	}
	d, rule := registry.Domains().FindClient(o.Domain, address)
	if d == nil {
		return nil, fmt.Errorf("connect to %v: %w", address, transport.ErrNoClientDomain)
	}
	r := newReport(o, address, d, rule)
	settings := transportOptions(config, o.Timeout)
	r.Timeout = timeoutText(registry, settings)
	client := transport.NewClient(registry, nil, settings)
	defer client.Close()
	conn, err := client.Dial(ctx, transport.Target{Address: address, Domain: o.Domain, ServerName: o.ServerName, GoOn: o.GoOn})
	if failed, ok := errors.AsType[*transport.HandshakeError](err); ok {
		r.fail(failed)
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	r.opened(conn)
	r.exchange(conn, o)
	return r, nil
}

func (o *Options) resolve(ctx context.Context) (netip.AddrPort, error) {
	if ip, err := netip.ParseAddr(o.Target.Host); err == nil {
		return netip.AddrPortFrom(ip, o.Target.Port), nil
	}
	lookup := o.Lookup
	if lookup == nil {
		lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	found, err := lookup(ctx, o.Target.Host)
	if err == nil && len(found) == 0 {
		err = errors.New("it has no address")
	}
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("look up host %q: %w", o.Target.Host, err)
	}
	return netip.AddrPortFrom(found[0].Unmap(), o.Target.Port), nil
}

// transportOptions are those of the script.
func transportOptions(config *cfg.Config, timeout time.Duration) transport.Options {
	o := transport.Options{
		HandshakeTimeout:     timeout,
		HandshakeTimeoutFrom: origin(config.TLS.HandshakeTimeout), SendTimeoutFrom: origin(config.TLS.SendTimeout),
		ConnectTimeout: timeout,
	}
	if g := config.Global("tcp_connect_timeout"); g != nil && timeout == 0 {
		if ms, err := strconv.Atoi(g.Text); err == nil && ms > 0 {
			o.ConnectTimeout = time.Duration(ms) * time.Millisecond
		}
	}
	return o
}

// origin is where the script sets a setting.
func origin(s cfg.Setting[int]) domain.Origin {
	if !s.IsSet() {
		return domain.Origin{}
	}
	return domain.InScript(s.At)
}

// timeoutText says which timeout the handshake has.
func timeoutText(registry *mgm.Registry, o transport.Options) string {
	where := "by default"
	if from := o.HandshakeTimeoutFrom; !from.IsDefault() {
		where = fmt.Sprintf("%s:%d", from.Span().Start.File, from.Span().Start.Line)
	}
	script := fmt.Sprintf("%v (tls_handshake_timeout, %s)", registry.HandshakeTimeout(), where)
	if o.HandshakeTimeout == 0 {
		return script
	}
	return fmt.Sprintf("%v in place of %s", o.HandshakeTimeout, script)
}

// exchange sends the request and waits for its reply. Without one it waits a
// little for the end of a connection that the server refuses.
func (r *Report) exchange(conn *transport.Conn, o Options) {
	if o.Request == nil {
		r.settle(conn)
		return
	}
	text, err := o.Request(conn.Local())
	if err == nil {
		_, err = conn.Write(text)
	}
	if err == nil {
		line, _, _ := strings.Cut(string(text), "\r\n")
		r.Sent = trace.Hide(line)
		timeout := o.ReplyTimeout
		if timeout == 0 {
			timeout = defaultReplyTimeout
		}
		if err = conn.SetReadDeadline(time.Now().Add(timeout)); err == nil {
			err = r.await(conn, timeout)
		}
	}
	r.tell(err)
}

// settle waits for a refusal, which comes behind the handshake with TLS 1.3.
func (r *Report) settle(conn *transport.Conn) {
	if r.version < tls13 {
		return
	}
	err := conn.SetReadDeadline(time.Now().Add(settleTime)) // of a connection that is over, why
	if err == nil {
		_, err = conn.Read(make([]byte, 1))
	}
	if failed, ok := errors.AsType[*transport.HandshakeError](err); ok {
		r.fail(failed)
	}
}

func (r *Report) tell(err error) {
	failed, refused := errors.AsType[*transport.HandshakeError](err)
	switch {
	case refused:
		r.fail(failed)
	case errors.Is(err, io.EOF):
		r.NoReply = "the server closed the connection"
	case err != nil:
		r.NoReply = err.Error()
	}
}

// await takes the first final reply. Keep-alives, requests and provisional replies
// are passed over.
func (r *Report) await(conn *transport.Conn, timeout time.Duration) error {
	reader := sipmsg.NewReader(conn, sipmsg.DefaultLimit)
	for {
		m, err := reader.Next()
		switch {
		case errors.Is(err, sipmsg.ErrPing):
		case isTimeout(err):
			return fmt.Errorf("no reply within %v", timeout)
		case err != nil && !errors.Is(err, io.EOF):
			return fmt.Errorf("read the reply: %w", err)
		case err != nil:
			return err
		case m.IsRequest():
		default:
			r.Reply = replyOf(m)
			const firstFinal = 200
			if m.Status() >= firstFinal {
				return nil
			}
		}
	}
}

func isTimeout(err error) bool {
	network, ok := errors.AsType[net.Error](err)
	return ok && network.Timeout()
}
