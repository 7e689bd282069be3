package lint

import (
	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

var _ = register(&Rule{
	ID: "TLS455", Name: "profile-clients", Severity: diagWarning,
	Summary: "A server domain treats certificates of clients otherwise than the profile asks.",
	Why: "Microsoft Teams and other trunks want both sides to show a certificate. Browsers have none to show: with " +
		"`require_cert` they cannot connect.",
	Fix: "For mutual TLS set `verify_cert` and `require_cert` to 1, for browsers set `require_cert` to 0.",
	Bad: Example{Profile: "webrtc", Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "verify_cert", "[sip]1")
modparam("tls_mgm", "require_cert", "[sip]1") # want "clients of WebRTC have no certificate"
`},
	Good: Example{Profile: "webrtc", Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "verify_cert", "[sip]0")
modparam("tls_mgm", "require_cert", "[sip]0")
`},
	References: []string{"tls_mgm manual, section 1.8.10", "RFC 8827, section 6.5"},
	Domain: func(p *Pass, d *Domain) {
		profile := p.Options.Profile
		if profile == nil || d.Kind != domain.Server || !d.configured() {
			return
		}
		required := d.VerifyCert.On && d.RequireCert.On
		switch {
		case profile.ClientCertificates == ClientsHaveNone && required:
			p.Report(p.at(d, "require_cert"), "%s: clients have to show a certificate, but clients of %s have no certificate", d, profile.Title).
				Advise("set require_cert to 0")
		case profile.ClientCertificates == ClientsShow && !required:
			p.Report(p.at(d, "require_cert"), "%s: clients need not show a certificate; %s asks for mutual TLS", d, profile.Title).
				Advise("set verify_cert and require_cert to 1")
		}
	},
})
