package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/sqlstore"
)

type dbCreateCommand struct {
	dbTarget
	DryRun bool `help:"Only say what would be done."`
}

// Help is what --help says below the first line.
func (dbCreateCommand) Help() string {
	return `Creates the tls_mgm table as OpenSIPS ships it for the version, its row in the table of versions, and that table where there is none. An SQLite file is created too. Tables that are there already are left as they are.

Examples:

    tlsmgm db create --db sqlite:///var/lib/opensips/tls.db
    tlsmgm db create -f /etc/opensips/opensips.cfg
    TLSMGM_DB=mysql://opensips:secret@localhost/opensips tlsmgm db create --opensips 3.4

Exit codes: 0 the tables are there, 1 tables are there that differ, 2 wrong usage, 3 the database could not be used.`
}

// Run creates the tables.
func (c *dbCreateCommand) Run(std streams) error {
	table, err := c.open()
	if err != nil {
		return err
	}
	ctx, cancel := c.context()
	defer cancel()
	exists, err := c.exists(ctx, table)
	if err != nil {
		return schemaFailure(err)
	}
	done := "created"
	switch {
	case exists:
		done = "there already:"
	case c.DryRun:
		done = "would create"
	default:
		if err := table.CreateTables(ctx); err != nil {
			return schemaFailure(err)
		}
	}
	fmt.Fprintf(std.out, "%s %s\n", done, table)
	return nil
}

// exists is whether there is nothing to create. Tables of another version are
// an error.
func (c *dbCreateCommand) exists(ctx context.Context, table dbTable) (bool, error) {
	if table.isNew(c.DB) {
		return false, nil
	}
	for _, err := range table.List(ctx) {
		schema, differs := errors.AsType[*sqlstore.SchemaError](err)
		_, isRow := errors.AsType[*mgm.RowError](err)
		switch {
		case differs && !strings.HasPrefix(schema.Found, "version "):
			return false, nil
		case err != nil && !isRow:
			return false, err
		}
		break // one row is enough
	}
	return true, nil
}

// schemaFailure tells tables that differ from a database that cannot be used.
func schemaFailure(err error) error {
	if _, ok := errors.AsType[*sqlstore.SchemaError](err); ok {
		return &failure{exitFindings, err}
	}
	return err
}
