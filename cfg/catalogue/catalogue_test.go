package catalogue

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func at(t testing.TB, version string) *Catalogue {
	t.Helper()
	v, err := ParseVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	return For(v)
}

func moduleAt(t testing.TB, version, name string) *Module {
	t.Helper()
	m, ok := at(t, version).Module(name)
	if !ok {
		t.Fatalf("no module %q in %s", name, version)
	}
	return m
}

func TestFor(t *testing.T) {
	for _, v := range Versions() {
		c := For(v)
		if c.Version() != v {
			t.Errorf("For(%v) is the catalogue of %v", v, c.Version())
		}
		if c != For(v) {
			t.Errorf("For(%v) is another catalogue each time", v)
		}
	}
}

func TestForUnknownVersion(t *testing.T) {
	defer func() {
		if problem := recover(); problem != "catalogue: no OpenSIPS version 9.9" {
			t.Errorf("For(9.9) panics with %v", problem)
		}
	}()
	For(9<<8 | 9)
}

func TestModule(t *testing.T) {
	m := moduleAt(t, "2.3", "tls_mgm")
	if again := moduleAt(t, "2.3", "tls_mgm"); again != m {
		t.Error("the module is read anew each time")
	}
	if m.Name != "tls_mgm" || m.Type != DefaultModule || m.Folder != "tls_mgm" {
		t.Errorf("module %q of type %q in %q", m.Name, m.Type, m.Folder)
	}
	if diff := cmp.Diff([]string{"tls_list", "tls_reload"}, m.MI); diff != "" {
		t.Errorf("MI commands (-want +got):\n%s", diff)
	}
	if !m.HasVariable("tls_peer_subject_serial") || m.HasVariable("tls_peer") {
		t.Error("HasVariable takes a wrong name or misses a right one")
	}
	for _, missing := range []struct{ version, name string }{
		{"2.1", "tls_mgm"}, {"2.3", "tls_openssl"}, {"2.3", "TLS_MGM"}, {"2.3", ""}, {"2.3", "core"}, {"1.11", "proto_udp"},
	} {
		if m, ok := at(t, missing.version).Module(missing.name); ok {
			t.Errorf("%s has a module %q: %q", missing.version, missing.name, m.Name)
		}
	}
}

func TestParam(t *testing.T) {
	tests := []struct {
		version, module string
		want            Param
	}{
		{"2.3", "tls_mgm", Param{"verify_cert", StringValue, true}},
		{"2.3", "tls_mgm", Param{"tls_handshake_timeout", IntValue, false}},
		{"2.3", "tls_mgm", Param{"client_domain_avp", StringValue, false}},
		{"2.3", "tm", Param{"minor_branch_flag", StringValue | IntValue, false}},
		{"4.0", "callops", Param{"mode", StringValue | IntValue, true}},
		{"2.3", "proto_udp", Param{"udp_port", IntValue, false}},
		{"3.4", "registrar", Param{"pn_providers", StringValue, false}},
		{"3.4", "mid_registrar", Param{"max_contacts", IntValue, false}},
		{"2.3", "registrar", Param{"max_contacts", IntValue, false}},
		{"3.4", "proto_tls", Param{"tls_handshake_timeout", IntValue, false}},
	}
	for _, test := range tests {
		got, ok := moduleAt(t, test.version, test.module).Param(test.want.Name)
		if diff := cmp.Diff(test.want, got); !ok || diff != "" {
			t.Errorf("%s of %s (-want +got):\n%s", test.module, test.version, diff)
		}
	}
	for _, missing := range []struct{ version, module, name string }{
		{"2.3", "tls_mgm", "cipher_list_col"},
		{"2.3", "tls_mgm", "Certificate"},
		{"2.3", "tls_mgm", ""},
		{"2.3", "tls_mgm", "match_ip_address"},
		{"3.0", "tls_mgm", "address_col"},
		{"2.3", "proto_tls", "client_domain_avp"},
		{"3.0", "registrar", "pn_enable"},
	} {
		if p, ok := moduleAt(t, missing.version, missing.module).Param(missing.name); ok {
			t.Errorf("%s of %s has a parameter %q: %+v", missing.module, missing.version, missing.name, p)
		}
	}
}

func TestModuleTypesAndDependencies(t *testing.T) {
	for version, want := range map[string]ModuleType{"1.11": DefaultModule, "2.3": SQLModule} {
		if m := moduleAt(t, version, "db_mysql"); m.Type != want {
			t.Errorf("db_mysql of %s has the type %q, want %q", version, m.Type, want)
		}
	}
	want := []Dependency{{DefaultModule, "proto_hep", IgnoreMissing}, {DefaultModule, "tls_mgm", AbortIfMissing}}
	if diff := cmp.Diff(want, moduleAt(t, "2.3", "proto_tls").Depends); diff != "" {
		t.Errorf("proto_tls depends on (-want +got):\n%s", diff)
	}
	wantParams := []ParamDependency{
		{"trace_id", "hep", []Dependency{{DefaultModule, "proto_hep", AbortIfMissing}, {SQLModule, "", AbortIfMissing}}},
	}
	got := slices.DeleteFunc(slices.Clone(moduleAt(t, "2.3", "siptrace").ParamDepends), func(d ParamDependency) bool {
		return d.Param != "trace_id"
	})
	if diff := cmp.Diff(wantParams, got); diff != "" {
		t.Errorf("siptrace depends, for trace_id, on (-want +got):\n%s", diff)
	}
	for _, d := range moduleAt(t, "3.4", "drouting").ParamDepends {
		if d.Param == "cluster_id" && (d.Condition != "clusterer" || d.Requires != nil) {
			t.Errorf("drouting depends on %+v", d)
		}
	}
}

// What a module offers stands in the order that lookups by name rely on.
func TestListsAreSorted(t *testing.T) {
	byName := strings.Compare
	for _, v := range Versions() {
		c := For(v)
		if !slices.IsSorted(c.Modules()) || !slices.IsSorted(c.Reserved()) || !slices.IsSorted(c.Keywords()) {
			t.Errorf("%v: unsorted modules or words", v)
		}
		for _, name := range c.Modules() {
			m, ok := c.Module(name)
			if !ok || m.Name != name {
				t.Fatalf("%v lists module %q but does not have it", v, name)
			}
			for i, p := range m.Params[:max(0, len(m.Params)-1)] {
				if byName(p.Name, m.Params[i+1].Name) >= 0 {
					t.Errorf("%v, %s: parameter %q before %q", v, name, p.Name, m.Params[i+1].Name)
				}
			}
			for _, f := range slices.Concat(m.Functions, m.AsyncFunctions) {
				if f.Name == "" || len(slices.Concat(m.Function(f.Name), m.AsyncFunction(f.Name))) == 0 {
					t.Errorf("%v, %s: function %q is not found", v, name, f.Name)
				}
			}
			if !slices.IsSorted(m.MI) || !slices.IsSorted(m.Variables) {
				t.Errorf("%v, %s: unsorted MI commands or variables", v, name)
			}
		}
	}
}

func TestKeywords(t *testing.T) {
	c := at(t, "2.3")
	for _, word := range []string{"if", "listen", "modparam", "failure_route", "setflag", "msg:len", "mem-group", "launch"} {
		if !slices.Contains(c.Keywords(), word) {
			t.Errorf("2.3 does not reserve %q", word)
		}
	}
	for _, word := range []string{"udp", "tls_mgm", "t_relay", "socket"} {
		if slices.Contains(c.Keywords(), word) {
			t.Errorf("2.3 reserves %q", word)
		}
	}
	if words := at(t, "2.4").Keywords(); slices.Contains(words, "method") {
		t.Error("2.4 reserves \"method\"")
	}
	if words := at(t, "3.1").Keywords(); slices.Contains(words, "setflag") || !slices.Contains(words, "socket") {
		t.Error("3.1 reserves \"setflag\", which is a function there, or not \"socket\"")
	}
}

// Run with -race: many readers of one catalogue that has read nothing yet.
func TestConcurrentUse(t *testing.T) {
	c := newCatalogue(Default)
	modules := make([]*Module, 16)
	var group sync.WaitGroup
	for i := range modules {
		group.Go(func() {
			c.Core()
			c.Has(OldConditions)
			modules[i], _ = c.Module("tm")
		})
	}
	group.Wait()
	for _, m := range modules {
		if m == nil || m != modules[0] {
			t.Fatal("readers at the same time get different modules")
		}
	}
}
