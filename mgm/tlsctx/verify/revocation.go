package verify

import "crypto/x509"

// checkRevocation looks the certificates up in the revocation lists of their
// issuers.
func (a *attempt) checkRevocation() fault {
	last := len(a.chain) - 1
	switch a.Revocation {
	case NoRevocation:
		return fine
	case LeafRevocation:
		last = 0
	}
	for depth := range last + 1 {
		if code := a.revocation(depth); code != OK {
			return fault{code, depth}
		}
	}
	return fine
}

func (a *attempt) revocation(depth int) Code {
	c := a.chain[depth]
	issuer := a.chain[min(depth+1, len(a.chain)-1)]
	list := a.bestCRL(c, issuer)
	if list == nil {
		return NoCRL
	}
	if code := a.checkCRL(list, c, issuer); code != OK {
		return code
	}
	switch {
	case list.critical:
		return UnhandledCriticalCRLExtension
	case list.revokes(c):
		return Revoked
	}
	return OK
}

// bestCRL is the most fitting list of the certificate's issuer, the latest of
// several that fit as well.
func (a *attempt) bestCRL(c, issuer *Certificate) (best *CRL) {
	bestScore := 0
	for _, l := range a.Store.CRLs(c.issuer) {
		score := a.score(l, c, issuer)
		if score > bestScore || score == bestScore && best != nil && l.ThisUpdate.After(best.ThisUpdate) {
			best, bestScore = l, score
		}
	}
	return best
}

// score is 0 for a list that cannot be meant, else the greater the better: one
// without unknown critical extensions, then one that speaks of the certificate,
// then one in force.
func (a *attempt) score(l *CRL, c, issuer *Certificate) int {
	if l.delta || l.scope.unusable || l.issuer != issuer.subject || !l.authority.fits(issuer) {
		return 0
	}
	score := 1
	if !l.critical {
		score += 8
	}
	if l.scope.covers(c) {
		score += 4
	}
	if l.inForce(a.now) == OK {
		score += 2
	}
	return score
}

func (a *attempt) checkCRL(l *CRL, c, issuer *Certificate) Code {
	switch {
	case issuer.forbids(x509.KeyUsageCRLSign):
		return NoCRLSign
	case !l.scope.covers(c):
		return DifferentCRLScope
	}
	if code := l.inForce(a.now); code != OK {
		return code
	}
	switch {
	case issuer.PublicKey == nil:
		return IssuerKeyUnreadable
	case issuer.CheckSignature(l.algorithm, l.tbs, l.signature) != nil:
		return BadCRLSignature
	}
	return OK
}
