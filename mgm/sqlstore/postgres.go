package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

var postgresDialect = &dialect{
	schemes:     []string{"postgres", "postgresql"},
	connector:   connectPostgres,
	quote:       quotePostgres,
	placeholder: func(n int) string { return "$" + strconv.Itoa(n) },
	types: columnTypes{
		id:       "SERIAL PRIMARY KEY NOT NULL",
		text:     "VARCHAR(%d)",
		number:   "INTEGER",
		unsigned: "INTEGER",
		blob:     "BYTEA",
		bigBlob:  "BYTEA",
	},
	indexName: func(table string) string { return table + "_domain_type_idx" },
	absent:    absentInPostgres,
	advice:    func(error) string { return "" },
}

var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_$]*$`)

// quotePostgres folds a plain name to lower case first, because OpenSIPS sends
// names without quotes and the server then does the same.
func quotePostgres(name string) string {
	if plainName.MatchString(name) {
		name = strings.ToLower(name)
	}
	return quoteWith(`"`)(name)
}

func connectPostgres(_ context.Context, u URL, _ access) (driver.Connector, error) {
	config, err := pgx.ParseConfig(postgresDSN(u))
	if err != nil {
		return nil, fmt.Errorf("read the PostgreSQL settings: %w", err)
	}
	// One round trip a query, and no prepared statements on the server, which
	// poolers such as PgBouncer lose.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	lines := newLines()
	config.DialFunc = lines.dial
	return postgresConnector{stdlib.GetConnector(*config), lines}, nil
}

// postgresDSN is the URL as keywords and values. What it leaves out comes from
// the environment and the usual places, as it does for libpq in OpenSIPS.
func postgresDSN(u URL) string {
	escape := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	var b strings.Builder
	add := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s='%s' ", key, escape.Replace(value))
		}
	}
	add("host", u.host)
	if u.port != 0 {
		add("port", strconv.Itoa(u.port))
	}
	add("user", u.user)
	add("password", u.password)
	add("dbname", u.database)
	return b.String()
}

// postgresConnector ends, when it is closed, what pgx still does in the
// background: after a cancelled query it asks the server, on a connection of
// its own and for up to 15 seconds, to give the query up.
type postgresConnector struct {
	driver.Connector
	lines *lines
}

func (c postgresConnector) Close() error { return c.lines.close() }

// lines are the network connections of one operation.
type lines struct {
	ended context.Context
	end   context.CancelFunc

	mu   sync.Mutex
	open []net.Conn
}

func newLines() *lines {
	ended, end := context.WithCancel(context.Background())
	return &lines{ended: ended, end: end}
}

func (l *lines) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.ended, cancel)()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended.Err() != nil {
		_ = conn.Close()
		return nil, net.ErrClosed
	}
	l.open = append(l.open, conn)
	return conn, nil
}

func (l *lines) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end()
	for _, conn := range l.open {
		_ = conn.Close() // most are closed already
	}
	return nil
}

// Of the PostgreSQL manual's appendix "PostgreSQL Error Codes".
const (
	postgresUndefinedTable  = "42P01"
	postgresUndefinedColumn = "42703"
)

func absentInPostgres(err error) absence {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return nothingAbsent
	}
	switch e.Code {
	case postgresUndefinedTable:
		return tableAbsent
	case postgresUndefinedColumn:
		return columnAbsent
	}
	return nothingAbsent
}
