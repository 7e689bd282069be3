package pv

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/opensips-tools/tlsmgm/parser"
)

// variableStart is where a variable may begin, so that a $ of a shell or a regular
// expression does not count.
var variableStart = regexp.MustCompile(`\$\(?(var|avp|hdr|param|ru|rU|rd|fu|fU|tu|tU|si|ci|ct|rb|du|au|time|branch)\b`)

// TestCorpus compiles the variables of public scripts: those that are written as
// they should be are run, or it is said that they are not.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("../../../../shared/corpus/files/*")
	if err != nil || len(files) == 0 {
		t.Skip("no corpus")
	}
	compiled := 0
	for _, file := range files {
		script, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range variableStart.FindAllIndex(script, -1) {
			text := string(script[at[0]:min(at[0]+300, len(script))])
			v, n, err := parser.ScanVar(text)
			if err != nil {
				continue
			}
			_, err = Compile(v)
			var unsupported *UnsupportedError
			if err != nil && !errors.As(err, &unsupported) {
				t.Errorf("%s: %s: %v", filepath.Base(file), text[:n], err)
			}
			if err == nil {
				compiled++
			}
		}
	}
	if compiled < 5000 {
		t.Errorf("only %d variables compiled", compiled)
	}
}
