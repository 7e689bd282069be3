package lint

import (
	"net/netip"
	"strings"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// ownName is a name that the server answers for.
type ownName struct {
	name string    // a host name in lower case, or an address
	at   diag.Span // where the script has it; invalid for one of the options
	isIP bool
}

// findNames collects the names of the script's aliases, advertised addresses and
// SIP domains, and those of the options. The addresses it listens on are left
// out: a certificate is hardly ever for those.
func (s *subject) findNames() (names []ownName) {
	add := func(name string, at diag.Span) {
		name = strings.ToLower(strings.Trim(strings.TrimSpace(name), "[]"))
		if name == "" || name == "*" || name == "none" {
			return
		}
		_, err := netip.ParseAddr(name)
		names = append(names, ownName{name, at, err == nil})
	}
	for _, a := range s.Config.Aliases {
		add(a.Host, a.At)
	}
	for _, l := range s.Config.Listeners {
		add(l.Advertised, l.At)
	}
	if g := s.Config.Global("advertised_address"); g != nil {
		add(g.Text, g.At)
	}
	for _, d := range s.Domains {
		for name := range strings.SplitSeq(d.MatchSIPDomain.Value, ",") {
			add(name, d.MatchSIPDomain.From.Span)
		}
	}
	for _, name := range s.Options.Names {
		add(name, diag.Span{})
	}
	return names
}
