package cfg

import (
	"fmt"
	"slices"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
)

// An adviser tells about names that a version does not have. Each answer goes
// through all that the catalogue knows, so each name is looked up once, and a
// script that is wrong everywhere gets a limited number of answers.
type adviser struct {
	known map[topic]advice
	names map[catalogue.Kind][]string // of the version, as far as they were asked for
}

// The limits of the advice: on how many unknown names it is given, and how many
// names of a list are compared with one.
const (
	maxAdvice     = 100
	maxCandidates = 2000
)

// A topic is a name that a version does not have. The module is empty but for
// a parameter.
type topic struct {
	kind         catalogue.Kind
	module, name string
}

// advice is what to say about an unknown name.
type advice struct {
	message   string
	help      string
	providers []string // modules of this version that have it
	others    []string // modules that have it in other versions
}

// about gives what seek finds out, or the plain message when there was enough
// advice already.
func (a *adviser) about(t topic, plain string, seek func(advice) advice) advice {
	found, known := a.known[t]
	if known {
		return found
	}
	found.message = plain
	if len(a.known) >= maxAdvice {
		return found
	}
	found = seek(found)
	if a.known == nil {
		a.known = map[topic]advice{}
	}
	a.known[t] = found
	return found
}

// nearest completes the advice with the name that was most likely meant.
func (a advice) nearest(name, form string, candidates []string) advice {
	if a.help != "" {
		return a
	}
	if near := catalogue.Nearest(name, candidates[:min(len(candidates), maxCandidates)]); near != "" {
		a.help = "did you mean " + fmt.Sprintf(form, near)
	}
	return a
}

// nearestOf completes the advice with the name of a kind that was most likely
// meant. The names of the version are listed once for all advice.
func (in *interpreter) nearestOf(a advice, kind catalogue.Kind, name, form string) advice {
	if a.help != "" {
		return a
	}
	names, listed := in.advice.names[kind]
	if !listed {
		names = in.catalogue.Names(kind)
		if in.advice.names == nil {
			in.advice.names = map[catalogue.Kind][]string{}
		}
		in.advice.names[kind] = names
	}
	return a.nearest(name, form, names)
}

// elsewhere completes the advice with who has the name in another version.
func (a advice) elsewhere(kind catalogue.Kind, name string, v catalogue.Version) advice {
	for _, p := range catalogue.Places(kind, name) {
		a.others = append(a.others, p.Module)
		if a.help == "" {
			a.help = fmt.Sprintf("%s has it %s, this is %s", placeName(p), during(p.Versions), v)
		}
	}
	return a
}

func placeName(p catalogue.Place) string {
	if p.Module == "" {
		return "the core"
	}
	return "module " + p.Module
}

// otherVersion says that something is of another version.
func otherVersion(what string, versions catalogue.Ranges, v catalogue.Version) string {
	switch {
	case versions.Since() > v:
		return fmt.Sprintf("%s is new in %s, this is %s", what, versions.Since(), v)
	case versions.Until() < v:
		return fmt.Sprintf("%s is gone since %s, this is %s", what, next(versions.Until()), v)
	default:
		return fmt.Sprintf("%s exists %s, this is %s", what, during(versions), v)
	}
}

// during words versions as a time: "until 2.1", "in 2.1–2.4".
func during(versions catalogue.Ranges) string {
	text := versions.String()
	if text[0] >= '0' && text[0] <= '9' || text == "every version" {
		return "in " + text
	}
	return text
}

// next is the version after one.
func next(v catalogue.Version) catalogue.Version {
	all := catalogue.Versions()
	if i := slices.Index(all, v); i+1 < len(all) {
		return all[i+1]
	}
	return v
}
