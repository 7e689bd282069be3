package cfg

import (
	"net/netip"
	"strconv"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Config is what a script means to a server of its version. It must not be
// changed; reading it is safe for concurrent use.
type Config struct {
	Name    string // of the script
	Version catalogue.Version
	File    *parser.File // the tree
	// Diagnostics are the findings of reading, in the order in which the
	// server meets them: those within the statements in the order of the text,
	// then those that it meets when all is read.
	Diagnostics diag.List

	// What the statements did, each in their order. A statement that the
	// server refuses does nothing.
	Globals   []*Global
	Listeners []*Listener
	Aliases   []*Alias
	Modules   []*Module
	Params    []*Param // one a module, where a modparam matches several
	Routes    []*Route

	// What the parameters of some modules set, with their defaults.
	TLS      TLS
	HTTP     HTTP
	ProtoTLS ProtoTLS
	ProtoWSS ProtoWSS
	Drivers  Drivers

	globals map[string]*Global
	modules map[string]*Module
	params  map[paramKey]*Param
}

type paramKey struct{ module, name string }

// Global is a global parameter as it was set.
type Global struct {
	Name string
	Text string // the value; a number in decimal
	At   diag.Span
}

// Listener is a listen statement.
type Listener struct {
	Proto string // lower case, such as "tls"
	Host  string // an address, a name, an interface, or "*" for every local address
	// Port is the one given or, without one, that of the protocol: the
	// parameter such as tls_port of its module, or the built-in 5060, 5061, ….
	Port uint16

	Advertised     string // host after "as", empty if there is none
	AdvertisedPort uint16 // Port if "as" gives none, 0 without "as"

	Processes int  // of use_children; 0 if not given
	Anycast   bool // from 2.4 on
	At        diag.Span

	hasPort bool
}

// Address is the address of the listener. It is false for a name, an interface
// and "*", which the server's machine resolves.
func (l *Listener) Address() (netip.AddrPort, bool) {
	ip, err := netip.ParseAddr(l.Host)
	return netip.AddrPortFrom(ip, l.Port), err == nil
}

// Alias is one name of an alias statement.
type Alias struct {
	Proto string // lower case; empty for any
	Host  string
	Port  uint16 // 0 for any
	At    diag.Span
}

// Module is a module that the script loads.
type Module struct {
	*catalogue.Module
	Path string // as written
	At   diag.Span

	node parser.Node
}

// Param is a module parameter as it was set.
type Param struct {
	Module string
	Name   string
	Value  Value
	At     diag.Span // of the value

	node parser.Node
}

// Value is the value of a modparam: a string or a number.
type Value struct {
	Text  string // empty for a number
	Int   int64  // 0 for a string
	IsInt bool
}

// String is the text, or the number in decimal.
func (v Value) String() string {
	if v.IsInt {
		return strconv.FormatInt(v.Int, 10)
	}
	return v.Text
}

// Setting is a value with where the script sets it last. Without that it is the
// default of OpenSIPS.
type Setting[T any] struct {
	Value T
	At    diag.Span
}

// IsSet reports whether the script sets it.
func (s Setting[T]) IsSet() bool { return s.At.IsValid() }

// Route is a route that the script defines.
type Route struct {
	Kind string // the statement: "route", "failure_route", …
	Name string // empty for the default route of the kind
	At   diag.Span
	Node *parser.Route
}

// Loaded is the module of that name, nil if the script does not load it.
func (c *Config) Loaded(name string) *Module { return c.modules[name] }

// Param is the value that a module parameter has in the end, nil if it is not
// set.
func (c *Config) Param(module, name string) *Param { return c.params[paramKey{module, name}] }

// Global is the value that a global parameter has in the end, nil if it is not
// set.
func (c *Config) Global(name string) *Global { return c.globals[name] }

// Accepted is what `opensips -C` of the version says of the script.
func (c *Config) Accepted() bool { return !c.Diagnostics.Has(diag.Read, diag.Error) }
