package variables

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// altKind is a kind of alternative name that variables speak of.
type altKind int

const (
	email altKind = iota
	hostname
	uri
	ip
	altKinds
)

// The tags of GeneralName (RFC 5280, 4.2.1.6).
const (
	tagEmail = 1
	tagDNS   = 2
	tagURI   = 6
	tagIP    = 7
	lastTag  = 8
)

var oidSubjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}

// newAltNames reads the first name of each kind. crypto/x509 has them too, but
// takes URIs apart. If there are two extensions OpenSSL reads neither.
func newAltNames(extensions []pkix.Extension) (first [altKinds]Value) {
	found := false
	for _, e := range extensions {
		if !e.Id.Equal(oidSubjectAltName) {
			continue
		}
		if found {
			return [altKinds]Value{}
		}
		first, found = firstAltNames(e.Value), true
	}
	return first
}

func firstAltNames(der []byte) (first [altKinds]Value) {
	var names []asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &names); err != nil || len(rest) > 0 {
		return first
	}
	var seen [lastTag + 1]bool
	for _, n := range names {
		if n.Class != asn1.ClassContextSpecific || n.Tag > lastTag {
			return [altKinds]Value{} // OpenSSL reads all or nothing
		}
		if seen[n.Tag] {
			continue
		}
		seen[n.Tag] = true
		switch n.Tag {
		case tagEmail:
			first[email] = bounded(string(n.Bytes))
		case tagDNS:
			first[hostname] = bounded(string(n.Bytes))
		case tagURI:
			first[uri] = bounded(string(n.Bytes))
		case tagIP:
			first[ip] = address(n.Bytes)
		}
	}
	return first
}

// address writes an IP address as OpenSIPS does: one of IPv6 with all its groups
// and in upper case.
func address(b []byte) Value {
	switch len(b) {
	case net.IPv4len:
		return text(netip.AddrFrom4([net.IPv4len]byte(b)).String())
	case net.IPv6len:
		var groups []string
		for i := 0; i < len(b); i += 2 {
			groups = append(groups, strconv.FormatUint(uint64(binary.BigEndian.Uint16(b[i:])), 16))
		}
		return text(strings.ToUpper(strings.Join(groups, ":")))
	}
	return Value{} // crypto/x509 lets no other length pass
}
