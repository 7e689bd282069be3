package lint

import (
	"bytes"
	"crypto/x509"
	"slices"
)

// mayHaveIssued compares names and key identifiers; no signature is checked.
func mayHaveIssued(issuer, cert *x509.Certificate) bool {
	return bytes.Equal(cert.RawIssuer, issuer.RawSubject) &&
		(len(cert.AuthorityKeyId) == 0 || len(issuer.SubjectKeyId) == 0 || bytes.Equal(cert.AuthorityKeyId, issuer.SubjectKeyId))
}

func selfSigned(cert *x509.Certificate) bool { return mayHaveIssued(cert, cert) }

// path are the places in a chain of the certificates that lead up from the
// first, each issued by the next; without the root, if it is there, left out.
func path(chain []*x509.Certificate) []int {
	places := []int{0}
	for {
		top := chain[places[len(places)-1]]
		if selfSigned(top) {
			return places
		}
		next := issuerIn(chain, places, top)
		if next < 0 {
			return places
		}
		places = append(places, next)
	}
}

// issuerIn is the place of the issuer of a certificate among those that are not
// used yet, the next one first; -1 if it is not there.
func issuerIn(chain []*x509.Certificate, used []int, cert *x509.Certificate) int {
	start := used[len(used)-1] + 1
	for i := range chain {
		place := (start + i) % len(chain)
		if !slices.Contains(used, place) && mayHaveIssued(chain[place], cert) {
			return place
		}
	}
	return -1
}

// top is the last certificate of the path.
func (c *Certificate) top() *x509.Certificate {
	places := path(c.Chain)
	return c.Chain[places[len(places)-1]]
}

// findAuthorities indexes the certificates of all ca_lists, and the roots of the
// options, by their subject.
func (s *subject) findAuthorities() map[string][]*x509.Certificate {
	found := map[string][]*x509.Certificate{}
	seen := map[*x509.Certificate]bool{}
	add := func(cert *x509.Certificate) {
		if !seen[cert] {
			seen[cert] = true
			found[string(cert.RawSubject)] = append(found[string(cert.RawSubject)], cert)
		}
	}
	for _, d := range s.Domains {
		if d.Context != nil {
			for _, ca := range d.Context.CAs() {
				add(ca)
			}
		}
	}
	for _, root := range s.Options.Roots {
		add(root)
	}
	return found
}

// issuersOf are the known authorities that may have issued a certificate.
func (p *Pass) issuersOf(cert *x509.Certificate) (issuers []*x509.Certificate) {
	for _, ca := range p.authorities()[string(cert.RawIssuer)] {
		if mayHaveIssued(ca, cert) {
			issuers = append(issuers, ca)
		}
	}
	return issuers
}
