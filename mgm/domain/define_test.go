package domain_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

const (
	v23 = catalogue.Version(2<<8 | 3)
	v24 = catalogue.Version(2<<8 | 4)
	v30 = catalogue.Version(3 << 8)
)

func TestParseDefinition(t *testing.T) {
	for _, test := range []struct {
		kind          domain.Kind
		version       catalogue.Version
		text          string
		name, address string // an empty name: refused
		err           string
	}{
		{domain.Server, v23, "dom1=127.0.0.1:5061", "dom1", "127.0.0.1:5061", ""},
		{domain.Client, v23, "dom1=127.0.0.1:5061", "dom1", "127.0.0.1:5061", ""},
		{domain.Client, v23, "dom1", "dom1", "", ""},
		{domain.Server, v23, "a b=010.001.000.009:0", "a b", "10.1.0.9:0", ""},
		{domain.Server, v23, "d=1.2.3.4:99999", "d", "1.2.3.4:34463", ""},
		{domain.Server, v24, "d=[::1]:5061", "d", "[::1]:5061", ""},
		{domain.Server, v24, "d=::1:5061", "d", "[::1]:5061", ""},

		{domain.Server, v23, "dom1", "", "", `server domain "dom1" has no address`},
		{domain.Server, v23, "", "", "", "empty domain definition"},
		{domain.Client, v23, "", "", "", "empty domain definition"},
		{domain.Server, v23, "=1.2.3.4:5061", "", "", "expected a domain name"},
		{domain.Server, v23, "d=", "", "", "expected IP:port"},
		{domain.Client, v23, "d=", "", "", "expected IP:port"},
		{domain.Server, v23, "d=1.2.3.4", "", "", "expected IP:port"},
		{domain.Server, v23, "d=[::1]:5061", "", "", `found "["`},
		{domain.Server, v23, "d=::1:5061", "", "", "expected an IP address"},
		{domain.Server, v23, "d==1.2.3.4:5061", "", "", "expected an IP address"},
		{domain.Server, v23, "d= 1.2.3.4:5061", "", "", "expected an IP address"},
		{domain.Server, v23, "d=300.1.2.3:5061", "", "", "expected an IP address"},
		{domain.Server, v23, "d=1.2.3:5061", "", "", "expected an IP address"},
		{domain.Server, v23, "d=1.2.3.4.5:5061", "", "", "expected an IP address"},
		{domain.Server, v23, "d=1.2..4:5061", "", "", "expected an IP address"},
		{domain.Server, v23, "d=0001.2.3.4:5061", "", "", "expected an IP address"},
		{domain.Server, v23, "d=*:5061", "", "", "expected an IP address"},
		{domain.Server, v24, "d=[fe80::1%eth0]:5061", "", "", "expected an IP address"},
		{domain.Server, v23, "d=1.2.3.4:", "", "", "expected a port number"},
		{domain.Server, v23, "d=1.2.3.4:-1", "", "", "expected a port number"},
		{domain.Server, v23, "d=1.2.3.4:5061x", "", "", "expected a port number"},
		{domain.Server, v23, "d=1.2.3.4:123456", "", "", "expected a port number"},
	} {
		name, address, err := domain.ParseDefinition(test.kind, test.text, test.version)
		if test.name == "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%s domain %q of %s: got error %v, want %q", test.kind, test.text, test.version, err, test.err)
			}
			continue
		}
		var want netip.AddrPort
		if test.address != "" {
			want = netip.MustParseAddrPort(test.address)
		}
		if err != nil || name != test.name || address != want {
			t.Errorf("%s domain %q of %s: got %q, %v, %v", test.kind, test.text, test.version, name, address, err)
		}
	}
}

func TestParseMatchIPAddress(t *testing.T) {
	one, two := netip.MustParseAddrPort("1.2.3.4:5061"), netip.MustParseAddrPort("[::1]:5062")
	for _, test := range []struct {
		text string
		want []netip.AddrPort
		any  bool
		err  string
	}{
		{"1.2.3.4:5061", []netip.AddrPort{one}, false, ""},
		{"1.2.3.4:5061, [::1]:5062", []netip.AddrPort{one, two}, false, ""},
		{"*", nil, true, ""},
		{"*,1.2.3.4:5061", []netip.AddrPort{one}, true, ""},
		{"", nil, false, "expected IP:port"},
		{"1.2.3.4:5061,", nil, false, "expected IP:port"},
		{"1.2.3.4", nil, false, "expected IP:port"},
		{"example.com:5061", nil, false, "expected an IP address"},
	} {
		got, any, err := domain.ParseMatchIPAddress(test.text, v30)
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%q: got error %v, want %q", test.text, err, test.err)
			}
			continue
		}
		if err != nil || any != test.any || !slices.Equal(got, test.want) {
			t.Errorf("%q: got %v, %t, %v", test.text, got, any, err)
		}
	}
}

func TestSplitValue(t *testing.T) {
	for _, test := range []struct {
		text        string
		name, value string
		named       bool
		err         string
	}{
		{"/cert.pem", "", "/cert.pem", false, ""},
		{"[dom]/cert.pem", "dom", "/cert.pem", true, ""},
		{" \t\r\n[dom]x", "dom", "x", true, ""},
		{"[ dom ] x", " dom ", " x", true, ""},
		{"[]x", "", "x", true, ""},
		{"[a]b]c", "a", "b]c", true, ""},
		{"a[b]c", "", "a[b]c", false, ""},
		{" x", "", " x", false, ""},
		{"]", "", "]", false, ""},
		{"", "", "", false, "empty value"},
		{"[dom", "", "", true, `expected "]"`},
		{"[dom]", "dom", "", true, `no value after "[dom]"`},
	} {
		name, value, named, err := domain.SplitValue(test.text)
		switch {
		case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
			t.Errorf("%q: got error %v, want %q", test.text, err, test.err)
		case test.err == "" && (err != nil || name != test.name || value != test.value || named != test.named):
			t.Errorf("%q: got %q, %q, %t, %v", test.text, name, value, named, err)
		}
	}
}

// TestSplitValueProperties: whatever stands between the brackets and behind them
// comes out as it went in.
func TestSplitValueProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[^\]]*`).Draw(t, "name")
		value := rapid.StringMatching(`(?s).+`).Draw(t, "value")
		gotName, gotValue, named, err := domain.SplitValue("[" + name + "]" + value)
		if err != nil || !named || gotName != name || gotValue != value {
			t.Fatalf("got %q, %q, %t, %v", gotName, gotValue, named, err)
		}
	})
}

// TestParseAddressProperties: an address is read as netip writes it, and what is
// read is an address.
func TestParseAddressProperties(t *testing.T) {
	versions := catalogue.Versions()
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SampledFrom(versions).Draw(t, "version")
		bytes := rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address")
		port := rapid.Uint16().Draw(t, "port")
		want := netip.AddrPortFrom(netip.AddrFrom4([4]byte(bytes)), port)
		if got, err := domain.ParseAddress(want.String(), v); err != nil || got != want {
			t.Fatalf("%s: got %v, %v", want, got, err)
		}
		if got, err := domain.ParseAddress(rapid.String().Draw(t, "any text"), v); err == nil && !got.IsValid() {
			t.Fatal("no error and no address")
		}
	})
}
