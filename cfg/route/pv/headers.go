package pv

import "strings"

// headerNames are the names of all headers, as they are written.
func headerNames(s *Scope) []string {
	if s.Message == nil {
		return nil
	}
	var names []string
	for h := range s.Message.All() {
		names = append(names, h.Name)
	}
	return names
}

func compileHeaderName(b *builder) (access, error) {
	x := b.index
	return reads(func(s *Scope) Value { return x.pick(s, headerNames(s)) })
}

// firstOf reads the body of the first header of a name.
func firstOf(name string) getter {
	return func(s *Scope) Value {
		if body, ok := s.firstHeader(name); ok {
			return TextValue(body)
		}
		return Value{}
	}
}

// addressOf reads a part of a header such as From.
func addressOf(name string, read func(nameAddr) Value) getter {
	return func(s *Scope) Value {
		if body, ok := s.firstHeader(name); ok {
			if a, ok := parseNameAddr(body); ok {
				return read(a)
			}
		}
		return Value{}
	}
}

func headerEntries() []entry {
	const group = "Headers"
	uri := func(a nameAddr) Value { return textOrNull(a.URI) }
	const preferred, diversion = "p-preferred-identity", "diversion"
	return []entry{
		{names: []string{"hdr"}, inner: "name", indexed: true, group: group, about: "body of the header; `[n]` from 0, `[-1]` is the last, `[*]`", compile: compileHeader},
		{names: []string{"hdrcnt"}, inner: "name", group: group, about: "how many of the header there are", compile: compileHeaderCount},
		{names: []string{"hdr_name"}, indexed: true, group: group, about: "name of a header; `[n]` from 0, `[*]`", compile: compileHeaderName},
		get("ci", group, "Call-ID", firstOf("call-id")),
		get("cs", group, "number of CSeq", sequence),
		{names: []string{"cT"}, indexed: true, group: group, about: "Content-Type; `[n]` that of a part, `[*]` all", compile: compileContentType},
		get("cl", group, "Content-Length", contentLength),
		get("ua", group, "User-Agent", firstOf("user-agent")),
		{names: []string{"ct"}, indexed: true, group: group, about: "contact; `[n]`, `[*]`", compile: compileContact},
		{names: []string{"ct.fields"}, inner: "field", indexed: true, group: group, about: "its name, uri, q, expires, methods, received or params", compile: compileContact},
		get("ai", group, "URI of P-Asserted-Identity", addressOf("p-asserted-identity", uri)),
		get("pu", group, "URI of P-Preferred-Identity", addressOf(preferred, uri)),
		get("pU", group, "its user", addressOf(preferred, func(a nameAddr) Value { return a.part(uriUser) })),
		get("pd", group, "its domain", addressOf(preferred, func(a nameAddr) Value { return a.part(uriHost) })),
		get("pn", group, "its display name", addressOf(preferred, func(a nameAddr) Value { return textOrNull(a.Display) })),
		get("re", group, "URI of Remote-Party-ID", addressOf("remote-party-id", uri)),
		get("rt", group, "URI of Refer-To", addressOf("refer-to", uri)),
		get("di", group, "URI of Diversion", addressOf(diversion, uri)),
		get("dip", group, "its privacy parameter", addressOf(diversion, func(a nameAddr) Value { return paramOrNull(a.Params, "privacy") })),
		get("dir", group, "its reason parameter", addressOf(diversion, func(a nameAddr) Value { return paramOrNull(a.Params, "reason") })),
	}
}

func compileHeader(b *builder) (access, error) {
	named, err := b.dynamic()
	if err != nil {
		return access{}, err
	}
	name, x := strings.ToLower(b.Inner), b.index
	switch {
	case named != nil:
		return reads(func(s *Scope) Value {
			name, _ := named(s).AsText()
			return x.pick(s, s.headerBodies(strings.ToLower(name)))
		})
	case x.kind == noIndex:
		return reads(firstOf(name))
	}
	return reads(func(s *Scope) Value { return x.pick(s, s.headerBodies(name)) })
}

func compileHeaderCount(b *builder) (access, error) {
	named, err := b.dynamic()
	if err != nil {
		return access{}, err
	}
	name := strings.ToLower(b.Inner)
	return reads(func(s *Scope) Value {
		if s.Message == nil {
			return Value{}
		}
		if named == nil {
			return IntValue(int64(len(s.headerBodies(name))))
		}
		text, _ := named(s).AsText()
		return IntValue(int64(len(s.headerBodies(strings.ToLower(text)))))
	})
}

func sequence(s *Scope) Value {
	body, _ := s.firstHeader("cseq")
	number, _, _ := strings.Cut(strings.TrimLeft(body, " \t"), " ")
	return textOrNull(strings.TrimRight(number, "\t"))
}

func contentLength(s *Scope) Value {
	body, ok := s.firstHeader("content-length")
	if !ok {
		return Value{}
	}
	n, ok := ParseInt(strings.TrimSpace(body))
	if !ok {
		return Value{}
	}
	return BothValue(body, n)
}

// contacts are the contacts of all Contact headers.
func contacts(s *Scope) []string {
	var all []string
	for _, body := range s.headerBodies("contact") {
		all = append(all, splitList(body)...)
	}
	return all
}

func compileContact(b *builder) (access, error) {
	x := b.index
	if b.Name == "ct" {
		return reads(func(s *Scope) Value { return x.pick(s, contacts(s)) })
	}
	read, ok := contactField(strings.ToLower(b.Inner))
	if !ok {
		return access{}, shapeError(b.Name, "has the field %q: expected name, uri, q, expires, methods, received or params", b.Inner)
	}
	field := func(contact string) Value {
		if a, ok := parseNameAddr(contact); ok && contact != "*" {
			return read(a)
		}
		return Value{}
	}
	return reads(func(s *Scope) Value {
		all := contacts(s)
		if x.kind == allIndex {
			var texts []string
			for _, contact := range all {
				texts = append(texts, field(contact).Text)
			}
			return joined(texts)
		}
		if i, ok := x.at(s, len(all)); ok {
			return field(all[i])
		}
		return Value{}
	})
}

func contactField(name string) (func(nameAddr) Value, bool) {
	switch name {
	case "name":
		return func(a nameAddr) Value { return textOrNull(a.Display) }, true
	case "uri":
		return func(a nameAddr) Value { return textOrNull(a.URI) }, true
	case "params":
		return func(a nameAddr) Value { return textOrNull(a.Params) }, true
	case "q", "expires", "methods", "received":
		return func(a nameAddr) Value { return paramOrNull(a.Params, name) }, true
	}
	return nil, false
}
