package mgm

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

// The values of the column type.
const (
	typeBoth   = 0 // only for "default"
	typeClient = 1
	typeServer = 2
)

// A digest tells the settings of two rows apart, but for their blobs, which the
// contexts tell apart.
type digest [sha256.Size]byte

// digestOf covers every column but the blobs and the id, which an update does
// not change.
func digestOf(r *Row) digest {
	h := sha256.New()
	var length [8]byte
	write := func(b []byte) {
		binary.LittleEndian.PutUint64(length[:], uint64(len(b)))
		h.Write(length[:])
		h.Write(b)
	}
	for _, text := range []string{
		r.Domain, r.Address, r.MatchIPAddress, r.MatchSIPDomain, r.Method, r.CRLDir, r.CADir, r.CipherList, r.ECCurve,
	} {
		write([]byte(text))
	}
	for _, n := range []*int64{r.Type, r.VerifyCert, r.RequireCert, r.CRLCheckAll} {
		if n == nil {
			write(nil)
			continue
		}
		write(binary.LittleEndian.AppendUint64(nil, uint64(*n)))
	}
	return digest(h.Sum(nil))
}

// kinds are the kinds of domain that a row defines. The error is a *RowError.
func (r *Row) kinds() ([]domain.Kind, error) {
	n := int64(typeBoth)
	if r.Type != nil {
		n = *r.Type
	}
	switch {
	case r.Domain == "":
		return nil, r.refuse("domain", errors.New("the domain has no name"))
	case n == typeClient:
		return []domain.Kind{domain.Client}, nil
	case n == typeServer:
		return []domain.Kind{domain.Server}, nil
	case n == typeBoth && r.Domain == DefaultName:
		return []domain.Kind{domain.Client, domain.Server}, nil
	case n == typeBoth:
		return nil, r.refuse("type", errors.New("type 0 is for the domain \"default\" only: expected 1 for a client or 2 for a server domain"))
	}
	return nil, r.refuse("type", fmt.Errorf("expected 1 for a client or 2 for a server domain, found %d", n))
}

// Define makes the domains of a row as a load does: one, or two for a row
// "default" of both kinds. It does not look whether the names are taken. The
// error says why the row cannot be used.
func (r *Row) Define(configDir string, v catalogue.Version) ([]*domain.Definition, error) {
	kinds, err := r.kinds()
	if err != nil {
		return nil, err
	}
	defs := make([]*domain.Definition, len(kinds))
	for i, kind := range kinds {
		if defs[i], _, err = r.define(kind, configDir, v); err != nil {
			return nil, err
		}
	}
	return defs, nil
}

func (r *Row) refuse(column string, err error) *RowError {
	return &RowError{ID: r.ID, Domain: r.Domain, Column: column, Err: err}
}

// define makes the domain of that kind of a row. What the row leaves out is the
// built-in default. The error is a *RowError; a warning is about a setting that
// a server takes for the default without a word.
func (r *Row) define(kind domain.Kind, configDir string, v catalogue.Version) (d *domain.Definition, warning, err error) {
	d = domain.New(kind, r.Domain, configDir)
	d.From = domain.Origin{Row: r.ID}
	switch {
	case v >= domain.MatchesSince:
		err = r.setMatches(d, v)
	case r.Domain == DefaultName:
		d.Name, d.Default = "", true
	default:
		err = r.setAddress(d, v)
	}
	if err != nil {
		return nil, nil, err
	}
	from := d.From
	if r.Method != "" {
		if _, err := domain.ParseMethod(r.Method, v); err != nil {
			warning = r.refuse("method", fmt.Errorf("%w; the default is used", err))
		} else {
			d.Method = domain.Text{Value: r.Method, From: from}
		}
	}
	setFlag(&d.VerifyCert, r.VerifyCert, from)
	setFlag(&d.RequireCert, r.RequireCert, from)
	setFlag(&d.CRLCheckAll, r.CRLCheckAll, from)
	setBlob(&d.Certificate, r.Certificate, from)
	setBlob(&d.PrivateKey, r.PrivateKey, from)
	setBlob(&d.CAList, r.CAList, from)
	setBlob(&d.DHParams, r.DHParams, from)
	setText(&d.CRLDir, r.CRLDir, from)
	setText(&d.CADir, r.CADir, from)
	setText(&d.CiphersList, r.CipherList, from)
	setText(&d.ECCurve, r.ECCurve, from)
	return d, warning, nil
}

func (r *Row) setAddress(d *domain.Definition, v catalogue.Version) error {
	switch {
	case r.Address != "":
		address, err := domain.ParseAddress(r.Address, v)
		if err != nil {
			return r.refuse("address", err)
		}
		d.Address = address
	case d.Kind == domain.Server:
		return r.refuse("address", errors.New("a server domain needs an address"))
	}
	return nil
}

// setMatches sets what finds the domain from 3.0 on. Without it any address and any
// SIP domain do.
func (r *Row) setMatches(d *domain.Definition, v catalogue.Version) error {
	if r.MatchIPAddress != "" {
		if _, _, err := domain.ParseMatchIPAddress(r.MatchIPAddress, v); err != nil {
			return r.refuse("match_ip_address", err)
		}
	}
	setText(&d.MatchIPAddress, r.MatchIPAddress, d.From)
	setText(&d.MatchSIPDomain, r.MatchSIPDomain, d.From)
	return nil
}

func setFlag(f *domain.Flag, value *int64, from domain.Origin) {
	if value != nil {
		*f = domain.Flag{On: *value != 0, From: from}
	}
}

func setText(t *domain.Text, value string, from domain.Origin) {
	if value != "" {
		*t = domain.Text{Value: value, From: from}
	}
}

func setBlob(m *domain.Material, blob []byte, from domain.Origin) {
	if len(blob) > 0 {
		*m = domain.Material{Blob: blob, From: from}
	}
}
