package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/transfer"
)

type dbExportCommand struct {
	dbTarget
	Domain  []string `placeholder:"NAME" help:"Export the domains of that name only; may be given several times."`
	Replace bool     `help:"Replace files that are there already."`
	DryRun  bool     `help:"Only say what would be written."`
	Dir     string   `arg:"" complete:"file" help:"Directory to write to; it is created."`
}

// scriptName is the file of the modparam lines.
const scriptName = "tls_mgm.cfg"

// Help is what --help says below the first line.
func (dbExportCommand) Help() string {
	return `Writes certificates, keys, CA lists and DH parameters of the tls_mgm table to files, private keys readable for their owner only, and modparam lines that define the same domains to tls_mgm.cfg beside them. All files are written or none; without --replace none that exists is touched.

Examples:

    tlsmgm db export -f /etc/opensips/opensips.cfg /etc/opensips/tls/exported
    tlsmgm db export --db sqlite:///var/lib/opensips/tls.db --domain sv1 backup/

Exit codes: 0 exported, 1 a row cannot be in a script or files exist, 2 wrong usage, 3 the database or a file could not be used.`
}

// Run writes the files.
func (c *dbExportCommand) Run(std streams) error {
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return err
	}
	table, err := c.open()
	if err != nil {
		return err
	}
	ctx, cancel := c.context()
	defer cancel()
	rows, unreadable, err := c.rows(ctx, table)
	if err != nil {
		return schemaFailure(err)
	}
	export := transfer.NewExport(rows, dir, table.version)
	export.Files = append(export.Files, transfer.File{Path: filepath.Join(dir, scriptName), Content: []byte(export.Script), Mode: 0o644})
	if !c.DryRun {
		if err := transfer.WriteFiles(export.Files, c.Replace); err != nil {
			return writeFailure(err)
		}
	}
	for _, f := range export.Files {
		fmt.Fprintln(std.out, f.Path)
	}
	for _, p := range slices.Concat(unreadable, export.Skipped) {
		fmt.Fprintf(std.err, "tlsmgm: row is skipped: %s\n", p)
	}
	for _, p := range export.Warnings {
		fmt.Fprintf(std.err, "tlsmgm: %s\n", p)
	}
	if unreadable != nil || export.Skipped != nil {
		return &failure{code: exitFindings}
	}
	return nil
}

// rows reads the rows of the names that are asked for.
func (c *dbExportCommand) rows(ctx context.Context, table dbTable) (rows []mgm.Row, unreadable []mgm.RowProblem, err error) {
	found := map[string]bool{}
	for row, err := range table.Rows(ctx) {
		e, isRow := errors.AsType[*mgm.RowError](err)
		if err != nil && !isRow {
			return nil, nil, err
		}
		if isRow {
			row.Domain = e.Domain
		}
		if c.Domain != nil && !slices.Contains(c.Domain, row.Domain) {
			continue
		}
		found[row.Domain] = true
		if isRow {
			unreadable = append(unreadable, mgm.RowProblem{ID: e.ID, Domain: e.Domain, Column: e.Column, Message: e.Err.Error()})
			continue
		}
		rows = append(rows, row)
	}
	for _, name := range c.Domain {
		if !found[name] {
			return nil, nil, &failure{exitFindings, fmt.Errorf("%s has no domain %q", table, name)}
		}
	}
	return rows, unreadable, nil
}

func writeFailure(err error) error {
	if _, ok := errors.AsType[*transfer.FilesExistError](err); ok {
		return &failure{exitFindings, err}
	}
	return err
}
