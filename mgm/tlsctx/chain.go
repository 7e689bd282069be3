package tlsctx

import (
	"crypto/x509"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/opensips-tools/tlsmgm/mgm/openssl"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/internal/pemtext"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

var errChanged = errors.New("changed while it was read")

// fault is what is wrong with a content, whatever setting names it.
type fault struct {
	rule *diag.Rule
	text string // behind the name of the setting and a colon; not for ruleKeyMismatch
	help string
}

func faultf(rule *diag.Rule, format string, args ...any) fault {
	return fault{rule: rule, text: fmt.Sprintf(format, args...)}
}

func (f fault) withHelp(help string) fault {
	f.help = help
	return f
}

// Types of PEM blocks that hold a certificate.
const (
	pemCertificate    = "CERTIFICATE"
	pemOldCertificate = "X509 CERTIFICATE"
	pemTrusted        = "TRUSTED CERTIFICATE"
)

func isCertificate(b pemtext.Block) bool {
	return b.Type == pemCertificate || b.Type == pemOldCertificate
}

// nextBlock gives the first block that is wanted; others are passed over if
// they are sound. The error is that of pemtext.Next, or an encrypted block.
func nextBlock(text []byte, wanted func(pemtext.Block) bool) (b pemtext.Block, rest []byte, err error) {
	for {
		b, text, err = pemtext.Next(text)
		switch {
		case err != nil:
			return b, text, err
		case !wanted(b):
		case b.Encrypted():
			return b, text, errors.New("encrypted block")
		default:
			return b, text, nil
		}
	}
}

// issuer is a certificate of a chain behind the first.
type issuer struct {
	cert *x509.Certificate // nil if it cannot be read
	odd  error
	err  error
}

// chain reads certificates that are to be presented to peers, the domain's own
// first.
type chain struct {
	certs  []*x509.Certificate
	faults []fault
}

func (c *chain) fail(f fault) { c.faults = append(c.faults, f) }

// readChain reads the chain of a file, where everything must be sound, or of a
// blob, where only the first certificate must.
func (l *Loader) readChain(text []byte, blob bool, level int) (c chain) {
	first := func(b pemtext.Block) bool { return isCertificate(b) || !blob && b.Type == pemTrusted }
	b, rest, err := nextBlock(text, first)
	if err != nil {
		c.fail(unreadable(ruleCertificateUnreadable, "certificate", text, err))
		return c
	}
	leaf, _, odd, err := verify.ParseTrusted(b.Bytes)
	if err != nil {
		c.fail(faultf(ruleCertificateUnreadable, "%v", err))
		return c
	}
	c.add(leaf, odd)
	l.readIssuers(&c, rest, blob)
	c.checkLevel(level, blob)
	return c
}

func (c *chain) add(cert *x509.Certificate, odd error) {
	c.certs = append(c.certs, cert)
	if odd != nil {
		c.fail(faultf(ruleCertificateOdd, "certificate %d of the chain is read by OpenSSL but not by crypto/x509: %v", len(c.certs), odd))
	}
}

func (l *Loader) readIssuers(c *chain, text []byte, blob bool) {
	rule := ruleCertificateUnreadable
	if blob {
		rule = ruleChainDamaged
	}
	for {
		b, rest, err := nextBlock(text, isCertificate)
		if errors.Is(err, pemtext.ErrNoStartLine) {
			break
		}
		if err != nil {
			c.fail(faultf(rule, "certificate %d: %v", len(c.certs)+1, err))
			break
		}
		next := l.issuer(b.Bytes)
		if next.err != nil {
			c.fail(faultf(rule, "certificate %d: %v", len(c.certs)+1, next.err))
			break
		}
		c.add(next.cert, next.odd)
		text = rest
	}
	if blob && len(c.certs) > 1 && l.options.Version < wholeBlobsSince {
		c.fail(faultf(ruleChainIgnored, "a real %s presents only the first of %d certificates of a blob", l.options.Version, len(c.certs)))
	}
}

// issuer reads a certificate that many chains may have in common.
func (l *Loader) issuer(der []byte) issuer {
	return l.issuers.get(digestOf(der), func() (i issuer) {
		i.cert, i.odd, i.err = verify.ParseCertificate(der)
		return i
	})
}

// checkLevel has the security level judge the chain; of a blob, OpenSIPS has
// only the first certificate judged.
func (c *chain) checkLevel(level int, blob bool) {
	if len(c.certs) == 0 {
		return
	}
	judged := c.certs
	if blob {
		judged = judged[:1]
	}
	judged = slices.DeleteFunc(slices.Clone(judged), hasOtherCurve)
	err := openssl.CheckCertificates(level, judged...)
	if err == nil && hasOtherCurve(c.certs[0]) {
		err = checkOtherCurve(level, c.certs[0])
	}
	if err != nil {
		c.fail(faultf(ruleCertificateWeak, "%v", err).withHelp("make one with an RSA key of 2048 bits or an EC key on P-256, and a SHA-256 signature"))
	}
}

// unreadable says why a text has no block of a kind.
func unreadable(rule *diag.Rule, kind string, text []byte, err error) fault {
	f := faultf(rule, "%v", err)
	if errors.Is(err, pemtext.ErrNoStartLine) {
		f = faultf(rule, "no %s in PEM form", kind)
	}
	switch {
	case len(text) == 0:
		f.text = "empty"
	case text[0] == 0x30 && len(text) > 1 && text[1] >= 0x80: // a SEQUENCE
		f.help = "it looks like DER: convert it with openssl x509, pkey or crl and -inform DER"
	case errors.Is(err, pemtext.ErrNoStartLine):
		if label := beginLine.FindSubmatch(text); label != nil {
			f.help = fmt.Sprintf("it holds a %s: is it the file of another setting", label[1])
		}
	}
	return f
}

// beginLine has the kind of the first block of a text.
var beginLine = regexp.MustCompile(`(?m)^-----BEGIN ([A-Z0-9][A-Z0-9 .]{0,40})-----`)
