package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/mgm"
)

// Rows streams the table in the order of its ids, after a check of its version
// (manual 1.7.2: tls_reload reads the domains anew; the version check is as
// 2.3 does it). One query reads all rows.
//
// OpenSIPS asks for no order. SQLite and MySQL give the rows by id all the
// same, since that is how they are stored; PostgreSQL moves a row to the end
// when it is updated, and which of two equal domains wins would change with it.
//
// NULL and empty are the default: "" or nil in [mgm.Row]. A blob column may
// hold text or a blob, its bytes are not touched. A row with a number that is
// none is given as an [*mgm.RowError], once, and the rest follow; any other
// error is the last pair. A [*SchemaError] says that the tables are not what
// OpenSIPS expects.
func (s *Store) Rows(ctx context.Context) iter.Seq2[mgm.Row, error] {
	return s.stream(ctx, s.columns)
}

// List is [Store.Rows] without the private keys: the database is not asked for
// them, and PrivateKey is nil in every row.
func (s *Store) List(ctx context.Context) iter.Seq2[mgm.Row, error] {
	return s.stream(ctx, without(s.columns, privateKey))
}

func (s *Store) stream(ctx context.Context, columns []boundColumn) iter.Seq2[mgm.Row, error] {
	return func(yield func(mgm.Row, error) bool) {
		if err := s.read(ctx, columns, yield); err != nil {
			yield(mgm.Row{}, s.failed("load", err))
		}
	}
}

// read yields the rows; its error is what ended them early.
func (s *Store) read(ctx context.Context, columns []boundColumn, yield func(mgm.Row, error) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	session, err := s.connect(ctx, reading)
	if err != nil {
		return err
	}
	defer session.close()
	if err := session.checkVersion(ctx); err != nil {
		return err
	}
	rows, err := session.selectRows(ctx, columns)
	if err != nil {
		return err
	}
	defer rows.Close()
	defer cancel() // before Close, which would read all rows that are left
	scanner := newRowScanner(columns)
	for rows.Next() {
		if err := scanner.scan(rows); err != nil {
			return fmt.Errorf("read row: %w", s.explain(err))
		}
		if !yield(scanner.result()) {
			return nil
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read rows: %w", s.explain(err))
	}
	return nil
}

func (s *session) selectRows(ctx context.Context, columns []boundColumn) (*sql.Rows, error) {
	rows, err := s.conn.QueryContext(ctx, s.selectQuery(columns))
	if err == nil {
		return rows, nil
	}
	err = s.explain(err)
	switch s.dialect.absent(err) {
	case tableAbsent:
		return nil, s.noTable(err)
	case columnAbsent:
		present, errPresent := s.present(ctx)
		if errPresent != nil {
			return nil, err
		}
		return nil, s.noColumns(missing(columns, present), slices.Sorted(slices.Values(present)), err)
	}
	return nil, fmt.Errorf("read rows: %w", err)
}

func (s *Store) selectQuery(columns []boundColumn) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.quoted
	}
	return fmt.Sprintf("SELECT %s FROM %s ORDER BY %s",
		strings.Join(names, ", "), s.quotedTable, withName(s.columns, "id").quoted)
}

// rowScanner reads rows one after the other into the same memory.
type rowScanner struct {
	columns []boundColumn
	row     mgm.Row
	cells   []cell
	targets []any // the cells, as sql.Rows.Scan takes them
}

func newRowScanner(columns []boundColumn) *rowScanner {
	s := &rowScanner{columns: columns, cells: make([]cell, len(columns))}
	for i := range columns {
		s.cells[i].field = columns[i].field(&s.row)
		s.targets = append(s.targets, &s.cells[i])
	}
	return s
}

// scan reads the current row; its error is about the connection.
func (s *rowScanner) scan(rows *sql.Rows) error {
	s.row = mgm.Row{}
	return rows.Scan(s.targets...)
}

// result is the row that was read, or an [*mgm.RowError] about its first
// column that is no use.
func (s *rowScanner) result() (mgm.Row, error) {
	for i := range s.cells {
		if err := s.cells[i].err; err != nil {
			return mgm.Row{}, &mgm.RowError{
				ID: s.row.ID, Domain: s.row.Domain, Column: s.columns[i].title, Err: err,
			}
		}
	}
	return s.row, nil
}
