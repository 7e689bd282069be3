package lint

var _ = register(&Rule{
	ID: "TLS203", Name: "no-back-end", Severity: diagError, Needs: WholeScript, Since: v32,
	Summary: "tls_mgm is loaded without a module that does the TLS.",
	Why: "From 3.2 on TLS is done by tls_openssl or tls_wolfssl. Without one `opensips -C` is content, and the server does not " +
		"start: \"No TLS library module loaded\".",
	Fix: "Load tls_openssl.so or tls_wolfssl.so.",
	Bad: Example{Version: v32, Script: `
# whole
mpath="/usr/lib/opensips/modules/"
socket=tls:192.0.2.10:5061
loadmodule "proto_tls.so"
loadmodule "tls_mgm.so" # want "neither tls_openssl nor tls_wolfssl is loaded"
modparam("tls_mgm", "server_domain", "sip")
modparam("tls_mgm", "match_ip_address", "[sip]192.0.2.10:5061")
route {
	exit;
}
`},
	Good: Example{Version: v32, Script: `
# whole
mpath="/usr/lib/opensips/modules/"
socket=tls:192.0.2.10:5061
loadmodule "proto_tls.so"
loadmodule "tls_openssl.so"
loadmodule "tls_mgm.so"
modparam("tls_mgm", "server_domain", "sip")
modparam("tls_mgm", "match_ip_address", "[sip]192.0.2.10:5061")
route {
	exit;
}
`},
	References: []string{"OpenSIPS #3150"},
	Run: func(p *Pass) {
		m := p.Config.Loaded(moduleTLS)
		if m == nil {
			return
		}
		library := p.Config.TLS.Library
		openSSL, wolfSSL := p.Config.Loaded("tls_openssl") != nil, p.Config.Loaded("tls_wolfssl") != nil
		switch library.Value {
		case "none":
		case "openssl", "wolfssl":
			if module := "tls_" + library.Value; p.Config.Loaded(module) == nil {
				p.Report(library.At, "tls_library is %s, but %s is not loaded", quote(library.Value), module).
					Advise("add loadmodule \"%s.so\"", module)
			}
		default:
			if !openSSL && !wolfSSL {
				p.Report(m.At, "neither tls_openssl nor tls_wolfssl is loaded: the server does not start").
					Advise("add loadmodule \"tls_openssl.so\"")
			}
		}
	},
})
