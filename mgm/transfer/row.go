// Package transfer carries TLS domains between a script with its files and the
// tls_mgm table, in both directions.
package transfer

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
)

// The values of the column type.
const (
	typeBoth   = 0 // of the domain "default" only
	typeClient = 1
	typeServer = 2
)

// Row makes the row of a domain, with the content of its files. What nobody set
// stays empty, so that the row has the defaults as the domain had them; but for
// the flags, whose defaults in the table are not those of a script.
func Row(d *domain.Definition, files tlsctx.Files, v catalogue.Version) (mgm.Row, error) {
	row := mgm.Row{
		Domain:      d.Name,
		Type:        new(typeOf(d.Kind)),
		VerifyCert:  flag(d.VerifyCert),
		RequireCert: flag(d.RequireCert),
		CRLCheckAll: flag(d.CRLCheckAll),
		Method:      given(d.Method),
		CRLDir:      given(d.CRLDir),
		CADir:       given(d.CADir),
		CipherList:  given(d.CiphersList),
		ECCurve:     given(d.ECCurve),
	}
	if d.Default {
		row.Domain = mgm.DefaultName
	}
	if d.Address.IsValid() {
		setAddress(&row, d.Address.String(), v)
	}
	for _, m := range materials {
		from := m.of(d)
		if from.From.IsDefault() || from.File == "" {
			continue
		}
		blob, err := m.read(files, from.File)
		if err != nil {
			return mgm.Row{}, fmt.Errorf("%s of %s domain %q: %w", m.param, d.Kind, row.Domain, err)
		}
		*m.into(&row) = blob
	}
	return row, nil
}

func typeOf(k domain.Kind) int64 {
	if k == domain.Client {
		return typeClient
	}
	return typeServer
}

func flag(f domain.Flag) *int64 {
	if f.On {
		return new(int64(1))
	}
	return new(int64(0))
}

func given(t domain.Text) string {
	if t.From.IsDefault() {
		return ""
	}
	return t.Value
}

// setAddress puts an address where the version's table has it.
func setAddress(row *mgm.Row, address string, v catalogue.Version) {
	if matchesAddresses(v) {
		row.MatchIPAddress = address
		return
	}
	row.Address = address
}

// matchesAddresses is whether domains of the version have filters for addresses
// and SIP domains, in place of one address.
func matchesAddresses(v catalogue.Version) bool {
	m, ok := catalogue.For(v).Module("tls_mgm")
	if !ok {
		return false
	}
	_, ok = m.Param("match_ip_address")
	return ok
}

// material is a setting that is a file of the script and a blob of the table.
type material struct {
	param  string
	suffix string // of the file when it is exported
	secret bool
	blocks []string // the kinds of PEM block that belong to it
	of     func(*domain.Definition) domain.Material
	into   func(*mgm.Row) *[]byte
}

var materials = []material{
	{
		param: "certificate", suffix: "cert.pem",
		blocks: []string{"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"},
		of:     func(d *domain.Definition) domain.Material { return d.Certificate },
		into:   func(r *mgm.Row) *[]byte { return &r.Certificate },
	},
	{
		param: "private_key", suffix: "key.pem", secret: true,
		blocks: []string{"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY"},
		of:     func(d *domain.Definition) domain.Material { return d.PrivateKey },
		into:   func(r *mgm.Row) *[]byte { return &r.PrivateKey },
	},
	{
		param: "ca_list", suffix: "ca.pem",
		blocks: []string{"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"},
		of:     func(d *domain.Definition) domain.Material { return d.CAList },
		into:   func(r *mgm.Row) *[]byte { return &r.CAList },
	},
	{
		param: "dh_params", suffix: "dh.pem",
		blocks: []string{"DH PARAMETERS", "X9.42 DH PARAMETERS"},
		of:     func(d *domain.Definition) domain.Material { return d.DHParams },
		into:   func(r *mgm.Row) *[]byte { return &r.DHParams },
	},
}

// maxFile is more than any PEM file has; a bundle of all public CAs is 0.3 MB.
const maxFile = 8 << 20

// read takes the blocks that belong to the setting and leaves the rest: a file
// may hold a key beside its certificates, which must not get into a column that
// everybody may read, and bundles are mostly comments.
func (m material) read(files tlsctx.Files, path string) ([]byte, error) {
	f, err := files.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", path, err)
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("%q is longer than %d bytes", path, maxFile)
	}
	var kept bytes.Buffer
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if m.takes(block.Type) {
			if err := pem.Encode(&kept, block); err != nil {
				return nil, fmt.Errorf("%q: %w", path, err)
			}
		}
	}
	if kept.Len() == 0 {
		return nil, fmt.Errorf("%q has no PEM block of the kind %s", path, strings.Join(m.blocks, ", "))
	}
	return kept.Bytes(), nil
}

func (m material) takes(kind string) bool {
	return slices.Contains(m.blocks, kind)
}

// wholeBlobSince is the version from which a server uses every certificate of a
// blob; before it, the first one only.
const wholeBlobSince = catalogue.Version(3 << 8)

// Unused names the columns of which a server of the version uses the first
// certificate alone, though there are more.
func Unused(row mgm.Row, v catalogue.Version) []string {
	if v >= wholeBlobSince {
		return nil
	}
	var columns []string
	for _, m := range materials {
		if block, rest := pem.Decode(*m.into(&row)); block != nil && block.Type == "CERTIFICATE" {
			if next, _ := pem.Decode(rest); next != nil {
				columns = append(columns, m.param)
			}
		}
	}
	return columns
}
