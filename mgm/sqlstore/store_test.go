package sqlstore

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/mgm"
)

// fullRow has every column of a schema version set.
func fullRow(t testing.TB, version int) mgm.Row {
	certificate, key := certificateAndKey(t)
	row := mgm.Row{
		Domain: "atlanta", Type: new(int64(2)), Method: "TLSv1_2",
		VerifyCert: new(int64(0)), RequireCert: new(int64(1)), CRLCheckAll: new(int64(1)),
		Certificate: bytes.ReplaceAll(certificate, []byte("\n"), []byte("\r\n")),
		PrivateKey:  key,
		CAList:      append([]byte("# the CA of \xe4\x00\\x41 'atlanta'\r\n"), certificate...),
		DHParams:    []byte("-----BEGIN DH PARAMETERS-----\r\n"),
		CRLDir:      "/etc/pki/crl/", CADir: "/etc/pki/CA/", CipherList: "HIGH:!aNULL", ECCurve: "prime256v1",
	}
	if version == 2 {
		row.Address = "192.0.2.1:5061"
	} else {
		row.MatchIPAddress, row.MatchSIPDomain = "192.0.2.1:5061,192.0.2.2:5061", "*.atlanta.example.com"
	}
	return row
}

func TestRowsGiveWhatWasImported(t *testing.T) {
	for _, version := range []int{2, 3} {
		t.Run(fmt.Sprint("schema ", version), func(t *testing.T) {
			eachDatabase(t, func(t *testing.T, u URL) {
				s := newTables(t, u, Options{SchemaVersion: version})
				want := fullRow(t, version)
				done, err := s.Import(t.Context(), []mgm.Row{want}, ImportOptions{})
				if err != nil || done != (Imported{Inserted: 1}) {
					t.Fatal(done, err)
				}
				want.ID = 1
				if diff := cmp.Diff([]mgm.Row{want}, load(t, s)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestRowsWithoutValuesGetTheTablesDefaults(t *testing.T) {
	eachDatabase(t, func(t *testing.T, u URL) {
		s := newTables(t, u, Options{})
		if _, err := s.Import(t.Context(), []mgm.Row{{Domain: "biloxi"}}, ImportOptions{}); err != nil {
			t.Fatal(err)
		}
		want := mgm.Row{
			ID: 1, Domain: "biloxi", Type: new(int64(1)), Method: "SSLv23",
			VerifyCert: new(int64(1)), RequireCert: new(int64(1)), CRLCheckAll: new(int64(0)),
		}
		if diff := cmp.Diff([]mgm.Row{want}, load(t, s)); diff != "" {
			t.Error(diff)
		}
		// What crashes a real 2.3 must not be NULL.
		notNull := []string{"crl_dir", "ca_dir", "cipher_list", "dh_params", "ec_curve"}
		var nulls int
		if err := open(t, u).QueryRow("SELECT COUNT(*) FROM " + s.quotedTable + " WHERE " +
			strings.Join(notNull, " IS NULL OR ") + " IS NULL").Scan(&nulls); err != nil || nulls != 0 {
			t.Errorf("%d rows with NULL in one of %v (%v)", nulls, notNull, err)
		}
	})
}

func TestNULLAndEmptyAreTheDefault(t *testing.T) {
	eachDatabase(t, func(t *testing.T, u URL) {
		s := newTables(t, u, Options{})
		run(t, s, "INSERT INTO "+s.quotedTable+` (domain, address, type, method, verify_cert, require_cert, certificate, private_key,
				crl_check_all, crl_dir, ca_list, ca_dir, cipher_list, dh_params, ec_curve)
			VALUES ('null', NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`,
			"INSERT INTO "+s.quotedTable+` (domain, address, type, method, certificate, private_key, crl_dir, ca_list, ca_dir,
				cipher_list, dh_params, ec_curve, verify_cert, require_cert, crl_check_all)
			VALUES ('empty', '', 1, '', '', '', '', '', '', '', '', '', NULL, NULL, NULL)`)
		for _, row := range load(t, s) {
			want := mgm.Row{ID: row.ID, Domain: row.Domain, Type: new(int64(1))}
			if diff := cmp.Diff(want, row); diff != "" {
				t.Error(diff)
			}
		}
	})
}

func TestRowsComeByID(t *testing.T) {
	eachDatabase(t, func(t *testing.T, u URL) {
		s := newTables(t, u, Options{})
		insert := "INSERT INTO " + s.quotedTable + " (id, domain, type) VALUES "
		run(t, s, insert+"(7, 'c', 2)", insert+"(3, 'b', 2)", insert+"(1, 'z', 2)", insert+"(12, 'a', 2)",
			"UPDATE "+s.quotedTable+" SET method = 'TLSv1' WHERE id = 3") // moves the row in PostgreSQL
		if got := domains(load(t, s)); got != "z b c a" {
			t.Error(got)
		}
	})
}

func TestListHasNoPrivateKeys(t *testing.T) {
	eachDatabase(t, func(t *testing.T, u URL) {
		s := newTables(t, u, Options{})
		want := fullRow(t, 2)
		if _, err := s.Import(t.Context(), []mgm.Row{want}, ImportOptions{}); err != nil {
			t.Fatal(err)
		}
		// It is not even read: the column may be gone.
		run(t, s, "ALTER TABLE "+s.quotedTable+" DROP COLUMN private_key")
		want.ID, want.PrivateKey = 1, nil
		for row, err := range s.List(t.Context()) {
			if diff := cmp.Diff(want, row); diff != "" || err != nil {
				t.Error(diff, err)
			}
		}
	})
}

func TestImportReplacesOnlyWhenTold(t *testing.T) {
	eachDatabase(t, func(t *testing.T, u URL) {
		s := newTables(t, u, Options{})
		first := []mgm.Row{
			{Domain: "a", Type: new(int64(2)), CADir: "/old/"},
			{Domain: "a", CADir: "/client/"},
			{Domain: "b", Type: new(int64(2))},
		}
		if _, err := s.Import(t.Context(), first, ImportOptions{}); err != nil {
			t.Fatal(err)
		}
		second := []mgm.Row{
			{Domain: "new", Type: new(int64(2))},
			{Domain: "a", Type: new(int64(2)), CADir: "/new/", VerifyCert: new(int64(0))},
			{Domain: "b", Type: new(int64(2))},
		}

		before := load(t, s)
		_, err := s.Import(t.Context(), second, ImportOptions{})
		var exists *ExistsError
		if !errors.As(err, &exists) || !slices.Equal(exists.Keys, []Key{{"a", 2}, {"b", 2}}) {
			t.Fatalf("%v", err)
		}
		if diff := cmp.Diff(before, load(t, s)); diff != "" {
			t.Error("an import that was refused changed the table:", diff)
		}

		done, err := s.Import(t.Context(), second, ImportOptions{Replace: true})
		if err != nil || done != (Imported{Inserted: 1, Replaced: 2}) {
			t.Fatal(done, err)
		}
		after := load(t, s)
		if got := domains(after); got != "a a b new" {
			t.Error("a replaced row did not keep its place:", got)
		}
		if after[0].ID != before[0].ID || after[0].CADir != "/new/" || *after[0].VerifyCert != 0 || after[1].CADir != "/client/" {
			t.Errorf("%+v", after[:2])
		}
	})
}

func TestImportIsAllOrNothing(t *testing.T) {
	tooLong := strings.Repeat("x", 300)
	for name, rows := range map[string][]mgm.Row{
		"no name":       {{Domain: "ok"}, {}},
		"twice":         {{Domain: "ok"}, {Domain: "twice", Type: new(int64(1))}, {Domain: "twice"}},
		"a name of 300": {{Domain: "ok"}, {Domain: tooLong}},
	} {
		t.Run(name, func(t *testing.T) {
			eachDatabase(t, func(t *testing.T, u URL) {
				if u.dialect == sqliteDialect && name == "a name of 300" {
					t.Skip("SQLite does not limit texts")
				}
				s := newTables(t, u, Options{})
				_, err := s.Import(t.Context(), rows, ImportOptions{})
				if err == nil || !strings.Contains(err.Error(), "import into table") {
					t.Error(err)
				}
				if got := domains(load(t, s)); got != "" {
					t.Error("rows of a failed import:", got)
				}
			})
		})
	}
}

// A CA list longer than the column must not be cut, whatever the server's mode.
func TestImportDoesNotCutACAList(t *testing.T) {
	long := mgm.Row{Domain: "big", CAList: bytes.Repeat([]byte("0123456789abcde\n"), 5000)} // 80 KB
	for version, fits := range map[int]func(d *dialect) bool{
		2: func(d *dialect) bool { return d != mysqlDialect },
		3: func(*dialect) bool { return true },
	} {
		t.Run(fmt.Sprint("schema ", version), func(t *testing.T) {
			eachDatabase(t, func(t *testing.T, u URL) {
				s := newTables(t, u, Options{SchemaVersion: version})
				_, err := s.Import(t.Context(), []mgm.Row{long}, ImportOptions{})
				if fits(u.dialect) != (err == nil) {
					t.Fatal(err)
				}
				if err == nil && !bytes.Equal(load(t, s)[0].CAList, long.CAList) {
					t.Error("the CA list changed")
				}
			})
		})
	}
}

// MySQL itself cuts what is too long unless it is told to be strict.
func TestMySQLIsStrictWhenWriting(t *testing.T) {
	eachDatabase(t, func(t *testing.T, u URL) {
		if u.dialect != mysqlDialect {
			t.Skip("only MySQL cuts")
		}
		var mode string
		if err := open(t, u).QueryRow("SELECT @@sql_mode").Scan(&mode); err != nil || !strings.Contains(mode, "STRICT_ALL_TABLES") {
			t.Error(mode, err)
		}
	})
}

func TestCreateTablesAgainChangesNothing(t *testing.T) {
	eachDatabase(t, func(t *testing.T, u URL) {
		s := newTables(t, u, Options{})
		if _, err := s.Import(t.Context(), []mgm.Row{{Domain: "kept"}}, ImportOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := s.CreateTables(t.Context()); err != nil {
			t.Error(err)
		}
		if got := domains(load(t, s)); got != "kept" {
			t.Errorf("%q", got)
		}
	})
}

func TestCreateTablesAddsWhatIsMissing(t *testing.T) {
	eachDatabase(t, func(t *testing.T, u URL) {
		s := newTables(t, u, Options{})
		run(t, s, "DROP TABLE "+s.quotedTable)
		if err := s.CreateTables(t.Context()); err != nil {
			t.Fatal("with a version row and no table:", err)
		}
		load(t, s)
		run(t, s, "DROP TABLE "+s.quotedTable, "DELETE FROM "+s.quotedVersionTable)
		if err := s.CreateTables(t.Context()); err != nil {
			t.Fatal("with a version table and nothing else:", err)
		}
		load(t, s)
	})
}

func TestTablesHaveTheUniqueIndex(t *testing.T) {
	eachDatabase(t, func(t *testing.T, u URL) {
		s := newTables(t, u, Options{})
		insert := "INSERT INTO " + s.quotedTable + " (domain, type) VALUES ('a', 2)"
		run(t, s, insert)
		if _, err := open(t, u).Exec(insert); err == nil {
			t.Error("the same domain and type could be inserted twice")
		}
	})
}

func TestSchemaErrorsSayWhatToDo(t *testing.T) {
	tests := []struct {
		name     string
		prepare  func(s *Store) []string
		want     []string // parts of the message
		byCreate string   // what CreateTables says, "" if it succeeds
	}{
		{
			name:     "no version table",
			prepare:  func(s *Store) []string { return []string{"DROP TABLE " + s.quotedVersionTable} },
			want:     []string{"expected a version table", "found none", "db_version_table"},
			byCreate: "no row for it",
		},
		{
			name:     "no version row",
			prepare:  func(s *Store) []string { return []string{"DELETE FROM " + s.quotedVersionTable} },
			want:     []string{"expected version 2, found no row for it in table"},
			byCreate: "no row for it",
		},
		{
			name:     "an older version",
			prepare:  func(s *Store) []string { return []string{"UPDATE " + s.quotedVersionTable + " SET table_version = 1"} },
			want:     []string{"expected version 2, found version 1", "migrate"},
			byCreate: "found version 1",
		},
		{
			name:     "a newer version",
			prepare:  func(s *Store) []string { return []string{"UPDATE " + s.quotedVersionTable + " SET table_version = 3"} },
			want:     []string{"expected version 2, found version 3", "newer OpenSIPS"},
			byCreate: "found version 3",
		},
		{
			name:    "no table",
			prepare: func(s *Store) []string { return []string{"DROP TABLE " + s.quotedTable} },
			want:    []string{"expected a table of that name, found none", "db_table"},
		},
		{
			name: "missing columns",
			prepare: func(s *Store) []string {
				return []string{
					"ALTER TABLE " + s.quotedTable + " DROP COLUMN ec_curve",
					"ALTER TABLE " + s.quotedTable + " DROP COLUMN address",
				}
			},
			want:     []string{`expected the columns "address", "ec_curve"`, `found only "ca_dir", "ca_list"`, "domain_col"},
			byCreate: `expected the columns "address", "ec_curve"`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			eachDatabase(t, func(t *testing.T, u URL) {
				s := newTables(t, u, Options{})
				run(t, s, test.prepare(s)...)
				rows, _, err := collect(t.Context(), s)
				var schema *SchemaError
				if !errors.As(err, &schema) || rows != nil {
					t.Fatalf("%v, rows %v", err, rows)
				}
				for _, part := range test.want {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("%q is not in: %v", part, err)
					}
				}
				err = s.CreateTables(t.Context())
				if test.byCreate == "" && err != nil || test.byCreate != "" &&
					(!errors.As(err, &schema) || !strings.Contains(err.Error(), test.byCreate)) {
					t.Errorf("CreateTables: %v", err)
				}
			})
		})
	}
}

// Names that would end a badly made quotation, or the statement.
func TestNamesAreQuoted(t *testing.T) {
	for _, name := range []string{
		"tls_domain", "type", "select", "with space", `quo"te`, "gra`ve", "apo'strophe", `back\slash`, `back\\"`,
		`"; DROP TABLE x; --`, "`; DROP TABLE x; #", "question?mark", "dollar$1", "Ümläut", "[bracket]", "percent%s", ":colon", "@at",
	} {
		t.Run(name, func(t *testing.T) {
			eachDatabase(t, func(t *testing.T, u URL) {
				renamed := map[string]string{"domain": name, "type": "the " + name, "certificate": "cert " + name, "address": ""}
				o := Options{Columns: renamed}
				if !strings.Contains(name, ".") {
					o.Table = name
				}
				s := newTables(t, u, o)
				want := mgm.Row{Domain: "a", Type: new(int64(2)), Certificate: []byte("pem")}
				for _, replace := range []bool{false, true} {
					if _, err := s.Import(t.Context(), []mgm.Row{want}, ImportOptions{Replace: replace}); err != nil {
						t.Fatal(err)
					}
				}
				got := load(t, s)
				if len(got) != 1 || got[0].Domain != "a" || *got[0].Type != 2 || string(got[0].Certificate) != "pem" {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

// SQLite reads "x" as a text when there is no column x.
func TestAMisnamedColumnIsNotATextOfItsName(t *testing.T) {
	eachDatabase(t, func(t *testing.T, u URL) {
		s := newTables(t, u, Options{})
		run(t, s, "INSERT INTO "+s.quotedTable+" (domain, type) VALUES ('a', 2)")
		s, err := New(u, Options{Table: s.table, VersionTable: s.versionTable, Columns: map[string]string{"domain": "tls_domain"}})
		if err != nil {
			t.Fatal(err)
		}
		rows, _, err := collect(t.Context(), s)
		if rows != nil || err == nil || !strings.Contains(err.Error(), `expected the columns "tls_domain"`) {
			t.Error(rows, err)
		}
	})
}

// OpenSIPS sends names without quotes, so their case does not matter to it.
func TestTheCaseOfAColumnNameDoesNotMatter(t *testing.T) {
	eachDatabase(t, func(t *testing.T, u URL) {
		s := newTables(t, u, Options{})
		run(t, s, "INSERT INTO "+s.quotedTable+" (domain, type) VALUES ('a', 2)")
		s, err := New(u, Options{Table: s.table, VersionTable: s.versionTable, Columns: map[string]string{"domain": "DOMAIN", "type": "Type"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := domains(load(t, s)); got != "a" {
			t.Error(got)
		}
	})
}

func TestATableNameMayBeQualified(t *testing.T) {
	eachDatabase(t, func(t *testing.T, u URL) {
		schema := map[*dialect]string{mysqlDialect: u.database, postgresDialect: "public", sqliteDialect: "main"}[u.dialect]
		s := newTables(t, u, Options{Table: schema + ".tls_mgm"})
		if _, err := s.Import(t.Context(), []mgm.Row{{Domain: "a"}}, ImportOptions{}); err != nil {
			t.Fatal(err)
		}
		if got := domains(load(t, s)); got != "a" {
			t.Error(got)
		}
	})
}

func TestNewRefusesImpossibleOptions(t *testing.T) {
	u := parse(t, "sqlite:///x.db")
	for want, o := range map[string]Options{
		"NUL byte":                           {Table: "a\x00b"},
		"must be UTF-8":                      {VersionTable: "\xff"},
		"cannot be empty":                    {Table: "schema."},
		`name of column "domain"`:            {Columns: map[string]string{"domain": "\x00"}},
		`has no column "domian"`:             {Columns: map[string]string{"domian": "x"}},
		`version 3 has no column "address"`:  {SchemaVersion: 3, Columns: map[string]string{"address": "x"}},
		"schema version 4 is not supported":  {SchemaVersion: 4},
		"schema version -1 is not supported": {SchemaVersion: -1},
	} {
		if _, err := New(u, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if _, err := New(URL{}, Options{}); err == nil {
		t.Error("a store of no database")
	}
}

// The modparams of a real 2.3 and 3.x, and the manual's spelling of one.
func TestColumnOfParam(t *testing.T) {
	for param, want := range map[string]string{
		"domain_col": "domain", "address_col": "address", "tls_method_col": "method", "ciphers_list_col": "cipher_list",
		"cipher_list_col": "cipher_list", "match_sip_domain_col": "match_sip_domain", "id_col": "", "": "", "db_table": "",
	} {
		if got, ok := ColumnOfParam(param); got != want || ok != (want != "") {
			t.Errorf("%s: %q", param, got)
		}
	}
}

// looseTable makes the table with columns of other types than OpenSIPS's.
func looseTable(t *testing.T, u URL, columnType string) *Store {
	s := newTables(t, u, Options{})
	var columns []string
	for _, c := range s.columns[1:] {
		columns = append(columns, c.quoted+" "+columnType)
	}
	run(t, s, "DROP TABLE "+s.quotedTable,
		"CREATE TABLE "+s.quotedTable+" (id INTEGER PRIMARY KEY, "+strings.Join(columns, ", ")+")")
	return s
}

func TestARowWithABadNumberIsReportedAndTheRestLoads(t *testing.T) {
	eachDatabase(t, func(t *testing.T, u URL) {
		columnType := "VARCHAR(100)"
		if u.dialect == sqliteDialect {
			columnType = "" // holds anything
		}
		s := looseTable(t, u, columnType)
		insert := "INSERT INTO " + s.quotedTable + " (id, domain, type, verify_cert, require_cert) VALUES "
		run(t, s,
			insert+"(1, 'good', '2', '1', '')",
			insert+"(2, 'bad type', 'server', '1', '0')",
			insert+"(3, 'bad verify', '2', 'yes', '0')",
			insert+"(4, 'too large', '2', '1', '99999999999999999999')",
			insert+"(5, 'good too', ' 1 ', NULL, '0')")
		rows, bad, err := collect(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		var reported []string
		for _, e := range bad {
			reported = append(reported, e.Error())
		}
		want := []string{
			`domain "bad type" (id 2), column "type": holds 6 bytes of text or blob that are not an integer`,
			`domain "bad verify" (id 3), column "verify_cert": holds 3 bytes of text or blob that are not an integer`,
			`domain "too large" (id 4), column "require_cert": holds a number that is too large`,
		}
		if diff := cmp.Diff(want, reported); diff != "" {
			t.Error(diff)
		}
		if got := domains(rows); got != "good good too" {
			t.Error(got)
		}
		if rows[0].RequireCert != nil || *rows[0].Type != 2 || *rows[1].Type != 1 || rows[1].VerifyCert != nil {
			t.Errorf("%+v", rows)
		}
	})
}

// SQLite's columns hold values of any type.
func TestSQLiteValuesOfOtherTypes(t *testing.T) {
	s := looseTable(t, sqliteURL(t), "")
	insert := "INSERT INTO " + s.quotedTable + " (id, domain, type, certificate) VALUES "
	run(t, s,
		insert+"(1, x'61', 2.0, 'text')", // a blob for a text, a whole fraction for a number
		insert+"(2, 'fraction', 1.5, NULL)",
		insert+"(3, 'blob', x'00ff', NULL)",
		insert+"(4, 'number for PEM', 1, 5)",
		insert+"(5, 1.5, 1, NULL)",
		insert+"(6, 17, 1, x'0d0a')")
	rows, bad, err := collect(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if got := domains(rows); got != "a 17" || string(rows[0].Certificate) != "text" || string(rows[1].Certificate) != "\r\n" {
		t.Errorf("%+v", rows)
	}
	var reported []string
	for _, e := range bad {
		reported = append(reported, fmt.Sprint(e.ID, " ", e.Column, " ", e.Err))
	}
	want := []string{
		"2 type holds a fraction that is not an integer",
		"3 type holds 2 bytes of text or blob that are not an integer",
		"4 certificate holds a number where PEM is expected",
		"5 domain holds a fraction where text is expected",
	}
	if diff := cmp.Diff(want, reported); diff != "" {
		t.Error(diff)
	}
}

func TestBooleanColumnsAreNumbers(t *testing.T) {
	eachDatabase(t, func(t *testing.T, u URL) {
		s := newTables(t, u, Options{})
		run(t, s, "ALTER TABLE "+s.quotedTable+" DROP COLUMN verify_cert",
			"ALTER TABLE "+s.quotedTable+" ADD COLUMN verify_cert BOOLEAN",
			"INSERT INTO "+s.quotedTable+" (domain, verify_cert) VALUES ('a', TRUE), ('b', FALSE), ('c', NULL)")
		rows := load(t, s)
		if *rows[0].VerifyCert != 1 || *rows[1].VerifyCert != 0 || rows[2].VerifyCert != nil {
			t.Errorf("%+v", rows)
		}
	})
}

func TestPEMInATextColumn(t *testing.T) {
	eachDatabase(t, func(t *testing.T, u URL) {
		s := newTables(t, u, Options{})
		text := fmt.Sprintf(u.dialect.types.text, 200)
		alter := map[*dialect]string{
			sqliteDialect:   "SELECT 1", // a blob column takes text as it is
			mysqlDialect:    "ALTER TABLE " + s.quotedTable + " MODIFY certificate " + text,
			postgresDialect: "ALTER TABLE " + s.quotedTable + " ALTER certificate TYPE " + text + " USING ''",
		}[u.dialect]
		db := open(t, u)
		const pem = "-----BEGIN CERTIFICATE-----\r\nMIIB\r\n"
		if _, err := db.Exec(alter); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec("INSERT INTO "+s.quotedTable+" (domain, certificate) VALUES ('a', "+u.dialect.placeholder(1)+")", pem); err != nil {
			t.Fatal(err)
		}
		if got := load(t, s); string(got[0].Certificate) != pem {
			t.Errorf("%q", got[0].Certificate)
		}
	})
}

func TestStoppingEarlyLeavesNothingBehind(t *testing.T) {
	eachDatabase(t, func(t *testing.T, u URL) {
		s := newTables(t, u, Options{})
		var rows []mgm.Row
		for i := range 300 {
			rows = append(rows, mgm.Row{Domain: fmt.Sprint("d", i), Certificate: bytes.Repeat([]byte("x"), 30_000)})
		}
		if _, err := s.Import(t.Context(), rows, ImportOptions{}); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			seen := 0
			for _, err := range s.Rows(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				if seen++; seen == 2 {
					break
				}
			}
		}
		if got := len(load(t, s)); got != len(rows) {
			t.Errorf("%d rows after loads that were broken off", got)
		}
		// No lock is left either.
		run(t, s, "DELETE FROM "+s.quotedTable)
	})
}
