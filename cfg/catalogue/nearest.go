package catalogue

import "strings"

// Nearest is the candidate that name was most likely meant to be, for "did
// you mean" in messages: the first of those that take the fewest letters to
// insert, drop, change or swap, in upper or lower case. It is empty if none
// takes less than three and less than half of name's letters.
func Nearest(name string, candidates []string) string {
	const tooFar = 3
	nearest, best := "", min(tooFar, (len(name)+1)/2)
	folded := strings.ToLower(name)
	for _, candidate := range candidates {
		if difference := len(candidate) - len(name); candidate == name || difference >= best || -difference >= best {
			continue
		}
		if d := distance(folded, strings.ToLower(candidate)); d < best {
			nearest, best = candidate, d
		}
	}
	return nearest
}

// distance is the Damerau-Levenshtein distance of two names, in bytes, where
// letters that were swapped are not changed any further.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(change, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
