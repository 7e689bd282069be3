package lint

import (
	"bytes"
	"strings"

	"github.com/opensips-tools/tlsmgm/mgm"
)

var _ = register(&Rule{
	ID: "TLS202", Name: "blob-too-long", Severity: diagWarning, Needs: Rows, Until: v23,
	Summary: "A blob of the table is longer than a column of the 2.3 schema can hold in MySQL.",
	Why: "The columns are of the type BLOB there, which holds 65,535 bytes: MySQL cuts what is longer, and the last certificate " +
		"is damaged or missing. From 2.4 on they are of the type MEDIUMBLOB.",
	Fix: "Change the type of the column to MEDIUMBLOB, or keep only the certificates that are needed.",
	Bad: Example{Rows: []mgm.Row{{
		ID: 1, Domain: "phones", Address: "192.0.2.10:5061", Type: new(int64(2)),
		Certificate: []byte("/tls/leaf.pem"), PrivateKey: []byte("/tls/leaf.key"), CAList: bytes.Repeat([]byte("x"), 70000),
	}}, Script: `
loadmodule "db_mysql.so"
modparam("tls_mgm", "db_url", "mysql://opensips@localhost/opensips") # want "ca_list of 70000 bytes"
`},
	Good: Example{Rows: []mgm.Row{{
		ID: 1, Domain: "phones", Address: "192.0.2.10:5061", Type: new(int64(2)),
		Certificate: []byte("/tls/leaf.pem"), PrivateKey: []byte("/tls/leaf.key"), CAList: []byte("/tls/ca.pem"),
	}}, Script: `
loadmodule "db_mysql.so"
modparam("tls_mgm", "db_url", "mysql://opensips@localhost/opensips")
`},
	References: []string{"OpenSIPS #1709"},
	Run: func(p *Pass) {
		scheme, _, _ := strings.Cut(p.Config.TLS.DB.URL.Value, ":")
		if scheme == "sqlite" || scheme == "postgres" {
			return // their columns hold as much as there is
		}
		const longest = 1<<16 - 1 // of a BLOB
		for i := range p.Rows {
			row := &p.Rows[i]
			for _, column := range []struct {
				name string
				blob []byte
			}{
				{"certificate", row.Certificate}, {"private_key", row.PrivateKey}, {"ca_list", row.CAList}, {"dh_params", row.DHParams},
			} {
				switch n := len(column.blob); {
				case n > longest:
					p.Report(p.Config.TLS.DB.URL.At, "domain %s (row %d) has a %s of %d bytes, of which MySQL keeps %d in the schema of 2.3",
						quote(row.Domain), row.ID, column.name, n, longest).
						Advise("change the column to MEDIUMBLOB")
				case n == longest:
					p.Report(p.Config.TLS.DB.URL.At, "domain %s (row %d) has a %s of exactly %d bytes: MySQL has most likely cut it",
						quote(row.Domain), row.ID, column.name, n).
						Advise("change the column to MEDIUMBLOB and write the row anew")
				}
			}
		}
	},
})
