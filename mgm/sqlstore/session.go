package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// session is one connection, for one operation.
type session struct {
	*Store
	conn  *sql.Conn
	close func()
}

// connect opens a session; close ends all that it holds, at once.
func (s *Store) connect(ctx context.Context, use access) (*session, error) {
	connector, err := s.dialect.connector(ctx, s.url, use)
	if err != nil {
		return nil, s.explain(err)
	}
	db := sql.OpenDB(connector)
	conn, err := db.Conn(ctx)
	if err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("connect: %w", s.explain(err))
	}
	return &session{Store: s, conn: conn, close: func() {
		_ = conn.Close() // nothing is pending that could fail
		_ = db.Close()
	}}, nil
}

// version reads the version table's number for the table; nil when it has
// none, as when there is no version table yet.
func (s *session) version(ctx context.Context) (*int64, error) {
	var found *int64
	cell := cell{field: &found}
	//nolint:gosec // what is put together are quoted identifiers
	query := fmt.Sprintf("SELECT %s FROM %s WHERE %s = %s", s.dialect.quote("table_version"),
		s.quotedVersionTable, s.dialect.quote("table_name"), s.dialect.placeholder(1))
	err := s.conn.QueryRowContext(ctx, query, s.table).Scan(&cell)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read table %q: %w", s.versionTable, s.explain(err))
	case cell.err != nil:
		return nil, fmt.Errorf("read column \"table_version\" of table %q: %w", s.versionTable, cell.err)
	}
	return found, nil
}

// checkVersion refuses a table whose version is not the expected one, as
// OpenSIPS does at start and at each reload.
func (s *session) checkVersion(ctx context.Context) error {
	found, err := s.version(ctx)
	if err != nil {
		if s.dialect.absent(err) != nothingAbsent {
			return s.noVersionTable(err)
		}
		return err
	}
	if found == nil || *found != int64(s.schemaVersion) {
		return s.wrongVersion(found)
	}
	return nil
}

// present are the columns that the table has.
func (s *session) present(ctx context.Context) ([]string, error) {
	rows, err := s.conn.QueryContext(ctx, fmt.Sprintf("SELECT * FROM %s WHERE 1 = 0", s.quotedTable))
	if err != nil {
		return nil, s.explain(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, s.explain(err)
	}
	return columns, s.explain(rows.Err())
}

// inTransaction commits what f did, or undoes it when f fails.
func (s *session) inTransaction(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", s.explain(err))
	}
	if err := f(tx); err != nil {
		_ = tx.Rollback() // it fails where the connection is gone, which undoes everything too
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", s.explain(err))
	}
	return nil
}

// missing are the names of those columns that the table does not have.
func missing(columns []boundColumn, present []string) []string {
	var names []string
	for _, c := range columns {
		isIt := func(name string) bool { return strings.EqualFold(name, c.title) }
		if !slices.ContainsFunc(present, isIt) {
			names = append(names, c.title)
		}
	}
	return names
}
