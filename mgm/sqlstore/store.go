// Package sqlstore keeps TLS domains in an SQL database: the tls_mgm table of
// OpenSIPS, in SQLite, MySQL (or MariaDB) and PostgreSQL.
//
// A [Store] reads the table for the registry ([Store.Rows]) and does what an
// operator needs: it creates the tables, imports rows and lists them. It holds
// no connection between two operations, so that a database that was down, or
// a file that was replaced, is found as it is at the next one. Every operation
// ends with its context, at the latest.
//
// Errors name the database by its URL without the password.
package sqlstore

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/opensips-tools/tlsmgm/mgm"
)

// Options say where the rows are. The zero value is what OpenSIPS 2.x has when
// a script sets nothing but db_url.
type Options struct {
	// Table is the modparam db_table; by default "tls_mgm". It may be
	// qualified, "schema.table".
	Table string
	// VersionTable is the global db_version_table; by default "version".
	VersionTable string
	// SchemaVersion is what the version table must hold for Table: 2 for
	// OpenSIPS 2.x (the default), 3 for 3.0 and later.
	SchemaVersion int
	// Columns renames columns: their default name to the name in Table. See
	// [ColumnOfParam]. An empty name leaves the default.
	Columns map[string]string
}

// Store is a tls_mgm table in an SQL database. It is immutable and may be used
// by several goroutines.
type Store struct {
	url     URL
	dialect *dialect

	table, versionTable             string
	quotedTable, quotedVersionTable string
	schemaVersion                   int
	columns                         []boundColumn
}

var _ mgm.Source = (*Store)(nil)

// New makes a Store of the database at u. It does not connect; an error is
// about the options: a name that no database can have, an unknown column or
// schema version.
func New(u URL, o Options) (*Store, error) {
	if u.dialect == nil {
		return nil, errors.New("db_url is not set")
	}
	s := &Store{
		url:           u,
		dialect:       u.dialect,
		table:         cmp.Or(o.Table, "tls_mgm"),
		versionTable:  cmp.Or(o.VersionTable, "version"),
		schemaVersion: cmp.Or(o.SchemaVersion, oldestSchema),
	}
	if s.schemaVersion < oldestSchema || s.schemaVersion > newestSchema {
		return nil, fmt.Errorf("schema version %d is not supported: use %d for OpenSIPS 2.x, %d for 3.x",
			s.schemaVersion, oldestSchema, newestSchema)
	}
	var errTable, errVersion, errColumns error
	s.quotedTable, errTable = quoteTable(s.table, s.dialect.quote)
	s.quotedVersionTable, errVersion = quoteTable(s.versionTable, s.dialect.quote)
	s.columns, errColumns = bindColumns(s.schemaVersion, o.Columns, s.dialect.quote)
	if err := errors.Join(errTable, errVersion, errColumns); err != nil {
		return nil, fmt.Errorf("options for %s: %w", u.Redacted(), err)
	}
	return s, nil
}

// quoteTable quotes each part of a qualified name.
func quoteTable(name string, quote func(string) string) (string, error) {
	parts := strings.Split(name, ".")
	for i, part := range parts {
		if err := checkName(part); err != nil {
			return "", fmt.Errorf("table name %q: %w", name, err)
		}
		parts[i] = quote(part)
	}
	return strings.Join(parts, "."), nil
}

// checkName refuses what no quoting can make a name of.
func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("an identifier cannot be empty")
	case strings.ContainsRune(name, 0):
		return errors.New("an identifier cannot hold a NUL byte")
	case !utf8.ValidString(name):
		return errors.New("an identifier must be UTF-8")
	}
	return nil
}

// String names the table and its database, without the password.
func (s *Store) String() string {
	return fmt.Sprintf("table %q of %s", s.table, s.url.Redacted())
}
