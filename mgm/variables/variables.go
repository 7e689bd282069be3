// Package variables gives the $tls_… variables of a connection (manual 1.9).
package variables

import (
	"crypto/x509"

	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

// Session is what the variables are read from: the TLS state of one connection.
type Session struct {
	Version     uint16            // of the protocol, as crypto/tls numbers them
	CipherSuite uint16            // as crypto/tls numbers them
	My          *x509.Certificate // the certificate that this side presented; nil if none
	Peer        *x509.Certificate // the certificate of the other side; nil if it gave none
	// Verification is how checking the peer's certificate ended, whether or not
	// the domain asked for success. It says nothing where Peer is nil.
	Verification verify.Result
}

// Value is the value of a variable. The zero value is NULL.
type Value struct {
	Text   string
	Int    int64
	IsText bool // Text counts
	IsInt  bool // Int counts
}

// IsNull reports whether the variable has no value.
func (v Value) IsNull() bool { return !v.IsText && !v.IsInt }

// Variable is one variable of the module.
type Variable struct {
	Name string // without the dollar sign
}

// Lookup finds a variable by its name without the dollar sign.
func Lookup(name string) (*Variable, bool) { return nil, false }

// Value is the value for a connection; NULL if s is nil.
func (v *Variable) Value(s *Session) Value { return Value{} }

// PeerVerified is what is_peer_verified() returns as its truth (manual 1.6.1).
func PeerVerified(s *Session) bool { return false }
