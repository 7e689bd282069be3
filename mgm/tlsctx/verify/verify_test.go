package verify_test

import (
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scenario is a verification with what should come out of it.
type scenario struct {
	peer       []*certtest.Identity // the peer's certificate first
	trusted    []*certtest.Identity
	settings   *verify.Trust // of all that are trusted
	crls       [][]byte      // in DER
	purpose    verify.Purpose
	revocation verify.Revocation
	level      int // 0 stands for 2
	want       verify.Code
	depth      int
}

func (s scenario) verifier(t testing.TB) *verify.Verifier {
	t.Helper()
	var certs []*verify.Certificate
	for _, id := range s.trusted {
		certs = append(certs, verify.NewCertificate(id.Certificate, s.settings))
	}
	var crls []*verify.CRL
	for _, der := range s.crls {
		l, err := verify.ParseCRL(der)
		if err != nil {
			t.Fatal(err)
		}
		crls = append(crls, l)
	}
	return &verify.Verifier{
		Store: verify.NewPool(certs, crls), Purpose: s.purpose, Revocation: s.revocation,
		SecurityLevel: s.securityLevel(), Depth: depth, Now: certtest.Now,
	}
}

const depth = 3

func (s scenario) securityLevel() int {
	if s.level == 0 {
		return 2
	}
	return s.level
}

func (s scenario) verify(t testing.TB) verify.Result {
	t.Helper()
	var peer []*x509.Certificate
	for _, id := range s.peer {
		peer = append(peer, id.Certificate)
	}
	return s.verifier(t).Verify(peer)
}

var errorLine = regexp.MustCompile(`(?m)^error (\d+) at (\d+) depth lookup: (.*)$`)

// openSSL has `openssl verify` do the same. It goes on after some errors, so
// the first counts.
func (s scenario) openSSL(t testing.TB, dir string) (code verify.Code, depthOf int, text string) {
	t.Helper()
	write := func(name string, content []byte) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	var trusted, sent []byte
	for _, id := range s.trusted {
		trusted = append(trusted, s.trustedPEM(t, id)...)
	}
	for _, der := range s.crls {
		trusted = append(trusted, certtest.CRLPEM(der)...)
	}
	for _, id := range s.peer {
		sent = append(sent, id.PEM()...)
	}
	args := []string{
		"verify", "-no-CApath", "-no-CAstore", "-purpose", s.purpose.String(), "-verify_depth", strconv.Itoa(depth),
		"-auth_level", strconv.Itoa(s.securityLevel()), "-attime", strconv.FormatInt(certtest.Now().Unix(), 10),
		"-untrusted", write("sent.pem", sent),
	}
	if trusted != nil {
		args = append(args, "-CAfile", write("trusted.pem", trusted))
	} else {
		args = append(args, "-no-CAfile")
	}
	switch s.revocation {
	case verify.LeafRevocation:
		args = append(args, "-crl_check")
	case verify.ChainRevocation:
		args = append(args, "-crl_check_all", "-crl_check")
	}
	output, err := runOpenSSL(append(args, write("leaf.pem", s.peer[0].PEM()))...)
	first := errorLine.FindStringSubmatch(output)
	if first == nil {
		if err != nil {
			t.Fatalf("openssl %q: %v\n%s", args, err, output)
		}
		return verify.OK, 0, "ok"
	}
	number, _ := strconv.Atoi(first[1])
	at, _ := strconv.Atoi(first[2])
	return verify.Code(number), at, first[3]
}

// trustedPEM is a certificate with the trust settings behind it.
func (s scenario) trustedPEM(t testing.TB, id *certtest.Identity) []byte {
	t.Helper()
	if s.settings == nil {
		return id.PEM()
	}
	return pem.EncodeToMemory(&pem.Block{Type: "TRUSTED CERTIFICATE", Bytes: append(slices.Clone(id.Raw), encodeTrust(t, *s.settings)...)})
}

func encodeTrust(t testing.TB, settings verify.Trust) []byte {
	t.Helper()
	var der []byte
	var err error
	switch {
	case settings.Accept == nil:
		der, err = asn1.Marshal(struct {
			Reject []asn1.ObjectIdentifier `asn1:"tag:0"`
		}{settings.Reject})
	default:
		der, err = asn1.Marshal(struct {
			Accept []asn1.ObjectIdentifier
			Reject []asn1.ObjectIdentifier `asn1:"tag:0,optional,omitempty"`
		}{settings.Accept, settings.Reject})
	}
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// intermediates makes a chain below an authority.
func intermediates(t testing.TB, root *certtest.Identity, count int) *certtest.Identity {
	t.Helper()
	for i := range count {
		root = root.Authority(t, fmt.Sprintf("intermediate %d", i+1))
	}
	return root
}

// sent is the chain from the identity up to below the root.
func sent(id *certtest.Identity) (chain []*certtest.Identity) {
	for ; id.Issuer != id; id = id.Issuer {
		chain = append(chain, id)
	}
	return chain
}

func noBasicConstraints(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = false, false }

func pathLength(n int) certtest.Option {
	return certtest.With(func(c *x509.Certificate) { c.MaxPathLen, c.MaxPathLenZero = n, n == 0 })
}

func keyUsage(usage x509.KeyUsage) certtest.Option {
	return certtest.With(func(c *x509.Certificate) { c.KeyUsage = usage })
}

func extension(id asn1.ObjectIdentifier, critical bool, value []byte) certtest.Option {
	return certtest.With(func(c *x509.Certificate) {
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: id, Critical: critical, Value: value})
	})
}

func weakKey(t testing.TB) certtest.Option {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return certtest.Key(key)
}

var oidPrivate = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}

// scenarios are one or more for each outcome.
func scenarios(t testing.TB) map[string]scenario {
	root := certtest.Root(t, "root")
	other := certtest.Root(t, "other root")
	leaf := root.Issue(t, "leaf")
	ids := func(ids ...*certtest.Identity) []*certtest.Identity { return ids }
	all := map[string]scenario{}
	add := func(name string, s scenario) { all[name] = s }

	add("direct", scenario{peer: ids(leaf), trusted: ids(root)})
	add("root sent too", scenario{peer: ids(leaf, root), trusted: ids(root)})
	add("unknown issuer", scenario{peer: ids(leaf), trusted: ids(other), want: verify.UnknownIssuer})
	add("unknown root sent", scenario{peer: ids(leaf, root), trusted: ids(other), want: verify.SelfSignedInChain, depth: 1})
	add("nothing trusted", scenario{peer: ids(leaf), want: verify.UnknownIssuer})

	for count := 1; count <= 5; count++ {
		deep := intermediates(t, root, count).Issue(t, "deep")
		s := scenario{peer: sent(deep), trusted: ids(root)}
		if count > depth {
			s.want, s.depth = verify.ChainTooLong, depth+1
		}
		add(fmt.Sprintf("%d intermediates", count), s)
	}
	two := intermediates(t, root, 2)
	deep := two.Issue(t, "deep")
	add("intermediate missing", scenario{peer: ids(deep, two.Issuer), trusted: ids(root), want: verify.UnknownIssuer})
	add("intermediates in the store", scenario{peer: ids(deep), trusted: ids(two, two.Issuer, root)})
	add("any order", scenario{peer: ids(deep, leaf, two.Issuer, two), trusted: ids(root)})
	add("intermediate alone is no root", scenario{peer: ids(deep, two.Issuer), trusted: ids(two), want: verify.NoIssuer, depth: 1})
	add("store before sent", scenario{peer: ids(deep, two, two.Issuer, root), trusted: ids(two), want: verify.NoIssuer, depth: 1})

	self := certtest.SelfSigned(t, "self")
	add("self-signed", scenario{peer: ids(self), trusted: ids(root), want: verify.SelfSigned})
	add("self-signed trusted", scenario{peer: ids(self), trusted: ids(self)})
	impostor := certtest.SelfSigned(t, "self", certtest.With(func(c *x509.Certificate) { c.SerialNumber = self.SerialNumber }))
	add("self-signed impostor", scenario{peer: ids(impostor), trusted: ids(self), want: verify.SelfSigned})
	add("root as leaf", scenario{peer: ids(root), trusted: ids(root), purpose: verify.SSLClient, want: verify.InvalidPurpose})

	expired := root.Issue(t, "expired", certtest.Expired())
	add("expired", scenario{peer: ids(expired), trusted: ids(root), want: verify.Expired})
	add("expired just now", scenario{peer: ids(root.Issue(t, "now", certtest.Valid(certtest.Now().Add(-time.Hour), certtest.Now()))), trusted: ids(root), want: verify.Expired})
	add("valid from now", scenario{peer: ids(root.Issue(t, "now", certtest.Valid(certtest.Now(), certtest.Now().Add(time.Second)))), trusted: ids(root)})
	add("not yet valid", scenario{peer: ids(root.Issue(t, "early", certtest.Valid(certtest.Now().Add(time.Second), certtest.Now().Add(time.Hour)))), trusted: ids(root), want: verify.NotYetValid})
	oldRoot := certtest.Root(t, "old root", certtest.Expired())
	add("expired root", scenario{peer: ids(oldRoot.Issue(t, "leaf", certtest.Expired())), trusted: ids(oldRoot), want: verify.Expired, depth: 1})
	expiredAuthority := root.Authority(t, "expired authority", certtest.Expired())
	add("expired intermediate", scenario{peer: sent(expiredAuthority.Issue(t, "leaf")), trusted: ids(root), want: verify.Expired, depth: 1})
	renewed := certtest.Root(t, "old root", certtest.Key(oldRoot.Key))
	add("renewed root of the same name", scenario{peer: ids(oldRoot.Issue(t, "leaf")), trusted: ids(oldRoot, renewed)})
	add("unknown before expired", scenario{peer: ids(expired), trusted: ids(other), want: verify.UnknownIssuer})

	forged := other.Issue(t, "forged", certtest.With(func(c *x509.Certificate) { c.AuthorityKeyId = nil }))
	namesake := certtest.Root(t, "other root", certtest.With(func(c *x509.Certificate) { c.SubjectKeyId = nil }))
	add("key identifier of another", scenario{peer: ids(forged), trusted: ids(certtest.Root(t, "other root")), want: verify.UnknownIssuer})
	add("signed by a namesake", scenario{peer: ids(withoutAuthority(t, other)), trusted: ids(namesake), want: verify.BadSignature})
	add("another kind of key", scenario{peer: ids(leaf), trusted: ids(certtest.Root(t, "root", certtest.Key(certtest.RSAKey(t)))), want: verify.UnknownIssuer})

	client := certtest.Usage(x509.ExtKeyUsageClientAuth)
	server := certtest.Usage(x509.ExtKeyUsageServerAuth)
	for name, s := range map[string]struct {
		option  certtest.Option
		purpose verify.Purpose
		want    verify.Code
	}{
		"client usage on a server":      {client, verify.SSLServer, verify.InvalidPurpose},
		"server usage on a server":      {server, verify.SSLServer, verify.OK},
		"client usage on a client":      {client, verify.SSLClient, verify.OK},
		"server usage on a client":      {server, verify.SSLClient, verify.InvalidPurpose},
		"any usage is not enough":       {certtest.Usage(x509.ExtKeyUsageAny), verify.SSLClient, verify.InvalidPurpose},
		"step-up usage on a server":     {certtest.Usage(x509.ExtKeyUsageMicrosoftServerGatedCrypto), verify.SSLServer, verify.OK},
		"encipherment only on a server": {keyUsage(x509.KeyUsageKeyEncipherment), verify.SSLServer, verify.OK},
		"encipherment only on a client": {keyUsage(x509.KeyUsageKeyEncipherment), verify.SSLClient, verify.InvalidPurpose},
		"agreement only on a client":    {keyUsage(x509.KeyUsageKeyAgreement), verify.SSLClient, verify.OK},
		"no key usage on a client":      {keyUsage(0), verify.SSLClient, verify.OK},
		"signing CRLs on a server":      {keyUsage(x509.KeyUsageCRLSign), verify.SSLServer, verify.InvalidPurpose},
		"netscape client on a server":   {extension(oid("2.16.840.1.113730.1.1"), false, []byte{3, 2, 7, 0x80}), verify.SSLServer, verify.InvalidPurpose},
		"netscape client on a client":   {extension(oid("2.16.840.1.113730.1.1"), false, []byte{3, 2, 7, 0x80}), verify.SSLClient, verify.OK},
		"netscape server on a client":   {extension(oid("2.16.840.1.113730.1.1"), false, []byte{3, 2, 6, 0x40}), verify.SSLClient, verify.InvalidPurpose},
		"critical unknown":              {extension(oidPrivate, true, []byte{5, 0}), verify.SSLServer, verify.UnhandledCriticalExtension},
		"uncritical unknown":            {extension(oidPrivate, false, []byte{5, 0}), verify.SSLServer, verify.OK},
		"weak key":                      {weakKey(t), verify.SSLServer, verify.LeafKeyTooWeak},
		"weak curve":                    {certtest.Key(certtest.ECKey(t, elliptic.P224())), verify.SSLServer, verify.OK},
		"RSA key":                       {certtest.Key(certtest.RSAKey(t)), verify.SSLServer, verify.OK},
	} {
		add(name, scenario{peer: ids(root.Issue(t, "leaf", s.option)), trusted: ids(root), purpose: s.purpose, want: s.want})
	}
	limited := root.Authority(t, "limited", client)
	add("usage of an authority", scenario{peer: sent(limited.Issue(t, "leaf")), trusted: ids(root), want: verify.InvalidPurpose, depth: 1})

	for name, s := range map[string]struct {
		option certtest.Option
		want   verify.Code
	}{
		"not an authority":              {certtest.With(func(c *x509.Certificate) { c.IsCA = false }), verify.InvalidCA},
		"authority by key usage only":   {certtest.With(noBasicConstraints), verify.InvalidCA},
		"authority without key usage":   {keyUsage(0), verify.OK},
		"authority that may not sign":   {keyUsage(x509.KeyUsageCRLSign), verify.InvalidCA},
		"authority with a critical one": {extension(oidPrivate, true, []byte{5, 0}), verify.UnhandledCriticalExtension},
		"weak authority":                {weakKey(t), verify.IssuerKeyTooWeak},
	} {
		authority := root.Authority(t, "authority", s.option)
		add(name, scenario{peer: sent(authority.Issue(t, "leaf")), trusted: ids(root), want: s.want, depth: boolInt(s.want != verify.OK)})
	}
	for name, option := range map[string]certtest.Option{
		"root by key usage only": certtest.With(noBasicConstraints),
		"root without key usage": keyUsage(0),
	} {
		r := certtest.Root(t, name, option)
		add(name, scenario{peer: ids(r.Issue(t, "leaf")), trusted: ids(r)})
	}
	bare := certtest.Root(t, "bare", certtest.With(noBasicConstraints), keyUsage(0))
	add("root without extensions", scenario{peer: ids(bare.Issue(t, "leaf")), trusted: ids(bare), want: verify.InvalidCA, depth: 1})

	short := root.Authority(t, "short", pathLength(0))
	add("path length 0", scenario{peer: sent(short.Issue(t, "leaf")), trusted: ids(root)})
	add("path length 0 exceeded", scenario{peer: sent(intermediates(t, short, 1).Issue(t, "leaf")), trusted: ids(root), want: verify.PathLengthExceeded, depth: 2})
	shortRoot := certtest.Root(t, "short root", pathLength(1))
	add("path length of the root", scenario{peer: sent(intermediates(t, shortRoot, 2).Issue(t, "leaf")), trusted: ids(shortRoot), want: verify.PathLengthExceeded, depth: 3})

	legacy := certtest.Root(t, "legacy", certtest.Key(certtest.RSAKey(t)))
	sha1 := certtest.With(func(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA1WithRSA })
	add("sha-1", scenario{peer: ids(legacy.Issue(t, "leaf", sha1)), trusted: ids(legacy), want: verify.DigestTooWeak})
	sha1Authority := legacy.Authority(t, "authority", sha1)
	add("sha-1 on an authority", scenario{peer: sent(sha1Authority.Issue(t, "leaf")), trusted: ids(legacy), want: verify.DigestTooWeak, depth: 1})
	add("level 4", scenario{peer: ids(leaf), trusted: ids(root), level: 4, want: verify.LeafKeyTooWeak})
	addRevocation(t, add, root)
	addNames(t, add, root)
	addSettings(t, add, root)
	return all
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func oid(text string) (id asn1.ObjectIdentifier) {
	for _, number := range regexp.MustCompile(`\d+`).FindAllString(text, -1) {
		n, _ := strconv.Atoi(number)
		id = append(id, n)
	}
	return id
}

// withoutAuthority makes a certificate that does not tell its issuer's key.
func withoutAuthority(t testing.TB, issuer *certtest.Identity) *certtest.Identity {
	t.Helper()
	anonymous := *issuer
	certificate := *issuer.Certificate
	certificate.SubjectKeyId = nil
	anonymous.Certificate = &certificate
	return anonymous.Issue(t, "leaf")
}

func addRevocation(t testing.TB, add func(string, scenario), root *certtest.Identity) {
	t.Helper()
	ids := func(ids ...*certtest.Identity) []*certtest.Identity { return ids }
	authority := root.Authority(t, "authority")
	leaf, gone := authority.Issue(t, "leaf"), authority.Issue(t, "gone")
	clean, rootClean := authority.Revoke(t, certtest.RevocationList{}), root.Revoke(t, certtest.RevocationList{})
	hour := time.Hour
	list := func(l certtest.RevocationList) []byte { return authority.Revoke(t, l) }
	revoking := list(certtest.RevocationList{Revoked: []*big.Int{big.NewInt(5), gone.SerialNumber}, From: certtest.Now().Add(-time.Minute)})
	revokesAuthority := root.Revoke(t, certtest.RevocationList{Revoked: []*big.Int{authority.SerialNumber}})
	idp := func(value ...byte) []byte {
		return list(certtest.RevocationList{Extensions: []pkix.Extension{certtest.Extension(oid("2.5.29.28"), true, value)}})
	}
	stale := list(certtest.RevocationList{From: certtest.Now().Add(-2 * hour), To: certtest.Now().Add(-hour), Revoked: []*big.Int{leaf.SerialNumber}})
	early := list(certtest.RevocationList{From: certtest.Now().Add(hour), To: certtest.Now().Add(2 * hour)})
	expired := authority.Issue(t, "expired", certtest.Expired())
	mute := root.Authority(t, "mute", keyUsage(x509.KeyUsageCertSign))
	muteCRL := crlOfMute(t, mute)
	for name, s := range map[string]scenario{
		"not revoked":              {peer: sent(leaf), crls: [][]byte{clean}, revocation: verify.LeafRevocation},
		"revoked":                  {peer: sent(gone), crls: [][]byte{revoking}, revocation: verify.LeafRevocation, want: verify.Revoked},
		"latest list wins":         {peer: sent(gone), crls: [][]byte{clean, revoking}, revocation: verify.LeafRevocation, want: verify.Revoked},
		"list in force wins":       {peer: sent(leaf), crls: [][]byte{stale, clean, early}, revocation: verify.LeafRevocation},
		"no list":                  {peer: sent(leaf), revocation: verify.LeafRevocation, want: verify.NoCRL},
		"list of another":          {peer: sent(leaf), crls: [][]byte{rootClean}, revocation: verify.LeafRevocation, want: verify.NoCRL},
		"list expired":             {peer: sent(leaf), crls: [][]byte{stale}, revocation: verify.LeafRevocation, want: verify.CRLExpired},
		"list not yet valid":       {peer: sent(leaf), crls: [][]byte{early}, revocation: verify.LeafRevocation, want: verify.CRLNotYetValid},
		"list tampered with":       {peer: sent(leaf), crls: [][]byte{tampered(clean)}, revocation: verify.LeafRevocation, want: verify.BadCRLSignature},
		"whole chain":              {peer: sent(leaf), crls: [][]byte{clean, rootClean}, revocation: verify.ChainRevocation},
		"whole chain, no list":     {peer: sent(leaf), crls: [][]byte{clean}, revocation: verify.ChainRevocation, want: verify.NoCRL, depth: 1},
		"authority revoked":        {peer: sent(leaf), crls: [][]byte{clean, revokesAuthority}, revocation: verify.ChainRevocation, want: verify.Revoked, depth: 1},
		"authority not looked up":  {peer: sent(leaf), crls: [][]byte{clean, revokesAuthority}, revocation: verify.LeafRevocation},
		"lists not looked at":      {peer: sent(gone), crls: [][]byte{revoking}},
		"revoked before expired":   {peer: sent(expired), crls: [][]byte{list(certtest.RevocationList{Revoked: []*big.Int{expired.SerialNumber}})}, revocation: verify.LeafRevocation, want: verify.Revoked},
		"no list before expired":   {peer: sent(expired), revocation: verify.LeafRevocation, want: verify.NoCRL},
		"list for leaves":          {peer: sent(leaf), crls: [][]byte{idp(0x30, 3, 0x81, 1, 0xff)}, revocation: verify.LeafRevocation},
		"list for authorities":     {peer: sent(leaf), crls: [][]byte{idp(0x30, 3, 0x82, 1, 0xff)}, revocation: verify.LeafRevocation, want: verify.DifferentCRLScope},
		"list for attributes":      {peer: sent(leaf), crls: [][]byte{idp(0x30, 3, 0x85, 1, 0xff)}, revocation: verify.LeafRevocation, want: verify.DifferentCRLScope},
		"contradictory list":       {peer: sent(leaf), crls: [][]byte{idp(0x30, 6, 0x81, 1, 0xff, 0x82, 1, 0xff)}, revocation: verify.LeafRevocation, want: verify.NoCRL},
		"list for others too":      {peer: sent(leaf), crls: [][]byte{idp(0x30, 3, 0x84, 1, 0xff)}, revocation: verify.LeafRevocation, want: verify.NoCRL},
		"list of another point":    {peer: sent(leaf), crls: [][]byte{idp(0x30, 9, 0xa0, 7, 0xa0, 5, 0x86, 3, 'a', ':', 'b')}, revocation: verify.LeafRevocation, want: verify.DifferentCRLScope},
		"unknown critical in list": {peer: sent(leaf), crls: [][]byte{list(certtest.RevocationList{Extensions: []pkix.Extension{certtest.Extension(oidPrivate, true, []byte{5, 0})}})}, revocation: verify.LeafRevocation, want: verify.UnhandledCriticalCRLExtension},
		"may not sign lists":       {peer: sent(mute.Issue(t, "leaf")), crls: [][]byte{muteCRL}, revocation: verify.LeafRevocation, want: verify.NoCRLSign},
	} {
		s.trusted = ids(root)
		add(name, s)
	}
	point := authority.Issue(t, "pointed", certtest.With(func(c *x509.Certificate) { c.CRLDistributionPoints = []string{"http://x/", "a:b"} }))
	add("list of the point", scenario{peer: sent(point), trusted: ids(root), crls: [][]byte{idp(0x30, 9, 0xa0, 7, 0xa0, 5, 0x86, 3, 'a', ':', 'b')}, revocation: verify.LeafRevocation})
}

// crlOfMute makes the list of an authority that must not sign lists.
func crlOfMute(t testing.TB, mute *certtest.Identity) []byte {
	t.Helper()
	forger := *mute
	certificate := *mute.Certificate
	certificate.KeyUsage |= x509.KeyUsageCRLSign
	if certificate.SubjectKeyId == nil {
		certificate.SubjectKeyId = []byte("any") // crypto/x509 wants one
	}
	forger.Certificate = &certificate
	return forger.Revoke(t, certtest.RevocationList{})
}

// tampered changes the last bit of the signature.
func tampered(der []byte) []byte {
	changed := append([]byte(nil), der...)
	changed[len(changed)-1] ^= 1
	return changed
}

func addNames(t testing.TB, add func(string, scenario), root *certtest.Identity) {
	t.Helper()
	limited := root.Authority(t, "limited", certtest.With(func(c *x509.Certificate) {
		c.PermittedDNSDomains, c.ExcludedDNSDomains, c.PermittedDNSDomainsCritical = []string{"example.org"}, []string{"bad.example.org"}, true
		c.PermittedIPRanges = []*net.IPNet{{IP: net.IPv4(10, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}}
	}))
	for name, want := range map[string]verify.Code{
		"sip.example.org": verify.OK, "sip.example.com": verify.PermittedSubtree, "x.bad.example.org": verify.ExcludedSubtree,
	} {
		add("name "+name, scenario{peer: sent(limited.Issue(t, name)), trusted: []*certtest.Identity{root}, want: want})
	}
}

// addSettings adds certificates with trust settings.
func addSettings(t testing.TB, add func(string, scenario), root *certtest.Identity) {
	t.Helper()
	authority := root.Authority(t, "authority")
	leaf := authority.Issue(t, "leaf")
	server, client, other := oid("1.3.6.1.5.5.7.3.1"), oid("1.3.6.1.5.5.7.3.2"), oid("1.3.6.1.5.5.7.3.4")
	type ids = []asn1.ObjectIdentifier
	for name, s := range map[string]struct {
		settings verify.Trust
		want     verify.Code
	}{
		"trusted for it":           {verify.Trust{Accept: ids{client, server}}, verify.OK},
		"trusted for all":          {verify.Trust{Accept: ids{oid("2.5.29.37.0")}}, verify.OK},
		"trusted for another":      {verify.Trust{Accept: ids{other}}, verify.Rejected},
		"rejected for it":          {verify.Trust{Reject: ids{server}}, verify.Rejected},
		"rejected for all":         {verify.Trust{Accept: ids{server}, Reject: ids{oid("2.5.29.37.0")}}, verify.Rejected},
		"rejected for another":     {verify.Trust{Accept: ids{server}, Reject: ids{client}}, verify.OK},
		"only rejected for others": {verify.Trust{Reject: ids{client}}, verify.NoIssuer},
	} {
		at := 1
		if s.want == verify.OK {
			at = 0
		}
		add("intermediate "+name, scenario{peer: sent(leaf), trusted: []*certtest.Identity{authority}, settings: &s.settings, want: s.want, depth: at})
		if s.want == verify.NoIssuer {
			s.want, at = verify.OK, 0
		}
		add("root "+name, scenario{peer: []*certtest.Identity{root.Issue(t, "leaf")}, trusted: []*certtest.Identity{root}, settings: &s.settings, want: s.want, depth: at})
	}
	wrong := root.Authority(t, "wrong", certtest.Usage(x509.ExtKeyUsageClientAuth))
	add("settings before usage", scenario{peer: sent(wrong.Issue(t, "leaf")), trusted: []*certtest.Identity{wrong}, settings: &verify.Trust{Accept: ids{server}}})
}

func TestVerify(t *testing.T) {
	for name, s := range scenarios(t) {
		t.Run(name, func(t *testing.T) {
			got := s.verify(t)
			if got.Code != s.want || got.Depth != s.depth {
				t.Errorf("%v at depth %d, want %v at depth %d", got.Code, got.Depth, s.want, s.depth)
			}
			if err := got.Err(); (err == nil) != (s.want == verify.OK) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// TestVerifyAgainstOpenSSL has `openssl verify` judge the same chains.
func TestVerifyAgainstOpenSSL(t *testing.T) {
	requireOpenSSL(t)
	dir := t.TempDir()
	for name, s := range scenarios(t) {
		t.Run(name, func(t *testing.T) {
			compareWithOpenSSL(t, dir, s)
		})
	}
}

func compareWithOpenSSL(t testing.TB, dir string, s scenario) {
	t.Helper()
	got := s.verify(t)
	code, at, text := s.openSSL(t, dir)
	if got.Code != code || got.Depth != at {
		t.Errorf("%v (%d) at depth %d, openssl says %s (%d) at depth %d", got.Code, got.Code, got.Depth, text, code, at)
	}
	if got.Code.String() != text && got.Code == code {
		t.Errorf("error %d is called %q, openssl says %q", code, got.Code, text)
	}
}

// TestVerifyGeneratedChains compares with openssl over chains with several
// things wrong at once, so that the order of the checks counts.
func TestVerifyGeneratedChains(t *testing.T) {
	requireOpenSSL(t)
	dir := t.TempDir()
	flaws := []certtest.Option{
		certtest.Expired(), weakKey(t), certtest.Usage(x509.ExtKeyUsageClientAuth), pathLength(0),
		extension(oidPrivate, true, []byte{5, 0}), keyUsage(x509.KeyUsageCRLSign), certtest.With(noBasicConstraints),
		certtest.Valid(certtest.Now().Add(time.Hour), certtest.Now().Add(2*time.Hour)),
	}
	rapid.Check(t, func(rt *rapid.T) {
		someFlaws := func(label string) (options []certtest.Option) {
			for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 2*len(flaws)), 0, 2, rapid.ID[int]).Draw(rt, label) {
				if i < len(flaws) {
					options = append(options, flaws[i])
				}
			}
			return options
		}
		var s scenario
		at := certtest.Root(t, "root", someFlaws("root")...)
		all := []*certtest.Identity{at}
		for i := range rapid.IntRange(0, 5).Draw(rt, "intermediates") {
			at = at.Authority(t, fmt.Sprintf("authority %d", i), someFlaws("authority")...)
			all = append(all, at)
		}
		s.peer = append(s.peer, at.Issue(t, "leaf", someFlaws("leaf")...))
		for i, id := range all {
			if rapid.IntRange(0, 9).Draw(rt, "sent") > 0 {
				s.peer = append(s.peer, id)
			}
			if rapid.IntRange(0, 9).Draw(rt, "trusted") > 5 || i == 0 && rapid.IntRange(0, 9).Draw(rt, "root trusted") > 0 {
				s.trusted = append(s.trusted, id)
			}
			if rapid.IntRange(0, 9).Draw(rt, "list") > 2 {
				s.crls = append(s.crls, crlOfMute(t, id))
			}
		}
		s.purpose = rapid.SampledFrom([]verify.Purpose{verify.SSLServer, verify.SSLClient}).Draw(rt, "purpose")
		s.revocation = rapid.SampledFrom([]verify.Revocation{0, 0, 0, verify.LeafRevocation, verify.ChainRevocation}).Draw(rt, "revocation")
		compareWithOpenSSL(rtTB{t, rt}, dir, s)
	})
}

// rtTB reports to rapid, so that it can shrink.
type rtTB struct {
	testing.TB
	rt *rapid.T
}

func (r rtTB) Errorf(format string, args ...any) { r.rt.Errorf(format, args...) }
func (r rtTB) Fatalf(format string, args ...any) { r.rt.Fatalf(format, args...) }
