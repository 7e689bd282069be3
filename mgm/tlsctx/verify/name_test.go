package verify_test

import (
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

// attribute is one entry of a name: its kind, string type and bytes.
type attribute struct {
	id    asn1.ObjectIdentifier
	tag   int
	value string
}

const tagUniversal = 28

var (
	country      = asn1.ObjectIdentifier{2, 5, 4, 6}
	organization = asn1.ObjectIdentifier{2, 5, 4, 10}
	commonName   = asn1.ObjectIdentifier{2, 5, 4, 3}
	unit         = asn1.ObjectIdentifier{2, 5, 4, 11}
	email        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}
	private      = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 7}
)

// encodeName makes a name of sets of attributes.
func encodeName(t testing.TB, sets ...[]attribute) []byte {
	t.Helper()
	var all []asn1.RawValue
	for _, set := range sets {
		var entries []struct {
			ID    asn1.ObjectIdentifier
			Value asn1.RawValue
		}
		for _, a := range set {
			entries = append(entries, struct {
				ID    asn1.ObjectIdentifier
				Value asn1.RawValue
			}{a.id, asn1.RawValue{Tag: a.tag, Bytes: []byte(a.value)}})
		}
		der, err := asn1.MarshalWithParams(entries, "set")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, asn1.RawValue{FullBytes: der})
	}
	der, err := asn1.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestCanonicalNameIgnoresSpelling(t *testing.T) {
	plain := encodeName(t, []attribute{{country, asn1.TagPrintableString, "AT"}}, []attribute{{commonName, asn1.TagUTF8String, "one two"}})
	for name, other := range map[string][]byte{
		"case":         encodeName(t, []attribute{{country, asn1.TagPrintableString, "at"}}, []attribute{{commonName, asn1.TagUTF8String, "ONE Two"}}),
		"blanks":       encodeName(t, []attribute{{country, asn1.TagPrintableString, " AT "}}, []attribute{{commonName, asn1.TagUTF8String, "\tone \n two  "}}),
		"string types": encodeName(t, []attribute{{country, asn1.TagIA5String, "AT"}}, []attribute{{commonName, asn1.TagBMPString, "\x00o\x00n\x00e\x00 \x00t\x00w\x00o"}}),
	} {
		t.Run(name, func(t *testing.T) {
			if want, got := canonical(t, plain), canonical(t, other); got != want {
				t.Errorf("%x is not the same name as %x", got, want)
			}
		})
	}
	for name, other := range map[string][]byte{
		"order":   encodeName(t, []attribute{{commonName, asn1.TagUTF8String, "one two"}}, []attribute{{country, asn1.TagPrintableString, "AT"}}),
		"one set": encodeName(t, []attribute{{commonName, asn1.TagUTF8String, "one two"}, {country, asn1.TagPrintableString, "AT"}}),
		"digits":  encodeName(t, []attribute{{country, asn1.TagPrintableString, "AT"}}, []attribute{{commonName, asn1.TagUTF8String, "onetwo"}}),
		"kind":    encodeName(t, []attribute{{country, asn1.TagPrintableString, "AT"}}, []attribute{{unit, asn1.TagUTF8String, "one two"}}),
	} {
		t.Run("other "+name, func(t *testing.T) {
			if canonical(t, plain) == canonical(t, other) {
				t.Error("it is the same name")
			}
		})
	}
}

func canonical(t testing.TB, der []byte) verify.Name {
	t.Helper()
	name, err := verify.CanonicalName(der)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func TestCanonicalNameRefuses(t *testing.T) {
	for name, der := range map[string][]byte{
		"nothing":          nil,
		"no sequence":      {0x31, 0},
		"trailing bytes":   {0x30, 0, 0},
		"malformed UTF-8":  encodeName(t, []attribute{{commonName, asn1.TagUTF8String, "\xff"}}),
		"odd BMPString":    encodeName(t, []attribute{{commonName, asn1.TagBMPString, "a"}}),
		"bad universal":    encodeName(t, []attribute{{commonName, tagUniversal, "\x00\x11\x00\x00"}}),
		"attribute alone":  {0x30, 4, 0x31, 2, 0x30, 0},
		"set with garbage": {0x30, 3, 0x31, 1, 0x30},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := verify.CanonicalName(der); err == nil {
				t.Errorf("taken as %x", got)
			}
		})
	}
}

// TestHashAgainstOpenSSL has openssl hash names of all string types.
func TestHashAgainstOpenSSL(t *testing.T) {
	requireOpenSSL(t)
	dir := t.TempDir()
	key := certtest.ECKey(t, elliptic.P256())
	for name, der := range map[string][]byte{
		"empty":      encodeName(t),
		"plain":      encodeName(t, []attribute{{country, asn1.TagPrintableString, "RO"}}, []attribute{{organization, asn1.TagUTF8String, "RefCA"}}, []attribute{{commonName, asn1.TagUTF8String, "ref-ca"}}),
		"blanks":     encodeName(t, []attribute{{commonName, asn1.TagUTF8String, "  Ref \t\v  CA\r\n"}}),
		"only blank": encodeName(t, []attribute{{commonName, asn1.TagUTF8String, "   "}}),
		"umlauts":    encodeName(t, []attribute{{commonName, asn1.TagUTF8String, "ÄÖÜ Straße"}}),
		"latin 1":    encodeName(t, []attribute{{commonName, asn1.TagT61String, "\xc4\xd6\xdc Stra\xdfe"}}),
		"bmp":        encodeName(t, []attribute{{commonName, asn1.TagBMPString, "\x00\xc4\x00B\x20\xac"}}),
		"universal":  encodeName(t, []attribute{{commonName, tagUniversal, "\x00\x01\xf6\x00\x00\x00\x00A"}}),
		"numeric":    encodeName(t, []attribute{{private, asn1.TagNumericString, "12  34"}}),
		"email":      encodeName(t, []attribute{{email, asn1.TagIA5String, "Some.One@Example.COM"}}),
		"bits":       encodeName(t, []attribute{{private, asn1.TagBitString, "\x00A  B"}}),
		"multi":      encodeName(t, []attribute{{commonName, asn1.TagUTF8String, "Zed"}, {unit, asn1.TagUTF8String, "a"}, {country, asn1.TagPrintableString, "AT"}}),
	} {
		t.Run(name, func(t *testing.T) {
			template := &x509.Certificate{SerialNumber: big.NewInt(1), RawSubject: der, NotAfter: certtest.Now()}
			cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
			if err != nil {
				t.Fatal(err)
			}
			compareHash(t, dir, cert, der)
		})
	}
}

func TestHashAgainstOpenSSLOnGeneratedNames(t *testing.T) {
	requireOpenSSL(t)
	dir := t.TempDir()
	key := certtest.ECKey(t, elliptic.P256())
	text := rapid.StringOfN(rapid.SampledFrom([]rune(" \tabcXYZ019äÖ€.-")), 0, 20, -1)
	rapid.Check(t, func(rt *rapid.T) {
		name := pkix.Name{CommonName: text.Draw(rt, "cn"), Organization: rapid.SliceOfN(text, 0, 3).Draw(rt, "o")}
		id := certtest.SelfSigned(t, "x", certtest.Key(key), certtest.With(func(c *x509.Certificate) { c.Subject = name }))
		compareHash(t, dir, id.Raw, id.RawSubject)
	})
}

func compareHash(t testing.TB, dir string, cert, subject []byte) {
	t.Helper()
	file := filepath.Join(dir, "cert.pem")
	if err := os.WriteFile(file, certtest.CertificatePEM(cert), 0o600); err != nil {
		t.Fatal(err)
	}
	output, err := runOpenSSL("x509", "-noout", "-subject_hash", "-in", file)
	if err != nil {
		t.Fatalf("openssl: %v\n%s", err, output)
	}
	if got, want := canonical(t, subject).Hash(), strings.TrimSpace(output); got != want {
		t.Errorf("hash of %x is %s, openssl says %s", subject, got, want)
	}
}
