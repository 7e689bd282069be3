package pv

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
)

// ofMessage is NULL without a message.
func ofMessage(read func(*sipmsg.Message) Value) getter {
	return func(s *Scope) Value {
		if s.Message == nil {
			return Value{}
		}
		return read(s.Message)
	}
}

// ofReply is NULL for a request.
func ofReply(read func(*sipmsg.Message) Value) getter {
	return ofMessage(func(m *sipmsg.Message) Value {
		if m.IsRequest() {
			return Value{}
		}
		return read(m)
	})
}

func messageEntries() []entry {
	const group = "Message"
	all := []entry{
		get("rm", group, "method, of a reply that of its CSeq", ofMessage(func(m *sipmsg.Message) Value { return textOrNull(m.Method()) })),
		get("rs", group, "status code of a reply", ofReply(func(m *sipmsg.Message) Value { return IntValue(int64(m.Status())) })),
		get("rr", group, "reason of a reply", ofReply(func(m *sipmsg.Message) Value { return TextValue(m.Reason()) })),
		get("mb", group, "the whole message", ofMessage(func(m *sipmsg.Message) Value { return TextValue(string(m.Raw())) })),
		get("ml", group, "its length", ofMessage(func(m *sipmsg.Message) Value { return IntValue(int64(len(m.Raw()))) })),
		get("msg.is_request", group, "whether it is a request", ofMessage(func(m *sipmsg.Message) Value { return boolValue(m.IsRequest()) })),
		get("msg.type", group, "request or reply", ofMessage(messageType)),
		{
			names: []string{"rb"}, inner: "content type", optional: true, indexed: true, group: group,
			about: "body, or a part of it", compile: compileBody,
		},
	}
	return append(all, addressEntries()...)
}

func messageType(m *sipmsg.Message) Value {
	if m.IsRequest() {
		return TextValue("request")
	}
	return TextValue("reply")
}

func addressEntries() []entry {
	const group = "Message"
	var all []entry
	for _, h := range []struct {
		letter, name string
		of           func(*Scope) *address
	}{{"f", "from", (*Scope).fromAddress}, {"t", "to", (*Scope).toAddress}} {
		of, title := h.of, strings.ToUpper(h.name[:1])+h.name[1:]
		uri := func(s *Scope) *sipmsg.URI {
			a := of(s)
			if a == nil || a.URI == "" {
				return nil
			}
			return a.uri.parse(a.URI)
		}
		text := func(read func(*address) string) getter {
			return func(s *Scope) Value {
				if a := of(s); a != nil {
					return textOrNull(read(a))
				}
				return Value{}
			}
		}
		all = append(all,
			get(h.letter+"u "+h.name, group, "URI of the "+title+" header", text(func(a *address) string { return a.URI })),
			get(h.letter+"U "+h.name+".user", group, "its user", part(uri, uriUser)),
			get(h.letter+"d "+h.name+".domain", group, "its domain", part(uri, uriHost)),
			get(h.letter+"n", group, "display name of the "+title+" header", text(func(a *address) string { return a.Display })),
			get(h.letter+"t", group, "tag of the "+title+" header", text(func(a *address) string { return a.Tag })),
		)
	}
	return all
}

// FromURI is the URI of the From header, nil if it cannot be read.
func (s *Scope) FromURI() *sipmsg.URI {
	if a := s.fromAddress(); a != nil && a.URI != "" {
		return a.uri.parse(a.URI)
	}
	return nil
}

// ToURI is the URI of the To header, nil if it cannot be read.
func (s *Scope) ToURI() *sipmsg.URI {
	if a := s.toAddress(); a != nil && a.URI != "" {
		return a.uri.parse(a.URI)
	}
	return nil
}

// RequestURI is the request URI as the script has made it so far, taken apart;
// nil if there is none or it cannot be read. It is not to be changed.
func (s *Scope) RequestURI() *sipmsg.URI { return s.requestURI() }

// DestinationURI is the same of $du.
func (s *Scope) DestinationURI() *sipmsg.URI { return s.destinationURI() }

func connectionEntries() []entry {
	const group = "Connection"
	return []entry{
		get("si src_ip", group, "address that the message came from", sourceIP),
		get("sp", group, "its port", func(s *Scope) Value { return port(s.Source) }),
		get("Ri", group, "address of the socket that received it", socketIP),
		get("Rp", group, "its port", func(s *Scope) Value { return port(s.Socket) }),
		get("pr proto", group, "protocol of the message", func(s *Scope) Value { return textOrNull(strings.ToLower(s.Proto)) }),
		get("af", group, "INET or INET6", func(s *Scope) Value { return family(s.Source.Addr()) }),
		{
			names: []string{"socket_in"}, inner: "field", optional: true, group: group,
			about: "socket that received the message; fields ip, port, proto, af", compile: compileSocketIn,
		},
		{
			names: []string{"socket_out"}, inner: "field", optional: true, writable: true, group: group,
			about: "socket to send from; field forced", compile: compileSocketOut,
		},
	}
}

func sourceIP(s *Scope) Value {
	if !s.Source.IsValid() {
		return Value{}
	}
	return TextValue(s.cache.source.fill(s.Source).text)
}

func socketIP(s *Scope) Value {
	if !s.Socket.IsValid() {
		return Value{}
	}
	return TextValue(s.cache.socket.fill(s.Socket).text)
}

func port(at netip.AddrPort) Value {
	if !at.IsValid() {
		return Value{}
	}
	return IntValue(int64(at.Port()))
}

func family(ip netip.Addr) Value {
	switch ip = ip.Unmap(); {
	case ip.Is4():
		return TextValue("INET")
	case ip.Is6():
		return TextValue("INET6")
	}
	return Value{}
}

func compileSocketIn(b *builder) (access, error) {
	switch b.Inner {
	case "":
		return reads(socketIn)
	case "ip":
		return reads(socketIP)
	case "port":
		return reads(func(s *Scope) Value { return port(s.Socket) })
	case "proto":
		return reads(func(s *Scope) Value { return textOrNull(strings.ToLower(s.Proto)) })
	case "af":
		return reads(func(s *Scope) Value { return family(s.Socket.Addr()) })
	}
	return access{}, noVariable(b.Name+"("+b.Inner+")", "expected ip, port, proto or af")
}

func socketIn(s *Scope) Value {
	if !s.Socket.IsValid() {
		return Value{}
	}
	return TextValue(strings.ToLower(s.Proto) + ":" + s.Socket.String())
}

func compileSocketOut(b *builder) (access, error) {
	forced := func(s *Scope) Value { return textOrNull(s.Request.Socket) }
	switch b.Inner {
	case "":
		return access{set: setSocketOut, get: func(s *Scope) Value {
			if s.Request.Socket != "" {
				return forced(s)
			}
			return socketIn(s)
		}}, nil
	case "forced":
		return reads(forced)
	}
	return access{}, noVariable(b.Name+"("+b.Inner+")", "expected forced")
}

func setSocketOut(s *Scope, v Value) error {
	socket, err := socketText(v)
	if err != nil {
		return fmt.Errorf("setting $socket_out: %w", err)
	}
	s.Request.Socket = socket
	return nil
}
