package tlsctx_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// factsDir is where the recordings of real servers are.
const factsDir = "../../../shared/facts"

// recordedAt is a time shortly after the recordings were made.
func recordedAt() time.Time { return time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC) }

// facts is the path of a recording; without it the test is skipped.
func facts(t testing.TB, elements ...string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(append([]string{factsDir}, elements...)...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the recordings are not here: %v", err)
	}
	return path
}

// jsonLines decodes a file of one JSON value a line.
func jsonLines[T any](t testing.TB, path string) (values []T) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const longest = 1 << 20
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(nil, longest)
	for lines.Scan() {
		var v T
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		values = append(values, v)
	}
	if len(values) == 0 {
		t.Fatalf("%s is empty", path)
	}
	return values
}

// verdict is what a real server said of a script.
type verdict struct {
	Case, Check, Start string
	StartErrors        []string `json:"start_errors"`
}

// firstSettings tells by the error of a real server which setting was to blame.
var firstSettings = []struct{ text, param string }{
	{"unable to load certificate file", "certificate"},
	{"unable to load private key file", "private_key"},
	{"unable to load ca ", "ca_list"},
	{"Unable to open crl directory", "crl_dir"},
	{"No suitable CRL files", "crl_dir"},
	{"dh params", "dh_params"},
	{"EC curve", "ec_curve"},
	{"cipher list", "ciphers_list"},
	{"unsupported method", "tls_method"},
}

// blamed is the setting for which a server did not start, empty if it was none.
func (v verdict) blamed() string {
	for _, line := range v.StartErrors {
		for _, s := range firstSettings {
			if v.Start != "runs" && strings.Contains(line, s.text) {
				return s.param
			}
		}
	}
	return ""
}

// TestStartVerdicts compares with starts of real servers: those that ended
// because of a TLS domain must have an error here, for the same setting first,
// and those that ran must have none.
func TestStartVerdicts(t *testing.T) {
	for _, version := range []string{"2.3", "2.4", "3.4"} {
		t.Run(version, func(t *testing.T) {
			dir := facts(t, "check", version)
			seen := map[string]int{}
			for _, v := range jsonLines[verdict](t, filepath.Join(dir, "verdicts.jsonl")) {
				if v.Check != "accepted" || v.Start != "runs" && v.blamed() == "" {
					continue
				}
				seen[v.blamed()]++
				t.Run(v.Case, func(t *testing.T) { compareStart(t, dir, version, v) })
			}
			for _, s := range firstSettings[:3] {
				if seen[s.param] == 0 {
					t.Errorf("no case blames %s", s.param)
				}
			}
		})
	}
}

func compareStart(t *testing.T, dir, version string, v verdict) {
	config := loadCase(t, dir, version, v.Case)
	if !config.Accepted() {
		t.Skipf("not read as the server reads it, which is not tested here: %v", config.Diagnostics)
	}
	blamed := firstError(t, config)
	if want := v.blamed(); blamed != want {
		t.Errorf("the first error is with %q, the server's with %q: %s", blamed, want, strings.Join(v.StartErrors, "; "))
	}
}

func loadCase(t *testing.T, dir, version, name string) *cfg.Config {
	t.Helper()
	v, err := catalogue.ParseVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, name+".cfg")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("@CERTS@", facts(t, "certs"), "@CASES@", dir, "@RUN@", t.TempDir(), "@MODULES@", "/usr/lib/opensips/modules/")
	config, err := cfg.Parse(file, fill.Replace(string(text)), cfg.Options{Version: v, FS: filledFiles{fill}, ConfigDir: t.TempDir() + "/"})
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// filledFiles are the files of the recordings with their placeholders filled
// in.
type filledFiles struct{ fill *strings.Replacer }

func (f filledFiles) Open(name string) (fs.File, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return fstest.MapFS{"file": {Data: []byte(f.fill.Replace(string(text)))}}.Open("file")
}

// firstError is the setting of the first error in the order of a server: the
// server domains first, then the client domains; private keys last in each.
func firstError(t *testing.T, config *cfg.Config) (param string) {
	t.Helper()
	loader := tlsctx.NewLoader(tlsctx.Options{Version: config.Version, Now: recordedAt}, nil)
	keyParam := ""
	all := config.TLS.Domains
	if d := config.TLS.DefaultServer; d != nil {
		all = append([]*domain.Definition{d, config.TLS.DefaultClient}, all...)
	}
	for _, d := range all {
		context, problems := loader.Load(d)
		if (context == nil) != problems.HasErrors() {
			t.Errorf("domain %q: context %v with %v", d.Name, context, problems)
		}
		for _, p := range problems {
			switch {
			case p.Severity != diag.Error:
			case p.Param == "private_key":
				keyParam = p.Param
			case param == "":
				param = p.Param
			}
		}
	}
	if param == "" {
		return keyParam
	}
	return param
}

// scenario is a recorded reload.
type scenario struct {
	Scenario     string
	Tables       *tables
	DomainsAfter [][2]string `json:"domains_after"`
	Log          []string
}

type tables struct {
	Rows []row `json:"tls_mgm"`
}

type row struct {
	ID          int64
	Domain      string
	Type        int
	Certificate blob
	PrivateKey  blob   `json:"private_key"`
	CAList      blob   `json:"ca_list"`
	DHParams    blob   `json:"dh_params"`
	CRLDir      string `json:"crl_dir"`
	CADir       string `json:"ca_dir"`
	CipherList  string `json:"cipher_list"`
	ECCurve     string `json:"ec_curve"`
	VerifyCert  int    `json:"verify_cert"`
	RequireCert int    `json:"require_cert"`
}

// blob is a text, or the content of a file.
type blob struct{ text, file string }

func (b *blob) UnmarshalJSON(data []byte) error {
	var file struct{ File string }
	if err := json.Unmarshal(data, &file); err == nil {
		b.file = file.File
		return nil
	}
	return json.Unmarshal(data, &b.text)
}

func (b blob) content(t *testing.T) []byte {
	t.Helper()
	if b.file == "" {
		return []byte(b.text)
	}
	text, err := os.ReadFile(strings.ReplaceAll(b.file, "@CERTS@", facts(t, "certs")))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// definition is the domain of a row, where empty columns are the defaults.
func (r row) definition(t *testing.T) *domain.Definition {
	t.Helper()
	kind := domain.Server
	if r.Type == 1 {
		kind = domain.Client
	}
	d := domain.New(kind, r.Domain, t.TempDir()+"/")
	from := domain.Origin{Row: r.ID}
	d.VerifyCert, d.RequireCert = domain.Flag{On: r.VerifyCert != 0, From: from}, domain.Flag{On: r.RequireCert != 0, From: from}
	for _, m := range []struct {
		to   *domain.Material
		blob blob
	}{{&d.Certificate, r.Certificate}, {&d.PrivateKey, r.PrivateKey}, {&d.CAList, r.CAList}, {&d.DHParams, r.DHParams}} {
		if content := m.blob.content(t); len(content) > 0 {
			*m.to = domain.Material{Blob: content, From: from}
		}
	}
	for _, x := range []struct {
		to    *domain.Text
		value string
	}{{&d.CRLDir, r.CRLDir}, {&d.CADir, r.CADir}, {&d.CiphersList, r.CipherList}, {&d.ECCurve, r.ECCurve}} {
		if x.value != "" {
			*x.to = domain.Text{Value: x.value, From: from}
		}
	}
	return d
}

// TestReloadedRows compares the rows that real servers leave out because of
// their settings with those that have an error here.
func TestReloadedRows(t *testing.T) {
	for _, version := range []string{"2.3", "2.4", "3.4"} {
		t.Run(version, func(t *testing.T) {
			v, err := catalogue.ParseVersion(version)
			if err != nil {
				t.Fatal(err)
			}
			skipped := 0
			for _, s := range jsonLines[scenario](t, facts(t, "reload", version+".jsonl")) {
				if s.Tables == nil || s.DomainsAfter == nil {
					continue
				}
				for _, r := range s.Tables.Rows {
					if s.refused(r) {
						continue
					}
					want := s.left(r)
					if want {
						skipped++
					}
					t.Run(s.Scenario+" "+r.Domain, func(t *testing.T) {
						context, problems := tlsctx.NewLoader(tlsctx.Options{Version: v, Now: recordedAt}, nil).Load(r.definition(t))
						if left := context == nil; left != want {
							t.Errorf("left out: %t, by the server: %t; %v", left, want, problems)
						}
					})
				}
			}
			if skipped == 0 {
				t.Error("no row was left out")
			}
		})
	}
}

// refused reports whether the row makes no domain at all, for its name, type
// or address.
func (s scenario) refused(r row) bool {
	return strings.Contains(strings.Join(s.Log, " "), "failed to add TLS domain '"+r.Domain+"'")
}

// left reports whether the server left the domain of the row out. A default
// domain is listed either way.
func (s scenario) left(r row) bool {
	if r.Domain == "default" {
		return strings.Contains(strings.Join(s.Log, " "), "Failed to init TLS domain 'default'")
	}
	return !slices.ContainsFunc(s.DomainsAfter, func(d [2]string) bool { return d[0] == r.Domain })
}
