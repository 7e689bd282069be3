package lint

import (
	"crypto/tls"
	"slices"
	"strings"
)

// Profile is what a guideline or a peer asks of TLS settings. It does not
// change.
type Profile struct {
	Name  string // as --profile takes it
	Title string
	// Source is where the demands come from.
	Source string
	// Lowest and Highest are the protocol versions, in the numbers of crypto/tls:
	// none below Lowest may be spoken, and one of the range must be.
	Lowest, Highest uint16
	// Suites are those of TLS 1.2, by OpenSSL's names. With OnlySuites no other
	// may be used, without it one of them must be there.
	Suites     []string
	OnlySuites bool
	// Keys are the kinds of key that a certificate may have.
	Keys []KeyDemand
	// Curves are the values that ec_curve may have, by OpenSSL's names.
	Curves []string
	// ClientCertificates is what server domains are to do about certificates of
	// clients.
	ClientCertificates ClientCertificates
	// Roots are certificates that a ca_list must have.
	Roots []Root
}

// KeyDemand is a kind of key.
type KeyDemand struct {
	Kind  string // "RSA", "ECDSA" or "Ed25519"
	Bits  int    // the least, of RSA
	Curve string // the one, of ECDSA: "P-256"
}

// ClientCertificates says whether clients have to show a certificate.
type ClientCertificates int

// The demands about certificates of clients.
const (
	AnyClients ClientCertificates = iota
	// ClientsShow is mutual TLS: they have to.
	ClientsShow
	// ClientsHaveNone is clients such as browsers, which have none to show.
	ClientsHaveNone
)

// Root is a certificate of a root authority.
type Root struct {
	Name string
	SHA1 string // the fingerprint that its authority publishes, in hex
}

var ecdheSuites = []string{
	"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
	"ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
	"ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
}

var profiles = []*Profile{
	{
		Name: "intermediate", Title: "Mozilla intermediate", Source: "Mozilla, Server Side TLS 5.7",
		Lowest: tls.VersionTLS12, Highest: tls.VersionTLS13,
		Suites: append(slices.Clone(ecdheSuites),
			"DHE-RSA-AES128-GCM-SHA256", "DHE-RSA-AES256-GCM-SHA384", "DHE-RSA-CHACHA20-POLY1305"),
		OnlySuites: true,
		Keys:       []KeyDemand{{Kind: "RSA", Bits: 2048}, {Kind: "ECDSA", Curve: "P-256"}},
		Curves:     []string{"prime256v1", "secp384r1"},
	},
	{
		Name: "modern", Title: "Mozilla modern", Source: "Mozilla, Server Side TLS 5.7",
		Lowest: tls.VersionTLS13, Highest: tls.VersionTLS13,
		Keys:   []KeyDemand{{Kind: "ECDSA", Curve: "P-256"}},
		Curves: []string{"prime256v1", "secp384r1"},
	},
	{
		Name: "webrtc", Title: "WebRTC", Source: "RFC 8827, section 6.5",
		Lowest: tls.VersionTLS12, Highest: tls.VersionTLS13,
		Suites:             ecdheSuites,
		Keys:               []KeyDemand{{Kind: "RSA", Bits: 2048}, {Kind: "ECDSA", Curve: "P-256"}, {Kind: "ECDSA", Curve: "P-384"}},
		Curves:             []string{"prime256v1", "secp384r1"},
		ClientCertificates: ClientsHaveNone,
	},
	{
		Name: "teams", Title: "Microsoft Teams Direct Routing", Source: "Microsoft, Plan Direct Routing; its change of roots in 2026",
		Lowest: tls.VersionTLS12, Highest: tls.VersionTLS12,
		Suites: []string{
			"ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-SHA384", "ECDHE-RSA-AES128-SHA256",
		},
		Keys:               []KeyDemand{{Kind: "RSA", Bits: 2048}},
		Curves:             []string{"prime256v1", "secp384r1"},
		ClientCertificates: ClientsShow,
		Roots: []Root{
			{"DigiCert Global Root CA", "A8985D3A65E5E5C4B2D7D66D40C6DD2FB19C5436"},
			{"DigiCert Global Root G2", "DF3C24F9BFD666761B268073FE06D1CC8D4F82A4"},
			{"DigiCert Global Root G3", "7E04DE896A3E666D00E687D33FFAD93BE83D349E"},
			{"DigiCert TLS ECC P384 Root G5", "17F3DE5E9F0F19E98EF61F32266E20C407AE30EE"},
			{"DigiCert TLS RSA4096 Root G5", "A78849DC5D7C758C8CDE399856B3AAD0B2A57135"},
			{"Microsoft ECC Root Certificate Authority 2017", "999A64C37FF47D9FAB95F14769891460EEC4C3C5"},
			{"Microsoft RSA Root Certificate Authority 2017", "73A5E64A3BFF8316FF0EDCCC618A906E4EAE4D74"},
		},
	},
}

// Profiles are the profiles there are.
func Profiles() []*Profile { return slices.Clone(profiles) }

// LookupProfile is the profile of a name, without regard to case; nil if there
// is none.
func LookupProfile(name string) *Profile {
	for _, p := range profiles {
		if strings.EqualFold(p.Name, name) {
			return p
		}
	}
	return nil
}
