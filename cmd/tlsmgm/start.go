package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/dbsource"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/report"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// fileFlags say where the files are that a script names.
type fileFlags struct {
	Root              string `placeholder:"DIR" complete:"file" help:"Look up the certificates, keys, SQLite files and other files of the script below DIR."`
	CfgDir            string `placeholder:"DIR" complete:"file" help:"Directory that the server was built with, where tls/cert.pem and tls/ckey.pem are the defaults. The default is /etc/opensips/."`
	KeyPassphraseFile string `placeholder:"FILE" complete:"file" help:"File with the passphrase of private keys that are encrypted."`

	paths pathMap // of the settings
}

// options are for a start with the files and the table that a script names.
func (f *fileFlags) options() (o start.Options, err error) {
	o = start.Options{Files: f.open(), ConfigDir: f.configDir(), Source: f.table}
	if f.Root != "" { // once, and not for each file that is not there
		if _, err := os.ReadDir(f.Root); err != nil {
			return o, fmt.Errorf("--root: %w", err)
		}
	}
	if o.Passphrase, err = secretFrom(f.KeyPassphraseFile); err != nil {
		return o, fmt.Errorf("--key-passphrase-file: %w", err)
	}
	return o, nil
}

// open opens files where the script expects them, or where the settings say they
// are.
func (f *fileFlags) open() tlsctx.Files {
	files := filesBelow(f.Root)
	if f.paths != nil {
		files = mappedFiles{files, f.paths}
	}
	return files
}

// filesBelow opens files below a directory, or those of the machine.
func filesBelow(root string) tlsctx.Files {
	if root == "" {
		return tlsctx.OS{}
	}
	return tlsctx.Root(root)
}

// configDir has the slash at its end that the server's has.
func (f *fileFlags) configDir() string {
	return strings.TrimSuffix(cmp.Or(f.CfgDir, cfg.DefaultConfigDir), "/") + "/"
}

const sqliteScheme = "sqlite://"

// table opens the table that a script names. An SQLite file is where the settings
// say, or below the root if there is one.
func (f *fileFlags) table(config *cfg.Config) (mgm.Source, error) {
	path, ok := strings.CutPrefix(config.TLS.DB.URL.Value, sqliteScheme)
	place, mapped := f.paths.lookup(path)
	switch {
	case !ok, !mapped && f.Root == "":
		return dbsource.Open(config)
	case !mapped:
		place = filepath.Join(f.Root, filepath.Clean("/"+path))
	}
	elsewhere := *config
	elsewhere.TLS.DB.URL.Value = sqliteScheme + place
	return dbsource.Open(&elsewhere)
}

// startFlags say what is opened to judge a start.
type startFlags struct {
	fileFlags
	NoFiles bool `help:"Leave certificates, keys and databases alone. Whether the server would start stays open then."`
	DB      bool `name:"db" help:"Read the table of the script's db_url on a database server too, which is connected to and not written to. Without it only SQLite files are."`
}

// started is how a start went, and what it had to look at.
type started struct {
	start.Result
	files  tlsctx.Files   // nil if none were looked at
	loader *tlsctx.Loader // of the files
	rows   []mgm.Row      // nil if nobody looked
}

// tableTimeout is how long a table may take to be read.
const tableTimeout = time.Minute

// start judges whether the server would start. It opens SQLite files, and
// connects to other databases only if that is asked for.
func (f *startFlags) start(ctx context.Context, config *cfg.Config) (s started, err error) {
	options := start.Options{ConfigDir: f.configDir()}
	if !f.NoFiles {
		if options, err = f.options(); err != nil {
			return s, err
		}
		s.files = options.Files
		s.loader = tlsctx.NewLoader(tlsctx.Options{
			Files: options.Files, Version: config.Version, Passphrase: options.Passphrase,
		}, nil)
		options.Loader = s.loader
	}
	ctx, cancel := context.WithTimeout(ctx, tableTimeout)
	defer cancel()
	var table *recorder
	if f.NoFiles || !f.DB && !strings.HasPrefix(config.TLS.DB.URL.Value, sqliteScheme) {
		options.Source = nil
	} else {
		options.Source = func(config *cfg.Config) (mgm.Source, error) {
			source, err := f.table(config)
			if err != nil {
				return nil, err
			}
			table = &recorder{source: source}
			return table, nil
		}
	}
	s.Result = start.Check(ctx, config, options)
	if table != nil {
		if s.rows, err = table.all(ctx); err != nil {
			// A server would tell once it comes to it.
			s.Diagnostics = append(s.Diagnostics, diag.Diagnostic{
				Span: config.TLS.DB.URL.At, Severity: diag.Warning, Stage: diag.Start, Rule: "database", Message: err.Error(),
			})
		}
	}
	return s, nil
}

// recorder keeps the rows of a table as they are read.
type recorder struct {
	source   mgm.Source
	rows     []mgm.Row // nil if nobody has begun to read
	complete bool
}

// Rows gives the rows of the table.
func (r *recorder) Rows(ctx context.Context) iter.Seq2[mgm.Row, error] {
	return func(yield func(mgm.Row, error) bool) {
		r.rows, r.complete = []mgm.Row{}, false
		for row, err := range r.source.Rows(ctx) {
			if err == nil {
				r.rows = append(r.rows, row)
			}
			if !yield(row, err) || fails(err) {
				return
			}
		}
		r.complete = true
	}
}

// fails reports whether an error ends the rows, and is not about one of them.
func fails(err error) bool {
	_, skipped := errors.AsType[*mgm.RowError](err)
	return err != nil && !skipped
}

// all are the rows, nil if they cannot be read. They are read now if nobody did: a
// server does not come to its table where its script stops it. The error is what
// nobody was told yet.
func (r *recorder) all(ctx context.Context) (rows []mgm.Row, err error) {
	if r.rows == nil {
		for _, rowErr := range r.Rows(ctx) {
			if fails(rowErr) {
				err = rowErr
			}
		}
	}
	if !r.complete {
		return nil, err
	}
	return r.rows, nil
}

// refuseScript tells what keeps a server from starting, as check does.
func refuseScript(w io.Writer, name string, version catalogue.Version, config *cfg.Config, result start.Result) error {
	findings := report.Report{OpenSIPS: version, Files: []report.File{{
		Name:        name,
		Diagnostics: slices.Concat(config.Diagnostics, result.Diagnostics),
		Sources:     config.File.Sources.All(),
		Read:        reading(config),
		Start:       report.Starting(result.Verdict),
	}}}
	if err := report.WriteText(w, &findings, useColor("auto", w)); err != nil {
		return fmt.Errorf("write the findings: %w", err)
	}
	return &failure{code: exitFindings}
}
