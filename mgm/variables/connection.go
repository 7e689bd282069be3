package variables

import (
	"crypto/x509"
	"sync/atomic"

	"github.com/opensips-tools/tlsmgm/mgm/openssl"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

// memo keeps what variables were made of. Each part knows what it was made for,
// so that a Session whose fields are set anew is read anew.
type memo struct {
	my, peer atomic.Pointer[certificate]
	cipher   atomic.Pointer[cipher]
}

func text(s string) Value { return Value{Text: s, IsText: true} }

// protocol is the name that SSL_get_version gives.
func protocol(s *Session) Value { return text(openssl.VersionName(s.Version)) }

// cipher is what variables say of a cipher suite. All are NULL for a suite that
// OpenSSL has not got, which no handshake of crypto/tls ends with.
type cipher struct {
	id                      uint16
	name, bits, description Value
}

func newCipher(id uint16) *cipher {
	suite, ok := openssl.SuiteByID(id)
	if !ok {
		return &cipher{id: id}
	}
	return &cipher{
		id:   id,
		name: text(suite.Name),
		bits: integer(int64(suite.SecretBits())),
		// The module hands on the text of SSL_CIPHER_description as it is.
		description: text(suite.Description() + "\n"),
	}
}

func (s *Session) cipher() *cipher {
	if c := s.memo.cipher.Load(); c != nil && c.id == s.CipherSuite {
		return c
	}
	c := newCipher(s.CipherSuite)
	s.memo.cipher.Store(c)
	return c
}

func cipherName(s *Session) Value        { return s.cipher().name }
func cipherBits(s *Session) Value        { return s.cipher().bits }
func cipherDescription(s *Session) Value { return s.cipher().description }

// verifiedAs reports whether there is a peer's certificate, and its verification
// ended that way.
func (s *Session) verifiedAs(code verify.Code) bool {
	return s.Peer != nil && s.Verification.Code == code
}

// verification makes a flag of an outcome. Without a peer's certificate all
// flags are 0, not NULL.
func verification(code verify.Code) func(*Session) Value {
	return func(s *Session) Value {
		if s.verifiedAs(code) {
			return integer(1)
		}
		return integer(0)
	}
}

// peer reads something of the peer's certificate.
func peer(read func(*certificate) Value) func(*Session) Value {
	return func(s *Session) Value { return ofCertificate(&s.memo.peer, s.Peer, read) }
}

// my reads something of the certificate that this side presented.
func my(read func(*certificate) Value) func(*Session) Value {
	return func(s *Session) Value { return ofCertificate(&s.memo.my, s.My, read) }
}

func ofCertificate(kept *atomic.Pointer[certificate], cert *x509.Certificate, read func(*certificate) Value) Value {
	if cert == nil {
		return Value{}
	}
	c := kept.Load()
	if c == nil || c.of != cert {
		c = newCertificate(cert)
		kept.Store(c)
	}
	return read(c)
}
