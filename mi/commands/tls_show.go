package commands

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math"
	"math/big"
	"strings"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/openssl"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
	"github.com/opensips-tools/tlsmgm/mi"
)

// tlsShow shows the domains of a name, of either kind: each setting with where
// it was set, and the certificate that is in use. It has no place for keys.
func tlsShow(s Server) mi.Command {
	return mi.Command{
		Name:    "tls_show",
		Aliases: []string{"tls_mgm:show"},
		Module:  "tls_mgm",
		Help:    "shows the TLS domains of a name in full: every setting with where it was set, and the certificate in use",
		Params:  []mi.Param{{Name: "name"}},
		Run: func(_ context.Context, r mi.Request) (mi.Result, error) {
			list := mi.List{}
			for d := range s.Registry.Domains().Named(r.Text("name")) {
				list = append(list, s.show(d))
			}
			if len(list) == 0 {
				return nil, &mi.Error{Code: 404, Message: "TLS domain not found"}
			}
			return mi.Object{{Name: "Domains", Value: list}}, nil
		},
	}
}

func (s Server) show(d *mgm.Domain) mi.Object {
	info := Info(d, s.Version)
	o := mi.Object{
		{Name: "name", Value: mi.String(info.Name)},
		{Name: "type", Value: mi.String(map[bool]string{true: "TLS_DOMAIN_CLI", false: "TLS_DOMAIN_SRV"}[info.Client])},
		{Name: "default", Value: mi.Bool(d.Default)},
		{Name: "source", Value: mi.String(source(d))},
		{Name: "origin", Value: mi.String(d.From.String())},
		{Name: "address", Value: mi.String(info.Address)},
		{Name: "settings", Value: s.showSettings(d)},
	}
	if d.Context != nil {
		o = append(o, s.showContext(d.Context)...)
	}
	return o
}

// showContext shows what peers get to see, and by what they are judged.
func (s Server) showContext(c *tlsctx.Context) mi.Object {
	var o mi.Object
	chain := mi.List{}
	for i, certificate := range c.Chain() {
		if i == 0 {
			o = append(o, mi.Member{Name: "certificate", Value: showCertificate(certificate, s.Now())})
			continue
		}
		chain = append(chain, showCertificate(certificate, s.Now()))
	}
	revocations := mi.List{}
	for _, l := range c.CRLs() {
		revocations = append(revocations, showCRL(l))
	}
	lowest, highest := c.Versions()
	return append(o, mi.Object{
		{Name: "chain", Value: chain},
		{Name: "private_key", Value: mi.String(c.KeyKind())},
		{Name: "trusted_cas", Value: mi.Int(len(c.CAs()))},
		{Name: "revocation_lists", Value: revocations},
		{Name: "protocols", Value: mi.Object{
			{Name: "lowest", Value: mi.String(openssl.VersionName(lowest))},
			{Name: "highest", Value: mi.String(openssl.VersionName(highest))},
		}},
		{Name: "ciphers", Value: cipherNames(c)},
	}...)
}

// cipherNames are the suites that can come about, by OpenSSL's names and in its
// order: TLS 1.3 has its own, and none of the others.
func cipherNames(c *tlsctx.Context) mi.List {
	lowest, highest := c.Versions()
	names := mi.List{}
	for _, suite := range c.Ciphers().Usable() {
		is13 := suite.Since >= tls.VersionTLS13
		if is13 && highest >= tls.VersionTLS13 || !is13 && lowest < tls.VersionTLS13 {
			names = append(names, mi.String(suite.Name))
		}
	}
	return names
}

func showCRL(l *verify.CRL) mi.Object {
	next := mi.String("")
	if !l.NextUpdate.IsZero() {
		next = timeValue(l.NextUpdate)
	}
	return mi.Object{
		{Name: "issuer", Value: mi.String(l.Issuer.String())},
		{Name: "next_update", Value: next},
		{Name: "revoked", Value: mi.Int(l.Len())},
	}
}

func source(d *mgm.Domain) string {
	if d.FromDB() {
		return "database"
	}
	return "script"
}

// A setting is what tls_show tells of one parameter.
type setting struct {
	param string
	value func(Server, *mgm.Domain) mi.Value
}

var settings = []setting{
	{"tls_method", func(s Server, d *mgm.Domain) mi.Value { return mi.String(methodName(d.Method.Value, s.Version)) }},
	{"verify_cert", func(_ Server, d *mgm.Domain) mi.Value { return mi.Bool(d.VerifyCert.On) }},
	{"require_cert", func(_ Server, d *mgm.Domain) mi.Value { return mi.Bool(d.RequireCert.On) }},
	{"crl_check_all", func(_ Server, d *mgm.Domain) mi.Value { return mi.Bool(d.CRLCheckAll.On) }},
	{"certificate", func(_ Server, d *mgm.Domain) mi.Value { return material(d.Certificate) }},
	{"private_key", func(_ Server, d *mgm.Domain) mi.Value { return material(d.PrivateKey) }},
	{"ca_list", func(_ Server, d *mgm.Domain) mi.Value { return material(d.CAList) }},
	{"dh_params", func(_ Server, d *mgm.Domain) mi.Value { return material(d.DHParams) }},
	{"ca_dir", func(_ Server, d *mgm.Domain) mi.Value { return mi.String(d.CADir.Value) }},
	{"crl_dir", func(_ Server, d *mgm.Domain) mi.Value { return mi.String(d.CRLDir.Value) }},
	{"ciphers_list", func(_ Server, d *mgm.Domain) mi.Value { return mi.String(d.CiphersList.Value) }},
	{"match_ip_address", func(_ Server, d *mgm.Domain) mi.Value { return mi.String(d.MatchIPAddress.Value) }},
	{"match_sip_domain", func(_ Server, d *mgm.Domain) mi.Value { return mi.String(d.MatchSIPDomain.Value) }},
	{"ec_curve", func(_ Server, d *mgm.Domain) mi.Value { return mi.String(d.ECCurve.Value) }},
}

func (s Server) showSettings(d *mgm.Domain) mi.Object {
	var o mi.Object
	module, known := catalogue.For(s.Version).Module("tls_mgm")
	for _, setting := range settings {
		if known {
			if _, has := module.Param(setting.param); !has {
				continue
			}
		}
		o = append(o, mi.Member{Name: setting.param, Value: mi.Object{
			{Name: "value", Value: setting.value(s, d)},
			{Name: "origin", Value: mi.String(d.Origin(setting.param).String())},
		}})
	}
	return o
}

// material is the path of a file, or "blob" for what the table holds, which is
// never shown.
func material(m domain.Material) mi.String {
	if m.File == "" && m.From.Row != 0 {
		return "blob"
	}
	return mi.String(m.File)
}

// showCertificate shows also what crypto/x509 could not read in full.
func showCertificate(c *x509.Certificate, now time.Time) mi.Object {
	serial := cmp.Or(c.SerialNumber, new(big.Int))
	return mi.Object{
		{Name: "subject", Value: mi.String(c.Subject.String())},
		{Name: "issuer", Value: mi.String(c.Issuer.String())},
		{Name: "names", Value: texts(alternativeNames(c))},
		{Name: "serial", Value: mi.String(serial.String())},
		{Name: "serial_hex", Value: mi.String(fmt.Sprintf("%X", serial.Bytes()))},
		{Name: "not_before", Value: timeValue(c.NotBefore)},
		{Name: "not_after", Value: timeValue(c.NotAfter)},
		{Name: "days_left", Value: mi.Int(daysLeft(c, now))},
		{Name: "key", Value: mi.String(keyKind(c.PublicKey))},
		{Name: "sha256_fingerprint", Value: mi.String(fingerprint(c.Raw))},
	}
}

// alternativeNames are the subject alternative names, in OpenSSL's notation.
func alternativeNames(c *x509.Certificate) []string {
	var names []string
	for _, name := range c.DNSNames {
		names = append(names, "DNS:"+name)
	}
	for _, ip := range c.IPAddresses {
		names = append(names, "IP Address:"+ip.String())
	}
	for _, uri := range c.URIs {
		names = append(names, "URI:"+uri.String())
	}
	for _, address := range c.EmailAddresses {
		names = append(names, "email:"+address)
	}
	return names
}

// daysLeft are the whole days until a certificate expires, negative when it
// has.
func daysLeft(c *x509.Certificate, now time.Time) int64 {
	const day = 24 * time.Hour
	return int64(math.Floor(c.NotAfter.Sub(now).Hours() / day.Hours()))
}

func keyKind(public any) string {
	switch k := public.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return "other"
}

// fingerprint is the SHA-256 of a certificate as openssl x509 -fingerprint
// writes it.
func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	hex := make([]string, len(sum))
	for i, b := range sum {
		hex[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(hex, ":")
}
