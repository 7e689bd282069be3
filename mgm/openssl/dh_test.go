package openssl

import (
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// dhPEM makes PEM parameters of the numbers.
func dhPEM(t testing.TB, label string, numbers ...*big.Int) []byte {
	t.Helper()
	der, err := asn1.Marshal(numbers)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der})
}

// arctanInverse is arctan(1/n) * 2^bits.
func arctanInverse(n int64, bits uint) *big.Int {
	square := big.NewInt(n * n)
	term := new(big.Int).Div(new(big.Int).Lsh(big.NewInt(1), bits), big.NewInt(n))
	sum := new(big.Int).Set(term)
	for k := int64(3); term.Sign() > 0; k += 2 {
		term.Div(term, square)
		part := new(big.Int).Div(term, big.NewInt(k))
		if k%4 == 3 {
			sum.Sub(sum, part)
		} else {
			sum.Add(sum, part)
		}
	}
	return sum
}

const guardBits = 64 // for rounding errors

// pi is floor(pi * 2^bits), by Machin's formula.
func pi(bits uint) *big.Int {
	sum := arctanInverse(5, bits+guardBits)
	sum.Lsh(sum, 2).Sub(sum, arctanInverse(239, bits+guardBits))
	return sum.Lsh(sum, 2).Rsh(sum, guardBits)
}

// euler is floor(e * 2^bits), by its series.
func euler(bits uint) *big.Int {
	term := new(big.Int).Lsh(big.NewInt(1), bits+guardBits)
	sum := new(big.Int).Set(term)
	for k := int64(1); term.Sign() > 0; k++ {
		sum.Add(sum, term.Div(term, big.NewInt(k)))
	}
	return sum.Rsh(sum, guardBits)
}

// rfcPrime is 2^size - 2^(size-64) - 1 + 2^64 * (floor(2^(size-130) * constant) + offset).
func rfcPrime(size uint, constant func(bits uint) *big.Int, offset int64) *big.Int {
	middle := constant(size - 130)
	middle.Add(middle, big.NewInt(offset)).Lsh(middle, 64)
	p := new(big.Int).Lsh(big.NewInt(1), size)
	p.Sub(p, new(big.Int).Lsh(big.NewInt(1), size-64)).Sub(p, big.NewInt(1))
	return p.Add(p, middle)
}

// TestNamedGroups computes the primes by the formulas of the RFCs.
func TestNamedGroups(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		size     uint
		constant func(uint) *big.Int
		offset   int64
	}{
		{"modp_768", 768, pi, 149686}, // RFC 2409
		{"modp_1024", 1024, pi, 129093},
		{"modp_1536", 1536, pi, 741804}, // RFC 3526
		{"modp_2048", 2048, pi, 124476},
		{"modp_3072", 3072, pi, 1690314},
		{"modp_4096", 4096, pi, 240904},
		{"modp_6144", 6144, pi, 929484},
		{"modp_8192", 8192, pi, 4743158},
		{"ffdhe2048", 2048, euler, 560316}, // RFC 7919
		{"ffdhe3072", 3072, euler, 2625351},
		{"ffdhe4096", 4096, euler, 5736041},
		{"ffdhe6144", 6144, euler, 15705020},
		{"ffdhe8192", 8192, euler, 10965728},
	} {
		p := rfcPrime(test.size, test.constant, test.offset)
		d, err := ParseDHParams(dhPEM(t, pemDH, p, big.NewInt(2)))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if d.Group() != test.name || d.Bits() != int(test.size) || !d.SafePrime() {
			t.Errorf("%s: taken for %q of %d bits, safe prime %v", test.name, d.Group(), d.Bits(), d.SafePrime())
		}
		if test.size <= 2048 { // the shortcut for known groups must tell the truth
			anonymous := &DHParams{P: p, G: big.NewInt(5)}
			if anonymous.Group() != "" || !anonymous.SafePrime() {
				t.Errorf("%s with another generator: taken for %q, safe prime %v", test.name, anonymous.Group(), anonymous.SafePrime())
			}
		}
	}
}

// TestNamedGroupsAsOpenSSL has the openssl command write every group that it
// has a name for.
func TestNamedGroupsAsOpenSSL(t *testing.T) {
	t.Parallel()
	for _, g := range dhGroups {
		if g.name == "modp_768" || g.name == "modp_1024" {
			continue // no name in openssl
		}
		file := filepath.Join(t.TempDir(), "dh.pem")
		mustOpenSSL(t, "genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:"+g.name, "-out", file)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if d, err := ParseDHParams(data); err != nil || d.Group() != g.name {
			t.Errorf("%s: %v, error %v", g.name, d, err)
		}
	}
}

func TestParseDHParams(t *testing.T) {
	t.Parallel()
	p, g, q := big.NewInt(23), big.NewInt(5), big.NewInt(11)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("not looked at")})
	good := dhPEM(t, pemDH, p, g)
	for _, test := range []struct {
		name        string
		data        []byte
		q           *big.Int
		privateBits int
	}{
		{"PKCS #3", good, nil, 0},
		{"PKCS #3 with a length", dhPEM(t, pemDH, p, g, big.NewInt(225)), nil, 225},
		{"X9.42", dhPEM(t, pemX9DH, p, g, q), q, 0},
		{"X9.42 with j", dhPEM(t, pemX9DH, p, g, q, big.NewInt(2)), q, 0},
		{"after a certificate", slices.Concat(certificate, good), nil, 0},
		{"after text", slices.Concat([]byte("    DH Parameters: (5 bit)\n"), good), nil, 0},
		{"line ends of Windows", []byte(strings.ReplaceAll(string(good), "\n", "\r\n")), nil, 0},
		{"two", slices.Concat(good, dhPEM(t, pemX9DH, g, p, q)), nil, 0},
	} {
		d, err := ParseDHParams(test.data)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		sameQ := (d.Q == nil) == (test.q == nil) && (d.Q == nil || d.Q.Cmp(test.q) == 0)
		if d.P.Cmp(p) != 0 || d.G.Cmp(g) != 0 || !sameQ || d.PrivateBits != test.privateBits {
			t.Errorf("%s: %+v", test.name, d)
		}
	}
}

func TestRefusedDHParams(t *testing.T) {
	t.Parallel()
	p, g := big.NewInt(23), big.NewInt(5)
	good := string(dhPEM(t, pemDH, p, g))
	block := func(der ...byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: pemDH, Bytes: der}))
	}
	for _, test := range []struct{ name, data, message string }{
		{"empty", "", "no DH PARAMETERS in PEM form"},
		{"garbage", "garbage\n", "no DH PARAMETERS in PEM form"},
		{"another block", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE"})), "no DH PARAMETERS in PEM form"},
		{"cut", good[:len(good)-5], "damaged PEM block: no DH PARAMETERS in PEM form"},
		{"bad base64 before", "-----BEGIN DH PARAMETERS-----\n!!!!\n-----END DH PARAMETERS-----\n" + good, "damaged PEM block before the DH parameters"},
		{"empty block", block(), "decode DH parameters: asn1: syntax error: sequence truncated"},
		{"not a sequence", block(2, 1, 5), "decode DH parameters: not a SEQUENCE"},
		{"empty sequence", block(0x30, 0), "decode DH parameters: 0 fields, expected 2 to 3"},
		{"one number", string(dhPEM(t, pemDH, p)), "decode DH parameters: 1 fields, expected 2 to 3"},
		{"four numbers", string(dhPEM(t, pemDH, p, g, g, g)), "decode DH parameters: 4 fields, expected 2 to 3"},
		{"X9.42 without q", string(dhPEM(t, pemX9DH, p, g)), "decode DH parameters: 2 fields, expected 3 to 5"},
		{"huge length", string(dhPEM(t, pemDH, p, g, new(big.Int).Lsh(p, 100))), "decode DH parameters: field 3: asn1: structure error: integer too large"},
		{"negative", string(dhPEM(t, pemDH, big.NewInt(-23), g)), "decode DH parameters: a number is negative"},
		{"text for a number", block(0x30, 6, 2, 1, 5, 12, 1, 'x'), "decode DH parameters: field 2: asn1: structure error: tags don't match"},
	} {
		d, err := ParseDHParams([]byte(test.data))
		if err == nil || !strings.HasPrefix(err.Error(), test.message) {
			t.Errorf("%s: %+v with error %v, expected %q", test.name, d, err, test.message)
		}
		if missing := strings.HasSuffix(test.message, ErrNoDHParams.Error()); missing != errors.Is(err, ErrNoDHParams) {
			t.Errorf("%s: error %v, is ErrNoDHParams: %v", test.name, err, !missing)
		}
	}
}

// number is an odd number of the size.
func number(size int) *big.Int {
	n := new(big.Int).Lsh(big.NewInt(1), uint(size-1))
	return n.SetBit(n, 0, 1)
}

func TestDHSecurityBits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ prime, q, private, want int }{
		{512, 0, 0, 0},
		{1023, 0, 0, 0},
		{1024, 0, 0, 80},
		{2047, 0, 0, 80},
		{2048, 0, 0, 112},
		{2048, 0, 160, 80},
		{2048, 0, 150, 0},
		{2048, 0, -5, 0},
		{2048, 223, 0, 111},
		{2048, 224, 0, 112},
		{3072, 224, 0, 112},
		{3072, 256, 160, 128},
		{7680, 300, 0, 150},
		{8192, 0, 0, 192},
		{15360, 0, 0, 256},
	} {
		d := &DHParams{P: number(test.prime), G: big.NewInt(2), PrivateBits: test.private}
		if test.q != 0 {
			d.Q = number(test.q)
		}
		if got := d.SecurityBits(); got != test.want {
			t.Errorf("%+v: %d bits", test, got)
		}
	}
}

func TestSafePrimes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		p    *big.Int
		want bool
	}{
		{big.NewInt(23), true},
		{big.NewInt(13), false}, // prime, (p-1)/2 is not
		{big.NewInt(15), false}, // (p-1)/2 is prime, p is not
		{big.NewInt(0), false},
		{big.NewInt(4), false},
		{number(maxDHBits + 1), false},
	} {
		if got := (&DHParams{P: test.p, G: big.NewInt(2)}).SafePrime(); got != test.want {
			t.Errorf("%d bits, %.20s…: safe prime %v", test.p.BitLen(), test.p, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 1<<32).Draw(t, "n")
		want := n > 4 && slowPrime(n) && slowPrime((n-1)/2) && n%2 == 1
		if got := (&DHParams{P: big.NewInt(n), G: big.NewInt(2)}).SafePrime(); got != want {
			t.Errorf("%d: safe prime %v", n, got)
		}
	})
}

func slowPrime(n int64) bool {
	for i := int64(2); i*i <= n; i++ {
		if n%i == 0 {
			return false
		}
	}
	return n >= 2
}

// TestDHCheckAsOpenSSL starts a server with the parameters on a port that is
// taken: it ends with the reason that comes first.
func TestDHCheckAsOpenSSL(t *testing.T) {
	t.Parallel()
	requireOpenSSL(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for name, data := range map[string][]byte{
		"512":                         dhPEM(t, pemDH, number(512), big.NewInt(2)),
		"1024":                        dhPEM(t, pemDH, number(1024), big.NewInt(2)),
		"2047":                        dhPEM(t, pemDH, number(2047), big.NewInt(2)),
		"2048":                        dhPEM(t, pemDH, number(2048), big.NewInt(2)),
		"2048 with short keys":        dhPEM(t, pemDH, number(2048), big.NewInt(2), big.NewInt(160)),
		"ffdhe2048 with short keys":   dhPEM(t, pemDH, rfcPrime(2048, euler, 560316), big.NewInt(2), big.NewInt(160)),
		"3072 with keys of 224 bits":  dhPEM(t, pemDH, number(3072), big.NewInt(2), big.NewInt(224)),
		"3072 with keys of 3000 bits": dhPEM(t, pemDH, number(3072), big.NewInt(2), big.NewInt(3000)),
		"7680":                        dhPEM(t, pemDH, number(7680), big.NewInt(2)),
	} {
		file := filepath.Join(t.TempDir(), "dh.pem")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := ParseDHParams(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for level := range 6 {
			_, stderr, _ := runOpenSSL("s_server", "-accept", listener.Addr().String(), "-nocert", "-dhparam", file,
				"-cipher", fmt.Sprintf("ALL:@SECLEVEL=%d", level))
			refused := strings.Contains(stderr, reasonDHKey)
			if !refused && !strings.Contains(stderr, "Address already in use") {
				t.Fatalf("s_server ended with something else:\n%s", stderr)
			}
			if err := d.Check(level); (err != nil) != refused {
				t.Errorf("%s at level %d: openssl refuses %v, we %v", name, level, refused, err)
			}
		}
	}
}

func FuzzParseDHParams(f *testing.F) {
	f.Add(dhPEM(f, pemDH, big.NewInt(23), big.NewInt(5)))
	f.Add(dhPEM(f, pemDH, number(512), big.NewInt(2), big.NewInt(225)))
	f.Add(dhPEM(f, pemX9DH, number(1024), big.NewInt(2), number(160)))
	f.Add([]byte("-----BEGIN DH PARAMETERS-----\nMAA=\n-----END DH PARAMETERS-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ParseDHParams(data)
		if err != nil {
			return
		}
		label, numbers := pemDH, []*big.Int{d.P, d.G}
		switch {
		case d.Q != nil:
			label, numbers = pemX9DH, append(numbers, d.Q)
		case d.PrivateBits != 0:
			numbers = append(numbers, big.NewInt(int64(d.PrivateBits)))
		}
		again, err := ParseDHParams(dhPEM(t, label, numbers...))
		if err != nil || again.P.Cmp(d.P) != 0 || again.G.Cmp(d.G) != 0 || again.SecurityBits() != d.SecurityBits() {
			t.Errorf("written and read again: %+v (%v), at first %+v", again, err, d)
		}
		if d.Bits() < 1024 && d.Check(0) == nil {
			t.Errorf("%d bits are allowed", d.Bits())
		}
		if d.Bits() < 200 {
			d.SafePrime()
		}
	})
}
