package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/dbsource"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/report"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
)

// fileFlags say where the files are that a script names.
type fileFlags struct {
	Root              string `placeholder:"DIR" complete:"file" help:"Look up the certificates, keys, SQLite files and other files of the script below DIR."`
	CfgDir            string `default:"/etc/opensips/" placeholder:"DIR" complete:"file" help:"Directory that the server was built with, where tls/cert.pem and tls/ckey.pem are the defaults: ${default}."`
	KeyPassphraseFile string `placeholder:"FILE" complete:"file" help:"File with the passphrase of private keys that are encrypted."`
}

// options are for a start with the files and the table that a script names.
func (f *fileFlags) options() (o start.Options, err error) {
	o = start.Options{Files: filesBelow(f.Root), ConfigDir: f.configDir(), Source: f.table}
	o.Passphrase, err = secretFrom(f.KeyPassphraseFile)
	return o, err
}

// filesBelow opens files below a directory, or those of the machine.
func filesBelow(root string) tlsctx.Files {
	if root == "" {
		return tlsctx.OS{}
	}
	return tlsctx.Root(root)
}

// configDir has the slash at its end that the server's has.
func (f *fileFlags) configDir() string { return strings.TrimSuffix(f.CfgDir, "/") + "/" }

const sqliteScheme = "sqlite://"

// table opens the table that a script names, an SQLite file below the root if
// there is one.
func (f *fileFlags) table(config *cfg.Config) (mgm.Source, error) {
	path, ok := strings.CutPrefix(config.TLS.DB.URL.Value, sqliteScheme)
	if !ok || f.Root == "" {
		return dbsource.Open(config)
	}
	below := *config
	below.TLS.DB.URL.Value = sqliteScheme + filepath.Join(f.Root, filepath.Clean("/"+path))
	return dbsource.Open(&below)
}

// startFlags say what is opened to judge a start.
type startFlags struct {
	fileFlags
	NoFiles bool `help:"Leave certificates, keys and databases alone. Whether the server would start stays open then."`
}

// start judges whether the server would start. It opens SQLite files, and
// connects to no other database.
func (f *startFlags) start(config *cfg.Config) (start.Result, error) {
	options := start.Options{ConfigDir: f.configDir()}
	if !f.NoFiles {
		var err error
		if options, err = f.options(); err != nil {
			return start.Result{}, err
		}
	}
	if f.NoFiles || !strings.HasPrefix(config.TLS.DB.URL.Value, sqliteScheme) {
		options.Source = nil
	}
	return start.Check(context.Background(), config, options), nil
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
