package catalogue

import (
	"math/bits"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue/internal/span"
)

// Ranges is the set of known versions that have something. The zero Ranges is
// empty; ranges compare with ==.
type Ranges struct {
	set uint64 // bit i is the i-th known version
}

// rangesOf reads the notation of the data files.
func rangesOf(notation string) Ranges {
	versions := facts().versions
	var r Ranges
	for i, v := range versions {
		if span.Contains(notation, uint16(v)) {
			r.set |= 1 << i
		}
	}
	return r
}

// IsEmpty reports whether no known version is in the ranges.
func (r Ranges) IsEmpty() bool { return r.set == 0 }

// Contains reports whether v is in the ranges; an unknown version is not.
func (r Ranges) Contains(v Version) bool {
	for i, known := range facts().versions {
		if known == v {
			return r.set&(1<<i) != 0
		}
	}
	return false
}

// Since is the first version in the ranges, or the zero Version if they are
// empty. The oldest known version may stand for older ones.
func (r Ranges) Since() Version {
	if r.IsEmpty() {
		return 0
	}
	return facts().versions[bits.TrailingZeros64(r.set)]
}

// Until is the last version in the ranges, or the zero Version if they are
// empty. It is the newest known version for what has not gone away.
func (r Ranges) Until() Version {
	if r.IsEmpty() {
		return 0
	}
	return facts().versions[bits.Len64(r.set)-1]
}

// String words the ranges for messages: "2.1–2.4", "since 3.0", "until 2.1",
// "2.3", "until 2.2, since 3.0", "every version" or "no version".
func (r Ranges) String() string {
	versions := facts().versions
	switch r.set {
	case 0:
		return "no version"
	case 1<<len(versions) - 1:
		return "every version"
	}
	var parts []string
	for _, run := range span.Runs(r.set) {
		since, until := versions[run.First].String(), versions[run.Last].String()
		switch {
		case run.Last == len(versions)-1:
			parts = append(parts, "since "+since)
		case run.First == 0:
			parts = append(parts, "until "+until)
		case run.First == run.Last:
			parts = append(parts, since)
		default:
			parts = append(parts, since+"–"+until)
		}
	}
	return strings.Join(parts, ", ")
}

func (r Ranges) and(other Ranges) Ranges { return Ranges{r.set & other.set} }

func (r Ranges) or(other Ranges) Ranges { return Ranges{r.set | other.set} }
