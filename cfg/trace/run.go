package trace

import (
	"encoding/json"
	"net/netip"
	"strconv"

	"github.com/opensips-tools/tlsmgm/cfg/route"
	"github.com/opensips-tools/tlsmgm/mgm/transport"
	"github.com/opensips-tools/tlsmgm/mgm/variables"
)

// Run is what came of a request. It is plain data, made to be written as JSON,
// and has no passwords.
type Run struct {
	Request   Request   `json:"request"`
	Socket    Socket    `json:"socket"`
	Domain    *Domain   `json:"domain"`              // the server domain; nil without TLS
	Refused   *Refusal  `json:"refused,omitempty"`   // why the server would refuse the connection
	Variables Variables `json:"variables,omitempty"` // of the TLS connection, in the manual's order
	Notes     []string  `json:"notes,omitempty"`     // what is taken for granted or left open

	Steps        []route.Event `json:"steps"`  // none if the connection is refused
	Result       *route.Result `json:"result"` // nil if the connection is refused
	Expectations []Outcome     `json:"expectations,omitempty"`

	secrets []string
}

// Request says what came in.
type Request struct {
	Name   string         `json:"name"`
	Method string         `json:"method"`
	URI    string         `json:"uri"`
	Source netip.AddrPort `json:"source"`
}

// Domain is a server domain.
type Domain struct {
	Name    string `json:"name"`              // "default" for the default one
	Subject string `json:"subject,omitempty"` // of its certificate
	// Verified says how the certificate of the client was verified, in OpenSSL's
	// words; empty if there is none.
	Verified string `json:"verified,omitempty"`
}

// Refusal says why the server would refuse the connection, in the words of its
// log.
type Refusal struct {
	Step   transport.Step `json:"step"`
	Reason string         `json:"reason"`
	Help   string         `json:"help,omitempty"`
}

// Variable is a variable of a connection, with nil for NULL.
type Variable struct {
	Name  string  `json:"name"`
	Value *string `json:"value"`
}

// Variables are written as one object of JSON, in their order.
type Variables []Variable

// MarshalJSON writes the object.
func (all Variables) MarshalJSON() ([]byte, error) {
	object := []byte{'{'}
	for i, v := range all {
		if i > 0 {
			object = append(object, ',')
		}
		name, err := json.Marshal(v.Name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(v.Value)
		if err != nil {
			return nil, err
		}
		object = append(append(append(object, name...), ':'), value...)
	}
	return append(object, '}'), nil
}

// Lookup is the value of a variable, and whether it has one.
func (all Variables) Lookup(name string) (string, bool) {
	for _, v := range all {
		if v.Name == name && v.Value != nil {
			return *v.Value, true
		}
	}
	return "", false
}

// VariablesOf are the variables of a connection, in the manual's order; none for
// nil.
func VariablesOf(s *variables.Session) Variables {
	if s == nil {
		return nil
	}
	var all Variables
	for v := range variables.All() {
		variable := Variable{Name: "$" + v.Name}
		if value := v.Value(s); value.IsText {
			variable.Value = &value.Text
		}
		all = append(all, variable)
	}
	return all
}

// Trace implements [route.Tracer].
func (r *Run) Trace(e route.Event) { r.Steps = append(r.Steps, e) }

// IsRefused reports whether the server would refuse the connection.
func (r *Run) IsRefused() bool { return r.Refused != nil }

// Unmet are the expectations that were not met.
func (r *Run) Unmet() []Outcome {
	var unmet []Outcome
	for _, o := range r.Expectations {
		if !o.Met {
			unmet = append(unmet, o)
		}
	}
	return unmet
}

func describe(c *connection) *Domain {
	if c.domain == nil {
		return nil
	}
	d := &Domain{Name: c.domain.DisplayName()}
	if s := c.session; s != nil {
		d.Subject = s.Text("tls_my_subject")
		switch {
		case s.Peer == nil:
		case c.domain.Context == nil:
			d.Verified = "not looked at"
		default:
			d.Verified = s.Verification.Code.String()
		}
	}
	return d
}

func refusalOf(c *connection) *Refusal {
	if c.refusal == nil {
		return nil
	}
	return &Refusal{c.refusal.Step, c.refusal.Reason, c.refusal.Help}
}

// portOf is a port as it is written, or that of the protocol.
func portOf(text, proto string) uint16 {
	if n, err := strconv.ParseUint(text, 10, 16); err == nil && n > 0 {
		return uint16(n)
	}
	return ports[proto]
}
