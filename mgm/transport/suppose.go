package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/netip"

	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/openssl"
	"github.com/opensips-tools/tlsmgm/mgm/variables"
)

// Supposed is a client that could connect.
type Supposed struct {
	Address netip.AddrPort // where it would come from, for explanations
	// Version and CipherSuite are all that it offers, as crypto/tls numbers
	// them; 0 is whatever the domain has.
	Version, CipherSuite uint16
	// Certificates are its own and those that it sends with it; none if it has
	// none.
	Certificates []*x509.Certificate
}

// Suppose gives the TLS state of the connection that a client would have with a
// server domain, without making one: with the highest version and the first
// suite of the domain that fit, as OpenSSL on both sides has it. Where the server
// would refuse the client, the error says why, in the words of the log, and its
// Session is the state as far as it is known.
func Suppose(d *mgm.Domain, s Supposed) (*variables.Session, *HandshakeError) {
	p := &progress{offered: &offered{[]uint16{s.Version}, []uint16{s.CipherSuite}}}
	refuse := func(err error) *HandshakeError {
		return failure{err: err, domain: d, peer: s.Address, progress: p}.explain()
	}
	session := &variables.Session{My: d.Context.Certificate()}
	var ok bool
	if session.Version, ok = supposedVersion(d, s); !ok {
		return nil, refuse(errors.New("tls: unsupported versions"))
	}
	if session.CipherSuite, ok = supposedSuite(d, s, session.Version); !ok {
		return nil, refuse(errors.New("tls: no cipher suite supported by both client and server"))
	}
	if !d.VerifyCert.On {
		return session, nil // no certificate is asked for
	}
	if len(s.Certificates) == 0 {
		if d.RequireCert.On {
			e := refuse(errors.New("tls: client didn't provide a certificate"))
			e.Session = session
			return session, e
		}
		return session, nil
	}
	session.Peer, session.Verification = s.Certificates[0], d.Context.VerifyPeer(s.Certificates)
	if err := session.Verification.Err(); err != nil {
		p.session = session
		return session, refuse(err)
	}
	return session, nil
}

// supposedVersion is the version of the connection. Suites of TLS 1.3 are for it
// alone.
func supposedVersion(d *mgm.Domain, s Supposed) (version uint16, ok bool) {
	lowest, highest := d.Context.Versions()
	version = s.Version
	switch suite, known := openssl.SuiteByID(s.CipherSuite); {
	case version != 0:
	case !known:
		version = highest
	case suite.KeyExchange == openssl.KxAny:
		version = tls.VersionTLS13
	default:
		version = min(highest, tls.VersionTLS12)
	}
	return version, lowest <= version && version <= highest
}

// supposedSuite is the suite of the connection. Of those that a list names, those
// with DHE need dh_params.
func supposedSuite(d *mgm.Domain, s Supposed, version uint16) (id uint16, ok bool) {
	ciphers := d.Context.Ciphers()
	suites := ciphers.Usable()
	if leaf := d.Context.Certificate(); leaf != nil && leaf.PublicKeyAlgorithm != x509.UnknownPublicKeyAlgorithm {
		suites = ciphers.UsableWith(leaf.PublicKeyAlgorithm)
	}
	for _, suite := range suites {
		fits := (suite.KeyExchange == openssl.KxAny) == (version == tls.VersionTLS13) && suite.Since <= version &&
			(suite.KeyExchange != openssl.KxDHE || d.Context.DHParams() != nil)
		if fits && (s.CipherSuite == 0 || s.CipherSuite == suite.ID) {
			return suite.ID, true
		}
	}
	return 0, false
}
