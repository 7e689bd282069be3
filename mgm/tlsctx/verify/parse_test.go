package verify_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

// replaced is DER with bytes replaced by as many others.
func replaced(t testing.TB, der, old, by []byte) []byte {
	t.Helper()
	if bytes.Count(der, old) == 0 || len(old) != len(by) {
		t.Fatalf("cannot replace %x by %x", old, by)
	}
	return bytes.ReplaceAll(der, old, by)
}

// oddCertificates are certificates that crypto/x509 refuses and OpenSSL takes.
func oddCertificates(t testing.TB) map[string][]byte {
	t.Helper()
	plain := certtest.Root(t, "plain", certtest.With(func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"example.org"} }))
	serial := plain.SerialNumber.Bytes()
	negative := slices.Clone(serial)
	negative[0] |= 0x80
	return map[string][]byte{
		"negative serial":  replaced(t, plain.Raw, serial, negative),
		"another curve":    replaced(t, plain.Raw, []byte{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}, []byte{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x04}),
		"malformed string": replaced(t, plain.Raw, []byte("\x13\x08certtest"), []byte("\x13\x08cert#est")),
		"bad constraint":   replaced(t, plain.Raw, []byte("\x82\x0bexample.org"), []byte("\x82\x0bexample..rg")),
	}
}

func TestParseCertificateOfAllKinds(t *testing.T) {
	plain := certtest.Root(t, "plain")
	cert, oddity, err := verify.ParseCertificate(plain.Raw)
	if err != nil || oddity != nil || !cert.Equal(plain.Certificate) {
		t.Errorf("the certificate is %v, %v, %v", cert, oddity, err)
	}
}

func TestParseCertificateOdd(t *testing.T) {
	for name, der := range oddCertificates(t) {
		t.Run(name, func(t *testing.T) {
			cert, oddity, err := verify.ParseCertificate(der)
			if err != nil || oddity == nil {
				t.Fatalf("oddity %v, error %v", oddity, err)
			}
			if !bytes.Equal(cert.Raw, der) || cert.Version != 3 || cert.SignatureAlgorithm != x509.ECDSAWithSHA256 {
				t.Errorf("version %d, signature algorithm %v", cert.Version, cert.SignatureAlgorithm)
			}
			if !cert.NotAfter.Equal(certtest.Now().AddDate(1, 0, 0)) {
				t.Errorf("ends %v", cert.NotAfter)
			}
			if hasKey := cert.PublicKey != nil; hasKey != (name != "another curve") {
				t.Errorf("key %v", cert.PublicKey)
			}
			if len(cert.Extensions) == 0 || len(cert.SubjectKeyId) == 0 {
				t.Errorf("extensions %v", cert.Extensions)
			}
		})
	}
}

// TestOddAuthorityVerifies trusts an authority that crypto/x509 refuses.
func TestOddAuthorityVerifies(t *testing.T) {
	root := certtest.Root(t, "root")
	serial := root.SerialNumber.Bytes()
	negative := slices.Clone(serial)
	negative[0] |= 0x80
	odd, oddity, err := verify.ParseCertificate(replaced(t, root.Raw, serial, negative))
	if err != nil || oddity == nil {
		t.Fatalf("oddity %v, error %v", oddity, err)
	}
	v := verify.Verifier{
		Store: verify.NewPool([]*verify.Certificate{verify.NewCertificate(odd, nil)}, nil), SecurityLevel: 2, Depth: depth, Now: certtest.Now,
	}
	if got := v.Verify([]*x509.Certificate{root.Issue(t, "leaf").Certificate}); got.Code != verify.OK {
		t.Errorf("the chain does not verify: %v", got.Err())
	}
}

func TestParseCertificateRefuses(t *testing.T) {
	plain := certtest.Root(t, "plain").Raw
	for name, der := range map[string][]byte{
		"nothing":      nil,
		"text":         []byte("certificate"),
		"cut off":      plain[:len(plain)-1],
		"more":         append(slices.Clone(plain), 0),
		"empty":        {0x30, 0},
		"empty parts":  {0x30, 6, 0x30, 0, 0x30, 0, 3, 0},
		"only a shell": {0x30, 7, 0x30, 0, 0x30, 0, 3, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if cert, _, err := verify.ParseCertificate(der); err == nil {
				t.Errorf("taken for %v", cert.Subject)
			}
		})
	}
}

func TestParseTrusted(t *testing.T) {
	plain := certtest.Root(t, "plain")
	want := verify.Trust{Accept: []asn1.ObjectIdentifier{{1, 2, 3}}, Reject: []asn1.ObjectIdentifier{{1, 2, 4}, {1, 2, 5}}}
	cert, trust, oddity, err := verify.ParseTrusted(append(slices.Clone(plain.Raw), encodeTrust(t, want)...))
	if err != nil || oddity != nil || !cert.Equal(plain.Certificate) {
		t.Fatalf("the certificate is %v, %v, %v", cert, oddity, err)
	}
	if diff := cmp.Diff(&want, trust); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if _, trust, _, err = verify.ParseTrusted(plain.Raw); trust != nil || err != nil {
		t.Errorf("without settings: %v, %v", trust, err)
	}
	if _, _, _, err = verify.ParseTrusted(append(slices.Clone(plain.Raw), 0, 0)); err == nil {
		t.Error("bytes that are no settings are taken")
	}
}

func TestParseCRL(t *testing.T) {
	root := certtest.Root(t, "root")
	from, to := certtest.Now().Add(-time.Hour), certtest.Now().Add(time.Hour)
	l, err := verify.ParseCRL(root.Revoke(t, certtest.RevocationList{Revoked: []*big.Int{big.NewInt(1), big.NewInt(2)}, From: from, To: to}))
	if err != nil {
		t.Fatal(err)
	}
	if l.Len() != 2 || !l.ThisUpdate.Equal(from) || !l.NextUpdate.Equal(to) || l.Issuer.CommonName != "root" {
		t.Errorf("%d revoked from %v to %v by %v", l.Len(), l.ThisUpdate, l.NextUpdate, l.Issuer)
	}
	if l.IssuerName() != verify.NewCertificate(root.Certificate, nil).SubjectName() {
		t.Error("the issuer has another name than its certificate")
	}
}

// TestParseCRLVersion1 reads a list as `openssl ca` makes it without
// crlnumber, which crypto/x509 refuses.
func TestParseCRLVersion1(t *testing.T) {
	root := certtest.Root(t, "root")
	gone := root.Issue(t, "gone")
	der := version1CRL(t, root, gone.SerialNumber)
	if _, err := x509.ParseRevocationList(der); err == nil {
		t.Error("crypto/x509 has learnt to read it: is ParseCRL still needed?")
	}
	s := scenario{peer: []*certtest.Identity{gone}, trusted: []*certtest.Identity{root}, crls: [][]byte{der}, revocation: verify.LeafRevocation}
	if got := s.verify(t); got.Code != verify.Revoked {
		t.Errorf("the outcome is %v", got.Code)
	}
}

func version1CRL(t testing.TB, issuer *certtest.Identity, serial *big.Int) []byte {
	t.Helper()
	type algorithm struct{ ID asn1.ObjectIdentifier }
	ecdsaWithSHA256 := algorithm{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}}
	tbs, err := asn1.Marshal(struct {
		Algorithm algorithm
		Issuer    asn1.RawValue
		This      time.Time
		Revoked   []struct {
			Serial *big.Int
			At     time.Time
		}
	}{ecdsaWithSHA256, asn1.RawValue{FullBytes: issuer.RawSubject}, certtest.Now().Add(-time.Hour), []struct {
		Serial *big.Int
		At     time.Time
	}{{serial, certtest.Now().Add(-time.Hour)}}})
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(tbs)
	signature, err := issuer.Key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	der, err := asn1.Marshal(struct {
		TBS       asn1.RawValue
		Algorithm algorithm
		Signature asn1.BitString
	}{asn1.RawValue{FullBytes: tbs}, ecdsaWithSHA256, asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestParseCRLRefuses(t *testing.T) {
	plain := certtest.Root(t, "plain").Revoke(t, certtest.RevocationList{Revoked: []*big.Int{big.NewInt(1)}})
	for name, der := range map[string][]byte{
		"nothing": nil,
		"cut off": plain[:len(plain)-1],
		"more":    append(slices.Clone(plain), 0),
		"shell":   {0x30, 7, 0x30, 0, 0x30, 0, 3, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if l, err := verify.ParseCRL(der); err == nil {
				t.Errorf("taken for a list of %v", l.Issuer)
			}
		})
	}
}

func FuzzParseCertificate(f *testing.F) {
	f.Add(certtest.Root(f, "root").Raw)
	for _, der := range oddCertificates(f) {
		f.Add(der)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		cert, _, err := verify.ParseCertificate(der)
		if err != nil {
			return
		}
		if !bytes.Equal(cert.Raw, der) {
			t.Error("the certificate is not the input")
		}
		c := verify.NewCertificate(cert, nil)
		v := verify.Verifier{Store: verify.NewPool([]*verify.Certificate{c}, nil), SecurityLevel: 2, Depth: depth, Now: certtest.Now}
		_ = v.Verify([]*x509.Certificate{cert}).Err() // must not panic
	})
}

func FuzzParseCRL(f *testing.F) {
	f.Add(certtest.Root(f, "root").Revoke(f, certtest.RevocationList{Revoked: []*big.Int{big.NewInt(1)}}))
	f.Fuzz(func(t *testing.T, der []byte) {
		l, err := verify.ParseCRL(der)
		if err == nil && l.ThisUpdate.IsZero() {
			t.Error("a list without a time")
		}
	})
}

func FuzzCanonicalName(f *testing.F) {
	f.Add(encodeName(f, []attribute{{commonName, asn1.TagBMPString, "\x00a"}, {unit, asn1.TagT61String, "\xe4"}}))
	f.Fuzz(func(t *testing.T, der []byte) {
		name, err := verify.CanonicalName(der)
		if err == nil && len(name.Hash()) != 8 {
			t.Errorf("hash %q", name.Hash())
		}
	})
}
