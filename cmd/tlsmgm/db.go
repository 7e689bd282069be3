package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/dbsource"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/sqlstore"
	"github.com/opensips-tools/tlsmgm/parser"
)

// dbCommand is what can be done with the tls_mgm table, a file a subcommand.
type dbCommand struct {
	Create dbCreateCommand `cmd:"" help:"Create the tables."`
	Import dbImportCommand `cmd:"" help:"Write domains, of a script or of files, into the table."`
	Export dbExportCommand `cmd:"" help:"Write the domains of the table to files, with the modparam lines for them."`
	List   dbListCommand   `cmd:"" help:"List the domains of the table."`
}

// dbTarget says which table a subcommand works on.
type dbTarget struct {
	DB           string            `name:"db" env:"TLSMGM_DB" placeholder:"URL" help:"Database, as in db_url: sqlite:///path/file.db, mysql://user:password@host/database or postgres://…. An argument can be seen by other users of the machine, the variable TLSMGM_DB cannot."`
	File         string            `short:"f" placeholder:"FILE" complete:"file" help:"Script from which to take db_url and the names of tables and columns."`
	OpenSIPS     catalogue.Version `name:"opensips" default:"2.3" placeholder:"VERSION" complete:"versions" help:"OpenSIPS version that reads the table: ${known}. The default is ${default}."`
	CfgDir       string            `default:"/etc/opensips/" placeholder:"DIR" complete:"file" help:"Directory that the server was built with: ${default}."`
	Table        string            `placeholder:"NAME" help:"Name of the table, as in db_table. The default is what the script says, or tls_mgm."`
	VersionTable string            `placeholder:"NAME" help:"Name of the table of versions, as in db_version_table."`
	Timeout      time.Duration     `default:"1m" placeholder:"TIME" help:"How long the database may take: ${default}."`
}

// dbTable is an open table; config is nil where no script is given.
type dbTable struct {
	*sqlstore.Store
	config  *cfg.Config
	version catalogue.Version
}

// Validate refuses what no single flag can see.
func (t *dbTarget) Validate() error {
	if t.DB == "" && t.File == "" {
		return errors.New("expected --db=URL or --file=FILE, to know the database")
	}
	return nil
}

func (t *dbTarget) open() (dbTable, error) {
	table := dbTable{version: t.OpenSIPS}
	o := sqlstore.Options{SchemaVersion: dbsource.SchemaVersion(t.OpenSIPS)}
	dbURL := t.DB
	if t.File != "" {
		var err error
		if table.config, err = cfg.Load(t.File, cfg.Options{Version: t.OpenSIPS, FS: parser.OS{}, ConfigDir: t.configDir()}); err != nil {
			return table, err
		}
		o = dbsource.Options(table.config)
		dbURL = cmp.Or(dbURL, table.config.TLS.DB.URL.Value)
	}
	if dbURL == "" {
		return table, wrongUsage("%s sets no db_url: name the database with --db", t.File)
	}
	o.Table, o.VersionTable = cmp.Or(t.Table, o.Table), cmp.Or(t.VersionTable, o.VersionTable)
	u, err := sqlstore.ParseURL(dbURL)
	if err != nil {
		return table, &failure{exitUsage, err}
	}
	if table.Store, err = sqlstore.New(u, o); err != nil {
		return table, &failure{exitUsage, err}
	}
	return table, nil
}

func (t *dbTarget) configDir() string { return strings.TrimSuffix(t.CfgDir, "/") + "/" }

// context ends when the database has taken too long or a signal comes.
func (t *dbTarget) context() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	ctx, cancel := context.WithTimeout(ctx, t.Timeout)
	return ctx, func() { cancel(); stop() }
}

// isNew is whether the database is a file that does not exist.
func (t dbTable) isNew(dbURL string) bool {
	path, isFile := strings.CutPrefix(cmp.Or(dbURL, t.scriptURL()), "sqlite://")
	if !isFile {
		return false
	}
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

func (t dbTable) scriptURL() string {
	if t.config == nil {
		return ""
	}
	return t.config.TLS.DB.URL.Value
}

// rowTypes are the values of the column type.
var rowTypes = map[int64]string{0: "both", 1: "client", 2: "server"}

// typeName words the type of a row.
func typeName(row *mgm.Row) string {
	if row.Type == nil {
		return "none"
	}
	return cmp.Or(rowTypes[*row.Type], fmt.Sprint(*row.Type))
}

// rowName is how a row is called, such as "server sv1".
func rowName(row *mgm.Row) string { return typeName(row) + " " + printable(row.Domain) }
