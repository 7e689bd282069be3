package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/opensips-tools/tlsmgm/mgm"
)

// ImportOptions say what an import may do.
type ImportOptions struct {
	// Replace overwrites rows of the same domain and type. Without it an
	// import that meets one changes nothing and ends in an [*ExistsError].
	Replace bool
}

// Imported counts what an import did.
type Imported struct {
	Inserted, Replaced int // rows
}

// Import writes rows, all or none of them, in their order. Their ids are not
// used: a new row gets the next one, a replaced row keeps its own and so its
// place. What a row leaves out gets the table's default; without a type it is
// a client domain (1). The table's version is checked first.
func (s *Store) Import(ctx context.Context, rows []mgm.Row, o ImportOptions) (Imported, error) {
	done, err := s.importRows(ctx, rows, o)
	if err != nil {
		return Imported{}, s.failed("import into", err)
	}
	return done, nil
}

func (s *Store) importRows(ctx context.Context, rows []mgm.Row, o ImportOptions) (done Imported, err error) {
	if err := checkKeys(rows); err != nil {
		return done, err
	}
	session, err := s.connect(ctx, writing)
	if err != nil {
		return done, err
	}
	defer session.close()
	if err := session.checkVersion(ctx); err != nil {
		return done, err
	}
	err = session.inTransaction(ctx, func(tx *sql.Tx) error {
		w := rowWriter{session: session, tx: tx, statements: map[string]*sql.Stmt{}}
		defer w.close()
		done, err = w.write(ctx, rows, o)
		return err
	})
	return done, err
}

// checkKeys refuses rows that cannot all be in one table.
func checkKeys(rows []mgm.Row) error {
	seen := map[Key]bool{}
	for i := range rows {
		key := keyOf(&rows[i])
		if key.Domain == "" {
			return fmt.Errorf("row %d has no domain name", i+1)
		}
		if seen[key] {
			return fmt.Errorf("row %d: %s is given twice", i+1, key)
		}
		seen[key] = true
	}
	return nil
}

func keyOf(row *mgm.Row) Key {
	if row.Type == nil {
		return Key{Domain: row.Domain, Type: defaultType}
	}
	return Key{Domain: row.Domain, Type: *row.Type}
}

// rowWriter writes rows within one transaction.
type rowWriter struct {
	*session
	tx         *sql.Tx
	statements map[string]*sql.Stmt // prepared, by their text
}

func (w *rowWriter) close() {
	for _, statement := range w.statements {
		_ = statement.Close() // the transaction's end closes them as well
	}
}

// write looks for all rows first, so that an [*ExistsError] names every one
// that is there.
func (w *rowWriter) write(ctx context.Context, rows []mgm.Row, o ImportOptions) (Imported, error) {
	ids := make([]*int64, len(rows))
	var exist ExistsError
	for i := range rows {
		id, err := w.find(ctx, keyOf(&rows[i]))
		if err != nil {
			return Imported{}, fmt.Errorf("look for %s: %w", keyOf(&rows[i]), err)
		}
		if ids[i] = id; id != nil {
			exist.Keys = append(exist.Keys, keyOf(&rows[i]))
		}
	}
	if exist.Keys != nil && !o.Replace {
		return Imported{}, &exist
	}
	for i := range rows {
		if err := w.put(ctx, &rows[i], ids[i]); err != nil {
			return Imported{}, fmt.Errorf("write %s: %w", keyOf(&rows[i]), err)
		}
	}
	return Imported{Inserted: len(rows) - len(exist.Keys), Replaced: len(exist.Keys)}, nil
}

// find gives the row's id, nil if there is none; the first of several, which
// only a table without its unique index has.
func (w *rowWriter) find(ctx context.Context, key Key) (*int64, error) {
	query, err := w.prepared(ctx, fmt.Sprintf("SELECT MIN(%s) FROM %s WHERE %s",
		withName(w.columns, "id").quoted, w.quotedTable, w.whereKey()))
	if err != nil {
		return nil, err
	}
	var id *int64
	cell := cell{field: &id}
	if err := query.QueryRowContext(ctx, key.Domain, key.Type).Scan(&cell); err != nil {
		return nil, w.explain(err)
	}
	return id, cell.err
}

func (w *rowWriter) whereKey() string {
	return fmt.Sprintf("%s = %s AND %s = %s",
		withName(w.columns, "domain").quoted, w.dialect.placeholder(1),
		withName(w.columns, "type").quoted, w.dialect.placeholder(2))
}

// put inserts the row, in place of the one with that id.
func (w *rowWriter) put(ctx context.Context, row *mgm.Row, replaced *int64) error {
	var names []string
	var values []any
	if replaced != nil {
		key := keyOf(row)
		if err := w.exec(ctx, fmt.Sprintf("DELETE FROM %s WHERE %s", w.quotedTable, w.whereKey()),
			key.Domain, key.Type); err != nil {
			return err
		}
		names = append(names, withName(w.columns, "id").quoted)
		values = append(values, *replaced)
	}
	for _, c := range w.columns {
		if value := c.value(row); value != nil {
			names = append(names, c.quoted)
			values = append(values, value)
		}
	}
	return w.exec(ctx, w.insertQuery(names), values...)
}

func (w *rowWriter) insertQuery(names []string) string {
	placeholders := make([]string, len(names))
	for i := range names {
		placeholders[i] = w.dialect.placeholder(i + 1)
	}
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)",
		w.quotedTable, strings.Join(names, ", "), strings.Join(placeholders, ", "))
}

func (w *rowWriter) exec(ctx context.Context, query string, values ...any) error {
	statement, err := w.prepared(ctx, query)
	if err != nil {
		return err
	}
	_, err = statement.ExecContext(ctx, values...)
	return w.explain(err)
}

func (w *rowWriter) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if statement := w.statements[query]; statement != nil {
		return statement, nil
	}
	statement, err := w.tx.PrepareContext(ctx, query)
	if err != nil {
		return nil, w.explain(err)
	}
	w.statements[query] = statement
	return statement, nil
}

// value is what to write into the column; nil leaves it to its default.
func (c *column) value(row *mgm.Row) any {
	switch field := c.field(row).(type) {
	case *string:
		if *field != "" || c.emptyValue {
			return *field
		}
	case *[]byte:
		if len(*field) > 0 {
			return *field
		}
		if c.emptyValue {
			return []byte{} // a nil slice would be NULL
		}
	case **int64:
		if *field != nil {
			return **field
		}
	}
	return nil
}
