package verify

import (
	"crypto/x509"
	"fmt"
	"time"
)

// Store holds what is trusted. Implementations must be safe for concurrent
// use.
type Store interface {
	// Certificates gives the trusted certificates of that subject.
	Certificates(subject Name) []*Certificate
	// CRLs gives the revocation lists of that issuer.
	CRLs(issuer Name) []*CRL
}

// Purpose is what the peer's certificate is to be good for.
type Purpose int

// The purposes, as OpenSSL names them: of the certificate of a TLS server and
// of a TLS client.
const (
	SSLServer Purpose = iota
	SSLClient
)

func (p Purpose) String() string {
	if p == SSLClient {
		return "sslclient"
	}
	return "sslserver"
}

// Revocation says which certificates of a chain are looked up in revocation
// lists.
type Revocation int

// The choices. With one of the latter two a missing list is an error.
const (
	NoRevocation    Revocation = iota
	LeafRevocation             // X509_V_FLAG_CRL_CHECK
	ChainRevocation            // X509_V_FLAG_CRL_CHECK_ALL
)

// Verifier checks the certificate chains that peers present. It is safe for
// concurrent use if its Store is.
type Verifier struct {
	Store         Store
	Purpose       Purpose
	Revocation    Revocation
	SecurityLevel int // OpenSSL's, 0 to 5
	// Depth is how many intermediate certificates may be between the peer's
	// and the trusted root.
	Depth int
	// CountRoot counts the root as one of these.
	CountRoot bool
	Now       func() time.Time // nil is time.Now
}

// Result is how a verification ended: the first error that OpenSSL meets, or
// none.
type Result struct {
	Code Code
	// Depth is the place in Chain of the certificate that the error is about,
	// 0 for the peer's.
	Depth int
	// Chain is the chain as far as it was built: the peer's certificate first,
	// the root last.
	Chain []*x509.Certificate
}

// Err is nil for OK, else an *Error.
func (r Result) Err() error {
	if r.Code == OK {
		return nil
	}
	return &Error{r}
}

// Error is a verification that failed.
type Error struct {
	Result Result
}

func (e *Error) Error() string {
	subject := ""
	if e.Result.Depth < len(e.Result.Chain) {
		subject = fmt.Sprintf(", certificate %q", e.Result.Chain[e.Result.Depth].Subject)
	}
	return fmt.Sprintf("verify the certificate of the peer: %v (error %d at depth %d%s)",
		e.Result.Code, e.Result.Code, e.Result.Depth, subject)
}

// Verify checks the chain that a peer presented, its own certificate first.
// The others may come in any order, and more than needed. It must not be empty.
func (v *Verifier) Verify(peer []*x509.Certificate) Result {
	now := time.Now
	if v.Now != nil {
		now = v.Now
	}
	a := attempt{Verifier: v, now: now()}
	for _, cert := range peer {
		a.sent = append(a.sent, NewCertificate(cert, nil))
	}
	a.chain, a.untrusted = []*Certificate{a.sent[0]}, 1
	var f fault
	for _, step := range []func() fault{
		a.checkLeafKey, a.build, a.checkExtensions, a.checkLevel, a.checkRevocation, a.checkSignatures, a.checkNames,
	} {
		if f = step(); f.code != OK {
			break
		}
	}
	return Result{f.code, f.depth, a.certificates()}
}

// fault is what is wrong with the certificate at a depth of the chain.
type fault struct {
	code  Code
	depth int
}

// fine is no fault.
var fine = fault{}

// attempt is one verification.
type attempt struct {
	*Verifier
	now       time.Time
	sent      []*Certificate
	chain     []*Certificate
	untrusted int // how many at the beginning of chain are not from the Store
}

func (a *attempt) top() *Certificate { return a.chain[len(a.chain)-1] }

func (a *attempt) certificates() []*x509.Certificate {
	chain := make([]*x509.Certificate, len(a.chain))
	for i, c := range a.chain {
		chain[i] = c.Certificate
	}
	return chain
}

// validity compares a certificate's period, in whole seconds, with the time.
func (a *attempt) validity(c *Certificate) Code {
	now := a.now.Truncate(time.Second)
	switch {
	case c.NotBefore.After(now):
		return NotYetValid
	case !c.NotAfter.After(now):
		return Expired
	}
	return OK
}
