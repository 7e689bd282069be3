package start

import (
	"fmt"
	"strings"

	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// database opens the table of the script's db_url. A server looks first for the
// module that is named after the scheme.
func (s *starter) database() mgm.Source {
	url := s.config.TLS.DB.URL
	if !url.IsSet() {
		return nil
	}
	scheme, _, _ := strings.Cut(url.Value, ":")
	module := "db_" + scheme
	if s.config.Loaded(module) == nil {
		d := diag.New(ruleDatabaseModule, url.At, fmt.Sprintf("db_url needs module %s, which is not loaded", module))
		if scheme == "" {
			d.Message = "db_url names no database"
			d.Help = "write it as scheme://user:password@host/database, such as sqlite:///var/lib/opensips/tls.db"
		} else {
			d.Help = fmt.Sprintf("add loadmodule \"%s.so\"", module)
		}
		s.report(d)
		return nil
	}
	if s.options.Source == nil {
		s.unknown()
		return nil
	}
	source, err := s.options.Source(s.config)
	if err != nil {
		s.report(diag.New(ruleDatabase, url.At, err.Error()))
		return nil
	}
	return source
}
