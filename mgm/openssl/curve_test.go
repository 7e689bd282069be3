package openssl

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLookupCurve(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, want, suggestion string
		err                    error
	}{
		{"prime256v1", "prime256v1", "", nil},
		{"1.2.840.10045.3.1.7", "prime256v1", "", nil},
		{"secp521r1", "secp521r1", "", nil},
		{"ipsec3", "Oakley-EC2N-3", "", nil},
		{"sm2", "SM2", "", nil},
		{"P-256", "", "prime256v1", ErrUnknownCurve},
		{"p-521", "", "secp521r1", ErrUnknownCurve},
		{"secp256r1", "", "prime256v1", ErrUnknownCurve},
		{"PRIME256V1", "", "prime256v1", ErrUnknownCurve},
		{"prime256v1 ", "", "", ErrUnknownCurve},
		{"", "", "", ErrUnknownCurve},
		{"auto", "", "", ErrUnknownCurve},
		{"X25519", "", "", ErrNotECCurve},
		{"1.3.101.111", "", "", ErrNotECCurve},
	} {
		c, err := LookupCurve(test.name)
		if c.Name != test.want || !errors.Is(err, test.err) {
			t.Errorf("%q is %q, error %v; expected %q, error %v", test.name, c.Name, err, test.want, test.err)
		}
		var refusal *CurveError
		if errors.As(err, &refusal) && (refusal.Suggestion != test.suggestion || refusal.Name != test.name) {
			t.Errorf("%q: error %#v, expected suggestion %q", test.name, refusal, test.suggestion)
		}
	}
}

func TestGoCurves(t *testing.T) {
	t.Parallel()
	got := map[string]tls.CurveID{}
	for c := range Curves() {
		if id := c.GoID(); id != 0 {
			got[c.NIST] = id
		}
	}
	want := map[string]tls.CurveID{"P-256": tls.CurveP256, "P-384": tls.CurveP384, "P-521": tls.CurveP521}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-expected +got\n%s", diff)
	}
}

func TestCurveSecurityBits(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{
		"secp112r2": 55, "secp160k1": 80, "prime192v1": 80, "secp224r1": 112, "sect239k1": 112, "c2tnb239v3": 112,
		"prime256v1": 128, "sect283k1": 128, "secp384r1": 192, "sect409k1": 192, "secp521r1": 256, "brainpoolP512r1": 256,
	} {
		if c, err := LookupCurve(name); err != nil || c.SecurityBits() != want {
			t.Errorf("%s: %d bits (%v), expected %d", name, c.SecurityBits(), err, want)
		}
	}
}

// TestCurvesAsOpenSSL compares names, sizes and fields with `openssl ecparam
// -list_curves`.
func TestCurvesAsOpenSSL(t *testing.T) {
	t.Parallel()
	stdout := mustOpenSSL(t, "ecparam", "-list_curves")
	type row struct {
		Name   string
		Bits   int
		Binary bool
	}
	var want, got []row
	// The description of the Oakley curves is on a line of its own.
	entry := regexp.MustCompile(`(?m)^  (\S+) *:[^:]*? (\d+) bit (prime|binary) field`)
	for _, m := range entry.FindAllStringSubmatch(stdout, -1) {
		bits, err := strconv.Atoi(m[2])
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, row{m[1], bits, m[3] == "binary"})
	}
	for c := range Curves() {
		got = append(got, row{c.Name, c.Bits, c.Binary})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-openssl +ours\n%s", diff)
	}
}

// TestCurveObjectsAsOpenSSL has the openssl command encode every short name
// and every OID, and name them again.
func TestCurveObjectsAsOpenSSL(t *testing.T) {
	t.Parallel()
	var config strings.Builder
	config.WriteString("asn1 = SEQUENCE:all\n[all]\n")
	var want []string
	for i, c := range curves {
		fmt.Fprintf(&config, "a%d = OID:%s\n", i, c.Name)
		want = append(want, c.LongName)
		if c.OID != "" {
			fmt.Fprintf(&config, "b%d = OID:%s\n", i, c.OID)
			want = append(want, c.LongName)
		}
	}
	// The two Oakley curves have no OID, so that they cannot be encoded.
	text := strings.NewReplacer("OID:Oakley-EC2N-3\n", "UTF8:ipsec3\n", "OID:Oakley-EC2N-4\n", "UTF8:ipsec4\n").Replace(config.String())
	file := filepath.Join(t.TempDir(), "objects.cnf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout := mustOpenSSL(t, "asn1parse", "-genconf", file)
	var got []string
	for _, m := range regexp.MustCompile(`(?m)(?:OBJECT|UTF8STRING) +:(.*)$`).FindAllStringSubmatch(stdout, -1) {
		got = append(got, m[1])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-ours +openssl\n%s", diff)
	}
}

func TestNISTNamesAsOpenSSL(t *testing.T) {
	t.Parallel()
	for c := range Curves() {
		if c.NIST == "" {
			continue
		}
		if byNIST, ok := CurveByNIST(c.NIST); !ok || byNIST != c {
			t.Errorf("%s is %v, expected %v", c.NIST, byNIST, c)
		}
		stdout := mustOpenSSL(t, "ecparam", "-name", c.NIST, "-text", "-noout")
		if !strings.Contains(stdout, "ASN1 OID: "+c.Name+"\n") || !strings.Contains(stdout, "NIST CURVE: "+c.NIST+"\n") {
			t.Errorf("%s is not %s to openssl:\n%s", c.NIST, c.Name, stdout)
		}
	}
	if c, ok := CurveByNIST(""); ok {
		t.Errorf("no name is %v", c)
	}
}

// offeredGroups has `openssl s_client` greet a server and gives the groups it
// offers.
func offeredGroups(t *testing.T, groups []string, args ...string) []uint16 {
	t.Helper()
	var offered []uint16
	greet(t, &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		for _, id := range hello.SupportedCurves {
			offered = append(offered, uint16(id))
		}
		return nil, errors.New("seen enough")
	}}, append([]string{"-groups", strings.Join(groups, ":")}, args...)...)
	return offered
}

// TestGroupsAsOpenSSL compares the numbers of curves in a handshake, and which
// of them the security levels and TLS 1.3 allow, with what openssl offers.
func TestGroupsAsOpenSSL(t *testing.T) {
	t.Parallel()
	requireOpenSSL(t)
	var inTLS []Curve
	var names []string
	for c := range Curves() {
		if c.Group != 0 {
			inTLS, names = append(inTLS, c), append(names, c.Name)
		}
	}
	expect := func(allowed func(Curve) bool) (groups []uint16) {
		for _, c := range inTLS {
			if allowed(c) {
				groups = append(groups, c.Group)
			}
		}
		return groups
	}
	for level := range 6 {
		want := expect(func(c Curve) bool { return c.AllowedAt(level) })
		got := offeredGroups(t, names, "-tls1_2", "-cipher", fmt.Sprintf("ALL:@SECLEVEL=%d", level))
		if !slices.Equal(got, want) {
			t.Errorf("level %d: openssl offers %v, we would %v", level, got, want)
		}
	}
	if want, got := expect(Curve.TLS13), offeredGroups(t, names, "-tls1_3"); !slices.Equal(got, want) {
		t.Errorf("TLS 1.3: openssl offers %v, we would %v", got, want)
	}
}

// TestCurvesNotInTLSAsOpenSSL tries the curves that have no number in a
// handshake.
func TestCurvesNotInTLSAsOpenSSL(t *testing.T) {
	t.Parallel()
	requireOpenSSL(t)
	for c := range Curves() {
		if c.Group != 0 {
			continue
		}
		if _, stderr, _ := runOpenSSL("s_client", "-groups", c.Name, "-connect", "127.0.0.1:1"); !strings.Contains(stderr, "cannot be set") {
			t.Errorf("openssl takes %s as a group:\n%s", c, stderr)
		}
	}
}
