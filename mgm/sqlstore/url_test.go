package sqlstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/user"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseURL(t *testing.T) {
	type parts struct {
		user, password, host string
		port                 int
		database             string
	}
	tests := []struct {
		url, redacted string
		want          parts
	}{
		{"sqlite:///etc/opensips/opensips.db", "sqlite:///etc/opensips/opensips.db", parts{database: "/etc/opensips/opensips.db"}},
		{"sqlite://opensips.db", "sqlite://opensips.db", parts{database: "opensips.db"}},
		{"sqlite:///a@b/c:d?e#f%20g", "sqlite:///a@b/c:d?e#f%20g", parts{database: "/a@b/c:d?e#f%20g"}},
		{
			"mysql://root:admin@localhost/opensips", "mysql://root:xxxxx@localhost/opensips", // the manual's
			parts{user: "root", password: "admin", host: "localhost", database: "opensips"},
		},
		{
			"mysql://root@127.0.0.1:3307/opensips", "mysql://root@127.0.0.1:3307/opensips",
			parts{user: "root", host: "127.0.0.1", port: 3307, database: "opensips"},
		},
		{
			"postgres://u:p@ss:w/rd?@#%40@db.example.org:5433/opensips", "postgres://u:xxxxx@db.example.org:5433/opensips",
			parts{user: "u", password: "p@ss:w/rd?@#%40", host: "db.example.org", port: 5433, database: "opensips"},
		},
		{"postgresql://host/db", "postgresql://host/db", parts{host: "host", database: "db"}},
		{"postgres:///db", "postgres:///db", parts{database: "db"}},
		{"mysql://root@/db", "mysql://root@/db", parts{user: "root", database: "db"}},
		{"mysql://root:@/db", "mysql://root:xxxxx@/db", parts{user: "root", database: "db"}},
		{"mysql://:secret@h/db", "mysql://:xxxxx@h/db", parts{password: "secret", host: "h", database: "db"}},
		{"mysql://u:p@[2001:db8::1]:3307/db", "mysql://u:xxxxx@[2001:db8::1]:3307/db", parts{"u", "p", "2001:db8::1", 3307, "db"}},
		{"mysql://[::1]/db", "mysql://[::1]/db", parts{host: "::1", database: "db"}},
	}
	for _, test := range tests {
		u, err := ParseURL(test.url)
		if err != nil {
			t.Errorf("%s: %v", test.url, err)
			continue
		}
		if got := (parts{u.user, u.password, u.host, u.port, u.database}); got != test.want {
			t.Errorf("%s: got %+v", test.url, got)
		}
		if got := u.Redacted(); got != test.redacted {
			t.Errorf("%s: redacted is %s", test.url, got)
		}
	}
}

func TestParseURLRefuses(t *testing.T) {
	for dbURL, want := range map[string]error{
		"":                                 errNoScheme,
		"opensips":                         errNoScheme,
		"mysql:root@localhost/db":          errNoScheme,
		"root:secret://@localhost/db":      errNoScheme,
		"sqlite://":                        errNoPath,
		"sqlite:///a\x00b":                 errNUL,
		"mysql://":                         errNoDatabase,
		"mysql://root:secret@localhost":    errNoDatabase,
		"mysql://root:secret@localhost/":   errNoDatabase,
		"mysql://root:secret@h/db?ssl=on":  errParameters,
		"mysql://root:secret/db":           errPort, // the "@host" is forgotten
		"mysql://root:x@h:secret/db":       errPort,
		"mysql://root:x@h:0/db":            errPort,
		"mysql://root:x@h:65536/db":        errPort,
		"mysql://root:x@h:/db":             errPort,
		"mysql://root:x@h:+1/db":           errPort,
		"mysql://root:x@[::1/db":           errBracket,
		"mysql://root:x@[::1]3306/db":      errBracket,
		"mysql://root:x@::1/db":            errBareIPv6,
		"mysql://root:x@2001:db8::1:99/db": errBareIPv6,
	} {
		u, err := ParseURL(dbURL)
		if !errors.Is(err, want) {
			t.Errorf("%q: %v, want: %v", dbURL, err, want)
		}
		if u != (URL{}) {
			t.Errorf("%q: a URL with the error: %v", dbURL, u)
		}
	}
}

// The schemes of OpenSIPS's other database modules, and none of them.
func TestUnsupportedSchemesAreNamedWithTheSupportedOnes(t *testing.T) {
	for _, scheme := range []string{
		"text", "unixodbc", "http", "virtual", "berkeley", "oracle", "flatstore", "perlvdb",
		"cachedb", "sqlite3", "MYSQL", "mariadb",
	} {
		_, err := ParseURL(scheme + "://user:secret@host/db")
		want := fmt.Sprintf("db_url scheme %q is not supported: use one of mysql, postgres, postgresql, sqlite", scheme)
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v", scheme, err)
		}
	}
}

func TestPrintingAURLShowsNoPassword(t *testing.T) {
	u := parse(t, "mysql://root:s3cr3t@localhost/db")
	marshalled, err := json.Marshal(map[string]any{"url": u, "nested": struct{ U URL }{u}})
	if err != nil {
		t.Fatal(err)
	}
	store, err := New(u, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, printed := range []string{
		fmt.Sprint(u), fmt.Sprintf("%v %+v %#v %s %q", u, u, u, u, u), fmt.Sprint(&u), string(marshalled), fmt.Sprint(store),
	} {
		if strings.Contains(printed, "s3cr3t") || !strings.Contains(printed, "xxxxx") {
			t.Error(printed)
		}
	}
}

func TestAnyPasswordIsFoundAndHidden(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		password := rapid.StringMatching(`[^\x00]+`).Draw(t, "password")
		scheme := rapid.SampledFrom([]string{"mysql", "postgres"}).Draw(t, "scheme")
		rest := rapid.SampledFrom([]string{"h/db", "h:1/db", "/db", "[::1]:5/db"}).Draw(t, "rest")
		u, err := ParseURL(scheme + "://user:" + password + "@" + rest)
		if err != nil {
			t.Fatal(err)
		}
		if u.password != password {
			t.Fatalf("password %q became %q", password, u.password)
		}
		if got, want := u.Redacted(), scheme+"://user:xxxxx@"+rest; got != want {
			t.Fatalf("redacted is %q", got)
		}
	})
}

func FuzzParseURL(f *testing.F) {
	for _, seed := range []string{
		"sqlite:///a.db", "mysql://root:admin@localhost/opensips", "postgres://u:p@ss@[::1]:5432/db",
		"mysql://root:secret/db", "text://dir", "mysql://:@:/", "mysql://a@b:1/c@d/e?f", "://", "mysql://[", "postgresql:///\x00",
	} {
		f.Add(seed)
	}
	constant := []error{errNoScheme, errNoPath, errNoDatabase, errParameters, errPort, errBracket, errBareIPv6, errNUL}
	f.Fuzz(func(t *testing.T, dbURL string) {
		u, err := ParseURL(dbURL)
		scheme, rest, _ := strings.Cut(dbURL, "://")
		if err != nil {
			supported := slices.Contains(schemes(), scheme)
			if supported && !slices.Contains(constant, err) {
				t.Fatalf("an error that may repeat the URL: %v", err)
			}
			return
		}
		if !u.dialect.isFile && u.password != "" {
			before, after, _ := strings.Cut(rest, ":")
			if before != u.user || !strings.HasPrefix(after, u.password+"@") {
				t.Fatalf("%q: user %q, password %q", dbURL, u.user, u.password)
			}
		}
		if u.hasPassword {
			return
		}
		again, err := ParseURL(u.Redacted())
		if err != nil || again.Redacted() != u.Redacted() {
			t.Fatalf("%q became %q, then %q (%v)", dbURL, u.Redacted(), again.Redacted(), err)
		}
	})
}

func TestSQLiteURI(t *testing.T) {
	for path, want := range map[string]string{
		"/etc/opensips/opensips.db": "file:///etc/opensips/opensips.db",
		"//a/b.db":                  "file:////a/b.db",
		"a b?c#d%20.db":             "file:./a%20b%3Fc%23d%2520.db",
		":memory:":                  "file:./:memory:",
		"file:/etc/x?mode=rwc":      "file:./file:/etc/x%3Fmode=rwc",
	} {
		if got := sqliteURI(path); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestSQLiteFilesWithOddNames(t *testing.T) {
	for _, name := range []string{"plain.db", "a b.db", "a?mode=memory", "#hash", "50%41", "ü@:,;&="} {
		u := parse(t, "sqlite://"+t.TempDir()+"/"+name)
		s := newTables(t, u, Options{})
		if got := domains(load(t, s)); got != "" {
			t.Error(name, got)
		}
		if !exists(u.database) {
			t.Errorf("%s is not the file's name", name)
		}
	}
}

func TestPostgresDSN(t *testing.T) {
	for dbURL, want := range map[string]string{
		`postgres://u:it's\@h:5433/o'p`: `host='h' port='5433' user='u' password='it\'s\\' dbname='o\'p' `,
		"postgres:///db":                "dbname='db' ",
	} {
		if got := postgresDSN(parse(t, dbURL)); got != want {
			t.Errorf("%s: %s", dbURL, got)
		}
	}
}

func TestMySQLUserIsTheLoginNameByDefault(t *testing.T) {
	login, err := user.Current()
	if err != nil {
		t.Skip(err)
	}
	server := startFake(t, fakeMySQL(completes))
	load(t, storeOf(t, parse(t, fmt.Sprintf("mysql://%s/db", server.listener.Addr()))))
	if greeting := server.queries[0]; !strings.Contains(greeting, "\x00"+login.Username+"\x00") {
		t.Errorf("%q", greeting)
	}
}

func TestMySQLAddress(t *testing.T) {
	for dbURL, want := range map[string]string{
		"mysql://127.0.0.1/db":      "127.0.0.1:3306",
		"mysql://localhost:3307/db": "localhost:3307",
		"mysql://[::1]:1/db":        "[::1]:1",
		"mysql://:3307/db":          "localhost:3307",
	} {
		if network, got := mysqlAddress(parse(t, dbURL)); got != want || network != "tcp" {
			t.Errorf("%s: %s %s", dbURL, network, got)
		}
	}
	if network, _ := mysqlAddress(parse(t, "mysql:///db")); network != "unix" {
		t.Errorf("no host: %s", network)
	}
}
