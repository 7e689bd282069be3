package tlsctx

import (
	"bytes"
	"crypto/x509"
	"fmt"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

// identity is what a domain presents to its peers: a certificate with its chain
// and the private key. It does not change.
type identity struct {
	certs []*x509.Certificate // the domain's own first; empty if it cannot be read
	key   privateKey
	// keyBeside is a private key in the text of the certificate.
	keyBeside bool
	// What is wrong, whatever names them.
	chainFaults, keyFaults []fault
}

// identityKey is all that an identity depends on.
type identityKey struct {
	cert, key       digest // zero for one that cannot be read at all
	certBlob, noKey bool
	level           int8
}

func (i *identity) leaf() *x509.Certificate {
	if len(i.certs) == 0 {
		return nil
	}
	return i.certs[0]
}

// source is a setting with its content.
type source struct {
	domain.Material
	content
	err error
}

func (l *Loader) source(m domain.Material) (s source) {
	s.Material = m
	s.content, s.err = l.content(m)
	return s
}

// identity makes the identity of a certificate and a key, once for equal ones.
func (l *Loader) identity(cert, key source, level int) *identity {
	id := identityKey{cert.digest, key.digest, cert.File == "", key.err != nil, int8(level)}
	return l.identities.get(id, func() *identity {
		i := new(identity)
		l.identifyChain(i, cert, level)
		l.identifyKey(i, key)
		i.match()
		return i
	})
}

func (l *Loader) identifyChain(i *identity, cert source, level int) {
	if cert.err != nil {
		return // told by the caller, which knows the name
	}
	text, err := l.read(cert.content)
	if err != nil {
		i.chainFaults = []fault{faultf(ruleCertificateMissing, "%v", err)}
		return
	}
	i.keyBeside = bytes.Contains(text, []byte("PRIVATE KEY-----"))
	c := l.readChain(text, cert.File == "", level)
	i.certs, i.chainFaults = c.certs, c.faults
}

func (l *Loader) identifyKey(i *identity, key source) {
	if key.err != nil {
		return
	}
	text, err := l.read(key.content)
	if err != nil {
		i.keyFaults = []fault{faultf(ruleKeyMissing, "%v", err)}
		return
	}
	var f *fault
	if i.key, f = readKey(text, l.options.Passphrase); f != nil {
		i.keyFaults = []fault{*f}
	}
}

// mismatchHelp looks whether the key is that of a certificate further below, as in
// a chain that begins with the authority.
func (i *identity) mismatchHelp() string {
	for place, cert := range i.certs {
		if belongs, checked := i.key.belongsTo(cert); belongs && checked {
			return fmt.Sprintf("the key is that of certificate %d, %q: put that one first", place+1, cert.Subject)
		}
	}
	return "the key has to be the one that the certificate was requested with"
}

// match compares the key with the certificate.
func (i *identity) match() {
	leaf := i.leaf()
	if leaf == nil || i.key.signer == nil && i.key.other == nil {
		return
	}
	belongs, checked := i.key.belongsTo(leaf)
	switch {
	case !belongs:
		i.keyFaults = append(i.keyFaults, fault{rule: ruleKeyMismatch, help: i.mismatchHelp()})
		return
	case !checked:
		i.keyFaults = append(i.keyFaults, faultf(ruleKeyUnchecked, "whether the %s key is that of the certificate is not checked here", keyKind(leaf)))
	}
	if !usable(leaf.PublicKey) || i.key.signer == nil {
		i.keyFaults = append(i.keyFaults, faultf(ruleKeyUnsupported, "crypto/tls has no %s keys: handshakes of this domain fail here, on a real server they do not", keyKind(leaf)))
	}
}
