package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/sqlstore"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/mgm/transfer"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

type dbImportCommand struct {
	dbTarget
	Root              string `placeholder:"DIR" complete:"file" help:"Look up the files of the script below DIR."`
	KeyPassphraseFile string `placeholder:"FILE" complete:"file" help:"File with the passphrase of private keys that are encrypted."`
	Replace           bool   `help:"Replace rows of the same domain and type."`
	DryRun            bool   `help:"Only say what would be done."`

	Domain         string        `placeholder:"NAME" help:"Import one domain of that name, from the files below, in place of the script's; default is the default domain."`
	Type           string        `enum:"server,client" default:"server" placeholder:"TYPE" help:"Kind of --domain: server (the default) or client."`
	Address        string        `placeholder:"IP:PORT" help:"Address of --domain. A server domain needs one."`
	MatchSIPDomain string        `name:"match-sip-domain" placeholder:"LIST" help:"SIP domains of --domain, from OpenSIPS 3.0 on."`
	Settings       domainSetting `embed:""`
}

// domainSetting are the settings of --domain, under the names that modparam has
// for them.
type domainSetting struct {
	Certificate string `placeholder:"FILE" complete:"file" help:"Certificate of --domain, followed by its chain."`
	PrivateKey  string `placeholder:"FILE" complete:"file" help:"Private key of --domain."`
	CAList      string `name:"ca-list" placeholder:"FILE" complete:"file" help:"Certificates of the CAs that --domain trusts."`
	DHParams    string `name:"dh-params" placeholder:"FILE" complete:"file" help:"DH parameters of --domain."`
	TLSMethod   string `name:"tls-method" placeholder:"METHOD" help:"Method of --domain, such as TLSv1_2."`
	VerifyCert  string `placeholder:"0|1" help:"Whether --domain verifies certificates of peers."`
	RequireCert string `placeholder:"0|1" help:"Whether --domain requires certificates of clients."`
	CRLCheckAll string `name:"crl-check-all" placeholder:"0|1" help:"Whether --domain looks for the whole chain in its CRLs."`
	CRLDir      string `name:"crl-dir" placeholder:"DIR" help:"Directory of the CRLs of --domain, on the server."`
	CADir       string `name:"ca-dir" placeholder:"DIR" help:"Directory of the CAs that --domain trusts, on the server."`
	CiphersList string `placeholder:"CIPHERS" help:"Ciphers of --domain, in OpenSSL's notation."`
	ECCurve     string `name:"ec-curve" placeholder:"CURVE" help:"Elliptic curve of --domain."`
}

// Help is what --help says below the first line.
func (dbImportCommand) Help() string {
	return `Makes rows of the tls_mgm table: of all TLS domains of the script given with -f, with the content of their files, or of the one domain given with --domain. A domain whose certificate and key do not fit is refused. All rows are written or none; without --replace none that exists is touched.

A script's domain wins over a row of the same name: remove it from the script afterwards.

Examples:

    tlsmgm db import -f /etc/opensips/opensips.cfg --dry-run
    tlsmgm db import --db sqlite:///var/lib/opensips/tls.db --domain sv1 --address 192.0.2.1:5061 --certificate cert.pem --private-key key.pem
    tlsmgm db import -f opensips.cfg --domain default --type client --ca-list ca.pem --replace

Exit codes: 0 imported, 1 a domain cannot be used or a row exists, 2 wrong usage, 3 the database or a file could not be used.`
}

// Run writes the rows.
func (c *dbImportCommand) Run(std streams) error {
	table, err := c.open()
	if err != nil {
		return err
	}
	domains, err := c.domains(table)
	if err != nil {
		return err
	}
	if err := c.validate(std.err, domains, table.version); err != nil {
		return err
	}
	rows := make([]mgm.Row, len(domains))
	for i, d := range domains {
		if rows[i], err = transfer.Row(d, filesBelow(c.Root), table.version); err != nil {
			return err
		}
		if d.Kind == domain.Server && !d.Default {
			rows[i].MatchSIPDomain = c.MatchSIPDomain
		}
		for _, column := range transfer.Unused(rows[i], table.version) {
			fmt.Fprintf(std.err, "tlsmgm: %s: OpenSIPS %s uses only the first certificate of column %q\n", rowName(&rows[i]), table.version, column)
		}
	}
	ctx, cancel := c.context()
	defer cancel()
	return c.write(ctx, std, table, rows, domains)
}

// domains are those to import: the one of the flags, or the script's.
func (c *dbImportCommand) domains(table dbTable) ([]*domain.Definition, error) {
	switch {
	case c.Domain != "":
		d, err := c.fromFlags(table.version)
		if err != nil {
			return nil, &failure{exitUsage, err}
		}
		return []*domain.Definition{d}, nil
	case table.config == nil:
		return nil, wrongUsage("nothing to import: name a script with --file or a domain with --domain")
	case !table.config.Accepted():
		return nil, &failure{exitFindings, fmt.Errorf("OpenSIPS %s does not accept %s: see tlsmgm check", table.version, c.File)}
	}
	domains := scriptDomains(table.config)
	if domains == nil {
		return nil, &failure{exitFindings, fmt.Errorf("%s has no TLS domains", c.File)}
	}
	return domains, nil
}

// scriptDomains are the domains of a script, the default ones if it sets
// anything of them.
func scriptDomains(config *cfg.Config) []*domain.Definition {
	var domains []*domain.Definition
	for _, d := range []*domain.Definition{config.TLS.DefaultServer, config.TLS.DefaultClient} {
		for _, param := range domain.Settings() {
			if !d.Origin(param).IsDefault() {
				domains = append(domains, d)
				break
			}
		}
	}
	return append(domains, config.TLS.Domains...)
}

// fromFlags makes a domain of the flags, by the rules that a script has.
func (c *dbImportCommand) fromFlags(v catalogue.Version) (*domain.Definition, error) {
	kind := domain.Server
	if c.Type == "client" {
		kind = domain.Client
	}
	d := domain.New(kind, c.Domain, c.configDir())
	if c.Domain == mgm.DefaultName {
		d.Name, d.Default = "", true
	}
	switch {
	case c.Address != "" && d.Default:
		return nil, errors.New("a default domain has no address")
	case c.Address != "":
		var err error
		if d.Address, err = domain.ParseAddress(c.Address, v); err != nil {
			return nil, fmt.Errorf("--address: %w", err)
		}
	case kind == domain.Server && !d.Default:
		return nil, errors.New("a server domain needs an --address")
	}
	at := diag.Position{File: "command line", Line: 1, Column: 1}
	from := domain.InScript(diag.Span{Start: at, End: at})
	s := c.Settings
	for _, setting := range []struct{ param, value string }{
		{"certificate", s.Certificate},
		{"private_key", s.PrivateKey},
		{"ca_list", s.CAList},
		{"dh_params", s.DHParams},
		{"tls_method", s.TLSMethod},
		{"verify_cert", s.VerifyCert},
		{"require_cert", s.RequireCert},
		{"crl_check_all", s.CRLCheckAll},
		{"crl_dir", s.CRLDir},
		{"ca_dir", s.CADir},
		{"ciphers_list", s.CiphersList},
		{"ec_curve", s.ECCurve},
	} {
		if setting.value == "" {
			continue
		}
		if err := d.Set(setting.param, setting.value, from, v); err != nil {
			return nil, fmt.Errorf("--%s: %w", strings.ReplaceAll(setting.param, "_", "-"), err)
		}
	}
	return d, nil
}

// validate loads the domains as a server would, and tells what is wrong.
func (c *dbImportCommand) validate(w io.Writer, domains []*domain.Definition, v catalogue.Version) error {
	passphrase, err := secretFrom(c.KeyPassphraseFile)
	if err != nil {
		return err
	}
	loader := tlsctx.NewLoader(tlsctx.Options{Files: filesBelow(c.Root), Version: v, Passphrase: passphrase, Now: time.Now}, nil)
	failed := false
	for _, d := range domains {
		_, problems := loader.Load(d)
		for _, p := range problems {
			if p.Severity == diag.Notice {
				continue
			}
			fmt.Fprintf(w, "tlsmgm: %s: %s domain %q: %s\n", p.Severity, d.Kind, displayName(d), p.Message)
			failed = failed || p.Severity == diag.Error
		}
	}
	if failed {
		return &failure{exitFindings, errors.New("nothing imported")}
	}
	return nil
}

func displayName(d *domain.Definition) string {
	if d.Default {
		return mgm.DefaultName
	}
	return d.Name
}

func (c *dbImportCommand) write(ctx context.Context, std streams, table dbTable, rows []mgm.Row, domains []*domain.Definition) error {
	present, err := presentKeys(ctx, table)
	if err != nil {
		return schemaFailure(err)
	}
	if c.DryRun {
		err = wouldExist(rows, present, c.Replace)
	} else {
		_, err = table.Import(ctx, rows, sqlstore.ImportOptions{Replace: c.Replace})
	}
	if _, ok := errors.AsType[*sqlstore.ExistsError](err); ok {
		return &failure{exitFindings, fmt.Errorf("%w; --replace overwrites them", err)}
	}
	if err != nil {
		return schemaFailure(err)
	}
	for i := range rows {
		done := "inserted"
		if present[keyOf(&rows[i])] {
			done = "replaced"
		}
		if c.DryRun {
			done = "would be " + done
		}
		fmt.Fprintf(std.out, "%s: %s\n", rowName(&rows[i]), done)
	}
	if c.Domain == "" && !c.DryRun {
		remind(std.err, domains)
	}
	return nil
}

// remind says what keeps the new rows from being used.
func remind(w io.Writer, domains []*domain.Definition) {
	for _, d := range domains {
		if !d.Default {
			fmt.Fprintf(w, "tlsmgm: %s: the script's %s domain %q wins over the row until it is removed here\n", d.From, d.Kind, d.Name)
		}
	}
}

func keyOf(row *mgm.Row) sqlstore.Key { return sqlstore.Key{Domain: row.Domain, Type: *row.Type} }

// presentKeys are the domains that the table has.
func presentKeys(ctx context.Context, table dbTable) (map[sqlstore.Key]bool, error) {
	present := map[sqlstore.Key]bool{}
	for row, err := range table.List(ctx) {
		if _, ok := errors.AsType[*mgm.RowError](err); ok {
			continue
		}
		if err != nil {
			return nil, err
		}
		if row.Type != nil {
			present[keyOf(&row)] = true
		}
	}
	return present, nil
}

func wouldExist(rows []mgm.Row, present map[sqlstore.Key]bool, replace bool) error {
	var exist sqlstore.ExistsError
	for i := range rows {
		if key := keyOf(&rows[i]); present[key] {
			exist.Keys = append(exist.Keys, key)
		}
	}
	if exist.Keys == nil || replace {
		return nil
	}
	return &exist
}
