package tlsctx

import (
	"crypto/sha256"
	"crypto/x509"
	"slices"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/openssl"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

// Context is the TLS context of a domain. It does not change and is safe for
// concurrent use.
type Context struct {
	kind                    domain.Kind
	method                  domain.Method
	verify, require         bool
	crlCheckAll, rootCounts bool
	lowest, highest         uint16 // protocol versions
	identity                *identity
	ciphers                 *ciphers
	curve                   *curve    // nil: any
	dhParams                *dhParams // nil: none
	caList                  *caList   // nil: none
	caDir                   *caDir    // nil: none
	crlDir                  *crlDir   // nil: none
	now                     func() time.Time

	server, client, witnessed lazyConfig
}

// Certificate is the certificate that the domain presents, nil if it has none.
// Of one that crypto/x509 refuses and OpenSSL takes there is what could be read:
// at least Raw, Subject, Issuer and the validity.
func (c *Context) Certificate() *x509.Certificate { return c.identity.leaf() }

// Chain are the certificates that the domain presents, its own first.
func (c *Context) Chain() []*x509.Certificate { return slices.Clone(c.identity.certs) }

// KeyKind names the kind of the private key: "RSA 2048", "ECDSA P-256",
// "Ed25519"; empty if there is none.
func (c *Context) KeyKind() string {
	if leaf := c.Certificate(); leaf != nil {
		return keyKind(leaf)
	}
	return ""
}

// KeyEncrypted reports whether the private key is encrypted where it lies, so
// that a real server asks for its passphrase.
func (c *Context) KeyEncrypted() bool { return c.identity.key.encrypted }

// KeyBesideCertificate reports whether the file or the blob of the certificate
// holds a private key too.
func (c *Context) KeyBesideCertificate() bool { return c.identity.keyBeside }

// Fingerprint is the SHA-256 hash of the certificate that the domain presents,
// zero if it has none.
func (c *Context) Fingerprint() [sha256.Size]byte {
	if leaf := c.Certificate(); leaf != nil {
		return sha256.Sum256(leaf.Raw)
	}
	return [sha256.Size]byte{}
}

// CAs are the certificates of the ca_list. Those of the ca_dir are looked for
// only when they are needed.
func (c *Context) CAs() []*x509.Certificate {
	if c.caList == nil {
		return nil
	}
	certs := make([]*x509.Certificate, len(c.caList.certs))
	for i, trusted := range c.caList.certs {
		certs[i] = trusted.Certificate
	}
	return certs
}

// CRLs are the revocation lists of the crl_dir. Without any, revocation is not
// looked at.
func (c *Context) CRLs() []*verify.CRL {
	if c.crlDir == nil {
		return nil
	}
	return slices.Clone(c.crlDir.crls)
}

// Method is the tls_method.
func (c *Context) Method() domain.Method { return c.method }

// Versions is the range of protocol versions that the domain speaks here, in
// the numbers of crypto/tls.
func (c *Context) Versions() (lowest, highest uint16) { return c.lowest, c.highest }

// Ciphers is what the ciphers_list stands for; without one it is OpenSSL's
// default list.
func (c *Context) Ciphers() openssl.CipherList { return c.ciphers.list }

// Curve is the ec_curve; it is false if none is set.
func (c *Context) Curve() (openssl.Curve, bool) {
	if c.curve == nil {
		return openssl.Curve{}, false
	}
	return c.curve.Curve, true
}

// DHParams are the dh_params, nil if none are set or they cannot be used.
func (c *Context) DHParams() *openssl.DHParams {
	if c.dhParams == nil {
		return nil
	}
	return c.dhParams.DHParams
}

// Equal reports whether both do the same, key and CAs included. It may miss
// that for contexts of loaders that are not each other's previous.
func (c *Context) Equal(o *Context) bool {
	if c == nil || o == nil {
		return c == o
	}
	return c.kind == o.kind && c.method == o.method && c.verify == o.verify && c.require == o.require &&
		c.crlCheckAll == o.crlCheckAll && c.rootCounts == o.rootCounts && c.identity == o.identity &&
		c.ciphers == o.ciphers && c.curve == o.curve && c.dhParams == o.dhParams && c.caList == o.caList &&
		c.caDir.sameAs(o.caDir) && c.crlDir.sameAs(o.crlDir)
}

func (d *caDir) sameAs(o *caDir) bool {
	if d == nil || o == nil {
		return d == o
	}
	return d.path == o.path
}

func (d *crlDir) sameAs(o *crlDir) bool {
	if d == nil || o == nil {
		return d == o
	}
	return slices.Equal(d.crls, o.crls)
}

// VerifyPeer checks the certificates that a peer presented, its own first, as
// OpenSSL does for the domain, whether or not the domain wants it. A server
// domain checks those of clients and the other way round. It must not be empty.
func (c *Context) VerifyPeer(peer []*x509.Certificate) verify.Result {
	v := verify.Verifier{
		Store: store{c}, Purpose: verify.SSLClient, Revocation: c.revocation(),
		SecurityLevel: c.ciphers.list.SecurityLevel, Depth: verifyDepth, CountRoot: c.rootCounts, Now: c.now,
	}
	if c.kind == domain.Client {
		v.Purpose = verify.SSLServer
	}
	return v.Verify(peer)
}

func (c *Context) revocation() verify.Revocation {
	switch {
	case c.crlDir == nil || len(c.crlDir.crls) == 0:
		return verify.NoRevocation
	case c.crlCheckAll:
		return verify.ChainRevocation
	}
	return verify.LeafRevocation
}

// store is all that a context trusts.
type store struct{ *Context }

// Certificates looks into the ca_dir only for what the ca_list does not have.
func (s store) Certificates(subject verify.Name) []*verify.Certificate {
	if s.caList != nil {
		if found := s.caList.pool().Certificates(subject); len(found) > 0 {
			return found
		}
	}
	if s.caDir == nil {
		return nil
	}
	return s.caDir.certificates(subject)
}

// CRLs are those of the crl_dir, of the ca_list and of the ca_dir.
func (s store) CRLs(issuer verify.Name) (found []*verify.CRL) {
	if s.crlDir != nil {
		found = append(found, s.crlDir.pool().CRLs(issuer)...)
	}
	if s.caList != nil {
		found = append(found, s.caList.pool().CRLs(issuer)...)
	}
	if s.caDir != nil {
		found = append(found, s.caDir.lists(issuer)...)
	}
	return found
}
