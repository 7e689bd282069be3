package main

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/opensips-tools/tlsmgm/mgm/certtest/certfiles"
)

// server is a database server for tests.
type server struct {
	variable string // of the environment, with its db_url
	driver   string
	module   string // of OpenSIPS
	// reader makes a user who may read the tables and nothing else, in which
	// {user}, {password}, {table} and {versions} stand for those of the test.
	reader []string
}

var servers = map[string]server{
	"mysql": {
		variable: "TLSMGM_TEST_MYSQL", driver: "mysql", module: "db_mysql.so",
		reader: []string{"CREATE USER {user} IDENTIFIED BY '{password}'", "GRANT SELECT ON {table} TO {user}", "GRANT SELECT ON {versions} TO {user}"},
	},
	"postgres": {
		variable: "TLSMGM_TEST_POSTGRES", driver: "pgx", module: "db_postgres.so",
		reader: []string{"CREATE USER {user} PASSWORD '{password}'", "GRANT SELECT ON {table}, {versions} TO {user}"},
	},
}

// site is a script with its tables on a server, under names of their own.
type site struct {
	server
	db                    *sql.DB
	table, versions       string
	user, password        string // who may only read
	dir, file, readerFile string // scripts with the db_url of the one and the other
}

func newSite(t *testing.T, s server) *site {
	t.Helper()
	dbURL := os.Getenv(s.variable)
	if dbURL == "" {
		t.Skipf("%s is not set", s.variable)
	}
	id := strings.ToLower(rand.Text()[:8])
	made := &site{
		server: s, dir: t.TempDir(),
		table: "tls_mgm_" + id, versions: "version_" + id, user: "tlsmgm_" + id, password: "sesame" + id,
	}
	u, err := url.Parse(dbURL)
	if err != nil {
		t.Fatal(err)
	}
	source := dbURL
	if s.driver == "mysql" {
		source = fmt.Sprintf("%s@tcp(%s)%s", u.User, u.Host, u.Path)
	}
	if made.db, err = sql.Open(s.driver, source); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		made.exec(t, "DROP TABLE IF EXISTS {table}", "DROP TABLE IF EXISTS {versions}", "DROP USER IF EXISTS {user}")
		_ = made.db.Close()
	})
	pair := certfiles.SelfSigned(t, "sip.example.org")
	pair.Write(t, made.path("cert.pem"), made.path("key.pem"))
	u.User = url.UserPassword(made.user, made.password)
	made.file, made.readerFile = made.script(t, "opensips.cfg", dbURL), made.script(t, "reader.cfg", u.String())
	return made
}

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

func (s *site) exec(t *testing.T, statements ...string) {
	t.Helper()
	for _, text := range statements {
		text = strings.NewReplacer("{user}", s.user, "{password}", s.password, "{table}", s.table, "{versions}", s.versions).Replace(text)
		if _, err := s.db.Exec(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}

func (s *site) script(t *testing.T, name, dbURL string) string {
	t.Helper()
	text := fmt.Sprintf(`listen=tls:192.0.2.10:5061
db_version_table=%q
mpath="/usr/lib/opensips/modules/"
loadmodule "proto_tls.so"
loadmodule %q
loadmodule "tls_mgm.so"
modparam("tls_mgm", "db_url", %q)
modparam("tls_mgm", "db_table", %q)
modparam("tls_mgm", "certificate", %[5]q)
modparam("tls_mgm", "private_key", %[6]q)
modparam("tls_mgm", "ca_list", %[5]q)
route { exit; }
`, s.versions, s.module, dbURL, s.table, s.path("cert.pem"), s.path("key.pem"))
	certfiles.Write(t, s.path(name), []byte(text))
	return s.path(name)
}

// run runs the program, which must show no password.
func (s *site) run(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out strings.Builder
	if code := run(args, strings.NewReader(""), &out, &out); code != want {
		t.Fatalf("%q: exit code %d, want %d\n%s", args, code, want, out.String())
	}
	if strings.Contains(out.String(), s.password) || strings.Contains(out.String(), "PRIVATE KEY") {
		t.Errorf("%q: a secret is shown\n%s", args, out.String())
	}
	return out.String()
}

// content is all that is in the tables.
func (s *site) content(t *testing.T) (all [][]string) {
	t.Helper()
	for _, table := range []string{s.table, s.versions} {
		rows, err := s.db.Query("SELECT * FROM " + table + " ORDER BY 1")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			cells, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
			for i := range cells {
				into[i] = &cells[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			line := []string{table}
			for _, cell := range cells {
				line = append(line, fmt.Sprint(cell.Valid, cell.String))
			}
			all = append(all, line)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestCheckDatabase has check --db look at the rows of a database server, which it
// may only read, and leave them as they are.
func TestCheckDatabase(t *testing.T) {
	for name, server := range servers {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, server)
			s.run(t, exitOK, "db", "create", "-f", s.file)
			for _, row := range [][]string{
				{"--domain", "phones", "--address", "192.0.2.10:5061", "--ca-list", s.path("cert.pem"), "--tls-method", "TLSv1"},
				{"--domain", "plain", "--address", "192.0.2.10:5062", "--verify-cert", "0", "--require-cert", "0"},
			} {
				s.run(t, exitOK, append([]string{"db", "import", "-f", s.file, "--certificate", s.path("cert.pem"), "--private-key", s.path("key.pem")}, row...)...)
			}
			s.exec(t, s.reader...)
			before := s.content(t)
			if len(before) != 3 {
				t.Fatalf("rows are %q", before)
			}

			check := []string{"check", "--no-config", "--rules", "TLS303,TLS401", s.readerFile}
			if out := s.run(t, exitOK, check...); strings.Contains(out, "[TLS") || !strings.Contains(out, "no findings; OpenSIPS 2.3 accepts it\n") {
				t.Errorf("looked at without --db:\n%s", out)
			}
			out := s.run(t, exitOK, append(check, "--db")...)
			for _, want := range []string{
				`reader\.cfg:7:31: warning: tls_method "TLSv1" .* \(row \d+, column "method"\) \[TLS401\]`,
				`reader\.cfg:7:31: notice: server domain "plain" \(row \d+\): .*\(column "verify_cert"\) \[TLS303\]`,
				`accepts it and starts with it\n$`,
			} {
				if !regexp.MustCompile(want).MatchString(out) {
					t.Errorf("no %s\n%s", want, out)
				}
			}
			if diff := cmp.Diff(before, s.content(t)); diff != "" {
				t.Errorf("the tables changed:\n%s", diff)
			}

			// With a table of another version, or none, the server does not start.
			s.exec(t, "UPDATE {versions} SET table_version = 7")
			if out := s.run(t, exitFindings, append(check, "--db")...); !strings.Contains(out, "does not start with it") {
				t.Errorf("a table of another version:\n%s", out)
			}
			s.exec(t, "DROP TABLE {table}")
			if out := s.run(t, exitFindings, append(check, "--db")...); !strings.Contains(out, "[database]") {
				t.Errorf("no table:\n%s", out)
			}
		})
	}
}
