package tlsctx

import (
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/openssl"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Load makes the context of a domain, and reports all that is wrong with its
// settings. With an error among the problems the context is nil.
func (l *Loader) Load(d *domain.Definition) (*Context, Problems) {
	context, problems := l.Inspect(d)
	if problems.HasErrors() {
		return nil, problems
	}
	return context, problems
}

// Inspect is Load for those who only look: with errors among the problems there
// is a context too, with as much of the settings as could be read. It is not
// for connections.
func (l *Loader) Inspect(d *domain.Definition) (*Context, Problems) {
	b := builder{Loader: l, domain: d, now: l.options.Now(), context: &Context{
		kind: d.Kind, verify: d.VerifyCert.On, require: d.RequireCert.On, crlCheckAll: d.CRLCheckAll.On,
		rootCounts: l.options.Version < rootBeyondDepthSince, now: l.options.Now,
	}}
	// A server looks at the settings in this order.
	b.context.ciphers = l.ciphersFor(d.CiphersList.Value)
	b.method()
	b.dhParams()
	b.curve()
	b.tell("ciphers_list", "ciphers_list", d.CiphersList.From, b.context.ciphers.faults)
	b.readIdentity()
	b.certificate()
	b.crlDir()
	b.caList()
	b.caDir()
	b.trust()
	b.privateKey()
	return b.context, b.problems
}

// builder makes one context.
type builder struct {
	*Loader
	domain    *domain.Definition
	now       time.Time
	context   *Context
	cert, key source
	problems  Problems
	light     []*diag.Rule // errors that are warnings in this setting
}

// level is the security level of the domain.
func (b *builder) level() int { return b.context.ciphers.list.SecurityLevel }

// tell reports faults of a setting under a name for people.
func (b *builder) tell(param, name string, from domain.Origin, faults []fault) {
	for _, f := range faults {
		message := name + ": " + f.text
		if f.rule == ruleKeyMismatch {
			message = fmt.Sprintf("%s does not match the %s", name, nameOf("certificate", b.cert.Material))
		}
		b.problems = append(b.problems, Problem{
			Param: param, From: from, Severity: severityIn(f.rule, b.light), Rule: f.rule.ID, Message: message, Help: f.help,
		})
	}
}

// nameOf names a setting with its file, if it has one.
func nameOf(what string, m domain.Material) string {
	if m.File == "" {
		return what
	}
	return fmt.Sprintf("%s %q", what, m.File)
}

func (b *builder) method() {
	method, err := domain.ParseMethod(b.domain.Method.Value, b.options.Version)
	if err != nil {
		b.tell("tls_method", "tls_method", b.domain.Method.From, []fault{faultf(ruleMethodUnknown, "%v", err)})
		return
	}
	c := b.context
	c.method = method
	c.lowest, c.highest = versionsOf(method, b.level())
	b.tell("tls_method", "tls_method", b.domain.Method.From, b.methodFaults())
}

// methodFaults tells where a real server speaks other versions.
func (b *builder) methodFaults() []fault {
	c, value := b.context, b.domain.Method.Value
	here := VersionRange{c.lowest, c.highest}
	switch restricts := c.method.Min != 0 || c.method.Max != 0; {
	case restricts && b.options.Version < methodsBindSince:
		return []fault{faultf(ruleMethodIgnored, "%q restricts nothing on a real %s that is built with OpenSSL 1.1 or later; here the domain speaks %s only",
			value, b.options.Version, here)}
	case !openssl.VersionAllowedAt(c.highest, b.level()):
		return []fault{faultf(ruleMethodUnusable, "%q leaves no version that OpenSSL 3.0 speaks at security level %d; here the domain speaks %s",
			value, b.level(), here).withHelp("set TLSv1_2-")}
	case c.method.Min != 0 && c.method.Min < c.lowest:
		return []fault{faultf(ruleMethodNarrowed, "%q begins below what OpenSSL 3.0 speaks at security level %d, which leaves %s",
			value, b.level(), here)}
	}
	return nil
}

func (b *builder) dhParams() {
	m := b.domain.DHParams
	if !m.IsSet() {
		return
	}
	name := nameOf("dh_params", m)
	if m.File == "" { // OpenSIPS does not look whether it could use them
		b.light = []*diag.Rule{ruleDHUnreadable, ruleDHWeak}
		defer func() { b.light = nil }()
	}
	c, err := b.content(m)
	if err != nil {
		b.tell("dh_params", name, m.From, []fault{faultf(ruleDHMissing, "%v", err)})
		return
	}
	b.context.dhParams = b.dhParamsFor(c)
	b.tell("dh_params", name, m.From, b.context.dhParams.faults)
}

func (b *builder) curve() {
	setting := b.domain.ECCurve
	if setting.Value == "" {
		return
	}
	b.context.curve = b.curveFor(setting.Value)
	b.tell("ec_curve", "ec_curve", setting.From, b.context.curve.faults(b.level()))
}

// bare reports whether the domain is a client that has no certificate and needs
// none.
func (b *builder) bare() bool {
	return b.domain.Kind == domain.Client && b.domain.Certificate.From.IsDefault() && b.domain.PrivateKey.From.IsDefault() &&
		b.options.Version >= bareClientsSince
}

func (b *builder) readIdentity() {
	if b.bare() {
		b.context.identity = new(identity)
		return
	}
	b.cert, b.key = b.source(b.domain.Certificate), b.source(b.domain.PrivateKey)
	b.context.identity = b.identity(b.cert, b.key, b.level())
}

func (b *builder) certificate() {
	from := b.domain.Certificate.From
	if b.bare() {
		b.tell("certificate", "certificate", from, []fault{faultf(ruleNoCertificate, "none is set, which releases before 2026 do not start with")})
		return
	}
	faults := b.context.identity.chainFaults
	if b.cert.err != nil {
		faults = []fault{missing(ruleCertificateMissing, b.cert, "certificate")}
	}
	b.tell("certificate", nameOf("certificate", b.cert.Material), from, slices.Concat(faults, periodFaults(b.context.identity.certs, b.now)))
}

// missing says why a file cannot be read, and where its name is from if nobody
// set it.
func missing(rule *diag.Rule, s source, param string) fault {
	f := faultf(rule, "%v", s.err)
	if s.From.IsDefault() {
		f.help = fmt.Sprintf("%s is not set for the domain, so that the server takes the default", param)
	}
	return f
}

// periodFaults tells of certificates that are not valid at a time.
func periodFaults(certs []*x509.Certificate, now time.Time) (faults []fault) {
	for i, cert := range certs {
		which := ""
		if i > 0 {
			which = fmt.Sprintf("certificate %d of the chain, %q, ", i+1, cert.Subject)
		}
		switch {
		case !cert.NotAfter.After(now):
			faults = append(faults, faultf(ruleCertificateExpired, "%sexpired %s", which, timeText(cert.NotAfter)).withHelp("renew it"))
		case cert.NotBefore.After(now):
			faults = append(faults, faultf(ruleCertificateEarly, "%sis valid only from %s", which, timeText(cert.NotBefore)))
		}
	}
	return faults
}

func (b *builder) privateKey() {
	if b.bare() {
		return
	}
	faults := b.context.identity.keyFaults
	if b.key.err != nil {
		faults = []fault{missing(ruleKeyMissing, b.key, "private_key")}
	}
	b.tell("private_key", nameOf("private key", b.key.Material), b.domain.PrivateKey.From, faults)
}

func (b *builder) crlDir() {
	setting := b.domain.CRLDir
	if setting.Value == "" {
		return
	}
	if b.options.Version >= emptyCRLDirsSince {
		b.light = []*diag.Rule{ruleCRLDirEmpty}
		defer func() { b.light = nil }()
	}
	d := b.crlDirFor(setting.Value)
	b.context.crlDir = d
	b.tell("crl_dir", fmt.Sprintf("crl_dir %q", setting.Value), setting.From, slices.Concat(d.faults, crlFaults(d.crls, b.now)))
}

func (b *builder) caList() {
	m := b.domain.CAList
	if !m.IsSet() {
		return
	}
	name := nameOf("ca_list", m)
	if m.File == "" && b.options.Version >= wholeBlobsSince {
		b.light = []*diag.Rule{ruleCAListUnreadable}
		defer func() { b.light = nil }()
	}
	c, err := b.content(m)
	if err != nil {
		b.tell("ca_list", name, m.From, []fault{faultf(ruleCAListMissing, "%v", err)})
		return
	}
	list := b.caListFor(c)
	b.context.caList = list
	b.tell("ca_list", name, m.From, slices.Concat(list.faults, list.periodFaults(b.now)))
}

func (list *caList) periodFaults(now time.Time) []fault {
	count, first := list.expired(now)
	switch {
	case count == 0:
		return nil
	case count == len(list.certs):
		return []fault{faultf(ruleCAExpired, "no certificate is valid any more, the first, %q, expired %s", first.Subject, timeText(first.NotAfter))}
	}
	return []fault{faultf(ruleCASomeExpired, "%d of %d certificates have expired, the first is %q, expired %s", count, len(list.certs), first.Subject, timeText(first.NotAfter))}
}

// caDir tells of a directory that is of no use only if somebody set it: the
// default one is often missing.
func (b *builder) caDir() {
	setting := b.domain.CADir
	if setting.Value == "" {
		return
	}
	b.context.caDir = b.caDirFor(setting.Value)
	if !setting.From.IsDefault() {
		b.tell("ca_dir", fmt.Sprintf("ca_dir %q", setting.Value), setting.From, b.context.caDir.faults)
	}
}

// trust tells of verification that cannot succeed.
func (b *builder) trust() {
	c := b.context
	hasList := c.caList != nil && len(c.caList.certs) > 0
	hasDir := c.caDir != nil && c.caDir.hashed > 0
	if !c.verify || hasList || hasDir || b.problems.HasErrors() {
		return
	}
	f := faultf(ruleNoTrust, "no peer's certificate verifies: there is no certificate in ca_list, and no file with a hashed name in ca_dir %q", b.domain.CADir.Value).
		withHelp("set ca_list, or set verify_cert to 0")
	b.tell("verify_cert", "verify_cert", b.domain.VerifyCert.From, []fault{f})
}
