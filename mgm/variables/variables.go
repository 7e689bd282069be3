// Package variables gives the $tls_… variables of a connection (manual 1.9) and
// is_peer_verified() (manual 1.6.1), with the texts that OpenSIPS gets from
// OpenSSL 3.0.
//
// What a script may read is one table, [All]. What the variables say of a
// certificate is worked out when one of them is read first, and kept in the
// [Session].
package variables

import (
	"crypto/x509"
	"iter"
	"sync"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

// Session is what the variables are read from: the TLS state of one connection.
// Any number of goroutines may read variables from it; it must not be copied
// after that.
type Session struct {
	Version     uint16            // of the protocol, as crypto/tls numbers them
	CipherSuite uint16            // as crypto/tls numbers them
	My          *x509.Certificate // the certificate that this side presented; nil if none
	Peer        *x509.Certificate // the certificate of the other side; nil if it gave none
	// Verification is how checking the peer's certificate ended, whether or not
	// the domain asked for success. It says nothing where Peer is nil.
	Verification verify.Result

	memo memo
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

// Type says what a value can be used as, unless it is NULL.
type Type int

// The types of the manual.
const (
	String           Type = iota
	StringAndInteger      // a serial number with more than 63 bits is a string only
)

func (t Type) String() string {
	if t == StringAndInteger {
		return "string, integer"
	}
	return "string"
}

// Variable is one variable of the module.
type Variable struct {
	Name string // without the dollar sign
	Type Type
	Doc  string // what it is, as the end of a sentence
	Null string // when it is NULL on a TLS connection; empty for never

	read func(*Session) Value
}

// All yields the variables, in the manual's order.
func All() iter.Seq[*Variable] {
	return func(yield func(*Variable) bool) {
		for i := range table {
			if !yield(&table[i]) {
				return
			}
		}
	}
}

var byName = sync.OnceValue(func() map[string]*Variable {
	names := make(map[string]*Variable, len(table))
	for v := range All() {
		names[v.Name] = v
	}
	return names
})

// Lookup finds a variable by its name without the dollar sign. Names are
// case-sensitive, as the server's are.
func Lookup(name string) (*Variable, bool) {
	v, ok := byName()[name]
	return v, ok
}

// Value is the value for a connection; NULL if s is nil, as for a message that
// did not come over TLS.
func (v *Variable) Value(s *Session) Value {
	if s == nil {
		return Value{}
	}
	return v.read(s)
}

// Places says which module has the variable in which versions: tls_mgm since
// 2.2, others before.
func (v *Variable) Places() []catalogue.Place {
	return catalogue.Places(catalogue.KindVariable, v.Name)
}

// Text is the text of a variable by its name, empty for NULL and for what is no
// variable of the module.
func (s *Session) Text(name string) string {
	v, ok := Lookup(name)
	if !ok {
		return ""
	}
	return v.Value(s).Text
}

// PeerVerified is what is_peer_verified() returns as its truth (manual 1.6.1): a
// message over TLS, from a peer whose certificate could be verified.
func PeerVerified(s *Session) bool {
	return s != nil && s.verifiedAs(verify.OK)
}
