package sipmsg

import (
	"slices"
	"sort"
	"strings"
)

// index finds header values by name. The values of one name stand side by side, so
// that a look-up gives a part of the slice.
type index struct {
	names  []string // long names in the order of compareNames
	values []string
}

type entry struct{ name, value string }

// newIndex sorts instead of comparing each with each: a message may have thousands
// of different names.
func newIndex(fields []Header) index {
	entries := make([]entry, len(fields))
	for i, f := range fields {
		entries[i] = entry{longName(f.Name), f.Value}
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return compareNames(a.name, b.name) })
	x := index{names: make([]string, len(fields)), values: make([]string, len(fields))}
	for i, e := range entries {
		x.names[i], x.values[i] = e.name, e.value
	}
	return x
}

func (x index) find(name string) []string {
	name = longName(name)
	from := sort.Search(len(x.names), func(i int) bool { return compareNames(x.names[i], name) >= 0 })
	to := from
	for to < len(x.names) && compareNames(x.names[to], name) == 0 {
		to++
	}
	if from == to {
		return nil
	}
	return x.values[from:to:to]
}

// compactNames are the long names for the letters a to z, from the registry of SIP
// header fields.
var compactNames = [...]string{
	"Accept-Contact", "Referred-By", "Content-Type", "Request-Disposition", // a
	"Content-Encoding", "From", "", "", // e
	"Call-ID", "Reject-Contact", "Supported", "Content-Length", // i
	"Contact", "Identity-Info", "Event", "", // m
	"", "Refer-To", "Subject", "To", // q
	"Allow-Events", "Via", "", "Session-Expires", // u
	"Identity", "", // y
}

// longName is the long form of a compact name, and any other name as it is.
func longName(name string) string {
	if len(name) == 1 {
		if c := lower(name[0]); 'a' <= c && c <= 'z' && compactNames[c-'a'] != "" {
			return compactNames[c-'a']
		}
	}
	return name
}

// compareNames puts shorter names first, which decides most comparisons.
func compareNames(a, b string) int {
	switch {
	case len(a) != len(b):
		return len(a) - len(b)
	case a == b:
		return 0
	}
	return compareFold(a, b)
}

// compareFold compares without regard to the case of ASCII letters.
func compareFold(a, b string) int {
	for i := range min(len(a), len(b)) {
		if x, y := lower(a[i]), lower(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func isToken(s string) bool {
	for i := range len(s) {
		if !isTokenByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func isTokenByte(c byte) bool {
	switch {
	case 'a' <= lower(c) && lower(c) <= 'z', '0' <= c && c <= '9':
		return true
	}
	return strings.IndexByte("-.!%*_+`'~", c) >= 0
}
