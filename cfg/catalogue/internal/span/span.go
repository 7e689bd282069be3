// Package span reads and writes the notation for version ranges that the
// catalogue's data files use:
//
//   - as long as the block the line stands in
//     2.2-2.4      from 2.2 to 2.4, both included
//     3.0-         since 3.0
//     -2.4         until 2.4
//     2.3          2.3 alone
//     -2.1,3.0-    several ranges
//
// Versions are numbers here, major<<8|minor, so that they compare; sets of
// versions are bit sets over a list of versions in ascending order.
package span

import (
	"math/bits"
	"strconv"
	"strings"
)

// Life is the notation for "as long as the block the line stands in".
const Life = "-"

// Number is the number of a version written "major.minor"; ok is false for
// anything else.
func Number(text string) (n uint16, ok bool) {
	major, minor, _ := strings.Cut(text, ".")
	hi, okHi := digits(major)
	lo, okLo := digits(minor)
	return hi<<8 | lo, okHi && okLo
}

// digits reads a number up to 255. The catalogue reads ranges in its inner
// loop, so it does without the errors of strconv.
func digits(text string) (n uint16, ok bool) {
	if len(text) == 0 || len(text) > 3 {
		return 0, false
	}
	for i := range len(text) {
		c := text[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + uint16(c)
	}
	return n, n <= 255
}

// Text is the version as it is written, such as "2.3".
func Text(n uint16) string {
	return strconv.Itoa(int(n>>8)) + "." + strconv.Itoa(int(n&0xff))
}

// Contains reports whether version n lies in the ranges. A range that cannot
// be read contains nothing.
func Contains(ranges string, n uint16) bool {
	for ranges != "" {
		var one string
		one, ranges, _ = strings.Cut(ranges, ",")
		if oneContains(one, n) {
			return true
		}
	}
	return false
}

func oneContains(one string, n uint16) bool {
	since, until, isRange := strings.Cut(one, "-")
	if !isRange {
		only, ok := Number(one)
		return ok && only == n
	}
	if since != "" {
		if first, ok := Number(since); !ok || n < first {
			return false
		}
	}
	if until == "" {
		return true
	}
	last, ok := Number(until)
	return ok && n <= last
}

// Set is the bit set of those versions that lie in the ranges.
func Set(ranges string, versions []uint16) (set uint64) {
	for i, n := range versions {
		if Contains(ranges, n) {
			set |= 1 << i
		}
	}
	return set
}

// Run is a stretch of neighbouring versions, as indices, both included.
type Run struct{ First, Last int }

// Runs splits a bit set into its runs, in ascending order.
func Runs(set uint64) []Run {
	var runs []Run
	for offset := 0; set != 0; {
		offset += bits.TrailingZeros64(set)
		set >>= bits.TrailingZeros64(set)
		length := bits.TrailingZeros64(^set)
		runs = append(runs, Run{offset, offset + length - 1})
		offset += length
		set >>= length
	}
	return runs
}

// Format writes a set, which must be part of life: the versions that have the
// block the line stands in. An end that is also an end of life stays open, so
// that a line changes only when what it describes does.
func Format(set, life uint64, versions []uint16) string {
	if set == life {
		return Life
	}
	born, last := bits.TrailingZeros64(life), bits.Len64(life)-1
	var parts []string
	for _, run := range Runs(set) {
		since, until := Text(versions[run.First]), Text(versions[run.Last])
		switch {
		case run.Last == last:
			until = ""
		case run.First == run.Last:
			parts = append(parts, since)
			continue
		case run.First == born:
			since = ""
		}
		parts = append(parts, since+"-"+until)
	}
	return strings.Join(parts, ",")
}
