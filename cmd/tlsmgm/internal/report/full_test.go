package report

import (
	"errors"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// fullReport has everything that a report can have: rules with help, fixes of two
// files, findings about a whole file and about one whose text is not known, lines
// that are not ASCII, bytes that are not text, a password, a clean file and one
// that could not be read.
func fullReport() *Report {
	const tls = "modparam(\"tls_mgm\", \"certificate\", \"[été𝄞]/etc/[x](1)\x1b.pem\")\r\n" +
		"modparam(\"tls_mgm\", \"db_url\", \"mysql://u:hunter2@db/x\")\n\xff\xfe]]>&<\n"
	certificate := diag.Diagnostic{
		Span: span("site/tls.cfg", 1, 43, 1, 65), Severity: diag.Warning, Stage: diag.Lint, Rule: "TLS001",
		Message: "domain \"été\" is\nnot in [any](file), 100 % sure\x1b", Help: "define it:\nserver_domain, or\r, well",
		Related: []diag.Related{
			{Span: span("site/a, b:c.cfg", 1, 1, 1, 1), Message: "included [here]"},
			{Span: span("/etc/opensips/x.pem", 3, 2, 3, 7), Message: "the key"},
		},
	}
	return &Report{
		OpenSIPS: catalogue.Default, Version: "v1.2.3", ExitCode: 3, Tolerated: diag.Warning,
		Base: Base{Dir: "/repo/etc", Root: "/repo"},
		Rules: []RuleInfo{
			{
				ID: "TLS001", Name: "undefined-domain", Summary: "A domain that is not defined.", Why: "Calls *fail*.", Fix: "Define it.",
				HelpURL: "https://example.org/rules/TLS001", Severity: diag.Error, Tags: []string{"tls", "security"},
			},
			{ID: "syntax", Summary: "No.", Severity: diag.Error},
			{ID: "never-found", Summary: "Not in the report."},
		},
		Files: []File{
			{
				Name: "site/a, b:c.cfg", Read: Accepted, Start: Runs,
				Sources: []*parser.Source{{Name: "site/a, b:c.cfg", Text: "include_file \"tls.cfg\"\nx\n"}, {Name: "site/tls.cfg", Text: tls}},
				Diagnostics: diag.List{
					certificate, certificate,
					{Span: span("site/tls.cfg", 2, 31, 3, 3), Severity: diag.Error, Stage: diag.Read, Rule: "syntax", Message: "found \"mysql://u:hunter2@db/x\""},
					{Span: span("/etc/opensips/x.pem", 3, 2, 3, 7), Severity: diag.Notice, Stage: diag.Start, Rule: "unknown-rule", Message: "]]> & <b>"},
					{Severity: diag.Notice, Stage: diag.Lint, Rule: "TLS001", Message: "about the file"},
				},
				Fixes: map[int][]Fix{0: {
					{Message: "define the domain", Edits: []Edit{
						{Span: span("site/tls.cfg", 1, 37, 1, 48), Text: "[𝄞]\n"},
						{Span: span("site/a, b:c.cfg", 2, 1, 2, 2), Text: ""},
						{Span: span("site/tls.cfg", 2, 1, 2, 1), Text: "# été\n"},
					}},
					{Message: "has a password", Edits: []Edit{{Span: span("site/tls.cfg", 1, 1, 1, 1), Text: "mysql://u:hunter2@db/x"}}},
					{Message: "is no text", Edits: []Edit{{Span: span("site/tls.cfg", 1, 1, 1, 1), Text: "\xff"}}},
					{Message: "is nowhere", Edits: []Edit{{Text: "x"}}},
					{Message: "does nothing"},
				}},
			},
			{Name: "clean.cfg", Read: Accepted, Start: Unknown},
			{Name: "/var/gone\x1b.cfg", Err: errors.New("open /var/gone\x1b.cfg: no such file,\nor mysql://u:hunter2@db/x")},
			{Name: "<stdin>", Read: Rejected, Diagnostics: diag.List{
				{Span: span("<stdin>", 1, 1, 1, 2), Severity: diag.Error, Stage: diag.Read, Rule: "syntax", Message: "no"},
			}},
		},
	}
}
