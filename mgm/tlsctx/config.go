package tlsctx

import (
	"crypto/tls"
	"fmt"
	"sync"

	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

// lazyConfig is a configuration that is made when it is needed first: with
// thousands of domains few have connections.
type lazyConfig struct {
	once   sync.Once
	config *tls.Config
}

func (l *lazyConfig) get(create func() *tls.Config) *tls.Config {
	l.once.Do(func() { l.config = create() })
	return l.config
}

// ServerConfig is the configuration for incoming connections. It is made when
// it is asked for first and then always the same: to change something, clone it.
//
// A client certificate is asked for if verify_cert is on, must be given if
// require_cert is on as well, and if given must verify. crypto/tls answers one
// that does not with the alert bad_certificate, whatever is wrong with it, and
// chooses among the suites of ciphers_list that it has by an order of its own.
func (c *Context) ServerConfig() *tls.Config { return c.server.get(c.serverConfig) }

// ClientConfig is the configuration for outgoing connections, made once as that
// of [Context.ServerConfig]. The server's certificate must verify if verify_cert
// is on; its name is not compared. For SNI set ServerName in a clone.
func (c *Context) ClientConfig() *tls.Config { return c.client.get(c.clientConfig) }

// Witness is what the socket under a TLS connection may be, to be told of the
// handshake. Its methods are called in the goroutine of the handshake.
type Witness interface {
	// Offered is told what a client offers, before anything of it is chosen.
	Offered(hello *tls.ClientHelloInfo)
	// Verified is told how checking the peer's certificate ended, also where
	// the domain does not ask for success. refusal is what would end the
	// handshake, nil for nothing; what Verified returns does so.
	Verified(state tls.ConnectionState, result verify.Result, refusal error) error
}

// WitnessedServerConfig is [Context.ServerConfig] for sockets that are a
// [Witness]. It does not change either, and the session tickets of a context
// are good for that context only, as they are with OpenSSL.
func (c *Context) WitnessedServerConfig() *tls.Config {
	return c.witnessed.get(func() *tls.Config {
		return &tls.Config{Time: c.now, GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			w, ok := hello.Conn.(Witness)
			if !ok {
				return c.ServerConfig(), nil
			}
			w.Offered(hello)
			if !c.verify {
				return c.ServerConfig(), nil // no certificate is asked for
			}
			return c.tell(w, c.ServerConfig()), nil
		}}
	})
}

// WitnessedClientConfig is a [Context.ClientConfig] of one connection. The
// server's certificate is checked in any case, so that w learns the outcome.
func (c *Context) WitnessedClientConfig(w Witness) *tls.Config { return c.tell(w, c.ClientConfig()) }

func (c *Context) tell(w Witness, config *tls.Config) *tls.Config {
	config = config.Clone()
	config.VerifyConnection = func(state tls.ConnectionState) error {
		if len(state.PeerCertificates) == 0 {
			return nil
		}
		result := c.VerifyPeer(state.PeerCertificates)
		var refusal error
		if c.verify {
			refusal = result.Err()
		}
		return w.Verified(state, result, refusal)
	}
	return config
}

func (c *Context) serverConfig() *tls.Config {
	config := c.commonConfig()
	config.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.presented() }
	if c.usable() {
		config.GetCertificate, config.Certificates = nil, []tls.Certificate{*c.certificate()}
	}
	switch {
	case c.verify && c.require:
		config.ClientAuth = tls.RequireAnyClientCert
	case c.verify:
		config.ClientAuth = tls.RequestClientCert
	}
	return config
}

func (c *Context) clientConfig() *tls.Config {
	config := c.commonConfig()
	// The chain is checked by VerifyConnection, and the name never.
	config.InsecureSkipVerify = true
	// OpenSSL presents its certificate whatever CAs the server names.
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return c.presented() }
	return config
}

func (c *Context) commonConfig() *tls.Config {
	config := &tls.Config{
		MinVersion:   c.lowest,
		MaxVersion:   c.highest,
		CipherSuites: c.ciphers.ids,
		Time:         c.now,
	}
	if c.curve != nil && c.curve.GoID() != 0 {
		config.CurvePreferences = []tls.CurveID{c.curve.GoID()}
	}
	if c.verify {
		config.VerifyConnection = c.verifyConnection
	}
	return config
}

// usable reports whether crypto/tls can work with the certificate.
func (c *Context) usable() bool {
	leaf := c.identity.leaf()
	return leaf != nil && c.identity.key.signer != nil && usable(leaf.PublicKey)
}

// presented is the certificate for a handshake: none for a client domain
// without one, and an error for a key that crypto/tls cannot use.
func (c *Context) presented() (*tls.Certificate, error) {
	switch {
	case c.usable():
		return c.certificate(), nil
	case c.identity.leaf() == nil:
		return new(tls.Certificate), nil
	}
	return nil, fmt.Errorf("crypto/tls has no %s keys", c.KeyKind())
}

func (c *Context) certificate() *tls.Certificate {
	cert := &tls.Certificate{PrivateKey: c.identity.key.signer, Leaf: c.identity.leaf()}
	for _, link := range c.identity.certs {
		cert.Certificate = append(cert.Certificate, link.Raw)
	}
	return cert
}

// verifyConnection checks the peer's certificate at the end of a handshake,
// also of one that resumes a session: it may have expired or been revoked since.
func (c *Context) verifyConnection(state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 {
		return nil // one that must be given is crypto/tls's business
	}
	return c.VerifyPeer(state.PeerCertificates).Err()
}
