package domain_test

import (
	"crypto/tls"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

func TestParseMethod(t *testing.T) {
	for _, test := range []struct {
		text    string
		version catalogue.Version
		want    domain.Method // the zero Method: refused
	}{
		{"SSLv23", v23, domain.Method{Name: "SSLv23"}},
		{"sslV23", v23, domain.Method{Name: "SSLv23"}},
		{"TLSany", v23, domain.Method{Name: "SSLv23"}},
		{"TLSv1", v23, domain.Method{Name: "TLSv1", Min: tls.VersionTLS10, Max: tls.VersionTLS10}},
		{"TLSV1_2", v23, domain.Method{Name: "TLSv1_2", Min: tls.VersionTLS12, Max: tls.VersionTLS12}},
		{"TLSv1_3", v30, domain.Method{Name: "TLSv1_3", Min: tls.VersionTLS13, Max: tls.VersionTLS13}},
		{"TLSv1_2-TLSv1_3", v30, domain.Method{Name: "TLSv1_2-TLSv1_3", Min: tls.VersionTLS12, Max: tls.VersionTLS13}},
		{"TLSv1 - TLSv1_2", v30, domain.Method{Name: "TLSv1-TLSv1_2", Min: tls.VersionTLS10, Max: tls.VersionTLS12}},
		{"-TLSv1_2", v30, domain.Method{Name: "-TLSv1_2", Max: tls.VersionTLS12}},
		{"TLSv1_2-", v30, domain.Method{Name: "TLSv1_2-", Min: tls.VersionTLS12}},
		{"-", v30, domain.Method{Name: "-"}},

		{"", v23, domain.Method{}},
		{"SSLv2", v23, domain.Method{}},
		{"SSLv3", v23, domain.Method{}},
		{"TLSv1_1", v23, domain.Method{}},
		{"TLSv1.2", v23, domain.Method{}},
		{" TLSv1", v23, domain.Method{}},
		{"TLSv1_3", v24, domain.Method{}},
		{"TLSv1-TLSv1_2", v24, domain.Method{}},
		{"TLSv1_3-TLSv1", v30, domain.Method{}},
		{"SSLv23-TLSv1_2", v30, domain.Method{}},
		{"TLSv1-TLSv9", v30, domain.Method{}},
	} {
		got, err := domain.ParseMethod(test.text, test.version)
		if (err != nil) != (test.want == domain.Method{}) {
			t.Errorf("%q of %s: got error %v", test.text, test.version, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q of %s (-want +got):\n%s", test.text, test.version, diff)
		}
	}
}

func TestParseMethodSaysWhatThereIs(t *testing.T) {
	for version, want := range map[catalogue.Version]string{
		v23: `unsupported method "x": expected SSLv23, TLSany, TLSv1 or TLSv1_2`,
		v30: `unsupported method "x": expected SSLv23, TLSany, TLSv1, TLSv1_2 or TLSv1_3`,
	} {
		if _, err := domain.ParseMethod("x", version); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %q", version, err, want)
		}
	}
}

func TestValueHelp(t *testing.T) {
	for _, test := range []struct {
		param, value string
		version      catalogue.Version
		want         string // part of it; empty: none
	}{
		{"tls_method", "TLSv1.2", v23, `did you mean "TLSv1_2"`},
		{"tls_method", "tls 1.2", v23, `did you mean "TLSv1_2"`},
		{"tls_method", "TLSv1_2+", v23, `did you mean "TLSv1_2"`},
		{"tls_method", "TLSv1_1", v23, `did you mean "TLSv1_2"`},
		{"tls_method", "TLSv1.3", v30, `did you mean "TLSv1_3"`},
		{"tls_method", "sslv2", v23, "the manual has SSLv2"},
		{"tls_method", "SSLv3", v30, "the manual has SSLv3"},
		{"tls_method", "nothing like it", v23, ""},
		{"verify_cert", "yes", v23, "write 0 or 1"},
	} {
		got := domain.ValueHelp(test.param, test.value, test.version)
		if !strings.Contains(got, test.want) || test.want == "" && got != "" {
			t.Errorf("%s %q of %s: got %q, want %q", test.param, test.value, test.version, got, test.want)
		}
	}
}
