package verify

// Pool is a Store of certificates and revocation lists in memory. It does not
// change.
type Pool struct {
	certificates map[Name][]*Certificate
	crls         map[Name][]*CRL
}

// NewPool makes a Store of these.
func NewPool(certificates []*Certificate, crls []*CRL) *Pool {
	p := &Pool{make(map[Name][]*Certificate, len(certificates)), make(map[Name][]*CRL, len(crls))}
	for _, c := range certificates {
		p.certificates[c.subject] = append(p.certificates[c.subject], c)
	}
	for _, l := range crls {
		p.crls[l.issuer] = append(p.crls[l.issuer], l)
	}
	return p
}

// Certificates gives the certificates of that subject, in the order in which
// they were given to NewPool.
func (p *Pool) Certificates(subject Name) []*Certificate { return p.certificates[subject] }

// CRLs gives the revocation lists of that issuer.
func (p *Pool) CRLs(issuer Name) []*CRL { return p.crls[issuer] }
