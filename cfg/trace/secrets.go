package trace

import (
	"reflect"
	"regexp"
	"strings"
	"sync"

	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
)

// A pattern is a text that has a secret; the part of it that is shown is left of
// each of its groups.
var patterns = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`(?i)\bsips?:[^\s:@<>"]+:([^\s@<>"]+)@`),                     // the password of a SIP URI
		regexp.MustCompile(`\w[\w+.-]*://[^\s"':@/]*:([^\s"']+)@`),                      // of the URL of a database
		regexp.MustCompile(`\{s\.xor,([^}]*)\}`),                                        // the secret of the script
		regexp.MustCompile(`(?i)\bresponse\s*=\s*"([^"]*)"`),                            // of digest credentials, good for guessing
		regexp.MustCompile(`(?i)\bauthorization\s*:\s*(?:basic|bearer)\s+([^\s"'<>]+)`), // others
		regexp.MustCompile(`(?i)^(?:basic|bearer)\s+([A-Za-z0-9+/=._~-]+)$`),            // as the value of a header
	}
})

// hidden stands for a secret.
const hidden = "…"

// shortest is the length of the secrets that are looked for in other texts: those
// that are shorter may be in any text.
const shortest = 4

// secretsOf are the passwords in the URIs of a message and the responses of its
// credentials, which a script may take apart.
func secretsOf(m *sipmsg.Message) []string {
	var secrets []string
	text := string(m.Raw())
	for _, p := range patterns() {
		for _, match := range p.FindAllStringSubmatch(text, -1) {
			if len(match[1]) >= shortest && match[1] != hidden {
				secrets = append(secrets, match[1])
			}
		}
	}
	return secrets
}

// hideSecrets puts an ellipsis for each secret in what the run holds.
func (r *Run) hideSecrets() { r.hide(reflect.ValueOf(r).Elem()) }

// hide goes through whatever there is, so that nothing is forgotten that is added
// to a run later.
func (r *Run) hide(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			v.SetString(r.without(v.String()))
		}
	case reflect.Interface:
		if text, ok := reflect.TypeAssert[string](v); ok {
			v.Set(reflect.ValueOf(r.without(text)))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			r.hide(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			r.hide(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				r.hide(v.Field(i))
			}
		}
	}
}

func (r *Run) without(text string) string {
	for _, secret := range r.secrets {
		text = strings.ReplaceAll(text, secret, hidden)
	}
	return Hide(text)
}

// Hide puts an ellipsis for each password that a text of a script or a message
// has: in URIs, in credentials, in transformations.
func Hide(text string) string {
	for _, p := range patterns() {
		text = replaceGroup(p, text)
	}
	return text
}

// replaceGroup hides the first group of each match.
func replaceGroup(p *regexp.Regexp, text string) string {
	matches := p.FindAllStringSubmatchIndex(text, -1)
	if matches == nil {
		return text
	}
	var b strings.Builder
	from := 0
	for _, m := range matches {
		b.WriteString(text[from:m[2]])
		b.WriteString(hidden)
		from = m[3]
	}
	return b.String() + text[from:]
}
