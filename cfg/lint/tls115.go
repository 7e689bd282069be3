package lint

import (
	"crypto/x509"
)

var _ = register(&Rule{
	ID: "TLS115", Name: "repeated-serial", Severity: diagWarning, Needs: Files,
	Summary: "Two different certificates of an issuer have the same serial number.",
	Why: "A serial number tells the certificates of an issuer apart: revocation lists name certificates by it, and some peers " +
		"refuse a second one outright.",
	Fix: "Have one of them issued anew, with a serial number of its own.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "client_domain", "out=192.0.2.20:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/serial-a.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/serial-a.key")
modparam("tls_mgm", "certificate", "[out]/tls/serial-b.pem") # want "its issuer has given the serial number 4711 twice"
modparam("tls_mgm", "private_key", "[out]/tls/serial-b.key")
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "client_domain", "out=192.0.2.20:5061")
modparam("tls_mgm", "certificate", "[sip]/tls/leaf.pem")
modparam("tls_mgm", "private_key", "[sip]/tls/leaf.key")
modparam("tls_mgm", "certificate", "[out]/tls/server-only.pem")
modparam("tls_mgm", "private_key", "[out]/tls/server-only.key")
`},
	References: []string{"RFC 5280, section 4.1.2.2"},
	Run: func(p *Pass) {
		type key struct{ issuer, serial string }
		type place struct {
			cert *x509.Certificate
			in   *Certificate
		}
		seen := map[key]place{}
		for _, c := range p.Certificates {
			for _, cert := range c.Chain {
				k := key{string(cert.RawIssuer), cert.SerialNumber.String()}
				first, known := seen[k]
				if !known {
					seen[k] = place{cert, c}
					continue
				}
				if !first.cert.Equal(cert) {
					p.reportCertificate(c, "its issuer has given the serial number %s twice", k.serial).
						Advise("have one of the two issued anew").
						Relate(p.at(first.in.Domains[0], "certificate"), "the other certificate")
				}
			}
		}
	},
})
