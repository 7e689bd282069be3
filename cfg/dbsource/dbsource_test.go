package dbsource

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/sqlstore"
)

func parse(t *testing.T, lines ...string) *cfg.Config {
	t.Helper()
	text := "loadmodule \"tls_mgm.so\"\n" + strings.Join(lines, "\n") + "\nroute { exit; }\n"
	c, err := cfg.Parse("opensips.cfg", text, cfg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOptions(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  sqlstore.Options
	}{
		{"nothing set", nil, sqlstore.Options{Table: "tls_mgm", VersionTable: "version", SchemaVersion: 2, Columns: map[string]string{}}},
		{
			"everything renamed",
			[]string{
				`db_version_table="versions"`,
				`modparam("tls_mgm", "db_table", "domains")`,
				`modparam("tls_mgm", "domain_col", "name")`,
				`modparam("tls_mgm", "ciphers_list_col", "ciphers")`,
				`modparam("tls_mgm", "tls_method_col", "protocol")`,
			},
			sqlstore.Options{
				Table: "domains", VersionTable: "versions", SchemaVersion: 2,
				Columns: map[string]string{"domain": "name", "cipher_list": "ciphers", "method": "protocol"},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Options(parse(t, tt.lines...))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSchemaVersion(t *testing.T) {
	for version, want := range map[string]int{"2.1": 2, "2.3": 2, "2.4": 2, "3.0": 3, "3.4": 3, "4.0": 3} {
		v, err := catalogue.ParseVersion(version)
		if err != nil {
			t.Fatal(err)
		}
		if got := SchemaVersion(v); got != want {
			t.Errorf("OpenSIPS %s: schema %d, want %d", version, got, want)
		}
	}
}

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tls.db")
	store, err := Open(parse(t, `modparam("tls_mgm", "db_url", "sqlite://`+path+`")`, `modparam("tls_mgm", "db_table", "domains")`))
	if err != nil {
		t.Fatal(err)
	}
	if err := store.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	for row, err := range store.Rows(t.Context()) {
		t.Errorf("row %v, error %v in a new table", row, err)
	}
	if got := store.String(); !strings.Contains(got, `"domains"`) || !strings.Contains(got, path) {
		t.Errorf("opened %s", got)
	}
}

func TestOpenRefuses(t *testing.T) {
	for url, want := range map[string]string{
		"text:///etc/opensips/dbtext":     `scheme "text" is not supported`,
		"mysql://root:s3cret@host:x/db":   "port",
		"mysql://root:s3cret@host":        "names no database",
		"unixodbc://root:s3cret@host/dsn": `scheme "unixodbc" is not supported`,
	} {
		_, err := Open(parse(t, `modparam("tls_mgm", "db_url", "`+url+`")`))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: error %v, want %q and no password", url, err, want)
		}
	}
}
