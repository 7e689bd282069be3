package probe

import (
	"crypto/tls"
	"crypto/x509"
	"net/netip"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
	"github.com/opensips-tools/tlsmgm/cfg/trace"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/transport"
	"github.com/opensips-tools/tlsmgm/mgm/variables"
)

// Report is what became of a connection. It is plain data, made to be written as
// JSON.
type Report struct {
	Target  Target         `json:"target"`
	Address netip.AddrPort `json:"address"`
	Domain  Domain         `json:"client_domain"`
	Timeout string         `json:"handshake_timeout"` // in words
	// Failure says why there is no connection, or no longer.
	Failure *Failure `json:"failure,omitempty"`
	// Verification is about the certificate of the server; nil if it was not
	// seen.
	Verification *Verification   `json:"verification,omitempty"`
	Chain        []Certificate   `json:"chain,omitempty"`     // of the server, as far as it was built
	Variables    trace.Variables `json:"variables,omitempty"` // in the manual's order
	Sent         string          `json:"sent,omitempty"`      // first line of the request
	Reply        *Reply          `json:"reply,omitempty"`     // the last one that came
	NoReply      string          `json:"no_reply,omitempty"`  // why there is no final reply

	version uint16
}

const tls13 = tls.VersionTLS13

// Domain is the client domain.
type Domain struct {
	Name    string `json:"name"`              // "default" for the default one
	Rule    string `json:"rule"`              // by what it was found, in words
	Subject string `json:"subject,omitempty"` // of its certificate
	Verify  bool   `json:"verify_cert"`       // whether the server's certificate has to verify
}

// Failure is a step of the connection that failed.
type Failure struct {
	Step   transport.Step `json:"step"`
	Reason string         `json:"reason"`
	Help   string         `json:"help,omitempty"`
}

// Verification says how checking the certificate of the server ended.
type Verification struct {
	Code int    `json:"code"` // OpenSSL's number
	Text string `json:"text"` // OpenSSL's words
	// Reason and Help are those of a certificate that does not verify though the
	// domain asks for it.
	Reason string `json:"reason,omitempty"`
	Help   string `json:"help,omitempty"`
}

// Certificate is one of the server's chain.
type Certificate struct {
	Subject  string    `json:"subject"`
	Issuer   string    `json:"issuer"`
	NotAfter time.Time `json:"not_after"`
}

// Reply is a reply of the server.
type Reply struct {
	Code    int      `json:"code"`
	Reason  string   `json:"reason"`
	Headers []string `json:"headers"`
}

// OK reports whether the connection came about, the certificate of the server is
// as the domain asks for, and the request was replied to.
func (r *Report) OK() bool { return r.Problem() == "" }

// Problem says why a report is not OK; empty if it is.
func (r *Report) Problem() string {
	switch {
	case r.Failure != nil:
		return r.Failure.Reason
	case r.Verification != nil && r.Verification.Reason != "":
		return r.Verification.Reason
	}
	return r.NoReply
}

// Reached reports whether there was somebody to speak TLS with.
func (r *Report) Reached() bool { return r.Failure == nil || r.Failure.Step != transport.StepConnect }

func newReport(o Options, address netip.AddrPort, d *mgm.Domain, rule mgm.ClientRule) *Report {
	r := &Report{
		Target: o.Target, Address: address,
		Domain: Domain{Name: d.DisplayName(), Rule: rule.String(), Verify: d.VerifyCert.On},
	}
	if d.Context != nil {
		r.Domain.Subject = named(d.Context.Certificate()).Text("tls_my_subject")
	}
	return r
}

// named is a certificate whose names the variables of this side have.
func named(cert *x509.Certificate) *variables.Session { return &variables.Session{My: cert} }

// fail keeps what is known of a connection that failed.
func (r *Report) fail(e *transport.HandshakeError) {
	r.Failure = &Failure{e.Step, e.Reason, e.Help}
	switch {
	case e.Session == nil || r.Verification != nil:
	case e.Step == transport.StepOpen: // refused before anybody had the connection
		r.known(e.Session)
	default:
		r.verified(e.Session)
	}
}

// opened keeps what is known of a connection.
func (r *Report) opened(conn *transport.Conn) {
	r.known(conn.Session())
	if e := conn.Unverified(); e != nil && r.Verification != nil {
		r.Verification.Reason, r.Verification.Help = e.Reason, e.Help
	}
}

// known keeps what is known of the TLS state after a handshake.
func (r *Report) known(s *variables.Session) {
	r.version = s.Version
	r.Variables = trace.VariablesOf(s)
	r.verified(s)
}

func (r *Report) verified(s *variables.Session) {
	if s.Peer == nil {
		return
	}
	r.Verification = &Verification{Code: int(s.Verification.Code), Text: s.Verification.Code.String()}
	for _, cert := range s.Verification.Chain {
		names := named(cert)
		r.Chain = append(r.Chain, Certificate{names.Text("tls_my_subject"), names.Text("tls_my_issuer"), cert.NotAfter.UTC()})
	}
}

func replyOf(m *sipmsg.Message) *Reply {
	r := &Reply{Code: m.Status(), Reason: m.Reason(), Headers: []string{}}
	for h := range m.All() {
		r.Headers = append(r.Headers, trace.Hide(h.Name+": "+h.Value))
	}
	return r
}
