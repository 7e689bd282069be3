package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/openssl"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
	"github.com/opensips-tools/tlsmgm/mgm/variables"
)

// Step is a part of making a connection.
type Step string

// The steps, in their order.
const (
	StepConnect     Step = "connect"     // TCP, of an outgoing connection
	StepHello       Step = "hello"       // the first message of the peer
	StepNegotiation Step = "negotiation" // of version, cipher suite and curve
	StepCertificate Step = "certificate" // that of the peer
	StepFinish      Step = "finish"      // what the peer says of our part
	StepOpen        Step = "open"        // refused after the handshake, as TLS 1.3 has it
)

// HandshakeError says why a connection did not come about.
type HandshakeError struct {
	Step   Step
	Peer   netip.AddrPort
	Domain string // as [mgm.Domain.DisplayName]
	Reason string
	Help   string // what to do; may be empty
	// Session is what was known of the connection, nil if the peer's
	// certificate was not seen.
	Session *variables.Session
	Err     error // what crypto/tls or the system said

	silent bool // a client that left without a word
}

func (e *HandshakeError) Error() string {
	return fmt.Sprintf("TLS connection with %v failed at the step %q: %s", e.Peer, e.Step, e.Reason)
}

// Unwrap is the cause.
func (e *HandshakeError) Unwrap() error { return e.Err }

// failure is all that is known of a connection that failed.
type failure struct {
	err    error
	client bool // whether we are
	domain *mgm.Domain
	peer   netip.AddrPort
	*progress

	timeout     time.Duration // of handshakes
	timeoutFrom domain.Origin
}

// explanation is what it says to an operator.
type explanation struct {
	step         Step
	reason, help string
}

func (f failure) explain() *HandshakeError {
	x := explanation{f.step(), "crypto/tls: " + strings.TrimPrefix(f.err.Error(), "tls: "), ""}
	for _, explain := range []func(failure) (explanation, bool){
		failure.verification, failure.outOfTime, failure.alert, failure.notTLS, failure.cutOff,
		failure.noCertificate, failure.version, failure.suite, failure.curve, failure.unreadable,
	} {
		if found, ok := explain(f); ok {
			x = found
			break
		}
	}
	e := &HandshakeError{
		Step: x.step, Peer: f.peer, Domain: f.domain.DisplayName(), Reason: x.reason, Help: x.help, Session: f.session, Err: f.err, silent: f.silent(),
	}
	if e.Session != nil {
		e.Session.My = f.domain.Context.Certificate()
	}
	return e
}

// step is how far the handshake came.
func (f failure) step() Step {
	switch {
	case f.session != nil:
		return StepFinish
	case f.client && f.read > 0:
		return StepNegotiation
	case f.offered == nil:
		return StepHello
	case f.domain.VerifyCert.On:
		return StepCertificate
	}
	return StepFinish
}

// domainText names the domain as operators do.
func (f failure) domainText() string { return domainText(f.domain) }

func domainText(d *mgm.Domain) string {
	if d.Default {
		return fmt.Sprintf("the default %v domain", d.Kind)
	}
	return fmt.Sprintf("domain %q", d.Name)
}

// setting names a parameter and the place where it is set.
func setting(name string, from domain.Origin) string { return name + ", " + where(from) }

func where(from domain.Origin) string {
	switch {
	case from.IsDefault():
		return "by default"
	case from.Row != 0:
		return from.String() + " of the table"
	}
	return fmt.Sprintf("%s:%d", from.Span().Start.File, from.Span().Start.Line)
}

func (f failure) other() string {
	if f.client {
		return "server"
	}
	return "client"
}

func (f failure) outOfTime() (explanation, bool) {
	if !errors.Is(f.err, os.ErrDeadlineExceeded) {
		return explanation{}, false
	}
	limit := fmt.Sprintf("within %v (%s)", f.timeout, setting("tls_handshake_timeout", f.timeoutFrom))
	help := "raise tls_handshake_timeout if the network or the " + f.other() + " is slow"
	switch {
	case f.read == 0 && f.client:
		return explanation{StepHello, "the server did not answer the ClientHello " + limit, help}, true
	case f.read == 0:
		return explanation{StepHello, "the client sent nothing " + limit, help}, true
	case f.step() == StepHello:
		return explanation{StepHello, fmt.Sprintf("%d bytes of the client are no whole ClientHello %s", f.read, limit), help}, true
	case f.client && f.session == nil:
		return explanation{StepNegotiation, fmt.Sprintf("%d bytes of the server do not hold its whole certificate %s", f.read, limit), help}, true
	case f.step() == StepCertificate:
		return explanation{StepCertificate, "the client did not answer the request for its certificate " + limit, help}, true
	}
	return explanation{StepFinish, "the " + f.other() + " did not finish the handshake " + limit, help}, true
}

func (f failure) alert() (explanation, bool) {
	a, ok := alertFrom(f.err)
	if !ok {
		return explanation{}, false
	}
	reason := fmt.Sprintf("the peer sent the alert %q", a.String())
	meaning, known := alertMeanings[a]
	if !known {
		return explanation{f.step(), reason, "see the log of the peer"}, true
	}
	return explanation{
		f.step(), reason + ": " + fill(meaning.reason, f.domainText()), fill(meaning.help, f.domainText()),
	}, true
}

func fill(text, domain string) string { return strings.Replace(text, "%s", domain, 1) }

// plainTexts are the beginnings of what comes to TLS ports by mistake.
var plainTexts = []struct{ beginnings, protocol, help string }{
	{"INVIT REGIS OPTIO SUBSC NOTIF MESSA ACK BYE CANCE PUBLI INFO REFER PRACK UPDAT SIP/2", "plain SIP", "have the peer send it over TLS (;transport=tls), or to a tcp: socket"},
	{"GET POST PUT HEAD DELET PATCH CONNE HTTP/ PRI", "plain HTTP", "have the peer use https, or wss where a WebSocket is meant"},
	{"PROXY", "the PROXY protocol", "switch it off in the load balancer: OpenSIPS does not know it"},
	{"SSH-1 SSH-2", "SSH", "have the peer use another port"},
}

func (f failure) notTLS() (explanation, bool) {
	header, ok := errors.AsType[tls.RecordHeaderError](f.err)
	if !ok {
		return explanation{}, false
	}
	const alertRecord = 21
	if f.offered != nil && header.RecordHeader[0] == alertRecord {
		// Its version is not the one that was chosen.
		return explanation{
			StepNegotiation,
			fmt.Sprintf("no common protocol version: the client refuses the one that %s chose, of %s", f.domainText(), f.method()), helpVersion,
		}, true
	}
	if f.offered != nil {
		return explanation{f.step(), "what came is no TLS record: " + header.Msg, ""}, true
	}
	start := string(header.RecordHeader[:])
	if strings.TrimLeft(start, "\r\n\x00") == "" {
		return explanation{StepHello, "keep-alives of plain SIP came instead of TLS", plainTexts[0].help}, true
	}
	const sslv2 = 0x80
	if header.RecordHeader[0]&sslv2 != 0 && strings.Contains(header.Msg, "SSLv2") {
		return explanation{StepHello, "the client speaks SSLv2, which is always off", "have the peer use TLS 1.2 or later"}, true
	}
	for _, p := range plainTexts {
		for word := range strings.FieldsSeq(p.beginnings) {
			if strings.HasPrefix(start, word) {
				return explanation{StepHello, fmt.Sprintf("%s (%q) came instead of TLS", p.protocol, start), p.help}, true
			}
		}
	}
	return explanation{StepHello, fmt.Sprintf("what came is no TLS: it begins with %q", start), "see what the peer speaks"}, true
}

// cutOff is a peer that is gone.
func (f failure) cutOff() (explanation, bool) {
	if !errors.Is(f.err, io.EOF) && !errors.Is(f.err, io.ErrUnexpectedEOF) &&
		!errors.Is(f.err, syscall.ECONNRESET) && !errors.Is(f.err, syscall.EPIPE) {
		return explanation{}, false
	}
	switch {
	case f.silent():
		return explanation{StepHello, "the client closed the connection without sending anything", "health checks and port scans do so"}, true
	case f.client && f.read == 0:
		return explanation{StepHello, "the server closed the connection instead of answering the ClientHello", "see whether it speaks TLS on that port, and its log"}, true
	case f.step() == StepHello:
		return explanation{StepHello, fmt.Sprintf("the client closed the connection after %d bytes, in its ClientHello", f.read), ""}, true
	}
	return explanation{
		f.step(), "the " + f.other() + " closed the connection in the handshake without an alert",
		fill("it may not take the certificate of %s, or its own timeout is shorter: see its log", f.domainText()),
	}, true
}

// silent reports whether a client left without a word.
func (f failure) silent() bool {
	return !f.client && f.read == 0 && f.session == nil && !errors.Is(f.err, os.ErrDeadlineExceeded)
}

// noCertificate is a client without one where it is required. crypto/tls has
// nothing but a text for it, as for what follows.
func (f failure) noCertificate() (explanation, bool) {
	if !strings.Contains(f.err.Error(), "client didn't provide a certificate") {
		return explanation{}, false
	}
	return explanation{
		StepCertificate,
		fmt.Sprintf("peer certificate required by %s (%s) but none was sent", f.domainText(), setting("require_cert", f.domain.RequireCert.From)),
		"give the client a certificate, or set require_cert to 0",
	}, true
}

const helpVersion = "compare the tls_method of both sides, and the security level of the ciphers_list: from 1 on it forbids TLS 1.0 and 1.1"

// method is the range of versions of the domain, and where it is from.
func (f failure) method() string {
	lowest, highest := f.domain.Context.Versions()
	return fmt.Sprintf("%s (%s)", versionRange(lowest, highest), setting("tls_method", f.domain.Method.From))
}

func (f failure) version() (explanation, bool) {
	switch {
	case f.client && strings.Contains(f.err.Error(), "selected unsupported protocol version"):
		return explanation{StepNegotiation, fmt.Sprintf("the server chose a version that %s does not have: %s", f.domainText(), f.method()), helpVersion}, true
	case f.offered == nil || !strings.Contains(f.err.Error(), "unsupported versions"):
		return explanation{}, false
	}
	var names []string
	for _, v := range f.offered.versions {
		if !isGrease(v) {
			names = append(names, numbered(openssl.VersionName(v), "unknown", v))
		}
	}
	return explanation{
		StepNegotiation, fmt.Sprintf("no common protocol version: the client offers %s, %s allows %s", list(names), f.domainText(), f.method()), helpVersion,
	}, true
}

func versionRange(lowest, highest uint16) string {
	if lowest == highest {
		return openssl.VersionName(lowest)
	}
	return openssl.VersionName(lowest) + " to " + openssl.VersionName(highest)
}

func (f failure) suite() (explanation, bool) {
	if f.offered == nil || !strings.Contains(f.err.Error(), "no cipher suite supported by both") {
		return explanation{}, false
	}
	ciphers := f.domain.Context.Ciphers()
	allowed, possible := map[uint16]bool{}, map[uint16]bool{}
	var allows, offers, common []string
	for _, s := range ciphers.Usable() {
		allowed[s.ID] = true
		allows = append(allows, s.Name)
	}
	for _, id := range ciphers.GoIDs() {
		possible[id] = true
	}
	for _, id := range f.offered.suites {
		if isSignal(id) {
			continue
		}
		s, _ := openssl.SuiteByID(id)
		name := numbered(s.Name, "", id)
		offers = append(offers, name)
		if allowed[id] {
			common = append(common, name)
		}
	}
	x := explanation{StepNegotiation, fmt.Sprintf("no common cipher suite: the client offers %s, %s allows %s (%s)",
		list(offers), f.domainText(), list(allows), setting("ciphers_list", f.domain.CiphersList.From)), "compare the ciphers_list of both sides"}
	if len(common) > 0 {
		x.reason = fmt.Sprintf("no cipher suite works with the %s key of the certificate of %s: in common are %s", f.domain.Context.KeyKind(), f.domainText(), list(common))
		x.help = "give the domain a certificate with a key of the other kind; suites that crypto/tls has not got, such as DHE, work with a real server only"
	}
	return x, true
}

// isSignal is a number among the suites of a client that is no suite: two
// signals, and GREASE (RFC 8701).
func isSignal(id uint16) bool {
	const renegotiation, fallback = 0x00ff, 0x5600
	return id == renegotiation || id == fallback || isGrease(id)
}

func isGrease(n uint16) bool { return n&0x0f0f == 0x0a0a && n>>8 == n&0xff }

func numbered(name, unknown string, number uint16) string {
	if name == unknown {
		return fmt.Sprintf("0x%04x", number)
	}
	return name
}

// list names a few.
func list(names []string) string {
	const shown = 8
	switch more := len(names) - shown; {
	case len(names) == 0:
		return "none"
	case more > 0:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), more)
	}
	return strings.Join(names, ", ")
}

func (f failure) curve() (explanation, bool) {
	if !strings.Contains(f.err.Error(), "no key exchanges supported by both") && !strings.Contains(f.err.Error(), "unsupported group") {
		return explanation{}, false
	}
	allows := "the curves of crypto/tls"
	if c, set := f.domain.Context.Curve(); set {
		allows = c.Name
	}
	return explanation{
		StepNegotiation,
		fmt.Sprintf("no common curve: %s allows %s (%s)", f.domainText(), allows, setting("ec_curve", f.domain.ECCurve.From)),
		"compare ec_curve with the groups of the peer",
	}, true
}

// unreadable is a certificate that crypto/tls or crypto/x509 cannot handle,
// and a key of ours that they cannot use.
func (f failure) unreadable() (explanation, bool) {
	text := strings.TrimPrefix(f.err.Error(), "tls: ")
	switch {
	case strings.Contains(text, "failed to parse"), strings.Contains(text, "unsupported public key"), strings.Contains(text, "unsupported type of public key"):
		return explanation{StepCertificate, "the certificate of the peer cannot be used here: " + text, "a real server may take it; look at it with openssl x509 -text"}, true
	case strings.HasPrefix(text, "crypto/tls has no "):
		return explanation{StepNegotiation, fmt.Sprintf("%s cannot be used here: %s", f.domainText(), text), "a real server can"}, true
	}
	return explanation{}, false
}

// verification is a certificate of the peer that does not verify.
func (f failure) verification() (explanation, bool) {
	failed, ok := errors.AsType[*verify.Error](f.err)
	if !ok {
		return explanation{}, false
	}
	reason, help := f.unverified(failed.Result)
	return explanation{StepCertificate, fmt.Sprintf("%s; %s verifies it (%s)", reason, f.domainText(), setting("verify_cert", f.domain.VerifyCert.From)), help}, true
}

// unverified says what is wrong with the certificate.
func (f failure) unverified(r verify.Result) (reason, help string) {
	cert := new(x509.Certificate)
	if r.Depth < len(r.Chain) {
		cert = r.Chain[r.Depth]
	}
	what := fmt.Sprintf("the certificate %q of the peer", cert.Subject)
	if r.Depth > 0 {
		what = fmt.Sprintf("the certificate %q above the peer's", cert.Subject)
	}
	trust := fmt.Sprintf("the ca_list (%s) or ca_dir (%s)", where(f.domain.CAList.From), where(f.domain.CADir.From))
	crls := fmt.Sprintf("the crl_dir (%s)", where(f.domain.CRLDir.From))
	switch r.Code {
	case verify.Expired:
		return fmt.Sprintf("%s expired at %s", what, moment(cert.NotAfter)), "renew it, and compare the clocks"
	case verify.NotYetValid:
		return fmt.Sprintf("%s is not valid before %s", what, moment(cert.NotBefore)), "compare the clocks"
	case verify.Revoked:
		return fmt.Sprintf("%s is revoked by a list of %s", what, crls), "the peer needs a new certificate"
	case verify.SelfSigned:
		return what + " is self-signed and not trusted", "put it into " + trust + " to trust it"
	case verify.SelfSignedInChain:
		return fmt.Sprintf("the root %q of the peer's certificate is not trusted", cert.Subject), "put it into " + trust + " to trust it"
	case verify.UnknownIssuer, verify.LeafUnverifiable, verify.NoIssuer:
		return fmt.Sprintf("the issuer %q of %s is not known", cert.Issuer, what), "put the issuer into " + trust + ", or have the peer send its intermediate certificates"
	case verify.ChainTooLong:
		return "the chain of the peer's certificate is too long", "at most 3 certificates may be between it and the trust"
	case verify.InvalidPurpose:
		return fmt.Sprintf("%s is not for TLS %ss", what, f.other()), "see its extended key usage"
	case verify.NoCRL:
		return fmt.Sprintf("there is no revocation list of %q, the issuer of %s", cert.Issuer, what), "put one into " + crls
	case verify.CRLExpired:
		return fmt.Sprintf("the revocation list of %q, the issuer of %s, has expired", cert.Issuer, what), "put a new one into " + crls
	case verify.LeafKeyTooWeak, verify.IssuerKeyTooWeak, verify.DigestTooWeak:
		return fmt.Sprintf("%s is too weak for security level %d: %v", what, f.domain.Context.Ciphers().SecurityLevel, r.Code),
			"a longer key and a newer digest help; the level is @SECLEVEL of the ciphers_list"
	}
	return fmt.Sprintf("%s does not verify: %v (error %d)", what, r.Code, r.Code), "try it with openssl verify"
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

var _ tlsctx.Witness = (*wire)(nil)
