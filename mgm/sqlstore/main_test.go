package sqlstore

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"database/sql"
	"encoding/pem"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/opensips-tools/tlsmgm/mgm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// eachDatabase runs a test on SQLite, and on the servers that the environment
// names by a db_url.
func eachDatabase(t *testing.T, test func(t *testing.T, u URL)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, sqliteURL(t)) })
	for _, server := range []struct{ name, variable string }{
		{"mysql", "TLSMGM_TEST_MYSQL"},
		{"postgres", "TLSMGM_TEST_POSTGRES"},
	} {
		t.Run(server.name, func(t *testing.T) {
			dbURL := os.Getenv(server.variable)
			if dbURL == "" {
				t.Skipf("%s is not set", server.variable)
			}
			test(t, parse(t, dbURL))
		})
	}
}

func sqliteURL(t testing.TB) URL {
	t.Helper()
	return parse(t, "sqlite://"+filepath.Join(t.TempDir(), "opensips.db"))
}

func parse(t testing.TB, dbURL string) URL {
	t.Helper()
	u, err := ParseURL(dbURL)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// newStore makes a Store with table names of its own, dropped at the end.
func newStore(t testing.TB, u URL, o Options) *Store {
	t.Helper()
	suffix := fmt.Sprintf("_%08x", mathrand.Uint32())
	if o.Table == "" {
		o.Table = "tls_mgm"
	}
	o.Table += suffix
	o.VersionTable = "version" + suffix
	s, err := New(u, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if u.dialect != sqliteDialect {
			run(t, s, "DROP TABLE IF EXISTS "+s.quotedTable, "DROP TABLE IF EXISTS "+s.quotedVersionTable)
		}
	})
	return s
}

// newTables is newStore with its tables created.
func newTables(t testing.TB, u URL, o Options) *Store {
	t.Helper()
	s := newStore(t, u, o)
	if err := s.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// open is a connection past the Store, to set up what it must cope with.
func open(t testing.TB, u URL) *sql.DB {
	t.Helper()
	connector, err := u.dialect.connector(context.Background(), u, creating)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func run(t testing.TB, s *Store, statements ...string) {
	t.Helper()
	db := open(t, s.url)
	defer func() { _ = db.Close() }()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// collect reads everything: the rows, the errors about rows, and the one that
// ended the load.
func collect(ctx context.Context, s *Store) (rows []mgm.Row, bad []*mgm.RowError, end error) {
	for row, err := range s.Rows(ctx) {
		switch e := err.(type) {
		case nil:
			rows = append(rows, row)
		case *mgm.RowError:
			bad = append(bad, e)
		default:
			if end != nil {
				panic("a second error ended the load")
			}
			end = err
		}
	}
	return rows, bad, end
}

func load(t testing.TB, s *Store) []mgm.Row {
	t.Helper()
	rows, bad, err := collect(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range bad {
		t.Error(e)
	}
	return rows
}

func domains(rows []mgm.Row) string {
	var names []string
	for _, row := range rows {
		names = append(names, row.Domain)
	}
	return strings.Join(names, " ")
}

func within(t testing.TB, limit time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	return ctx
}

// certificateAndKey are a self-signed P-256 certificate and its key, in PEM.
func certificateAndKey(t testing.TB) (certificate, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sip.example.org"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
}
