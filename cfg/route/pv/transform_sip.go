package pv

import (
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
)

// ofURI is a transformation of a URI. What it lacks is NULL.
func ofURI(name, about string, read func(*sipmsg.URI) Value) transformation {
	return transformation{name: "uri." + name, about: about, compile: func(*call) (transform, error) {
		return func(s *Scope, v Value) Value {
			text, _ := v.AsText()
			// Scripts read several parts of one URI.
			if u := s.cache.transformed.parse(text); u != nil {
				return read(u)
			}
			return Value{}
		}, nil
	}}
}

func uriTransformations() []transformation {
	param := func(name, about string) transformation {
		return ofURI(name, about, func(u *sipmsg.URI) Value {
			if name == "uparam" {
				return uriParam(u, "user")
			}
			return uriParam(u, name)
		})
	}
	return []transformation{
		ofURI("user", "user", uriUser),
		ofURI("passwd", "password", func(u *sipmsg.URI) Value { return textOrNull(u.Password) }),
		ofURI("host", "domain; also {uri.domain}", uriHost),
		ofURI("port", "port, as it is written", func(u *sipmsg.URI) Value {
			if n, ok := ParseInt(u.Port); ok {
				return BothValue(u.Port, n)
			}
			return Value{}
		}),
		ofURI("params", "all parameters", func(u *sipmsg.URI) Value { return textOrNull(u.Params) }),
		ofURI("headers", "all headers", func(u *sipmsg.URI) Value { return textOrNull(u.Headers) }),
		ofURI("schema", "scheme", func(u *sipmsg.URI) Value { return textOrNull(u.Scheme) }),
		withName("uri.param", "a parameter; an empty text if it has no value", func(text, name string) Value {
			u, err := sipmsg.ParseURI(text)
			if err != nil {
				return Value{}
			}
			value, ok := findParam(u.Params, name)
			return Value{Text: value, IsText: ok}
		}),
		param("transport", "parameter transport"),
		param("ttl", "parameter ttl"),
		param("uparam", "parameter user"),
		param("maddr", "parameter maddr"),
		param("method", "parameter method"),
		param("lr", "value of the parameter lr"),
		param("r2", "value of the parameter r2"),
	}
}

func uriParam(u *sipmsg.URI, name string) Value { return paramOrNull(u.Params, name) }

func paramTransformations() []transformation {
	return []transformation{
		withName("param.value", "value of a parameter; an empty text if it has none", func(list, name string) Value {
			value, ok := findParam(list, name)
			return Value{Text: value, IsText: ok}
		}),
		withName("param.exist", "1 if there is the parameter, else 0", func(list, name string) Value {
			_, ok := findParam(list, name)
			return boolValue(ok)
		}),
		withPosition("param.valueat", "value of the parameter at a place, from 0; a negative one counts from the end", func(list string, n int64) Value {
			p, ok := paramAt(list, n)
			return Value{Text: p.value, IsText: ok}
		}),
		withPosition("param.name", "name of the parameter at a place", func(list string, n int64) Value {
			p, ok := paramAt(list, n)
			return Value{Text: p.name, IsText: ok}
		}),
		onValue("param.count", "how many there are", func(list string) Value { return IntValue(int64(len(allParams(list)))) }),
	}
}

func allParams(list string) []param {
	var all []param
	for {
		p, rest, ok := nextParam(list)
		if !ok {
			return all
		}
		all, list = append(all, p), rest
	}
}

func paramAt(list string, n int64) (param, bool) {
	all := allParams(list)
	if n < 0 {
		n += int64(len(all))
	}
	if n < 0 || n >= int64(len(all)) {
		return param{}, false
	}
	return all[n], true
}

func nameAddrTransformations() []transformation {
	of := func(name, about string, read func(nameAddr) Value) transformation {
		return onValue("nameaddr."+name, about, func(text string) Value {
			if a, ok := parseNameAddr(text); ok {
				return read(a)
			}
			return Value{}
		})
	}
	return []transformation{
		of("name", "display name", func(a nameAddr) Value { return textOrNull(a.Display) }),
		of("uri", "URI", func(a nameAddr) Value { return textOrNull(a.URI) }),
		of("len", "length without parameters", func(a nameAddr) Value { return IntValue(int64(a.length)) }),
		of("params", "all parameters", func(a nameAddr) Value { return textOrNull(a.Params) }),
		withName("nameaddr.param", "a parameter", func(text, name string) Value {
			if a, ok := parseNameAddr(text); ok {
				return paramOrNull(a.Params, name)
			}
			return Value{}
		}),
	}
}

// via is the first value of a Via header.
type via struct {
	name, version, transport, host, port, params, comment string
}

// parseVia takes "SIP/2.0/UDP host:port;params (comment)" apart.
func parseVia(text string) (v via, ok bool) {
	if i := topLevel(text, ','); i >= 0 {
		text = text[:i]
	}
	if open := strings.IndexByte(text, '('); open >= 0 {
		if end := strings.IndexByte(text[open:], ')'); end >= 0 {
			v.comment = text[open+1 : open+end]
			text = text[:open] + text[open+end+1:]
		}
	}
	sent, params, _ := strings.Cut(text, ";")
	v.params = strings.Trim(params, blanks)
	parts := strings.SplitN(sent, "/", 3)
	if len(parts) != 3 {
		return v, false
	}
	v.name, v.version = strings.Trim(parts[0], blanks), strings.Trim(parts[1], blanks)
	rest := strings.TrimLeft(parts[2], blanks)
	i := strings.IndexAny(rest, blanks)
	if i < 0 {
		return v, false
	}
	v.transport = rest[:i]
	v.host = strings.Trim(rest[i:], blanks)
	if i := strings.LastIndexByte(v.host, ':'); i > strings.LastIndexByte(v.host, ']') {
		v.host, v.port = strings.TrimRight(v.host[:i], blanks), strings.TrimLeft(v.host[i+1:], blanks)
	}
	return v, v.name != "" && v.version != "" && v.host != "" && !strings.ContainsAny(v.host, blanks)
}

func viaTransformations() []transformation {
	of := func(name, about string, read func(via) Value) transformation {
		return onValue("via."+name, about, func(text string) Value {
			if v, ok := parseVia(text); ok {
				return read(v)
			}
			return Value{}
		})
	}
	param := func(name string) transformation {
		return of(name, "parameter "+name, func(v via) Value { return paramOrNull(v.params, name) })
	}
	return []transformation{
		of("name", "protocol name, SIP", func(v via) Value { return textOrNull(v.name) }),
		of("version", "protocol version, 2.0", func(v via) Value { return textOrNull(v.version) }),
		of("transport", "transport", func(v via) Value { return textOrNull(v.transport) }),
		of("host", "host; also {via.domain}", func(v via) Value { return textOrNull(v.host) }),
		of("port", "port", func(v via) Value {
			if n, ok := ParseInt(v.port); ok {
				return BothValue(v.port, n)
			}
			return Value{}
		}),
		of("comment", "comment", func(v via) Value { return textOrNull(v.comment) }),
		of("params", "all parameters", func(v via) Value { return textOrNull(v.params) }),
		withName("via.param", "a parameter; an empty text if it has no value", func(text, name string) Value {
			v, ok := parseVia(text)
			if !ok {
				return Value{}
			}
			value, ok := findParam(v.params, name)
			return Value{Text: value, IsText: ok}
		}),
		param("branch"), param("received"), param("rport"),
	}
}
