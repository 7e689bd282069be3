package lint

import (
	"crypto/x509"
	"fmt"

	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

// caList is a ca_list with the domains that have it.
type caList struct {
	certs   []*x509.Certificate
	domains []*Domain
}

// caLists are the ca_lists, each once.
func (p *Pass) caLists() []*caList { return p.caListsOf(p.Domains) }

func (p *Pass) caListsOf(domains []*Domain) (all []*caList) {
	// The loader makes one list of equal ones, so that the first certificate
	// tells them apart.
	known := map[*x509.Certificate]*caList{}
	for _, d := range domains {
		if d.Context == nil || !d.CAList.IsSet() {
			continue
		}
		certs := d.Context.CAs()
		if len(certs) == 0 {
			continue
		}
		l := known[certs[0]]
		if l == nil {
			l = &caList{certs: certs}
			known[certs[0]] = l
			all = append(all, l)
		}
		l.domains = append(l.domains, d)
	}
	return all
}

// reportCAList reports about a ca_list at the first domain that has it.
func (p *Pass) reportCAList(l *caList, format string, args ...any) *Finding {
	d := l.domains[0]
	name := "ca_list of " + d.String()
	if d.CAList.File != "" {
		name = fmt.Sprintf("ca_list %q", d.CAList.File)
	}
	return p.Report(p.at(d, "ca_list"), "%s: %s", name, fmt.Sprintf(format, args...))
}

// crlDir is a crl_dir with the domains that have it.
type crlDir struct {
	crls    []*verify.CRL
	domains []*Domain
}

// crlDirs are the crl_dirs, each once.
func (p *Pass) crlDirs() (all []*crlDir) {
	known := map[string]*crlDir{}
	for _, d := range p.Domains {
		if d.Context == nil || d.CRLDir.Value == "" {
			continue
		}
		l := known[d.CRLDir.Value]
		if l == nil {
			l = &crlDir{crls: d.Context.CRLs()}
			known[d.CRLDir.Value] = l
			all = append(all, l)
		}
		l.domains = append(l.domains, d)
	}
	return all
}
