package domain

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// BracketsSince is the version from which an address may be [IPv6]:port. Before
// it, the first colon ends the address, so that no IPv6 one can be written.
const BracketsSince = catalogue.Version(2<<8 | 4)

// MatchesSince is the version from which match_ip_address and match_sip_domain
// find the domain of a connection, in place of one address and of default
// domains that are there without a definition: "default" is a name like others.
const MatchesSince = v30

// ParseDefinition reads the value of server_domain or client_domain, as up to
// 2.4: name=IP:port, where a client domain may go without the address. The error
// says why a server of the version refuses it.
func ParseDefinition(kind Kind, text string, v catalogue.Version) (name string, address netip.AddrPort, err error) {
	if text == "" {
		return "", address, errors.New("empty domain definition")
	}
	name, rest, hasAddress := strings.Cut(text, "=")
	if name == "" {
		return "", address, fmt.Errorf("expected a domain name before \"=\", found none in %s", diag.Quote(text))
	}
	if !hasAddress {
		if kind == Server {
			return name, address, fmt.Errorf("server domain %s has no address: expected name=IP:port", diag.Quote(name))
		}
		return name, address, nil
	}
	address, err = ParseAddress(rest, v)
	return name, address, err
}

// ParseMatchIPAddress reads match_ip_address, as from 3.0 on: addresses apart by
// commas, where "*" stands for every one.
func ParseMatchIPAddress(text string, v catalogue.Version) (addresses []netip.AddrPort, everyAddress bool, err error) {
	for one := range strings.SplitSeq(text, ",") {
		if one = strings.TrimSpace(one); one == "*" {
			everyAddress = true
			continue
		}
		address, err := ParseAddress(one, v)
		if err != nil {
			return nil, false, err
		}
		addresses = append(addresses, address)
	}
	return addresses, everyAddress, nil
}

// ParseAddress reads IP:port.
func ParseAddress(text string, v catalogue.Version) (netip.AddrPort, error) {
	colon := strings.IndexByte(text, ':')
	if v >= BracketsSince {
		colon = strings.LastIndexByte(text, ':')
	}
	if colon < 0 {
		return netip.AddrPort{}, fmt.Errorf("expected IP:port, found %s", diag.Quote(text))
	}
	host, portText := text[:colon], text[colon+1:]
	ip, err := parseIP(host, v)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("%w in %s", err, diag.Quote(text))
	}
	port, err := Port(portText)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("%w in %s", err, diag.Quote(text))
	}
	return netip.AddrPortFrom(ip, port), nil
}

func parseIP(host string, v catalogue.Version) (netip.Addr, error) {
	if v >= BracketsSince && strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	if ip, ok := dottedQuad(host); ok {
		return ip, nil
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.Is4() || ip.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("expected an IP address, found %s", diag.Quote(host))
	}
	return ip, nil
}

// dottedQuad reads an IPv4 address, with leading zeros if need be: they make no
// number octal here.
func dottedQuad(text string) (netip.Addr, bool) {
	const digits, octets = 3, 4
	var ip [octets]byte
	parts := strings.Split(text, ".")
	if len(parts) != octets {
		return netip.Addr{}, false
	}
	for i, part := range parts {
		n, err := number(part)
		if err != nil || part == "" || len(part) > digits || n > math.MaxUint8 {
			return netip.Addr{}, false
		}
		ip[i] = byte(n)
	}
	return netip.AddrFrom4(ip), true
}

// SplitValue splits the value of a per-domain parameter: [name]value, or value
// alone for both default domains. Blanks before the bracket are skipped, none
// after it.
func SplitValue(text string) (name, value string, named bool, err error) {
	if text == "" {
		return "", "", false, errors.New("empty value")
	}
	inner, bracket := strings.CutPrefix(strings.TrimLeft(text, " \t\r\n"), "[")
	if !bracket {
		return "", text, false, nil
	}
	name, value, closed := strings.Cut(inner, "]")
	if !closed {
		return "", "", true, fmt.Errorf("expected \"]\" after the domain name, found none in %s", diag.Quote(text))
	}
	if value == "" {
		return name, "", true, fmt.Errorf("no value after %s", diag.Quote("["+name+"]"))
	}
	return name, value, true, nil
}
