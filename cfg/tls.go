package cfg

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// TLS is what the script sets of tls_mgm.
type TLS struct {
	// Domains are those that the script defines, in its order. The server tries
	// them in the reverse one, see [TLS.Ordered].
	Domains []*domain.Definition
	// DefaultServer and DefaultClient have what is set without a [domain].
	DefaultServer, DefaultClient *domain.Definition

	// ClientDomainAVP is the AVP that holds the name of the client domain.
	// Empty and "0" turn the search by name off.
	ClientDomainAVP    Setting[string]
	ClientSIPDomainAVP Setting[string] // from 3.0 on
	Library            Setting[string] // tls_library, from 3.2 on
	HandshakeTimeout   Setting[int]    // milliseconds
	SendTimeout        Setting[int]    // milliseconds
	DB                 DB

	byName map[domainKey]*domain.Definition
}

type domainKey struct {
	kind domain.Kind
	name string
}

// DB is where the tls_mgm table is.
type DB struct {
	URL          Setting[string] // db_url, or else the global db_default_url; empty: no database
	Table        Setting[string]
	VersionTable Setting[string]            // the global db_version_table
	Columns      map[string]Setting[string] // those that are renamed, by parameter, such as "domain_col"
}

// Domain is the domain of that kind and name that the script defines, nil if
// there is none. Names are compared with regard to case.
func (t *TLS) Domain(kind domain.Kind, name string) *domain.Definition {
	return t.byName[domainKey{kind, name}]
}

// Ordered are the domains of a kind in the order in which the server tries
// them, which is the reverse of their definition (as 2.3 does): the first that
// matches a connection wins. The domains of the table go before them.
func (t *TLS) Ordered(kind domain.Kind) []*domain.Definition {
	var ordered []*domain.Definition
	for _, d := range slices.Backward(t.Domains) {
		if d.Kind == kind {
			ordered = append(ordered, d)
		}
	}
	return ordered
}

// defaultTLS is tls_mgm without any parameter.
func defaultTLS(configDir string) TLS {
	t := TLS{
		DefaultServer: domain.New(domain.Server, "", configDir),
		DefaultClient: domain.New(domain.Client, "", configDir),
		DB:            DB{Columns: map[string]Setting[string]{}},
		byName:        map[domainKey]*domain.Definition{},
	}
	t.DefaultServer.Default, t.DefaultClient.Default = true, true
	return t
}

// domainKinds are the parameters that define a domain.
var domainKinds = map[string]domain.Kind{"server_domain": domain.Server, "client_domain": domain.Client}

// setTLSParam runs a modparam of tls_mgm. It reports whether the module took
// the value.
func (in *interpreter) setTLSParam(s *parser.ModParam, p *Param) bool {
	if kind, defines := domainKinds[p.Name]; defines {
		return in.defineDomain(s, kind, p)
	}
	return !domain.IsSetting(p.Name) || in.setDomains(s, p)
}

// AVPOf is the AVP that a parameter names, bare or as $avp(name); false if it
// names none: 0 turns the search off (manual 1.8.13).
func AVPOf(s Setting[string]) (name string, ok bool) {
	name = strings.TrimSpace(s.Value)
	if inner, isVariable := strings.CutPrefix(name, "$avp("); isVariable {
		name = strings.TrimSuffix(inner, ")")
	}
	return parser.AVPName(name), s.IsSet() && s.Value != "" && s.Value != "0"
}

// HasDefaultDomains reports whether there are default domains without anybody
// defining them, so that domains are defined as name=IP:port, and settings need
// no [domain]. From 3.0 on each domain is defined by its name, and the parameter
// match_ip_address has the address.
func (c *Config) HasDefaultDomains() bool {
	m := c.Loaded("tls_mgm")
	if m == nil {
		return false
	}
	_, matches := m.Param("match_ip_address")
	return !matches
}

// TLSDomains are all TLS domains of the script: the default client and server
// domain, where there are some without a definition, and the others in their order.
func (c *Config) TLSDomains() []*domain.Definition {
	if !c.HasDefaultDomains() {
		return slices.Clone(c.TLS.Domains)
	}
	return append([]*domain.Definition{c.TLS.DefaultClient, c.TLS.DefaultServer}, c.TLS.Domains...)
}

func (in *interpreter) defineDomain(s *parser.ModParam, kind domain.Kind, p *Param) bool {
	if !in.HasDefaultDomains() {
		return in.addDomain(s, domain.New(kind, p.Value.Text, in.configDir), p)
	}
	name, address, err := domain.ParseDefinition(kind, p.Value.Text, in.Version)
	if err != nil {
		in.report(ruleParamValue, s.Value, "%v", err).Help = "write it as name=IP:port, with an address and no host name"
		name, address, err = domain.ParseDefinition(kind, p.Value.Text, domain.BracketsSince)
		if err != nil {
			in.loseDomain(kind, p.Value.Text)
			return false
		}
		// What it means is clear, though this version does not take it.
		in.findings[len(in.findings)-1].Help = fmt.Sprintf("before %s the first colon ends the address, so that no IPv6 address "+
			"can be written: give the domain in the tls_mgm table or use a later version", domain.BracketsSince)
	}
	d := domain.New(kind, name, in.configDir)
	d.Address = address
	return in.addDomain(s, d, p)
}

func (in *interpreter) addDomain(s *parser.ModParam, d *domain.Definition, p *Param) bool {
	key := domainKey{d.Kind, d.Name}
	if earlier := in.TLS.byName[key]; earlier != nil {
		relate(in.report(ruleDuplicateDomain, s.Value, "%s domain %s is defined already", d.Kind, diag.Quote(d.Name)),
			earlier.From.Span(), "defined first here")
		return false
	}
	d.From = domain.InScript(p.At)
	in.TLS.Domains = append(in.TLS.Domains, d)
	in.TLS.byName[key] = d
	return true
}

// targets are the domains that a [name] reaches: the server domain of that name
// if there is one, else the client domain; without a name both defaults. A
// domain that could not be defined is reached too, so that its settings are
// checked.
func (in *interpreter) targets(name string, named bool) []*domain.Definition {
	if !named {
		return []*domain.Definition{in.TLS.DefaultServer, in.TLS.DefaultClient}
	}
	for _, kind := range []domain.Kind{domain.Server, domain.Client} {
		if d := in.TLS.Domain(kind, name); d != nil {
			return []*domain.Definition{d}
		}
	}
	if d := in.lost.domains[name]; d != nil {
		return []*domain.Definition{d}
	}
	return nil
}

// setDomains runs a parameter that each domain has of its own.
func (in *interpreter) setDomains(s *parser.ModParam, p *Param) bool {
	name, value, named, err := domain.SplitValue(p.Value.Text)
	if err != nil {
		in.report(ruleParamValue, s.Value, "parameter %q of tls_mgm: %v", p.Name, err).Help = "write [domain]value, or the value alone for the default domains"
		return false
	}
	if name == "" && !in.HasDefaultDomains() {
		in.report(ruleParamValue, s.Value, "parameter %q of tls_mgm: no TLS domain is named in %s", p.Name, diag.Quote(p.Value.Text)).
			Help = "from 3.0 on each domain is defined by server_domain or client_domain, the default ones too: write [domain]value"
		return false
	}
	targets := in.targets(name, named)
	if targets == nil {
		in.undefinedDomain(s, name)
		return false
	}
	from := domain.InScript(p.At)
	for _, d := range targets {
		if err := d.Set(p.Name, value, from, in.Version); err != nil {
			in.report(ruleParamValue, s.Value, "parameter %q of tls_mgm: %v", p.Name, err).Help = domain.ValueHelp(p.Name, value, in.Version)
			return false
		}
	}
	in.methodAtStart(s, p, value)
	return targets[0] != in.lost.domains[name]
}

// methodAtStart reports a tls_method that is taken now and refused at a start.
func (in *interpreter) methodAtStart(s *parser.ModParam, p *Param, value string) {
	if p.Name != "tls_method" || in.Version < domain.MethodsAtStartSince {
		return
	}
	if _, err := domain.ParseMethod(value, in.Version); err != nil {
		in.report(ruleParamAtStart, s.Value, "parameter %q of tls_mgm: %v", p.Name, err).Help = domain.ValueHelp(p.Name, value, in.Version)
	}
}

// undefinedDomain reports a [name] that no domain has so far.
func (in *interpreter) undefinedDomain(s *parser.ModParam, name string) {
	if in.lost.anyDomain || in.met(cause{kindDomain, name}) {
		return
	}
	f := in.report(ruleUndefinedDomain, s.Value, "TLS domain %s is not defined", diag.Quote(name))
	in.because(cause{kindDomain, name})
	if later := in.later.domain(in, s, name); later.IsValid() {
		relate(f, later, "defined only here")
		f.Help = "statements act in their order: put the settings of a domain after its definition"
		return
	}
	if d := in.definedWithAddress(name); d != nil {
		relate(f, d.From.Span(), fmt.Sprintf("%s is defined here", diag.Quote(d.Name)))
		f.Help = "from 3.0 on server_domain and client_domain take the name alone: give the address in match_ip_address"
		return
	}
	f.Help = in.domainHelp(name)
}

// definedWithAddress is the domain that was meant to be name=IP:port, which from
// 3.0 on is its name as a whole; nil if there is none.
func (in *interpreter) definedWithAddress(name string) *domain.Definition {
	for _, d := range in.TLS.Domains {
		if !in.HasDefaultDomains() && strings.HasPrefix(d.Name, name+"=") {
			return d
		}
	}
	return nil
}

// domainHelp is about a domain that is nowhere defined.
func (in *interpreter) domainHelp(name string) string {
	trimmed := strings.TrimSpace(name)
	if trimmed != name && in.targets(trimmed, true) != nil {
		return "write the name without blanks inside the brackets"
	}
	definition := name
	if in.HasDefaultDomains() {
		definition += "=IP:port"
	}
	define := fmt.Sprintf("define it before: modparam(\"tls_mgm\", \"server_domain\", %s)", diag.Quote(definition))
	return in.advice.about(topic{kind: kindDomain, name: name}, "", func(a advice) advice {
		a = a.nearest(name, "%q", in.TLS.names())
		if a.help == "" {
			a.help = define
		}
		return a
	}).help
}

func (t *TLS) names() []string {
	names := make([]string, len(t.Domains))
	for i, d := range t.Domains {
		names[i] = d.Name
	}
	return names
}
