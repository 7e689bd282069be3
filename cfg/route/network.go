package route

import (
	"net/netip"
	"strings"

	"github.com/opensips-tools/tlsmgm/parser"
)

// withNetwork compares with an address or a network, from 2.4 on.
func (c *compiler) withNetwork(n *parser.Binary, left value, y *parser.Network) condition {
	network, ok := networkOf(y)
	if !ok {
		do := c.bad(y, "the network is none")
		return func(r *run) truth { do(r); return truthEnd }
	}
	op := n.Op
	return func(r *run) truth {
		v := left(r)
		if v.IsNull() {
			return truthOf(op == "!=")
		}
		ip, err := netip.ParseAddr(strings.Trim(v.Text, "[]"))
		if err != nil || !v.IsText {
			return truthError // not an address: no warning either, as 2.4 has it
		}
		return truthOf(network.contains(ip) == (op == "=="))
	}
}

// network is an address with a mask, which need not be a prefix.
type network struct{ ip, mask []byte }

func networkOf(n *parser.Network) (network, bool) {
	ip, err := netip.ParseAddr(n.IP.Text)
	if err != nil {
		return network{}, false
	}
	base := ip.AsSlice()
	mask := make([]byte, len(base))
	switch {
	case n.Mask != nil:
		m, err := netip.ParseAddr(n.Mask.Text)
		if err != nil || m.BitLen() != ip.BitLen() {
			return network{}, false
		}
		mask = m.AsSlice()
	default:
		bits := ip.BitLen()
		if n.Bits != nil {
			bits = int(n.Bits.Int())
		}
		if bits < 0 || bits > ip.BitLen() {
			return network{}, false
		}
		for i := range bits {
			mask[i/8] |= 0x80 >> (i % 8)
		}
	}
	for i := range base {
		base[i] &= mask[i]
	}
	return network{base, mask}, true
}

func (n network) contains(ip netip.Addr) bool {
	if len(n.ip) == net4 {
		ip = ip.Unmap()
	}
	if ip.BitLen() != len(n.ip)*8 {
		return false
	}
	bytes := ip.As16()
	rest := bytes[len(bytes)-len(n.ip):]
	for i := range n.ip {
		if rest[i]&n.mask[i] != n.ip[i] {
			return false
		}
	}
	return true
}

const net4 = 4 // bytes of an IPv4 address
