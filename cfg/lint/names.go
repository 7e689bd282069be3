package lint

import (
	"crypto/x509"
	"net/netip"
	"strings"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// ownName is a name that the server answers for.
type ownName struct {
	name string    // a host name in lower case, or an address
	at   diag.Span // where the script has it; invalid for one of the options
	isIP bool
}

// findNames collects the names of the script's aliases, advertised addresses and
// SIP domains, and those of the options. The addresses it listens on are left
// out: a certificate is hardly ever for those.
func (s *subject) findNames() (names []ownName) {
	add := func(name string, at diag.Span) {
		name = strings.ToLower(strings.Trim(strings.TrimSpace(name), "[]"))
		if name == "" || name == "*" || name == "none" {
			return
		}
		_, err := netip.ParseAddr(name)
		names = append(names, ownName{name, at, err == nil})
	}
	for _, a := range s.Config.Aliases {
		add(a.Host, a.At)
	}
	for _, l := range s.Config.Listeners {
		add(l.Advertised, l.At)
	}
	if g := s.Config.Global("advertised_address"); g != nil {
		add(g.Text, g.At)
	}
	for _, d := range s.Domains {
		for name := range strings.SplitSeq(d.MatchSIPDomain.Value, ",") {
			add(name, d.MatchSIPDomain.From.Span())
		}
	}
	for _, name := range s.Options.Names {
		add(name, diag.Span{})
	}
	return names
}

// nameSet finds out whether a certificate is for one of the names, without
// looking at each.
type nameSet struct {
	names, addresses map[string]bool
	// parents are the domains right above the names, which a wildcard covers;
	// wild are those above names that are wildcards themselves.
	parents, wild map[string]bool
	text          string // the host names in messages; empty if there are none
}

func newNameSet(names []ownName) *nameSet {
	s := &nameSet{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, ""}
	var hosts []string
	for _, n := range names {
		if n.isIP {
			s.addresses[n.name] = true
			continue
		}
		if !s.names[n.name] {
			hosts = append(hosts, quote(n.name))
		}
		s.names[n.name] = true
		first, parent, _ := strings.Cut(n.name, ".")
		s.parents[parent] = true
		if first == "*" {
			s.wild[parent] = true
		}
	}
	s.text = list(hosts)
	return s
}

// covers reports whether the certificate is for one of the names.
func (s *nameSet) covers(cert *x509.Certificate) bool {
	for _, name := range cert.DNSNames {
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		first, parent, _ := strings.Cut(name, ".")
		if s.names[name] || first == "*" && s.parents[parent] || s.wild[parent] {
			return true
		}
	}
	for _, uri := range cert.URIs { // sip:example.com (RFC 5922, section 7.1)
		if s.names[strings.ToLower(uri.Opaque)] || s.names[strings.ToLower(uri.Hostname())] {
			return true
		}
	}
	for _, ip := range cert.IPAddresses {
		if s.addresses[ip.String()] {
			return true
		}
	}
	return false
}
