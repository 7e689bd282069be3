package lint

import "github.com/opensips-tools/tlsmgm/mgm"

var _ = register(&Rule{
	ID: "TLS011", Name: "row-hides-domain", Severity: diagWarning, Needs: Rows,
	Summary: "A row of the table hides a domain of the script: it has the same address, or is the default domain that the script sets up.",
	Why: "Domains of the table come before those of the script, so that the one of the script is never used; what is changed in the " +
		"script has no effect.",
	Fix: "Keep the domain in one place.",
	Bad: Example{
		Script: `
loadmodule "db_sqlite.so"
modparam("tls_mgm", "db_url", "sqlite:///etc/opensips/tls.db")
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061") # want "server domain \"sip\" is never used"
`,
		Rows: []mgm.Row{{
			ID: 1, Domain: "phones", Address: "192.0.2.10:5061", Type: new(int64(2)),
			Certificate: []byte("/tls/leaf.pem"), PrivateKey: []byte("/tls/leaf.key"),
		}},
	},
	Good: Example{
		Script: `
loadmodule "db_sqlite.so"
modparam("tls_mgm", "db_url", "sqlite:///etc/opensips/tls.db")
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
`,
		Rows: []mgm.Row{{
			ID: 1, Domain: "phones", Address: "192.0.2.10:5062", Type: new(int64(2)),
			Certificate: []byte("/tls/leaf.pem"), PrivateKey: []byte("/tls/leaf.key"),
		}},
	},
	References: []string{"tls_mgm manual, section 1.4"},
	Run: func(p *Pass) {
		rows := map[string]*Domain{}
		for _, d := range p.Domains {
			if d.Row != nil {
				for _, key := range append(p.matchKeys(d), defaultKey(d)) {
					rows[key] = d
				}
			}
		}
		for _, d := range p.Domains {
			if d.Row != nil || d.Default && !d.configured() {
				continue
			}
			keys := p.matchKeys(d)
			if d.Default {
				keys = []string{defaultKey(d)}
			}
			if row := allTaken(d, keys, rows); row != nil {
				p.Report(p.firstSetting(d), "%s is never used: the %s takes its place", d, row).
					Advise("keep the domain in one place").
					Relate(p.Config.TLS.DB.URL.At, "the table is named here")
			}
		}
	},
})

func defaultKey(d *Domain) string {
	if d.Default {
		return "default " + d.Kind.String()
	}
	return ""
}
