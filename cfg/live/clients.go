package live

import (
	"net/netip"

	"github.com/opensips-tools/tlsmgm/cfg/route"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/variables"
)

// Clients finds the client domains of relays among the domains of one moment.
type Clients struct{ *mgm.Domains }

// FindClient implements [route.Clients].
func (c Clients) FindClient(name string, destination netip.AddrPort) (route.Client, bool) {
	d, rule := c.Domains.FindClient(name, destination)
	if d == nil {
		return route.Client{}, false
	}
	return route.Client{Name: d.DisplayName(), Rule: rule.String(), Subject: subject(d)}, true
}

// subject is that of the domain's certificate, as $tls_my_subject has it.
func subject(d *mgm.Domain) string {
	if d.Context == nil {
		return ""
	}
	return (&variables.Session{My: d.Context.Certificate()}).Text("tls_my_subject")
}
