package sqlstore

import (
	"fmt"
	"slices"

	"github.com/opensips-tools/tlsmgm/mgm"
)

// kind is what a column holds.
type kind int

const (
	idKind kind = iota
	textKind
	numberKind
	pemKind
)

// column is a column of the tls_mgm table as OpenSIPS ships it.
type column struct {
	name  string // its default name, and its key in Options.Columns
	param string // the modparam that renames it; none renames the id

	since, until int // the schema versions that have it; until 0 is no end

	kind       kind
	size       int    // of a text, in characters
	def        string // the SQL text of its default, "" for NULL
	notNull    bool
	bigSince   int  // the schema version from which a blob may exceed 64 KB
	emptyValue bool // an absent value is written as '', see below

	field func(*mgm.Row) any // where its value goes
}

// schemaColumns is the table of OpenSIPS's scripts/*/tls_mgm-create.sql; id
// and domain are first because the errors about the others name them.
//
// A real 2.3 on SQLite crashes on NULL in the columns marked emptyValue, and
// takes the default for an empty text; the match columns of 3.x are the other
// way round: NULL is "*", an empty text is refused.
var schemaColumns = [...]column{
	{name: "id", since: 2, kind: idKind, field: func(r *mgm.Row) any { return &r.ID }},
	{name: "domain", param: "domain_col", since: 2, kind: textKind, size: 64, notNull: true, field: func(r *mgm.Row) any { return &r.Domain }},
	{name: "address", param: "address_col", since: 2, until: 2, kind: textKind, size: 64, field: func(r *mgm.Row) any { return &r.Address }},
	{name: "match_ip_address", param: "match_ip_address_col", since: 3, kind: textKind, size: 255, field: func(r *mgm.Row) any { return &r.MatchIPAddress }},
	{name: "match_sip_domain", param: "match_sip_domain_col", since: 3, kind: textKind, size: 255, field: func(r *mgm.Row) any { return &r.MatchSIPDomain }},
	{name: "type", since: 2, kind: numberKind, def: "1", notNull: true, field: func(r *mgm.Row) any { return &r.Type }},
	{name: "method", param: "tls_method_col", since: 2, kind: textKind, size: 16, def: "'SSLv23'", field: func(r *mgm.Row) any { return &r.Method }},
	{name: "verify_cert", param: "verify_cert_col", since: 2, kind: numberKind, def: "1", field: func(r *mgm.Row) any { return &r.VerifyCert }},
	{name: "require_cert", param: "require_cert_col", since: 2, kind: numberKind, def: "1", field: func(r *mgm.Row) any { return &r.RequireCert }},
	{name: "certificate", param: "certificate_col", since: 2, kind: pemKind, field: func(r *mgm.Row) any { return &r.Certificate }},
	{name: privateKey, param: "private_key_col", since: 2, kind: pemKind, field: func(r *mgm.Row) any { return &r.PrivateKey }},
	{name: "crl_check_all", param: "crl_check_all_col", since: 2, kind: numberKind, def: "0", field: func(r *mgm.Row) any { return &r.CRLCheckAll }},
	{name: "crl_dir", param: "crl_dir_col", since: 2, kind: textKind, size: 255, emptyValue: true, field: func(r *mgm.Row) any { return &r.CRLDir }},
	{name: "ca_list", param: "ca_list_col", since: 2, kind: pemKind, bigSince: 3, field: func(r *mgm.Row) any { return &r.CAList }},
	{name: "ca_dir", param: "ca_dir_col", since: 2, kind: textKind, size: 255, emptyValue: true, field: func(r *mgm.Row) any { return &r.CADir }},
	{name: "cipher_list", param: "ciphers_list_col", since: 2, kind: textKind, size: 255, emptyValue: true, field: func(r *mgm.Row) any { return &r.CipherList }},
	{name: "dh_params", param: "dh_params_col", since: 2, kind: pemKind, emptyValue: true, field: func(r *mgm.Row) any { return &r.DHParams }},
	{name: "ec_curve", param: "ec_curve_col", since: 2, kind: textKind, size: 255, emptyValue: true, field: func(r *mgm.Row) any { return &r.ECCurve }},
}

const privateKey = "private_key"

// The schema versions that schemaColumns describes: 2 is OpenSIPS 2.x's, 3 is
// that of 3.0 and later.
const (
	oldestSchema = 2
	newestSchema = 3
)

// defaultType is the type of a row without one: a client domain.
const defaultType = 1

func (c *column) isIn(version int) bool {
	return version >= c.since && (c.until == 0 || version <= c.until)
}

// ColumnOfParam gives the key in [Options].Columns of the column that a
// modparam of tls_mgm renames: "method" for "tls_method_col". It knows the
// exported name "ciphers_list_col" and the manual's "cipher_list_col".
func ColumnOfParam(param string) (column string, ok bool) {
	if param == "cipher_list_col" {
		param = "ciphers_list_col"
	}
	for _, c := range schemaColumns {
		if c.param != "" && c.param == param {
			return c.name, true
		}
	}
	return "", false
}

// boundColumn is a column under the name that one table gives it.
type boundColumn struct {
	*column
	title  string // as the database calls it
	quoted string
}

// bindColumns are the columns of a schema version, renamed.
func bindColumns(version int, renamed map[string]string, quote func(string) string) ([]boundColumn, error) {
	var bound []boundColumn
	var keys []string
	for i := range schemaColumns {
		c := &schemaColumns[i]
		if !c.isIn(version) {
			continue
		}
		keys = append(keys, c.name)
		title := c.name
		if name := renamed[c.name]; name != "" {
			title = name
		}
		if err := checkName(title); err != nil {
			return nil, fmt.Errorf("name of column %q: %w", c.name, err)
		}
		bound = append(bound, boundColumn{column: c, title: title, quoted: quote(title)})
	}
	for key := range renamed {
		if !slices.Contains(keys, key) {
			return nil, fmt.Errorf("schema version %d has no column %q to rename", version, key)
		}
	}
	return bound, nil
}

// without are the columns except the one of that default name.
func without(columns []boundColumn, name string) []boundColumn {
	return slices.DeleteFunc(slices.Clone(columns), func(c boundColumn) bool { return c.name == name })
}

func withName(columns []boundColumn, name string) boundColumn {
	return columns[slices.IndexFunc(columns, func(c boundColumn) bool { return c.name == name })]
}

// sqlType is the column's type and constraints in CREATE TABLE.
func (c *column) sqlType(types columnTypes, version int) string {
	var t string
	switch c.kind {
	case idKind:
		return types.id
	case textKind:
		t = fmt.Sprintf(types.text, c.size)
	case numberKind:
		t = types.number
	case pemKind:
		t = types.blob
		if c.bigSince != 0 && version >= c.bigSince {
			t = types.bigBlob
		}
	}
	if c.def != "" {
		t += " DEFAULT " + c.def
	}
	if c.notNull {
		t += " NOT NULL"
	}
	return t
}
