package openssl

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const mozillaIntermediate = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:" +
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:" +
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:" +
	"DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305"

func parse(t testing.TB, list string) CipherList {
	t.Helper()
	l, err := ParseCipherList(list)
	if err != nil {
		t.Fatalf("parse %q: %v", list, err)
	}
	return l
}

func TestParseCipherList(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		list, want string
		level      int
	}{
		{"AES128-SHA:AES256-SHA", "AES128-SHA:AES256-SHA", 2},
		{"AES128-SHA AES256-SHA:@STRENGTH", "AES256-SHA:AES128-SHA", 2},
		{"kRSA+AESGCM;@SECLEVEL=1", "AES256-GCM-SHA384:AES128-GCM-SHA256", 1},
		{"kRSA+AESGCM:-AES256:AES256-GCM-SHA384", "AES128-GCM-SHA256:AES256-GCM-SHA384", 2},
		{"kRSA+AESGCM:+AES256", "AES128-GCM-SHA256:AES256-GCM-SHA384", 2},
		{"kRSA+AESGCM:!AES256:AES256", "AES128-GCM-SHA256", 2},
		{"SUITEB128ONLY:ALL", "ECDHE-ECDSA-AES128-GCM-SHA256", 2},
		{"AES128-SHA\x00:AES256-SHA", "AES128-SHA", 2},
	} {
		l := parse(t, test.list)
		if l.String() != test.want || l.SecurityLevel != test.level {
			t.Errorf("%q is %q at level %d, expected %q at %d", test.list, l, l.SecurityLevel, test.want, test.level)
		}
	}
}

func TestRefusedCipherStrings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		list string
		want CipherListError
	}{
		{"", CipherListError{0, "", ErrNoCipherMatch}},
		{"RC4:EXPORT", CipherListError{0, "RC4:EXPORT", ErrNoCipherMatch}},
		{"AES:!AES", CipherListError{0, "AES:!AES", ErrNoCipherMatch}},
		{"AES:?:RSA", CipherListError{4, "?", ErrInvalidCommand}},
		{"AES:@SECLEVEL=9,RSA", CipherListError{4, "@SECLEVEL=9", ErrInvalidCommand}},
		{"AES:RSA+", CipherListError{4, "RSA+", ErrInvalidCommand}},
		{"AES:!", CipherListError{4, "!", ErrInvalidCommand}},
	} {
		_, err := ParseCipherList(test.list)
		var got *CipherListError
		if !errors.As(err, &got) || *got != test.want {
			t.Errorf("%q: error %#v, expected %#v", test.list, err, test.want)
		}
	}
}

func TestSkippedItems(t *testing.T) {
	t.Parallel()
	const list = "HIGH:!EXPORT,AES+FOO+SHA kRSA+aECDSA:LOW:AES+LOW:DEFAULT:high:" +
		"TLS_AES_128_GCM_SHA256:TLS_RSA_WITH_AES_128_CBC_SHA:!EXP-RC4-MD5:ecdhe-rsa-aes128-sha:TLS_NONSENSE:" +
		"ECDH-RSA-AES128-SHA:RSA+RC4"
	want := []struct {
		SkippedItem
		suggestion string
	}{
		{SkippedItem{0, "!EXPORT", "EXPORT", SkipRetired}, ""},
		{SkippedItem{0, "AES+FOO+SHA", "FOO", SkipUnknown}, ""},
		{SkippedItem{0, "kRSA+aECDSA", "aECDSA", SkipDisjoint}, ""},
		{SkippedItem{0, "LOW", "LOW", SkipRetired}, ""},
		{SkippedItem{0, "AES+LOW", "LOW", SkipDisjoint}, ""},
		{SkippedItem{0, "DEFAULT", "DEFAULT", SkipMisplaced}, ""},
		{SkippedItem{0, "high", "high", SkipUnknown}, "HIGH"},
		{SkippedItem{0, "TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256", SkipTLS13}, ""},
		{SkippedItem{0, "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA", SkipUnknown}, "AES128-SHA"},
		{SkippedItem{0, "!EXP-RC4-MD5", "EXP-RC4-MD5", SkipRetired}, ""},
		{SkippedItem{0, "ecdhe-rsa-aes128-sha", "ecdhe-rsa-aes128-sha", SkipUnknown}, "ECDHE-RSA-AES128-SHA"},
		{SkippedItem{0, "TLS_NONSENSE", "TLS_NONSENSE", SkipUnknown}, ""},
		{SkippedItem{0, "ECDH-RSA-AES128-SHA", "ECDH-RSA-AES128-SHA", SkipRetired}, ""},
		{SkippedItem{0, "RSA+RC4", "RC4", SkipRetired}, ""},
	}
	l := parse(t, list)
	if len(l.Skipped) != len(want) {
		t.Fatalf("%d items skipped, expected %d:\n%+v", len(l.Skipped), len(want), l.Skipped)
	}
	for i, got := range l.Skipped {
		if here := list[got.Offset:]; !strings.HasPrefix(here, got.Item) {
			t.Errorf("item %q is said to stand at %q", got.Item, here)
		}
		got.Offset = 0
		if got != want[i].SkippedItem || got.Suggestion() != want[i].suggestion {
			t.Errorf("skipped %+v with suggestion %q, expected %+v", got, got.Suggestion(), want[i])
		}
	}
	if diff := cmp.Diff([]string{"FOO", "high", "TLS_RSA_WITH_AES_128_CBC_SHA", "ecdhe-rsa-aes128-sha", "TLS_NONSENSE"}, l.Unknown()); diff != "" {
		t.Errorf("unknown names: -expected +got\n%s", diff)
	}
}

func TestSkippedItemsOfAnEmptyList(t *testing.T) {
	t.Parallel()
	l, err := ParseCipherList("FOOBAR")
	if !errors.Is(err, ErrNoCipherMatch) || !slices.Equal(l.Unknown(), []string{"FOOBAR"}) {
		t.Errorf("error %v with unknown names %q, expected %v with FOOBAR", err, l.Unknown(), ErrNoCipherMatch)
	}
}

func TestGoIDs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		list        string
		ids         []uint16
		unsupported string
	}{
		{
			mozillaIntermediate,
			[]uint16{
				tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
				tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
				tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
			},
			"DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305",
		},
		{"AES256-SHA:kRSA+SHA:@SECLEVEL=3", []uint16{}, ""},
		{"RSA+AES+SHA:PSK:RC4", []uint16{tls.TLS_RSA_WITH_AES_256_CBC_SHA, tls.TLS_RSA_WITH_AES_128_CBC_SHA}, ""},
		{"NULL", []uint16{}, ""},
		{"NULL-MD5:@SECLEVEL=0", []uint16{}, "NULL-MD5"},
	} {
		l := parse(t, test.list)
		if diff := cmp.Diff(test.ids, l.GoIDs()); diff != "" {
			t.Errorf("%q: -expected +got\n%s", test.list, diff)
		}
		if got := suiteNames(l.Unsupported()); got != test.unsupported {
			t.Errorf("%q: crypto/tls has not %q, expected %q", test.list, got, test.unsupported)
		}
	}
}

func TestUsableWith(t *testing.T) {
	t.Parallel()
	const list = "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:AES128-SHA:DHE-DSS-AES128-SHA:ADH-AES128-SHA"
	for _, test := range []struct {
		level int
		keys  []x509.PublicKeyAlgorithm
		want  string
	}{
		{2, []x509.PublicKeyAlgorithm{x509.RSA}, "ECDHE-RSA-AES128-SHA:AES128-SHA"},
		{2, []x509.PublicKeyAlgorithm{x509.ECDSA}, "ECDHE-ECDSA-AES128-SHA"},
		{2, []x509.PublicKeyAlgorithm{x509.Ed25519}, "ECDHE-ECDSA-AES128-SHA"},
		{2, []x509.PublicKeyAlgorithm{x509.DSA}, "DHE-DSS-AES128-SHA"},
		{2, []x509.PublicKeyAlgorithm{x509.RSA, x509.ECDSA}, "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:AES128-SHA"},
		{0, []x509.PublicKeyAlgorithm{x509.DSA}, "DHE-DSS-AES128-SHA:ADH-AES128-SHA"},
		{0, nil, "ADH-AES128-SHA"},
	} {
		l := parse(t, fmt.Sprintf("%s:@SECLEVEL=%d", list, test.level))
		old := slices.DeleteFunc(l.UsableWith(test.keys...), func(s Suite) bool { return s.KeyExchange == KxAny })
		if got := suiteNames(old); got != test.want {
			t.Errorf("with %v at level %d: %q, expected %q", test.keys, test.level, got, test.want)
		}
	}
}

// TestListsAreTheirOwnStrings parses what a list prints.
func TestListsAreTheirOwnStrings(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, err := ParseCipherList(cipherStringGenerator().Draw(t, "list"))
		if err != nil {
			t.Skip("refused")
		}
		again, err := ParseCipherList(l.String())
		if err != nil {
			t.Fatalf("parse %q: %v", l, err)
		}
		if diff := cmp.Diff(l.String(), again.String()); diff != "" {
			t.Errorf("-first +again\n%s", diff)
		}
	})
}

// TestListsAreIndependent changes what a caller gets and looks whether others
// see it.
func TestListsAreIndependent(t *testing.T) {
	t.Parallel()
	for _, get := range []func(CipherList) []Suite{CipherList.All, CipherList.TLS13, CipherList.Usable} {
		clear(get(parse(t, "HIGH")))
	}
	clear(parse(t, "HIGH").Suites)
	for _, s := range parse(t, "HIGH").All() {
		if s == (Suite{}) {
			t.Fatal("a caller's change reaches the table")
		}
	}
}

func FuzzParseCipherList(f *testing.F) {
	for _, list := range cipherStrings(f) {
		f.Add(list)
	}
	f.Fuzz(func(t *testing.T, list string) {
		l, err := ParseCipherList(list)
		if err != nil {
			var refusal *CipherListError
			if !errors.As(err, &refusal) || !strings.HasPrefix(list[refusal.Offset:], refusal.Item) {
				t.Fatalf("%q: error %#v does not say where", list, err)
			}
		}
		if (err == nil) != (len(l.Suites) > 0) {
			t.Errorf("%q: %d suites with error %v", list, len(l.Suites), err)
		}
		seen := map[Suite]bool{}
		for _, s := range l.Suites {
			if seen[s] || !s.Selectable() {
				t.Errorf("%q: %v comes twice or should not come", list, s)
			}
			seen[s] = true
		}
		for _, s := range l.Skipped {
			if !strings.HasPrefix(list[s.Offset:], s.Item) || !strings.Contains(s.Item, s.Name) {
				t.Errorf("%q: %+v does not stand there", list, s)
			}
		}
	})
}

func BenchmarkParseCipherList(b *testing.B) {
	for name, list := range map[string]string{
		"intermediate": mozillaIntermediate,
		"default":      "DEFAULT",
		"documented":   "ALL:eNULL:!LOW:!EXPORT",
		"groups":       "ECDHE+AESGCM:DHE+AESGCM:ECDHE+AES256:DHE+AES256:RSA+AES:!aNULL:!MD5:!DSS:@STRENGTH",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseCipherList(list); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
