// Package pv has the variables of the script: their values, transformations, and
// texts with variables in them.
package pv

import (
	"net/netip"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
	"github.com/opensips-tools/tlsmgm/mgm/variables"
	"github.com/opensips-tools/tlsmgm/parser"
)

// Value is what a variable holds: NULL, which is the zero value, a text, a number,
// or both (the text of a number, as $rs has it).
type Value struct {
	Text   string
	Int    int64
	IsText bool
	IsInt  bool
}

// IsNull reports whether there is no value.
func (v Value) IsNull() bool { return !v.IsText && !v.IsInt }

// TextValue is a text, IntValue a number, BothValue a number that is also a text.
func TextValue(text string) Value { return Value{Text: text, IsText: true} }

// IntValue is a number.
func IntValue(n int64) Value { return Value{Int: n, IsInt: true} }

// Scope is what the variables of one run of a route are read from and written to.
type Scope struct {
	Version catalogue.Version
	Message *sipmsg.Message
	TLS     *variables.Session // nil if the message did not come over TLS
	Proto   string             // "tls", "udp", …
	Source  netip.AddrPort     // where the message came from
	Socket  netip.AddrPort     // where it was received

	Request    Request // what the script changes of the request
	Params     []Value // of the route call that runs, $param
	ReturnCode int64   // $rc
	File       string  // $cfg_file
	Line       int     // $cfg_line
}

// Request is what a script may change of a request.
type Request struct {
	URI         string // $ru
	Destination string // $du, empty for none
}

// Variable is a variable that is ready to be read and written.
type Variable struct {
	Raw string // as the script has it
	// Get reads it.
	Get func(*Scope) Value
	// Set writes it; nil if it cannot be written.
	Set func(*Scope, Value) error
}

// Compile makes a variable ready. It is an error if the variable is not one that
// this package knows.
func Compile(v parser.Variable) (*Variable, error) { return nil, nil }

// Format is a text with variables in it, as xlog takes it.
type Format struct{}

// CompileFormat makes a text ready.
func CompileFormat(text string) (*Format, error) { return nil, nil }

// Text is the text with the values put in: NULL is "<null>".
func (f *Format) Text(s *Scope) string { return "" }
