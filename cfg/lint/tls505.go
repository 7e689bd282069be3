package lint

import (
	"github.com/opensips-tools/tlsmgm/cfg"
)

var _ = register(&Rule{
	ID: "TLS505", Name: "handshake-timeout", Severity: diagWarning,
	Summary: "The time for a handshake is under 300 ms or over 10 s.",
	Why: "A handshake takes two or three round trips, and retransmissions take 200 ms and more: below 300 ms it fails on long or " +
		"busy lines. The built-in value is 100 ms, which this rule does not speak of. Above ten seconds a peer that does not answer holds up a process of the server for as long.",
	Fix: "Set it to some seconds at most: 2000 is a good value.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "tls_handshake_timeout", 100) # want "tls_handshake_timeout of 100 ms is short"
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "tls_handshake_timeout", 2000)
`},
	References: []string{"tls_mgm manual, section 1.8.11"},
	Run: func(p *Pass) {
		const shortest, longest, better = 300, 10_000, 2000
		for _, timeout := range []struct {
			name string
			cfg.Setting[int]
		}{
			{"tls_handshake_timeout", p.Config.TLS.HandshakeTimeout},
			{"wss_handshake_timeout", p.Config.ProtoWSS.HandshakeTimeout},
		} {
			if !timeout.IsSet() || timeout.Value >= shortest && timeout.Value <= longest {
				continue
			}
			what := "short: handshakes over long lines fail"
			if timeout.Value > longest {
				what = "long: a peer that does not answer holds up a process"
			}
			p.Report(timeout.At, "%s of %d ms is %s", timeout.name, timeout.Value, what).
				Advise("set it to %d", better).
				Mend(&Fix{Title: "set it to 2000", Edits: []Edit{{Span: timeout.At, New: "2000"}}})
		}
	},
})
