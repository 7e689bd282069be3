package sipmsg

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

func FuzzParse(f *testing.F) {
	for _, text := range []string{invite, small, edit("Call-ID: 1@h", "x"), "SIP/2.0 200 OK\r\n\r\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse(data)
		if err != nil {
			var malformed *MalformedError
			if !errors.As(err, &malformed) || malformed.Error() == "" {
				t.Fatalf("%q: got error %v", data, err)
			}
			if malformed.Status != 0 {
				checkReply(t, malformed.Partial)
			}
			return
		}
		if !bytes.Contains(data, m.Raw()) || !bytes.HasSuffix(m.Raw(), m.Body()) || m.Len() != len(m.Raw()) {
			t.Fatalf("%q: raw %q, body %q", data, m.Raw(), m.Body())
		}
		again, err := Parse(m.Raw())
		if err != nil || !slices.Equal(again.fields, m.fields) || again.Method() != m.Method() {
			t.Fatalf("%q: read again: %v", data, err)
		}
		count := 0
		for h := range m.All() {
			count++
			if !slices.Contains(m.Headers(h.Name), h.Value) {
				t.Fatalf("%q: %s does not give %q", data, h.Name, h.Value)
			}
		}
		if count != len(m.index.values) {
			t.Fatalf("%q: %d of %d headers", data, count, len(m.index.values))
		}
		m.Contacts()
		checkURI(t, m.RequestURI())
		checkReply(t, m)
		_ = m.Check()
	})
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(small+"\r\n\r\n"+invite), uint8(7))
	f.Add([]byte(edit("Content-Length: 0", "l: 3")+"abc"+edit("Call-ID: 1@h", "x")+small), uint8(1))
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"), uint8(3))
	f.Add([]byte("\r\n\x16\x03\x01"), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, size uint8) {
		want := readAll(bytes.NewReader(data), 2000)
		got := readAll(&chunks{data: slices.Clone(data), sizes: []int{int(size) + 1, 1, 2}}, 2000)
		if !slices.Equal(got, want) {
			t.Fatalf("%q by %d:\ngot  %q\nwant %q", data, size, got, want)
		}
	})
}

func FuzzParseURI(f *testing.F) {
	for _, text := range []string{"sip:a:p@h:5060;x=y?z", "sips:[::1]:1", "tel:+1;a", "urn:service:sos", "sip:a;b?c@h"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkURI(t, text)
		addr, err := ParseNameAddr(text)
		if err == nil && addr.URI == "" {
			t.Fatalf("%q: no URI", text)
		}
	})
}
