package mgm

import (
	"iter"
	"net/netip"
	"strings"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
)

// Domain is a TLS domain that is in use: what was set of it and its TLS context.
// It does not change.
type Domain struct {
	*domain.Definition
	Context *tlsctx.Context

	digest digest
}

// DefaultName is how the default domains are called in listings, and by rows of
// the table.
const DefaultName = "default"

// DisplayName is the name of the domain, "default" for a default one.
func (d *Domain) DisplayName() string {
	if d.Default {
		return DefaultName
	}
	return d.Name
}

// FromDB reports whether the domain is a row of the table.
func (d *Domain) FromDB() bool { return d.From.Row != 0 }

// Domains are all TLS domains at one moment. The value never changes: whoever
// looks at it sees the domains of one load, whatever is reloaded meanwhile.
type Domains struct {
	defaultClient, defaultServer *Domain
	clients, servers             []*Domain // the first match wins

	serverByAddress map[netip.AddrPort]*Domain
	clientByAddress map[netip.AddrPort]*Domain
	clientByName    map[string]*Domain // in lower case
}

// newDomains takes the domains in the order in which the server has them: the
// latest definition first.
func newDomains(defaultClient, defaultServer *Domain, clients, servers []*Domain) *Domains {
	ds := &Domains{
		defaultClient:   defaultClient,
		defaultServer:   defaultServer,
		clients:         clients,
		servers:         servers,
		serverByAddress: make(map[netip.AddrPort]*Domain, len(servers)),
		clientByAddress: make(map[netip.AddrPort]*Domain),
		clientByName:    make(map[string]*Domain, len(clients)),
	}
	for _, d := range servers {
		addFirst(ds.serverByAddress, unmap(d.Address), d)
	}
	for _, d := range clients {
		if d.Address.IsValid() {
			addFirst(ds.clientByAddress, unmap(d.Address), d)
		}
		addFirst(ds.clientByName, strings.ToLower(d.Name), d)
	}
	return ds
}

func addFirst[K comparable](m map[K]*Domain, key K, d *Domain) {
	if _, taken := m[key]; !taken {
		m[key] = d
	}
}

// unmap makes an IPv4 address of one that is mapped into IPv6, as the sockets
// of a dual listener have it.
func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// All yields the domains in the order of tls_list: default client, default
// server, client domains, server domains.
func (ds *Domains) All() iter.Seq[*Domain] {
	return func(yield func(*Domain) bool) {
		for _, list := range [][]*Domain{{ds.defaultClient, ds.defaultServer}, ds.clients, ds.servers} {
			for _, d := range list {
				if d != nil && !yield(d) {
					return
				}
			}
		}
	}
}

// Len is the number of domains, the defaults included.
func (ds *Domains) Len() int {
	n := len(ds.clients) + len(ds.servers)
	for _, d := range []*Domain{ds.defaultClient, ds.defaultServer} {
		if d != nil {
			n++
		}
	}
	return n
}

// DefaultServer is the domain of incoming connections that no other fits
// (manual 2.4.1).
func (ds *Domains) DefaultServer() *Domain { return ds.defaultServer }

// DefaultClient is the domain of outgoing connections that no other fits
// (manual 2.4.1).
func (ds *Domains) DefaultClient() *Domain { return ds.defaultClient }

// FindServer is the server domain of a connection that came in on the local
// address and port: the one with that address, else the one with the
// unspecified address (0.0.0.0 or ::) and that port, else the default server
// domain (manual 2.1.1, find_server_domain).
func (ds *Domains) FindServer(local netip.AddrPort) *Domain {
	local = unmap(local)
	if d, ok := ds.serverByAddress[local]; ok {
		return d
	}
	unspecified := netip.IPv6Unspecified()
	if local.Addr().Is4() {
		if d, ok := ds.serverByAddress[netip.AddrPortFrom(netip.IPv4Unspecified(), local.Port())]; ok {
			return d
		}
	}
	if d, ok := ds.serverByAddress[netip.AddrPortFrom(unspecified, local.Port())]; ok {
		return d
	}
	return ds.defaultServer
}

// ClientRule says by what a client domain was found.
type ClientRule int

// The rules, in the order in which they are tried.
const (
	ByName ClientRule = iota
	ByAddress
	ByDefault
)

func (r ClientRule) String() string {
	return [...]string{"the name in the AVP", "the address of the destination", "no other domain fits"}[r]
}

// FindClient is the client domain of a connection to a destination: the one
// whose name is the value of the client_domain_avp, without regard to case; else
// the one with the address of the destination; else the default client domain
// (manual 1.3 and 2.1.2, find_client_domain). An empty name is an AVP without a
// value.
func (ds *Domains) FindClient(name string, destination netip.AddrPort) (*Domain, ClientRule) {
	if name != "" {
		if d := ds.FindClientName(name); d != nil {
			return d, ByName
		}
	}
	if d := ds.FindClientAddress(destination); d != nil {
		return d, ByAddress
	}
	return ds.defaultClient, ByDefault
}

// FindClientName is the client domain of that name, without regard to case; nil
// if there is none (manual 2.4.5).
func (ds *Domains) FindClientName(name string) *Domain {
	const longest = 64 // a name of that length needs no memory of its own
	var buf [longest]byte
	if len(name) > len(buf) {
		return ds.clientByName[strings.ToLower(name)]
	}
	for i := range len(name) {
		c := name[i]
		switch {
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case c >= 0x80:
			return ds.clientByName[strings.ToLower(name)]
		}
		buf[i] = c
	}
	return ds.clientByName[string(buf[:len(name)])]
}

// FindClientAddress is the client domain with that address; nil if there is
// none (manual 2.4.4).
func (ds *Domains) FindClientAddress(destination netip.AddrPort) *Domain {
	return ds.clientByAddress[unmap(destination)]
}

// Named yields the domains of that name, of either kind; "default" gives the
// default domains too.
func (ds *Domains) Named(name string) iter.Seq[*Domain] {
	return func(yield func(*Domain) bool) {
		for d := range ds.All() {
			if d.DisplayName() == name && !yield(d) {
				return
			}
		}
	}
}
