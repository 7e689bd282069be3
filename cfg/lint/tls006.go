package lint

import (
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

var _ = register(&Rule{
	ID: "TLS006", Name: "unknown-client-domain", Severity: diagWarning, Needs: WholeScript,
	Summary: "The AVP of client domains is assigned a name that no client domain has.",
	Why: "The server says nothing about it and takes the default client domain instead, with another certificate and other CAs than " +
		"those meant.",
	Fix: "Write the name of a client domain. Server domains do not count.",
	Bad: Example{Script: `
modparam("tls_mgm", "client_domain_avp", "tls_cli_dom")
modparam("tls_mgm", "client_domain", "carrier")
route {
	$avp(tls_cli_dom) = "carier"; # want "no client domain is called \"carier\""
	t_relay();
}
`},
	Good: Example{Script: `
modparam("tls_mgm", "client_domain_avp", "tls_cli_dom")
modparam("tls_mgm", "client_domain", "carrier")
route {
	$avp(tls_cli_dom) = "carrier";
	t_relay();
}
`},
	References: []string{"tls_mgm manual, sections 1.3 and 1.8.13", "OpenSIPS #2569"},
	Run: func(p *Pass) {
		avp, at, ok := p.clientAVP()
		if !ok || p.tableUnknown() || p.Config.Loaded(moduleTLS) == nil {
			return
		}
		known := map[string]bool{}
		var names []string
		for _, d := range p.Domains {
			if d.Kind == domain.Client && !d.Default {
				known[strings.ToLower(d.Name)] = true
				if len(names) < maxCandidates {
					names = append(names, d.Name)
				}
			}
		}
		advice := 0
		assigns, _ := p.script().assignedTo(avp)
		for _, a := range assigns {
			if !a.constant || a.value == "" || known[strings.ToLower(a.value)] {
				continue
			}
			f := p.Report(a.valueAt, "no client domain is called %s: the default one is used", quote(a.value)).
				Relate(at, "the AVP is set up here")
			near := ""
			if advice++; advice <= maxAdvice {
				near = catalogue.Nearest(a.value, names)
			}
			if near != "" {
				f.Advise("did you mean %q", near)
				f.Mend(&Fix{Title: "write " + quote(near), Edits: []Edit{{Span: a.valueAt, New: `"` + near + `"`}}})
			} else if p.Config.TLS.Domain(domain.Server, a.value) != nil {
				f.Advise("there is a server domain of that name, which is for incoming connections only")
			} else {
				f.Advise("define it: modparam(\"tls_mgm\", \"client_domain\", %s)", quote(a.value))
			}
		}
	},
})

// The limits of "did you mean": for how many names it is asked, and with how many
// each is compared.
const (
	maxAdvice     = 100
	maxCandidates = 2000
)
