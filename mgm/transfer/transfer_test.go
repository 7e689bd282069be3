package transfer

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/certtest/certfiles"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

func version(t testing.TB, text string) catalogue.Version {
	t.Helper()
	v, err := catalogue.ParseVersion(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

const configDir = "/nosuch/"

// parse reads modparam lines as a script of the version.
func parse(t testing.TB, lines string, v catalogue.Version) *cfg.Config {
	t.Helper()
	text := "listen=tls:127.0.0.1:5061\nmpath=\"/m/\"\nloadmodule \"proto_tls.so\"\nloadmodule \"tls_mgm.so\"\n" + lines + "\nroute { exit; }\n"
	c, err := cfg.Parse("opensips.cfg", text, cfg.Options{Version: v, ConfigDir: configDir})
	if err != nil {
		t.Fatal(err)
	}
	if c.Diagnostics.Has(diag.Read, diag.Error) {
		t.Fatalf("%v\nin\n%s", c.Diagnostics, text)
	}
	return c
}

func TestRow(t *testing.T) {
	dir := t.TempDir()
	pair, ca := certfiles.SelfSigned(t, "sip.example.org"), certfiles.SelfSigned(t, "ca")
	both := slices.Concat([]byte("a comment\n"), pair.Certificate, pair.Key, ca.Certificate)
	certfiles.Write(t, dir+"/both.pem", both)
	certfiles.Write(t, dir+"/ca.pem", ca.Certificate)
	c := parse(t, strings.ReplaceAll(`
modparam("tls_mgm", "verify_cert", "0")
modparam("tls_mgm", "certificate", "@DIR@/both.pem")
modparam("tls_mgm", "server_domain", "sv=127.0.0.1:5061")
modparam("tls_mgm", "tls_method", "[sv]tlsv1_2")
modparam("tls_mgm", "certificate", "[sv]@DIR@/both.pem")
modparam("tls_mgm", "private_key", "[sv]@DIR@/both.pem")
modparam("tls_mgm", "ca_list", "[sv]@DIR@/ca.pem")
modparam("tls_mgm", "ca_dir", "[sv]/ca/")
modparam("tls_mgm", "crl_dir", "[sv]/crl/")
modparam("tls_mgm", "crl_check_all", "[sv]1")
modparam("tls_mgm", "ciphers_list", "[sv]HIGH")
modparam("tls_mgm", "ec_curve", "[sv]prime256v1")
modparam("tls_mgm", "client_domain", "cl")
`, "@DIR@", dir), version(t, "2.3"))
	chain := slices.Concat(pair.Certificate, ca.Certificate)
	off, on := new(int64(0)), new(int64(1))
	tests := []struct {
		name string
		d    *domain.Definition
		v    string
		want mgm.Row
	}{
		{"server", c.TLS.Domain(domain.Server, "sv"), "2.3", mgm.Row{
			Domain: "sv", Type: new(int64(2)), Address: "127.0.0.1:5061", Method: "tlsv1_2",
			VerifyCert: on, RequireCert: on, CRLCheckAll: on,
			Certificate: chain, PrivateKey: pair.Key, CAList: ca.Certificate,
			CADir: "/ca/", CRLDir: "/crl/", CipherList: "HIGH", ECCurve: "prime256v1",
		}},
		{"client with nothing set", c.TLS.Domain(domain.Client, "cl"), "2.3", mgm.Row{
			Domain: "cl", Type: new(int64(1)), VerifyCert: on, RequireCert: off, CRLCheckAll: off,
		}},
		{"default", c.TLS.DefaultServer, "2.3", mgm.Row{
			Domain: "default", Type: new(int64(2)), VerifyCert: off, RequireCert: on, CRLCheckAll: off, Certificate: chain,
		}},
		{"the address of 3.x", &domain.Definition{Name: "x", Kind: domain.Server, Address: c.TLS.Domains[0].Address}, "3.4", mgm.Row{
			Domain: "x", Type: new(int64(2)), MatchIPAddress: "127.0.0.1:5061", VerifyCert: off, RequireCert: off, CRLCheckAll: off,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			row, err := Row(tt.d, tlsctx.OS{}, version(t, tt.v))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, row); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestUnused(t *testing.T) {
	one := certfiles.SelfSigned(t, "sip.example.org").Certificate
	two := slices.Concat(one, one)
	for _, tt := range []struct {
		row     mgm.Row
		version string
		want    []string
	}{
		{mgm.Row{Certificate: one, CAList: one}, "2.3", nil},
		{mgm.Row{Certificate: two, CAList: one}, "2.3", []string{"certificate"}},
		{mgm.Row{Certificate: two, CAList: two}, "2.4", []string{"certificate", "ca_list"}},
		{mgm.Row{Certificate: two, CAList: two}, "3.0", nil},
		{mgm.Row{}, "2.3", nil},
	} {
		if got := Unused(tt.row, version(t, tt.version)); !slices.Equal(got, tt.want) {
			t.Errorf("OpenSIPS %s: %q, want %q", tt.version, got, tt.want)
		}
	}
}

func TestRowRefuses(t *testing.T) {
	dir := t.TempDir()
	pair := certfiles.SelfSigned(t, "sip.example.org")
	pair.Write(t, dir+"/cert.pem", dir+"/key.pem")
	certfiles.Write(t, dir+"/long.pem", make([]byte, maxFile+1))
	from := domain.Origin{Row: 1}
	for path, want := range map[string]string{
		"/none.pem": "no such file",
		"/key.pem":  "no PEM block of the kind CERTIFICATE",
		"/long.pem": "longer than",
	} {
		d := &domain.Definition{Name: "x", Certificate: domain.Material{File: dir + path, From: from}}
		_, err := Row(d, tlsctx.OS{}, version(t, "2.3"))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `certificate of server domain "x"`) {
			t.Errorf("%s: error %v, want %q", path, err, want)
		}
	}
}

func TestExport(t *testing.T) {
	one, two := new(int64(1)), new(int64(2))
	tests := []struct {
		name     string
		v        string
		rows     []mgm.Row
		script   string
		files    []string
		skipped  []int64
		warnings []int64
	}{
		{
			"clients first, in the order of the table", "2.3",
			[]mgm.Row{
				{ID: 1, Domain: "a", Type: two, Address: "127.0.0.1:5061", Certificate: []byte("c"), PrivateKey: []byte("k")},
				{ID: 2, Domain: "a", Type: one, VerifyCert: new(int64(0))},
				{ID: 3, Domain: "b", Type: one, Address: "127.0.0.1:5062", CAList: []byte("ca"), DHParams: []byte("dh")},
			},
			`modparam("tls_mgm", "client_domain", "a")
modparam("tls_mgm", "verify_cert", "[a]0")

modparam("tls_mgm", "client_domain", "b=127.0.0.1:5062")
modparam("tls_mgm", "ca_list", "[b]/d/b.client.ca.pem")
modparam("tls_mgm", "dh_params", "[b]/d/b.client.dh.pem")

modparam("tls_mgm", "server_domain", "a=127.0.0.1:5061")
modparam("tls_mgm", "certificate", "[a]/d/a.server.cert.pem")
modparam("tls_mgm", "private_key", "[a]/d/a.server.key.pem")

`,
			[]string{"/d/b.client.ca.pem", "/d/b.client.dh.pem", "/d/a.server.cert.pem", "/d/a.server.key.pem"},
			nil, nil,
		},
		{
			"every text, quoted", "2.3",
			[]mgm.Row{{
				ID: 1, Domain: `q"\`, Type: one, Method: "TLSv1", VerifyCert: one, RequireCert: two, CRLCheckAll: one,
				CADir: "/ca", CRLDir: "/crl", CipherList: `A"B\n`, ECCurve: "P-256",
			}},
			`modparam("tls_mgm", "client_domain", "q\"\\")
modparam("tls_mgm", "tls_method", "[q\"\\]TLSv1")
modparam("tls_mgm", "verify_cert", "[q\"\\]1")
modparam("tls_mgm", "require_cert", "[q\"\\]1")
modparam("tls_mgm", "crl_check_all", "[q\"\\]1")
modparam("tls_mgm", "ca_dir", "[q\"\\]/ca")
modparam("tls_mgm", "crl_dir", "[q\"\\]/crl")
modparam("tls_mgm", "ciphers_list", "[q\"\\]A\"B\\n")
modparam("tls_mgm", "ec_curve", "[q\"\\]P-256")

`, nil, nil, nil,
		},
		{
			"filters of 3.x", "3.4",
			[]mgm.Row{{ID: 1, Domain: "x", Type: two, MatchIPAddress: "*", MatchSIPDomain: "*.example.org"}},
			`modparam("tls_mgm", "server_domain", "x")
modparam("tls_mgm", "match_ip_address", "[x]*")
modparam("tls_mgm", "match_sip_domain", "[x]*.example.org")

`, nil, nil, nil,
		},
		{
			"names that are paths", "2.3",
			[]mgm.Row{{ID: 1, Domain: "../../etc/x", Type: one, PrivateKey: []byte("k")}, {ID: 2, Domain: "..", Type: one, PrivateKey: []byte("k")}},
			`modparam("tls_mgm", "client_domain", "../../etc/x")
modparam("tls_mgm", "private_key", "[../../etc/x]/d/..%2F..%2Fetc%2Fx.client.key.pem")

modparam("tls_mgm", "client_domain", "..")
modparam("tls_mgm", "private_key", "[..]/d/...client.key.pem")

`,
			[]string{"/d/..%2F..%2Fetc%2Fx.client.key.pem", "/d/...client.key.pem"},
			nil, nil,
		},
		{
			"one row for both defaults", "2.3",
			[]mgm.Row{{ID: 1, Domain: "default", Type: new(int64(0)), Method: "TLSv1_2", Certificate: []byte("c")}},
			"modparam(\"tls_mgm\", \"tls_method\", \"TLSv1_2\")\nmodparam(\"tls_mgm\", \"certificate\", \"/d/default.cert.pem\")\n",
			[]string{"/d/default.cert.pem"},
			nil, nil,
		},
		{
			"two equal defaults", "2.3",
			[]mgm.Row{{ID: 1, Domain: "default", Type: two, Method: "TLSv1_2"}, {ID: 2, Domain: "default", Type: one, Method: "TLSv1_2"}},
			"modparam(\"tls_mgm\", \"tls_method\", \"TLSv1_2\")\n", nil, nil, nil,
		},
		{
			"require_cert of a client, which is for servers", "2.3",
			[]mgm.Row{
				{ID: 1, Domain: "default", Type: two, Method: "TLSv1_2", RequireCert: new(int64(1))},
				{ID: 2, Domain: "default", Type: one, Method: "TLSv1_2", RequireCert: new(int64(0))},
			},
			"modparam(\"tls_mgm\", \"tls_method\", \"TLSv1_2\")\nmodparam(\"tls_mgm\", \"require_cert\", \"1\")\n", nil, nil, nil,
		},
		{
			"two other defaults", "2.3",
			[]mgm.Row{{ID: 1, Domain: "default", Type: two, Method: "TLSv1_2"}, {ID: 2, Domain: "default", Type: one, Method: "TLSv1"}},
			"", nil,
			[]int64{1, 2},
			nil,
		},
		{
			"what no server takes, and no script has", "2.3",
			[]mgm.Row{
				{ID: 1, Domain: "a", Type: new(int64(0))},
				{ID: 2, Domain: "a", Type: new(int64(3))},
				{ID: 3, Domain: "a"},
				{ID: 4, Domain: "", Type: one},
				{ID: 5, Domain: "a=b", Type: one},
				{ID: 6, Domain: "a]b", Type: one},
				{ID: 7, Domain: "a\nb", Type: one},
				{ID: 8, Domain: "a", Type: two},
				{ID: 9, Domain: "a", Type: two, Address: "[::1]:5061"},
			},
			"", nil,
			[]int64{1, 2, 3, 4, 5, 6, 7, 8, 9},
			nil,
		},
		{
			"settings that no script has", "2.3",
			[]mgm.Row{{ID: 1, Domain: "a", Type: one, Method: "TLSv1_3", CADir: "/a\nb"}},
			"modparam(\"tls_mgm\", \"client_domain\", \"a\")\n\n", nil, nil,
			[]int64{1, 1},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := NewExport(tt.rows, "/d", version(t, tt.v))
			if diff := cmp.Diff(tt.script, e.Script); diff != "" {
				t.Errorf("script (-want +got):\n%s", diff)
			}
			var files []string
			for _, f := range e.Files {
				files = append(files, f.Path)
				if secret := strings.HasSuffix(f.Path, ".key.pem"); secret != (f.Mode == 0o600) {
					t.Errorf("%s has mode %o", f.Path, f.Mode)
				}
			}
			if diff := cmp.Diff(tt.files, files); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			if got := ids(e.Skipped); !slices.Equal(got, tt.skipped) {
				t.Errorf("skipped %v", e.Skipped)
			}
			if got := ids(e.Warnings); !slices.Equal(got, tt.warnings) {
				t.Errorf("warnings %v", e.Warnings)
			}
		})
	}
}

func ids(problems []mgm.RowProblem) (list []int64) {
	for _, p := range problems {
		list = append(list, p.ID)
	}
	return list
}

// exported are files that are not on a disk.
type exported fstest.MapFS

func (e exported) Open(name string) (fs.File, error) {
	return fstest.MapFS(e).Open(strings.TrimPrefix(name, "/"))
}

// TestThereAndBack exports any rows, reads the script and makes rows of its
// domains: they are what they were, in the order in which a server has them.
func TestThereAndBack(t *testing.T) {
	pair := certfiles.SelfSigned(t, "sip.example.org")
	name := rapid.StringMatching(`[a-zA-Z0-9 _.:"\\[/%-]{1,12}`).Filter(func(s string) bool { return s != mgm.DefaultName })
	blob := func(content []byte) *rapid.Generator[[]byte] {
		return rapid.Custom(func(t *rapid.T) []byte {
			if rapid.Bool().Draw(t, "set") {
				return content
			}
			return nil
		})
	}
	path := rapid.StringMatching(`|/[a-z"\\ ]{1,8}`)
	on := func(t *rapid.T, what string) *int64 { return new(rapid.Int64Range(0, 1).Draw(t, what)) }
	rapid.Check(t, func(rt *rapid.T) {
		type key struct {
			name string
			kind int64
		}
		taken := map[key]bool{}
		var table []mgm.Row
		for i := range rapid.IntRange(0, 6).Draw(rt, "rows") {
			k := key{name.Draw(rt, "name"), rapid.Int64Range(1, 2).Draw(rt, "type")}
			if taken[k] {
				continue
			}
			taken[k] = true
			table = append(table, mgm.Row{
				ID: int64(i + 1), Domain: k.name, Type: &k.kind, Address: "127.0.0.1:5061",
				Method:     rapid.SampledFrom([]string{"", "SSLv23", "TLSv1_2"}).Draw(rt, "method"),
				VerifyCert: on(rt, "verify"), RequireCert: on(rt, "require"), CRLCheckAll: on(rt, "check"),
				Certificate: blob(pair.Certificate).Draw(rt, "certificate"), PrivateKey: blob(pair.Key).Draw(rt, "key"),
				CAList: blob(pair.Certificate).Draw(rt, "ca"),
				CADir:  path.Draw(rt, "ca_dir"), CRLDir: path.Draw(rt, "crl_dir"), CipherList: path.Draw(rt, "ciphers"),
			})
		}
		e := NewExport(table, "/d", catalogue.Default)
		if e.Skipped != nil || e.Warnings != nil {
			rt.Fatal(e.Skipped, e.Warnings)
		}
		files := exported{}
		for _, f := range e.Files {
			files[strings.TrimPrefix(f.Path, "/")] = &fstest.MapFile{Data: f.Content}
		}
		back := []mgm.Row{}
		for _, d := range parse(t, e.Script, catalogue.Default).TLS.Domains {
			row, err := Row(d, files, catalogue.Default)
			if err != nil {
				rt.Fatal(err)
			}
			back = append(back, row)
		}
		byKind := slices.Clone(table)
		slices.SortStableFunc(byKind, func(a, b mgm.Row) int { return int(*a.Type - *b.Type) })
		for i := range byKind {
			byKind[i].ID = 0
		}
		if len(table) > 0 && !reflect.DeepEqual(byKind, back) {
			rt.Fatalf("(-table +back):\n%s\n%s", cmp.Diff(byKind, back), e.Script)
		}
	})
}

func TestWriteFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new/folder")
	files := []File{{dir + "/a.pem", []byte("a"), publicMode}, {dir + "/a.key", []byte("k"), secretMode}}
	if err := WriteFiles(files, false); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		info, err := os.Stat(f.Path)
		if err != nil || info.Mode() != f.Mode {
			t.Errorf("%s: mode %v, error %v", f.Path, info.Mode(), err)
		}
	}
	files[0].Content = []byte("b")
	err := WriteFiles(append(files, File{dir + "/c.pem", nil, publicMode}), false)
	exist, ok := errors.AsType[*FilesExistError](err)
	if !ok || len(exist.Paths) != 2 {
		t.Errorf("error %v", err)
	}
	if text, _ := os.ReadFile(files[0].Path); string(text) != "a" {
		t.Errorf("the file was replaced by %q", text)
	}
	if err := WriteFiles(files, true); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(files[0].Path); string(text) != "b" {
		t.Errorf("the file was not replaced: %q", text)
	}
	// A file where the second one's folder should be: neither is written.
	if err := WriteFiles([]File{{dir + "/n.pem", nil, publicMode}, {dir + "/a.pem/x.key", nil, secretMode}}, true); err == nil {
		t.Error("a file was written below a file")
	}
	if _, err := os.Stat(dir + "/n.pem"); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the first file was written though the second could not be")
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range left {
		if strings.HasPrefix(entry.Name(), ".tlsmgm-") {
			t.Errorf("%s is left behind", entry.Name())
		}
	}
}

func TestFilesExistErrorIsShort(t *testing.T) {
	e := &FilesExistError{Paths: []string{"1", "2", "3", "4", "5", "6", "7"}}
	if got := e.Error(); got != "nothing written: there are already 1, 2, 3, 4, 5 and 2 more" {
		t.Error(got)
	}
}
