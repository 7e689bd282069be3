package domain

import (
	"crypto/tls"
	"fmt"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Method is a range of protocol versions that a domain speaks, in the numbers
// of crypto/tls. 0 leaves an end open: whatever the TLS library allows.
type Method struct {
	Name     string // as the listing spells it
	Min, Max uint16
}

type methodName struct {
	name         string
	since, until catalogue.Version // zero: ever
	min, max     uint16
	listed       string
}

const v30 = catalogue.Version(3 << 8)

// methodNames are the spellings of tls_method, which are compared without
// regard to case. The manual's SSLv2 and SSLv3 are not among them: no version
// takes them.
var methodNames = []methodName{
	{name: "SSLv23", listed: "SSLv23"},
	{name: "TLSany", listed: "SSLv23"},
	{name: "TLSv1", min: tls.VersionTLS10, max: tls.VersionTLS10, listed: "TLSv1"},
	{name: "TLSv1_2", min: tls.VersionTLS12, max: tls.VersionTLS12, listed: "TLSv1_2"},
	{name: "TLSv1_3", since: v30, min: tls.VersionTLS13, max: tls.VersionTLS13, listed: "TLSv1_3"},
}

// rangesSince is the version from which a method may be a range such as
// "TLSv1_2-TLSv1_3", "-TLSv1_2", "TLSv1_2-" or "-" (manual of 3.4).
const rangesSince = v30

// MethodsAtStartSince is the version from which a server takes any tls_method
// while it reads a script, and refuses it when it starts (recorded of 3.4).
const MethodsAtStartSince = v30

func (m methodName) in(v catalogue.Version) bool {
	return (m.since == 0 || v >= m.since) && (m.until == 0 || v <= m.until)
}

// ParseMethod reads a tls_method as the version does.
func ParseMethod(text string, v catalogue.Version) (Method, error) {
	if m, ok := methodNamed(text, v); ok {
		return Method{m.listed, m.min, m.max}, nil
	}
	if from, to, isRange := strings.Cut(text, "-"); isRange && v >= rangesSince {
		if m, ok := methodRange(from, to, v); ok {
			return m, nil
		}
	}
	return Method{}, fmt.Errorf("unsupported method %s: expected %s", diag.Quote(text), methodChoices(v))
}

func methodNamed(text string, v catalogue.Version) (methodName, bool) {
	for _, m := range methodNames {
		if m.in(v) && strings.EqualFold(m.name, text) {
			return m, true
		}
	}
	return methodName{}, false
}

func methodRange(from, to string, v catalogue.Version) (Method, bool) {
	var r Method
	low, high := strings.TrimSpace(from), strings.TrimSpace(to)
	if low != "" {
		m, ok := methodNamed(low, v)
		if !ok || m.min == 0 {
			return r, false
		}
		r.Min = m.min
	}
	if high != "" {
		m, ok := methodNamed(high, v)
		if !ok || m.max == 0 {
			return r, false
		}
		r.Max = m.max
	}
	r.Name = low + "-" + high
	return r, r.Min == 0 || r.Max == 0 || r.Min <= r.Max
}

func methodChoices(v catalogue.Version) string {
	var names []string
	for _, m := range methodNames {
		if m.in(v) {
			names = append(names, m.name)
		}
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// ValueHelp says what to write in place of a value that [Definition.Set]
// refused, as half a sentence; empty if nothing is known.
func ValueHelp(param, value string, v catalogue.Version) string {
	switch param {
	case "tls_method":
		return methodHelp(value, v)
	case "match_ip_address":
		return "write IP:port, several apart by commas, or *"
	}
	return "write 0 or 1"
}

func methodHelp(value string, v catalogue.Version) string {
	for _, gone := range []string{"SSLv2", "SSLv3"} {
		if strings.EqualFold(value, gone) {
			return fmt.Sprintf("the manual has %s, but no server takes it: use SSLv23, which lets the TLS library choose", gone)
		}
	}
	if near := nearestMethod(value, v); near != "" {
		return fmt.Sprintf("did you mean %q", near)
	}
	return ""
}

// nearestMethod is the method of the version that a spelling of the wild most
// likely means: dots for underscores, versions in the form of other programs.
// It is empty if none is near.
func nearestMethod(text string, v catalogue.Version) string {
	plain := strings.NewReplacer(".", "_", " ", "", "-", "_", "+", "").Replace(text)
	if m, ok := methodNamed(plain, v); ok {
		return m.name
	}
	var names []string
	for _, m := range methodNames {
		if m.in(v) {
			names = append(names, m.name)
		}
	}
	return catalogue.Nearest(text, names)
}
