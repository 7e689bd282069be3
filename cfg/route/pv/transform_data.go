package pv

import (
	"net/netip"
	"strings"
)

func parseIP(text string) (netip.Addr, bool) {
	if n := len(text); n > 2 && text[0] == '[' && text[n-1] == ']' {
		text = text[1 : n-1]
		if !strings.Contains(text, ":") {
			return netip.Addr{}, false
		}
	}
	ip, err := netip.ParseAddr(text)
	return ip, err == nil && ip.Zone() == ""
}

func ipTransformations() []transformation {
	is := func(name, about string, f func(netip.Addr) bool) transformation {
		return onValue("ip."+name, about, func(text string) Value {
			ip, ok := parseIP(text)
			return boolValue(ok && f(ip))
		})
	}
	return []transformation{
		onValue("ip.pton", "address as bytes", func(text string) Value {
			if ip, ok := parseIP(text); ok {
				return TextValue(string(ip.AsSlice()))
			}
			return Value{}
		}),
		onValue("ip.ntop", "address from bytes", func(text string) Value {
			if ip, ok := netip.AddrFromSlice([]byte(text)); ok {
				return TextValue(ip.String())
			}
			return Value{}
		}),
		onValue("ip.family", "INET or INET6 of an address as bytes", func(text string) Value {
			switch len(text) {
			case 4:
				return TextValue("INET")
			case 16:
				return TextValue("INET6")
			}
			return Value{}
		}),
		is("isip", "1 if it is an address, else 0", func(netip.Addr) bool { return true }),
		is("isip4", "1 if it is one of IPv4", netip.Addr.Is4),
		is("isip6", "1 if it is one of IPv6", netip.Addr.Is6),
		is("isprivate", "1 if it is a private one of IPv4 (RFC 1918, RFC 6598)", func(ip netip.Addr) bool {
			return ip.Is4() && (ip.IsPrivate() || sharedNet.Contains(ip))
		}),
		{name: "ip.matches", args: "address/bits", about: "1 if the address is in the network, else 0", compile: compileIPMatches},
	}
}

// sharedNet is the one of RFC 6598.
var sharedNet = netip.MustParsePrefix("100.64.0.0/10")

func parseNet(text string) (netip.Prefix, bool) {
	address, bits, _ := strings.Cut(text, "/")
	ip, ok := parseIP(address)
	n, ok2 := ParseInt(bits)
	if !ok || !ok2 || n < 0 || n > int64(ip.BitLen()) {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(ip, int(n)), true
}

func compileIPMatches(c *call) (transform, error) {
	a, err := c.next("a network as address/bits")
	if err != nil {
		return nil, err
	}
	fixed, fixedOK := parseNet(a.text)
	if a.get == nil && !fixedOK {
		return nil, shapeError(c.variable.Name, "has the argument %q in {%s}: expected a network as address/bits", a.text, c.name)
	}
	return func(s *Scope, v Value) Value {
		in, _ := v.AsText()
		network, ok := fixed, fixedOK
		if a.get != nil {
			text, _ := a.str(s)
			network, ok = parseNet(text)
		}
		ip, ok2 := parseIP(in)
		if !ok || !ok2 || ip.Is4() != network.Addr().Is4() {
			return Value{}
		}
		return boolValue(network.Contains(ip))
	}, nil
}

// splitCSV divides a record by RFC 4180: a field in quotes may have commas, and
// quotes that are written twice. False if the quotes are wrong.
func splitCSV(text string) (fields []string, ok bool) {
	for {
		var field, rest string
		var more bool
		if strings.HasPrefix(text, `"`) {
			end := closingQuote(text)
			if end < 0 {
				return nil, false
			}
			field, rest = strings.ReplaceAll(text[1:end], `""`, `"`), text[end+1:]
			if more = strings.HasPrefix(rest, ","); !more && rest != "" {
				return nil, false
			}
			rest = strings.TrimPrefix(rest, ",")
		} else {
			field, rest, more = strings.Cut(text, ",")
		}
		fields = append(fields, field)
		if !more {
			return fields, true
		}
		text = rest
	}
}

// closingQuote is the place of the quote that ends a field of CSV, or -1.
func closingQuote(text string) int {
	for i := 1; i < len(text); i++ {
		if text[i] != '"' {
			continue
		}
		if i+1 == len(text) || text[i+1] != '"' {
			return i
		}
		i++
	}
	return -1
}

func csvTransformations() []transformation {
	return []transformation{
		onValue("csv.count", "how many fields there are", func(text string) Value {
			fields, ok := splitCSV(text)
			if !ok {
				return Value{}
			}
			return IntValue(int64(len(fields)))
		}),
		withPosition("csv.value", "field at a place, from 0; a negative one counts from the end", func(text string, n int64) Value {
			fields, _ := splitCSV(text)
			if n < 0 {
				n += int64(len(fields))
			}
			if n < 0 || n >= int64(len(fields)) {
				return Value{}
			}
			return TextValue(fields[n])
		}),
	}
}

func sdpTransformations() []transformation {
	return []transformation{
		{name: "sdp.line", args: "letter[,index]", about: "line of that kind, the first if there is no index", compile: compileSDPLine},
		{name: "sdp.stream", args: "index or media", about: "stream with its m= line", compile: compileSDPStream},
	}
}

func compileSDPLine(c *call) (transform, error) {
	letter, err := c.next("a letter")
	if err != nil {
		return nil, err
	}
	var position arg
	if c.more() {
		position, err = c.number("a number")
	}
	return func(s *Scope, v Value) Value {
		in, _ := v.AsText()
		kind, ok := letter.str(s)
		n, ok2 := position.num(s)
		if !ok || !ok2 || n < 0 {
			return Value{}
		}
		for line := range strings.Lines(in) {
			if len(line) < 2 || line[0] != kind[0] || line[1] != '=' {
				continue
			}
			if n--; n < 0 {
				return TextValue(strings.TrimRight(line, "\r\n"))
			}
		}
		return Value{}
	}, err
}

func compileSDPStream(c *call) (transform, error) {
	which, err := c.next("an index or a medium")
	if err != nil {
		return nil, err
	}
	return func(s *Scope, v Value) Value {
		in, _ := v.AsText()
		wanted, ok := which.str(s)
		if !ok {
			return Value{}
		}
		streams := sdpStreams(in)
		if n, ok := ParseInt(wanted); ok {
			if n < 0 {
				n += int64(len(streams))
			}
			if n < 0 || n >= int64(len(streams)) {
				return Value{}
			}
			return TextValue(streams[n])
		}
		for _, stream := range streams {
			media, _, _ := strings.Cut(strings.TrimPrefix(stream, "m="), " ")
			if strings.EqualFold(media, wanted) {
				return TextValue(stream)
			}
		}
		return Value{}
	}, nil
}

// sdpStreams are the parts of a session that begin with an m= line.
func sdpStreams(text string) []string {
	var starts []int
	at := 0
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "m=") {
			starts = append(starts, at)
		}
		at += len(line)
	}
	var streams []string
	for i, start := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		streams = append(streams, text[start:end])
	}
	return streams
}
