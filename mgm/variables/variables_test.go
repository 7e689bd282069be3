package variables

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func value(t testing.TB, name string, s *Session) Value {
	t.Helper()
	v, ok := Lookup(name)
	if !ok {
		t.Fatalf("no variable %q", name)
	}
	return v.Value(s)
}

// shown is a value as the tests write it.
func shown(v Value) string {
	if v.IsNull() {
		return "NULL"
	}
	return v.Text
}

// TestCertificates checks the variables of the certificates, for either side.
func TestCertificates(t *testing.T) {
	t.Parallel()
	for _, sample := range samples() {
		cert := sample.make(t)
		s := &Session{My: cert, Peer: cert}
		for name, want := range sample.want {
			for _, prefix := range []string{"tls_peer_", "tls_my_"} {
				if v, ok := Lookup(prefix + name); ok && shown(v.Value(s)) != want {
					t.Errorf("%s: %s is %q, want %q", sample.name, v.Name, shown(v.Value(s)), want)
				}
			}
			if _, ok := Lookup("tls_peer_" + name); !ok {
				t.Errorf("%s: no variable %q", sample.name, name)
			}
		}
	}
}

// TestSides makes sure that no variable takes one side or one name for another.
func TestSides(t *testing.T) {
	t.Parallel()
	described := func(side, name string) [][]made {
		var all []made
		for _, id := range []string{idCN, idL, idC, idST, idO, idOU, idSerial} {
			all = append(all, made{id: id, value: side + " " + name + " " + shortNames[id]})
		}
		return single(all...)
	}
	of := func(side string) *x509.Certificate {
		return sample{subject: described(side, "subject"), issuer: described(side, "issuer"), altNames: [][]byte{
			general(tagEmail, side+" email"), general(tagDNS, side+".hostname.test"), general(tagURI, "x:"+side+"-uri"),
		}}.make(t)
	}
	s := &Session{My: of("my"), Peer: of("peer")}
	types := map[string]string{"cn": "CN", "locality": "L", "country": "C", "state": "ST", "organization": "O", "unit": "OU", "serial": "serialNumber"}
	part := regexp.MustCompile(`^tls_(my|peer)_(subject|issuer)_(\w+)$`)
	altNames := regexp.MustCompile(`^tls_(my|peer)_san_(email|hostname|uri)$`)
	checked := 0
	for v := range All() {
		got := v.Value(s).Text
		if m := part.FindStringSubmatch(v.Name); m != nil {
			checked++
			if want := m[1] + " " + m[2] + " " + types[m[3]]; got != want {
				t.Errorf("%s is %q, want %q", v.Name, got, want)
			}
		}
		if m := altNames.FindStringSubmatch(v.Name); m != nil {
			checked++
			if !strings.Contains(got, m[1]) || !strings.Contains(got, m[2]) {
				t.Errorf("%s is %q", v.Name, got)
			}
		}
	}
	if checked != 2*(6+6+1)+2*3 {
		t.Errorf("%d variables checked", checked)
	}
}

// TestIntegers checks which values are numbers too.
func TestIntegers(t *testing.T) {
	t.Parallel()
	serial := func(hex string) *Session {
		return &Session{CipherSuite: tls.TLS_AES_128_GCM_SHA256, Peer: sample{subject: single(cn("a")), serial: hex}.make(t)}
	}
	for _, c := range []struct {
		name    string
		session *Session
		want    Value
	}{
		{"tls_cipher_bits", serial("01"), Value{"128", 128, true, true}},
		{"tls_peer_serial", serial("ffffffff"), Value{"4294967295", 4294967295, true, true}},
		{"tls_peer_serial", serial("7fffffffffffffff"), Value{"9223372036854775807", 9223372036854775807, true, true}},
		{"tls_peer_serial", serial("8000000000000000"), Value{"9223372036854775808", 0, true, false}},
		{"tls_peer_version", serial("01"), Value{"2", 0, true, false}},
		{"tls_peer_verified", serial("01"), Value{"1", 1, true, true}},
		{"tls_peer_revoked", serial("01"), Value{"0", 0, true, true}},
	} {
		if got := value(t, c.name, c.session); got != c.want {
			t.Errorf("%s is %+v, want %+v", c.name, got, c.want)
		}
	}
	s := serial("01")
	s.My = s.Peer
	for v := range All() {
		if got := v.Value(s); got.IsInt != (v.Type == StringAndInteger) && !got.IsNull() {
			t.Errorf("%s is of the type %q and gives %+v", v.Name, v.Type, got)
		}
	}
}

// TestNull checks when variables are NULL, and that the table says so.
func TestNull(t *testing.T) {
	t.Parallel()
	bare := sample{subject: [][]made{}, issuer: single(made{id: "1.2.3", value: "x"})}.make(t)
	plain := &Session{Version: tls.VersionTLS12, CipherSuite: tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}
	withBare := &Session{Version: tls.VersionTLS12, CipherSuite: tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, My: bare, Peer: bare}
	for v := range All() {
		if !v.Value(nil).IsNull() {
			t.Errorf("%s is %+v without TLS", v.Name, v.Value(nil))
		}
		if got := v.Value(plain); got.IsNull() != (v.Null != never) {
			t.Errorf("%s is %+v without certificates; the table says NULL if %q", v.Name, got, v.Null)
		}
		emptyPart := v.Null == noInMy || v.Null == noInPeer
		if got := v.Value(withBare); got.IsNull() != emptyPart {
			t.Errorf("%s is %+v of a certificate without names; the table says NULL if %q", v.Name, got, v.Null)
		}
	}
}

// TestUnknownNumbers checks values of a Session that no handshake makes.
func TestUnknownNumbers(t *testing.T) {
	t.Parallel()
	s := &Session{Version: 1, CipherSuite: 0xffff, Peer: &x509.Certificate{}}
	for name, want := range map[string]string{
		"tls_version": "unknown", "tls_cipher_info": "NULL", "tls_cipher_bits": "NULL", "tls_description": "NULL",
		"tls_peer_serial": "NULL", "tls_peer_subject": "NULL", "tls_peer_subject_cn": "NULL", "tls_peer_san_ip": "NULL",
	} {
		if got := shown(value(t, name, s)); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// TestVerification checks the flags and is_peer_verified() for every outcome.
func TestVerification(t *testing.T) {
	t.Parallel()
	cert := sample{subject: single(cn("a"))}.make(t)
	flags := map[string]verify.Code{
		"tls_peer_verified": verify.OK, "tls_peer_revoked": verify.Revoked,
		"tls_peer_expired": verify.Expired, "tls_peer_selfsigned": verify.SelfSigned,
	}
	for code := range verify.Code(100) {
		for _, peer := range []*x509.Certificate{nil, cert} {
			s := &Session{Peer: peer, Verification: verify.Result{Code: code}}
			for name, of := range flags {
				want := integer(0)
				if peer != nil && code == of {
					want = integer(1)
				}
				if got := value(t, name, s); got != want {
					t.Errorf("%v with a certificate %t: %s is %+v, want %+v", code, peer != nil, name, got, want)
				}
			}
			if want := peer != nil && code == verify.OK; PeerVerified(s) != want {
				t.Errorf("%v with a certificate %t: verified is %t", code, peer != nil, !want)
			}
		}
	}
	if PeerVerified(nil) {
		t.Error("verified without TLS")
	}
}

// TestVerifiedChains has the verifier judge real chains.
func TestVerifiedChains(t *testing.T) {
	t.Parallel()
	root := certtest.Root(t, "root")
	good, expired, self := root.Issue(t, "good"), root.Issue(t, "expired", certtest.Expired()), certtest.SelfSigned(t, "self")
	revoked := root.Issue(t, "revoked")
	list, err := verify.ParseCRL(root.Revoke(t, certtest.RevocationList{Revoked: []*big.Int{revoked.SerialNumber}}))
	if err != nil {
		t.Fatal(err)
	}
	pool := verify.NewPool([]*verify.Certificate{verify.NewCertificate(root.Certificate, nil)}, []*verify.CRL{list})
	verifier := &verify.Verifier{Store: pool, Purpose: verify.SSLClient, Revocation: verify.LeafRevocation, Depth: 3, Now: certtest.Now}
	for _, c := range []struct {
		cert *certtest.Identity
		want string // verified, revoked, expired, self-signed
	}{
		{good, "1000"}, {revoked, "0100"}, {expired, "0010"}, {self, "0001"}, {certtest.Root(t, "other").Issue(t, "unknown"), "0000"},
	} {
		s := &Session{Peer: c.cert.Certificate, Verification: verifier.Verify([]*x509.Certificate{c.cert.Certificate})}
		got := ""
		for _, flag := range []string{"verified", "revoked", "expired", "selfsigned"} {
			got += value(t, "tls_peer_"+flag, s).Text
		}
		if got != c.want {
			t.Errorf("%s: flags %s, want %s (%v)", c.cert.Subject, got, c.want, s.Verification.Code)
		}
	}
}

// TestBuffer checks what becomes of texts that are too long for the module.
func TestBuffer(t *testing.T) {
	t.Parallel()
	fits, long := strings.Repeat("x", bufferSize-1), strings.Repeat("x", bufferSize)
	line := func(attributes ...made) string {
		return value(t, "tls_peer_subject", &Session{Peer: sample{subject: single(attributes...)}.make(t)}).Text
	}
	// 15 attributes of 64 bytes, and one that fills the last byte or is one too long.
	var most []made
	for range 15 {
		most = append(most, cn(strings.Repeat("x", 60)))
	}
	start := strings.Repeat("/CN="+strings.Repeat("x", 60), 15)
	for _, c := range []struct{ got, want string }{
		{line(append(most, cn(strings.Repeat("y", 59)))...), start + "/CN=" + strings.Repeat("y", 59)},
		{line(append(most, cn(strings.Repeat("y", 60)))...), start},
		{line(append(most, cn(strings.Repeat("y", 60)), cn("z"))...), start},
		{line(cn(long)), ""},
	} {
		if c.got != c.want {
			t.Errorf("subject of %d bytes, want %d: %q", len(c.got), len(c.want), c.got)
		}
	}
	for content, want := range map[string]string{fits: fits, long: "NULL"} {
		s := &Session{Peer: sample{subject: single(cn(content), cn("second")), altNames: [][]byte{general(tagDNS, content), general(tagDNS, "second")}}.make(t)}
		for _, name := range []string{"tls_peer_subject_cn", "tls_peer_san_hostname"} {
			if got := shown(value(t, name, s)); got != want {
				t.Errorf("%s of %d bytes is %.20q of %d", name, len(content), got, len(got))
			}
		}
	}
}

// TestSpoiltAltNames checks alternative names that OpenSSL cannot read.
func TestSpoiltAltNames(t *testing.T) {
	t.Parallel()
	good := general(tagDNS, "a.test")
	for what, der := range map[string][]byte{
		"a tag that no GeneralName has": tlv(0, 16, true, good, general(9, "x")),
		"a text as a name":              tlv(0, 16, true, good, tlv(0, 12, false, []byte("x"))),
		"bytes behind it":               append(tlv(0, 16, true, good), 5, 0),
		"no sequence":                   good,
		"cut":                           tlv(0, 16, true, good)[:5],
	} {
		for _, v := range firstAltNames(der) {
			if !v.IsNull() {
				t.Errorf("%s: %+v", what, v)
			}
		}
	}
	if got := firstAltNames(tlv(0, 16, true, general(tagIP, "abc"), good)); !got[ip].IsNull() || got[hostname].Text != "a.test" {
		t.Errorf("an address of three bytes: %+v", got)
	}
}

// TestOddCertificates reads certificates that crypto/x509 refuses and OpenSSL
// takes, which this side may present.
func TestOddCertificates(t *testing.T) {
	t.Parallel()
	huge := "1.2.340282366920938463463374607431768211456"
	der := sample{
		subject: single(made{id: huge, value: "x"}, made{id: idCN, value: "\x00\x00\x00\xf6", tag: 28}),
	}.odd(t)
	cert, oddity, err := verify.ParseCertificate(der)
	if err != nil || oddity == nil {
		t.Fatalf("read with the error %v, and %v of crypto/x509", err, oddity)
	}
	s := &Session{My: cert}
	for name, want := range map[string]string{
		"tls_my_serial": "-2", "tls_my_subject": "/" + huge + `=x/CN=\x00\x00\x00\xF6`, "tls_my_subject_cn": "ö", "tls_my_version": "2",
	} {
		if got := shown(value(t, name, s)); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if openSSLUnfit() == "" {
		want := theirLines(t, cert)
		for name, theirs := range want {
			if got := value(t, "tls_peer_"+name, &Session{Peer: cert}).Text; got != theirs {
				t.Errorf("%s is %q, to openssl %q", name, got, theirs)
			}
		}
	}
	again := []pkix.Extension{
		{Id: oidSubjectAltName, Value: tlv(0, 16, true, general(tagDNS, "a.test"))},
		{Id: oidSubjectAltName, Value: tlv(0, 16, true, general(tagDNS, "b.test"))},
	}
	if got := newAltNames(again); got != [altKinds]Value{} {
		t.Errorf("two extensions with alternative names: %+v", got)
	}
}

// odd makes a certificate as crypto/x509 would not make it: its serial number is
// -2, and its signature of something else.
func (s sample) odd(t testing.TB) []byte {
	t.Helper()
	plain := sample{subject: single(cn("PLACEHOLDER")), issuer: single(cn("ca"))}.make(t)
	var parts, tbs []asn1.RawValue
	if _, err := asn1.Unmarshal(plain.Raw, &parts); err != nil {
		t.Fatal(err)
	}
	if _, err := asn1.Unmarshal(parts[0].FullBytes, &tbs); err != nil {
		t.Fatal(err)
	}
	var content []byte
	for i, part := range tbs {
		switch {
		case i == 1:
			content = append(content, asn1.TagInteger, 1, 0xfe)
		case bytes.Equal(part.FullBytes, plain.RawSubject):
			content = append(content, distinguishedName(s.subject...)...)
		default:
			content = append(content, part.FullBytes...)
		}
	}
	return tlv(0, 16, true, tlv(0, 16, true, content), parts[1].FullBytes, parts[2].FullBytes)
}

// TestSessionFieldsChange makes sure that what is kept is not taken for
// something else.
func TestSessionFieldsChange(t *testing.T) {
	t.Parallel()
	one, two := sample{subject: single(cn("one"))}.make(t), sample{subject: single(cn("two"))}.make(t)
	s := &Session{Peer: one, My: two, CipherSuite: tls.TLS_AES_128_GCM_SHA256}
	for range 2 {
		if got := value(t, "tls_peer_subject_cn", s).Text + value(t, "tls_my_subject_cn", s).Text + value(t, "tls_cipher_bits", s).Text; got != "onetwo128" {
			t.Errorf("%q", got)
		}
	}
	s.Peer, s.My, s.CipherSuite = two, nil, tls.TLS_AES_256_GCM_SHA384
	if got := value(t, "tls_peer_subject_cn", s).Text + shown(value(t, "tls_my_subject_cn", s)) + value(t, "tls_cipher_bits", s).Text; got != "twoNULL256" {
		t.Errorf("%q", got)
	}
}

// TestManyReaders has the race detector look at goroutines that share a session.
func TestManyReaders(t *testing.T) {
	t.Parallel()
	cert := sample{subject: single(cn("a"))}.make(t)
	s := &Session{My: cert, Peer: cert, Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_128_GCM_SHA256}
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for v := range All() {
				_ = v.Value(s)
			}
			if got := value(t, "tls_peer_subject", s).Text; got != "/CN=a" {
				t.Errorf("subject %q", got)
			}
		})
	}
	readers.Wait()
}

// TestCatalogue holds the table against what the modules of each version offer.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	offered := map[catalogue.Version][]string{}
	for v := range All() {
		for _, place := range v.Places() {
			for _, version := range catalogue.Versions() {
				if place.Versions.Contains(version) {
					offered[version] = append(offered[version], v.Name)
				}
			}
		}
	}
	for _, version := range catalogue.Versions() {
		want := slices.DeleteFunc(catalogue.For(version).Names(catalogue.KindVariable), func(name string) bool {
			return !strings.HasPrefix(name, "tls_")
		})
		slices.Sort(offered[version])
		if diff := cmp.Diff(want, offered[version]); diff != "" || len(want) < 50 {
			t.Errorf("%s: -catalogue +table\n%s", version, diff)
		}
	}
	if v, ok := Lookup("tls_peer_subject_serial"); !ok || len(v.Places()) != 1 || v.Places()[0].Versions.Since().String() != "2.2" {
		t.Error("tls_peer_subject_serial is not there since 2.2 only")
	}
}

// TestManual holds the table against the names in the manual's section 1.9, such as
// $tls_[peer|my]_serial.
func TestManual(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../../../shared/reference/tls_mgm-manual.txt")
	if err != nil {
		t.Skip("no manual here")
	}
	documented := map[string]bool{"tls_peer_subject_serial": true, "tls_my_subject_serial": true}
	for _, m := range regexp.MustCompile(`(?m)^1\.9\.\d+\. \$(\S+)$`).FindAllStringSubmatch(string(manual), -1) {
		for _, name := range spelledOut(m[1]) {
			documented[name] = true
			if _, ok := Lookup(name); !ok {
				t.Errorf("the manual has %q", name)
			}
		}
	}
	for v := range All() {
		if !documented[v.Name] {
			t.Errorf("the manual has no %q", v.Name)
		}
	}
}

// spelledOut gives the names that one with [choices|in|brackets] stands for.
func spelledOut(name string) []string {
	before, rest, found := strings.Cut(name, "[")
	if !found {
		return []string{name}
	}
	choices, after, _ := strings.Cut(rest, "]")
	var all []string
	for choice := range strings.SplitSeq(choices, "|") {
		all = append(all, spelledOut(before+choice+after)...)
	}
	return all
}

// TestTable checks the form of the table.
func TestTable(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for v := range All() {
		if seen[v.Name] || !regexp.MustCompile(`^tls_[A-Za-z_]+$`).MatchString(v.Name) {
			t.Errorf("name %q is malformed or taken", v.Name)
		}
		seen[v.Name] = true
		if v.Doc == "" || strings.HasSuffix(v.Doc, ".") || v.read == nil {
			t.Errorf("%s: the row is not whole", v.Name)
		}
		if got, ok := Lookup(v.Name); !ok || got != v {
			t.Errorf("%s is not found", v.Name)
		}
	}
	for _, name := range []string{"", "tls_", "TLS_VERSION", "$tls_version", "tls_my_notAfter", "tls_peer_issuer_serial"} {
		if v, ok := Lookup(name); ok || v != nil {
			t.Errorf("%q is found", name)
		}
	}
}

// TestVersionNames checks $tls_version for what crypto/tls can negotiate.
func TestVersionNames(t *testing.T) {
	t.Parallel()
	for version, want := range map[uint16]string{
		tls.VersionTLS10: "TLSv1", tls.VersionTLS11: "TLSv1.1", tls.VersionTLS12: "TLSv1.2", tls.VersionTLS13: "TLSv1.3",
	} {
		if got := value(t, "tls_version", &Session{Version: version}); got != (Value{Text: want, IsText: true}) {
			t.Errorf("%s: %+v", tls.VersionName(version), got)
		}
	}
}

// TestEverySuite makes sure that each suite of crypto/tls has a name, bits, and a
// description that begins with the name and says the bits.
func TestEverySuite(t *testing.T) {
	t.Parallel()
	for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		s := &Session{CipherSuite: suite.ID}
		name, bits, description := value(t, "tls_cipher_info", s), value(t, "tls_cipher_bits", s), value(t, "tls_description", s)
		if !name.IsText || !bits.IsInt || bits.Text != strconv.FormatInt(bits.Int, 10) {
			t.Errorf("%s: %+v, %+v", suite.Name, name, bits)
		}
		if !strings.HasPrefix(description.Text, name.Text+" ") || !strings.HasSuffix(description.Text, "\n") {
			t.Errorf("%s: description %q", suite.Name, description.Text)
		}
	}
	got := value(t, "tls_description", &Session{CipherSuite: tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384}).Text
	if want := "ECDHE-RSA-AES256-GCM-SHA384    TLSv1.2 Kx=ECDH     Au=RSA   Enc=AESGCM(256)            Mac=AEAD\n"; got != want {
		t.Errorf("description %q, want %q", got, want)
	}
}
