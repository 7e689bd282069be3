package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm"
)

type dbListCommand struct {
	dbTarget
	Format string `enum:"text,json" default:"text" placeholder:"FORMAT" help:"Form of the list: text (the default) or json."`
}

// Help is what --help says below the first line.
func (dbListCommand) Help() string {
	return `Lists the rows of the tls_mgm table in the order in which a server reads them, with the subject of the first certificate and when it expires. Private keys are not even read.

Examples:

    tlsmgm db list --db sqlite:///var/lib/opensips/tls.db
    tlsmgm db list -f /etc/opensips/opensips.cfg --format json

Exit codes: 0 listed, 1 the tables are not as OpenSIPS expects them or a row cannot be read, 2 wrong usage, 3 the database could not be used.`
}

// rowLine is what is shown of a row, and its form in --format json.
type rowLine struct {
	ID             int64      `json:"id"`
	Domain         string     `json:"domain"`
	Type           string     `json:"type"`
	Address        string     `json:"address,omitempty"`
	MatchIPAddress string     `json:"match_ip_address,omitempty"`
	MatchSIPDomain string     `json:"match_sip_domain,omitempty"`
	Method         string     `json:"method,omitempty"`
	VerifyCert     *int64     `json:"verify_cert"`
	RequireCert    *int64     `json:"require_cert"`
	Subject        string     `json:"subject,omitempty"`
	NotAfter       *time.Time `json:"not_after,omitempty"`
	Certificate    string     `json:"certificate"` // "valid", "expired", "default" or "unreadable"
}

// Run lists the rows.
func (c *dbListCommand) Run(std streams) error {
	table, err := c.open()
	if err != nil {
		return err
	}
	ctx, cancel := c.context()
	defer cancel()
	lines, unreadable, err := listRows(ctx, table, time.Now())
	if err != nil {
		return schemaFailure(err)
	}
	if c.Format == "json" {
		err = json.NewEncoder(std.out).Encode(map[string]any{"rows": lines})
	} else {
		err = printRows(std.out, lines)
	}
	for _, row := range unreadable {
		fmt.Fprintf(std.err, "tlsmgm: %v\n", row)
	}
	if err == nil && unreadable != nil {
		return &failure{code: exitFindings}
	}
	return err
}

func listRows(ctx context.Context, table dbTable, now time.Time) (lines []rowLine, unreadable []*mgm.RowError, err error) {
	lines = []rowLine{}
	for row, err := range table.List(ctx) {
		if e, ok := errors.AsType[*mgm.RowError](err); ok {
			unreadable = append(unreadable, e)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		lines = append(lines, lineOf(&row, now))
	}
	return lines, unreadable, nil
}

func lineOf(row *mgm.Row, now time.Time) rowLine {
	line := rowLine{
		ID: row.ID, Domain: row.Domain, Type: typeName(row), Method: row.Method,
		Address: row.Address, MatchIPAddress: row.MatchIPAddress, MatchSIPDomain: row.MatchSIPDomain,
		VerifyCert: row.VerifyCert, RequireCert: row.RequireCert,
		Certificate: "default",
	}
	if len(row.Certificate) == 0 {
		return line
	}
	line.Certificate = "unreadable"
	block, _ := pem.Decode(row.Certificate)
	if block == nil {
		return line
	}
	if certificate, err := x509.ParseCertificate(block.Bytes); err == nil {
		line.Subject, line.NotAfter, line.Certificate = certificate.Subject.String(), &certificate.NotAfter, "valid"
		if now.After(certificate.NotAfter) {
			line.Certificate = "expired"
		}
	}
	return line
}

func printRows(w io.Writer, lines []rowLine) error {
	table := newTable(w)
	fmt.Fprintln(table, "ID\tDOMAIN\tTYPE\tADDRESS\tSIP DOMAIN\tMETHOD\tVERIFY\tREQUIRE\tCERTIFICATE\tEXPIRES")
	for _, l := range lines {
		expires := ""
		if l.NotAfter != nil {
			expires = l.NotAfter.UTC().Format(time.DateOnly)
		}
		certificate := printable(l.Subject)
		if l.Certificate != "valid" {
			certificate += "(" + l.Certificate + ")"
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.ID, printable(l.Domain), l.Type,
			printable(l.Address+l.MatchIPAddress), printable(l.MatchSIPDomain), printable(l.Method),
			optional(l.VerifyCert), optional(l.RequireCert), certificate, expires)
	}
	return table.Flush()
}

// optional is a number, or nothing for NULL.
func optional(n *int64) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}
