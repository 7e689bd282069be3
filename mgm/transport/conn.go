package transport

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/variables"
)

// Why a connection was closed from here. Reading and writing give these.
var (
	ErrIdle    = errors.New("connection closed: nothing was sent or received for the idle timeout")
	ErrStopped = errors.New("connection closed: the program ends")
)

// Conn is a TLS connection after its handshake. It is a net.Conn, safe for
// concurrent use.
type Conn struct {
	socket                Socket
	script, local, remote netip.AddrPort
	client                bool
	domain                *mgm.Domain
	rule                  mgm.ClientRule
	session               variables.Session
	unverified            *HandshakeError
	options               *Options
	handshakeTimeout      time.Duration
	sendTimeout           time.Duration

	wire    *wire
	tls     *tls.Conn
	input   io.Reader // tls, or what reads ahead of it
	onClose func(*Conn)
	lastUse atomic.Int64 // nanoseconds

	mu            sync.Mutex
	open          bool // after the handshake
	closing       bool
	cause         error // of closing, or of reading no more
	idle          *time.Timer
	writeDeadline time.Time
	ahead         net.Conn // the near end of what reads ahead; nil for none
}

// Domain is the TLS domain that the connection began with. It keeps it to its
// end, whatever is reloaded.
func (c *Conn) Domain() *mgm.Domain { return c.domain }

// Rule says by what the client domain was found.
func (c *Conn) Rule() mgm.ClientRule { return c.rule }

// Session is the TLS state, for the variables. It is not to be changed.
func (c *Conn) Session() *variables.Session { return &c.session }

// Unverified is what would have ended the handshake without [Target.GoOn]; nil
// for nothing.
func (c *Conn) Unverified() *HandshakeError { return c.unverified }

// Socket is the socket that the connection came in on; zero for an outgoing one.
func (c *Conn) Socket() Socket { return c.socket }

// IsClient reports whether the connection is an outgoing one.
func (c *Conn) IsClient() bool { return c.client }

// ScriptAddress is the local address as the script has it, of an outgoing
// connection the real one.
func (c *Conn) ScriptAddress() netip.AddrPort { return c.script }

// Local is the real local address.
func (c *Conn) Local() netip.AddrPort { return c.local }

// Remote is the address of the peer.
func (c *Conn) Remote() netip.AddrPort { return c.remote }

// LocalAddr implements net.Conn.
func (c *Conn) LocalAddr() net.Addr { return c.wire.LocalAddr() }

// RemoteAddr implements net.Conn.
func (c *Conn) RemoteAddr() net.Addr { return c.wire.RemoteAddr() }

// Read implements net.Conn. A peer that refuses the connection after the
// handshake, as TLS 1.3 has it, gives a *HandshakeError.
func (c *Conn) Read(b []byte) (int, error) {
	n, err := c.input.Read(b)
	c.touch()
	if err != nil && !errors.Is(err, io.EOF) {
		err = c.readError(err)
	}
	return n, err
}

func (c *Conn) readError(err error) error {
	if cause := c.closed(); cause != nil {
		return cause
	}
	if _, refused := alertFrom(err); refused {
		// Others read variables from the session meanwhile, so that it is neither
		// changed nor copied as a whole.
		session := &variables.Session{
			Version: c.session.Version, CipherSuite: c.session.CipherSuite,
			My: c.session.My, Peer: c.session.Peer, Verification: c.session.Verification,
		}
		e := c.failure(err, &progress{session: session}).explain()
		e.Step = StepOpen
		return e
	}
	return err
}

// Write implements net.Conn. It may take as long as tls_send_timeout says;
// after that the connection is closed, as OpenSIPS does.
func (c *Conn) Write(b []byte) (int, error) {
	c.touch()
	deadline, ofUser := c.sendDeadline()
	if !deadline.After(time.Now()) {
		return 0, os.ErrDeadlineExceeded // before a part of a record is out
	}
	if err := c.wire.SetWriteDeadline(deadline); err != nil {
		return 0, c.writeError(err, ofUser)
	}
	n, err := c.tls.Write(b)
	if err != nil {
		err = c.writeError(err, ofUser)
		_ = c.closeFor(err)
	}
	return n, err
}

// sendDeadline is the earlier of the user's deadline and that of the script.
func (c *Conn) sendDeadline() (deadline time.Time, ofUser bool) {
	deadline = time.Now().Add(c.sendTimeout)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.writeDeadline.IsZero() && c.writeDeadline.Before(deadline) {
		return c.writeDeadline, true
	}
	return deadline, false
}

func (c *Conn) writeError(err error, deadlineOfUser bool) error {
	if cause := c.closed(); cause != nil {
		return cause
	}
	if errors.Is(err, os.ErrDeadlineExceeded) && !deadlineOfUser {
		return fmt.Errorf("send to %v: it did not take all within %v (%s): %w",
			c.remote, c.sendTimeout, setting("tls_send_timeout", c.options.SendTimeoutFrom), err)
	}
	return fmt.Errorf("send to %v: %w", c.remote, err)
}

// SetDeadline implements net.Conn.
func (c *Conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline implements net.Conn.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause != nil {
		return c.cause
	}
	if c.ahead != nil {
		return c.ahead.SetReadDeadline(t)
	}
	return c.wire.SetReadDeadline(t)
}

// SetWriteDeadline implements net.Conn. The script's timeout holds all the same.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writeDeadline = t
	return c.cause
}

// Close implements net.Conn. It says goodbye to the peer, for no longer than
// tls_send_timeout.
func (c *Conn) Close() error { return c.closeFor(net.ErrClosed) }

// closeFor closes the connection; what is read and written gives the cause.
func (c *Conn) closeFor(cause error) error {
	c.mu.Lock()
	first := c.markClosed(cause)
	c.mu.Unlock()
	if !first {
		return nil
	}
	return c.hangUp()
}

// markClosed is false if somebody else closes the connection. The caller holds
// the lock.
func (c *Conn) markClosed(cause error) bool {
	if c.closing {
		return false
	}
	c.closing, c.cause = true, cause
	if c.idle != nil {
		c.idle.Stop()
	}
	return true
}

func (c *Conn) hangUp() error {
	c.mu.Lock()
	open, ahead := c.open, c.ahead
	c.mu.Unlock()
	var err error
	if open {
		err = c.tls.Close()
	} else {
		err = c.wire.Close() // a handshake is not to be waited for
	}
	if ahead != nil {
		_ = ahead.Close()
	}
	if c.onClose != nil {
		c.onClose(c)
	}
	if err != nil {
		return fmt.Errorf("close the connection with %v: %w", c.remote, err)
	}
	return nil
}

// stop ends a handshake, and reading; what is to be written goes on.
func (c *Conn) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause != nil {
		return
	}
	c.cause = ErrStopped
	if !c.open {
		_ = c.wire.Close()
		return
	}
	_ = c.wire.SetReadDeadline(time.Unix(1, 0))
}

// closed is why the connection is closed, nil if it is not.
func (c *Conn) closed() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause
}

func (c *Conn) touch() { c.lastUse.Store(time.Now().UnixNano()) }

// reuse reports whether the connection can be used again, and holds the idle
// timeout off.
func (c *Conn) reuse() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.touch()
	return c.cause == nil
}

// handshake makes a TLS connection of the socket. Whoever calls it closes the
// connection after an error.
func (c *Conn) handshake() error {
	deadline := time.Now().Add(c.handshakeTimeout)
	if err := c.wire.Conn.SetDeadline(deadline); err != nil {
		return fmt.Errorf("set the timeout of the handshake with %v: %w", c.remote, err)
	}
	err := c.tls.Handshake()
	p := c.wire.handshake
	if err != nil {
		return c.failure(err, p).explain()
	}
	if p.refusal != nil {
		c.unverified = c.failure(p.refusal, p).explain()
	}
	c.opened(p)
	return nil
}

func (c *Conn) failure(err error, p *progress) failure {
	return failure{
		err: err, client: c.client, domain: c.domain, peer: c.remote, progress: p,
		timeout: c.handshakeTimeout, timeoutFrom: c.options.HandshakeTimeoutFrom,
		timeoutGiven: c.options.HandshakeTimeout != 0,
	}
}

// opened keeps what the handshake came to, and lets the rest go.
func (c *Conn) opened(p *progress) {
	state := c.tls.ConnectionState()
	c.session.Version, c.session.CipherSuite = state.Version, state.CipherSuite
	c.session.My = c.domain.Context.Certificate()
	if p.session != nil {
		c.session.Peer, c.session.Verification = p.session.Peer, p.session.Verification
	}
	c.wire.handshake = nil
	c.touch()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause != nil {
		return // ended meanwhile
	}
	c.open = true
	_ = c.wire.SetReadDeadline(time.Time{}) // of a socket that is gone the next read tells
	if c.options.IdleTimeout > 0 {
		c.idle = time.AfterFunc(c.options.IdleTimeout, c.checkIdle)
	}
}

func (c *Conn) checkIdle() {
	c.mu.Lock()
	left := c.options.IdleTimeout - time.Since(time.Unix(0, c.lastUse.Load()))
	if left > 0 && !c.closing {
		c.idle.Reset(left)
	}
	idle := left <= 0 && c.markClosed(ErrIdle)
	c.mu.Unlock()
	if idle {
		_ = c.hangUp()
	}
}
