package trace

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"

	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
	"github.com/opensips-tools/tlsmgm/mgm/transport"
	"github.com/opensips-tools/tlsmgm/mgm/variables"
)

// Client is the TLS part of who sends the requests.
type Client struct {
	// Certificates are its own and those that it sends with it; none if it has
	// none.
	Certificates []*x509.Certificate
	// Version and CipherSuite are what it offers, as crypto/tls numbers them; 0
	// is the best that the domain has.
	Version, CipherSuite uint16
}

// connection is what the requests come in on.
type connection struct {
	socket  Socket
	domain  *mgm.Domain        // nil without TLS
	session *variables.Session // the same
	refusal *transport.HandshakeError
	notes   []string
}

// connect finds the domain of the socket and the TLS state of the connection.
func (t *Tracer) connect() error {
	c, client := &t.connection, t.options.Client
	switch {
	case !c.socket.hasTLS() && len(client.Certificates) > 0:
		return fmt.Errorf("a client has no certificate on %v: there is no TLS", c.socket)
	case !c.socket.hasTLS():
		return nil
	case t.domains == nil:
		c.note("there are no TLS domains: the script does not load tls_mgm")
		return nil
	}
	c.domain = t.domains.FindServer(c.socket.Address)
	if c.domain == nil {
		return fmt.Errorf("no TLS server domain found for %v", c.socket)
	}
	if c.domain.Context == nil {
		c.guess(client)
		return nil
	}
	c.session, c.refusal = transport.Suppose(c.domain, transport.Supposed{
		Address: t.options.Source, Version: client.Version, CipherSuite: client.CipherSuite, Certificates: client.Certificates,
	})
	if len(client.Certificates) > 0 && !c.domain.VerifyCert.On {
		c.note("the certificate of the client is not there for the script: domain %q does not ask for one (verify_cert is 0)", c.domain.DisplayName())
	}
	return nil
}

func (c *connection) note(format string, args ...any) {
	c.notes = append(c.notes, fmt.Sprintf(format, args...))
}

// guess is the state where the files of the domain were left alone.
func (c *connection) guess(client Client) {
	c.session = &variables.Session{Version: client.Version, CipherSuite: client.CipherSuite}
	if c.session.Version == 0 {
		c.session.Version = tls.VersionTLS13
	}
	if c.session.CipherSuite == 0 {
		c.session.CipherSuite = tls.TLS_AES_256_GCM_SHA384
		if c.session.Version < tls.VersionTLS13 {
			c.session.CipherSuite = tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
		}
	}
	c.note("the files of domain %q are not opened: the version and the cipher suite are guessed, $tls_my_… are NULL, "+
		"and what the server would say of a client's certificate is left open", c.domain.DisplayName())
	if len(client.Certificates) > 0 && c.domain.VerifyCert.On {
		c.session.Peer = client.Certificates[0]
		c.session.Verification = verify.Result{Code: verify.Unspecified, Chain: client.Certificates}
		c.note("the certificate of the client counts as not verified; assuming is_peer_verified=1 says that it is")
	}
}
