package domain_test

import (
	"net/netip"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// addresses are compared as they are.
var addresses = cmpopts.EquateComparable(netip.AddrPort{})

func TestNew(t *testing.T) {
	for _, kind := range []domain.Kind{domain.Server, domain.Client} {
		want := &domain.Definition{
			Name: "d", Kind: kind,
			Method:      domain.Text{Value: "SSLv23"},
			Certificate: domain.Material{File: "/cfg/tls/cert.pem"},
			PrivateKey:  domain.Material{File: "/cfg/tls/ckey.pem"},
			CADir:       domain.Text{Value: "/etc/pki/CA/"},
			VerifyCert:  domain.Flag{On: true},
			RequireCert: domain.Flag{On: kind == domain.Server},
		}
		if diff := cmp.Diff(want, domain.New(kind, "d", "/cfg/"), addresses); diff != "" {
			t.Errorf("%s domain (-want +got):\n%s", kind, diff)
		}
	}
}

// TestSet sets each setting alone: it must change its own field and no other.
func TestSet(t *testing.T) {
	from := domain.InScript(diag.Span{Start: diag.Position{File: "x.cfg", Line: 7, Column: 9}})
	text := func(v string) domain.Text { return domain.Text{Value: v, From: from} }
	file := func(v string) domain.Material { return domain.Material{File: v, From: from} }
	flag := func(v bool) domain.Flag { return domain.Flag{On: v, From: from} }
	tests := map[string]struct {
		value string
		want  func(d *domain.Definition)
	}{
		"tls_method":       {"tlsV1", func(d *domain.Definition) { d.Method = text("tlsV1") }},
		"certificate":      {"/c", func(d *domain.Definition) { d.Certificate = file("/c") }},
		"private_key":      {"/k", func(d *domain.Definition) { d.PrivateKey = file("/k") }},
		"ca_list":          {"/l", func(d *domain.Definition) { d.CAList = file("/l") }},
		"ca_dir":           {"/d", func(d *domain.Definition) { d.CADir = text("/d") }},
		"crl_dir":          {"/r", func(d *domain.Definition) { d.CRLDir = text("/r") }},
		"crl_check_all":    {"2", func(d *domain.Definition) { d.CRLCheckAll = flag(true) }},
		"verify_cert":      {"0", func(d *domain.Definition) { d.VerifyCert = flag(false) }},
		"require_cert":     {"00", func(d *domain.Definition) { d.RequireCert = flag(false) }},
		"ciphers_list":     {"HIGH", func(d *domain.Definition) { d.CiphersList = text("HIGH") }},
		"dh_params":        {"/p", func(d *domain.Definition) { d.DHParams = file("/p") }},
		"match_ip_address": {"*,1.2.3.4:5061", func(d *domain.Definition) { d.MatchIPAddress = text("*,1.2.3.4:5061") }},
		"match_sip_domain": {"*.example.com", func(d *domain.Definition) { d.MatchSIPDomain = text("*.example.com") }},
		"ec_curve":         {"prime256v1", func(d *domain.Definition) { d.ECCurve = text("prime256v1") }},
	}
	for _, param := range domain.Settings() {
		test, ok := tests[param]
		if !ok {
			t.Errorf("%s has no test", param)
			continue
		}
		if !domain.IsSetting(param) {
			t.Errorf("%s is listed and no setting", param)
		}
		got, want := domain.New(domain.Server, "d", "/cfg/"), domain.New(domain.Server, "d", "/cfg/")
		if origin := got.Origin(param); !origin.IsDefault() {
			t.Errorf("%s of a new domain is set at %s", param, origin)
		}
		if err := got.Set(param, test.value, from, v23); err != nil {
			t.Errorf("%s: %v", param, err)
		}
		test.want(want)
		if diff := cmp.Diff(want, got, addresses); diff != "" {
			t.Errorf("%s (-want +got):\n%s", param, diff)
		}
		if origin := got.Origin(param); origin != from {
			t.Errorf("%s is set at %s", param, origin)
		}
	}
	if len(tests) != len(domain.Settings()) {
		t.Errorf("%d settings, %d tests", len(domain.Settings()), len(tests))
	}
}

// TestSettingsAreComplete holds the settings against the fields of a Definition
// and the parameters of the module.
func TestSettingsAreComplete(t *testing.T) {
	fields := 0
	definition := reflect.TypeFor[domain.Definition]()
	for field := range definition.Fields() {
		switch field.Type {
		case reflect.TypeFor[domain.Text](), reflect.TypeFor[domain.Flag](), reflect.TypeFor[domain.Material]():
			fields++
		}
	}
	if fields != len(domain.Settings()) {
		t.Errorf("a definition has %d fields that are set, there are %d settings", fields, len(domain.Settings()))
	}
	settings := map[string]bool{}
	for _, v := range catalogue.Versions() {
		module, _ := catalogue.For(v).Module("tls_mgm")
		if module == nil {
			continue
		}
		for _, p := range module.Params {
			isSetting := p.Callback && p.Name != "server_domain" && p.Name != "client_domain"
			if domain.IsSetting(p.Name) != isSetting {
				t.Errorf("%s of %s: IsSetting is %t", p.Name, v, domain.IsSetting(p.Name))
			}
			settings[p.Name] = settings[p.Name] || isSetting
		}
	}
	for _, param := range domain.Settings() {
		if !settings[param] {
			t.Errorf("%s is of no version", param)
		}
	}
}

// TestMethodsAtStart: from 3.0 on a method is only looked at when the server
// starts.
func TestMethodsAtStart(t *testing.T) {
	d := domain.New(domain.Server, "d", "/cfg/")
	if err := d.Set("tls_method", "TLSv9", domain.Origin{Row: 1}, v30); err != nil || d.Method.Value != "TLSv9" {
		t.Errorf("got %q, %v", d.Method.Value, err)
	}
}

// TestSetRefused: a refused value changes nothing.
func TestSetRefused(t *testing.T) {
	for _, test := range []struct{ param, value string }{
		{"tls_method", "SSLv3"},
		{"verify_cert", "yes"},
		{"verify_cert", "-1"},
		{"require_cert", "1 "},
		{"crl_check_all", "0x1"},
		{"match_ip_address", "example.com:5061"},
		{"server_domain", "d=1.2.3.4:5061"},
		{"no_such_parameter", "1"},
	} {
		d := domain.New(domain.Server, "d", "/cfg/")
		if err := d.Set(test.param, test.value, domain.Origin{Row: 1}, v23); err == nil {
			t.Errorf("%s takes %q", test.param, test.value)
		}
		if diff := cmp.Diff(domain.New(domain.Server, "d", "/cfg/"), d, addresses); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s", test.param, test.value, diff)
		}
		if !d.Origin(test.param).IsDefault() {
			t.Errorf("%s is set at %s", test.param, d.Origin(test.param))
		}
	}
}

func TestOrigin(t *testing.T) {
	script := domain.InScript(diag.Span{Start: diag.Position{File: "x.cfg", Line: 7, Column: 9}})
	for _, test := range []struct {
		origin domain.Origin
		text   string
	}{
		{domain.Origin{}, "default"},
		{domain.Origin{Row: 3}, "row 3"},
		{script, "x.cfg:7:9"},
	} {
		if got := test.origin.String(); got != test.text {
			t.Errorf("got %q, want %q", got, test.text)
		}
		if test.origin.IsDefault() != (test.text == "default") {
			t.Errorf("%s: IsDefault is %t", test.text, test.origin.IsDefault())
		}
	}
}

func TestMaterialIsSet(t *testing.T) {
	for _, test := range []struct {
		material domain.Material
		want     bool
	}{
		{domain.Material{}, false},
		{domain.Material{File: "/c"}, true},
		{domain.Material{Blob: []byte("x")}, true},
		{domain.Material{Blob: []byte{}}, false},
	} {
		if got := test.material.IsSet(); got != test.want {
			t.Errorf("%+v: got %t", test.material, got)
		}
	}
}
