package start

import (
	"fmt"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// libraries are the modules with the TLS libraries that tls_library names.
var libraries = map[string]string{"openssl": "tls_openssl", "wolfssl": "tls_wolfssl"}

// library looks for the module with the TLS library, where tls_mgm has none of
// its own any more (from 3.2 on).
func (s *starter) library() {
	m := s.config.Loaded("tls_mgm")
	if _, chooses := m.Param("tls_library"); !chooses {
		return
	}
	setting := s.config.TLS.Library
	module, known := libraries[setting.Value]
	switch automatic := setting.Value == "" || setting.Value == "auto"; {
	case setting.Value == "none":
	case automatic && (s.config.Loaded("tls_openssl") != nil || s.config.Loaded("tls_wolfssl") != nil):
	case automatic:
		s.noLibrary(m.At, "tls_mgm has no TLS library: neither tls_openssl nor tls_wolfssl is loaded", "tls_openssl")
	case !known:
		s.report(diag.New(ruleLibrary, setting.At, fmt.Sprintf("tls_library: expected auto, openssl or wolfssl, found %q", setting.Value)))
	case s.config.Loaded(module) == nil:
		s.noLibrary(setting.At, fmt.Sprintf("tls_library: module %s is not loaded", module), module)
	}
}

func (s *starter) noLibrary(at diag.Span, message, module string) {
	d := diag.New(ruleLibrary, at, message)
	d.Help = fmt.Sprintf("add loadmodule \"%s.so\"", module)
	s.report(d)
}
