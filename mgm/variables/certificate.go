package variables

import (
	"crypto/x509"
	"math/big"
	"strconv"
	"time"
)

// bufferSize is that of the buffers in which the module makes its texts, with
// the zero byte at the end. A text that does not fit is NULL, or, of the one-line
// form of a name, cut.
const bufferSize = 1024

// certificate is what variables say of a certificate.
type certificate struct {
	of                  *x509.Certificate
	version, serial     Value
	notBefore, notAfter Value
	subject, issuer     name
	altNames            [altKinds]Value
}

func newCertificate(cert *x509.Certificate) *certificate {
	return &certificate{
		of:        cert,
		version:   text(strconv.Itoa(cert.Version - 1)), // as it is in the certificate
		serial:    number(cert.SerialNumber),
		notBefore: text(timeText(cert.NotBefore)),
		notAfter:  text(timeText(cert.NotAfter)),
		subject:   newName(cert.RawSubject),
		issuer:    newName(cert.RawIssuer),
		altNames:  newAltNames(cert.Extensions),
	}
}

func certVersion(c *certificate) Value   { return c.version }
func certSerial(c *certificate) Value    { return c.serial }
func certNotBefore(c *certificate) Value { return c.notBefore }
func certNotAfter(c *certificate) Value  { return c.notAfter }

func subject(p part) func(*certificate) Value {
	return func(c *certificate) Value { return c.subject[p] }
}

func issuer(p part) func(*certificate) Value {
	return func(c *certificate) Value { return c.issuer[p] }
}

func altName(k altKind) func(*certificate) Value {
	return func(c *certificate) Value { return c.altNames[k] }
}

func integer(n int64) Value {
	return Value{Text: strconv.FormatInt(n, 10), IsText: true, Int: n, IsInt: true}
}

// number is a number of any size: only a text if it does not fit.
func number(n *big.Int) Value {
	switch {
	case n == nil:
		return Value{}
	case n.IsInt64():
		return integer(n.Int64())
	}
	return text(n.String())
}

// timeText writes a time as ASN1_TIME_print does: it says GMT only of what a
// certificate has in that form, "Z", though it is GMT in any case.
func timeText(t time.Time) string {
	_, offset := t.Zone()
	t = t.UTC()
	written := t.Format("Jan _2 15:04:05 ") + strconv.Itoa(t.Year())
	if offset == 0 {
		written += " GMT"
	}
	return written
}
