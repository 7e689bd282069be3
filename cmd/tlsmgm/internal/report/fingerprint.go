package report

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// fingerprintBytes are enough of a hash to tell findings apart.
const fingerprintBytes = 16

// rowNumber is how findings name a row of a table. All of those are at one line.
var rowNumber = regexp.MustCompile(`\((?:row|id) \d+[,)]`)

// Fingerprints gives each finding of a file a name that it keeps while other
// lines come and go: it is made of the file, the rule, the words of the line, the
// row of a table if it is about one, and how many of the same there were before.
func (r *Report) Fingerprints(f *File) []string {
	if f.Fingerprints != nil {
		return f.Fingerprints
	}
	seen := map[string]int{}
	list := make([]string, len(f.Diagnostics))
	for i, d := range f.Diagnostics {
		key := strings.Join([]string{r.PathOf(f, d), d.Rule, strings.Join(strings.Fields(f.line(d.Span)), " ")}, "\x00")
		if row := rowNumber.FindString(d.Message); row != "" {
			key += "\x00" + row[:len(row)-1]
		}
		sum := sha256.Sum256([]byte(key + "\x00" + strconv.Itoa(seen[key])))
		seen[key]++
		list[i] = hex.EncodeToString(sum[:fingerprintBytes])
	}
	return list
}

// PathOf is the file in which a finding is, relative to the root.
func (r *Report) PathOf(f *File, d diag.Diagnostic) string {
	path, _ := r.Base.relative(f.fileOf(d.Span))
	return path
}
