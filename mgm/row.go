// Package mgm is the registry of TLS domains: it builds them from the script
// and from the tls_mgm table, finds the one of a connection and reloads them.
package mgm

import (
	"context"
	"fmt"
	"iter"
)

// Row is one row of the tls_mgm table. An empty text or blob and a nil number
// mean that the column is NULL or empty, and so the default (manual 1.4).
type Row struct {
	ID     int64
	Domain string

	Address        string // up to 2.4: IP:port
	MatchIPAddress string // from 3.0: list of IP:port, or *
	MatchSIPDomain string // from 3.0: list of host names, wildcards, or *

	Type        *int64 // 0 both (only for "default"), 1 client, 2 server
	Method      string
	VerifyCert  *int64
	RequireCert *int64
	CRLCheckAll *int64

	Certificate, PrivateKey, CAList, DHParams []byte // PEM

	CRLDir, CADir, CipherList, ECCurve string
}

// RowError says that one row cannot be used; the rows after it can.
type RowError struct {
	ID     int64
	Domain string
	Column string // as the database calls it
	Err    error
}

// Source gives the rows of a table, in the table's order. It yields a
// *RowError for a row that cannot be read and goes on; any other error ends
// the load and leaves the running domains as they are.
type Source interface {
	Rows(ctx context.Context) iter.Seq2[Row, error]
}

func (e *RowError) Error() string {
	return fmt.Sprintf("domain %q (id %d), column %q: %v", e.Domain, e.ID, e.Column, e.Err)
}

func (e *RowError) Unwrap() error { return e.Err }
