package lint

import (
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Domain is a TLS domain with what its files and blobs hold.
type Domain struct {
	*domain.Definition
	Row *mgm.Row // nil for a domain of the script
	// Context is nil where files are not looked at. Where Problems has errors, it
	// is as much as could be read.
	Context  *tlsctx.Context
	Problems tlsctx.Problems

	chain [sha256.Size]byte // tells chains apart
}

// String names the domain in messages.
func (d *Domain) String() string {
	switch {
	case d.Row != nil && d.Default:
		return fmt.Sprintf("default %s domain (row %d)", d.Kind, d.Row.ID)
	case d.Row != nil:
		return fmt.Sprintf("%s domain %s (row %d)", d.Kind, diag.Quote(d.Name), d.Row.ID)
	case d.Default:
		return fmt.Sprintf("default %s domain", d.Kind)
	}
	return fmt.Sprintf("%s domain %s", d.Kind, diag.Quote(d.Name))
}

// has reports whether loading told of a problem by one of the rules.
func (d *Domain) has(rules ...string) bool {
	return slices.ContainsFunc(d.Problems, func(p tlsctx.Problem) bool { return slices.Contains(rules, p.Rule) })
}

// configured reports whether somebody cared for the domain: all but default
// domains of which nothing is set.
func (d *Domain) configured() bool {
	if !d.Default || d.Row != nil {
		return true
	}
	return slices.ContainsFunc(domain.Settings(), func(param string) bool { return !d.Origin(param).IsDefault() })
}

// Certificate is a certificate with its chain that domains present.
type Certificate struct {
	Chain   []*x509.Certificate // the domains' own first; never empty
	Domains []*Domain           // that present it

	path []int // see [path]
}

// Leaf is the domains' own certificate.
func (c *Certificate) Leaf() *x509.Certificate { return c.Chain[0] }

// serves reports whether a domain of the kind presents it.
func (c *Certificate) serves(kind domain.Kind) bool {
	return slices.ContainsFunc(c.Domains, func(d *Domain) bool { return d.Kind == kind })
}

// has is [Domain.has] for any of the domains.
func (c *Certificate) has(rules ...string) bool {
	return slices.ContainsFunc(c.Domains, func(d *Domain) bool { return d.has(rules...) })
}

// file names the certificate in messages: by its file, or by its domain if it is
// in a blob.
func (c *Certificate) file() string {
	first := c.Domains[0]
	if first.Certificate.File == "" {
		return "certificate of " + first.String()
	}
	return fmt.Sprintf("certificate %q", first.Certificate.File)
}

// reportCertificate reports about a certificate at the first domain that
// presents it, and tells how many others do.
func (p *Pass) reportCertificate(c *Certificate, format string, args ...any) *Finding {
	at := p.at(c.Domains[0], "certificate")
	others := 0
	for _, d := range c.Domains[1:] {
		if d.Row != nil || p.at(d, "certificate") != at {
			others++
		}
	}
	f := p.Report(p.at(c.Domains[0], "certificate"), "%s: %s", c.file(), fmt.Sprintf(format, args...))
	switch others {
	case 0:
	case 1:
		f.Message += " (1 more domain has it)"
	default:
		f.Message += fmt.Sprintf(" (%d more domains have it)", others)
	}
	return f
}

func newSubject(in Input, o Options) *subject {
	s := &subject{Config: in.Config, Rows: in.Rows, Opened: in.Files != nil, Options: o}
	s.names = sync.OnceValue(s.findNames)
	s.ownNames = sync.OnceValue(func() *nameSet { return newNameSet(s.names()) })
	s.authorities = sync.OnceValue(s.findAuthorities)
	s.modParams = sync.OnceValue(s.findModParams)
	s.script = sync.OnceValue(s.readScript)
	if in.Config.Loaded(moduleTLS) == nil {
		return s
	}
	for _, d := range in.Config.TLSDomains() {
		s.Domains = append(s.Domains, &Domain{Definition: d})
	}
	s.addRows(in)
	if in.Files != nil {
		s.open(in)
	}
	return s
}

type domainKey struct {
	kind domain.Kind
	name string
	byDB bool // a default of the table, which takes the place of the script's
}

// addRows adds the domains of the rows that a server does not skip.
func (s *subject) addRows(in Input) {
	dir := in.ConfigDir
	if dir == "" {
		dir = cfg.DefaultConfigDir
	}
	taken := map[domainKey]bool{}
	for _, d := range in.Config.TLS.Domains {
		taken[domainKey{d.Kind, d.Name, false}] = true
	}
	for i := range in.Rows {
		row := &in.Rows[i]
		defs, err := row.Define(dir, in.Config.Version)
		if err != nil {
			continue // told when the server starts
		}
		for _, d := range defs {
			key := domainKey{d.Kind, d.Name, d.Default}
			if !taken[key] {
				taken[key] = true
				s.Domains = append(s.Domains, &Domain{Definition: d, Row: row})
			}
		}
	}
}

// open reads the files and blobs of all domains, and groups the domains by the
// chains that they present.
func (s *subject) open(in Input) {
	loader := in.Loader
	if loader == nil {
		loader = tlsctx.NewLoader(tlsctx.Options{
			Files: in.Files, Version: in.Config.Version, Passphrase: s.Options.Passphrase,
			Now: func() time.Time { return s.Options.Now },
		}, nil)
	}
	s.loader = loader
	parallel(len(s.Domains), func(i int) {
		d := s.Domains[i]
		d.Context, d.Problems = loader.Inspect(d.Definition)
		d.chain = chainDigest(d.Context.Chain())
	})
	known := map[[sha256.Size]byte]*Certificate{}
	for _, d := range s.Domains {
		chain := d.Context.Chain()
		if len(chain) == 0 || d.has("private-key-mismatch") && upsideDown(chain) {
			continue
		}
		c := known[d.chain]
		if c == nil {
			c = &Certificate{Chain: chain, path: path(chain)}
			known[d.chain] = c
			s.Certificates = append(s.Certificates, c)
		}
		c.Domains = append(c.Domains, d)
	}
}

func chainDigest(chain []*x509.Certificate) (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, cert := range chain {
		h.Write(cert.Raw)
	}
	h.Sum(sum[:0])
	return sum
}
