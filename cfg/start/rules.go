package start

import "github.com/opensips-tools/tlsmgm/parser/diag"

// Rules are the findings of this package; those of certificates and keys are in
// package tlsctx.
func Rules() []*diag.Rule {
	return []*diag.Rule{
		ruleUndefinedRoute, ruleRegex, ruleFormat, ruleDatabaseModule, ruleDatabase, ruleRowSkipped, ruleRowSetting,
		ruleLibrary,
	}
}

var (
	ruleUndefinedRoute = &diag.Rule{
		ID: "undefined-route", Stage: diag.Start, Severity: diag.Error,
		Doc: "A route is called that the script does not define.",
	}
	ruleRegex = &diag.Rule{
		ID: "regular-expression", Stage: diag.Start, Severity: diag.Error,
		Doc: "The right side of =~ or !~ is no regular expression.",
	}
	ruleFormat = &diag.Rule{
		ID: "format-variable", Stage: diag.Start, Severity: diag.Error,
		Doc: "A text that is logged holds a script variable that is malformed or that no loaded module has.",
	}
	ruleDatabaseModule = &diag.Rule{
		ID: "database-module", Stage: diag.Start, Severity: diag.Error,
		Doc: "db_url is set, but the module of its database is not loaded or not known.",
	}
	ruleDatabase = &diag.Rule{
		ID: "database", Stage: diag.Start, Severity: diag.Error,
		Doc: "The TLS domains cannot be read from the database.",
	}
	ruleLibrary = &diag.Rule{
		ID: "tls-library", Stage: diag.Start, Severity: diag.Error,
		Doc: "The module with the TLS library, which tls_mgm needs from 3.2 on, is not loaded.",
	}
	ruleRowSkipped = &diag.Rule{
		ID: "row-skipped", Stage: diag.Start, Severity: diag.Warning,
		Doc: "A row of the tls_mgm table cannot be used. The server starts without its domain.",
	}
	ruleRowSetting = &diag.Rule{
		ID: "row-setting", Stage: diag.Start, Severity: diag.Warning,
		Doc: "A row of the tls_mgm table has a setting that the server takes otherwise than it says.",
	}
)
