package sqlstore

import (
	"context"
	"database/sql/driver"
	"slices"
	"strings"
)

// dialect is what one kind of database does differently. A file each; a new
// one needs its name in the table below and nothing else.
type dialect struct {
	schemes []string // of db_url
	isFile  bool     // the URL names a file, not a server

	// connector opens connections for one operation. database/sql closes a
	// connector that is an io.Closer together with the pool.
	connector func(ctx context.Context, u URL, use access) (driver.Connector, error)

	// quote makes an identifier of a name as a script has it.
	quote       func(name string) string
	placeholder func(n int) string // of the nth value, from 1

	types       columnTypes
	tableOption string // after CREATE TABLE (…)
	indexName   func(table string) string

	// absent tells whether err is the database's word for a table or column
	// that is not there.
	absent func(err error) absence
	// advice explains errors whose own text says too little, or is "".
	advice func(err error) string
}

// columnTypes are the SQL types of OpenSIPS's schema in one dialect.
type columnTypes struct {
	id       string
	text     string // with %d for the length in characters
	number   string
	unsigned string
	blob     string // at least 64 KB
	bigBlob  string // at least 16 MB
}

// access is what an operation does to the database.
type access int

const (
	reading access = iota
	writing
	creating // writing, and a file that does not exist is made
)

// absence is what a failed query did not find.
type absence int

const (
	nothingAbsent absence = iota
	tableAbsent
	columnAbsent
)

var dialects = [...]*dialect{mysqlDialect, postgresDialect, sqliteDialect}

func dialectOf(scheme string) *dialect {
	for _, d := range dialects {
		if slices.Contains(d.schemes, scheme) {
			return d
		}
	}
	return nil
}

func schemes() []string {
	var all []string
	for _, d := range dialects {
		all = append(all, d.schemes...)
	}
	return all
}

// quoteWith encloses a name in q, doubling those within it: the SQL standard's
// rule, which leaves no way out of the quotes.
func quoteWith(q string) func(string) string {
	return func(name string) string {
		return q + strings.ReplaceAll(name, q, q+q) + q
	}
}

func questionMark(int) string { return "?" }
