// Package domain describes a TLS domain: its name, its address and its
// settings, each with where it was set. It says nothing about certificates that
// are loaded or connections that are open; it is what the script and the
// tls_mgm table have in common.
package domain

import (
	"net/netip"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Kind is the direction of the connections that a domain is for.
type Kind int

// The kinds of domain.
const (
	Server Kind = iota // incoming connections
	Client             // outgoing connections
)

// String is "server" or "client".
func (k Kind) String() string {
	if k == Client {
		return "client"
	}
	return "server"
}

// Origin says where a value comes from. The zero Origin is the built-in
// default. It is small: a domain of the table has a dozen of them, and there may
// be 100,000 domains.
type Origin struct {
	span *diag.Span
	Row  int64 // id of the row of the table; 0 for none
}

// InScript is the origin of what a script sets at a place.
func InScript(at diag.Span) Origin { return Origin{span: &at} }

// Span is the place in the script; it is not valid if there is none.
func (o Origin) Span() diag.Span {
	if o.span == nil {
		return diag.Span{}
	}
	return *o.span
}

// Equal reports whether both are the same place.
func (o Origin) Equal(other Origin) bool { return o.Row == other.Row && o.Span() == other.Span() }

// IsDefault reports whether nobody set the value.
func (o Origin) IsDefault() bool { return !o.Span().IsValid() && o.Row == 0 }

// String is "default", "row 3" or a position of the script.
func (o Origin) String() string {
	switch {
	case o.Row != 0:
		return rowText(o.Row)
	case o.Span().IsValid():
		return o.Span().Start.String()
	}
	return "default"
}

// Text is a setting that is a text; empty for none.
type Text struct {
	Value string
	From  Origin
}

// Flag is a setting that is on or off.
type Flag struct {
	On   bool
	From Origin
}

// Material is a setting that is PEM text: in a file if the script has it, a
// blob if the table has it.
type Material struct {
	File string
	Blob []byte
	From Origin
}

// IsSet reports whether there is a file or a blob.
func (m Material) IsSet() bool { return m.File != "" || len(m.Blob) > 0 }

// Definition is a TLS domain.
type Definition struct {
	Name    string // empty for a built-in default domain
	Kind    Kind
	Address netip.AddrPort // invalid for a client domain without one, and for the defaults
	Default bool           // used where no other domain fits
	From    Origin

	// From 3.0 on these find the domain of a connection in place of Address;
	// both are lists apart by commas, or "*" for any.
	MatchIPAddress Text // of IP:port, see [ParseMatchIPAddress]
	MatchSIPDomain Text // of host names, where "*." stands for any label

	Method      Text
	Certificate Material
	PrivateKey  Material
	CAList      Material
	CADir       Text
	CRLDir      Text
	CRLCheckAll Flag
	VerifyCert  Flag
	RequireCert Flag
	CiphersList Text
	DHParams    Material
	ECCurve     Text
}

// The built-in defaults (manual, section 1.4; paths below the configuration
// directory as the server was built with it).
const (
	DefaultMethod      = "SSLv23"
	DefaultCertificate = "tls/cert.pem"
	DefaultPrivateKey  = "tls/ckey.pem"
	DefaultCADir       = "/etc/pki/CA/"
)

// New makes a domain with the built-in settings. configDir is the directory
// that the server was built with, usually /etc/opensips/. require_cert is on for
// server domains only, as 2.x has it; the manual says it is on for both.
func New(kind Kind, name, configDir string) *Definition {
	return &Definition{
		Name:        name,
		Kind:        kind,
		Method:      Text{Value: DefaultMethod},
		Certificate: Material{File: configDir + DefaultCertificate},
		PrivateKey:  Material{File: configDir + DefaultPrivateKey},
		CADir:       Text{Value: DefaultCADir},
		VerifyCert:  Flag{On: true},
		RequireCert: Flag{On: kind == Server},
	}
}
