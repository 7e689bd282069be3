// Package dbsource opens the tls_mgm table that a script names: with its
// db_url, its table names and its column names, in the schema of its version.
package dbsource

import (
	"fmt"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/sqlstore"
)

// schemas are the versions of the table, each with the OpenSIPS it begins with;
// the newest first.
var schemas = []struct {
	since  catalogue.Version
	schema int
}{
	{3 << 8, 3},
	{0, 2},
}

// SchemaVersion is what the version table must hold for tls_mgm.
func SchemaVersion(v catalogue.Version) int {
	for _, s := range schemas {
		if v >= s.since {
			return s.schema
		}
	}
	return 0 // not reached: the last line has every version
}

// Options are the names that a script gives the table and its columns.
func Options(c *cfg.Config) sqlstore.Options {
	db := c.TLS.DB
	o := sqlstore.Options{
		Table:         db.Table.Value,
		VersionTable:  db.VersionTable.Value,
		SchemaVersion: SchemaVersion(c.Version),
		Columns:       map[string]string{},
	}
	for param, name := range db.Columns {
		if column, ok := sqlstore.ColumnOfParam(param); ok {
			o.Columns[column] = name.Value
		}
	}
	return o
}

// Open makes a store of the table that the script's db_url names. It does not
// connect. The error says what of the script cannot be used, and shows no
// password.
func Open(c *cfg.Config) (*sqlstore.Store, error) {
	u, err := sqlstore.ParseURL(c.TLS.DB.URL.Value)
	if err != nil {
		return nil, err
	}
	store, err := sqlstore.New(u, Options(c))
	if err != nil {
		return nil, fmt.Errorf("table of %s: %w", u.Redacted(), err)
	}
	return store, nil
}
