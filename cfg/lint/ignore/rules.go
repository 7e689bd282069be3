package ignore

import (
	"slices"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// RuleUnused is the ID of the rule about remarks without effect. In an include that
// several scripts have, one may have an effect in another of them.
const RuleUnused = "ignore-unused"

// The rules about remarks. None stops a server.
var (
	ruleUnknown = &diag.Rule{
		ID: "ignore-unknown", Stage: diag.Lint, Severity: diag.Warning,
		Doc: "A comment begins with `tlsmgm:` but says nothing that is known, or names a rule that there is not.",
	}
	ruleUnused = &diag.Rule{
		ID: RuleUnused, Stage: diag.Lint, Severity: diag.Warning,
		Doc: "A comment ignores a rule that looked and found nothing there; it would hide the next finding.",
	}
	ruleRefused = &diag.Rule{
		ID: "ignore-refused", Stage: diag.Lint, Severity: diag.Warning,
		Doc: "A comment ignores an error of reading or starting, which is what the server does whatever the comment says.",
	}
	ruleReason = &diag.Rule{
		ID: "ignore-reason", Stage: diag.Lint, Severity: diag.Notice,
		Doc: "A comment ignores a rule but does not say why.",
	}
)

var rules = []*diag.Rule{ruleUnknown, ruleUnused, ruleRefused, ruleReason}

// Rules lists the rules about remarks.
func Rules() []*diag.Rule { return slices.Clone(rules) }
