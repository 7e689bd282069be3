package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"

	"github.com/opensips-tools/tlsmgm/mgm"
)

// Errors of [Client.Dial].
var (
	ErrNoClientDomain = errors.New("no TLS client domain found")
	ErrTooMany        = errors.New("there are as many connections as may be")
)

// Target is where a connection is to go.
type Target struct {
	Address netip.AddrPort
	// Domain is the value of the client_domain_avp; empty for none.
	Domain string
	// ServerName is asked for in the handshake (SNI); empty for none, as 2.3
	// has it.
	ServerName string
	// GoOn keeps the connection although the server's certificate does not
	// verify, to look at it: [Conn.Unverified] tells why. Such a connection is
	// always a new one, and never used again.
	GoOn bool
}

// Client makes connections, and keeps them to use them again.
type Client struct {
	registry *mgm.Registry
	options  Options
	handle   Handler
	ctx      context.Context // connections outlive the Dial that makes them
	cancel   context.CancelFunc

	mu     sync.Mutex
	pool   map[netip.AddrPort]*pooled
	conns  map[*Conn]struct{}
	making int // connections that are not among conns yet
	busy   sync.WaitGroup
}

// pooled is a connection to a destination, or one that is being made.
type pooled struct {
	made chan struct{} // closed when conn or err is there
	conn *Conn
	err  error
}

// NewClient makes a client; [Client.Close] ends its connections. handle reads
// what comes, in a goroutine for each connection that it makes; with nil those
// do who ask for a connection.
func NewClient(registry *mgm.Registry, handle Handler, o Options) *Client {
	c := &Client{
		registry: registry, options: o.withDefaults(), handle: handle,
		pool: map[netip.AddrPort]*pooled{}, conns: map[*Conn]struct{}{},
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// Close closes all connections and waits for their handlers.
func (c *Client) Close() {
	c.cancel()
	c.mu.Lock()
	all := make([]*Conn, 0, len(c.conns))
	for conn := range c.conns {
		all = append(all, conn)
	}
	c.mu.Unlock()
	for _, conn := range all {
		_ = conn.closeFor(ErrStopped)
	}
	c.busy.Wait()
}

// Dial gives an open connection to the address, whatever client domain it was
// made with, and makes one if there is none (manual 1.3). Those who ask for the
// same destination meanwhile share it. The connection stays open until it is
// closed, idle or lost. A handshake that fails gives a *HandshakeError.
func (c *Client) Dial(ctx context.Context, t Target) (*Conn, error) {
	t.Address = netip.AddrPortFrom(t.Address.Addr().Unmap(), t.Address.Port())
	for {
		p, fresh, err := c.find(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("connect to %v: %w", t.Address, err)
		}
		select {
		case <-p.made:
		case <-ctx.Done():
			return nil, fmt.Errorf("connect to %v: %w", t.Address, context.Cause(ctx))
		}
		switch {
		case p.err != nil:
			return nil, p.err
		case t.GoOn || p.conn.reuse():
			return p.conn, nil
		case fresh:
			return nil, p.conn.closedAtOnce()
		}
		c.forget(t.Address, p)
	}
}

// closedAtOnce is why a new connection cannot be used: it was refused after the
// handshake, or the server has nothing to say to us.
func (c *Conn) closedAtOnce() error {
	cause := c.closed()
	if !errors.Is(cause, io.EOF) {
		return cause
	}
	return &HandshakeError{
		Step: StepOpen, Peer: c.remote, Domain: c.domain.DisplayName(),
		Reason: "the server closed the connection right after the handshake", Help: "see its log", Session: &c.session, Err: cause,
	}
}

// find finds the connection to the destination or starts making it, a fresh one.
func (c *Client) find(ctx context.Context, t Target) (p *pooled, fresh bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx.Err() != nil {
		return nil, false, ErrStopped
	}
	if p := c.pool[t.Address]; p != nil && !t.GoOn {
		return p, false, nil
	}
	if len(c.conns)+c.making >= c.options.MaxConnections {
		return nil, false, fmt.Errorf("%w: %d", ErrTooMany, c.options.MaxConnections)
	}
	p = &pooled{made: make(chan struct{})}
	if t.GoOn {
		// Nobody else waits for it.
		c.start(ctx, p, t, func() {})
		return p, true, nil
	}
	c.pool[t.Address] = p
	// It is not the business of the first who asks alone.
	c.start(context.WithoutCancel(ctx), p, t, func() { c.forget(t.Address, p) })
	return p, true, nil
}

func (c *Client) start(ctx context.Context, p *pooled, t Target, onClose func()) {
	c.making++
	c.busy.Go(func() {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(c.ctx, cancel)()
		p.conn, p.err = c.connect(ctx, t, onClose)
		if p.err != nil {
			onClose()
		}
		close(p.made)
	})
}

func (c *Client) forget(address netip.AddrPort, p *pooled) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pool[address] == p {
		delete(c.pool, address)
	}
}

// connect makes a connection. It takes over from making.
func (c *Client) connect(ctx context.Context, t Target, onClose func()) (*Conn, error) {
	conn, err := c.open(ctx, t, func(conn *Conn) {
		c.mu.Lock()
		delete(c.conns, conn)
		c.mu.Unlock()
		onClose()
	})
	c.mu.Lock()
	c.making--
	switch {
	case err != nil:
	case c.ctx.Err() != nil:
		err = ErrStopped
	case conn.closed() == nil:
		c.conns[conn] = struct{}{}
	}
	c.mu.Unlock()
	if err != nil {
		if conn != nil {
			_ = conn.Close()
		}
		return nil, err
	}
	c.read(conn)
	return conn, nil
}

// read has somebody read what comes, so that the end of a connection is
// noticed.
func (c *Client) read(conn *Conn) {
	if c.handle != nil {
		c.busy.Go(func() {
			defer func() { _ = conn.Close() }()
			c.handle(c.ctx, conn)
		})
		return
	}
	near, far := net.Pipe() // for its deadlines
	conn.input = near
	conn.mu.Lock()
	conn.ahead = near
	conn.mu.Unlock()
	c.busy.Go(func() { conn.readAhead(far) })
}

// open makes a TLS connection that is not known to anybody yet; after an error
// it may be there and has to be closed.
func (c *Client) open(ctx context.Context, t Target, onClose func(*Conn)) (*Conn, error) {
	d, rule := c.registry.Domains().FindClient(t.Domain, t.Address)
	if d == nil || d.Context == nil {
		return nil, fmt.Errorf("connect to %v: %w", t.Address, ErrNoClientDomain)
	}
	conn := &Conn{
		client: true, remote: t.Address, domain: d, rule: rule, options: &c.options,
		handshakeTimeout: c.options.handshakeTimeout(c.registry), sendTimeout: c.registry.SendTimeout(),
		onClose: onClose,
	}
	dialer := net.Dialer{Timeout: c.options.ConnectTimeout}
	raw, err := dialer.DialContext(ctx, "tcp", t.Address.String())
	if err != nil {
		return nil, conn.notConnected(err)
	}
	conn.local = addrPort(raw.LocalAddr())
	conn.script = conn.local
	conn.wire = &wire{Conn: raw, sendTimeout: conn.sendTimeout, handshake: &progress{goOn: t.GoOn}}
	config := d.Context.WitnessedClientConfig(conn.wire)
	config.ServerName = t.ServerName
	conn.tls = tls.Client(conn.wire, config)
	conn.input = conn.tls
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	err = conn.handshake()
	if !stop() {
		err = fmt.Errorf("connect to %v: %w", t.Address, context.Cause(ctx))
	}
	if err == nil { // whoever asked tells of an error
		conn.log(ctx, nil)
	}
	return conn, err
}

// notConnected says why TCP failed.
func (c *Conn) notConnected(err error) error {
	e := &HandshakeError{Step: StepConnect, Peer: c.remote, Domain: c.domain.DisplayName(), Reason: err.Error(), Err: err}
	if network, ok := errors.AsType[net.Error](err); ok && network.Timeout() {
		e.Reason = fmt.Sprintf("no TCP connection within %v", c.options.ConnectTimeout)
		e.Help = "raise the connect timeout (tcp_connect_timeout of the script), and see whether something drops the packets"
	}
	return e
}

// readAhead reads before anybody asks, a little, for those who read later. Thus
// the end of a connection is noticed.
func (c *Conn) readAhead(to net.Conn) {
	const size = 4 << 10
	buf := make([]byte, size)
	for {
		n, err := c.tls.Read(buf)
		c.touch()
		if n > 0 {
			if _, closed := to.Write(buf[:n]); closed != nil {
				return
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				err = c.readError(err)
			}
			_ = c.closeFor(err) // which those who read get
			return
		}
	}
}
