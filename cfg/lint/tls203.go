package lint

import (
	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

var _ = register(&Rule{
	ID: "TLS203", Name: "mixed-verification", Severity: diagWarning, Since: v30,
	Summary: "Server domains on one socket verify clients in different ways.",
	Why: "Which of them a connection is for is known only from the server name in its first message. What verify_cert and " +
		"require_cert of that domain say is then not applied by the releases there are: all connections of the socket are " +
		"treated alike.",
	Fix: "Use the same values for all domains of a socket, or a socket for each kind.",
	Bad: Example{Version: v30, Script: `
modparam("tls_mgm", "server_domain", "atlanta")
modparam("tls_mgm", "server_domain", "biloxi")
modparam("tls_mgm", "match_ip_address", "[atlanta]192.0.2.10:5061")
modparam("tls_mgm", "match_ip_address", "[biloxi]192.0.2.10:5061")
modparam("tls_mgm", "match_sip_domain", "[atlanta]atlanta.example.com")
modparam("tls_mgm", "match_sip_domain", "[biloxi]biloxi.example.com")
modparam("tls_mgm", "verify_cert", "[atlanta]1")
modparam("tls_mgm", "require_cert", "[atlanta]1")
modparam("tls_mgm", "verify_cert", "[biloxi]0") # want "and those of server domain \"atlanta\" on the same socket differ"
modparam("tls_mgm", "require_cert", "[biloxi]1")
`},
	Good: Example{Version: v30, Script: `
modparam("tls_mgm", "server_domain", "atlanta")
modparam("tls_mgm", "server_domain", "biloxi")
modparam("tls_mgm", "match_ip_address", "[atlanta]192.0.2.10:5061")
modparam("tls_mgm", "match_ip_address", "[biloxi]192.0.2.10:5061")
modparam("tls_mgm", "match_sip_domain", "[atlanta]atlanta.example.com")
modparam("tls_mgm", "match_sip_domain", "[biloxi]biloxi.example.com")
modparam("tls_mgm", "verify_cert", "[atlanta]1")
modparam("tls_mgm", "require_cert", "[atlanta]1")
modparam("tls_mgm", "verify_cert", "[biloxi]1")
modparam("tls_mgm", "require_cert", "[biloxi]1")
`},
	References: []string{"OpenSIPS #4115"},
	Run: func(p *Pass) {
		first := map[string]*Domain{}
		for _, d := range p.Domains {
			if d.Kind != domain.Server || d.Default {
				continue
			}
			addresses, _ := p.addresses(d)
			for _, a := range addresses {
				key := a.String()
				other := first[key]
				if other == nil {
					first[key] = d
					continue
				}
				if other.VerifyCert.On != d.VerifyCert.On || other.RequireCert.On != d.RequireCert.On {
					p.Report(p.at(d, "verify_cert"), "verify_cert and require_cert of %s and those of %s on the same socket differ", d, other).
						Advise("use the same values for all domains of a socket").
						Relate(p.at(other, "verify_cert"), "the other domain")
					break
				}
			}
		}
	},
})
