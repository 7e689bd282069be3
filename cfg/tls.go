package cfg

import (
	"fmt"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// setTLSParam runs a modparam of tls_mgm. It reports whether the module took
// the value.
func (in *interpreter) setTLSParam(s *parser.ModParam, name string, value Value) bool {
	at := in.span(s.Value)
	switch {
	case name == "server_domain":
		return in.defineDomain(s, domain.Server, value.Text)
	case name == "client_domain":
		return in.defineDomain(s, domain.Client, value.Text)
	case domain.IsSetting(name):
		return in.setDomains(s, name, value.Text)
	case name == "client_domain_avp":
		in.TLS.ClientDomainAVP = Setting[string]{value.Text, at}
	case name == "tls_handshake_timeout":
		in.TLS.HandshakeTimeout = Setting[int]{int(value.Int), at}
	case name == "tls_send_timeout":
		in.TLS.SendTimeout = Setting[int]{int(value.Int), at}
	case name == "db_url":
		in.TLS.DB.URL = Setting[string]{value.Text, at}
	case name == "db_table":
		in.TLS.DB.Table = Setting[string]{value.Text, at}
	case strings.HasSuffix(name, "_col"):
		in.TLS.DB.Columns[name] = Setting[string]{value.Text, at}
	}
	return true
}

// addressInDefinition is whether a domain is defined as name=IP:port, and not
// by name alone.
func (in *interpreter) addressInDefinition() bool {
	m := in.Loaded("tls_mgm")
	if m == nil {
		return false
	}
	_, matches := m.Param("match_ip_address")
	return !matches
}

func (in *interpreter) defineDomain(s *parser.ModParam, kind domain.Kind, text string) bool {
	if !in.addressInDefinition() {
		return in.addDomain(s, domain.New(kind, text, in.configDir))
	}
	name, address, err := domain.ParseDefinition(kind, text, in.Version)
	if err != nil {
		in.failed["domain "+name] = true
		f := in.report(ruleParamValue, s.Value, "%v", err)
		f.Help = definitionHelp(text, in.Version)
		return false
	}
	d := domain.New(kind, name, in.configDir)
	d.Address = address
	return in.addDomain(s, d)
}

// definitionHelp explains an address that one version takes and another does
// not.
func definitionHelp(text string, v catalogue.Version) string {
	for _, later := range catalogue.Versions() {
		if later <= v {
			continue
		}
		if _, _, err := domain.ParseDefinition(domain.Server, text, later); err == nil {
			return fmt.Sprintf("up to %s the first colon ends the address, so that no IPv6 address can be written: "+
				"give the domain in the tls_mgm table or use %s or later", v, later)
		}
	}
	return "write it as name=IP:port, with an address and no host name"
}

func (in *interpreter) addDomain(s *parser.ModParam, d *domain.Definition) bool {
	if earlier := in.TLS.Domain(d.Kind, d.Name); earlier != nil {
		f := in.report(ruleDuplicateDomain, s.Value, "%s domain %q is defined already", d.Kind, d.Name)
		f.Diagnostic = f.WithRelated(earlier.From.Span, "defined first here")
		return false
	}
	d.From = domain.Origin{Span: in.span(s.Value)}
	in.TLS.Domains = append(in.TLS.Domains, d)
	return true
}

// Domain is the domain of that kind and name, nil if there is none. Names are
// compared with regard to case.
func (t *TLS) Domain(kind domain.Kind, name string) *domain.Definition {
	for _, d := range t.Domains {
		if d.Kind == kind && d.Name == name {
			return d
		}
	}
	return nil
}

// target are the domains that a [name] reaches: the server domain of that name
// if there is one, else the client domain; without a name both defaults.
func (t *TLS) target(name string, named bool) []*domain.Definition {
	if !named {
		return []*domain.Definition{t.DefaultServer, t.DefaultClient}
	}
	for _, kind := range []domain.Kind{domain.Server, domain.Client} {
		if d := t.Domain(kind, name); d != nil {
			return []*domain.Definition{d}
		}
	}
	return nil
}

func (in *interpreter) setDomains(s *parser.ModParam, param, text string) bool {
	name, value, named, err := domain.SplitValue(text)
	if err != nil {
		in.report(ruleParamValue, s.Value, "parameter %q of tls_mgm: %v", param, err).Help = "write [domain]value, or the value alone for the default domains"
		return false
	}
	targets := in.TLS.target(name, named)
	if targets == nil {
		in.undefinedDomain(s, name)
		return false
	}
	from := domain.Origin{Span: in.span(s.Value)}
	for _, d := range targets {
		if err := d.Set(param, value, from, in.Version); err != nil {
			in.report(ruleParamValue, s.Value, "parameter %q of tls_mgm: %v", param, err).Help = in.valueHelp(param, value)
			return false
		}
	}
	return true
}

// valueHelp says in which version a refused value would do.
func (in *interpreter) valueHelp(param, value string) string {
	if param != "tls_method" {
		return "write 0 or 1"
	}
	if near := domain.NearestMethod(value, in.Version); near != "" {
		return fmt.Sprintf("did you mean %q", near)
	}
	return ""
}

// undefinedDomain reports a [name] that no domain has so far.
func (in *interpreter) undefinedDomain(s *parser.ModParam, name string) {
	if in.failed["domain "+name] || in.failed["modparam"] {
		return
	}
	f := in.report(ruleUndefinedDomain, s.Value, "TLS domain %q is not defined", name)
	if later := in.definedLater(s, name); later.IsValid() {
		f.Diagnostic = f.WithRelated(later, "defined only here")
		f.Help = "statements act in their order: put the settings of a domain after its definition"
		return
	}
	names := make([]string, len(in.TLS.Domains))
	for i, d := range in.TLS.Domains {
		names[i] = d.Name
	}
	switch near := catalogue.Nearest(name, names); {
	case near != "":
		f.Help = fmt.Sprintf("did you mean %q", near)
	case strings.TrimSpace(name) != name && in.TLS.target(strings.TrimSpace(name), true) != nil:
		f.Help = "write the name without blanks inside the brackets"
	default:
		f.Help = fmt.Sprintf("define it before: modparam(\"tls_mgm\", \"server_domain\", \"%s=IP:port\")", name)
	}
}

func (in *interpreter) definedLater(after parser.Node, name string) (at diag.Span) {
	for _, s := range in.File.Statements {
		m, ok := s.(*parser.ModParam)
		if !ok || in.File.Sources.Compare(m.Pos(), after.Pos()) <= 0 {
			continue
		}
		value, isText := m.Value.(*parser.String)
		param := m.Name.Value()
		if !isText || param != "server_domain" && param != "client_domain" {
			continue
		}
		if defined, _, _ := strings.Cut(value.Value(), "="); defined == name {
			return in.span(value)
		}
	}
	return at
}
