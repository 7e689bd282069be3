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
// first, each issued by the next, as far as they are there.
func path(chain []*x509.Certificate) []int {
	places, used := []int{0}, make([]bool, len(chain))
	for at := 0; !selfSigned(chain[at]); places = append(places, at) {
		used[at] = true
		if at = issuerIn(chain, used, at); at < 0 {
			break
		}
	}
	return places
}

// upsideDown reports whether a chain begins with the authority that issued a
// certificate behind it. With the key of that one, which the server refuses,
// nothing that is said about the first one is of use.
func upsideDown(chain []*x509.Certificate) bool {
	return chain[0].IsCA && slices.ContainsFunc(chain[1:], func(c *x509.Certificate) bool { return !c.IsCA && mayHaveIssued(chain[0], c) })
}

// issuerIn is the place of the issuer of the certificate at a place, among those
// that are not used yet, the next one first; -1 if it is not there.
func issuerIn(chain []*x509.Certificate, used []bool, at int) int {
	for i := range chain {
		place := (at + 1 + i) % len(chain)
		if !used[place] && mayHaveIssued(chain[place], chain[at]) {
			return place
		}
	}
	return -1
}

// top is the last certificate of the path.
func (c *Certificate) top() *x509.Certificate {
	return c.Chain[c.path[len(c.path)-1]]
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
