package transport

import (
	"crypto/tls"
	"net"
	"sync/atomic"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
	"github.com/opensips-tools/tlsmgm/mgm/variables"
)

// wire is the socket under a TLS connection. It watches the handshake, and
// bounds what crypto/tls sends of its own.
type wire struct {
	net.Conn
	sendTimeout time.Duration
	deadline    atomic.Int64 // of writing, in nanoseconds
	// handshake is nil once the handshake is over. Only its goroutine uses it.
	handshake *progress
}

// progress is how far a handshake came.
type progress struct {
	read    int      // bytes
	offered *offered // nil before the ClientHello
	goOn    bool     // although the peer's certificate does not verify

	session  *variables.Session // nil before the peer's certificate
	refusal  error              // why that certificate is not taken
	peerCode verify.Code
}

// offered is what a client offered.
type offered struct {
	versions, suites []uint16
}

// Offered implements tlsctx.Witness.
func (w *wire) Offered(hello *tls.ClientHelloInfo) {
	w.handshake.offered = &offered{hello.SupportedVersions, hello.CipherSuites}
}

// Verified implements tlsctx.Witness.
func (w *wire) Verified(state tls.ConnectionState, result verify.Result, refusal error) error {
	p := w.handshake
	p.session = &variables.Session{
		Version: state.Version, CipherSuite: state.CipherSuite, Peer: state.PeerCertificates[0], Verification: result,
	}
	p.refusal = refusal
	if refusal == nil || p.goOn {
		return nil
	}
	p.peerCode = result.Code
	return refusal
}

func (w *wire) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	if w.handshake != nil {
		w.handshake.read += n
	}
	return n, err
}

func (w *wire) Write(b []byte) (int, error) {
	switch p := w.handshake; {
	case p != nil && p.peerCode != verify.OK:
		b = likeOpenSSL(b, p.peerCode)
	case p == nil && time.Now().UnixNano() > w.deadline.Load():
		// The deadline is that of an earlier message: crypto/tls answers a key
		// update of the peer by itself.
		_ = w.SetWriteDeadline(time.Time{}) // writing tells of a socket that is gone
	}
	return w.Conn.Write(b)
}

// SetWriteDeadline implements net.Conn. crypto/tls gives the alert that ends a
// connection five seconds.
func (w *wire) SetWriteDeadline(t time.Time) error {
	if latest := time.Now().Add(w.sendTimeout); t.IsZero() || t.After(latest) {
		t = latest
	}
	w.deadline.Store(t.UnixNano())
	return w.Conn.SetWriteDeadline(t)
}

// likeOpenSSL replaces crypto/tls's one alert for all certificates that do not
// verify by the one that OpenSSL sends. Up to TLS 1.2 such an alert is sent in
// the clear, and not part of what the handshake signs; that of TLS 1.3 cannot be
// replaced.
func likeOpenSSL(record []byte, code verify.Code) []byte {
	const (
		header      = 5
		alertRecord = 21
		length      = header + 2
	)
	if len(record) != length || record[0] != alertRecord || record[length-1] != byte(alertBadCertificate) {
		return record
	}
	changed := [length]byte(record)
	changed[length-1] = byte(alertFor(code))
	return changed[:]
}
