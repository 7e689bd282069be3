package sipmsg

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseURI(t *testing.T) {
	for text, want := range map[string]URI{
		"sip:h":                          {Scheme: "sip", Host: "h"},
		"SIPS:a@h":                       {Scheme: "sips", User: "a", Host: "h"},
		"sip:a:p%20w@h:05060;x;y=1?s=t":  {Scheme: "sip", User: "a", Password: "p%20w", Host: "h", Port: "05060", Params: "x;y=1", Headers: "s=t"},
		"sip:[2001:db8::1]":              {Scheme: "sip", Host: "[2001:db8::1]"},
		"sip:a@[::1]:5061;transport=tls": {Scheme: "sip", User: "a", Host: "[::1]", Port: "5061", Params: "transport=tls"},
		"sip:1;par=u%40h;x?y@h;p":        {Scheme: "sip", User: "1;par=u%40h;x?y", Host: "h", Params: "p"},
		"sip:h?a=b?c;d":                  {Scheme: "sip", Host: "h", Headers: "a=b?c;d"},
		"sip:a:@h":                       {Scheme: "sip", User: "a", Host: "h"},
		"sip:h;;a=1;;":                   {Scheme: "sip", Host: "h", Params: ";a=1;;"},
		"sip:h:65535":                    {Scheme: "sip", Host: "h", Port: "65535"},
		"tel:+1-201-555;isub=1;ext=2":    {Scheme: "tel", User: "+1-201-555", Params: "isub=1;ext=2"},
		"TEL:911?x":                      {Scheme: "tel", User: "911", Headers: "x"},
		"urn:service:sos.police":         {Scheme: "urn", Opaque: "service:sos.police"},
		"nobody+Knows.this-1:a@b;c?d":    {Scheme: "nobody+knows.this-1", Opaque: "a@b;c?d"},
		"soap.beep://192.0.2.103:3002":   {Scheme: "soap.beep", Opaque: "//192.0.2.103:3002"},
		"sip:höst":                       {Scheme: "sip", Host: "höst"},
	} {
		got, err := ParseURI(text)
		if err != nil || got != want {
			t.Errorf("%s: got %+v and error %v, want %+v", text, got, err, want)
		}
	}
}

func TestParseURIErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                     `expected a URI that begins with a scheme such as "sip:"`,
		"host":                 `expected a URI that begins with a scheme such as "sip:"`,
		"1a:b":                 `expected a URI that begins with a scheme such as "sip:"`,
		":b":                   `expected a URI that begins with a scheme such as "sip:"`,
		"sip:":                 `expected something after "sip:"`,
		"sip:;x":               `expected a host, found ""`,
		"sip:a@":               `expected a host, found ""`,
		"sip:@h":               `expected a user before "@"`,
		"sip::secret@h":        `expected a user before "@"`,
		"sip:a:secret:x@h":     `expected one ":" before "@"`,
		"sip:a:[secret@h":      `expected no brackets before "@"`,
		"sip:a:secret@h@i":     `expected one "@"`,
		"sip:a:secret@h;x=@":   `expected one "@"`,
		"sip:a:secret@h:":      `expected a port from 0 to 65535 after ":"`,
		"sip:a:secret@h:65536": `expected a port from 0 to 65535 after ":"`,
		"sip:a:secret":         `expected a port from 0 to 65535 after ":"`,
		"sip:a:secret@[::1":    `host "[::1": expected an IPv6 address in brackets`,
		"sip:[::1]x":           `host "[::1]x": expected an IPv6 address in brackets`,
		"sip:[[::1]]":          `host "[[::1]]": expected an IPv6 address in brackets`,
		"sip:[fe80::1%25eth0]": `host "[fe80::1%25eth0]": expected an IPv6 address in brackets`,
		"sip:[192.0.2.1]":      `host "[192.0.2.1]": expected an IPv6 address in brackets`,
		"sip:a b@h":            `unexpected ' ' in a URI`,
		"sip:a:secret@h>":      `unexpected '>' in a URI`,
		"tel:":                 `expected something after "tel:"`,
		"tel:;x":               `expected a telephone number after "tel:"`,
		"tel:a:secret@h":       `expected a telephone number after "tel:"`,
	} {
		got, err := ParseURI(text)
		if err == nil || err.Error() != want || got != (URI{}) {
			t.Errorf("%s: got %+v and error %v, want %s", text, got, err, want)
		}
	}
}

func TestURIParam(t *testing.T) {
	u, err := ParseURI("sip:h;Transport=TLS;lr;a=1;A=2;empty=;eq=a=b")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"transport": "TLS", "LR": "", "a": "1", "empty": "", "eq": "a=b"} {
		if got, ok := u.Param(name); !ok || got != want {
			t.Errorf("%s: got %q, %t, want %q", name, got, ok, want)
		}
	}
	for _, name := range []string{"r", "transport=TLS", "h", ""} {
		if got, ok := u.Param(name); ok {
			t.Errorf("%s: found %q", name, got)
		}
	}
	if _, ok := (URI{}).Param(""); ok {
		t.Error("found a parameter in nothing")
	}
}

func TestURIStringIsTheText(t *testing.T) {
	for _, text := range []string{
		"sip:h", "sips:a@h", "sip:a:p%20w@h:05060;x;y=1?s=t", "sip:a@[::1]:5061;transport=tls", "sip:1;par=u?y@h;p",
		"tel:+1-201-555;isub=1", "urn:service:sos.police", "http://a/b?c",
	} {
		u, err := ParseURI(text)
		if err != nil || u.String() != text {
			t.Errorf("%s: got %s and error %v", text, u, err)
		}
	}
}

// checkURI holds for any text: what was parsed is written so that it is read the same,
// and nothing but separators without anything after them is lost.
func checkURI(t interface{ Fatalf(string, ...any) }, text string) {
	u, err := ParseURI(text)
	if err != nil {
		if user, _, ok := strings.Cut(text, "@"); ok && len(user) > 8 && strings.Contains(err.Error(), user) {
			t.Fatalf("%q: the error holds the user: %v", text, err)
		}
		return
	}
	again, err := ParseURI(u.String())
	if err != nil || again != u {
		t.Fatalf("%q: got %+v and error %v, want %+v", text, again, err, u)
	}
	if lost := len(text) - len(u.String()); lost < 0 || lost > 3 {
		t.Fatalf("%q: written as %q", text, u)
	}
}

func TestURIRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scheme := rapid.SampledFrom([]string{"sip:", "sips:", "SIP:", "tel:", "urn:", "x:"}).Draw(t, "scheme")
		rest := rapid.StringOf(rapid.SampledFrom([]rune("ab1:;@?=&[].%ä"))).Draw(t, "rest")
		checkURI(t, scheme+rest)
	})
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`sips?:([a-z%;?=]{1,8}(:[a-z]{0,4})?@)?([a-z.]{1,9}|\[::1\])(:[0-9]{1,4})?(;[a-z=;]{0,9})?(\?[a-z=&]{0,9})?`).Draw(t, "uri")
		if _, err := ParseURI(text); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		checkURI(t, text)
	})
}
