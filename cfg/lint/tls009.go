package lint

import (
	"fmt"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

var _ = register(&Rule{
	ID: "TLS009", Name: "overridden-setting", Severity: diagWarning,
	Summary: "A TLS parameter is set twice with different values.",
	Why:     "The later value counts, and nothing tells that the earlier one does not. Whoever changes that one wonders.",
	Fix:     "Remove the value that is not wanted.",
	Bad: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "verify_cert", "[sip]1") # want "verify_cert of \"sip\" is \"0\", set further below, and not \"1\""
modparam("tls_mgm", "verify_cert", "[sip]0")
`},
	Good: Example{Script: `
modparam("tls_mgm", "server_domain", "sip=192.0.2.10:5061")
modparam("tls_mgm", "verify_cert", "[sip]0")
`},
	References: []string{"tls_mgm manual, section 1.4"},
	Run: func(p *Pass) {
		last := map[string]*cfg.Param{}
		for _, param := range p.Config.Params {
			key, _ := settingKey(param)
			if earlier := last[key]; key != "" && earlier != nil {
				p.overridden(earlier, param)
			}
			last[key] = param
		}
	},
})

// settingKey tells settings apart; it is empty for a parameter that may be set
// several times, or that is none of TLS.
func settingKey(param *cfg.Param) (key, value string) {
	value = param.Value.String()
	switch param.Module {
	case "proto_tls", "proto_wss":
		return param.Module + " " + param.Name, value
	case moduleTLS:
	default:
		return "", ""
	}
	if param.Name == "server_domain" || param.Name == "client_domain" {
		return "", ""
	}
	if !domain.IsSetting(param.Name) {
		return param.Name, value
	}
	name, value, named, err := domain.SplitValue(value)
	if err != nil {
		return "", ""
	}
	return fmt.Sprintf("%s %t %s", param.Name, named, name), value
}

func (p *Pass) overridden(earlier, later *cfg.Param) {
	_, old := settingKey(earlier)
	_, now := settingKey(later)
	if old == now {
		return
	}
	what := later.Name
	if name, _, named, err := domain.SplitValue(later.Value.String()); err == nil && named && domain.IsSetting(later.Name) {
		what += " of " + quote(name)
	}
	f := p.Report(earlier.At, "%s is %s, set further below, and not %s", what, quote(now), quote(old)).
		Advise("remove the one that is not wanted").
		Relate(later.At, "the value that counts")
	if m := p.modParamAt(earlier.At); m != nil {
		f.Mend(&Fix{Title: "remove the value that does not count", Edits: []Edit{p.removal(m)}, Safe: true})
	}
}
