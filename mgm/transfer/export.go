package transfer

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

// Export is what rows become in a script.
type Export struct {
	Files  []File
	Script string // modparam lines, which name the files
	// Skipped are rows that cannot be in a script, or that a server skips.
	Skipped []mgm.RowProblem
	// Warnings are settings that are left out.
	Warnings []mgm.RowProblem
}

// File is a file to write.
type File struct {
	Path    string
	Content []byte
	Mode    fs.FileMode // 0600 for keys
}

const (
	publicMode fs.FileMode = 0o644
	secretMode fs.FileMode = 0o600
)

// NewExport makes files below dir and the lines that a script of the version
// needs for the rows. Read by such a script the domains are those of the table,
// in the same order: client domains come first, since the settings of a name are
// those of its server domain once there is one.
func NewExport(rows []mgm.Row, dir string, v catalogue.Version) Export {
	e := exporter{dir: dir, version: v}
	e.defaults(rows)
	for _, kind := range []int64{typeClient, typeServer} {
		for i := range rows {
			if row := &rows[i]; row.Domain != mgm.DefaultName && kindOf(row) == kind {
				e.domain(row, kind)
			}
		}
	}
	for i := range rows {
		e.refuseKind(&rows[i])
	}
	e.Script = e.script.String()
	slices.SortStableFunc(e.Skipped, func(a, b mgm.RowProblem) int { return int(a.ID - b.ID) })
	return e.Export
}

type exporter struct {
	Export
	dir     string
	version catalogue.Version
	script  strings.Builder
}

func kindOf(row *mgm.Row) int64 {
	if row.Type == nil {
		return typeBoth
	}
	return *row.Type
}

func (e *exporter) skip(row *mgm.Row, column string, err error) {
	e.Skipped = append(e.Skipped, problem(row, column, err))
}

func problem(row *mgm.Row, column string, err error) mgm.RowProblem {
	return mgm.RowProblem{ID: row.ID, Domain: row.Domain, Column: column, Message: err.Error()}
}

// refuseKind skips rows of a kind that no server takes.
func (e *exporter) refuseKind(row *mgm.Row) {
	kind := kindOf(row)
	switch {
	case kind < typeBoth || kind > typeServer:
		e.skip(row, "type", fmt.Errorf("expected 1 for a client or 2 for a server domain, found %d", kind))
	case kind == typeBoth && row.Domain != mgm.DefaultName:
		e.skip(row, "type", errors.New("type 0 is for the domain \"default\" only"))
	}
}

// defaults writes the default domains. A script sets both at once.
func (e *exporter) defaults(rows []mgm.Row) {
	byKind := map[int64]*mgm.Row{}
	for i := range rows {
		if row := &rows[i]; row.Domain == mgm.DefaultName {
			byKind[kindOf(row)] = row
		}
	}
	both, client, server := byKind[typeBoth], byKind[typeClient], byKind[typeServer]
	switch {
	case both != nil:
		e.settings(both, "", mgm.DefaultName)
		client, server = nil, nil // the first of two wins, and a unique index has no second
	case client != nil && server != nil && alike(*client, *server):
		e.settings(server, "", mgm.DefaultName)
		client, server = nil, nil
	}
	for _, row := range []*mgm.Row{client, server} {
		if row != nil {
			e.skip(row, "type", errors.New("a script sets the default client and the default server domain at once, so that both need a row, with the same settings"))
		}
	}
}

// alike is whether two rows set the same. Client domains have no use for
// require_cert, which is 0 in theirs by default and 1 in those of servers.
func alike(client, server mgm.Row) bool {
	client.ID, client.Type, client.RequireCert = server.ID, server.Type, server.RequireCert
	return reflect.DeepEqual(client, server)
}

func (e *exporter) domain(row *mgm.Row, kind int64) {
	param := map[int64]string{typeClient: "client_domain", typeServer: "server_domain"}[kind]
	value, err := e.definition(row, kind)
	if err != nil {
		e.skip(row, "domain", err)
		return
	}
	e.modparam(param, value)
	prefix := "[" + row.Domain + "]"
	if matchesAddresses(e.version) {
		e.text(row, prefix, "match_ip_address", row.MatchIPAddress)
		e.text(row, prefix, "match_sip_domain", row.MatchSIPDomain)
	}
	e.settings(row, prefix, row.Domain+"."+strings.TrimSuffix(param, "_domain"))
	e.script.WriteByte('\n')
}

// definition is the value of server_domain or client_domain. The error says why
// there is none.
func (e *exporter) definition(row *mgm.Row, kind int64) (string, error) {
	switch {
	case row.Domain == "":
		return "", errors.New("the domain has no name")
	case strings.ContainsAny(row.Domain, "=]") || strings.ContainsFunc(row.Domain, unicode.IsControl):
		return "", errors.New("a script cannot have a domain with such a name")
	case matchesAddresses(e.version) || kind == typeClient && row.Address == "":
		return row.Domain, nil
	case row.Address == "":
		return "", errors.New("a server domain needs an address")
	}
	_, err := domain.ParseAddress(row.Address, e.version)
	return row.Domain + "=" + row.Address, err
}

// settings writes what a row sets, and its blobs to files that begin with base.
func (e *exporter) settings(row *mgm.Row, prefix, base string) {
	if _, err := domain.ParseMethod(row.Method, e.version); row.Method != "" && err != nil {
		e.warn(row, "method", fmt.Errorf("left out: %w", err))
	} else {
		e.text(row, prefix, "tls_method", row.Method)
	}
	e.text(row, prefix, "verify_cert", number(row.VerifyCert))
	e.text(row, prefix, "require_cert", number(row.RequireCert))
	e.text(row, prefix, "crl_check_all", number(row.CRLCheckAll))
	for _, m := range materials {
		if blob := *m.into(row); len(blob) > 0 {
			e.text(row, prefix, m.param, e.file(m, base, blob))
		}
	}
	e.text(row, prefix, "ca_dir", row.CADir)
	e.text(row, prefix, "crl_dir", row.CRLDir)
	e.text(row, prefix, "ciphers_list", row.CipherList)
	e.text(row, prefix, "ec_curve", row.ECCurve)
}

// text writes a parameter if it is set.
func (e *exporter) text(row *mgm.Row, prefix, param, value string) {
	switch {
	case value == "":
	case strings.ContainsFunc(value, unicode.IsControl):
		e.warn(row, param, errors.New("left out, as it holds control characters"))
	default:
		e.modparam(param, prefix+value)
	}
}

func (e *exporter) warn(row *mgm.Row, column string, err error) {
	e.Warnings = append(e.Warnings, problem(row, column, err))
}

func number(n *int64) string {
	switch {
	case n == nil:
		return ""
	case *n == 0:
		return "0"
	}
	return "1" // a script has unsigned numbers only
}

// file adds a file and gives its path.
func (e *exporter) file(m material, base string, blob []byte) string {
	f := File{Path: filepath.Join(e.dir, url.PathEscape(base)+"."+m.suffix), Content: blob, Mode: publicMode}
	if m.secret {
		f.Mode = secretMode
	}
	e.Files = append(e.Files, f)
	return f.Path
}

func (e *exporter) modparam(name, value string) {
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value)
	fmt.Fprintf(&e.script, "modparam(\"tls_mgm\", %s, \"%s\")\n", strconv.Quote(name), quoted)
}
