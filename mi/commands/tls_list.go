package commands

import (
	"context"
	"iter"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mi"
)

// tlsList lists the domains of one moment (manual 1.7.1).
func tlsList(s Server) mi.Command {
	return mi.TLSList(func(context.Context) (iter.Seq[mi.DomainInfo], error) {
		domains := s.Registry.Domains()
		return func(yield func(mi.DomainInfo) bool) {
			for d := range domains.All() {
				if !yield(Info(d, s.Version)) {
					return
				}
			}
		}, nil
	})
}

// Info is what tls_list shows of a domain. Files are named for domains of the
// script only, as the others have none.
func Info(d *mgm.Domain, v catalogue.Version) mi.DomainInfo {
	info := mi.DomainInfo{
		Name:         d.DisplayName(),
		Client:       d.Kind == domain.Client,
		Method:       methodName(d.Method.Value, v),
		VerifyCert:   d.VerifyCert.On,
		RequireCert:  d.RequireCert.On,
		CRLCheckAll:  d.CRLCheckAll.On,
		FromDatabase: d.FromDB(),
		Certificate:  d.Certificate.File,
		CAList:       d.CAList.File,
		PrivateKey:   d.PrivateKey.File,
		DHParams:     d.DHParams.File,
		CRLDir:       d.CRLDir.Value,
		CADir:        d.CADir.Value,
		CipherList:   d.CiphersList.Value,
		ECCurve:      d.ECCurve.Value,
	}
	if d.Address.IsValid() {
		info.Address = d.Address.String()
	}
	return info
}

// methodName is how a method is listed, such as SSLv23 for TLSany.
func methodName(text string, v catalogue.Version) string {
	if m, err := domain.ParseMethod(text, v); err == nil {
		return m.Name
	}
	return text
}
