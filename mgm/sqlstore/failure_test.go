package sqlstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"github.com/opensips-tools/tlsmgm/mgm"
)

const (
	soon = 300 * time.Millisecond
	// A load that waits for a deadline of its own, rather than for ours, takes
	// five seconds or more.
	late = 4 * time.Second
)

func storeOf(t *testing.T, u URL) *Store {
	t.Helper()
	s, err := New(u, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// checkFailure wants one error, of that cause, that names the database and
// not its password, within the deadline.
func checkFailure(t *testing.T, s *Store, wantRows int, cause error) {
	t.Helper()
	start := time.Now()
	rows, bad, err := collect(within(t, soon), s)
	if took := time.Since(start); took > late {
		t.Errorf("the load ended after %v", took)
	}
	if err == nil || len(rows) != wantRows || bad != nil {
		t.Fatalf("rows %v, bad rows %v, error %v", rows, bad, err)
	}
	if cause != nil && !errors.Is(err, cause) {
		t.Errorf("no %v in: %v", cause, err)
	}
	checkNamesDatabase(t, s, err)
}

func checkNamesDatabase(t *testing.T, s *Store, err error) {
	t.Helper()
	if !strings.Contains(err.Error(), s.url.Redacted()) {
		t.Errorf("the database is not named: %v", err)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than a line: %v", err)
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		if s.url.password != "" && strings.Contains(e.Error(), s.url.password) {
			t.Errorf("the password is in: %v", e)
		}
	}
}

// checkIdle wants no connection left, not even one on which the driver waits
// in the background for the server to give a query up.
func checkIdle(t *testing.T, server *fakeServer) {
	t.Helper()
	for deadline := time.Now().Add(late); !server.isIdle(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("connections are left open")
		}
	}
}

func TestFakeServersWork(t *testing.T) {
	for _, fake := range fakeDatabases {
		t.Run(fake.scheme, func(t *testing.T) {
			server := startFake(t, fake.serve(completes))
			if got := domains(load(t, storeOf(t, server.url(t, fake.scheme)))); got != "domain1 domain2" {
				t.Error(got)
			}
			if got := server.selects(); got != 1 {
				t.Errorf("%d queries for the rows: %q", got, server.queries)
			}
		})
	}
}

func TestServersThatFail(t *testing.T) {
	refused := func(t *testing.T, _ fakeDatabase) *fakeServer {
		server := startFake(t, hang)
		server.stop()
		return server
	}
	serving := func(serve func(*fakeServer, net.Conn)) func(*testing.T, fakeDatabase) *fakeServer {
		return func(t *testing.T, _ fakeDatabase) *fakeServer { return startFake(t, serve) }
	}
	behaving := func(b behaviour) func(*testing.T, fakeDatabase) *fakeServer {
		return func(t *testing.T, fake fakeDatabase) *fakeServer { return startFake(t, fake.serve(b)) }
	}
	for _, test := range []struct {
		name  string
		start func(*testing.T, fakeDatabase) *fakeServer
		rows  int
		cause error
	}{
		{"is down", refused, 0, nil},
		{"accepts and hangs", serving(hang), 0, context.DeadlineExceeded},
		{"accepts and closes", serving(closeAtOnce), 0, nil},
		{"hangs in the result", behaving(hangs), 1, context.DeadlineExceeded},
		{"closes in the result", behaving(closes), 1, nil},
		{"fails in the result", behaving(fails), 1, nil},
	} {
		for _, fake := range fakeDatabases {
			t.Run(test.name+"/"+fake.scheme, func(t *testing.T) {
				server := test.start(t, fake)
				checkFailure(t, storeOf(t, server.url(t, fake.scheme)), test.rows, test.cause)
				checkIdle(t, server)
			})
		}
	}
}

func TestALoadWorksOnceTheServerIsBack(t *testing.T) {
	for _, fake := range fakeDatabases {
		t.Run(fake.scheme, func(t *testing.T) {
			isBroken := true
			server := startFake(t, func(s *fakeServer, conn net.Conn) {
				s.mu.Lock()
				b := completes
				if isBroken {
					b = closes
				}
				s.mu.Unlock()
				fake.serve(b)(s, conn)
			})
			s := storeOf(t, server.url(t, fake.scheme))
			checkFailure(t, s, 1, nil)
			server.mu.Lock()
			isBroken = false
			server.mu.Unlock()
			if got := domains(load(t, s)); got != "domain1 domain2" {
				t.Error(got)
			}
		})
	}
}

func TestStoppingAtAServerThatHangs(t *testing.T) {
	for _, fake := range fakeDatabases {
		t.Run(fake.scheme, func(t *testing.T) {
			server := startFake(t, fake.serve(hangs))
			start := time.Now()
			for _, err := range storeOf(t, server.url(t, fake.scheme)).Rows(t.Context()) {
				if err != nil {
					t.Error(err)
				}
				break
			}
			if took := time.Since(start); took > late {
				t.Errorf("stopping took %v", took)
			}
			checkIdle(t, server)
		})
	}
}

func TestACancelledContext(t *testing.T) {
	eachDatabase(t, func(t *testing.T, u URL) {
		s := newTables(t, u, Options{})
		var rows []mgm.Row
		for i := range 300 {
			rows = append(rows, mgm.Row{Domain: fmt.Sprint("d", i), Certificate: bytes.Repeat([]byte("x"), 30_000)})
		}
		if _, err := s.Import(t.Context(), rows, ImportOptions{}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var seen int
		var end error
		for _, err := range s.Rows(ctx) {
			if seen++; err != nil {
				end = err
			}
			cancel()
		}
		if !errors.Is(end, context.Canceled) {
			t.Errorf("after %d rows: %v", seen, end)
		}

		if _, _, err := collect(ctx, s); !errors.Is(err, context.Canceled) {
			t.Errorf("a load with a cancelled context: %v", err)
		}
		_, err := s.Import(ctx, []mgm.Row{{Domain: "never"}}, ImportOptions{})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("an import with a cancelled context: %v", err)
		}
		if got := len(load(t, s)); got != len(rows) {
			t.Errorf("%d rows afterwards", got)
		}
	})
}

func TestALockedSQLiteFile(t *testing.T) {
	s := newTables(t, sqliteURL(t), Options{})
	holder := open(t, s.url)
	if _, err := holder.Exec("BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	checkFailure(t, s, 0, nil)
	_, _, err := collect(within(t, soon), s)
	var busy sqlite3.Error
	if !errors.As(err, &busy) || busy.Code != sqlite3.ErrBusy || !strings.Contains(err.Error(), "another process holds its lock") {
		t.Error(err)
	}
	if _, err := s.Import(within(t, soon), []mgm.Row{{Domain: "a"}}, ImportOptions{}); !errors.As(err, &busy) {
		t.Error(err)
	}
	if _, err := holder.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	load(t, s)
}

func TestALoadWaitsForALock(t *testing.T) {
	s := newTables(t, sqliteURL(t), Options{})
	holder := open(t, s.url)
	if _, err := holder.Exec("BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(soon, func() { _, _ = holder.Exec("COMMIT") })
	load(t, s)
}

func TestSQLiteFilesThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "missing"):           "unable to open database file: no such file or directory",
		filepath.Join(dir, "missing", "folder"): "unable to open database file",
		dir:                                     "is a directory",
		write("junk", strings.Repeat("this is not a database\n", 100)): "file is not a database",
		write("empty", ""): "expected a version table, found none",
	} {
		s := storeOf(t, parse(t, "sqlite://"+path))
		_, _, err := collect(t.Context(), s)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
		checkNamesDatabase(t, s, err)
	}
	if exists(filepath.Join(dir, "missing")) {
		t.Error("a load created its file")
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestARemovedAndAReplacedSQLiteFile(t *testing.T) {
	s := newTables(t, sqliteURL(t), Options{})
	load(t, s)
	aside := s.url.database + ".aside"
	if err := os.Rename(s.url.database, aside); err != nil {
		t.Fatal(err)
	}
	checkFailure(t, s, 0, nil)
	if err := s.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Import(t.Context(), []mgm.Row{{Domain: "replaced"}}, ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := domains(load(t, s)); got != "replaced" {
		t.Error(got)
	}
	if err := os.Rename(aside, s.url.database); err != nil {
		t.Fatal(err)
	}
	if got := domains(load(t, s)); got != "" {
		t.Error("the old file was read:", got)
	}
}

// A writer that crashed leaves a journal, which must be rolled back by whoever
// opens the file next.
func TestASQLiteFileAfterACrashOfItsWriter(t *testing.T) {
	for _, mode := range []string{"DELETE", "WAL"} {
		t.Run(mode, func(t *testing.T) {
			s := newTables(t, sqliteURL(t), Options{})
			if _, err := s.Import(t.Context(), []mgm.Row{{Domain: "a"}}, ImportOptions{}); err != nil {
				t.Fatal(err)
			}
			writer := open(t, s.url)
			for _, statement := range []string{
				"PRAGMA journal_mode = " + mode, "PRAGMA cache_size = 1", "BEGIN",
				"INSERT INTO " + s.quotedTable + " (domain, type, certificate) VALUES ('never', 2, zeroblob(200000))",
			} {
				if _, err := writer.Exec(statement); err != nil {
					t.Fatal(err)
				}
			}
			crashed := copyFiles(t, s.url.database)
			afterwards, err := New(crashed, Options{Table: s.table, VersionTable: s.versionTable})
			if err != nil {
				t.Fatal(err)
			}
			if got := domains(load(t, afterwards)); got != "a" {
				t.Error(got)
			}
		})
	}
}

// copyFiles copies a database with its journals, as a crash would leave them.
func copyFiles(t *testing.T, path string) URL {
	copied := filepath.Join(t.TempDir(), "crashed.db")
	journals := 0
	for _, suffix := range []string{"", "-journal", "-wal", "-shm"} {
		content, err := os.ReadFile(path + suffix)
		if err != nil {
			continue
		}
		journals++
		if err := os.WriteFile(copied+suffix, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if journals < 2 {
		t.Fatal("there is no journal")
	}
	return parse(t, "sqlite://"+copied)
}

func TestAReadDoesNotChangeTheFile(t *testing.T) {
	s := newTables(t, sqliteURL(t), Options{})
	db := open(t, s.url)
	_ = db.Close()
	connector, err := connectSQLite(t.Context(), s.url, reading)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := connector.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, err = conn.(*sqlite3.SQLiteConn).Exec("DELETE FROM "+s.quotedTable, nil)
	var e sqlite3.Error
	if !errors.As(err, &e) || e.Code != sqlite3.ErrReadonly {
		t.Error(err)
	}
}

func TestWrongPasswordsAreNotShown(t *testing.T) {
	for variable, scheme := range map[string]string{"TLSMGM_TEST_MYSQL": "mysql", "TLSMGM_TEST_POSTGRES": "postgres"} {
		t.Run(scheme, func(t *testing.T) {
			dbURL := os.Getenv(variable)
			if dbURL == "" {
				t.Skipf("%s is not set", variable)
			}
			u := parse(t, dbURL)
			u.user, u.password, u.hasPassword = "nobody-of-that-name", "hunter2-hunter2", true
			s := storeOf(t, u)
			_, _, err := collect(within(t, late), s)
			if err == nil {
				t.Fatal("no error")
			}
			checkNamesDatabase(t, s, err)
		})
	}
}

func TestExplainKeepsTheCause(t *testing.T) {
	u := parse(t, "mysql://root:s3cr3t@localhost/db")
	cause := &os.PathError{Op: "open", Path: "/s3cr3t", Err: os.ErrNotExist}
	err := storeOf(t, u).explain(fmt.Errorf("dial:\n\t%w\n\t%w", cause, cause))
	if got := err.Error(); got != "dial: open /xxxxx: file does not exist" {
		t.Error(got)
	}
	var path *os.PathError
	if !errors.Is(err, os.ErrNotExist) || !errors.As(err, &path) || path != cause {
		t.Error("the cause is lost")
	}
	if errors.Unwrap(err) != nil {
		t.Error("the texts of the causes are in reach")
	}
	u.password = ""
	if got := storeOf(t, u).explain(cause); got != error(cause) {
		t.Error("an error with nothing to hide was changed:", got)
	}
}
