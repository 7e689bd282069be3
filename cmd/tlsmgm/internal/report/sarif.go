package report

import (
	"cmp"
	"encoding/json"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	homePage    = "https://github.com/opensips-tools/tlsmgm"

	// sarifRoot stands for the root of the repository, which readers know
	// better.
	sarifRoot = "%SRCROOT%"

	// sarifFingerprint names our fingerprints, with their version.
	sarifFingerprint = "ruleAndLine/v1"
)

// WriteSARIF writes the report as a log of SARIF 2.1.0 with one run: of the
// rules those that found something, paths relative to the root, and columns in
// UTF-16 code units. The sections named here are those of the standard.
func WriteSARIF(w io.Writer, r *Report) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{newSARIFRun(r)}})
}

func newSARIFRun(r *Report) sarifRun {
	rules := sarifRules(r)
	run := sarifRun{
		Tool:              sarifTool{newSARIFDriver(r, rules)},
		AutomationDetails: sarifAutomation{"tlsmgm/opensips-" + r.OpenSIPS.String() + "/"}, // section 3.17.2: with the slash it is a category of runs
		Invocations:       []sarifInvocation{newSARIFInvocation(r)},
		URIBases:          map[string]sarifBase{sarifRoot: {sarifMessage{Text: "The root of the repository."}}},
		ColumnKind:        "utf16CodeUnits",
		Artifacts:         []sarifArtifact{},
		Results:           []sarifResult{},
	}
	for i := range r.Files {
		f := &r.Files[i]
		run.addArtifact(newSARIFFile(r, f.Name))
		fingerprints := r.Fingerprints(f)
		for j := range f.Diagnostics {
			result := newSARIFResult(r, f, j, rules)
			result.Fingerprints = map[string]string{sarifFingerprint: fingerprints[j]}
			run.Results = append(run.Results, result)
		}
	}
	return run
}

// addArtifact keeps each once, as the standard wants it, though a script can be
// given twice.
func (run *sarifRun) addArtifact(file sarifFile) {
	if !slices.ContainsFunc(run.Artifacts, func(a sarifArtifact) bool { return a.Location == file }) {
		run.Artifacts = append(run.Artifacts, sarifArtifact{file, []string{"analysisTarget"}})
	}
}

// sarifRules are the rules that found something, each once.
func sarifRules(r *Report) []RuleInfo {
	rules := []RuleInfo{}
	for i := range r.Files {
		for _, d := range r.Files[i].Diagnostics {
			if sarifRuleIndex(rules, d.Rule) < 0 {
				rules = append(rules, r.rule(d))
			}
		}
	}
	return rules
}

func sarifRuleIndex(rules []RuleInfo, id string) int {
	return slices.IndexFunc(rules, func(rule RuleInfo) bool { return rule.ID == id })
}

var semantic = regexp.MustCompile(`^v?(\d+\.\d+\.\d+.*)$`)

func newSARIFDriver(r *Report, rules []RuleInfo) sarifDriver {
	driver := sarifDriver{Name: "tlsmgm", Version: r.Version, InformationURI: homePage, Rules: []sarifRule{}}
	if m := semantic.FindStringSubmatch(r.Version); m != nil {
		driver.SemanticVersion = m[1]
	}
	for _, rule := range rules {
		driver.Rules = append(driver.Rules, newSARIFRule(rule))
	}
	return driver
}

func newSARIFRule(rule RuleInfo) sarifRule {
	made := sarifRule{ID: rule.ID, HelpURI: rule.HelpURL, Configuration: sarifConfiguration{sarifLevel(rule.Severity)}}
	if name := inPascalCase(cmp.Or(rule.Name, rule.ID)); name != rule.ID {
		made.Name = name
	}
	if rule.Summary != "" {
		made.Short = &sarifMessage{Text: rule.Summary}
		made.Full = &sarifMessage{Text: cmp.Or(rule.Why, rule.Summary)}
		made.Help = newSARIFHelp(rule)
	}
	if len(rule.Tags) > 0 {
		made.Properties = &sarifProperties{rule.Tags}
	}
	return made
}

func newSARIFHelp(rule RuleInfo) *sarifMessage {
	parts := []string{cmp.Or(rule.Why, rule.Summary)}
	if rule.Fix != "" {
		parts = append(parts, "How to fix it: "+rule.Fix)
	}
	help := &sarifMessage{Text: strings.Join(parts, "\n\n")}
	if rule.Fix != "" {
		parts[1] = "**How to fix it:** " + rule.Fix
	}
	if rule.HelpURL != "" {
		parts = append(parts, "[More about "+rule.ID+"]("+rule.HelpURL+")")
	}
	help.Markdown = strings.Join(parts, "\n\n")
	return help
}

// inPascalCase is the form of names that readers of SARIF expect.
func inPascalCase(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == ' ' || r == '_' })
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

func sarifLevel(s diag.Severity) string {
	if s == diag.Notice {
		return "note"
	}
	return s.String()
}

// newSARIFInvocation says how the run went; a script that could not be read is
// a notification, since it is no finding in a script.
func newSARIFInvocation(r *Report) sarifInvocation {
	invocation := sarifInvocation{Successful: r.Unread() == 0, ExitCode: r.ExitCode}
	for i := range r.Files {
		if f := &r.Files[i]; f.Read == "" {
			invocation.Notifications = append(invocation.Notifications, sarifNotification{
				Descriptor: sarifDescriptor{ID: unreadable}, Level: "error",
				Message:   sarifMessage{Text: escapeLinks(f.whyUnread())},
				Locations: []sarifLocation{{Physical: sarifPhysical{File: newSARIFFile(r, f.Name)}}},
			})
		}
	}
	return invocation
}

func newSARIFResult(r *Report, f *File, index int, rules []RuleInfo) sarifResult {
	d := f.Diagnostics[index]
	result := sarifResult{
		Rule: d.Rule, RuleIndex: sarifRuleIndex(rules, d.Rule), Level: sarifLevel(d.Severity),
		Locations: []sarifLocation{{Physical: newSARIFPlace(r, f, d.Span)}},
	}
	text := []string{escapeLinks(message(d.Message, d.Help))}
	for i, related := range d.Related {
		id, label := i+1, clean(related.Message)
		result.Related = append(result.Related, sarifLocation{
			ID: id, Physical: newSARIFPlace(r, f, related.Span), Message: &sarifMessage{Text: escapeLinks(label)},
		})
		text = append(text, linkTo(label, id))
	}
	result.Message.Text = strings.Join(text, "\n")
	for _, fix := range f.fixes(index) {
		made := newSARIFFix(r, f, fix)
		if !slices.ContainsFunc(result.Fixes, func(other sarifFix) bool { return reflect.DeepEqual(made, other) }) {
			result.Fixes = append(result.Fixes, made) // each once, as the standard wants it
		}
	}
	return result
}

// newSARIFFix has the edits of each file together, as section 3.55.3 wants it.
func newSARIFFix(r *Report, f *File, fix Fix) sarifFix {
	made := sarifFix{Description: sarifMessage{Text: escapeLinks(clean(fix.Message))}}
	for _, edit := range fix.Edits {
		place := newSARIFPlace(r, f, edit.Span)
		i := slices.IndexFunc(made.Changes, func(c sarifChange) bool { return c.File == place.File })
		if i < 0 {
			i = len(made.Changes)
			made.Changes = append(made.Changes, sarifChange{File: place.File})
		}
		made.Changes[i].Replacements = append(made.Changes[i].Replacements, sarifReplacement{place.Region, sarifContent{edit.Text}})
	}
	return made
}

func newSARIFFile(r *Report, name string) sarifFile {
	uri, relative := r.Base.uri(name)
	if !relative {
		return sarifFile{URI: uri}
	}
	return sarifFile{URI: uri, Base: sarifRoot}
}

// newSARIFPlace has no region for a finding about a file as a whole.
func newSARIFPlace(r *Report, f *File, span diag.Span) sarifPhysical {
	place := sarifPhysical{File: newSARIFFile(r, f.fileOf(span))}
	if span.IsValid() {
		place.Region = &sarifRegion{
			span.Start.Line, f.column(span.Start), max(span.End.Line, span.Start.Line), max(f.column(span.End), 1),
		}
	}
	return place
}

// linkTo refers to a related location: some readers show those alone to which
// the message refers (section 3.11.6).
func linkTo(label string, id int) string {
	label = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(label)
	return "[" + label + "](" + strconv.Itoa(id) + ")"
}

// escapeLinks keeps a text from being taken for a reference, which has the form
// [text](target).
func escapeLinks(text string) string {
	if !strings.Contains(text, "](") {
		return text
	}
	return strings.NewReplacer("[", `\[`, "]", `\]`).Replace(text)
}
