package serve

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/dbsource"
	"github.com/opensips-tools/tlsmgm/mi"
)

const facts = "../../../shared/facts"

// reloadDifferences are the scenarios, by VERSION/SCENARIO, in which ours differs
// from a real server, each with the reason.
var reloadDifferences = map[string]string{
	"2.3/db_file_gone": "a real server goes on reading the removed file through its open handle; ours opens it anew, fails and keeps the domains",
	"2.4/db_file_gone": "as in 2.3",

	"2.3/defaults_omitted": "a real 2.3 crashes on NULL; ours does what 2.4 does",
}

// scenario is one recorded reload.
type scenario struct {
	Scenario string
	Tables   *recordedTables
	Answer   string      `json:"reload_answer"`
	Domains  [][2]string `json:"domains_after"`
	List     string      `json:"list_after"`
}

type recordedTables struct {
	Version []struct {
		Name    string `json:"table_name"`
		Version int    `json:"table_version"`
	}
	Rows []map[string]recordedValue `json:"tls_mgm"` // nil: there is no table
}

// recordedValue is a number, a text, NULL or the content of a file.
type recordedValue struct{ value any }

func (v *recordedValue) UnmarshalJSON(data []byte) error {
	var file struct{ File, As string }
	if err := json.Unmarshal(data, &file); err != nil || file.File == "" {
		return json.Unmarshal(data, &v.value)
	}
	content, err := os.ReadFile(strings.Replace(file.File, "@CERTS@", filepath.Join(facts, "certs"), 1))
	if v.value = content; file.As == "text" {
		v.value = string(content)
	}
	return err
}

func scenarios(t *testing.T, version string) (list []scenario) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(facts, "reload", version+".jsonl"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("no recordings here")
	}
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		var s scenario
		if err := json.Unmarshal(line, &s); err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// database is where a test keeps its tables.
type database struct {
	url         string // as db_url has it
	driver, dsn string // as database/sql has it
	module      string // of OpenSIPS
}

func databases() map[string]func(t *testing.T) database {
	return map[string]func(t *testing.T) database{
		"sqlite": func(t *testing.T) database {
			path := filepath.Join(t.TempDir(), "tls.db")
			return database{url: "sqlite://" + path, driver: "sqlite3", dsn: path, module: "db_sqlite.so"}
		},
		"mysql": func(t *testing.T) database {
			url := fromEnvironment(t, "TLSMGM_TEST_MYSQL")
			login, rest, _ := strings.Cut(strings.TrimPrefix(url, "mysql://"), "@")
			address, name, _ := strings.Cut(rest, "/")
			return database{url: url, driver: "mysql", dsn: login + "@tcp(" + address + ")/" + name, module: "db_mysql.so"}
		},
		"postgres": func(t *testing.T) database {
			url := fromEnvironment(t, "TLSMGM_TEST_POSTGRES")
			return database{url: url, driver: "pgx", dsn: url, module: "db_postgres.so"}
		},
	}
}

// fromEnvironment is the db_url of a server for tests.
func fromEnvironment(t *testing.T, variable string) string {
	t.Helper()
	url := os.Getenv(variable)
	if url == "" {
		t.Skipf("%s is not set", variable)
	}
	return url
}

// recordedSite is the server of the recordings on a database.
type recordedSite struct {
	config *cfg.Config
	db     *sql.DB
	driver string
	tables [2]string // tls_mgm and version, under names of their own
	certs  string
}

func newRecordedSite(t *testing.T, version string, d database) *recordedSite {
	t.Helper()
	suffix := fmt.Sprintf("_%08x", rand.Uint32())
	s := &recordedSite{driver: d.driver, tables: [2]string{"tls_mgm" + suffix, "version" + suffix}}
	var err error
	if s.certs, err = filepath.Abs(filepath.Join(facts, "certs")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(facts, "reload", version+".cfg"))
	if err != nil {
		t.Fatal(err)
	}
	script := strings.NewReplacer(
		"@CERTS@", s.certs, "@MODULES@", "/usr/lib/opensips/modules/",
		"sqlite://@RUN@/"+version+".db", d.url, "db_sqlite.so", d.module,
		"route{", "db_version_table=\""+s.tables[1]+"\"\nmodparam(\"tls_mgm\", \"db_table\", \""+s.tables[0]+"\")\nroute{",
	).Replace(string(text))
	v, err := catalogue.ParseVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	if s.config, err = cfg.Parse(version+".cfg", script, cfg.Options{Version: v, ConfigDir: "/nosuch/"}); err != nil {
		t.Fatal(err)
	}
	if s.db, err = sql.Open(d.driver, d.dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if d.driver != "sqlite3" { // its file goes with its folder
			for _, table := range s.tables {
				s.exec(t, "DROP TABLE IF EXISTS "+table)
			}
		}
		_ = s.db.Close()
	})
	return s
}

func (s *recordedSite) exec(t *testing.T, statement string, values ...any) {
	t.Helper()
	if _, err := s.db.Exec(statement, values...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// create makes the tables anew.
func (s *recordedSite) create(t *testing.T) {
	t.Helper()
	for _, table := range s.tables {
		s.exec(t, "DROP TABLE IF EXISTS "+table)
	}
	store, err := dbsource.Open(s.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// fill makes the tables as they were recorded.
func (s *recordedSite) fill(t *testing.T, tables *recordedTables) {
	t.Helper()
	s.create(t)
	s.exec(t, "DELETE FROM "+s.tables[1])
	for _, row := range tables.Version {
		name := strings.Replace(row.Name, "tls_mgm", s.tables[0], 1)
		s.exec(t, fmt.Sprintf("INSERT INTO %s (table_name, table_version) VALUES ('%s', %d)", s.tables[1], name, row.Version))
	}
	if tables.Rows == nil {
		s.exec(t, "DROP TABLE "+s.tables[0])
		return
	}
	if twice(tables.Rows) {
		// The recording's table had no unique index.
		s.exec(t, fmt.Sprintf("CREATE TABLE copy%s AS SELECT * FROM %s", s.tables[0], s.tables[0]))
		s.exec(t, "DROP TABLE "+s.tables[0])
		s.exec(t, fmt.Sprintf("ALTER TABLE copy%s RENAME TO %s", s.tables[0], s.tables[0]))
	}
	for _, row := range tables.Rows {
		s.insert(t, row)
	}
}

func twice(rows []map[string]recordedValue) bool {
	seen := map[string]bool{}
	for _, row := range rows {
		key := fmt.Sprint(row["domain"], row["type"])
		if seen[key] {
			return true
		}
		seen[key] = true
	}
	return false
}

func (s *recordedSite) insert(t *testing.T, row map[string]recordedValue) {
	t.Helper()
	var names, placeholders []string
	var values []any
	for i, name := range slices.Sorted(maps.Keys(row)) {
		names = append(names, name)
		placeholder, value := "?", row[name].value
		if s.driver == "pgx" {
			placeholder = fmt.Sprintf("$%d", i+1)
			if text, ok := value.(string); ok && slices.Contains([]string{"certificate", "private_key", "ca_list", "dh_params"}, name) {
				value = []byte(text)
			}
		}
		placeholders, values = append(placeholders, placeholder), append(values, value)
	}
	s.exec(t, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", s.tables[0], strings.Join(names, ", "), strings.Join(placeholders, ", ")), values...)
}

// initial is the table before each scenario: a default for both kinds, a server
// and a client domain.
func (s *recordedSite) initial(t *testing.T) *recordedTables {
	t.Helper()
	row := func(id float64, name string, kind float64, address, method, certificate string) map[string]recordedValue {
		file := func(suffix string) recordedValue {
			content, err := os.ReadFile(filepath.Join(s.certs, certificate+suffix))
			if err != nil {
				t.Fatal(err)
			}
			return recordedValue{string(content)}
		}
		return map[string]recordedValue{
			"id": {id}, "domain": {name}, "type": {kind}, "address": {address}, "method": {method},
			"verify_cert": {0.0}, "require_cert": {0.0}, "crl_check_all": {0.0},
			"certificate": file(".pem"), "private_key": file(".key"),
			"crl_dir": {""}, "ca_dir": {""}, "cipher_list": {""}, "ec_curve": {""},
		}
	}
	tables := &recordedTables{Rows: []map[string]recordedValue{
		row(1, "default", 0, "", "SSLv23", "dbdef"),
		row(2, "dbsv", 2, "127.0.0.1:5062", "TLSv1_2", "dbsv"),
		row(3, "dbcl", 1, "127.0.0.1:5098", "TLSv1", "dbsv"),
	}}
	tables.Version = append(tables.Version, struct {
		Name    string `json:"table_name"`
		Version int    `json:"table_version"`
	}{"tls_mgm", 2})
	return tables
}

// TestRecordedReloads does what was done to real servers: the answers, the
// domains afterwards and their order are the same, on every database.
func TestRecordedReloads(t *testing.T) {
	for name, makeDatabase := range databases() {
		t.Run(name, func(t *testing.T) {
			d := makeDatabase(t)
			for _, version := range []string{"2.3", "2.4"} {
				for _, recorded := range scenarios(t, version) {
					t.Run(version+"/"+recorded.Scenario, func(t *testing.T) {
						if reloadDifferences[version+"/defaults_omitted"] != "" && recorded.Scenario == "defaults_omitted" {
							recorded = find(t, scenarios(t, "2.4"), recorded.Scenario)
						}
						if recorded.Tables == nil && reloadDifferences[version+"/"+recorded.Scenario] != "" {
							t.Skip("see TestRemovedDatabase")
						}
						replayReload(t, version, d, recorded)
					})
				}
			}
		})
	}
}

func find(t *testing.T, list []scenario, name string) scenario {
	t.Helper()
	i := slices.IndexFunc(list, func(s scenario) bool { return s.Scenario == name })
	if i < 0 {
		t.Fatalf("there is no scenario %s", name)
	}
	return list[i]
}

func replayReload(t *testing.T, version string, d database, recorded scenario) {
	s := newRecordedSite(t, version, d)
	s.fill(t, s.initial(t))
	url := s.run(t)
	if want, got := 7, strings.Count(get(t, url+"/json/tls_list"), `"value"`); got != want {
		t.Fatalf("%d domains before the reload, want %d", got, want)
	}
	s.fill(t, recorded.Tables)
	answer := recorded.Answer
	if answer == "" {
		answer = "{}" // see docs/mi.md
	}
	if got := get(t, url+"/json/tls_reload"); got != answer {
		t.Errorf("answered %s, a real server %s", got, answer)
	}
	list := get(t, url+"/json/tls_list")
	if diff := cmp.Diff(recorded.Domains, domainsOf(t, list)); diff != "" {
		t.Errorf("domains (-real +ours):\n%s", diff)
	}
	perDomain := func(list string) []string { return strings.SplitAfter(list, "}}, ") }
	if diff := cmp.Diff(perDomain(asList(recorded.List)), perDomain(strings.ReplaceAll(list, s.certs, "@CERTS@"))); diff != "" {
		t.Errorf("list (-real +ours):\n%s", diff)
	}
}

// certPath is where the recording server of 2.4 had its certificates.
var certPath = regexp.MustCompile(`(\\/\w+)+\\/certs`)

// asList writes a recorded listing as ours: a list in place of members of one
// name, and / as it is.
func asList(recorded string) string {
	list := certPath.ReplaceAllString(recorded, "@CERTS@")
	list = strings.NewReplacer(`}, "Domain": {"value"`, `}, {"value"`, `\/`, `/`).Replace(list)
	list = strings.Replace(list, `{"Domain": {`, `{"Domain": [{`, 1)
	return strings.TrimSuffix(list, "}") + "]}"
}

func domainsOf(t *testing.T, list string) (domains [][2]string) {
	t.Helper()
	var tree struct {
		Domain []struct {
			Value    string
			Children map[string]any
		}
	}
	if err := json.Unmarshal([]byte(list), &tree); err != nil {
		t.Fatal(err)
	}
	for _, d := range tree.Domain {
		domains = append(domains, [2]string{d.Value, strings.TrimPrefix(d.Children["Type"].(string), "TLS_DOMAIN_")})
	}
	return domains
}

func (s *recordedSite) run(t *testing.T) (base string) {
	t.Helper()
	site := &site{config: s.config, log: &logBuffer{}, dir: "/nosuch"}
	_, url := site.run(t, Options{Server: mi.ServerConfig{Listen: "127.0.0.1:0"}})
	return strings.TrimSuffix(url, "/mi")
}

func get(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestRemovedDatabase is the scenario db_file_gone, where ours differs.
func TestRemovedDatabase(t *testing.T) {
	for name := range reloadDifferences {
		version, scenario, _ := strings.Cut(name, "/")
		if scenario != "db_file_gone" {
			continue
		}
		t.Run(version, func(t *testing.T) {
			d := databases()["sqlite"](t)
			if _, err := os.Stat(facts); err != nil {
				t.Skip("no recordings here")
			}
			s := newRecordedSite(t, version, d)
			s.fill(t, s.initial(t))
			url := s.run(t)
			before := get(t, url+"/json/tls_list")
			if err := os.Remove(d.dsn); err != nil {
				t.Fatal(err)
			}
			if got := get(t, url+"/json/tls_reload"); got != `{"error": {"code": 500, "message": "Failed to reload"}}` {
				t.Errorf("answered %s", got)
			}
			if got := get(t, url+"/json/tls_list"); got != before {
				t.Errorf("the domains changed: %s", got)
			}
		})
	}
}
