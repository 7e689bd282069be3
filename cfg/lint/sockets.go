package lint

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

// tlsProtocols are those whose sockets find a TLS server domain.
var tlsProtocols = []string{"tls", "wss", "bins"}

func isTLS(l *cfg.Listener) bool { return slices.Contains(tlsProtocols, l.Proto) }

// tlsListeners are the sockets that TLS connections come in on.
func (p *Pass) tlsListeners() (all []*cfg.Listener) {
	for _, l := range p.Config.Listeners {
		if isTLS(l) {
			all = append(all, l)
		}
	}
	return all
}

func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// addresses are those by which a server domain is found; any is true for a
// domain that every socket finds.
func (p *Pass) addresses(d *Domain) (addresses []netip.AddrPort, all bool) {
	if !p.era().matchLists {
		if !d.Address.IsValid() {
			return nil, false
		}
		return []netip.AddrPort{unmap(d.Address)}, false
	}
	if d.MatchIPAddress.Value == "" {
		return nil, true
	}
	addresses, all, err := domain.ParseMatchIPAddress(d.MatchIPAddress.Value, p.Config.Version)
	for i := range addresses {
		addresses[i] = unmap(addresses[i])
	}
	return addresses, all || err != nil
}

// sipDomains are the names by which a domain is found from 3.0 on, "*" for any.
func sipDomains(d *Domain) []string {
	if d.MatchSIPDomain.Value == "" {
		return []string{"*"}
	}
	var names []string
	for name := range strings.SplitSeq(d.MatchSIPDomain.Value, ",") {
		names = append(names, strings.ToLower(strings.TrimSpace(name)))
	}
	return names
}

// socketSet finds out whether a socket serves an address.
type socketSet struct {
	exact map[netip.AddrPort]bool
	ports map[uint16]bool // on an address that only the machine knows, or on all
	known map[uint16]bool // ports of sockets on plain addresses
}

func newSocketSet(listeners []*cfg.Listener) *socketSet {
	s := &socketSet{map[netip.AddrPort]bool{}, map[uint16]bool{}, map[uint16]bool{}}
	for _, l := range listeners {
		address, plain := l.Address()
		if !plain || address.Addr().IsUnspecified() {
			s.ports[l.Port] = true
			continue
		}
		s.exact[unmap(address)] = true
		s.known[l.Port] = true
	}
	return s
}

// serves reports whether a connection may come in on the address.
func (s *socketSet) serves(a netip.AddrPort) bool {
	return s.exact[a] || s.ports[a.Port()] || a.Addr().IsUnspecified() && s.known[a.Port()]
}
