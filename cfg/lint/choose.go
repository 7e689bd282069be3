package lint

import (
	"fmt"
	"slices"
	"strings"
)

// Matching are the rules of an ID, a name, or the beginning of IDs such as
// "TLS1"; "all" is every rule. None is an error.
func Matching(pattern string) ([]*Rule, error) {
	if strings.EqualFold(pattern, "all") {
		return Rules(), nil
	}
	if rule := Lookup(pattern); rule != nil {
		return []*Rule{rule}, nil
	}
	upper := strings.ToUpper(pattern)
	var matching []*Rule
	for _, r := range sortedRules() {
		if strings.HasPrefix(upper, "TLS") && strings.HasPrefix(r.ID, upper) {
			matching = append(matching, r)
		}
	}
	if matching == nil {
		return nil, fmt.Errorf("no lint rule matches %q", pattern)
	}
	return matching, nil
}

// Choice is a selection of rules, see [ParseChoice]. The zero value keeps all.
type Choice struct {
	only  bool
	steps []choiceStep
}

type choiceStep struct {
	out   bool
	rules []*Rule
}

// ParseChoice reads patterns of [Matching], separated by commas, which act one
// after the other: "TLS1,-TLS117" are the rules of a group but for one. If the
// first has a minus, it begins with the rules there are, else with none.
func ParseChoice(text string) (Choice, error) {
	var choice Choice
	for i, item := range strings.Split(text, ",") {
		item = strings.TrimSpace(item)
		pattern, out := strings.CutPrefix(item, "-")
		rules, err := Matching(pattern)
		if err != nil {
			return Choice{}, err
		}
		if i == 0 {
			choice.only = !out
		}
		choice.steps = append(choice.steps, choiceStep{out, rules})
	}
	return choice, nil
}

// Of makes the choice among rules. The result is not nil, in the order of the
// IDs, and may have rules that were not among them: those that are named.
func (c Choice) Of(rules []*Rule) []*Rule {
	chosen := map[*Rule]bool{}
	if !c.only {
		for _, r := range rules {
			chosen[r] = true
		}
	}
	for _, step := range c.steps {
		for _, r := range step.rules {
			chosen[r] = !step.out
		}
	}
	return slices.DeleteFunc(Rules(), func(r *Rule) bool { return !chosen[r] })
}

// Shows reports whether [Run] with the options would have the rule tell all that
// there is to tell of its kind: it is chosen, for the version, and gets what it
// needs.
func (in Input) Shows(r *Rule, o Options) bool {
	s := &subject{Config: in.Config, Rows: in.Rows, Opened: in.Files != nil}
	switch {
	case o.Rules != nil && !slices.Contains(o.Rules, r), !s.fits(r):
		return false
	case r.Bad.Profile != "" && o.Profile == nil:
		return false
	}
	return !in.Config.TLS.DB.URL.IsSet() || in.Rows != nil
}
