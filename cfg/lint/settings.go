package lint

import (
	"github.com/opensips-tools/tlsmgm/mgm/openssl"
)

// parsedCiphers is a ciphers_list as OpenSSL reads it.
type parsedCiphers struct {
	openssl.CipherList
	err error // OpenSSL refuses it
}

// ciphersOf is the ciphers_list of a domain; false if it has none of its own.
func (p *Pass) ciphersOf(d *Domain) (parsedCiphers, bool) {
	text := d.CiphersList.Value
	if text == "" {
		text = openssl.DefaultCipherList
	}
	return p.ciphers.get(text, func(text string) (c parsedCiphers) {
		c.CipherList, c.err = openssl.ParseCipherList(text)
		return c
	}), d.CiphersList.Value != ""
}

// parsedCurve is an ec_curve.
type parsedCurve struct {
	openssl.Curve
	err error
}

// curveOf is the ec_curve of a domain; false if none is set.
func (p *Pass) curveOf(d *Domain) (parsedCurve, bool) {
	if d.ECCurve.Value == "" {
		return parsedCurve{}, false
	}
	return p.curves.get(d.ECCurve.Value, func(name string) (c parsedCurve) {
		c.Curve, c.err = openssl.LookupCurve(name)
		return c
	}), true
}
