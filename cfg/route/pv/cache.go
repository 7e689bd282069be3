package pv

import (
	"net/netip"
	"strconv"

	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
)

// cache keeps what the variables of one message were read from.
type cache struct {
	message     *sipmsg.Message // that all of this, but for the addresses, is of
	headers     []header
	from, to    address
	request     uriCache
	original    uriCache
	destination uriCache

	source, socket ipCache
	transformed    uriCache
}

type header struct {
	name   string
	bodies []string
}

// maxHeaders is how many names of headers are kept; scripts have fewer.
const maxHeaders = 32

// address is a header such as From, with its URI.
type address struct {
	known bool
	sipmsg.NameAddr
	uri uriCache
}

// fresh forgets what was kept of another message.
func (s *Scope) fresh() *cache {
	c := &s.cache
	if c.message != s.Message {
		clear(c.headers)
		*c = cache{message: s.Message, headers: c.headers[:0], source: c.source, socket: c.socket, transformed: c.transformed}
	}
	return c
}

// headerBodies are the bodies of all headers of a name.
func (s *Scope) headerBodies(name string) []string {
	if s.Message == nil {
		return nil
	}
	c := s.fresh()
	for i := range c.headers {
		if c.headers[i].name == name {
			return c.headers[i].bodies
		}
	}
	bodies := s.Message.Headers(name)
	if len(c.headers) < maxHeaders {
		c.headers = append(c.headers, header{name, bodies})
	}
	return bodies
}

// firstHeader is the body of the first header of a name; false if there is none.
func (s *Scope) firstHeader(name string) (string, bool) {
	if bodies := s.headerBodies(name); len(bodies) > 0 {
		return bodies[0], true
	}
	return "", false
}

func (s *Scope) fromAddress() *address {
	if s.Message == nil {
		return nil
	}
	a := &s.fresh().from
	if !a.known {
		*a = address{known: true, NameAddr: s.Message.From()}
	}
	return a
}

func (s *Scope) toAddress() *address {
	if s.Message == nil {
		return nil
	}
	a := &s.fresh().to
	if !a.known {
		*a = address{known: true, NameAddr: s.Message.To()}
	}
	return a
}

// ipCache keeps the text of an address.
type ipCache struct {
	at         netip.AddrPort
	text, port string
}

func (c *ipCache) fill(at netip.AddrPort) *ipCache {
	if c.at != at || c.text == "" {
		*c = ipCache{at, at.Addr().Unmap().String(), strconv.Itoa(int(at.Port()))}
	}
	return c
}
