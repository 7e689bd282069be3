package openssl

import (
	"crypto/tls"
	"slices"
	"testing"
)

// TestSuitesOfCryptoTLS goes through all that crypto/tls can negotiate.
func TestSuitesOfCryptoTLS(t *testing.T) {
	t.Parallel()
	known := slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites())
	for _, want := range known {
		s, ok := SuiteByID(want.ID)
		if !ok || s.GoID() != want.ID || s.IANA != want.Name {
			t.Errorf("%s (%04x) is %q (%04x in crypto/tls)", want.Name, want.ID, s.IANA, s.GoID())
		}
		if only12 := slices.Equal(want.SupportedVersions, []uint16{tls.VersionTLS12}); only12 != (s.Since == tls.VersionTLS12) {
			t.Errorf("%s began with %s, crypto/tls has it for %04x", s, VersionName(s.Since), want.SupportedVersions)
		}
	}
	for _, s := range suites {
		inGo := slices.ContainsFunc(known, func(k *tls.CipherSuite) bool { return k.ID == s.ID })
		if (s.GoID() != 0) != inGo {
			t.Errorf("%s: GoID is %04x, but crypto/tls has it: %v", s, s.GoID(), inGo)
		}
	}
}

func TestSuiteLookups(t *testing.T) {
	t.Parallel()
	for i, s := range suites {
		byID, ok1 := SuiteByID(s.ID)
		byName, ok2 := SuiteByName(s.Name)
		byIANA, ok3 := SuiteByName(s.IANA)
		if !ok1 || !ok2 || !ok3 || byID != s || byName != s || byIANA != s {
			t.Errorf("%s is not found by %04x, its name or %q", s, s.ID, s.IANA)
		}
		if s.Selectable() != (i < selectableSuites) {
			t.Errorf("%s: selectable is %v", s, s.Selectable())
		}
	}
	if s, ok := SuiteByID(0xFFFF); ok {
		t.Errorf("number ffff is %s", s)
	}
	if s, ok := SuiteByName("aes128-sha"); ok {
		t.Errorf("a name in lower case is %s", s)
	}
}

func TestSuiteProperties(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name              string
		secret, algorithm int
		forward           bool
	}{
		{"ECDHE-RSA-AES256-GCM-SHA384", 256, 256, true},
		{"DHE-PSK-AES128-CBC-SHA", 128, 128, true},
		{"TLS_AES_128_GCM_SHA256", 128, 128, true},
		{"AES128-SHA", 128, 128, false},
		{"RSA-PSK-NULL-SHA", 0, 0, false},
		{"DES-CBC3-SHA", 112, 168, false},
	} {
		s, ok := SuiteByName(test.name)
		if !ok || s.SecretBits() != test.secret || s.AlgorithmBits() != test.algorithm || s.ForwardSecret() != test.forward {
			t.Errorf("%s: %d of %d bits, forward secret %v; expected %+v", s, s.SecretBits(), s.AlgorithmBits(), s.ForwardSecret(), test)
		}
	}
}

func TestDescriptionsOfSuitesNotBuilt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, want string }{
		{"DES-CBC3-SHA", "DES-CBC3-SHA                   SSLv3   Kx=RSA      Au=RSA   Enc=3DES(168)              Mac=SHA1"},
		{"ECDHE-RSA-RC4-SHA", "ECDHE-RSA-RC4-SHA              TLSv1   Kx=ECDH     Au=RSA   Enc=RC4(128)               Mac=SHA1"},
	} {
		if s, _ := SuiteByName(test.name); s.Description() != test.want {
			t.Errorf("description\n%q, expected\n%q", s.Description(), test.want)
		}
	}
}

// TestRC4IsForbidden is about the one rule that no suite of the default build
// comes under.
func TestRC4IsForbidden(t *testing.T) {
	t.Parallel()
	for level, want := range []bool{true, true, false, false} {
		if s, _ := SuiteByName("ECDHE-RSA-RC4-SHA"); s.AllowedAt(level) != want {
			t.Errorf("level %d allows %s: %v", level, s, !want)
		}
	}
}

func TestLabelsOfNothing(t *testing.T) {
	t.Parallel()
	var s Suite
	const want = "                               unknown Kx=unknown  Au=unknown Enc=unknown                Mac=unknown"
	if got := s.Description(); got != want {
		t.Errorf("the zero suite is\n%q, expected\n%q", got, want)
	}
	if s.SecretBits() != 0 || s.AlgorithmBits() != 0 || s.GoID() != 0 || s.Selectable() {
		t.Errorf("the zero suite has %d of %d bits, id %04x", s.SecretBits(), s.AlgorithmBits(), s.GoID())
	}
}

func TestVersionNames(t *testing.T) {
	t.Parallel()
	for version, name := range map[uint16]string{
		0x0300: "SSLv3", tls.VersionTLS10: "TLSv1", tls.VersionTLS11: "TLSv1.1",
		tls.VersionTLS12: "TLSv1.2", tls.VersionTLS13: "TLSv1.3",
	} {
		if got := VersionName(version); got != name {
			t.Errorf("version %04x is %q, expected %q", version, got, name)
		}
		if got, ok := VersionByName(name); !ok || got != version {
			t.Errorf("%q is version %04x (%v), expected %04x", name, got, ok, version)
		}
	}
	if v, ok := VersionByName("TLSv1.0"); !ok || v != tls.VersionTLS10 {
		t.Errorf("TLSv1.0 is version %04x (%v)", v, ok)
	}
	if v, ok := VersionByName("tlsv1.2"); ok {
		t.Errorf("tlsv1.2 in lower case is version %04x", v)
	}
	for _, version := range []uint16{0, 0x0002, 0x0305, 0xFEFF} {
		if got := VersionName(version); got != "unknown" {
			t.Errorf("version %04x is %q", version, got)
		}
	}
}
