package variables

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm/certtest"
)

// tlv encodes a value of any tag.
func tlv(class, tag int, compound bool, content ...[]byte) []byte {
	der, err := asn1.Marshal(asn1.RawValue{Class: class, Tag: tag, IsCompound: compound, Bytes: bytes.Join(content, nil)})
	if err != nil {
		panic(err)
	}
	return der
}

func object(id string) []byte {
	oid, err := x509.ParseOID(id)
	if err != nil {
		panic(err)
	}
	content, err := oid.MarshalBinary()
	if err != nil {
		panic(err)
	}
	return tlv(asn1.ClassUniversal, asn1.TagOID, false, content)
}

// made is an attribute of a name that a test makes. A tag of 0 is UTF8String.
type made struct {
	id    string
	value string
	tag   int
}

func (m made) der() []byte {
	tag := m.tag
	if tag == 0 {
		tag = asn1.TagUTF8String
	}
	return tlv(asn1.ClassUniversal, asn1.TagSequence, true, object(m.id), tlv(asn1.ClassUniversal, tag, false, []byte(m.value)))
}

// distinguishedName encodes the sets of attributes as they are, in no other
// order.
func distinguishedName(sets ...[]made) []byte {
	var all []byte
	for _, set := range sets {
		var content []byte
		for _, m := range set {
			content = append(content, m.der()...)
		}
		all = append(all, tlv(asn1.ClassUniversal, asn1.TagSet, true, content)...)
	}
	return tlv(asn1.ClassUniversal, asn1.TagSequence, true, all)
}

// The attribute types of tests.
const (
	idCN     = "2.5.4.3"
	idSN     = "2.5.4.4"
	idSerial = "2.5.4.5"
	idC      = "2.5.4.6"
	idL      = "2.5.4.7"
	idST     = "2.5.4.8"
	idStreet = "2.5.4.9"
	idO      = "2.5.4.10"
	idOU     = "2.5.4.11"
	idMail   = "1.2.840.113549.1.9.1"
	idDC     = "0.9.2342.19200300.100.1.25"
	idUID    = "0.9.2342.19200300.100.1.1"
)

// single is a name whose attributes stand alone.
func single(attributes ...made) (sets [][]made) {
	for _, m := range attributes {
		sets = append(sets, []made{m})
	}
	return sets
}

func cn(value string) made { return made{id: idCN, value: value} }

// general is a GeneralName.
func general(tag int, content string) []byte {
	compound := tag == 0 || tag == 3 || tag == 4 || tag == 5
	return tlv(asn1.ClassContextSpecific, tag, compound, []byte(content))
}

func addressName(text string) []byte {
	return general(tagIP, string(netip.MustParseAddr(text).AsSlice()))
}

func otherName(id, text string) []byte {
	value := tlv(asn1.ClassUniversal, asn1.TagUTF8String, false, []byte(text))
	return general(0, string(object(id))+string(tlv(asn1.ClassContextSpecific, 0, true, value)))
}

// sample is a certificate of the tests: what goes into it, and what some
// variables of a peer that presents it have to be, without their "tls_peer_". What
// is not listed is compared with openssl only. "NULL" is NULL.
type sample struct {
	name     string
	subject  [][]made
	issuer   [][]made // the subject's if nil
	serial   string   // in hex; empty is 01
	altNames [][]byte // none if nil
	critical bool     // the alternative names
	from, to time.Time
	want     map[string]string
}

var sampleKey = sync.OnceValue(func() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
})

// make makes the certificate.
func (s sample) make(t testing.TB) *x509.Certificate {
	t.Helper()
	subject := distinguishedName(s.subject...)
	issuer := subject
	if s.issuer != nil {
		issuer = distinguishedName(s.issuer...)
	}
	serial := big.NewInt(1)
	if s.serial != "" {
		b, err := hex.DecodeString(s.serial)
		if err != nil {
			t.Fatal(err)
		}
		serial.SetBytes(b)
	}
	named := func(der []byte, more func(*x509.Certificate)) certtest.Option {
		return certtest.With(func(template *x509.Certificate) {
			template.RawSubject, template.DNSNames = der, nil
			more(template)
		})
	}
	root := certtest.Root(t, "root", certtest.Key(sampleKey()), named(issuer, func(*x509.Certificate) {}))
	leaf := root.Issue(t, "leaf", certtest.Key(sampleKey()), named(subject, func(template *x509.Certificate) {
		template.SerialNumber = serial
		if !s.from.IsZero() {
			template.NotBefore, template.NotAfter = s.from, s.to
		}
		if s.altNames != nil {
			template.ExtraExtensions = []pkix.Extension{{
				Id: oidSubjectAltName, Critical: s.critical, Value: tlv(asn1.ClassUniversal, asn1.TagSequence, true, s.altNames...),
			}}
		}
	}))
	return leaf.Certificate
}

// samples are the certificates that are compared with openssl.
func samples() []sample {
	list := append(nameSamples(), altNameSamples()...)
	return append(list, numberSamples()...)
}

func nameSamples() []sample {
	full := single(made{id: idC, value: "AT", tag: asn1.TagPrintableString}, made{id: idST, value: "Vienna"}, made{id: idL, value: "Wien"},
		made{id: idO, value: "enum.at"}, made{id: idOU, value: "first"}, made{id: idOU, value: "second"}, cn("enum.at"), cn("other.at"),
		made{id: idMail, value: "a@enum.at", tag: asn1.TagIA5String})
	return []sample{
		{name: "of the manual", subject: full, issuer: single(cn("ca")), want: map[string]string{
			"subject":    "/C=AT/ST=Vienna/L=Wien/O=enum.at/OU=first/OU=second/CN=enum.at/CN=other.at/emailAddress=a@enum.at",
			"issuer":     "/CN=ca",
			"subject_cn": "enum.at", "subject_unit": "first", "subject_country": "AT", "subject_state": "Vienna",
			"subject_locality": "Wien", "subject_organization": "enum.at", "subject_serial": "NULL",
			"issuer_cn": "ca", "issuer_unit": "NULL", "issuer_country": "NULL", "san_hostname": "NULL",
		}},
		{name: "no attributes", subject: [][]made{}, issuer: single(cn("ca")), want: map[string]string{"subject": "", "subject_cn": "NULL"}},
		{name: "an empty set", subject: [][]made{{}, {cn("a")}, {}}, issuer: single(cn("ca")), want: map[string]string{"subject": "/CN=a"}},
		{name: "empty values", subject: single(cn(""), made{id: idO, value: ""}, cn("second")), want: map[string]string{
			"subject": "/CN=/O=/CN=second", "subject_cn": "", "subject_organization": "",
		}},
		{name: "reverse order", subject: single(cn("a"), made{id: idDC, value: "example", tag: asn1.TagIA5String}, made{id: idDC, value: "test", tag: asn1.TagIA5String}), want: map[string]string{
			"subject": "/CN=a/DC=example/DC=test",
		}},
		{name: "several values in a set", subject: [][]made{{made{id: idC, value: "RO"}}, {cn("a"), {id: idUID, value: "u1"}, cn("b")}, {cn("c")}}, want: map[string]string{
			"subject": "/C=RO/CN=a+UID=u1+CN=b/CN=c", "subject_cn": "a",
		}},
		{name: "a set in no order", subject: [][]made{{{id: idOU, value: "zz"}, {id: idOU, value: "a"}}}, want: map[string]string{
			"subject": "/OU=zz+OU=a", "subject_unit": "zz",
		}},
		{name: "UTF-8", subject: single(cn("Jürgen Groß 日本"), made{id: idL, value: "Köln"}), want: map[string]string{
			"subject":    `/CN=J\xC3\xBCrgen Gro\xC3\x9F \xE6\x97\xA5\xE6\x9C\xAC/L=K\xC3\xB6ln`,
			"subject_cn": "Jürgen Groß 日本", "subject_locality": "Köln",
		}},
		{name: "BMPString", subject: single(made{id: idCN, value: "\x00K\x00\xf6\x20\xac", tag: asn1.TagBMPString}), want: map[string]string{
			"subject": `/CN=\x00K\x00\xF6 \xAC`, "subject_cn": "Kö€",
		}},
		{name: "T61String", subject: single(made{id: idO, value: "K\xf6ln", tag: asn1.TagT61String}), want: map[string]string{
			"subject": `/O=K\xF6ln`, "subject_organization": "Köln",
		}},
		{name: "NumericString", subject: single(made{id: idSerial, value: "12 34", tag: asn1.TagNumericString}), want: map[string]string{
			"subject": "/serialNumber=12 34", "subject_serial": "12 34",
		}},
		{name: "IA5String and PrintableString", subject: single(made{id: idCN, value: "a_b@c", tag: asn1.TagIA5String}, made{id: idO, value: "A (b)", tag: asn1.TagPrintableString})},
		{name: "characters with a meaning", subject: single(cn("a/b+c"), made{id: idO, value: `back\slash=x, "q" <>;#`}, made{id: idOU, value: " blanks "}), want: map[string]string{
			"subject":    `/CN=a\/b\+c/O=back\slash=x, "q" <>;#/OU= blanks `,
			"subject_cn": "a/b+c", "subject_unit": " blanks ",
		}},
		{name: "a zero byte", subject: single(cn("good.test\x00.evil.test")), want: map[string]string{
			"subject": `/CN=good.test\x00.evil.test`, "subject_cn": "good.test\x00.evil.test",
		}},
		{name: "control characters", subject: single(cn("a\tb\x7fc\x1bd")), want: map[string]string{"subject": `/CN=a\x09b\x7Fc\x1Bd`}},
		{name: "unknown types", subject: single(made{id: "1.3.6.1.4.1.99999.1", value: "x"}, made{id: "2.5.4.250", value: "y"}, made{id: "1.2.3." + strings.Repeat("123456.", 20) + "7", value: "z"}, cn("a"))},
		{
			name: "common types", subject: single(made{id: idSN, value: "s"}, made{id: "2.5.4.42", value: "g"}, made{id: "2.5.4.43", value: "i"}, made{id: "2.5.4.12", value: "t"},
				made{id: idStreet, value: "Main St 1"}, made{id: "2.5.4.17", value: "1010"}, made{id: idUID, value: "u"}, made{id: idDC, value: "d"}, made{id: idSerial, value: "SN-1"},
				made{id: "2.5.4.46", value: "q"}, made{id: "2.5.4.65", value: "p"}, made{id: "2.5.4.15", value: "b"}, made{id: "2.5.4.97", value: "o"}, made{id: "1.3.6.1.4.1.311.60.2.1.3", value: "j"}),
			want: map[string]string{
				"subject":        "/SN=s/GN=g/initials=i/title=t/street=Main St 1/postalCode=1010/UID=u/DC=d/serialNumber=SN-1/dnQualifier=q/pseudonym=p/businessCategory=b/organizationIdentifier=o/jurisdictionC=j",
				"subject_serial": "SN-1",
			},
		},
		{name: "issuer with everything", subject: single(cn("leaf")), issuer: full, want: map[string]string{
			"issuer_cn": "enum.at", "issuer_unit": "first", "issuer_state": "Vienna", "issuer_locality": "Wien", "issuer_country": "AT", "issuer_organization": "enum.at",
		}},
	}
}

func altNameSamples() []sample {
	leaf := single(cn("leaf"))
	directory := general(4, string(distinguishedName(leaf...)))
	registered := general(8, "\x2a\x03\x04")
	return []sample{
		{name: "every kind of alternative name", subject: leaf, altNames: [][]byte{
			otherName("1.3.6.1.5.5.7.8.5", "x@xmpp"), directory, registered,
			general(tagEmail, "a@b.test"), general(tagEmail, "second@b.test"), general(tagDNS, "one.test"), general(tagDNS, "two.test"),
			general(tagURI, "sip:a@b.test"), general(tagURI, "sips:c@d.test"), addressName("192.0.2.7"), addressName("2001:db8::7"),
		}, want: map[string]string{"san_email": "a@b.test", "san_hostname": "one.test", "san_uri": "sip:a@b.test", "san_ip": "192.0.2.7"}},
		{name: "IPv6 first", subject: leaf, altNames: [][]byte{addressName("2001:db8::ABCD:0:1"), addressName("192.0.2.7")}, want: map[string]string{
			"san_ip": "2001:DB8:0:0:0:ABCD:0:1", "san_email": "NULL", "san_hostname": "NULL", "san_uri": "NULL",
		}},
		{name: "IPv4 in IPv6", subject: leaf, altNames: [][]byte{addressName("::ffff:192.0.2.1")}, want: map[string]string{"san_ip": "0:0:0:0:0:FFFF:C000:201"}},
		{name: "no address", subject: leaf, altNames: [][]byte{addressName("::")}, want: map[string]string{"san_ip": "0:0:0:0:0:0:0:0"}},
		{name: "mail only", subject: leaf, critical: true, altNames: [][]byte{general(tagEmail, "only@b.test")}, want: map[string]string{"san_email": "only@b.test", "san_ip": "NULL"}},
		{name: "wildcard", subject: leaf, altNames: [][]byte{general(tagDNS, "*.example.test"), general(tagDNS, "example.test")}, want: map[string]string{"san_hostname": "*.example.test"}},
		{name: "URIs only", subject: leaf, altNames: [][]byte{general(tagURI, "sip:example.test;transport=tls"), general(tagURI, "urn:x")}, want: map[string]string{"san_uri": "sip:example.test;transport=tls"}},
		{name: "kinds without a variable", subject: leaf, altNames: [][]byte{directory, registered, otherName("1.2.3", "x")}, want: map[string]string{
			"san_email": "NULL", "san_hostname": "NULL", "san_uri": "NULL", "san_ip": "NULL",
		}},
		{name: "empty alternative name", subject: leaf, altNames: [][]byte{general(tagEmail, ""), general(tagEmail, "a@b.test")}, want: map[string]string{"san_email": ""}},
		{name: "no alternative names in the extension", subject: leaf, altNames: [][]byte{}, want: map[string]string{"san_email": "NULL", "san_ip": "NULL"}},
	}
}

func numberSamples() []sample {
	leaf := single(cn("leaf"))
	day := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 6, 5, 4, 0, time.UTC)
	}
	return []sample{
		{name: "the longest serial", subject: leaf, serial: "7f" + strings.Repeat("ff", 19), want: map[string]string{
			"serial": "730750818665451459101842416358141509827966271487", "version": "2",
		}},
		{name: "a serial that looks negative", subject: leaf, serial: "ff" + strings.Repeat("00", 18), want: map[string]string{
			"serial": "5686690025625308901091608159525332184025006080",
		}},
		{name: "a serial of 63 bits", subject: leaf, serial: "7fffffffffffffff", want: map[string]string{"serial": "9223372036854775807"}},
		{name: "a serial of 64 bits", subject: leaf, serial: "8000000000000000", want: map[string]string{"serial": "9223372036854775808"}},
		{name: "a serial of 32 bits", subject: leaf, serial: "ffffffff", want: map[string]string{"serial": "4294967295"}},
		{name: "one digit in the day", subject: leaf, from: day(2026, time.March, 1), to: day(2049, time.December, 31), want: map[string]string{
			"notBefore": "Mar  1 06:05:04 2026 GMT", "notAfter": "Dec 31 06:05:04 2049 GMT",
		}},
		{name: "GeneralizedTime", subject: leaf, from: day(1999, time.January, 31), to: day(9999, time.December, 9), want: map[string]string{
			"notBefore": "Jan 31 06:05:04 1999 GMT", "notAfter": "Dec  9 06:05:04 9999 GMT",
		}},
	}
}
