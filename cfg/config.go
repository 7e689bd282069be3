package cfg

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Options say how to read a script.
type Options struct {
	// Version is the OpenSIPS that the script is for; zero is
	// [catalogue.Default].
	Version catalogue.Version
	// FS opens included files, and the script for Load. Without one, includes
	// fail.
	FS parser.FS
	// ConfigDir is the directory that the server was built with, where its
	// default certificate lies; empty is /etc/opensips/.
	ConfigDir string
}

// DefaultConfigDir is where a packaged server has its configuration.
const DefaultConfigDir = "/etc/opensips/"

// Config is what a script means.
type Config struct {
	Name    string
	Version catalogue.Version
	File    *parser.File
	// Diagnostics are the findings of reading, in the order in which the
	// server meets them.
	Diagnostics diag.List

	Globals   []*Global   // as set, in order
	Listeners []*Listener // in order
	Aliases   []*Alias    // in order
	Modules   []*Module   // in the order in which they were loaded
	Params    []*Param    // as set, in order; one a module
	Routes    []*Route    // in order
	TLS       TLS
	HTTP      HTTP
}

// Global is a global parameter as it was set.
type Global struct {
	Name string
	Text string // the value; a number in decimal
	At   diag.Span
}

// Listener is a listen statement.
type Listener struct {
	Proto      string // lower case
	Host       string // an address, a name, an interface, or "*"
	Port       uint16 // the protocol's own if none is given
	Advertised string // host:port after "as", empty if none
	Processes  int    // of use_children; 0 if not given
	At         diag.Span
}

// Address is the address of the listener, if it is one and no name.
func (l *Listener) Address() (netip.AddrPort, bool) {
	ip, err := netip.ParseAddr(l.Host)
	return netip.AddrPortFrom(ip, l.Port), err == nil
}

// Alias is one name of an alias statement.
type Alias struct {
	Proto string // empty for any
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

// Param is a module parameter as it was set. A modparam whose module name
// matches several modules gives one each.
type Param struct {
	Module string
	Name   string
	Value  Value
	At     diag.Span // of the value

	node parser.Node
}

// Value is a string or a number.
type Value struct {
	Text  string
	Int   int64
	IsInt bool
}

func (v Value) String() string {
	if v.IsInt {
		return fmt.Sprint(v.Int)
	}
	return v.Text
}

// Setting is a value with where it was set; the zero span is the default.
type Setting[T any] struct {
	Value T
	At    diag.Span
}

// IsSet reports whether the script sets it.
func (s Setting[T]) IsSet() bool { return s.At.IsValid() }

// Route is a route that the script defines.
type Route struct {
	Kind string // "route", "failure_route", …
	Name string // empty for the default route
	At   diag.Span
	Node *parser.Route
}

// TLS is what the script sets of tls_mgm.
type TLS struct {
	// Domains are those that the script defines, in its order. The server
	// keeps them in reverse.
	Domains []*domain.Definition
	// DefaultServer and DefaultClient hold what is set without a [domain].
	DefaultServer, DefaultClient *domain.Definition

	ClientDomainAVP  Setting[string] // name of the AVP; empty or "0": no matching by name
	HandshakeTimeout Setting[int]    // milliseconds
	SendTimeout      Setting[int]    // milliseconds
	DB               DB
}

// DB is where the tls_mgm table is.
type DB struct {
	URL          Setting[string] // empty: no database
	Table        Setting[string]
	VersionTable Setting[string]
	Columns      map[string]Setting[string] // by parameter, such as "domain_col"
}

// HTTP is what the script sets of the modules that serve the management
// interface over HTTP.
type HTTP struct {
	IP       Setting[string] // httpd; empty: every address
	Port     Setting[int]    // httpd
	JSONRoot Setting[string] // mi_json
	RPCRoot  Setting[string] // mi_http
}

// Loaded gives the module of that name, nil if the script does not load it.
func (c *Config) Loaded(name string) *Module {
	i := slices.IndexFunc(c.Modules, func(m *Module) bool { return m.Name == name })
	if i < 0 {
		return nil
	}
	return c.Modules[i]
}

// Param gives the value that a module parameter has in the end, nil if it is
// not set.
func (c *Config) Param(module, name string) *Param {
	for _, p := range slices.Backward(c.Params) {
		if p.Module == module && p.Name == name {
			return p
		}
	}
	return nil
}

// Global gives the value that a global parameter has in the end, nil if it is
// not set.
func (c *Config) Global(name string) *Global {
	for _, g := range slices.Backward(c.Globals) {
		if g.Name == name {
			return g
		}
	}
	return nil
}

// Accepted is what `opensips -C` of the version says of the script.
func (c *Config) Accepted() bool { return !c.Diagnostics.Has(diag.Read, diag.Error) }
