package route

import "github.com/opensips-tools/tlsmgm/parser/diag"

// Rules are the findings of [Compile]: what of a script cannot be run as a server
// would.
func Rules() []*diag.Rule {
	return []*diag.Rule{ruleVariable, ruleRegex, ruleRoute, ruleStatement}
}

var (
	ruleVariable = &diag.Rule{
		ID: "run-variable", Stage: diag.Start, Severity: diag.Warning,
		Doc: "A script variable is not one that routes are run with: it is NULL, and cannot be set.",
	}
	ruleRegex = &diag.Rule{
		ID: "run-regex", Stage: diag.Start, Severity: diag.Warning,
		Doc: "A regular expression cannot be run: comparing with it is an error, which counts as false.",
	}
	ruleRoute = &diag.Rule{
		ID: "run-route", Stage: diag.Start, Severity: diag.Warning,
		Doc: "A route is called that the script does not define: a run that comes there ends with an error.",
	}
	ruleStatement = &diag.Rule{
		ID: "run-statement", Stage: diag.Start, Severity: diag.Warning,
		Doc: "A statement has an error or is used as no server does: a run that comes there ends with an error.",
	}
)
