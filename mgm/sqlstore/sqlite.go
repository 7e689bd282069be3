package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"
)

var sqliteDialect = &dialect{
	schemes:   []string{"sqlite"},
	isFile:    true,
	connector: connectSQLite,
	// Not double quotes: SQLite takes "x" for a text when there is no column
	// x, and a misnamed column would read as its own name in every row.
	quote:       quoteWith("`"),
	placeholder: questionMark,
	types: columnTypes{
		id:       "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL",
		text:     "CHAR(%d)",
		number:   "INTEGER",
		unsigned: "INTEGER",
		blob:     "BLOB",
		bigBlob:  "BLOB",
	},
	indexName: func(table string) string { return table + "_domain_type_idx" },
	absent:    absentInSQLite,
	advice:    adviseSQLite,
}

// sqliteFile connects to the file that its DSN names.
type sqliteFile struct{ dsn string }

func (f sqliteFile) Connect(context.Context) (driver.Conn, error) { return f.Driver().Open(f.dsn) }

func (f sqliteFile) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

func connectSQLite(ctx context.Context, u URL, use access) (driver.Connector, error) {
	params := url.Values{}
	params.Set("_busy_timeout", strconv.FormatInt(lockWait(ctx).Milliseconds(), 10))
	switch use {
	case reading:
		// Not mode=ro: after a crash of a writer the journal must be rolled
		// back before anything can be read, and that needs a file open for
		// writing. SQLite falls back to reading where the file is protected.
		params.Set("mode", "rw")
		params.Set("_query_only", "true")
	case writing:
		params.Set("mode", "rw")
		params.Set("_txlock", "immediate")
	case creating:
		params.Set("mode", "rwc")
		params.Set("_txlock", "immediate")
	}
	return sqliteFile{dsn: sqliteURI(u.database) + "?" + params.Encode()}, nil
}

// sqliteURI is the path in SQLite's URI form, which decodes percent signs and
// reads a leading "//" as a host. A relative path gets its "./", so that none
// is taken for SQLite's own ":memory:".
func sqliteURI(path string) string {
	escaped := (&url.URL{Path: path}).EscapedPath()
	if strings.HasPrefix(path, "/") {
		return "file://" + escaped
	}
	return "file:./" + escaped
}

const (
	defaultLockWait = 5 * time.Second
	minLockWait     = time.Millisecond
)

// lockWait is how long to wait for another connection's lock: less than the
// time left, since SQLite's wait cannot be interrupted, and "database is
// locked" says more than "deadline exceeded".
func lockWait(ctx context.Context) time.Duration {
	deadline, limited := ctx.Deadline()
	if !limited {
		return defaultLockWait
	}
	left := time.Until(deadline)
	return max(minLockWait, min(defaultLockWait, left-left/4))
}

// SQLite has one code for both and for syntax errors.
func absentInSQLite(err error) absence {
	var e sqlite3.Error
	if !errors.As(err, &e) || e.Code != sqlite3.ErrError {
		return nothingAbsent
	}
	switch text := e.Error(); {
	case strings.HasPrefix(text, "no such table"):
		return tableAbsent
	case strings.HasPrefix(text, "no such column"), strings.Contains(text, "has no column named"):
		return columnAbsent
	}
	return nothingAbsent
}

func adviseSQLite(err error) string {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return ""
	}
	switch e.Code {
	case sqlite3.ErrBusy:
		return "another process holds its lock"
	case sqlite3.ErrReadonly:
		return "the user who runs this must be able to write the file and its folder"
	}
	return ""
}
