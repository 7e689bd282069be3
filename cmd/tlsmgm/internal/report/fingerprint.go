package report

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// fingerprintBytes are enough of a hash to tell findings apart.
const fingerprintBytes = 16

// fingerprints gives each finding of a file a name that it keeps while other
// lines come and go: it is made of the file, the rule, the words of the line, and
// how many of the same there were before.
func (r *Report) fingerprints(f *File) []string {
	seen := map[string]int{}
	list := make([]string, len(f.Diagnostics))
	for i, d := range f.Diagnostics {
		path, _ := r.Base.relative(f.fileOf(d.Span))
		key := strings.Join([]string{path, d.Rule, strings.Join(strings.Fields(f.line(d.Span)), " ")}, "\x00")
		sum := sha256.Sum256([]byte(key + "\x00" + strconv.Itoa(seen[key])))
		seen[key]++
		list[i] = hex.EncodeToString(sum[:fingerprintBytes])
	}
	return list
}
