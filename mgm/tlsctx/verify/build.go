package verify

import "bytes"

// build lets the chain grow from the peer's certificate to a root that is
// trusted. At each certificate it looks for the issuer in the Store first, and
// among those that the peer sent only where the Store has none; what the Store
// has ends the search among the latter.
func (a *attempt) build() fault {
	limit := a.Depth + 1
	mayUseSent := len(a.sent) > 1
	for {
		if issuer := a.trustedIssuer(a.top()); issuer != nil && len(a.chain) <= limit && a.addTrusted(issuer) {
			mayUseSent = false
			switch a.trustOfStored() {
			case trusted:
				return fine
			case rejected:
				return fault{Rejected, len(a.chain) - 1}
			}
			if !a.top().selfSigned() {
				continue
			}
		}
		if !mayUseSent {
			return a.incomplete(limit)
		}
		mayUseSent = len(a.chain) <= limit && a.addSent()
	}
}

// addTrusted puts a certificate of the Store at the end of the chain. A
// self-signed one that the peer sent is replaced by the same one of the Store,
// and by no other.
func (a *attempt) addTrusted(issuer *Certificate) bool {
	if !a.top().selfSigned() {
		a.chain = append(a.chain, issuer)
		return true
	}
	if !bytes.Equal(a.top().Raw, issuer.Raw) {
		return false
	}
	a.chain[len(a.chain)-1] = issuer
	a.untrusted = min(a.untrusted, len(a.chain)-1)
	return true
}

// addSent puts the issuer of the last certificate at the end of the chain, if
// the peer sent it.
func (a *attempt) addSent() bool {
	top := a.top()
	if top.selfSigned() {
		return false
	}
	var candidates []*Certificate
	for _, c := range a.sent {
		if !a.inChain(c) {
			candidates = append(candidates, c)
		}
	}
	issuer := a.bestIssuer(top, candidates)
	if issuer == nil {
		return false
	}
	a.chain = append(a.chain, issuer)
	a.untrusted++
	return true
}

func (a *attempt) inChain(c *Certificate) bool {
	for _, in := range a.chain {
		if bytes.Equal(in.Raw, c.Raw) {
			return true
		}
	}
	return false
}

func (a *attempt) trustedIssuer(c *Certificate) *Certificate {
	return a.bestIssuer(c, a.Store.Certificates(c.issuer))
}

// bestIssuer is the first candidate that may have issued the certificate and is
// valid now, else the one that expires last.
func (a *attempt) bestIssuer(c *Certificate, candidates []*Certificate) (best *Certificate) {
	for _, candidate := range candidates {
		if !candidate.mayHaveIssued(c) {
			continue
		}
		if a.validity(candidate) == OK {
			return candidate
		}
		if best == nil || candidate.NotAfter.After(best.NotAfter) {
			best = candidate
		}
	}
	return best
}

type trust int

const (
	undecided trust = iota
	trusted
	rejected
)

// trustOfStored looks at the certificates in the chain that are from the
// Store: the first that decides does.
func (a *attempt) trustOfStored() trust {
	for _, c := range a.chain[a.untrusted:] {
		if t := c.trustFor(a.Purpose); t != undecided {
			return t
		}
	}
	return undecided
}

// trustFor is the trust in a certificate of the Store: by its settings if it
// has some, else a self-signed one is trusted.
func (c *Certificate) trustFor(purpose Purpose) trust {
	if t := c.explicitTrust(purpose); t != undecided {
		return t
	}
	if c.selfSigned() {
		return trusted
	}
	return undecided
}

const oidAnyUsage = "2.5.29.37.0"

func (c *Certificate) explicitTrust(purpose Purpose) trust {
	if c.trust == nil {
		return undecided
	}
	usage := purpose.usage()
	for _, id := range c.trust.Reject {
		if text := id.String(); text == usage || text == oidAnyUsage {
			return rejected
		}
	}
	if c.trust.Accept == nil {
		return undecided
	}
	for _, id := range c.trust.Accept {
		if text := id.String(); text == usage || text == oidAnyUsage {
			return trusted
		}
	}
	return rejected
}

// incomplete says why the chain leads to no trusted root.
func (a *attempt) incomplete(limit int) fault {
	last := len(a.chain) - 1
	switch {
	case len(a.chain) > limit:
		return fault{ChainTooLong, last}
	case a.top().selfSigned() && last == 0:
		return fault{SelfSigned, last}
	case a.top().selfSigned():
		return fault{SelfSignedInChain, last}
	case a.untrusted < len(a.chain):
		return fault{NoIssuer, last}
	}
	return fault{UnknownIssuer, last}
}
