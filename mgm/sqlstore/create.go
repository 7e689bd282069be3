package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// CreateTables makes the table as OpenSIPS ships it for the schema version,
// under the names of the options, its row in the version table, and the
// version table itself where there is none. An SQLite file is created too.
// Tables that are there already and complete are left as they are; a
// [*SchemaError] says that they are there and differ, and nothing is changed.
//
// MySQL cannot undo CREATE TABLE: a failure there may leave the version row
// without its table, which another call completes.
func (s *Store) CreateTables(ctx context.Context) error {
	session, err := s.connect(ctx, creating)
	if err == nil {
		defer session.close()
		err = session.createTables(ctx)
	}
	return s.failed("create", err)
}

func (s *session) createTables(ctx context.Context) error {
	found, err := s.version(ctx)
	if err != nil && s.dialect.absent(err) != tableAbsent {
		return err
	}
	if found != nil && *found != int64(s.schemaVersion) {
		return s.wrongVersion(found)
	}
	present, err := s.present(ctx)
	switch {
	case s.dialect.absent(err) == tableAbsent:
		return s.inTransaction(ctx, func(tx *sql.Tx) error { return s.createIn(ctx, tx, found != nil) })
	case err != nil:
		return err
	}
	if absent := missing(s.columns, present); absent != nil {
		return s.noColumns(absent, present, nil)
	}
	if found == nil {
		return s.wrongVersion(nil)
	}
	return nil
}

// createIn writes the version row first: where CREATE TABLE cannot be undone,
// another call completes what is there.
func (s *session) createIn(ctx context.Context, tx *sql.Tx, hasVersion bool) error {
	exec := func(statement string, values ...any) error {
		_, err := tx.ExecContext(ctx, statement, values...)
		return s.explain(err)
	}
	if !hasVersion {
		if err := exec(s.createVersionTable()); err != nil {
			return err
		}
		if err := exec(s.insertVersion(), s.table, s.schemaVersion); err != nil {
			return err
		}
	}
	return exec(s.createTable())
}

func (s *Store) insertVersion() string {
	d := s.dialect
	return fmt.Sprintf("INSERT INTO %s (%s, %s) VALUES (%s, %s)", s.quotedVersionTable,
		d.quote("table_name"), d.quote("table_version"), d.placeholder(1), d.placeholder(2))
}

// createVersionTable is OpenSIPS's scripts/*/standard-create.sql.
func (s *Store) createVersionTable() string {
	d := s.dialect
	return fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (%s %s NOT NULL, %s %s DEFAULT 0 NOT NULL, UNIQUE (%s))%s",
		s.quotedVersionTable,
		d.quote("table_name"), fmt.Sprintf(d.types.text, 32),
		d.quote("table_version"), d.types.unsigned,
		d.quote("table_name"), d.tableOption)
}

func (s *Store) createTable() string {
	var definitions []string
	for _, c := range s.columns {
		definitions = append(definitions, c.quoted+" "+c.sqlType(s.dialect.types, s.schemaVersion))
	}
	unqualified := s.table[strings.LastIndexByte(s.table, '.')+1:]
	definitions = append(definitions, fmt.Sprintf("CONSTRAINT %s UNIQUE (%s, %s)",
		s.dialect.quote(s.dialect.indexName(unqualified)),
		withName(s.columns, "domain").quoted, withName(s.columns, "type").quoted))
	return fmt.Sprintf("CREATE TABLE %s (\n  %s\n)%s",
		s.quotedTable, strings.Join(definitions, ",\n  "), s.dialect.tableOption)
}
