package pv

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFormat(t *testing.T) {
	s := testScope(t)
	for in, want := range map[string]string{
		"":                               "",
		"plain 100% %s\n":                "plain 100% %s\n",
		"$rm $ru{x}":                     "INVITE sip:bob:pw@biloxi.example:5070;transport=tls;lr?Subject=x{x}",
		"[$rs]":                          "[<null>]",
		"cost: $$5":                      "cost: $5",
		"$$$rm":                          "$INVITE",
		"$(rm)x $rm.":                    "",
		"$(rm)x$si:$sp":                  "INVITEx192.0.2.1:40000",
		"$param(1): <$param($param(2))>": "first: <2>",
		"$(hdr(X-Test)[1]{s.toupper})!":  "TWO!",
		"$$(rm) $$ru":                    "$(rm) $ru",
		"$($)":                           "$",
		"$avp(a)$var(b)":                 "<null>0",
	} {
		f, err := CompileFormat(in)
		if want == "" && in != "" {
			if err == nil {
				t.Errorf("%q: no error", in)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		if got := f.Text(s); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestFormatErrors(t *testing.T) {
	for in, unsupported := range map[string]bool{
		"a $": false, "$ x": false, "$(ru": false, "$(ru}": false, "$ru(": false, "$hdr()": false, "a $nothing": true, "$(ru{s.no})": true, "$ds": true,
	} {
		_, err := CompileFormat(in)
		var u *UnsupportedError
		if err == nil || errors.As(err, &u) != unsupported {
			t.Errorf("%q: got %v", in, err)
		}
	}
}

func TestFormatConstant(t *testing.T) {
	for in, constant := range map[string]bool{"": true, "text": true, "$rm": false, "a%b": true, "$rm$$": false} {
		f, err := CompileFormat(in)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := f.Constant(); ok != constant || ok && got != in {
			t.Errorf("%q: got %q, %t", in, got, ok)
		}
	}
}

// TestFormatLimit cuts a text at each length.
func TestFormatLimit(t *testing.T) {
	s := testScope(t)
	f, err := CompileFormat("abc $rm def $var(long) end")
	if err != nil {
		t.Fatal(err)
	}
	s.SetVar("long", text(strings.Repeat("x", 50)))
	whole := f.Text(s)
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(0, len(whole)+5).Draw(t, "limit")
		got, cut := f.Append([]byte("> "), s, limit)
		want := whole[:min(limit, len(whole))]
		if string(got) != "> "+want || cut != (limit < len(whole)) {
			t.Fatalf("limit %d: got %q, %t", limit, got, cut)
		}
	})
	s.SetVar("long", text(strings.Repeat("x", MaxText)))
	if n := len(f.Text(s)); n != MaxText {
		t.Errorf("the text has %d bytes", n)
	}
}

// TestFormatPlain: a text without a dollar sign is what comes out.
func TestFormatPlain(t *testing.T) {
	s := &Scope{}
	rapid.Check(t, func(t *rapid.T) {
		in := strings.ReplaceAll(rapid.String().Draw(t, "text"), "$", "")
		value := rapid.String().Draw(t, "value")
		if err := s.SetVar("x", text(value)); err != nil {
			t.Fatal(err)
		}
		for format, want := range map[string]string{in: in, in + "$(var(x))" + in: in + value + in, "$$" + in + "$$": "$" + in + "$"} {
			f, err := CompileFormat(format)
			if err != nil {
				t.Fatal(err)
			}
			if got := f.Text(s); got != want {
				t.Fatalf("%q: got %q, want %q", format, got, want)
			}
		}
	})
}

// TestNoGarbage: a line of log takes no memory but what it is printed into.
func TestNoGarbage(t *testing.T) {
	s := testScope(t)
	f, err := CompileFormat("$rm $ru from $fu ($si:$sp, $pr) $var(a) $avp(b) $hdr(X-Test) $tls_version $rp\n")
	if err != nil {
		t.Fatal(err)
	}
	s.SetVar("a", num(12345))
	buf, _ := f.Append(nil, s, XlogBufSize)
	if n := testing.AllocsPerRun(100, func() { buf, _ = f.Append(buf[:0], s, XlogBufSize) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
