package tlsctx

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/openssl"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// ciphers is what a ciphers_list stands for.
type ciphers struct {
	list   openssl.CipherList
	ids    []uint16 // for crypto/tls
	faults []fault
}

// ciphersFor reads a ciphers_list; an empty one is OpenSSL's default, which is
// not commented on.
func (l *Loader) ciphersFor(text string) *ciphers {
	return l.ciphers.get(text, func() *ciphers {
		if text == "" {
			return defaultCiphers()
		}
		c := new(ciphers)
		var err error
		if c.list, err = openssl.ParseCipherList(text); err != nil {
			c.faults = []fault{faultf(ruleCiphersInvalid, "%v", err)}
			c.list.SecurityLevel = openssl.DefaultSecurityLevel
			return c
		}
		c.ids = c.list.GoIDs()
		c.tellSkipped()
		c.tellUnsupported()
		return c
	})
}

func defaultCiphers() *ciphers {
	list, err := openssl.ParseCipherList(openssl.DefaultCipherList)
	if err != nil {
		panic(fmt.Sprintf("read OpenSSL's default cipher list: %v", err))
	}
	return &ciphers{list: list, ids: list.GoIDs()}
}

func (c *ciphers) tellSkipped() {
	for _, item := range c.list.Skipped {
		if item.Reason == openssl.SkipRetired {
			continue
		}
		f := faultf(ruleCiphersIgnored, "%q is ignored: %v", item.Item, item.Reason)
		if near := item.Suggestion(); near != "" {
			f.help = fmt.Sprintf("did you mean %q", near)
		}
		c.faults = append(c.faults, f)
	}
}

func (c *ciphers) tellUnsupported() {
	missing := c.list.Unsupported()
	if len(missing) == 0 {
		return
	}
	const shown = 5
	names := make([]string, min(shown, len(missing)))
	for i := range names {
		names[i] = missing[i].Name
	}
	text := strings.Join(names, ", ")
	if more := len(missing) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	c.faults = append(c.faults, faultf(ruleCiphersUnsupported, "%d of %d suites are not in crypto/tls: %s", len(missing), len(c.list.Usable()), text))
}

// curve is what an ec_curve stands for.
type curve struct {
	openssl.Curve
	err error
}

func (l *Loader) curveFor(name string) *curve {
	return l.curves.get(name, func() *curve {
		c := new(curve)
		c.Curve, c.err = openssl.LookupCurve(name)
		return c
	})
}

const curveHelp = "set prime256v1 or secp384r1, or leave the setting out"

func (c *curve) faults(level int) []fault {
	switch {
	case c.err != nil:
		return []fault{faultf(ruleCurveUnknown, "%v", c.err)}
	case c.Group == 0:
		return []fault{faultf(ruleCurveUnusable, "curve %q is not for TLS", c.Name).withHelp(curveHelp)}
	case !c.AllowedAt(level):
		return []fault{faultf(ruleCurveWeak, "curve %q is too weak for security level %d: no handshake that needs it succeeds", c.Name, level).withHelp(curveHelp)}
	case c.GoID() == 0:
		return []fault{faultf(ruleCurveUnsupported, "curve %q is not in crypto/tls: its other curves are used here", c.Name)}
	}
	return nil
}

// dhParams is what dh_params hold.
type dhParams struct {
	*openssl.DHParams
	faults []fault
}

// dhParamsFor reads DH parameters. They are judged by the default security
// level, since OpenSIPS sets them before the ciphers_list, which may change it.
func (l *Loader) dhParamsFor(c content) *dhParams {
	return l.dhParams.get(c.digest, func() *dhParams {
		d := new(dhParams)
		text, err := l.read(c)
		if err != nil {
			d.faults = []fault{faultf(ruleDHMissing, "%v", err)}
			return d
		}
		if d.DHParams, err = openssl.ParseDHParams(text); err != nil {
			d.faults = []fault{faultf(ruleDHUnreadable, "%v", err).withHelp("make some with openssl dhparam 2048")}
			return d
		}
		if err := d.Check(openssl.DefaultSecurityLevel); err != nil {
			d.faults = []fault{faultf(ruleDHWeak, "%v", err).withHelp("make some with openssl dhparam 2048")}
			return d
		}
		d.faults = []fault{faultf(ruleDHUnsupported, "crypto/tls has no suites with finite-field DH: the parameters have no effect here")}
		return d
	})
}

// severityIn gives the severity of a rule in the table, where OpenSIPS takes
// some faults lightly that stop the start where the script has them.
func severityIn(rule *diag.Rule, light []*diag.Rule) diag.Severity {
	if slices.Contains(light, rule) {
		return diag.Warning
	}
	return rule.Severity
}

// versionsOf is the range of protocol versions of a method: those of them that
// OpenSSL has at the security level, or the highest alone if it has none.
func versionsOf(method domain.Method, level int) (lowest, highest uint16) {
	lowest, highest = method.Min, method.Max
	if lowest == 0 {
		lowest = tls.VersionTLS10
	}
	if highest == 0 {
		highest = tls.VersionTLS13
	}
	for lowest < highest && !openssl.VersionAllowedAt(lowest, level) {
		lowest++
	}
	return lowest, highest
}
