package catalogue

import "slices"

// Feature is a feature of the script language that some versions have and
// others do not; language.txt says what each is.
type Feature string

// The features.
const (
	OldConditions         Feature = "old_conditions"
	BareIdentifierOperand Feature = "bare_identifier_operand"
	NetworkOperand        Feature = "network_operand"
	AddressTokens         Feature = "address_tokens"
	SignedRouteParams     Feature = "signed_route_params"
	VariableArguments     Feature = "variable_arguments"
	ValueStrings          Feature = "value_strings"
	JoinedStrings         Feature = "joined_strings"
	AnyAddress            Feature = "any_address"
	UseChildren           Feature = "use_children"
	UseWorkers            Feature = "use_workers"
	Anycast               Feature = "anycast"
	SocketTag             Feature = "socket_tag"
	SocketStatement       Feature = "socket_statement"
)

// FeatureNote says what a feature is and which versions have it.
type FeatureNote struct {
	Feature  Feature
	Versions Ranges
	Doc      string // one line
}

// Features lists all features, in the order of language.txt.
func Features() []FeatureNote {
	var notes []FeatureNote
	for e := range entries(languageText) {
		if e.kind == "feature" {
			notes = append(notes, FeatureNote{Feature(e.next()), rangesOf(e.versions), e.next()})
		}
	}
	return notes
}

// topic is something that language.txt has a line about.
type topic struct {
	kind Kind
	name string
}

// language is what language.txt says about one version.
type language struct {
	features []Feature
	reserved []string // sorted
	signed   map[topic]bool
	support  map[topic]Support
}

func decodeLanguage(text string, v Version) *language {
	l := &language{signed: make(map[topic]bool), support: make(map[topic]Support)}
	for e := range entriesAt(text, v) {
		switch e.kind {
		case "feature":
			l.features = append(l.features, Feature(e.next()))
		case "reserved":
			l.reserved = append(l.reserved, e.next())
		case "signed":
			l.signed[topicOf(&e)] = true
		case "deprecated":
			l.support[topicOf(&e)] = Deprecated
		case "refused":
			l.support[topicOf(&e)] = Refused
		}
	}
	slices.Sort(l.reserved)
	return l
}

func topicOf(e *entry) topic { return topic{Kind(e.next()), e.next()} }

// Advice says what this version has in place of something that it lacks,
// refuses or deprecates: a global, statement or module, or a parameter of the
// given module. It is half a sentence such as "use log_level", or empty where
// there is nothing to say. module is empty for anything but a parameter.
func (c *Catalogue) Advice(kind Kind, module, name string) string {
	if module != "" {
		name = module + ":" + name
	}
	for e := range entriesAt(languageText, c.version) {
		if e.kind == "advice" && topicOf(&e) == (topic{kind, name}) {
			return e.next()
		}
	}
	return ""
}
