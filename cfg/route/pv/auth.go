package pv

import "strings"

func authEntries() []entry {
	const group = "Credentials"
	field := func(name string) getter {
		return func(s *Scope) Value { return paramIn(credentials(s), name) }
	}
	name := func(read func(user, domain string) string) getter {
		return func(s *Scope) Value {
			user, domain, _ := strings.Cut(paramIn(credentials(s), "username").Text, "@")
			return textOrNull(read(user, domain))
		}
	}
	return []entry{
		get("aU", group, "username of Proxy-Authorization or Authorization", field("username")),
		get("au", group, "its part before the @", name(func(user, _ string) string { return user })),
		get("ad", group, "its part behind the @", name(func(_, domain string) string { return domain })),
		get("ar", group, "realm", field("realm")),
		get("adu", group, "URI", field("uri")),
		get("an auth.nonce", group, "nonce", field("nonce")),
		get("auth.resp", group, "response", field("response")),
		get("auth.cnonce", group, "nonce of the client", field("cnonce")),
		get("auth.opaque", group, "opaque", field("opaque")),
		get("auth.alg", group, "algorithm", field("algorithm")),
		get("auth.qop", group, "quality of protection", field("qop")),
		get("auth.nc", group, "nonce count", field("nc")),
		get("Au", group, "username for accounting: user@realm of the credentials, or user@domain of From", accountName),
	}
}

// credentials are the parameters of the Digest credentials, with commas between
// them; empty if there are none. An ACK or CANCEL has none.
func credentials(s *Scope) string {
	if s.Message == nil {
		return ""
	}
	if m := s.Message.Method(); m == "ACK" || m == "CANCEL" {
		return ""
	}
	body, ok := s.firstHeader("proxy-authorization")
	if !ok {
		body, _ = s.firstHeader("authorization")
	}
	scheme, params, _ := strings.Cut(strings.TrimLeft(body, blanks), " ")
	if !strings.EqualFold(scheme, "digest") {
		return ""
	}
	return params
}

// paramIn finds a parameter in a list that has commas; NULL if it is not there or
// empty.
func paramIn(list, name string) Value {
	for list != "" {
		item := list
		if i := topLevel(list, ','); i >= 0 {
			item, list = list[:i], list[i+1:]
		} else {
			list = ""
		}
		if p, _, ok := nextParam(item); ok && strings.EqualFold(p.name, name) {
			return textOrNull(p.value)
		}
	}
	return Value{}
}

func accountName(s *Scope) Value {
	list := credentials(s)
	if user, _, _ := strings.Cut(paramIn(list, "username").Text, "@"); user != "" {
		if realm := paramIn(list, "realm").Text; realm != "" {
			return TextValue(user + "@" + realm)
		}
		return TextValue(user)
	}
	u := s.FromURI()
	if u == nil {
		return Value{}
	}
	return TextValue(u.User + "@" + u.Host)
}
