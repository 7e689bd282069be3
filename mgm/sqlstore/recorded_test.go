package sqlstore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const recordings = "../../../shared/facts"

// recordedValue is a value of a recorded table: a number, a text, NULL or a
// file's content.
type recordedValue struct{ value any }

func (v *recordedValue) UnmarshalJSON(data []byte) error {
	var file struct{ File, As string }
	if err := json.Unmarshal(data, &file); err != nil {
		return json.Unmarshal(data, &v.value)
	}
	if file.File == "" { // null
		return nil
	}
	content, err := os.ReadFile(strings.Replace(file.File, "@CERTS@", filepath.Join(recordings, "certs"), 1))
	if v.value = content; file.As == "text" {
		v.value = string(content)
	}
	return err
}

type scenario struct {
	Scenario string
	Tables   *struct {
		Version []struct {
			Name    string `json:"table_name"`
			Version int    `json:"table_version"`
		}
		Rows []map[string]recordedValue `json:"tls_mgm"`
	}
	Answer  string      `json:"reload_answer"`
	Domains [][2]string `json:"domains_after"`
}

// scenarios are what a real server of that version did with its tables.
func scenarios(t *testing.T, version string) []scenario {
	t.Helper()
	recorded, err := os.ReadFile(filepath.Join(recordings, "reload", version+".jsonl"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("no recordings")
	}
	if err != nil {
		t.Fatal(err)
	}
	var all []scenario
	for line := range bytes.Lines(recorded) {
		var s scenario
		if err := json.Unmarshal(line, &s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// fill makes the tables as they were recorded.
func (r *scenario) fill(t *testing.T, s *Store) {
	t.Helper()
	db := open(t, s.url)
	defer db.Close()
	exec := func(statement string, values ...any) {
		t.Helper()
		if _, err := db.Exec(statement, values...); err != nil {
			t.Fatal(err)
		}
	}
	exec("DELETE FROM " + s.quotedVersionTable)
	for _, row := range r.Tables.Version {
		exec(s.insertVersion(), strings.Replace(row.Name, "tls_mgm", s.table, 1), row.Version)
	}
	for _, row := range r.Tables.Rows {
		var names, placeholders []string
		var values []any
		for name, value := range row {
			names = append(names, s.dialect.quote(name))
			placeholders = append(placeholders, "?")
			values = append(values, value.value)
		}
		exec(fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", s.quotedTable,
			strings.Join(names, ", "), strings.Join(placeholders, ", ")), values...)
	}
}

// TestRecordedTables holds a load against what real servers did with the same
// tables: it fails where their reload failed, gives every row otherwise, and
// in an order that explains theirs. They put each domain before those of its
// kind that came earlier.
func TestRecordedTables(t *testing.T) {
	for version, schema := range map[string]int{"2.3": 2, "2.4": 2, "3.4": 3} {
		for _, recorded := range scenarios(t, version) {
			if recorded.Tables == nil {
				continue // the file is gone: see TestARemovedAndAReplacedSQLiteFile
			}
			t.Run(version+"/"+recorded.Scenario, func(t *testing.T) {
				s := newStore(t, sqliteURL(t), Options{SchemaVersion: schema})
				if err := s.CreateTables(t.Context()); err != nil {
					t.Fatal(err)
				}
				dropUnique(t, s) // one scenario has a default domain twice
				recorded.fill(t, s)
				rows, bad, err := collect(t.Context(), s)
				if failed := strings.Contains(recorded.Answer, "Failed to reload"); failed != (err != nil) || bad != nil {
					t.Fatalf("a real server answered %q, the load: %v, %v", recorded.Answer, err, bad)
				}
				if err != nil {
					return
				}
				if len(rows) != len(recorded.Tables.Rows) {
					t.Errorf("%d rows of %d", len(rows), len(recorded.Tables.Rows))
				}
				var expected []string
				for _, row := range slices.Backward(rows) {
					expected = append(expected, row.Domain)
				}
				isOurs := func(name string) bool { return slices.Contains(expected, name) && strings.HasPrefix(name, "db") }
				var real []string
				for _, domain := range recorded.Domains {
					if isOurs(domain[0]) {
						real = append(real, domain[0])
					}
				}
				expected = slices.DeleteFunc(expected, func(name string) bool { return !slices.Contains(real, name) })
				if !slices.Equal(real, expected) {
					t.Errorf("a real server has %v, the rows give %v", real, expected)
				}
			})
		}
	}
}

// dropUnique makes the table anew without its unique index.
func dropUnique(t *testing.T, s *Store) {
	t.Helper()
	create, _, _ := strings.Cut(s.createTable(), ",\n  CONSTRAINT")
	run(t, s, "DROP TABLE "+s.quotedTable, create+")")
}
