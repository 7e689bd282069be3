package catalogue

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHistory(t *testing.T) {
	tests := []struct {
		kind         Kind
		module, name string
		want         string
	}{
		{KindParam, "tls_mgm", "client_domain_avp", "2.2–2.4"},
		{KindParam, "tls_mgm", "certificate", "since 2.2"},
		{KindParam, "tls_mgm", "cert", "no version"},
		{KindParam, "proto_tls", "tls_handshake_timeout", "2.1, since 3.1"},
		{KindParam, "tm", "minor_branch_flag", "every version"},
		{KindParam, "registrar", "max_contacts", "every version"},
		{KindParam, "mid_registrar", "pn_enable", "since 3.1"},
		{KindModule, "", "mid_registrar", "since 2.3"},
		{KindModule, "", "tls_mgm", "since 2.2"},
		{KindModule, "", "mi_xmlrpc", "until 1.11, since 4.0"},
		{KindModule, "", "proto_tcp", "since 2.1"},
		{KindModule, "", "mysql", "no version"},
		{KindGlobal, "", "tls_certificate", "until 1.11"},
		{KindGlobal, "", "socket", "since 3.1"},
		{KindGlobal, "tls_mgm", "socket", "no version"},
		{KindStatement, "", "launch", "since 2.3"},
		{KindMI, "tls_mgm", "tls_reload", "2.2–3.6"},
		{KindVariable, "tls_mgm", "tls_peer_serial", "since 2.2"},
		{KindProtocol, "", "wss", "since 2.2"},
		{KindFunction, "tls_mgm", "is_peer_verified", "since 2.2"},
		{KindAsyncFunction, "exec", "exec", "since 2.1"},
	}
	for _, test := range tests {
		if got := History(test.kind, test.module, test.name).String(); got != test.want {
			t.Errorf("history of %s %s %q: %s, want %s", test.kind, test.module, test.name, got, test.want)
		}
	}
}

func TestPlaces(t *testing.T) {
	want := map[string]string{"tlsops": "until 1.11", "proto_tls": "2.1", "tls_mgm": "since 2.2"}
	got := map[string]string{}
	for _, place := range Places(KindFunction, "is_peer_verified") {
		got[place.Module] = place.Versions.String()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("is_peer_verified() is in (-want +got):\n%s", diff)
	}
}

func TestProviders(t *testing.T) {
	tests := []struct {
		version string
		kind    Kind
		name    string
		want    []string
	}{
		{"2.3", KindFunction, "is_method", []string{"sipmsgops"}},
		{"2.3", KindFunction, "sl_send_reply", []string{"sl"}},
		{"3.4", KindFunction, "sl_send_reply", []string{"sl"}},
		{"3.4", KindFunction, "setflag", []string{""}},
		{"2.3", KindVariable, "tls_version", []string{"tls_mgm"}},
		{"2.3", KindVariable, "ru", []string{""}},
		{"2.3", KindParam, "client_domain_avp", []string{"tls_mgm"}},
		{"2.3", KindParam, "trace_on", []string{"proto_tcp", "proto_tls", "proto_ws", "proto_wss", "siptrace"}},
		{"2.3", KindFunction, "is_peer", nil},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, at(t, test.version).Providers(test.kind, test.name)); diff != "" {
			t.Errorf("%s %q of %s is in (-want +got):\n%s", test.kind, test.name, test.version, diff)
		}
	}
}

// The ways to ask whether a version has something agree.
func TestHistoryAgreesWithModules(t *testing.T) {
	for _, v := range Versions() {
		c := For(v)
		for _, name := range []string{"tls_mgm", "proto_tls", "siptrace", "mi_xmlrpc", "tm"} {
			m, ok := c.Module(name)
			if ok != History(KindModule, "", name).Contains(v) {
				t.Errorf("%v has %s: %v, which its history denies", v, name, ok)
			}
			for _, param := range []string{"certificate", "trace_on", "tls_send_timeout", "fr_timeout", "port"} {
				has := false
				if ok {
					_, has = m.Param(param)
				}
				if has != History(KindParam, name, param).Contains(v) || has != slices.Contains(c.Providers(KindParam, param), name) {
					t.Errorf("%v has %s of %s: %v, which its history denies", v, param, name, has)
				}
			}
		}
	}
}

func TestNames(t *testing.T) {
	if diff := cmp.Diff(at(t, "2.3").Modules(), at(t, "2.3").Names(KindModule)); diff != "" {
		t.Errorf("modules by two ways (-Modules +Names):\n%s", diff)
	}
	names := at(t, "2.3").Names(KindParam)
	if !slices.IsSorted(names) || !slices.Contains(names, "verify_cert") || slices.Contains(names, "match_ip_address") {
		t.Error("parameters of 2.3: unsorted, one missing or one of 3.0")
	}
	globals := at(t, "2.3").Names(KindGlobal)
	if len(globals) != len(at(t, "2.3").Core().Globals) {
		t.Errorf("%d globals by name, the core has %d", len(globals), len(at(t, "2.3").Core().Globals))
	}
}
