package mi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDomainAddress(t *testing.T) {
	tests := []struct {
		name        string
		domain      DomainInfo
		filters, ip string // of 3.x and of 2.x
	}{
		{"none", DomainInfo{}, `["*"]`, "0.0.0.0"},
		{"IPv4", DomainInfo{Address: "1.2.3.4:5061"}, `["1.2.3.4:5061"]`, "1.2.3.4"},
		{"IPv6", DomainInfo{Address: "[2001:db8::1]:5061"}, `["[2001:db8::1]:5061"]`, "2001:db8:0:0:0:0:0:1"},
		{"without port", DomainInfo{Address: "1.2.3.4"}, `["1.2.3.4"]`, "1.2.3.4"},
		{"IPv6 without port", DomainInfo{Address: "[::1]"}, `["[::1]"]`, "0:0:0:0:0:0:0:1"},
		{"filters", DomainInfo{MatchIPAddress: []string{"1.2.3.4:5061", "[::1]:5061"}}, `["1.2.3.4:5061","[::1]:5061"]`, "1.2.3.4"},
		{"any filter", DomainInfo{MatchIPAddress: []string{"*"}}, `["*"]`, "0.0.0.0"},
		{"both", DomainInfo{Address: "5.6.7.8:1", MatchIPAddress: []string{"1.2.3.4:5061"}}, `["1.2.3.4:5061"]`, "5.6.7.8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, want := string(tt.domain.appendJSON(nil)), `"IP ADDRESS FILTERS":`+tt.filters+`,"SIP`; !strings.Contains(got, want) {
				t.Errorf("got %s, want %s in it", got, want)
			}
			if got, want := string(tt.domain.appendTree(nil)), `"Address": "`+tt.ip+`", "METH": {}`; !strings.Contains(got, want) {
				t.Errorf("got %s, want %s in it", got, want)
			}
		})
	}
}

func TestDomainSIPFilters(t *testing.T) {
	d := DomainInfo{MatchSIPDomain: []string{"*.example.com", "example.org"}}
	if got := string(d.appendJSON(nil)); !strings.Contains(got, `"SIP DOMAIN FILTERS":["*.example.com","example.org"],`) {
		t.Errorf("got %s", got)
	}
}

// TestDomainFields has a domain with every field set, in both forms.
func TestDomainFields(t *testing.T) {
	d := DomainInfo{
		Name: `do"m`, Client: true, Address: "1.2.3.4:5061", Method: "TLSv1_2", VerifyCert: true, RequireCert: true, CRLCheckAll: true,
		Certificate: "c", CRLDir: "cd", CAList: "ca", CADir: "cad", PrivateKey: "k", CipherList: "cl", DHParams: "dh", ECCurve: "ec",
	}
	want := `{"name":"do\"m","type":"TLS_DOMAIN_CLI","IP ADDRESS FILTERS":["1.2.3.4:5061"],"SIP DOMAIN FILTERS":["*"],"METHOD":"TLSv1_2","VERIFY_CERT":true,"REQ_CLI_CERT":true,"CRL_CHECKALL":true,` +
		`"CERT_FILE":"c","CRL_DIR":"cd","CA_FILE":"ca","CA_DIR":"cad","PKEY_FILE":"k","CIPHER_LIST":"cl","DH_PARAMS_FILE":"dh","EC_CURVE":"ec"}`
	if got := string(d.appendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	want = `{"value":"do\"m", "children":{"Type": "TLS_DOMAIN_CLI", "Address": "1.2.3.4", "METH": "TLSv1_2", "VERIFY_CERT": "yes", "REQ_CLI_CERT": "yes", "CRL_CHECKALL": "yes", ` +
		`"CERT_FILE": "c", "CRL_DIR": "cd", "CA_FILE": "ca", "CA_DIR": "cad", "PKEY_FILE": "k", "CIPHER_LIST": "cl", "DH_PARAMS": "dh", "EC_CURVE": "ec"}}`
	if got := string(d.appendTree(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	d.FromDatabase = true
	for _, form := range [][]byte{d.appendJSON(nil), d.appendTree(nil)} {
		for _, field := range []string{"CERT_FILE", "CA_FILE", "PKEY_FILE", "DH_PARAMS"} {
			if strings.Contains(string(form), field) {
				t.Errorf("a domain of the database shows %s: %s", field, form)
			}
		}
	}
}

func TestEmptyDomainList(t *testing.T) {
	none := domainList(slices.Values([]DomainInfo(nil)))
	if got := string(none.AppendJSON(nil)); got != `{"Domains":[]}` {
		t.Errorf("got %s", got)
	}
	if got := string(none.AppendTree(nil)); got != `{"Domain": []}` {
		t.Errorf("got %s", got)
	}
}

func TestTLSListFails(t *testing.T) {
	h := newHandler(t, HandlerConfig{}, TLSList(func(context.Context) (iter.Seq[DomainInfo], error) {
		return nil, errors.New("no snapshot")
	}))
	want := `{"jsonrpc":"2.0","error":{"code":500,"message":"Internal server error"},"id":1}`
	if got := post(t, h, `{"jsonrpc":"2.0","id":1,"method":"tls_list"}`); got.Body != want {
		t.Errorf("got %s, want %s", got.Body, want)
	}
}

// manyDomains makes n domains as large as those of a script.
func manyDomains(n int) func(context.Context) (iter.Seq[DomainInfo], error) {
	list := make([]DomainInfo, n)
	for i := range list {
		name := fmt.Sprintf("tenant-%05d.example.com", i)
		list[i] = DomainInfo{
			Name: name, Address: fmt.Sprintf("10.%d.%d.1:5061", i/256, i%256), Method: "TLSv1_2", VerifyCert: true, RequireCert: true,
			Certificate: "/etc/opensips/tls/" + name + "/cert.pem", PrivateKey: "/etc/opensips/tls/" + name + "/key.pem",
			CAList: "/etc/opensips/tls/ca.pem", CADir: "/etc/pki/CA/", CipherList: "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384",
		}
	}
	return func(context.Context) (iter.Seq[DomainInfo], error) { return slices.Values(list), nil }
}

func TestManyDomains(t *testing.T) {
	h := newHandler(t, HandlerConfig{}, TLSList(manyDomains(1000)))
	var list struct {
		Result struct{ Domains []struct{ Name string } }
	}
	if err := json.Unmarshal([]byte(post(t, h, `{"jsonrpc":"2.0","id":1,"method":"tls_list"}`).Body), &list); err != nil {
		t.Fatal(err)
	}
	var tree struct{ Domain []struct{ Value string } }
	if err := json.Unmarshal([]byte(get(t, h, "/json/tls_list").Body), &tree); err != nil {
		t.Fatal(err)
	}
	var names, values []string
	for i := range list.Result.Domains {
		names = append(names, list.Result.Domains[i].Name)
	}
	for i := range tree.Domain {
		values = append(values, tree.Domain[i].Value)
	}
	if len(names) != 1000 || names[999] != "tenant-00999.example.com" {
		t.Errorf("got %d domains", len(names))
	}
	if diff := cmp.Diff(names, values); diff != "" {
		t.Errorf("the two forms differ:\n%s", diff)
	}
}

// discard is a client that reads nothing.
type discard struct {
	header http.Header
	bytes  int64
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(int)             {}
func (d *discard) Write(p []byte) (int, error) { d.bytes += int64(len(p)); return len(p), nil }

func BenchmarkTLSList(b *testing.B) {
	h := newHandler(b, HandlerConfig{}, TLSList(manyDomains(10_000)))
	requests := map[string]func() *http.Request{
		"jsonrpc": func() *http.Request {
			r := httptest.NewRequest(http.MethodPost, "http://localhost/mi", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tls_list"}`))
			r.Header.Set("Content-Type", "application/json")
			return r
		},
		"mi_json": func() *http.Request {
			return httptest.NewRequest(http.MethodGet, "http://localhost/json/tls_list", nil)
		},
	}
	for form, request := range requests {
		b.Run(form, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := &discard{header: make(http.Header)}
				h.ServeHTTP(w, request())
				b.SetBytes(w.bytes)
			}
		})
	}
}

func BenchmarkTLSListOverTCP(b *testing.B) {
	address := serve(b, newHandler(b, HandlerConfig{}, TLSList(manyDomains(10_000))))
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for b.Loop() {
		response, err := client.Post("http://"+address+"/mi", "application/json", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tls_list"}`))
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.Copy(io.Discard, response.Body)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(n)
		response.Body.Close()
	}
}

func BenchmarkUptime(b *testing.B) {
	h, err := NewHandler(table(b), HandlerConfig{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		post(b, h, `{"jsonrpc":"2.0","id":1,"method":"uptime"}`)
	}
}
